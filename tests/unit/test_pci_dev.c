/* SPDX-License-Identifier: GPL-2.0-only */
/* What is read from one function. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <pt/pci.h>
#include <pt/pci_regs.h>

#include "pci.h"

static struct fake_fn *fn;
static struct pci_dev *dev;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	dev = NULL;
	fn = fake_pci_endpoint(SBDF(0, 3, 0, 1), 0x8086, 0x10c9);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pci_dev_free(dev);
	return fake_live_allocs() == 0 ? 0 : -1;
}

static void probe(unsigned int flags)
{
	assert_int_equal(pci_probe(fn->sbdf, flags, &dev), 0);
}

static void test_identity(void **state)
{
	(void)state;
	fake_cfg_set16(fn, PCI_SUBVENDOR, 0x1af4);
	fake_cfg_set16(fn, PCI_SUBDEVICE, 0x1100);
	fake_cfg_set8(fn, PCI_INTERRUPT_PIN, 2);
	fake_pci_multifunction(fn);
	probe(0);
	assert_int_equal(dev->sbdf.v, fn->sbdf.v);
	assert_int_equal(dev->vendor, 0x8086);
	assert_int_equal(dev->device, 0x10c9);
	assert_int_equal(dev->subvendor, 0x1af4);
	assert_int_equal(dev->subdevice, 0x1100);
	assert_int_equal(dev->class_code, 0x020000);
	assert_int_equal(dev->revision, 3);
	assert_int_equal(dev->layout, PCI_HEADER_NORMAL);
	assert_int_equal(dev->interrupt_pin, 2);
	assert_true(dev->multifunction);
	assert_int_equal(dev->pcie_type, PCI_PCIE_NONE);
	assert_int_equal(dev->cfg_bytes, 256);
	assert_false(dev->has_serial);
	assert_int_equal(dev->problems, 0);
}

static void assert_absent(uint32_t ids)
{
	fake_cfg_set32(fn, PCI_VENDOR, ids);
	assert_int_equal(pci_probe(fn->sbdf, 0, &dev), -ENODEV);
	assert_null(dev);
}

static void test_absent(void **state)
{
	(void)state;
	assert_absent(0xffffffff);
	assert_absent(0x1234ffff);
	assert_absent(0x00000000);
	assert_absent(0xffff0000);
	assert_int_equal(pci_probe(SBDF(9, 9, 9, 1), 0, &dev), -ENODEV);
}

static void test_express_with_serial(void **state)
{
	(void)state;
	fake_pci_express(fn, 0xa0, PCI_PCIE_RC_ENDPOINT);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 2, 0x140);
	fake_pci_ecap_raw(fn, 0x140, PCI_ECAP_DSN, 1, 0);
	fake_cfg_set32(fn, 0x144, 0xff112233);
	fake_cfg_set32(fn, 0x148, 0xa0369fff);
	probe(0);
	assert_int_equal(dev->pcie_type, PCI_PCIE_RC_ENDPOINT);
	assert_string_equal(pci_pcie_type_name(dev->pcie_type), "rc-endpoint");
	assert_int_equal(dev->cfg_bytes, 4096);
	assert_true(dev->has_serial);
	assert_true(dev->serial == 0xa0369fffff112233);
	assert_int_equal(pci_dev_cap(dev, PCI_CAP_PCIE), 0xa0);
	assert_int_equal(pci_dev_ecap(dev, PCI_ECAP_AER), 0x100);
	assert_int_equal(pci_dev_ecap(dev, PCI_ECAP_SRIOV), 0);
	assert_int_equal(pci_dev_cap(dev, PCI_ECAP_AER), 0);
	assert_int_equal(dev->cap_count, 3);
}

static void test_serial_that_is_none(void **state)
{
	(void)state;
	fake_pci_express(fn, 0xa0, PCI_PCIE_ENDPOINT);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_DSN, 1, 0);
	probe(0);
	assert_false(dev->has_serial);
}

/* A capability so near to the end that its registers do not fit: they are not read. */
static void test_capabilities_at_the_very_end(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0xfc, PCI_CAP_PCIX);
	fake_pci_cap(fn, 0xf8, PCI_CAP_PCIE);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0xff8);
	fake_pci_ecap_raw(fn, 0xff8, PCI_ECAP_DSN, 1, 0);
	probe(0);
	assert_false(dev->has_serial);
	assert_int_equal(dev->cfg_bytes, 4096);
}

/* What would be its status register is already extended space. */
static void test_pcix_at_the_very_end(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0xfc, PCI_CAP_PCIX);
	fake_cfg_set32(fn, 0x100, PCI_PCIX_266_CAP);
	probe(0);
	assert_int_equal(dev->cfg_bytes, 256);
}

static void test_extended_space_aliased(void **state)
{
	(void)state;
	fake_pci_express(fn, 0xa0, PCI_PCIE_ENDPOINT);
	for (unsigned int at = 256; at < 4096; at += 256)
		memcpy(fn->reg + at, fn->reg, 256);
	probe(0);
	assert_int_equal(dev->problems, PCI_PROBLEM_CFG_ALIASED);
	assert_int_equal(dev->cfg_bytes, 256);
	assert_int_equal(dev->cap_count, 1);
}

static void test_extended_space_unreachable(void **state)
{
	(void)state;
	fake_pci_express(fn, 0xa0, PCI_PCIE_ENDPOINT);
	fn->bytes = 256;
	probe(0);
	assert_int_equal(dev->cfg_bytes, 256);
	assert_int_equal(dev->problems, 0);
}

static void test_conventional_is_not_asked_for_extended_space(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0xa0, PCI_CAP_PCIX);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0);
	probe(0);
	assert_int_equal(dev->cfg_bytes, 256);
	pci_dev_free(dev);
	fake_cfg_set32(fn, 0xa4, PCI_PCIX_266_CAP);
	probe(0);
	assert_int_equal(dev->cfg_bytes, 4096);
}

static void test_bridge(void **state)
{
	(void)state;
	fn = fake_pci_bridge(SBDF(0, 0, 1, 0), 4, 7);
	fake_pci_cap(fn, 0x88, PCI_CAP_SSVID);
	fake_cfg_set32(fn, 0x8c, 0x72708086);
	fake_pci_express(fn, 0x40, PCI_PCIE_ROOT_PORT);
	probe(0);
	assert_true(pci_dev_is_bridge(dev));
	assert_int_equal(dev->secondary, 4);
	assert_int_equal(dev->subordinate, 7);
	assert_int_equal(dev->subvendor, 0x8086);
	assert_int_equal(dev->subdevice, 0x7270);
	assert_string_equal(pci_pcie_type_name(dev->pcie_type), "root-port");
}

static void test_cardbus_subsystem(void **state)
{
	(void)state;
	fn->reg[PCI_HEADER_TYPE] = PCI_HEADER_CARDBUS;
	fake_cfg_set16(fn, PCI_CARDBUS_SUBVENDOR, 0x17aa);
	fake_cfg_set16(fn, PCI_CARDBUS_SUBDEVICE, 0x20c6);
	probe(0);
	assert_int_equal(dev->subvendor, 0x17aa);
	assert_int_equal(dev->subdevice, 0x20c6);
	assert_true(pci_dev_is_bridge(dev));
}

static void test_unknown_header(void **state)
{
	(void)state;
	fn->reg[PCI_HEADER_TYPE] = 0x03;
	fake_pci_cap(fn, 0x40, PCI_CAP_PM);
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x1000, 0);
	probe(PCI_SCAN_SIZE_BARS);
	assert_int_equal(dev->problems, PCI_PROBLEM_HEADER_TYPE);
	assert_int_equal(dev->cap_count, 0);
	assert_int_equal(fake_event_count(), 0);
}

static void test_sizing_only_when_asked(void **state)
{
	(void)state;
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x1000, 0);
	probe(0);
	assert_int_equal(fake_event_count(), 0);
	assert_int_equal(dev->bar[0].size, 0);
	assert_false(dev->bars_sized);
	pci_dev_free(dev);
	probe(PCI_SCAN_SIZE_BARS);
	assert_int_equal(dev->bar[0].size, 0x1000);
	assert_true(dev->bars_sized);
}

static void test_host_bridge_is_never_sized(void **state)
{
	(void)state;
	fake_cfg_set32(fn, PCI_REVISION, 0x06000000);
	fake_cfg_bar(fn, 0x10, 0xe0000000, 0x1000, 0);
	probe(PCI_SCAN_SIZE_BARS);
	assert_int_equal(fake_event_count(), 0);
	assert_false(dev->bars_sized);
	assert_int_equal(dev->bar[0].base, 0xe0000000);
}

static void test_no_memory(void **state)
{
	(void)state;
	fake_fail(FAKE_FAULT_ALLOC, 1);
	assert_int_equal(pci_probe(fn->sbdf, 0, &dev), -ENOMEM);
	assert_null(dev);
}

static void test_names_are_complete(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCI_PROBLEMS; i++) {
		assert_non_null(pci_problem_name(i));
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(pci_problem_name(i), pci_problem_name(j));
	}
	assert_null(pci_problem_name(PCI_PROBLEMS));
	assert_string_equal(pci_problem_name(0), "cap-loop");
	assert_string_equal(pci_problem_name(PCI_PROBLEMS - 1), "bridge-bus-overlap");
	assert_string_equal(pci_pcie_type_name(PCI_PCIE_NONE), "pci");
	assert_string_equal(pci_pcie_type_name(2), "reserved");
	assert_string_equal(pci_pcie_type_name(15), "reserved");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_identity),
		CASE(test_absent),
		CASE(test_express_with_serial),
		CASE(test_serial_that_is_none),
		CASE(test_capabilities_at_the_very_end),
		CASE(test_pcix_at_the_very_end),
		CASE(test_extended_space_aliased),
		CASE(test_extended_space_unreachable),
		CASE(test_conventional_is_not_asked_for_extended_space),
		CASE(test_bridge),
		CASE(test_cardbus_subsystem),
		CASE(test_unknown_header),
		CASE(test_sizing_only_when_asked),
		CASE(test_host_bridge_is_never_sized),
		CASE(test_no_memory),
		CASE(test_names_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
