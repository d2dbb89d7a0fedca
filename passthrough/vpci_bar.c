/* SPDX-License-Identifier: GPL-2.0-only */
/* Base address registers: the guest's memory map follows what the device decodes. PCIe 7.5.1.2.1. */
#include "vpci_priv.h"

void vpci_bars_init(struct vpci_dev *dev, const struct pci_dev *pci)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *b = &pci->bar[i];

		if (b->kind == PCI_BAR_NONE || b->kind == PCI_BAR_PORTS || b->size == 0)
			continue;
		dev->bar[i] = (struct vpci_bar){.reg = b->reg, .kind = b->kind, .size = b->size};
	}
}

static uint64_t bar_read64(sbdf_t sbdf, const struct vpci_bar *b)
{
	uint32_t low = pci_cfg_read32(sbdf, b->reg);

	if (b->kind == PCI_BAR_MEM64)
		return (uint64_t)pci_cfg_read32(sbdf, b->reg + 4U) << 32 | (low & PCI_BAR_MEM_MASK);
	return low & PCI_BAR_MEM_MASK;
}

/* What the registers say, whether it decodes or not. A virtual function's are in the physical one. */
static uint64_t bar_read(const struct vpci_dev *dev, const struct vpci_bar *b)
{
	if (dev->pf)
		return bar_read64(dev->pf->sbdf, b) + dev->number * b->size;
	if (b->kind == PCI_BAR_ROM) {
		uint32_t rom = pci_cfg_read32(dev->sbdf, b->reg);

		return rom & PCI_ROM_ENABLE ? rom & PCI_ROM_MASK : 0;
	}
	return bar_read64(dev->sbdf, b);
}

/* All-ones is sizing, not an address; nor is what would wrap. */
static bool bar_plausible(const struct vpci_bar *b, uint64_t base)
{
	uint64_t width = b->kind == PCI_BAR_MEM64 ? ~0UL : 0xffffffffUL;

	return base != 0 && base != (width & ~(b->size - 1)) && (base & (b->size - 1)) == 0 &&
	       base <= width - (b->size - 1);
}

paddr_t vpci_bar_base(const struct vpci_dev *dev, unsigned int i)
{
	return dev->bar[i].mapped;
}

/* Pages that hold less than a whole region may be others' as well: they stay mapped. */
static void bar_unmap(struct vpci_dev *dev, struct vpci_bar *b)
{
	if (b->mapped && b->size >= PAGE_SIZE)
		vpci_unmap(dev->v->owner, b->mapped, b->size);
	b->mapped = 0;
}

void vpci_bars_unmap(struct vpci_dev *dev)
{
	for (unsigned int i = 0; i < PCI_BARS; i++)
		bar_unmap(dev, &dev->bar[i]);
}

static bool dev_decodes(const struct vpci_dev *dev)
{
	if (dev->pf)
		return vpci_vf_decodes(dev);
	return pci_cfg_read16(dev->sbdf, PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

static bool bar_follow(struct vpci_dev *dev, struct vpci_bar *b)
{
	uint64_t base = bar_read(dev, b);

	if (base == b->mapped || !bar_plausible(b, base))
		return false;
	bar_unmap(dev, b);
	if (vpci_map(dev->v->owner, base, b->size) == 0)
		b->mapped = base;
	return true;
}

/* A region that stops decoding keeps its mapping until it decodes elsewhere: sizing switches it off and on again. */
void vpci_bars_follow(struct vpci_dev *dev)
{
	bool moved = false;

	if (!dev_decodes(dev))
		return;
	for (unsigned int i = 0; i < PCI_BARS; i++)
		if (dev->bar[i].reg && bar_follow(dev, &dev->bar[i]))
			moved = true;
	if (moved)
		vpci_msix_follow(dev);
}
