/* SPDX-License-Identifier: GPL-2.0-only */
/* Proximity domains to nodes, and the start of the heap on them. */
#include "unit.h"
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/numa.h>
#include "hv_log.h"
#include "ram.h"

static struct acpi_tables tables;
static struct numa_info info;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	memset(&tables, 0, sizeof(tables));
	memset(&info, 0xa5, sizeof(info));
	return 0;
}

static void memory(uint64_t base, uint64_t bytes, uint32_t domain)
{
	tables.has_srat = true;
	tables.srat.memory[tables.srat.memory_count++] =
		(struct acpi_memory_affinity){.base = base, .bytes = bytes, .domain = domain};
}

static void without_srat(void **state)
{
	(void)state;
	numa_init(NULL, &info);
	assert_int_equal(info.node_count, 1);
	assert_int_equal(info.range_count, 0);
	memory(0, GIB(4), 77);
	numa_init(&tables, &info);
	assert_int_equal(info.node_count, 1);
	assert_int_equal(numa_node_of_domain(77), 0);
	assert_int_equal(numa_node_of_domain(78), 0);
}

static void sparse_domains(void **state)
{
	(void)state;
	memory(0, GIB(2), 5);
	memory(GIB(4), GIB(2), 0xffffffff);
	memory(GIB(6), 0, 9);
	memory(GIB(8), GIB(2), 5);
	memory(GIB(12), GIB(2), 2);
	tables.has_slit = true;
	tables.slit.count = 6;
	tables.slit.distance[5][2] = 31;
	tables.slit.distance[2][5] = 32;
	numa_init(&tables, &info);
	assert_int_equal(info.node_count, 3);
	assert_int_equal(info.range_count, 4);
	assert_int_equal(numa_node_of_domain(0xffffffff), 1);
	assert_int_equal(info.range[2].node, 0);
	assert_int_equal(info.range[3].node, 2);
	assert_int_equal(info.distance[0][2], 31);
	assert_int_equal(info.distance[2][0], 32);
	assert_int_equal(info.distance[0][1], 0);
}

static void too_many_domains(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ACPI_MEMORY_MAX; i++)
		memory(GIB(i), GIB(1), 1000 + i);
	tables.srat.memory_count = 0xffffffff;
	numa_init(&tables, &info);
	assert_int_equal(info.node_count, NR_NODES);
	assert_int_equal(info.range[NR_NODES].node, 0);
	assert_true(fake_log_has("its memory counts as node 0"));
}

static void the_heap_takes_what_is_left(void **state)
{
	static const struct e820_entry ram[] = {{MIB(1), MIB(15), E820_RAM}, {GIB(4), MIB(32), E820_RAM}};
	uint64_t free_bytes = MIB(47) - MIB(1);

	(void)state;
	fake_ram_reset(ram, 2);
	memory(0, GIB(4), 0);
	memory(GIB(4), GIB(4), 1);
	boot_alloc_init(&fake_ram);
	boot_reserve(MIB(2), MIB(1));
	numa_init(&tables, &info);
	assert_int_equal(mm_frames_start(&fake_ram), 0);
	mm_heap_start(&info);
	free_bytes -= frame_states_bytes(&fake_ram);
	assert_int_equal(heap_free_frames(), free_bytes >> PAGE_SHIFT);
	assert_int_equal(heap_stats(0, HEAP_ZONE_16M).dirty, MIB(14) >> PAGE_SHIFT);
	assert_true(heap_stats(1, HEAP_ZONE_HIGH).dirty > MIB(31) >> PAGE_SHIFT);
	assert_null(frame_get(paddr_to_mfn(MIB(2)), 0));
	assert_true(mfn_is_ram(paddr_to_mfn(MIB(2))));
	assert_int_equal(mm_frames_start(&fake_ram), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_srat, setup),
		cmocka_unit_test_setup(sparse_domains, setup),
		cmocka_unit_test_setup(too_many_domains, setup),
		cmocka_unit_test_setup(the_heap_takes_what_is_left, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
