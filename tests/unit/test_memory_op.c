/* SPDX-License-Identifier: GPL-2.0-only */
/* XENMEM_* on the real p2m and heap. */
#include "domain_host.h"
#include "unit.h"
#include <hv/domain_frames.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/heap.h>
#include <hv/memory_map.h>
#include <hv/p2m.h>
#include <xen/xen.h>
#include <xen/memory.h>

static struct domain *dom0, *dom1;

#define FREE_GFN 0x4000u

static int setup(void **state)
{
	(void)state;
	host_reset();
	dom0 = host_domain(0, 1, 64);
	dom1 = host_domain(1, 1, 64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_check_leaks();
	return 0;
}

static long call(struct domain *d, uint64_t cmd, const void *arg, size_t bytes)
{
	memcpy(host_arg(), arg, bytes);
	return host_call(d->vcpu[0], __HYPERVISOR_memory_op, cmd, HOST_ARG(host_arg()), 0);
}

/* The array stands behind the structures. */
static xen_pfn_t *list(void)
{
	return (xen_pfn_t *)host_arg() + 512;
}

static long reservation(struct domain *d, uint64_t cmd, domid_t domid, uint64_t count, unsigned int order)
{
	struct xen_memory_reservation a = {
		.extent_start = {list()}, .nr_extents = count, .extent_order = order, .domid = domid};

	return call(d, cmd, &a, sizeof(a));
}

static long physmap(struct domain *d, unsigned int space, uint64_t idx, uint64_t gfn)
{
	struct xen_add_to_physmap a = {.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn};

	return call(d, XENMEM_add_to_physmap, &a, sizeof(a));
}

static void test_balloon(void **state)
{
	uint64_t before = dom1->frame_count, heap = heap_free_frames();

	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		list()[i] = HOST_GFN + i;
	memset(host_frame(dom1, HOST_GFN), 0xaa, PAGE_SIZE);
	assert_int_equal(reservation(dom1, XENMEM_decrease_reservation, DOMID_SELF, 4, 0), 4);
	assert_int_equal(dom1->frame_count, before - 4);
	assert_true(heap_free_frames() >= heap + 4);
	assert_int_equal(p2m_get(dom1, GFN(HOST_GFN)).type, P2M_INVALID);
	/* What is not there ends it, and the count says where. */
	list()[0] = HOST_GFN + 10;
	list()[1] = HOST_GFN;
	assert_int_equal(reservation(dom1, XENMEM_decrease_reservation, DOMID_SELF, 2, 0), 1);
	for (unsigned int i = 0; i < 5; i++)
		list()[i] = HOST_GFN + i;
	assert_int_equal(reservation(dom1, XENMEM_populate_physmap, DOMID_SELF, 5, 0), 4);
	assert_int_equal(dom1->frame_count, before - 1);
	assert_int_equal(*(uint8_t *)host_frame(dom1, HOST_GFN), 0);
}

static void test_populate_is_bounded_by_the_maximum(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		list()[i] = FREE_GFN + i;
	assert_int_equal(reservation(dom1, XENMEM_populate_physmap, DOMID_SELF, 100, 0), 64);
	assert_int_equal(dom1->frame_count, dom1->frame_max);
	/* What failed has left nothing behind. */
	assert_int_equal(p2m_get(dom1, GFN(FREE_GFN + 64)).type, P2M_INVALID);
}

static void test_large_extents(void **state)
{
	struct domain *big = host_domain(2, 1, 0);

	(void)state;
	big->frame_max = 2048;
	list()[0] = 0x400;
	list()[1] = 0x800;
	assert_int_equal(reservation(dom0, XENMEM_populate_physmap, 2, 2, 9), 2);
	assert_int_equal(p2m_get(big, GFN(0x400)).order, ORDER_2M);
	assert_int_equal(host.calls_again, 1);
	list()[1] = 0x801;
	assert_int_equal(reservation(dom0, XENMEM_populate_physmap, 2, 2, 9), 0);
	list()[0] = 0x400;
	assert_int_equal(reservation(dom0, XENMEM_decrease_reservation, 2, 1, 9), 1);
	assert_int_equal(big->frame_count, 512);
	/* No order that large for others. */
	assert_int_equal(reservation(dom1, XENMEM_populate_physmap, DOMID_SELF, 1, 10), 0);
}

static void test_long_lists_go_on(void **state)
{
	(void)state;
	dom1->frame_max = 4000;
	for (unsigned int i = 0; i < 2000; i++)
		list()[i] = FREE_GFN + i;
	assert_int_equal(reservation(dom1, XENMEM_populate_physmap, DOMID_SELF, 2000, 0), 2000);
	assert_int_equal(host.calls_again, 3);
	assert_int_equal(reservation(dom1, XENMEM_decrease_reservation, DOMID_SELF, 2000, 0), 2000);
	assert_int_equal(dom1->frame_count, 64);
}

static void test_whose_memory(void **state)
{
	struct xen_memory_domain a = {.domid = 1};

	(void)state;
	list()[0] = HOST_GFN;
	assert_int_equal(reservation(dom1, XENMEM_decrease_reservation, 0, 1, 0), -EPERM);
	assert_int_equal(reservation(dom0, XENMEM_decrease_reservation, 9, 1, 0), -ESRCH);
	assert_int_equal(reservation(dom0, XENMEM_decrease_reservation, 1, 1, 0), 1);
	assert_int_equal(call(dom0, XENMEM_current_reservation, &a, sizeof(a)), 63);
	assert_int_equal(call(dom0, XENMEM_maximum_reservation, &a, sizeof(a)), 128);
	a.domid = 0;
	assert_int_equal(call(dom1, XENMEM_current_reservation, &a, sizeof(a)), -EPERM);
	assert_int_equal(
		host_call(dom1->vcpu[0], __HYPERVISOR_memory_op, 63, HOST_ARG(host_arg()), 0), -ENOSYS);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_populate_physmap, 0x1000, 0),
		-EFAULT);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_machine_memory_map,
				 HOST_ARG(host_arg()), 0),
		-EPERM);
}

static void test_shared_info_takes_a_place(void **state)
{
	uint64_t before = dom1->frame_count;

	(void)state;
	assert_int_equal(physmap(dom1, XENMAPSPACE_shared_info, 1, HOST_GFN), -EINVAL);
	assert_int_equal(physmap(dom1, XENMAPSPACE_shared_info, 0, HOST_GFN), 0);
	assert_ptr_equal(host_frame(dom1, HOST_GFN), dom1->shared_info);
	/* What was there has gone back. */
	assert_int_equal(dom1->frame_count, before - 1);
	/* It is in one place only. */
	assert_int_equal(physmap(dom1, XENMAPSPACE_shared_info, 0, FREE_GFN), 0);
	assert_int_equal(p2m_get(dom1, GFN(HOST_GFN)).type, P2M_INVALID);
	assert_int_equal(frame_at(dom1->shared_info_mfn)->refs, 2);
	assert_int_equal(physmap(dom1, XENMAPSPACE_shared_info, 0, FREE_GFN), 0);
	assert_int_equal(frame_at(dom1->shared_info_mfn)->refs, 2);
	/* A guest that gives it away keeps the hypervisor's. */
	list()[0] = FREE_GFN;
	assert_int_equal(reservation(dom1, XENMEM_decrease_reservation, DOMID_SELF, 1, 0), 1);
	assert_int_equal(frame_at(dom1->shared_info_mfn)->refs, 1);
}

static void test_grant_frames_take_places(void **state)
{
	mfn_t mfn;

	(void)state;
	assert_int_equal(physmap(dom1, XENMAPSPACE_grant_table, 3, FREE_GFN), 0);
	assert_int_equal(grant_table_frame(dom1, 3, &mfn), 0);
	assert_int_equal(p2m_get(dom1, GFN(FREE_GFN)).mfn.v, mfn.v);
	assert_int_equal(physmap(dom1, XENMAPSPACE_grant_table, GRANT_FRAMES_DEFAULT, FREE_GFN), -EINVAL);
	assert_int_equal(physmap(dom1, XENMAPSPACE_grant_table, 1UL << 31, FREE_GFN), -EINVAL);
	assert_int_equal(physmap(dom1, XENMAPSPACE_grant_table, 1UL << 40, FREE_GFN), -EINVAL);
	assert_int_equal(physmap(dom1, XENMAPSPACE_dev_mmio, 0, FREE_GFN), -ENOSYS);
	assert_int_equal(physmap(dom1, XENMAPSPACE_gmfn_foreign, 0, FREE_GFN), -ENOSYS);
}

static void test_move(void **state)
{
	(void)state;
	strcpy(host_frame(dom1, HOST_GFN), "moved");
	assert_int_equal(physmap(dom1, XENMAPSPACE_gmfn, HOST_GFN, FREE_GFN), 0);
	assert_string_equal(host_frame(dom1, FREE_GFN), "moved");
	assert_int_equal(p2m_get(dom1, GFN(HOST_GFN)).type, P2M_INVALID);
	assert_int_equal(dom1->frame_count, 64);
	assert_int_equal(physmap(dom1, XENMAPSPACE_gmfn, FREE_GFN, HOST_GFN + 1), 0);
	assert_int_equal(dom1->frame_count, 63);
	assert_int_equal(physmap(dom1, XENMAPSPACE_gmfn, 0x7777, FREE_GFN), -EINVAL);
}

/* Foreign frames in batches, as privcmd maps them. */
static long foreign(struct domain *d, domid_t from, unsigned int count, int *errs)
{
	xen_ulong_t *idxs = (xen_ulong_t *)list();
	xen_pfn_t *gfns = list() + 1024;
	int *out = (int *)(list() + 2048);
	struct xen_add_to_physmap_batch a = {.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = (uint16_t)count,
		.u.foreign_domid = from,
		.idxs = {idxs},
		.gpfns = {gfns},
		.errs = {out}};
	long rc;

	for (unsigned int i = 0; i < count; i++) {
		idxs[i] = HOST_GFN + i;
		gfns[i] = FREE_GFN + i;
	}
	rc = call(d, XENMEM_add_to_physmap_batch, &a, sizeof(a));
	memcpy(errs, out, count * sizeof(*errs));
	return rc;
}

static void test_foreign_frames(void **state)
{
	struct xen_remove_from_physmap r = {.domid = DOMID_SELF, .gpfn = FREE_GFN};
	uint32_t refs = host_frame_refs(dom1, HOST_GFN);
	int errs[100];

	(void)state;
	strcpy(host_frame(dom1, HOST_GFN + 5), "foreign");
	assert_int_equal(foreign(dom0, 1, 100, errs), 0);
	assert_int_equal(host.calls_again, 1);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(errs[i], i < 64 ? 0 : -EINVAL);
	assert_string_equal(host_frame(dom0, FREE_GFN + 5), "foreign");
	assert_int_equal(p2m_get(dom0, GFN(FREE_GFN)).type, P2M_FOREIGN);
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs + 1);
	assert_int_equal(call(dom0, XENMEM_remove_from_physmap, &r, sizeof(r)), 0);
	assert_int_equal(host_frame_refs(dom1, HOST_GFN), refs);
	assert_int_equal(call(dom0, XENMEM_remove_from_physmap, &r, sizeof(r)), -ENOENT);
	/* The owner dies; the frames that are still mapped do not. */
	host_domain_end(dom1);
	assert_string_equal(host_frame(dom0, FREE_GFN + 5), "foreign");
	assert_int_equal(host_frame_refs(dom0, FREE_GFN + 5), 1);
}

static void test_foreign_is_for_the_privileged(void **state)
{
	int errs[1];

	(void)state;
	assert_int_equal(foreign(dom1, 0, 1, errs), 0);
	assert_int_equal(errs[0], -EPERM);
	assert_int_equal(foreign(dom0, 9, 1, errs), 0);
	assert_int_equal(errs[0], -ESRCH);
	assert_int_equal(foreign(dom0, 0, 1, errs), 0);
	assert_int_equal(errs[0], -EINVAL);
}

static void test_acquire_grant_table(void **state)
{
	struct xen_mem_acquire_resource a = {.domid = 1, .type = XENMEM_resource_grant_table};
	mfn_t mfn;

	(void)state;
	assert_int_equal(call(dom0, XENMEM_acquire_resource, &a, sizeof(a)), 0);
	assert_int_equal(((struct xen_mem_acquire_resource *)host_arg())->nr_frames, GRANT_FRAMES_DEFAULT);
	a.nr_frames = 1;
	a.frame_list.p = list();
	list()[0] = FREE_GFN;
	assert_int_equal(call(dom0, XENMEM_acquire_resource, &a, sizeof(a)), 0);
	assert_int_equal(grant_table_frame(dom1, 0, &mfn), 0);
	assert_int_equal(p2m_get(dom0, GFN(FREE_GFN)).mfn.v, mfn.v);
	assert_int_equal(call(dom1, XENMEM_acquire_resource, &a, sizeof(a)), -EPERM);
	a.type = XENMEM_resource_ioreq_server;
	assert_int_equal(call(dom0, XENMEM_acquire_resource, &a, sizeof(a)), -EOPNOTSUPP);
	a.type = XENMEM_resource_grant_table;
	a.frame = UINT64_MAX;
	assert_int_equal(call(dom0, XENMEM_acquire_resource, &a, sizeof(a)), -EINVAL);
	a.pad = 1;
	assert_int_equal(call(dom0, XENMEM_acquire_resource, &a, sizeof(a)), -EINVAL);
}

static void test_memory_maps(void **state)
{
	struct {
		uint64_t base, bytes;
		uint32_t type;
	} __packed *entry = (void *)list();
	struct xen_foreign_memory_map set = {.domid = 1, .map = {.nr_entries = 2, .buffer = {entry}}};
	struct xen_memory_map get = {.nr_entries = 8, .buffer = {entry}};

	(void)state;
	assert_int_equal(call(dom1, XENMEM_memory_map, &get, sizeof(get)), -ENOSYS);
	entry[0].base = 0;
	entry[0].bytes = 0xa0000;
	entry[0].type = 1;
	entry[1].base = 0x100000;
	entry[1].bytes = 0x1000;
	entry[1].type = 2;
	assert_int_equal(call(dom1, XENMEM_set_memory_map, &set, sizeof(set)), -EPERM);
	assert_int_equal(call(dom0, XENMEM_set_memory_map, &set, sizeof(set)), 0);
	assert_int_equal(call(dom0, XENMEM_set_memory_map, &set, sizeof(set)), -EEXIST);
	memset(entry, 0, 40);
	assert_int_equal(call(dom1, XENMEM_memory_map, &get, sizeof(get)), 0);
	assert_int_equal(((struct xen_memory_map *)host_arg())->nr_entries, 2);
	assert_int_equal(entry[1].base, 0x100000);
	assert_int_equal(entry[1].type, 2);
	set.map.nr_entries = 100000;
	assert_int_equal(call(dom0, XENMEM_set_memory_map, &set, sizeof(set)), -EINVAL);
}

static void test_claims(void **state)
{
	struct xen_memory_reservation a = {.domid = 1, .nr_extents = 10};

	(void)state;
	assert_int_equal(call(dom0, XENMEM_claim_pages, &a, sizeof(a)), 0);
	a.nr_extents = UINT64_MAX;
	assert_int_equal(call(dom0, XENMEM_claim_pages, &a, sizeof(a)), -ENOMEM);
	assert_int_equal(call(dom1, XENMEM_claim_pages, &a, sizeof(a)), -EPERM);
}

/* --- The life of a domain. --- */

static void test_identifiers(void **state)
{
	struct domain *d;

	(void)state;
	assert_int_equal(domain_create(1, DOMAIN_PVH, 1, 0, &d), -EEXIST);
	assert_int_equal(domain_create(DOMAIN_MAX, DOMAIN_PVH, 1, 0, &d), -EINVAL);
	assert_int_equal(domain_create(3, DOMAIN_PVH, 0, 0, &d), -EINVAL);
	assert_int_equal(domain_create(3, DOMAIN_PVH, VCPU_MAX + 1, 0, &d), -EINVAL);
	assert_null(domain_get(3));
	assert_null(domain_get(UINT16_MAX));
	d = domain_get(1);
	assert_ptr_equal(d, dom1);
	host_domain_end(dom1);
	assert_null(domain_get(1));
	/* The structure is there until the last reference is gone. */
	assert_int_equal(d->state, DOMAIN_DEAD);
	domain_put(d);
	host_rcu();
	dom1 = host_domain(1, 1, 1);
}

static void test_pausing_counts(void **state)
{
	struct vcpu *v = dom1->vcpu[0];

	(void)state;
	assert_int_equal(domain_start(dom1), -EINVAL);
	domain_pause(dom1);
	domain_pause(dom1);
	domain_unpause(dom1);
	assert_true((v->flags & VCPU_DOMAIN_PAUSED) != 0);
	domain_unpause(dom1);
	assert_int_equal(v->flags, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_balloon),
		TEST(test_populate_is_bounded_by_the_maximum),
		TEST(test_large_extents),
		TEST(test_long_lists_go_on),
		TEST(test_whose_memory),
		TEST(test_shared_info_takes_a_place),
		TEST(test_grant_frames_take_places),
		TEST(test_move),
		TEST(test_foreign_frames),
		TEST(test_foreign_is_for_the_privileged),
		TEST(test_acquire_grant_table),
		TEST(test_memory_maps),
		TEST(test_claims),
		TEST(test_identifiers),
		TEST(test_pausing_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
