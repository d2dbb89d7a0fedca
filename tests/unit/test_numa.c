/* SPDX-License-Identifier: GPL-2.0-only */
#include "unit.h"
#include "hv_log.h"
#include <hv/numa.h>

static struct acpi_srat srat;
static struct acpi_slit slit;
static struct numa_info info;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	memset(&srat, 0, sizeof(srat));
	memset(&slit, 0, sizeof(slit));
	memset(&info, 0xa5, sizeof(info));
	return 0;
}

static void memory(uint64_t base, uint64_t bytes, uint32_t domain)
{
	srat.memory[srat.memory_count++] =
		(struct acpi_memory_affinity){.base = base, .bytes = bytes, .domain = domain};
}

static void cpu(uint32_t apic_id, uint32_t domain)
{
	srat.cpu[srat.cpu_count++] = (struct acpi_cpu_affinity){.apic_id = apic_id, .domain = domain};
}

static void no_tables_are_one_node(void **state)
{
	(void)state;
	numa_from_acpi(NULL, NULL, &info);
	assert_int_equal(info.node_count, 1);
	assert_int_equal(info.range_count, 0);
	assert_int_equal(numa_node_of_domain(7), 0);
}

static void domains_with_gaps_become_small_numbers(void **state)
{
	(void)state;
	memory(0, GIB(1), 0x10);
	memory(GIB(4), GIB(4), 0xfffffff0);
	memory(GIB(1), GIB(1), 0x10);
	cpu(0, 0x10);
	cpu(9, 0xfffffff0);
	cpu(12, 3); /* processors without memory have a node too */
	numa_from_acpi(&srat, NULL, &info);

	assert_int_equal(info.node_count, 3);
	assert_int_equal(info.range_count, 3);
	assert_int_equal(info.range[0].node, 0);
	assert_int_equal(info.range[1].node, 1);
	assert_int_equal(info.range[2].node, 0);
	assert_true(info.range[1].base == GIB(4) && info.range[1].bytes == GIB(4));
	assert_int_equal(numa_node_of_apic(&srat, 9), 1);
	assert_int_equal(numa_node_of_apic(&srat, 12), 2);
	assert_int_equal(numa_node_of_apic(&srat, 77), 0);
}

static void absent_memory_is_not_used(void **state)
{
	(void)state;
	memory(0, GIB(1), 0);
	memory(GIB(8), GIB(64), 0);
	srat.memory[1].hotplug = true;
	memory(GIB(80), GIB(1), 0);
	srat.memory[2].nonvolatile = true;
	numa_from_acpi(&srat, NULL, &info);
	assert_int_equal(info.range_count, 1);
}

static void distances_are_by_domain_not_by_node(void **state)
{
	(void)state;
	memory(0, GIB(1), 1);
	memory(GIB(1), GIB(1), 0);
	slit.count = 2;
	slit.distance[0][0] = 10;
	slit.distance[0][1] = 31;
	slit.distance[1][0] = 17;
	slit.distance[1][1] = 10;
	numa_from_acpi(&srat, &slit, &info);
	assert_int_equal(info.distance[0][1], 17);
	assert_int_equal(info.distance[1][0], 31);
}

static void missing_distances_are_the_default(void **state)
{
	(void)state;
	memory(0, GIB(1), 0);
	memory(GIB(1), GIB(1), 5);
	slit.count = 1;
	slit.distance[0][0] = 10;
	numa_from_acpi(&srat, &slit, &info);
	assert_int_equal(info.distance[0][0], 10);
	assert_int_equal(info.distance[1][1], 10);
	assert_int_equal(info.distance[0][1], 20);
}

static void too_many_domains_fold_into_node_0(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < NR_NODES + 3; i++)
		memory(GIB(i), GIB(1), i + 1000);
	numa_from_acpi(&srat, NULL, &info);
	assert_int_equal(info.node_count, NR_NODES);
	assert_int_equal(info.range[NR_NODES].node, 0);
	assert_true(fake_log_has("proximity domain 1064 is beyond"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_tables_are_one_node, setup),
		cmocka_unit_test_setup(domains_with_gaps_become_small_numbers, setup),
		cmocka_unit_test_setup(absent_memory_is_not_used, setup),
		cmocka_unit_test_setup(distances_are_by_domain_not_by_node, setup),
		cmocka_unit_test_setup(missing_distances_are_the_default, setup),
		cmocka_unit_test_setup(too_many_domains_fold_into_node_0, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
