/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSI-X: PCI Local Bus 3.0 section 6.8.2. The pages that hold the table trap; the
 * guest's table is kept here, the device's is the hypervisor's. What else stands in
 * those pages (the pending bits, other registers) is passed on in double words.
 */
#include <errno.h>
#include "vpci_priv.h"

#define MSIX_CONTROL	2
#define MSIX_CTL_COUNT	0x07ffU /* less one */
#define MSIX_CTL_MASK	0x4000U
#define MSIX_CTL_ENABLE 0x8000U
#define MSIX_TABLE	4
#define MSIX_TABLE_BAR	7U

#define ENTRY_BYTES	   16U
#define ENTRY_ADDRESS	   0
#define ENTRY_ADDRESS_HIGH 4
#define ENTRY_DATA	   8
#define ENTRY_CONTROL	   12
#define ENTRY_MASKED	   1U

static uint16_t msix_control(const struct vpci_dev *dev)
{
	return pci_cfg_read16(dev->sbdf, dev->msix.cap + MSIX_CONTROL);
}

static void msix_control_set(const struct vpci_dev *dev, uint32_t bits)
{
	uint32_t control = msix_control(dev) & ~(MSIX_CTL_ENABLE | MSIX_CTL_MASK);

	pci_cfg_write16(dev->sbdf, dev->msix.cap + MSIX_CONTROL, (uint16_t)(control | bits));
}

static paddr_t msix_table(const struct vpci_dev *dev)
{
	paddr_t base = vpci_bar_base(dev, dev->msix.bar);

	return base ? base + dev->msix.offset : 0;
}

static uint64_t msix_table_bytes(const struct vpci_dev *dev)
{
	return (uint64_t)dev->msix.count * ENTRY_BYTES;
}

/* The table lies in a region that exists, or MSI-X is not for the guest to enable. */
static bool msix_place_valid(const struct vpci_dev *dev)
{
	const struct vpci_msix *m = &dev->msix;

	return m->bar < PCI_BAR_ROM_INDEX && dev->bar[m->bar].reg &&
	       m->offset + msix_table_bytes(dev) <= dev->bar[m->bar].size;
}

int vpci_msix_init(struct vpci_dev *dev, const struct pci_dev *pci)
{
	struct vpci_msix *m = &dev->msix;
	uint32_t table;

	m->cap = (uint16_t)pci_dev_cap(pci, PCI_CAP_MSIX);
	if (!m->cap)
		return 0;
	table = pci_cfg_read32(dev->sbdf, m->cap + MSIX_TABLE);
	m->count = (uint16_t)((msix_control(dev) & MSIX_CTL_COUNT) + 1);
	m->bar = table & MSIX_TABLE_BAR;
	m->offset = table & ~MSIX_TABLE_BAR;
	if (!msix_place_valid(dev)) {
		env_log(ENV_LOG_WARN, PRI_SBDF ": MSI-X table of %u entries at %#x of BAR %u: not there",
			SBDF_ARGS(dev->sbdf), m->count, m->offset, m->bar);
		m->count = 0;
		m->bar = 0;
	}
	if (m->count) {
		m->entry = env_alloc(m->count * sizeof(*m->entry));
		if (!m->entry)
			return -ENOMEM;
	}
	for (unsigned int i = 0; i < m->count; i++)
		m->entry[i].masked = true;
	if (msix_control(dev) & MSIX_CTL_ENABLE)
		msix_control_set(dev, 0);
	return 0;
}

uint32_t vpci_msix_read(const struct vpci_dev *dev, unsigned int reg)
{
	const struct vpci_msix *m = &dev->msix;
	uint32_t value = pci_cfg_read32(dev->sbdf, m->cap + reg);

	return (value & ~((MSIX_CTL_ENABLE | MSIX_CTL_MASK) << 16)) |
	       (m->enabled ? MSIX_CTL_ENABLE << 16 : 0) | (m->masked ? MSIX_CTL_MASK << 16 : 0);
}

static bool entry_masked(const struct vpci_msix *m, const struct vpci_msix_entry *e)
{
	return m->masked || e->masked;
}

/* An interrupt for an entry that the guest opened; once it has one it keeps it until MSI-X is off. */
static void entry_update(struct vpci_dev *dev, struct vpci_msix_entry *e)
{
	struct vpci_msix *m = &dev->msix;
	uint16_t i = (uint16_t)(e - m->entry);
	struct vpci_source source = {.sbdf = dev->sbdf, .entry = i, .maskable = true, .cap = m->cap};
	int rc;

	if (!m->enabled || !m->pages)
		return;
	if (e->irq) {
		vpci_irq_target(e->irq, e->address, e->data);
		vpci_irq_mask(e->irq, entry_masked(m, e));
		return;
	}
	if (entry_masked(m, e))
		return;
	source.slot = m->pages + (msix_table(dev) - m->trapped) + i * ENTRY_BYTES;
	rc = vpci_irq_create(dev->v->owner, &source, e->address, e->data, false, &e->irq);
	if (rc < 0)
		env_log(ENV_LOG_ERR, PRI_SBDF ": MSI-X entry %u: no interrupt (error %d)",
			SBDF_ARGS(dev->sbdf), i, -rc);
}

static void msix_entries_update(struct vpci_dev *dev)
{
	for (unsigned int i = 0; i < dev->msix.count; i++)
		entry_update(dev, &dev->msix.entry[i]);
}

static void msix_slots_mask(struct vpci_dev *dev)
{
	volatile uint8_t *slot = dev->msix.pages + (msix_table(dev) - dev->msix.trapped);

	for (unsigned int i = 0; i < dev->msix.count; i++)
		env_write32(slot + i * ENTRY_BYTES + ENTRY_CONTROL, ENTRY_MASKED);
}

/* The device may send from here on: first every entry is closed, whatever firmware left there. */
static void msix_on(struct vpci_dev *dev)
{
	struct vpci_msix *m = &dev->msix;

	if (!m->count || !m->pages) {
		vpci_refuse(dev, m->cap + MSIX_CONTROL, MSIX_CTL_ENABLE);
		return;
	}
	msix_control_set(dev, MSIX_CTL_ENABLE | MSIX_CTL_MASK);
	msix_slots_mask(dev);
	m->enabled = true;
	msix_entries_update(dev);
	msix_control_set(dev, MSIX_CTL_ENABLE);
}

void vpci_msix_off(struct vpci_dev *dev)
{
	struct vpci_msix *m = &dev->msix;

	if (!m->enabled)
		return;
	for (unsigned int i = 0; i < m->count; i++) {
		if (m->entry[i].irq)
			vpci_irq_destroy(m->entry[i].irq);
		m->entry[i].irq = NULL;
	}
	msix_control_set(dev, 0);
	m->enabled = false;
}

void vpci_msix_write(struct vpci_dev *dev, unsigned int reg, uint32_t value)
{
	struct vpci_msix *m = &dev->msix;
	bool on = (value >> 16) & MSIX_CTL_ENABLE, masked = (value >> 16) & MSIX_CTL_MASK;

	if (reg != 0)
		return;
	if (!on)
		vpci_msix_off(dev);
	if (masked != m->masked) {
		m->masked = masked;
		msix_entries_update(dev);
	}
	if (on && !m->enabled)
		msix_on(dev);
}

/* --- The pages of the table. --- */

void vpci_msix_untrap(struct vpci_dev *dev)
{
	struct vpci_msix *m = &dev->msix;

	if (!m->trapped)
		return;
	vpci_untrap(dev->v->owner, m->trapped, m->trapped_bytes);
	env_mmio_unmap(m->pages, m->trapped_bytes);
	m->pages = NULL;
	m->trapped = 0;
}

void vpci_msix_follow(struct vpci_dev *dev)
{
	struct vpci_msix *m = &dev->msix;
	paddr_t table = msix_table(dev), first = table & PAGE_MASK;
	int rc;

	if (!m->count || first == m->trapped)
		return;
	vpci_msix_off(dev);
	vpci_msix_untrap(dev);
	if (!table)
		return;
	m->trapped_bytes = ALIGN_UP(table + msix_table_bytes(dev), PAGE_SIZE) - first;
	m->pages = env_mmio_map(first, m->trapped_bytes);
	rc = m->pages ? vpci_trap(dev->v->owner, first, m->trapped_bytes, dev) : -ENOMEM;
	if (rc == 0) {
		m->trapped = first;
		return;
	}
	env_log(ENV_LOG_ERR, PRI_SBDF ": MSI-X table at %#lx cannot be kept (error %d): MSI-X is off",
		SBDF_ARGS(dev->sbdf), table, -rc);
	if (m->pages)
		env_mmio_unmap(m->pages, m->trapped_bytes);
	m->pages = NULL;
}

/* The entry and the register in it; NULL when the access is not to the table. */
static struct vpci_msix_entry *entry_at(struct vpci_dev *dev, paddr_t address, unsigned int *ret_reg)
{
	uint64_t at = address - msix_table(dev);

	if (!dev->msix.trapped || address < msix_table(dev) || at >= msix_table_bytes(dev))
		return NULL;
	*ret_reg = at % ENTRY_BYTES & ~3U;
	return &dev->msix.entry[at / ENTRY_BYTES];
}

static bool in_pages(const struct vpci_dev *dev, paddr_t address, unsigned int size)
{
	const struct vpci_msix *m = &dev->msix;

	return m->trapped && address >= m->trapped && address - m->trapped + size <= m->trapped_bytes;
}

static uint32_t entry_read(const struct vpci_msix_entry *e, unsigned int reg)
{
	switch (reg) {
	case ENTRY_ADDRESS:
		return (uint32_t)e->address;
	case ENTRY_ADDRESS_HIGH:
		return (uint32_t)(e->address >> 32);
	case ENTRY_DATA:
		return e->data;
	default:
		return e->masked ? ENTRY_MASKED : 0;
	}
}

static void entry_write(struct vpci_msix_entry *e, unsigned int reg, uint32_t value)
{
	switch (reg) {
	case ENTRY_ADDRESS:
		e->address = (e->address & ~0xffffffffUL) | (value & ~3U);
		break;
	case ENTRY_ADDRESS_HIGH:
		e->address = (uint32_t)e->address | (uint64_t)value << 32;
		break;
	case ENTRY_DATA:
		e->data = value;
		break;
	default:
		e->masked = value & ENTRY_MASKED;
		break;
	}
}

/* One double word, aligned. */
static uint32_t mem_read32(struct vpci_dev *dev, paddr_t address)
{
	unsigned int reg = 0;
	struct vpci_msix_entry *e = entry_at(dev, address, &reg);

	if (e)
		return entry_read(e, reg);
	return env_read32(dev->msix.pages + (address - dev->msix.trapped));
}

static void mem_write32(struct vpci_dev *dev, paddr_t address, uint32_t value)
{
	unsigned int reg = 0;
	struct vpci_msix_entry *e = entry_at(dev, address, &reg);

	if (!e) {
		env_write32(dev->msix.pages + (address - dev->msix.trapped), value);
		return;
	}
	entry_write(e, reg, value);
	entry_update(dev, e);
}

uint64_t vpci_mem_read(struct vpci_dev *dev, paddr_t address, unsigned int size)
{
	uint64_t value = ~0UL;

	env_lock(&dev->v->lock);
	if (in_pages(dev, address, size) && (address & 3) + size <= 4)
		value = mem_read32(dev, address & ~3UL) >> (address & 3) * 8;
	else if (in_pages(dev, address, size) && size == 8 && IS_ALIGNED(address, 8))
		value = mem_read32(dev, address) | (uint64_t)mem_read32(dev, address + 4) << 32;
	env_unlock(&dev->v->lock);
	return value;
}

/* Smaller ones are not defined for the table (section 6.8.2), and could not be passed on without reading first. */
void vpci_mem_write(struct vpci_dev *dev, paddr_t address, unsigned int size, uint64_t value)
{
	env_lock(&dev->v->lock);
	if (!in_pages(dev, address, size) || size < 4 || !IS_ALIGNED(address, size)) {
		vpci_refuse(dev, (unsigned int)(address & (PAGE_SIZE - 1)), (uint32_t)value);
	} else {
		mem_write32(dev, address, (uint32_t)value);
		if (size == 8)
			mem_write32(dev, address + 4, (uint32_t)(value >> 32));
	}
	env_unlock(&dev->v->lock);
}
