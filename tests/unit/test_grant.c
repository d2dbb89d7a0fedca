/* SPDX-License-Identifier: GPL-2.0-only */
/* Grant tables with the real p2m and frames: every reference is accounted for. */
#include "domain_host.h"
#include "unit.h"
#include "unit_random.h"
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/heap.h>
#include <hv/p2m.h>
#include <xen/xen.h>
#include <xen/grant_table.h>

static struct domain *dom0, *dom1, *dom2;

#define MAP_GFN 0x2000u /* nothing is there */

static int setup(void **state)
{
	(void)state;
	host_reset();
	dom0 = host_domain(0, 1, 32);
	dom1 = host_domain(1, 1, 32);
	dom2 = host_domain(2, 1, 32);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_check_leaks();
	return 0;
}

static long call(struct domain *d, unsigned int cmd, void *arg, size_t bytes, uint32_t count)
{
	long rc;

	memcpy(host_arg(), arg, bytes * count);
	rc = host_call(d->vcpu[0], __HYPERVISOR_grant_table_op, cmd, HOST_ARG(host_arg()), count);
	memcpy(arg, host_arg(), bytes * count);
	return rc;
}

static struct grant_entry_v1 *entry(struct domain *d, uint32_t ref)
{
	mfn_t mfn;

	assert_int_equal(grant_table_frame(d, ref / 512, &mfn), 0);
	return (struct grant_entry_v1 *)mfn_to_va(mfn) + ref % 512;
}

static void grant(struct domain *d, uint32_t ref, domid_t to, uint32_t gfn, uint16_t flags)
{
	*entry(d, ref) = (struct grant_entry_v1){
		.flags = (uint16_t)(GTF_permit_access | flags), .domid = to, .frame = gfn};
}

static int map(struct domain *d, domid_t from, uint32_t ref, uint64_t gfn, bool readonly, uint32_t *handle)
{
	struct gnttab_map_grant_ref a = {.host_addr = gfn << PAGE_SHIFT,
		.flags = (uint32_t)(GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0)),
		.ref = ref,
		.dom = from};

	assert_int_equal(call(d, GNTTABOP_map_grant_ref, &a, sizeof(a), 1), 0);
	*handle = a.handle;
	if (a.status == GNTST_okay)
		assert_int_equal(a.dev_bus_addr, a.host_addr);
	return a.status;
}

static int unmap(struct domain *d, uint64_t gfn, uint32_t handle)
{
	struct gnttab_unmap_grant_ref a = {.host_addr = gfn << PAGE_SHIFT, .handle = handle};

	assert_int_equal(call(d, GNTTABOP_unmap_grant_ref, &a, sizeof(a), 1), 0);
	return a.status;
}

static void test_map_and_unmap(void **state)
{
	uint32_t refs = host_frame_refs(dom1, HOST_GFN), handle;

	(void)state;
	grant(dom1, 8, 0, HOST_GFN, 0);
	strcpy(host_frame(dom1, HOST_GFN), "granted");
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, false, &handle), GNTST_okay);
	assert_string_equal(host_frame(dom0, MAP_GFN), "granted");
	assert_int_equal(p2m_get(dom0, GFN(MAP_GFN)).type, P2M_GRANT_RW);
	/* One for the pin, one for the mapping. */
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs + 2);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(unmap(dom0, MAP_GFN, handle), GNTST_okay);
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access);
	assert_int_equal(p2m_get(dom0, GFN(MAP_GFN)).type, P2M_INVALID);
	assert_int_equal(unmap(dom0, MAP_GFN, handle), GNTST_bad_handle);
}

static void test_readonly(void **state)
{
	uint32_t first, second;

	(void)state;
	grant(dom1, 8, 0, HOST_GFN, GTF_readonly);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, false, &first), GNTST_general_error);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, true, &first), GNTST_okay);
	assert_int_equal(p2m_get(dom0, GFN(MAP_GFN)).type, P2M_GRANT_RO);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access | GTF_readonly | GTF_reading);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN + 1, false, &second), GNTST_general_error);
	assert_int_equal(unmap(dom0, MAP_GFN, first), GNTST_okay);
	grant(dom1, 8, 0, HOST_GFN, 0);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, true, &first), GNTST_okay);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN + 1, false, &second), GNTST_okay);
	assert_int_equal(unmap(dom0, MAP_GFN + 1, second), GNTST_okay);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access | GTF_reading);
	assert_int_equal(unmap(dom0, MAP_GFN, first), GNTST_okay);
}

static void test_refusals(void **state)
{
	struct gnttab_map_grant_ref a = {.host_addr = MAP_GFN << PAGE_SHIFT, .dom = 1};
	uint32_t handle;

	(void)state;
	grant(dom1, 8, 2, HOST_GFN, 0);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, false, &handle), GNTST_general_error);
	assert_int_equal(map(dom0, 1, 9, MAP_GFN, false, &handle), GNTST_bad_page);
	assert_int_equal(map(dom0, 1, 1000000, MAP_GFN, false, &handle), GNTST_bad_gntref);
	assert_int_equal(map(dom0, 7, 8, MAP_GFN, false, &handle), GNTST_bad_domain);
	grant(dom1, 10, 0, 0x7777, 0);
	assert_int_equal(map(dom0, 1, 10, MAP_GFN, false, &handle), GNTST_bad_page);
	/* Not over the guest's own memory. */
	grant(dom1, 11, 0, HOST_GFN, 0);
	assert_int_equal(map(dom0, 1, 11, HOST_GFN, false, &handle), GNTST_general_error);
	assert_int_equal(entry(dom1, 11)->flags, GTF_permit_access);
	a.ref = 11;
	assert_int_equal(call(dom0, GNTTABOP_map_grant_ref, &a, sizeof(a), 1), 0);
	assert_int_equal(a.status, GNTST_bad_gntref);
	grant(dom1, 12, 0, HOST_GFN, GTF_sub_page);
	assert_int_equal(map(dom0, 1, 12, MAP_GFN, false, &handle), GNTST_general_error);
	assert_int_equal(unmap(dom0, MAP_GFN, 0), GNTST_bad_handle);
	assert_int_equal(unmap(dom0, MAP_GFN, UINT32_MAX), GNTST_bad_handle);
	assert_int_equal(call(dom0, GNTTABOP_transfer, &a, sizeof(a), 1), -ENOSYS);
	assert_int_equal(call(dom0, 99, &a, sizeof(a), 1), -ENOSYS);
	assert_int_equal(
		host_call(dom0->vcpu[0], __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0x1000, 1),
		-EFAULT);
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
				 HOST_ARG(host_arg()), 1UL << 31),
		-EINVAL);
}

static void test_wrong_address_keeps_the_mapping(void **state)
{
	uint32_t handle;

	(void)state;
	grant(dom1, 8, 0, HOST_GFN, 0);
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, false, &handle), GNTST_okay);
	assert_int_equal(unmap(dom0, MAP_GFN + 1, handle), GNTST_general_error);
	assert_int_equal(p2m_get(dom0, GFN(MAP_GFN)).type, P2M_GRANT_RW);
	assert_int_equal(unmap(dom0, MAP_GFN, handle), GNTST_okay);
}

/* What a domain has only mapped is not its to lend. */
static void test_no_second_hand_grants(void **state)
{
	uint32_t handle, second;

	(void)state;
	grant(dom1, 8, 2, HOST_GFN, 0);
	assert_int_equal(map(dom2, 1, 8, MAP_GFN, false, &handle), GNTST_okay);
	grant(dom2, 8, 0, MAP_GFN, 0);
	assert_int_equal(map(dom0, 2, 8, MAP_GFN, true, &second), GNTST_bad_page);
	assert_int_equal(unmap(dom2, MAP_GFN, handle), GNTST_okay);
}

/* A frame whose owner is gone stays until the last mapping is. */
static void test_granter_dies_first(void **state)
{
	uint32_t handle;

	(void)state;
	grant(dom1, 8, 0, HOST_GFN, 0);
	strcpy(host_frame(dom1, HOST_GFN), "survivor");
	assert_int_equal(map(dom0, 1, 8, MAP_GFN, false, &handle), GNTST_okay);
	host_domain_end(dom1);
	assert_string_equal(host_frame(dom0, MAP_GFN), "survivor");
	assert_int_equal(host_frame_refs(dom0, MAP_GFN), 2);
	assert_int_equal(unmap(dom0, MAP_GFN, handle), GNTST_okay);
}

static void test_mapper_dies_first(void **state)
{
	uint32_t refs = host_frame_refs(dom1, HOST_GFN), handle;

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		grant(dom1, 8, 2, HOST_GFN, 0);
		assert_int_equal(map(dom2, 1, 8, MAP_GFN + i, false, &handle), GNTST_okay);
	}
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs + 301);
	host_domain_end(dom2);
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access);
}

static struct gnttab_copy copy_of(struct domain *d, struct gnttab_copy a)
{
	assert_int_equal(call(d, GNTTABOP_copy, &a, sizeof(a), 1), 0);
	return a;
}

static void test_copy(void **state)
{
	struct gnttab_copy a = {.source = {.u.ref = 8, .domid = 1, .offset = 4},
		.dest = {.u.gmfn = HOST_GFN + 1, .domid = DOMID_SELF, .offset = 100},
		.len = 6,
		.flags = GNTCOPY_source_gref};
	uint32_t refs = host_frame_refs(dom1, HOST_GFN);

	(void)state;
	grant(dom1, 8, 0, HOST_GFN, GTF_readonly);
	strcpy(host_frame(dom1, HOST_GFN), "abcdefghij");
	assert_int_equal(copy_of(dom0, a).status, GNTST_okay);
	assert_string_equal((char *)host_frame(dom0, HOST_GFN + 1) + 100, "efghij");
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access | GTF_readonly);
	a.len = 4093;
	assert_int_equal(copy_of(dom0, a).status, GNTST_bad_copy_arg);
	a.len = 65535;
	assert_int_equal(copy_of(dom0, a).status, GNTST_bad_copy_arg);
	a.len = 6;
	a.dest.domid = 1;
	assert_int_equal(copy_of(dom0, a).status, GNTST_permission_denied);
	/* The other way: the entry is for reading only. */
	a = (struct gnttab_copy){.source = {.u.gmfn = HOST_GFN, .domid = DOMID_SELF},
		.dest = {.u.ref = 8, .domid = 1},
		.len = 6,
		.flags = GNTCOPY_dest_gref};
	assert_int_equal(copy_of(dom0, a).status, GNTST_general_error);
	grant(dom1, 8, 0, HOST_GFN, 0);
	assert_int_equal(copy_of(dom0, a).status, GNTST_okay);
	a.source.u.gmfn = 0x7777;
	assert_int_equal(copy_of(dom0, a).status, GNTST_general_error);
	assert_int_equal(entry(dom1, 8)->flags, GTF_permit_access);
}

static void test_table_grows_to_its_limit(void **state)
{
	struct gnttab_query_size two[2] = {{.dom = 0}, {.dom = 0}}, q = {.dom = DOMID_SELF};
	struct gnttab_setup_table s = {.dom = DOMID_SELF, .nr_frames = 65};
	mfn_t mfn;

	(void)state;
	assert_int_equal(call(dom1, GNTTABOP_query_size, &q, sizeof(q), 1), 0);
	assert_int_equal(q.status, GNTST_okay);
	assert_int_equal(q.nr_frames, 1);
	assert_int_equal(q.max_nr_frames, GRANT_FRAMES_DEFAULT);
	assert_int_equal(grant_table_frame(dom1, 63, &mfn), 0);
	assert_int_equal(grant_table_frame(dom1, 64, &mfn), -EINVAL);
	assert_int_equal(call(dom1, GNTTABOP_setup_table, &s, sizeof(s), 1), 0);
	assert_int_equal(s.status, GNTST_general_error);
	q.dom = 0;
	assert_int_equal(call(dom1, GNTTABOP_query_size, &q, sizeof(q), 1), 0);
	assert_int_equal(q.status, GNTST_permission_denied);
	q.dom = 9;
	assert_int_equal(call(dom0, GNTTABOP_query_size, &q, sizeof(q), 1), 0);
	assert_int_equal(q.status, GNTST_bad_domain);
	assert_int_equal(call(dom0, GNTTABOP_query_size, two, sizeof(q), 2), -EINVAL);
}

static void test_versions(void **state)
{
	struct gnttab_set_version s = {.version = 2};
	struct gnttab_get_version g = {.dom = DOMID_SELF};

	(void)state;
	assert_int_equal(call(dom0, GNTTABOP_set_version, &s, sizeof(s), 1), -ENOSYS);
	s.version = 3;
	assert_int_equal(call(dom0, GNTTABOP_set_version, &s, sizeof(s), 1), -EINVAL);
	s.version = 1;
	assert_int_equal(call(dom0, GNTTABOP_set_version, &s, sizeof(s), 1), 0);
	assert_int_equal(call(dom0, GNTTABOP_get_version, &g, sizeof(g), 1), 0);
	assert_int_equal(g.version, 1);
}

static void test_swap(void **state)
{
	struct gnttab_swap_grant_ref a = {.ref_a = 8, .ref_b = 9};
	uint32_t handle;

	(void)state;
	grant(dom1, 8, 0, HOST_GFN, 0);
	assert_int_equal(call(dom1, GNTTABOP_swap_grant_ref, &a, sizeof(a), 1), 0);
	assert_int_equal(a.status, GNTST_okay);
	assert_int_equal(map(dom0, 1, 9, MAP_GFN, false, &handle), GNTST_okay);
	assert_int_equal(call(dom1, GNTTABOP_swap_grant_ref, &a, sizeof(a), 1), 0);
	assert_int_equal(a.status, GNTST_eagain);
	a.ref_a = 100000;
	assert_int_equal(call(dom1, GNTTABOP_swap_grant_ref, &a, sizeof(a), 1), 0);
	assert_int_equal(a.status, GNTST_bad_gntref);
}

static void test_batches_go_on(void **state)
{
	struct gnttab_map_grant_ref a[100];
	struct gnttab_unmap_grant_ref u[100];

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		grant(dom1, 8 + i, 0, HOST_GFN + i % 32, 0);
		a[i] = (struct gnttab_map_grant_ref){.host_addr = (uint64_t)(MAP_GFN + i) << PAGE_SHIFT,
			.flags = GNTMAP_host_map,
			.ref = 8 + i,
			.dom = 1};
	}
	assert_int_equal(call(dom0, GNTTABOP_map_grant_ref, a, sizeof(a[0]), 100), 0);
	assert_int_equal(host.calls_again, 3);
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(a[i].status, GNTST_okay);
		u[i] = (struct gnttab_unmap_grant_ref){.handle = a[99 - i].handle};
	}
	u[50].handle = u[49].handle;
	assert_int_equal(call(dom0, GNTTABOP_unmap_grant_ref, u, sizeof(u[0]), 100), 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(u[i].status, i == 50 ? GNTST_bad_handle : GNTST_okay);
}

/* --- Any sequence of operations: what the model says is mapped is what is pinned. --- */

#define REFS   4u
#define PLACES 8u

struct model {
	struct {
		bool used, readonly;
		uint32_t ref, handle;
	} place[PLACES];
};

static void model_check(const struct model *m, uint32_t base_refs)
{
	uint32_t pins[REFS] = {0}, writers[REFS] = {0}, mappings[REFS] = {0};

	for (uint32_t i = 0; i < PLACES; i++) {
		assert_int_equal(p2m_get(dom0, GFN(MAP_GFN + i)).type, !m->place[i].used      ? P2M_INVALID
								       : m->place[i].readonly ? P2M_GRANT_RO
											      : P2M_GRANT_RW);
		if (!m->place[i].used)
			continue;
		pins[m->place[i].ref]++;
		writers[m->place[i].ref] += !m->place[i].readonly;
		mappings[m->place[i].ref]++;
	}
	for (uint32_t r = 0; r < REFS; r++) {
		uint16_t flags = entry(dom1, 8 + r)->flags;

		assert_int_equal((flags & GTF_reading) != 0, pins[r] != 0);
		assert_int_equal((flags & GTF_writing) != 0, writers[r] != 0);
		assert_int_equal(
			host_frame_refs(dom1, HOST_GFN + r), base_refs + mappings[r] + (pins[r] != 0));
	}
}

static void test_any_sequence(void **state)
{
	uint32_t seed = 11, base = host_frame_refs(dom1, HOST_GFN);
	struct model m = {0};

	(void)state;
	for (uint32_t r = 0; r < REFS; r++)
		grant(dom1, 8 + r, 0, HOST_GFN + r, r == 3 ? GTF_readonly : 0);
	for (unsigned int n = 0; n < 3000; n++) {
		uint32_t at = unit_random(&seed) % PLACES, ref = unit_random(&seed) % REFS;
		bool readonly = unit_random(&seed) & 1;

		if (m.place[at].used) {
			assert_int_equal(unmap(dom0, MAP_GFN + at, m.place[at].handle), GNTST_okay);
			m.place[at].used = false;
		} else {
			int status = map(dom0, 1, 8 + ref, MAP_GFN + at, readonly, &m.place[at].handle);

			assert_int_equal(status, ref == 3 && !readonly ? GNTST_general_error : GNTST_okay);
			m.place[at].used = status == GNTST_okay;
			m.place[at].ref = ref;
			m.place[at].readonly = readonly;
		}
		if (n % 16 == 0)
			model_check(&m, base);
	}
	model_check(&m, base);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_map_and_unmap),
		TEST(test_readonly),
		TEST(test_refusals),
		TEST(test_wrong_address_keeps_the_mapping),
		TEST(test_no_second_hand_grants),
		TEST(test_granter_dies_first),
		TEST(test_mapper_dies_first),
		TEST(test_copy),
		TEST(test_table_grows_to_its_limit),
		TEST(test_versions),
		TEST(test_swap),
		TEST(test_batches_go_on),
		TEST(test_any_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
