/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dom0 reaches of the machine. Addresses: everything that is not RAM, at its
 * own place, less what is emulated for it or nobody's to touch. Ports: all but
 * those of devices that the hypervisor has or that are emulated.
 */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/e820.h>
#include <hv/iomem.h>
#include <hv/iommu.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include <hv/pci.h>
#include <hv/portio.h>
#include <hv/uart.h>
#include <hv/vpci_io.h>
#include "dom0_priv.h"

#define MSI_BASE   0xfee00000UL /* writes here are interrupts; the LAPIC's registers are the first page */
#define MSI_BYTES  MIB(1)
#define LOW_END	   (MIB(1) >> PAGE_SHIFT)
#define HIGH_BASE  (GIB(4) >> PAGE_SHIFT)
#define PIT_FIRST  0x40
#define PIT_PORTS  4u
#define HPET_BYTES 1024u

/* --- What nobody maps. --- */

static int protect_iommus(void)
{
	int rc = 0;

	for (uint32_t i = 0; iommu_firmware && i < iommu_firmware->unit_count && rc == 0; i++) {
		const struct iommu_fw_unit *unit = &iommu_firmware->unit[i];

		if (unit->state == IOMMU_UNIT_USABLE && unit->bytes)
			rc = iomem_protect(unit->base, unit->bytes, "IOMMU");
	}
	return rc;
}

static int protect_ecam(void)
{
	int rc = 0;

	for (uint32_t i = 0; i < acpi.mcfg.count && rc == 0; i++) {
		const struct acpi_ecam *c = &acpi.mcfg.ecam[i];

		rc = iomem_protect(c->base + MIB(c->first_bus), MIB(c->last_bus - c->first_bus + 1), "ECAM");
	}
	return rc;
}

int dom0_devices_protect(void)
{
	int rc = iomem_protect(MSI_BASE, MSI_BYTES, "LAPIC");

	for (uint32_t i = 0; i < acpi.madt.ioapic_count && rc == 0; i++)
		rc = iomem_protect(acpi.madt.ioapic[i].base, PAGE_SIZE, "IOAPIC");
	if (rc == 0 && acpi.has_hpet)
		rc = iomem_protect(acpi.hpet.base, HPET_BYTES, "HPET");
	if (rc == 0)
		rc = protect_ecam();
	if (rc == 0)
		rc = protect_iommus();
	return rc;
}

/* --- Addresses. --- */

/* Below 1 MiB the machine's own MTRRs say what is memory and what is a screen. */
static enum p2m_type type_of(uint32_t e820_type, mfn_t first)
{
	if (first.v < LOW_END)
		return P2M_FIRMWARE;
	if (e820_type == E820_ACPI)
		return P2M_FIRMWARE_RO;
	return e820_type == E820_NVS || e820_type == E820_PMEM ? P2M_FIRMWARE : P2M_MMIO_DIRECT;
}

/* At its own place, around what is protected. */
static int map_identity(struct domain *d, mfn_t first, uint64_t frames, enum p2m_type type)
{
	uint64_t at = first.v, end = first.v + frames;
	int rc = 0;

	while (at < end && rc == 0) {
		const struct iomem_range *hole = iomem_protected(MFN(at), end - at);
		uint64_t stop = hole ? MAX(at, hole->first.v) : end;

		if (stop > at)
			rc = p2m_set_range(d, GFN(at), MFN(at), stop - at, type);
		at = hole ? hole->first.v + hole->frames : end;
	}
	return rc;
}

/* Part of the map, in whole frames from *cursor on: a frame that two entries share is the first one's. */
static int map_piece(struct domain *d, paddr_t base, paddr_t end, uint32_t e820_type, uint64_t *cursor)
{
	uint64_t first = MAX(base >> PAGE_SHIFT, *cursor);
	uint64_t stop = (end + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t low = MIN(stop, LOW_END);
	int rc = 0;

	if (first >= stop)
		return 0;
	*cursor = stop;
	if (first < low) {
		rc = map_identity(d, MFN(first), low - first, P2M_FIRMWARE);
		first = low;
	}
	if (rc == 0 && first < stop)
		rc = map_identity(d, MFN(first), stop - first, type_of(e820_type, MFN(first)));
	return rc;
}

/* All that the map names and is not RAM, and the holes below 4 GiB. Above, only what devices decode is mapped. */
static int map_machine(struct domain *d)
{
	uint64_t cursor = 0;
	int rc = 0;

	for (uint32_t i = 0; i < e820.count && rc == 0; i++) {
		const struct e820_entry *e = &e820.entry[i];

		if (cursor < HIGH_BASE)
			rc = map_piece(d, cursor << PAGE_SHIFT, MIN(e->base, GIB(4)), E820_RESERVED, &cursor);
		if (e->type == E820_RAM)
			cursor = MAX(cursor, (e->base + e->bytes) >> PAGE_SHIFT);
		else if (rc == 0)
			rc = map_piece(d, e->base, e->base + e->bytes, e->type, &cursor);
	}
	if (rc == 0 && cursor < HIGH_BASE)
		rc = map_piece(d, cursor << PAGE_SHIFT, GIB(4), E820_RESERVED, &cursor);
	return rc;
}

static int map_bar(struct domain *d, const struct pci_dev *dev, const struct pci_bar *bar)
{
	mfn_t first = paddr_to_mfn(bar->base);
	uint64_t frames = (bar->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	int rc;

	if (bar->kind != PCI_BAR_MEM64 || bar->size == 0 || first.v < HIGH_BASE)
		return 0;
	rc = map_identity(d, first, frames, P2M_MMIO_DIRECT);
	if (rc != 0 && rc != -ENOMEM) {
		log_warn(PRI_SBDF ": BAR at %lx, %lu bytes, not mapped for dom0 (error %d)",
			SBDF_ARGS(dev->sbdf), bar->base, bar->size, -rc);
		return 0;
	}
	return rc;
}

static int map_bars(struct domain *d)
{
	struct pci_dev *dev;
	int rc = 0;

	pci_for_each (dev, &pci_machine)
		for (unsigned int i = 0; i < PCI_BARS && rc == 0; i++)
			rc = map_bar(d, dev, &dev->bar[i]);
	return rc;
}

static int trap(struct domain *d, paddr_t base, uint64_t bytes)
{
	return p2m_set_range(d, GFN(base >> PAGE_SHIFT), INVALID_MFN, bytes >> PAGE_SHIFT, P2M_MMIO_TRAP);
}

static int map_traps(struct domain *d)
{
	int rc = trap(d, acpi.madt.lapic_base ? acpi.madt.lapic_base : MSI_BASE, PAGE_SIZE);

	for (uint32_t i = 0; i < acpi.madt.ioapic_count && rc == 0; i++)
		rc = trap(d, acpi.madt.ioapic[i].base, PAGE_SIZE);
	for (uint32_t i = 0; i < acpi.mcfg.count && rc == 0; i++) {
		const struct acpi_ecam *c = &acpi.mcfg.ecam[i];

		rc = trap(d, c->base + MIB(c->first_bus), MIB(c->last_bus - c->first_bus + 1));
	}
	return rc;
}

/* --- Ports. --- */

/* Sorted. What dom0 does not have, what is emulated for it, and the reset register, which is a hypercall's. */
static const struct {
	uint16_t first, count;
} ports_denied[] = {
	{0x20, 2},		/* 8259 */
	{PIT_FIRST, PIT_PORTS}, /* 8254 */
	{0xa0, 2},		/* 8259 */
	{0x4d0, 2},		/* its edge and level control */
	{0xcf8, 8},		/* configuration space, and reset at 0xcf9 */
};

#define UART_PORTS 8u

static int ports_allow(struct domain *d, uint32_t first, uint32_t end)
{
	const struct uart_params *uart = uart_present() ? uart_params() : NULL;
	uint32_t uart_first = uart && uart->io_base < UART_MMIO_MIN ? (uint32_t)uart->io_base : end;
	uint32_t stop = MIN(MAX(uart_first, first), end),
		 after = MAX(first, MIN(uart_first + UART_PORTS, end));
	int rc = 0;

	if (first < stop)
		rc = portio_allow(d, (uint16_t)first, stop - first);
	if (rc == 0 && stop < end && after < end)
		rc = portio_allow(d, (uint16_t)after, end - after);
	return rc;
}

static int map_ports(struct domain *d)
{
	uint32_t at = 0;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ports_denied) && rc == 0; i++) {
		rc = ports_allow(d, at, ports_denied[i].first);
		at = ports_denied[i].first + (uint32_t)ports_denied[i].count;
	}
	return rc == 0 ? ports_allow(d, at, 0x10000) : rc;
}

/*
 * A 8254 that stands still. Linux measures the TSC with it before it has found out that
 * there is none: all-ones look like a count that is about to fall, and cost 100,000 exits.
 */
static uint64_t pit_read(struct vcpu *v, void *ctx, uint64_t port, unsigned int bytes)
{
	(void)v;
	(void)ctx;
	(void)port;
	(void)bytes;
	return 0;
}

static void pit_write(struct vcpu *v, void *ctx, uint64_t port, unsigned int bytes, uint64_t value)
{
	(void)v;
	(void)ctx;
	(void)port;
	(void)bytes;
	(void)value;
}

static const struct trap_ops pit_ops = {.read = pit_read, .write = pit_write};

static int map_pit(struct domain *d)
{
	return portio_add(d, PIT_FIRST, PIT_PORTS, &pit_ops, NULL);
}

int dom0_devices_map(struct domain *d)
{
	static const struct {
		const char *what;
		int (*map)(struct domain *d);
	} steps[] = {
		{"emulated registers", map_traps},
		{"addresses", map_machine},
		{"device registers", map_bars},
		{"ports", map_ports},
		{"timer", map_pit},
		{"PCI functions", vpci_io_create},
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int rc = steps[i].map(d);

		if (rc != 0) {
			log_err("dom0: %s: error %d", steps[i].what, -rc);
			return rc;
		}
	}
	return 0;
}
