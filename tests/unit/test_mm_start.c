/* SPDX-License-Identifier: GPL-2.0-only */
/* The heap takes what boot_alloc has left, node by node, and nothing that was reserved. */
#include "unit.h"
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/mm_start.h>
#include "hv_log.h"
#include "ram.h"

static void the_heap_takes_what_is_left(void **state)
{
	static const struct e820_entry ram[] = {{MIB(1), MIB(15), E820_RAM}, {GIB(4), MIB(32), E820_RAM}};
	static const struct numa_info info = {
		.node_count = 2, .range_count = 1, .range = {{GIB(4), GIB(4), 1}}};
	uint64_t free_bytes = MIB(47) - MIB(1);

	(void)state;
	fake_ram_reset(ram, 2);
	boot_alloc_init(&fake_ram);
	boot_reserve(MIB(2), MIB(1));
	assert_int_equal(mm_frames_start(&fake_ram), 0);
	mm_heap_start(&info);
	free_bytes -= frame_states_bytes(&fake_ram);
	assert_int_equal(heap_free_frames(), free_bytes >> PAGE_SHIFT);
	assert_int_equal(heap_stats(0, HEAP_ZONE_16M).dirty, MIB(14) >> PAGE_SHIFT);
	assert_true(heap_stats(1, HEAP_ZONE_HIGH).dirty > MIB(31) >> PAGE_SHIFT);
	assert_null(frame_get(paddr_to_mfn(MIB(2)), 0));
	assert_true(mfn_is_ram(paddr_to_mfn(MIB(2))));
	assert_int_equal(mm_frames_start(&fake_ram), -ENOMEM);
	assert_true(fake_log_has("no memory for the frame table's state"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_heap_takes_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
