/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants to itself: the table, mapping, copying, giving back, and what is refused. */
#include <stdint.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include "../pvh.h"

const char guest_name[] = "grants";

#define REF	 20
#define REF_RO	 21
#define REF_NONE 22
#define PATTERN	 0x5a5a1234U

static struct grant_entry_v1 table[GUEST_PAGE / sizeof(struct grant_entry_v1)] __attribute__((aligned(4096)));
static uint32_t granted[GUEST_PAGE / 4] __attribute__((aligned(4096)));
static uint32_t window[GUEST_PAGE / 4] __attribute__((aligned(4096)));

static void grant_op(uint32_t op, void *arg)
{
	guest_equal(
		(uint64_t)hypercall(__HYPERVISOR_grant_table_op, op, (uintptr_t)arg, 1, 0), 0, "the call");
}

static void set_up(void)
{
	struct xen_add_to_physmap add = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = (uintptr_t)table / GUEST_PAGE};
	struct gnttab_query_size size = {.dom = DOMID_SELF};

	guest_equal((uint64_t)hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&add, 0, 0),
		0, "the table's place");
	grant_op(GNTTABOP_query_size, &size);
	guest_equal((uint64_t)size.status, GNTST_okay, "GNTTABOP_query_size");
	guest_check(size.nr_frames >= 1 && size.max_nr_frames >= size.nr_frames, "the table's size");
}

static void grant(uint32_t ref, uint16_t flags)
{
	table[ref].domid = 0;
	table[ref].frame = (uint32_t)((uintptr_t)granted / GUEST_PAGE);
	__atomic_store_n(&table[ref].flags, flags, __ATOMIC_SEQ_CST);
}

static uint16_t flags_of(uint32_t ref)
{
	return __atomic_load_n(&table[ref].flags, __ATOMIC_SEQ_CST);
}

static int16_t map(uint32_t ref, uint32_t flags, uint32_t *ret_handle)
{
	struct gnttab_map_grant_ref op = {.host_addr = (uintptr_t)window,
		.flags = GNTMAP_host_map | flags,
		.ref = ref,
		.dom = DOMID_SELF};

	grant_op(GNTTABOP_map_grant_ref, &op);
	*ret_handle = op.handle;
	return op.status;
}

static int16_t unmap(uint32_t handle)
{
	struct gnttab_unmap_grant_ref op = {.host_addr = (uintptr_t)window, .handle = handle};

	grant_op(GNTTABOP_unmap_grant_ref, &op);
	return op.status;
}

static void expect(int16_t is, int16_t should, const char *what)
{
	guest_equal((uint64_t)is, (uint64_t)should, what);
}

/* A mapping does not displace memory: its place is made free first. */
static void check_place(void)
{
	xen_pfn_t gfn = (uintptr_t)window / GUEST_PAGE;
	struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
	uint32_t handle;

	expect(map(REF, 0, &handle), GNTST_general_error, "a mapping over memory");
	guest_check(!(flags_of(REF) & (GTF_reading | GTF_writing)), "in use after a refusal");
	set_xen_guest_handle(r.extent_start, &gfn);
	guest_equal(
		(uint64_t)hypercall(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, (uintptr_t)&r, 0, 0),
		1, "the memory's end");
}

static void check_map(void)
{
	uint32_t handle;

	grant(REF, GTF_permit_access);
	check_place();
	guest_mmio_write((uintptr_t)granted, PATTERN);
	expect(map(REF, 0, &handle), GNTST_okay, "a mapping");
	guest_equal(guest_mmio_read((uintptr_t)window), PATTERN, "what is read through a mapping");
	guest_mmio_write((uintptr_t)window + 4, ~PATTERN);
	guest_equal(guest_mmio_read((uintptr_t)granted + 4), ~PATTERN, "what is written through a mapping");
	guest_check(
		(flags_of(REF) & (GTF_reading | GTF_writing)) == (GTF_reading | GTF_writing), "not in use");
	expect(unmap(handle), GNTST_okay, "the end of a mapping");
	guest_check(!(flags_of(REF) & (GTF_reading | GTF_writing)), "in use after the end");
	expect(unmap(handle), GNTST_bad_handle, "a second end");
	guest_equal(guest_mmio_read((uintptr_t)window), UINT32_MAX, "what is read where a mapping was");
}

static void check_readonly(void)
{
	uint32_t handle;

	grant(REF_RO, GTF_permit_access | GTF_readonly);
	expect(map(REF_RO, 0, &handle), GNTST_general_error, "a writable mapping of a read-only grant");
	expect(map(REF_RO, GNTMAP_readonly, &handle), GNTST_okay, "a read-only mapping");
	guest_equal(guest_mmio_read((uintptr_t)window), PATTERN, "what is read through a read-only mapping");
	guest_check((flags_of(REF_RO) & (GTF_reading | GTF_writing)) == GTF_reading, "in use for reading");
	expect(unmap(handle), GNTST_okay, "the end of a read-only mapping");
}

static void check_refused(void)
{
	uint32_t handle;

	expect(map(REF_NONE, 0, &handle), GNTST_bad_page, "an empty entry");
	expect(map(UINT32_MAX, 0, &handle), GNTST_bad_gntref, "a reference beyond the table");
	expect(unmap(UINT32_MAX), GNTST_bad_handle, "a handle that never was");
	table[REF_NONE].frame = UINT32_MAX;
	table[REF_NONE].flags = GTF_permit_access;
	expect(map(REF_NONE, 0, &handle), GNTST_bad_page, "a frame that is not there");
	grant(REF_NONE, GTF_permit_access);
	table[REF_NONE].domid = 7;
	expect(map(REF_NONE, 0, &handle), GNTST_general_error, "another domain's grant");
}

static void check_copy(void)
{
	static uint32_t to[GUEST_PAGE / 4] __attribute__((aligned(4096)));
	struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 64};

	op.source.domid = DOMID_SELF;
	op.source.u.ref = REF_RO;
	op.dest.domid = DOMID_SELF;
	op.dest.u.gmfn = (uintptr_t)to / GUEST_PAGE;
	op.dest.offset = GUEST_PAGE - 64;
	grant_op(GNTTABOP_copy, &op);
	expect(op.status, GNTST_okay, "a copy");
	guest_equal(guest_mmio_read((uintptr_t)to + GUEST_PAGE - 64), PATTERN, "what was copied");
	guest_check(!(flags_of(REF_RO) & (GTF_reading | GTF_writing)), "in use after a copy");
	op.len = 65;
	grant_op(GNTTABOP_copy, &op);
	expect(op.status, GNTST_bad_copy_arg, "a copy beyond the page");
	op.len = 64;
	op.flags = GNTCOPY_dest_gref;
	op.source.u.gmfn = (uintptr_t)to / GUEST_PAGE;
	op.dest.u.ref = REF_RO;
	grant_op(GNTTABOP_copy, &op);
	expect(op.status, GNTST_general_error, "a copy into a read-only grant");
}

void guest_main(uint64_t start_info)
{
	(void)start_info;
	set_up();
	check_map();
	check_readonly();
	check_refused();
	check_copy();
}
