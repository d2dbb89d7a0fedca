/* SPDX-License-Identifier: GPL-2.0-only */
/* Scans of whole machines: every function once, whatever the bridges say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <pt/pci.h>
#include <pt/pci_regs.h>

#include "pci.h"

static const struct pci_scan_range whole = {.segment = 0, .start_bus = 0, .end_bus = 255};
static struct pci_registry registry;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&registry, 0, sizeof(registry));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pci_registry_clear(&registry);
	return fake_live_allocs() == 0 ? 0 : -1;
}

static void scan(void)
{
	assert_int_equal(pci_scan(&registry, &whole, 1, 0), 0);
}

static struct pci_dev *found(unsigned int bus, unsigned int dev, unsigned int fn)
{
	return pci_find(&registry, SBDF(0, bus, dev, fn));
}

static void assert_not_followed(struct pci_dev *bridge, uint32_t problem)
{
	assert_non_null(bridge);
	assert_false(bridge->followed);
	assert_int_equal(bridge->problems, problem);
}

static void test_empty_machine(void **state)
{
	(void)state;
	scan();
	assert_int_equal(registry.count, 0);
	assert_int_equal(fake_log_count(ENV_LOG_WARN), 0);
}

static void test_parents(void **state)
{
	(void)state;
	fake_pci_endpoint(SBDF(0, 0, 0, 0), 0x8086, 0x29c0);
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 3);
	fake_pci_bridge(SBDF(0, 1, 0, 0), 2, 3);
	fake_pci_bridge(SBDF(0, 2, 4, 0), 3, 3);
	fake_pci_endpoint(SBDF(0, 3, 0, 0), 0x8086, 0x10c9);
	scan();
	assert_int_equal(registry.count, 5);
	assert_null(found(0, 0, 0)->parent);
	assert_null(found(0, 1, 0)->parent);
	assert_ptr_equal(found(1, 0, 0)->parent, found(0, 1, 0));
	assert_ptr_equal(found(2, 4, 0)->parent, found(1, 0, 0));
	assert_ptr_equal(found(3, 0, 0)->parent, found(2, 4, 0));
	assert_true(found(2, 4, 0)->followed);
	assert_int_equal(fake_log_count(ENV_LOG_WARN), 0);
}

static void test_function_numbers(void **state)
{
	(void)state;
	fake_pci_endpoint(SBDF(0, 0, 3, 0), 1, 1); /* one function, that answers for all numbers */
	fake_pci_endpoint(SBDF(0, 0, 3, 5), 1, 1);
	fake_pci_multifunction(fake_pci_endpoint(SBDF(0, 0, 4, 0), 1, 1));
	fake_pci_endpoint(SBDF(0, 0, 4, 7), 1, 1);
	fake_pci_endpoint(SBDF(0, 0, 5, 1), 1, 1); /* no function 0 */
	scan();
	assert_int_equal(registry.count, 3);
	assert_null(found(0, 3, 5));
	assert_non_null(found(0, 4, 7));
	assert_int_equal(pci_scan(&registry, &whole, 1, PCI_SCAN_EVERY_FUNCTION), 0);
	assert_int_equal(registry.count, 5);
}

static void test_root_buses_without_a_bridge(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 0x7f);
	fake_pci_endpoint(SBDF(0, 0x80, 0, 0), 1, 1);
	fake_pci_bridge(SBDF(0, 0x80, 2, 0), 0x81, 0xff);
	fake_pci_endpoint(SBDF(0, 0x81, 0, 0), 1, 1);
	scan();
	assert_null(found(0x80, 0, 0)->parent);
	assert_ptr_equal(found(0x81, 0, 0)->parent, found(0x80, 2, 0));
}

/* Virtual functions may sit on a bus that no bridge has as its secondary one. */
static void test_bus_inside_of_a_range(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 4);
	fake_pci_endpoint(SBDF(0, 3, 0, 0), 1, 1);
	scan();
	assert_ptr_equal(found(3, 0, 0)->parent, found(0, 1, 0));
}

/* --- Bridges that lie. --- */

static void test_bridge_to_itself(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 5, 0, 0), 5, 5);
	scan();
	assert_not_followed(found(5, 0, 0), PCI_PROBLEM_BUS_ORDER);
	assert_null(found(5, 0, 0)->parent);
	assert_true(fake_log_has("pci: 0000:05:00.0: bridge to buses 0x05-0x05 not followed"));
}

static void test_bridge_backwards(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 2);
	fake_pci_bridge(SBDF(0, 1, 0, 0), 2, 2);
	fake_pci_bridge(SBDF(0, 2, 0, 0), 1, 2); /* a loop */
	scan();
	assert_int_equal(registry.count, 3);
	assert_not_followed(found(2, 0, 0), PCI_PROBLEM_BUS_ORDER);
	assert_ptr_equal(found(2, 0, 0)->parent, found(1, 0, 0));
}

static void test_range_upside_down(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 4, 3);
	scan();
	assert_not_followed(found(0, 1, 0), PCI_PROBLEM_BUS_ORDER);
}

static void test_siblings_overlap(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 4);
	fake_pci_bridge(SBDF(0, 0, 2, 0), 4, 6);
	fake_pci_endpoint(SBDF(0, 4, 0, 0), 1, 1);
	fake_pci_endpoint(SBDF(0, 5, 0, 0), 1, 1);
	scan();
	assert_true(found(0, 1, 0)->followed);
	assert_not_followed(found(0, 2, 0), PCI_PROBLEM_BUS_OVERLAP);
	assert_ptr_equal(found(4, 0, 0)->parent, found(0, 1, 0));
	assert_null(found(5, 0, 0)->parent);
}

static void test_child_reaches_out_of_its_parent(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 3);
	fake_pci_bridge(SBDF(0, 1, 0, 0), 2, 4);
	scan();
	assert_not_followed(found(1, 0, 0), PCI_PROBLEM_BUS_OVERLAP);
}

static void test_two_bridges_to_one_bus(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 1);
	fake_pci_bridge(SBDF(0, 0, 2, 0), 1, 1);
	fake_pci_endpoint(SBDF(0, 1, 0, 0), 1, 1);
	scan();
	assert_int_equal(registry.count, 3);
	assert_not_followed(found(0, 2, 0), PCI_PROBLEM_BUS_OVERLAP);
}

static void test_bridge_not_set_up(void **state)
{
	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 0, 0);
	scan();
	assert_not_followed(found(0, 1, 0), 0);
	assert_int_equal(fake_log_count(ENV_LOG_WARN), 0);
}

static void test_deepest_chain(void **state)
{
	(void)state;
	for (unsigned int bus = 0; bus < 255; bus++)
		fake_pci_bridge(SBDF(0, bus, 0, 0), (uint8_t)(bus + 1), 255);
	fake_pci_endpoint(SBDF(0, 255, 0, 0), 1, 1);
	scan();
	assert_int_equal(registry.count, 256);
	assert_ptr_equal(found(255, 0, 0)->parent, found(254, 0, 0));
}

/* Every function number of every bus is a bridge with all buses below it. */
static void every_bridge_read(
	void *ctx, struct fake_fn *fn, unsigned int reg, unsigned int size, uint32_t *value)
{
	(void)ctx;
	(void)fn;
	(void)size;
	if (reg == PCI_SECONDARY_BUS)
		*value = 1;
	if (reg == PCI_SUBORDINATE_BUS)
		*value = 255;
}

static void test_nothing_but_bridges(void **state)
{
	static const struct fake_cfg_ops ops = {.read = every_bridge_read};

	(void)state;
	for (unsigned int i = 0; i < 64; i++) {
		struct fake_fn *fn = fake_pci_bridge(SBDF(0, i / 8, i % 8, 0), 0, 0);

		fn->ops = &ops;
	}
	scan();
	assert_int_equal(registry.count, 64);
	assert_true(found(0, 0, 0)->followed);
	assert_false(found(0, 1, 0)->followed);
}

/* --- Ranges and segments. --- */

static void test_segments_and_bus_ranges(void **state)
{
	static const struct pci_scan_range ranges[] = {
		{.segment = 0, .start_bus = 0, .end_bus = 63},
		{.segment = 0xffff, .start_bus = 0x40, .end_bus = 0x41},
	};

	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 255); /* reaches beyond what can be reached */
	fake_pci_endpoint(SBDF(0, 1, 0, 0), 1, 1);
	fake_pci_endpoint(SBDF(0, 64, 0, 0), 1, 1);
	fake_pci_endpoint(SBDF(0xffff, 0x40, 0, 0), 1, 1);
	fake_pci_endpoint(SBDF(0xffff, 0x3f, 0, 0), 1, 1);
	fake_pci_endpoint(SBDF(0xffff, 0x42, 0, 0), 1, 1);
	assert_int_equal(pci_scan(&registry, ranges, 2, 0), 0);
	assert_int_equal(registry.count, 3);
	assert_non_null(pci_find(&registry, SBDF(0xffff, 0x40, 0, 0)));
	assert_null(pci_find(&registry, SBDF(0xffff, 0x40, 0, 0))->parent);
	assert_true(found(0, 1, 0)->followed);
}

static void test_range_of_nothing(void **state)
{
	static const struct pci_scan_range bad = {.start_bus = 4, .end_bus = 3};

	(void)state;
	assert_int_equal(pci_scan(&registry, &bad, 1, 0), -EINVAL);
	assert_int_equal(pci_scan(&registry, NULL, 0, 0), 0);
}

static void test_scan_again_keeps_devices(void **state)
{
	struct pci_dev *bridge, *dev;

	(void)state;
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 1);
	fake_pci_endpoint(SBDF(0, 1, 0, 0), 1, 1);
	scan();
	bridge = found(0, 1, 0);
	dev = pci_registry_remove(&registry, SBDF(0, 1, 0, 0));
	pci_dev_free(dev);
	scan();
	assert_ptr_equal(found(0, 1, 0), bridge);
	assert_ptr_equal(found(1, 0, 0)->parent, bridge);
}

/* --- ARI. --- */

static struct fake_fn *ari_function(unsigned int number, uint8_t next)
{
	struct fake_fn *fn = fake_pci_endpoint(SBDF(0, 1, number >> 3, number & 7), 1, 1);

	fake_pci_express(fn, 0x40, PCI_PCIE_ENDPOINT);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_ARI, 1, 0);
	fake_cfg_set16(fn, 0x104, (uint16_t)(next << 8));
	return fn;
}

static void ari_port(bool forwarding)
{
	struct fake_fn *port = fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 1);

	fake_pci_express(port, 0x40, PCI_PCIE_ROOT_PORT);
	fake_cfg_set16(port, 0x40 + PCI_PCIE_DEVCTL2, forwarding ? PCI_PCIE_DEVCTL2_ARI : 0);
}

static void test_ari_chain(void **state)
{
	(void)state;
	ari_port(true);
	ari_function(0, 11);
	ari_function(11, 255);
	ari_function(255, 0);
	scan();
	assert_int_equal(registry.count, 4);
	assert_non_null(found(1, 1, 3));
	assert_non_null(found(1, 31, 7));
}

static void test_ari_only_when_forwarded(void **state)
{
	(void)state;
	ari_port(false);
	ari_function(0, 11);
	ari_function(11, 0);
	scan();
	assert_int_equal(registry.count, 2);
}

static void test_ari_chain_that_turns_back(void **state)
{
	(void)state;
	ari_port(true);
	ari_function(0, 11);
	ari_function(11, 9);
	ari_function(9, 11);
	scan();
	assert_int_equal(registry.count, 3);
	assert_null(found(1, 1, 1));
}

/* --- Memory. --- */

static void machine(void)
{
	fake_pci_bridge(SBDF(0, 0, 1, 0), 1, 2);
	fake_pci_endpoint(SBDF(0, 1, 0, 0), 1, 1);
	fake_pci_endpoint(SBDF(0, 2, 0, 0), 1, 1);
}

static void test_every_allocation_fails_once(void **state)
{
	unsigned int failures = 0;

	(void)state;
	machine();
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ALLOC, n); n++) {
		int rc = pci_scan(&registry, &whole, 1, 0);
		struct pci_dev *dev;
		size_t count = 0;

		assert_int_equal(rc, fake_fault_struck() ? -ENOMEM : 0);
		failures += rc != 0;
		pci_for_each (dev, &registry)
			count++;
		assert_int_equal(count, registry.count);
		pci_registry_clear(&registry);
		assert_int_equal(fake_live_allocs(), 0);
	}
	assert_true(failures > 6);
}

static void test_problems_are_logged(void **state)
{
	struct fake_fn *fn = fake_pci_endpoint(SBDF(0, 0, 7, 0), 1, 1);

	(void)state;
	fake_pci_cap_raw(fn, 0x40, PCI_CAP_PM, 0x40);
	fn->reg[PCI_CAP_POINTER] = 0x40;
	scan();
	assert_true(fake_log_has("pci: 0000:00:07.0: cap-loop"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_empty_machine),
		CASE(test_parents),
		CASE(test_function_numbers),
		CASE(test_root_buses_without_a_bridge),
		CASE(test_bus_inside_of_a_range),
		CASE(test_bridge_to_itself),
		CASE(test_bridge_backwards),
		CASE(test_range_upside_down),
		CASE(test_siblings_overlap),
		CASE(test_child_reaches_out_of_its_parent),
		CASE(test_two_bridges_to_one_bus),
		CASE(test_bridge_not_set_up),
		CASE(test_deepest_chain),
		CASE(test_nothing_but_bridges),
		CASE(test_segments_and_bus_ranges),
		CASE(test_range_of_nothing),
		CASE(test_scan_again_keeps_devices),
		CASE(test_ari_chain),
		CASE(test_ari_only_when_forwarded),
		CASE(test_ari_chain_that_turns_back),
		CASE(test_every_allocation_fails_once),
		CASE(test_problems_are_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
