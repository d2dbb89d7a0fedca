/* SPDX-License-Identifier: GPL-2.0-only */
/* What dom0 reaches of the machine, frame by frame and port by port. */
#include "unit.h"
#include <stdlib.h>
#include <hv/acpi.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/iommu.h>
#include <hv/iomem.h>
#include <hv/p2m.h>
#include <hv/pci.h>
#include <hv/portio.h>
#include <hv/uart.h>
#include <hv/vpci_io.h>
#include "p2m_domain.h"
#include "ram.h"
#include "xen/domain/dom0_priv.h"

struct acpi_tables acpi;
struct pci_registry pci_machine;
struct iommu_fw *iommu_firmware;

static struct domain *d;
static uint8_t port[0x10000]; /* 1: its own, 2: emulated */
static struct uart_params serial = {.io_base = 0x3f8};
static bool serial_there = true;

int portio_allow(struct domain *dom, uint16_t first, uint32_t count)
{
	assert_ptr_equal(dom, d);
	assert_true(count > 0 && first + count <= 0x10000);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(port[first + i], 0);
		port[first + i] = 1;
	}
	return 0;
}

int portio_add(struct domain *dom, uint16_t first, uint32_t count, const struct trap_ops *ops, void *ctx)
{
	assert_ptr_equal(dom, d);
	assert_int_equal(ops->read(NULL, ctx, first, 1), 0);
	memset(&port[first], 2, count);
	return 0;
}

int vpci_io_create(struct domain *dom)
{
	assert_ptr_equal(dom, d);
	return 0;
}

bool uart_present(void)
{
	return serial_there;
}

const struct uart_params *uart_params(void)
{
	return &serial;
}

static const struct e820_entry pc[] = {
	{0x1000, 0x9e000, E820_RAM},
	{0x9fc00, 0x400, E820_RESERVED},
	{0xf0000, 0x10000, E820_RESERVED},
	{MIB(1), MIB(63), E820_RAM},
	{MIB(64), 0x1234, E820_ACPI},
	{MIB(64) + 0x1234, 0x3000, E820_NVS},
	{0xb0000000, MIB(256), E820_RESERVED},
	{0xfffc0000, 0x40000, E820_RESERVED},
	{GIB(4), MIB(64), E820_RAM},
	{0xfd00000000, GIB(1), E820_RESERVED},
};

static struct pci_dev *gpu;
static struct iommu_fw_unit units[2];
static struct iommu_fw firmware = {.unit_count = 2, .unit = units};

/* Once: small objects outlive a test. */
static int machine(void **state)
{
	(void)state;
	p2m_machine();
	fake_ram_reset(pc, ARRAY_SIZE(pc));
	heap_init(NULL);
	heap_add(MIB(1), MIB(63), true);
	e820 = fake_ram;
	return 0;
}

static int start(void **state)
{
	(void)state;
	iomem_reset();
	memset(port, 0, sizeof(port));
	memset(&acpi, 0, sizeof(acpi));
	acpi.madt.lapic_base = 0xfee00000;
	acpi.madt.ioapic_count = 1;
	acpi.madt.ioapic[0].base = 0xfec00000;
	acpi.has_hpet = true;
	acpi.hpet.base = 0xfed00000;
	acpi.mcfg.count = 1;
	acpi.mcfg.ecam[0] = (struct acpi_ecam){.base = 0xb0000000, .last_bus = 255};
	units[0] = (struct iommu_fw_unit){.base = 0xfed90000, .bytes = 0x1000, .state = IOMMU_UNIT_USABLE};
	units[1] = (struct iommu_fw_unit){.base = 0xfed91000, .bytes = 0x1000, .state = IOMMU_UNIT_REFUSED};
	iommu_firmware = &firmware;
	gpu = calloc(1, sizeof(*gpu));
	gpu->sbdf = SBDF(0, 1, 0, 0);
	gpu->bar[0] = (struct pci_bar){.kind = PCI_BAR_MEM64, .base = GIB(32), .size = MIB(16)};
	/* One that says it is where RAM is. */
	gpu->bar[2] = (struct pci_bar){.kind = PCI_BAR_MEM64, .base = GIB(4), .size = MIB(1)};
	gpu->bar[4] = (struct pci_bar){.kind = PCI_BAR_MEM32, .base = 0xe0000000, .size = MIB(1)};
	assert_int_equal(pci_registry_add(&pci_machine, gpu), 0);
	d = p2m_domain(0);
	assert_int_equal(dom0_devices_protect(), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	p2m_domain_end(d);
	assert_ptr_equal(pci_registry_remove(&pci_machine, gpu->sbdf), gpu);
	free(gpu);
	pci_registry_clear(&pci_machine);
	return 0;
}

static bool within(uint64_t at, uint64_t base, uint64_t bytes)
{
	return at >= base && at < base + bytes;
}

/* What an address must be, written down once more, in another way. */
static enum p2m_type expected(uint64_t at)
{
	if (mfn_is_ram(paddr_to_mfn(at)))
		return P2M_INVALID;
	if (at < MIB(1))
		return P2M_FIRMWARE;
	if (at == 0xfee00000 || at == 0xfec00000 || within(at, 0xb0000000, MIB(256)))
		return P2M_MMIO_TRAP;
	if (within(at, 0xfee00000, MIB(1)) || at == 0xfed00000 || at == 0xfed90000)
		return P2M_INVALID;
	if (within(at, MIB(64), 0x2000))
		return P2M_FIRMWARE_RO;
	if (within(at, MIB(64), 0x5000))
		return P2M_FIRMWARE;
	return P2M_MMIO_DIRECT;
}

static void every_frame_below_4_gib(void **state)
{
	(void)state;
	assert_int_equal(dom0_devices_map(d), 0);
	for (uint64_t at = 0; at < GIB(4); at += PAGE_SIZE) {
		struct p2m_entry e = p2m_get(d, GFN(at >> PAGE_SHIFT));

		if (e.type != expected(at))
			fail_msg("%lx is %d, not %d", at, e.type, expected(at));
		if (e.type != P2M_INVALID && e.type != P2M_MMIO_TRAP)
			assert_int_equal(e.mfn.v, at >> PAGE_SHIFT);
	}
}

static void above_4_gib_what_is_decoded(void **state)
{
	(void)state;
	assert_int_equal(dom0_devices_map(d), 0);
	assert_int_equal(p2m_get(d, GFN(GIB(32) >> PAGE_SHIFT)).type, P2M_MMIO_DIRECT);
	assert_int_equal(p2m_get(d, GFN((GIB(32) + MIB(16)) >> PAGE_SHIFT)).type, P2M_INVALID);
	assert_int_equal(p2m_get(d, GFN((GIB(32) >> PAGE_SHIFT) - 1)).type, P2M_INVALID);
	assert_int_equal(p2m_get(d, GFN(GIB(4) >> PAGE_SHIFT)).type, P2M_INVALID);
	assert_int_equal(p2m_get(d, GFN(0xfd00000000 >> PAGE_SHIFT)).type, P2M_MMIO_DIRECT);
}

static void ports(void **state)
{
	(void)state;
	assert_int_equal(dom0_devices_map(d), 0);
	for (uint32_t p = 0; p < 0x10000; p++) {
		bool denied = within(p, 0x20, 2) || within(p, 0xa0, 2) || within(p, 0x4d0, 2) ||
			      within(p, 0xcf8, 8) || within(p, 0x3f8, 8);

		assert_int_equal(port[p], within(p, 0x40, 4) ? 2 : denied ? 0 : 1);
	}
}

static void ports_without_a_serial_line(void **state)
{
	(void)state;
	serial_there = false;
	assert_int_equal(dom0_devices_map(d), 0);
	assert_int_equal(port[0x3f8], 1);
	serial_there = true;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_frame_below_4_gib),
		TEST(above_4_gib_what_is_decoded),
		TEST(ports),
		TEST(ports_without_a_serial_line),
	};

	return cmocka_run_group_tests(tests, machine, NULL);
}
