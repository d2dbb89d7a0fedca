/* SPDX-License-Identifier: GPL-2.0-only */
/* Dom0's writes to configuration space and to an MSI-X table: what reaches the device, what is kept, what is refused. */
#include "unit.h"
#include <stdlib.h>
#include <pt/pci_regs.h>
#include <pt/vpci.h>
#include "env.h"
#include "pci.h"
#include "vpci_host.h"

#define DEV    SBDF(0, 1, 0, 0)
#define OTHER  SBDF(0, 1, 1, 0)
#define BRIDGE SBDF(0, 0, 2, 0)

#define BAR0   0xc0000000UL
#define BAR4   0x800000000UL
#define MSI    0x50
#define SRIOV  0x160
#define VF_BAR 0xa00000000UL
#define VF(n)  ((sbdf_t){DEV.v + 0x10 + 2 * (n)})
#define MSIX   0x70
#define TABLE  (BAR4 + 0x2800)
#define COUNT  8

#define MSI_ON	(MSI + 2)
#define MSIX_ON (MSIX + 2)

static struct pci_registry registry;
static struct vpci *v;
static struct fake_fn *fn;
static uint8_t *regs; /* of BAR 4 */

static uint32_t rd(unsigned int reg, unsigned int size)
{
	return vpci_cfg_read(v, DEV, reg, size);
}

static void wr(unsigned int reg, unsigned int size, uint32_t value)
{
	vpci_cfg_write(v, DEV, reg, size, value);
}

static struct fake_fn *device(sbdf_t sbdf)
{
	struct fake_fn *f = fake_pci_endpoint(sbdf, 0x8086, 0x10c9);

	fake_pci_cap(f, MSI, PCI_CAP_MSI);
	fake_cfg_set16(f, MSI + 2, 0x018a); /* 64 bits, masks, 32 messages possible */
	for (unsigned int reg = MSI; reg < MSI + 24; reg += 4)
		fake_cfg_wmask32(f, reg, reg == MSI ? 0x00710000 : ~0U);
	fake_pci_cap(f, MSIX, PCI_CAP_MSIX);
	fake_cfg_set16(f, MSIX + 2, COUNT - 1);
	fake_cfg_wmask16(f, MSIX + 2, 0xc000);
	fake_cfg_set32(f, MSIX + 4, 0x2800 | 4);
	fake_cfg_set32(f, MSIX + 8, 0x2c00 | 4);
	return f;
}

static void machine(void)
{
	fake_reset();
	host_reset();
	fn = device(DEV);
	fake_cfg_bar(fn, 0x10, BAR0, 0x1000, 0);
	fake_cfg_bar(fn, 0x20, BAR4, 0x4000, PCI_BAR_MEM_64);
	fake_cfg_set16(fn, PCI_COMMAND, PCI_COMMAND_MEMORY);
	fake_pci_express(fn, 0xa0, 0);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_ACS, 1, 0x140);
	fake_pci_ecap_raw(fn, 0x140, PCI_ECAP_ATS, 1, SRIOV);
	fake_pci_ecap_raw(fn, SRIOV, PCI_ECAP_SRIOV, 1, 0);
	fake_cfg_wmask16(fn, SRIOV + 8, 9);
	fake_cfg_set16(fn, SRIOV + 0x10, 3);
	fake_cfg_set16(fn, SRIOV + 0x14, 0x10);
	fake_cfg_set16(fn, SRIOV + 0x16, 2);
	fake_cfg_bar(fn, SRIOV + 0x24, VF_BAR, 0x4000, PCI_BAR_MEM_64);
	fake_cfg_wmask32(fn, 0x104, ~0U);
	fake_cfg_wmask32(fn, 0x144, ~0U);
	fake_cfg_wmask32(fn, 0x40, ~0U);
	fake_pci_bridge(BRIDGE, 1, 1);
	regs = fake_mmio_add(BAR4, 0x4000, NULL, NULL);
	memset(regs + 0x2800, 0x55, COUNT * 16);
}

static void scan(void)
{
	static const struct pci_scan_range range = {0, 0, 1};

	assert_int_equal(pci_scan(&registry, &range, 1, PCI_SCAN_SIZE_BARS), 0);
}

static int prepare(void **state)
{
	(void)state;
	machine();
	scan();
	assert_int_equal(vpci_create(NULL, &registry, &v), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	vpci_destroy(v);
	v = NULL;
	pci_registry_clear(&registry);
	assert_int_equal(host_live_irqs(), 0);
	assert_int_equal(fake_live_allocs(), 0);
	assert_int_equal(fake_live_maps(), 0);
	return 0;
}

static void test_reads_and_plain_writes_pass(void **state)
{
	(void)state;
	assert_int_equal(rd(PCI_VENDOR, 4), 0x10c98086);
	assert_int_equal(rd(PCI_DEVICE, 2), 0x10c9);
	wr(0x40, 4, 0x12345678);
	wr(0x41, 1, 0xff);
	assert_int_equal(rd(0x40, 4), 0x1234ff78);
	assert_int_equal(vpci_refused(v), 0);
	/* Nobody there. */
	assert_int_equal(vpci_cfg_read(v, SBDF(0, 1, 9, 0), 0, 4), ~0U);
	vpci_cfg_write(v, SBDF(0, 1, 9, 0), 4, 2, 6);
	assert_int_equal(vpci_refused(v), 1);
}

static void test_hidden(void **state)
{
	(void)state;
	assert_int_equal(vpci_hide(v, SBDF(0, 9, 9, 0)), -ENODEV);
	assert_int_equal(vpci_hide(v, DEV), 0);
	assert_int_equal(rd(PCI_VENDOR, 4), ~0U);
	assert_int_equal(rd(PCI_VENDOR, 2), 0xffff);
	assert_int_equal(rd(MSI, 1), 0xff);
	wr(PCI_COMMAND, 2, 0);
	assert_int_equal(fake_cfg_get32(fn, PCI_COMMAND) & 0xffff, PCI_COMMAND_MEMORY);
	assert_int_equal(vpci_refused(v), 1);
}

static void test_refused_registers(void **state)
{
	uint32_t numbers = vpci_cfg_read(v, BRIDGE, PCI_PRIMARY_BUS, 4);

	(void)state;
	wr(0x106, 2, 0xffff);
	wr(0x146, 2, 0x8000);
	wr(0x147, 1, 0x80);
	assert_int_equal(fake_cfg_get32(fn, 0x104), 0);
	assert_int_equal(fake_cfg_get32(fn, 0x144), 0);
	assert_int_equal(vpci_refused(v), 3);
	/* A bridge's numbers may be written as they are. */
	vpci_cfg_write(v, BRIDGE, PCI_PRIMARY_BUS, 4, numbers);
	vpci_cfg_write(v, BRIDGE, PCI_SECONDARY_BUS, 1, 1);
	assert_int_equal(vpci_refused(v), 3);
	vpci_cfg_write(v, BRIDGE, PCI_SUBORDINATE_BUS, 1, 9);
	vpci_cfg_write(v, BRIDGE, PCI_PRIMARY_BUS, 2, 0);
	assert_int_equal(vpci_refused(v), 5);
	assert_int_equal(vpci_cfg_read(v, BRIDGE, PCI_PRIMARY_BUS, 4), numbers);
}

static void test_bars_follow(void **state)
{
	(void)state;
	assert_int_equal(host_at(BAR0, NULL), HOST_DIRECT);
	assert_int_equal(host_at(BAR4, NULL), HOST_DIRECT);
	/* Sizing, as systems do it, with decoding off and on. */
	for (unsigned int on = 0; on < 2; on++) {
		wr(PCI_COMMAND, 2, on ? PCI_COMMAND_MEMORY : 0);
		wr(0x10, 4, 0xffffffff);
		assert_int_equal(rd(0x10, 4), 0xfffff000);
		assert_int_equal(host_at(0xfffff000, NULL), HOST_NOTHING);
		wr(0x10, 4, BAR0);
		assert_int_equal(host_at(BAR0, NULL), HOST_DIRECT);
	}
	/* A move counts when it decodes. */
	wr(PCI_COMMAND, 2, 0);
	wr(0x10, 4, 0xd0000000);
	assert_int_equal(host_at(0xd0000000, NULL), HOST_NOTHING);
	wr(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(host_at(0xd0000000, NULL), HOST_DIRECT);
	assert_int_equal(host_at(BAR0, NULL), HOST_NOTHING);
	/* Refused by the memory map: tried again at the next write. */
	host_fail_map = 1;
	wr(0x10, 4, 0xd1000000);
	assert_int_equal(host_at(0xd1000000, NULL), HOST_NOTHING);
	assert_int_equal(host_at(0xd0000000, NULL), HOST_NOTHING);
	wr(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(host_at(0xd1000000, NULL), HOST_DIRECT);
}

static void test_msi(void **state)
{
	struct vpci_irq *irq;

	(void)state;
	/* One message is offered, whatever the device can. */
	assert_int_equal(rd(MSI_ON, 2), 0x0180);
	wr(MSI + 4, 4, 0xfee01003);
	wr(MSI + 8, 4, 0);
	wr(MSI + 12, 2, 0x4041);
	assert_int_equal(rd(MSI + 4, 4), 0xfee01000);
	assert_int_equal(rd(MSI + 12, 4), 0x4041);
	assert_int_equal(host_live_irqs(), 0);
	assert_int_equal(fake_cfg_get32(fn, MSI + 4), 0);
	wr(MSI_ON, 2, 0x01f1);
	irq = host_irq_of(DEV, 0);
	assert_non_null(irq);
	assert_null(irq->source.slot);
	assert_true(irq->source.wide && irq->source.maskable);
	assert_int_equal(irq->address, 0xfee01000);
	assert_int_equal(irq->data, 0x4041);
	assert_int_equal(rd(MSI_ON, 2), 0x0181);
	assert_int_equal(fake_cfg_get32(fn, MSI) >> 16, 0x018b);
	/* Moved and masked while it is on: nothing of it in the device. */
	wr(MSI + 4, 4, 0xfee02000);
	wr(MSI + 12, 1, 0x77);
	assert_int_equal(irq->address, 0xfee02000);
	assert_int_equal(irq->data, 0x4077);
	wr(MSI + 16, 4, 1);
	assert_true(irq->masked);
	assert_int_equal(rd(MSI + 16, 4), 1);
	assert_int_equal(fake_cfg_get32(fn, MSI + 4), 0);
	wr(MSI_ON, 2, 0);
	assert_int_equal(host_live_irqs(), 0);
	assert_int_equal(fake_cfg_get32(fn, MSI) >> 16 & 1, 0);
	/* No interrupt left: it stays off and can be tried again. */
	host_fail_irq = 1;
	wr(MSI_ON, 2, 1);
	assert_int_equal(rd(MSI_ON, 2) & 1, 0);
	wr(MSI_ON, 2, 1);
	assert_int_equal(host_live_irqs(), 1);
	/* The identity of the capability is not written. */
	wr(MSI, 2, 0);
	assert_int_equal(rd(MSI, 1), PCI_CAP_MSI);
}

static struct vpci_dev *table_dev(void)
{
	struct vpci_dev *dev = NULL;

	assert_int_equal(host_at(TABLE, &dev), HOST_TRAP);
	return dev;
}

static void entry(unsigned int i, uint32_t address, uint32_t data, uint32_t control)
{
	struct vpci_dev *dev = table_dev();

	vpci_mem_write(dev, TABLE + i * 16, 4, address);
	vpci_mem_write(dev, TABLE + i * 16 + 4, 4, 0);
	vpci_mem_write(dev, TABLE + i * 16 + 8, 4, data);
	vpci_mem_write(dev, TABLE + i * 16 + 12, 4, control);
}

static uint32_t hw32(uint32_t offset)
{
	uint32_t value;

	memcpy(&value, regs + offset, 4);
	return value;
}

static void test_msix(void **state)
{
	struct vpci_irq *irq;

	(void)state;
	assert_int_equal(host_at(BAR4 + 0x1000, NULL), HOST_DIRECT);
	assert_int_equal(host_at(BAR4 + 0x3000, NULL), HOST_DIRECT);
	/* All masked at first; what firmware left is neither shown nor live once it is on. */
	assert_int_equal(vpci_mem_read(table_dev(), TABLE + 12, 4), 1);
	assert_int_equal(vpci_mem_read(table_dev(), TABLE, 4), 0);
	wr(MSIX_ON, 2, 0xc000);
	assert_int_equal(rd(MSIX_ON, 2), 0xc000 | (COUNT - 1));
	for (unsigned int i = 0; i < COUNT; i++)
		assert_int_equal(hw32(0x2800 + i * 16 + 12), 1);
	entry(3, 0xfee01000, 0x44, 0);
	assert_int_equal(host_live_irqs(), 0);
	wr(MSIX_ON, 2, 0x8000);
	irq = host_irq_of(DEV, 3);
	assert_non_null(irq);
	assert_int_equal(host_live_irqs(), 1);
	assert_int_equal(irq->address, 0xfee01000);
	assert_int_equal(irq->data, 0x44);
	assert_false(irq->masked);
	assert_non_null(irq->source.slot);
	/* The guest's message is not in the device. */
	assert_int_equal(hw32(0x2830), 0x55555555);
	entry(3, 0xfee02000, 0x45, 1);
	assert_true(irq->masked);
	assert_int_equal(irq->address, 0xfee02000);
	assert_int_equal(vpci_mem_read(table_dev(), TABLE + 0x30, 8), 0xfee02000);
	assert_int_equal(vpci_mem_read(table_dev(), TABLE + 0x38, 8), 0x100000045);
	vpci_mem_write(table_dev(), TABLE + 0x38, 8, 0x46);
	assert_false(irq->masked);
	assert_int_equal(irq->data, 0x46);
	/* The function's mask. */
	wr(MSIX_ON, 2, 0xc000);
	assert_true(irq->masked);
	wr(MSIX_ON, 2, 0x8000);
	assert_false(irq->masked);
	wr(MSIX_ON, 2, 0);
	assert_int_equal(host_live_irqs(), 0);
	assert_int_equal(fake_cfg_get32(fn, MSIX) >> 30, 0);
	/* On again: the entry is still open. */
	wr(MSIX_ON, 2, 0x8000);
	assert_int_equal(host_live_irqs(), 1);
}

static void test_msix_page(void **state)
{
	struct vpci_dev *dev = table_dev();

	(void)state;
	memset(regs + 0x2000, 0x11, 0x800);
	assert_int_equal(vpci_mem_read(dev, BAR4 + 0x2000, 4), 0x11111111);
	assert_int_equal(vpci_mem_read(dev, BAR4 + 0x2003, 1), 0x11);
	vpci_mem_write(dev, BAR4 + 0x2004, 4, 0xabcdef01);
	assert_int_equal(hw32(0x2004), 0xabcdef01);
	vpci_mem_write(dev, BAR4 + 0x2008, 8, 0x1122334455667788);
	assert_int_equal(hw32(0x200c), 0x11223344);
	/* Odd ones are refused, and read all-ones. */
	vpci_mem_write(dev, BAR4 + 0x2004, 2, 0);
	vpci_mem_write(dev, BAR4 + 0x2006, 4, 0);
	vpci_mem_write(dev, BAR4 + 0x3000, 4, 0);
	vpci_mem_write(dev, BAR4 + 0x1ffc, 8, 0);
	assert_int_equal(vpci_refused(v), 4);
	assert_int_equal(vpci_mem_read(dev, BAR4 + 0x2ffe, 4), ~0UL);
	assert_int_equal(hw32(0x2004), 0xabcdef01);
	/* The last entry, and what follows it. */
	vpci_mem_write(dev, TABLE + COUNT * 16 - 8, 4, 0x99);
	assert_int_equal(hw32(0x2800 + COUNT * 16 - 8), 0x55555555);
	vpci_mem_write(dev, TABLE + COUNT * 16, 4, 0x99);
	assert_int_equal(hw32(0x2800 + COUNT * 16), 0x99);
}

/* The memory moves: MSI-X is off, and the trap is at the new place. */
static void test_msix_follows(void **state)
{
	struct vpci_dev *dev = NULL;

	(void)state;
	fake_mmio_add(BAR4 + 0x100000, 0x4000, NULL, NULL);
	wr(MSIX_ON, 2, 0x8000);
	entry(0, 0xfee00000, 0x40, 0);
	assert_int_equal(host_live_irqs(), 1);
	wr(0x20, 4, 0x100000);
	assert_int_equal(host_live_irqs(), 0);
	assert_int_equal(host_at(TABLE, NULL), HOST_NOTHING);
	assert_int_equal(host_at(TABLE + 0x100000, &dev), HOST_TRAP);
	wr(MSIX_ON, 2, 0x8000);
	assert_int_equal(host_live_irqs(), 1);
	assert_int_equal(vpci_mem_read(dev, TABLE + 0x100000 + 8, 4), 0x40);
	/* To where there is nothing: no trap, so no MSI-X. */
	wr(0x20, 4, 0x200000);
	wr(MSIX_ON, 2, 0x8000);
	assert_int_equal(rd(MSIX_ON, 2) & 0x8000, 0);
	assert_int_equal(fake_cfg_get32(fn, MSIX) >> 30, 0);
	assert_int_equal(vpci_mem_read(dev, TABLE + 0x200000, 4), ~0UL);
}

/* A device that lies about its table, and one that came enabled. */
static void test_bad_devices(void **state)
{
	(void)state;
	end(NULL);
	machine();
	fake_cfg_set32(fn, MSIX + 4, 0x3fc8 | 4);
	fake_cfg_set16(fn, MSIX + 2, 0x8000 | (COUNT - 1));
	fake_cfg_set16(fn, MSI + 2, 0x018b);
	scan();
	assert_int_equal(vpci_create(NULL, &registry, &v), 0);
	assert_int_equal(fake_cfg_get32(fn, MSIX) >> 31, 0);
	assert_int_equal(fake_cfg_get32(fn, MSI) >> 16 & 1, 0);
	assert_int_equal(host_at(TABLE, NULL), HOST_DIRECT);
	wr(MSIX_ON, 2, 0x8000);
	assert_int_equal(rd(MSIX_ON, 2) & 0x8000, 0);
	assert_int_equal(fake_cfg_get32(fn, MSIX) >> 31, 0);
	assert_int_equal(vpci_refused(v), 1);
	/* Its region is none of the six. */
	end(NULL);
	machine();
	fake_cfg_set32(fn, MSIX + 4, 7);
	scan();
	assert_int_equal(vpci_create(NULL, &registry, &v), 0);
	wr(0x20, 4, 0x100000);
	wr(MSIX_ON, 2, 0x8000);
	assert_int_equal(rd(MSIX_ON, 2) & 0x8000, 0);
	/* A capability that would end behind the space. */
	end(NULL);
	machine();
	fake_pci_cap(fn, 0xf0, PCI_CAP_MSI);
	fake_cfg_set16(fn, 0xf2, 0x0180);
	scan();
	assert_int_equal(vpci_create(NULL, &registry, &v), 0);
	wr(0xfc, 4, 1);
}

static void test_appears_later(void **state)
{
	struct fake_fn *late;

	(void)state;
	late = device(OTHER);
	fake_cfg_bar(late, 0x20, 0x900000000, 0x4000, PCI_BAR_MEM_64);
	fake_mmio_add(0x900000000, 0x4000, NULL, NULL);
	assert_int_equal(vpci_cfg_read(v, OTHER, 0, 4), 0x10c98086);
	vpci_cfg_write(v, OTHER, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(host_at(0x900000000, NULL), HOST_DIRECT);
	assert_int_equal(host_at(0x900002800, NULL), HOST_TRAP);
	vpci_cfg_write(v, OTHER, MSI_ON, 2, 1);
	assert_non_null(host_irq_of(OTHER, 0));
}

static void vf_add(unsigned int n)
{
	struct fake_fn *vf = fake_cfg_add(VF(n), 4096);

	fake_cfg_set32(vf, PCI_VENDOR, ~0U);
	fake_cfg_set32(vf, PCI_REVISION, 0x02000001);
	fake_cfg_wmask16(vf, PCI_COMMAND, PCI_COMMAND_MASTER);
	fake_pci_cap(vf, MSIX, PCI_CAP_MSIX);
	fake_cfg_set16(vf, MSIX + 2, 1);
	fake_cfg_wmask16(vf, MSIX + 2, 0xc000);
	fake_cfg_set32(vf, MSIX + 4, 0x2000);
}

static void vfs(bool on)
{
	wr(SRIOV + 8, 2, on ? 9 : 0);
}

static void test_virtual_functions(void **state)
{
	struct vpci_dev *dev = NULL;

	(void)state;
	fake_mmio_add(VF_BAR, 0x10000, NULL, NULL);
	/* Not there, then there but not this one. */
	vpci_cfg_write(v, VF(1), PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	assert_int_equal(vpci_refused(v), 1);
	vfs(true);
	for (unsigned int n = 0; n < 4; n++)
		vf_add(n);
	vpci_cfg_write(v, VF(3), PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	assert_int_equal(vpci_refused(v), 2);
	assert_int_equal(host_at(VF_BAR + 0x4000, NULL), HOST_NOTHING);
	vpci_cfg_write(v, VF(1), PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	assert_int_equal(vpci_cfg_read(v, VF(1), PCI_COMMAND, 2), PCI_COMMAND_MASTER);
	assert_int_equal(host_at(VF_BAR + 0x4000, NULL), HOST_DIRECT);
	assert_int_equal(host_at(VF_BAR, NULL), HOST_NOTHING);
	assert_int_equal(host_at(VF_BAR + 0x6000, &dev), HOST_TRAP);
	vpci_cfg_write(v, VF(1), MSIX_ON, 2, 0x8000);
	vpci_mem_write(dev, VF_BAR + 0x601c, 4, 0);
	assert_non_null(host_irq_of(VF(1), 1));
	/* They go, and with them interrupts and memory. */
	vfs(false);
	assert_int_equal(host_live_irqs(), 0);
	assert_int_equal(host_at(VF_BAR + 0x4000, NULL), HOST_NOTHING);
	assert_int_equal(host_at(VF_BAR + 0x6000, NULL), HOST_NOTHING);
	assert_int_equal(vpci_mem_read(dev, VF_BAR + 0x6000, 4), ~0UL);
	vpci_cfg_write(v, VF(1), PCI_COMMAND, 2, 0);
	assert_int_equal(vpci_refused(v), 3);
	/* And come back elsewhere. */
	wr(SRIOV + 0x24, 4, 0x8000);
	wr(SRIOV + 0x28, 4, 0xa);
	vfs(true);
	assert_int_equal(host_at(VF_BAR + 0xc000, NULL), HOST_DIRECT);
	assert_int_equal(host_at(VF_BAR + 0xe000, NULL), HOST_TRAP);
	assert_int_equal(host_at(VF_BAR + 0x4000, NULL), HOST_NOTHING);
	vpci_cfg_write(v, VF(1), MSIX_ON, 2, 0x8000);
	assert_non_null(host_irq_of(VF(1), 1));
}

static void test_create_failures(void **state)
{
	unsigned int n = 0;
	int rc;

	(void)state;
	do {
		end(NULL);
		machine();
		scan();
		fake_fail(FAKE_FAULT_ALLOC, ++n);
		rc = vpci_create(NULL, &registry, &v);
		assert_int_equal(rc, fake_fault_struck() ? -ENOMEM : 0);
	} while (rc != 0);
	assert_int_equal(n, 5);
	fake_fail(FAKE_FAULT_ALLOC, 0);
	vpci_destroy(v);
	v = NULL;
	/* Without its trap a table cannot be used, all else can. */
	host_fail_trap = 1;
	assert_int_equal(vpci_create(NULL, &registry, &v), 0);
	wr(MSIX_ON, 2, 0x8000);
	assert_int_equal(rd(MSIX_ON, 2) & 0x8000, 0);
}

/*
 * Whatever is written anywhere: the device's MSI registers are never the guest's,
 * and an interrupt lives exactly while the guest sees its capability enabled.
 */
static void test_random(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 30; seed++) {
		srand(seed);
		for (unsigned int i = 0; i < 400; i++) {
			unsigned int size = 1u << rand() % 3, reg = (unsigned int)rand() % 0x90 & ~(size - 1);
			struct vpci_dev *dev = NULL;

			if (rand() % 2)
				wr(reg, size, (uint32_t)rand());
			else if (host_at(TABLE, &dev) == HOST_TRAP)
				vpci_mem_write(dev, TABLE + (unsigned int)rand() % (COUNT * 4) * 4, 4,
					(uint32_t)rand());
			assert_int_equal(fake_cfg_get32(fn, MSI + 4), 0);
			assert_int_equal(fake_cfg_get32(fn, MSI + 12), 0);
			assert_int_equal(fake_cfg_get32(fn, MSI) >> 16 & 1, rd(MSI_ON, 2) & 1);
			assert_int_equal(fake_cfg_get32(fn, MSIX) >> 31, rd(MSIX_ON, 2) >> 15);
		}
		end(NULL);
		prepare(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads_and_plain_writes_pass, prepare, end),
		cmocka_unit_test_setup_teardown(test_hidden, prepare, end),
		cmocka_unit_test_setup_teardown(test_refused_registers, prepare, end),
		cmocka_unit_test_setup_teardown(test_bars_follow, prepare, end),
		cmocka_unit_test_setup_teardown(test_msi, prepare, end),
		cmocka_unit_test_setup_teardown(test_msix, prepare, end),
		cmocka_unit_test_setup_teardown(test_msix_page, prepare, end),
		cmocka_unit_test_setup_teardown(test_msix_follows, prepare, end),
		cmocka_unit_test_setup_teardown(test_bad_devices, prepare, end),
		cmocka_unit_test_setup_teardown(test_appears_later, prepare, end),
		cmocka_unit_test_setup_teardown(test_virtual_functions, prepare, end),
		cmocka_unit_test_setup_teardown(test_create_failures, prepare, end),
		cmocka_unit_test_setup_teardown(test_random, prepare, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
