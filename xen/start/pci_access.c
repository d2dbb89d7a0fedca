/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lock order: ports_lock is a LOCK_RANK_DEVICE lock and nothing is taken inside.
 */
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include <hv/pci_access.h>
#include <hv/spinlock.h>
#include <pt/pci.h>
#include <pt/pci_regs.h>

#define PORT_ADDRESS   0xcf8
#define ADDRESS_ENABLE 0x80000000U
#define PORT_DATA      0xcfc

#define BUS_SHIFT 20 /* ECAM: 1 MiB a bus, 4 KiB a function */
#define FN_SHIFT  12
#define ALL_ONES  0xffffffffU

struct window {
	volatile uint8_t *base; /* of first_bus */
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

static struct window windows[ACPI_MCFG_MAX];
static unsigned int window_count;
static struct spinlock ports_lock = SPINLOCK_INIT("pci ports", LOCK_RANK_DEVICE);

/* --- Ports. --- */

static uint32_t ports_address(sbdf_t sbdf, unsigned int reg)
{
	return ADDRESS_ENABLE | sbdf_rid(sbdf) << 8 | (reg & 0xfc);
}

static uint32_t ports_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	uint16_t data = (uint16_t)(PORT_DATA + (reg & 3));
	uint64_t flags = spin_lock_irq(&ports_lock);
	uint32_t value;

	outl(PORT_ADDRESS, ports_address(sbdf, reg));
	switch (size) {
	case 1:
		value = inb(data);
		break;
	case 2:
		value = inw(data);
		break;
	default:
		value = inl(data);
	}
	spin_unlock_irq(&ports_lock, flags);
	return value;
}

static void ports_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	uint16_t data = (uint16_t)(PORT_DATA + (reg & 3));
	uint64_t flags = spin_lock_irq(&ports_lock);

	outl(PORT_ADDRESS, ports_address(sbdf, reg));
	switch (size) {
	case 1:
		outb(data, (uint8_t)value);
		break;
	case 2:
		outw(data, (uint16_t)value);
		break;
	default:
		outl(data, value);
	}
	spin_unlock_irq(&ports_lock, flags);
}

/* --- Windows. --- */

static volatile uint8_t *window_register(const struct window *w, sbdf_t sbdf, unsigned int reg)
{
	size_t bus = sbdf_bus(sbdf) - w->first_bus;

	return w->base + (bus << BUS_SHIFT) + (sbdf_devfn(sbdf) << FN_SHIFT) + reg;
}

static volatile uint8_t *register_find(sbdf_t sbdf, unsigned int reg)
{
	for (unsigned int i = 0; i < window_count; i++) {
		const struct window *w = &windows[i];

		if (w->segment == sbdf_seg(sbdf) && sbdf_bus(sbdf) >= w->first_bus &&
			sbdf_bus(sbdf) <= w->last_bus)
			return window_register(w, sbdf, reg);
	}
	return NULL;
}

static uint32_t window_read(const volatile uint8_t *at, unsigned int size)
{
	switch (size) {
	case 1:
		return mmio_read8(at);
	case 2:
		return mmio_read16(at);
	default:
		return mmio_read32(at);
	}
}

static void window_write(volatile uint8_t *at, unsigned int size, uint32_t value)
{
	switch (size) {
	case 1:
		mmio_write8(at, (uint8_t)value);
		break;
	case 2:
		mmio_write16(at, (uint16_t)value);
		break;
	default:
		mmio_write32(at, value);
	}
}

/* --- Both. --- */

/* What the ports reach goes through them: they need no trust in firmware. */
static bool by_ports(sbdf_t sbdf, unsigned int reg)
{
	return sbdf_seg(sbdf) == 0 && reg < PCI_CFG_BYTES;
}

uint32_t pci_access_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	volatile uint8_t *at;

	if (by_ports(sbdf, reg))
		return ports_read(sbdf, reg, size);
	at = register_find(sbdf, reg);
	return at ? window_read(at, size) : ALL_ONES >> (32 - 8 * size);
}

void pci_access_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	volatile uint8_t *at;

	if (by_ports(sbdf, reg)) {
		ports_write(sbdf, reg, size, value);
		return;
	}
	at = register_find(sbdf, reg);
	if (at)
		window_write(at, size, value);
}

/* --- Set up. --- */

/* A window that shows something else than configuration space must never be written to. */
static bool window_matches_ports(const struct window *w)
{
	for (unsigned int slot = 0; slot < 32; slot++) {
		sbdf_t sbdf = SBDF(0, w->first_bus, slot, 0);
		uint32_t ids = ports_read(sbdf, PCI_VENDOR, 4);

		if (mmio_read32(window_register(w, sbdf, PCI_VENDOR)) != ids)
			return false;
	}
	return true;
}

static void window_add(const struct acpi_ecam *ecam)
{
	struct window w = {
		.segment = ecam->segment, .first_bus = ecam->first_bus, .last_bus = ecam->last_bus};
	paddr_t base = ecam->base + ((paddr_t)w.first_bus << BUS_SHIFT);
	uint64_t bytes = ((uint64_t)w.last_bus - w.first_bus + 1) << BUS_SHIFT;

	w.base = ioremap(base, bytes, MAP_UC);
	if (!w.base) {
		log_err("pci: segment %04x: window at 0x%lx of %lu MiB cannot be mapped, not used", w.segment,
			base, bytes >> BUS_SHIFT);
		return;
	}
	if (w.segment == 0 && !window_matches_ports(&w)) {
		iounmap(w.base);
		log_err("pci: segment 0000: window at 0x%lx is not configuration space, not used", base);
		return;
	}
	windows[window_count++] = w;
	log_info("pci: segment %04x: buses %02x-%02x at 0x%lx", w.segment, w.first_bus, w.last_bus, base);
}

void pci_access_init(const struct acpi_mcfg *mcfg)
{
	window_count = 0;
	for (uint32_t i = 0; i < mcfg->count && i < ACPI_MCFG_MAX; i++)
		if (mcfg->ecam[i].first_bus <= mcfg->ecam[i].last_bus)
			window_add(&mcfg->ecam[i]);
}

size_t pci_access_ranges(struct pci_scan_range ranges[PCI_ACCESS_RANGES_MAX])
{
	size_t count = 0;

	ranges[count++] = (struct pci_scan_range){.segment = 0, .start_bus = 0, .end_bus = 255};
	for (unsigned int i = 0; i < window_count; i++)
		if (windows[i].segment != 0)
			ranges[count++] = (struct pci_scan_range){
				.segment = windows[i].segment,
				.start_bus = windows[i].first_bus,
				.end_bus = windows[i].last_bus,
			};
	return count;
}

BUILD_ASSERT(PCI_ACCESS_RANGES_MAX == ACPI_MCFG_MAX + 1);
