/* SPDX-License-Identifier: GPL-2.0-only */
/* One function: everything that is read from its configuration space once. */
#include <errno.h>
#include <string.h>

#include <pt/pci.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>

/* What an empty slot answers, and what chipsets were seen to answer for one. */
static bool ids_absent(uint32_t ids)
{
	return (ids & 0xffff) == PCI_VENDOR_NONE || ids == 0 || ids == 0xffff0000;
}

static const struct pci_cap *cap_find(const struct pci_cap *caps, size_t count, uint16_t id, bool extended)
{
	for (size_t i = 0; i < count; i++)
		if (caps[i].id == id && caps[i].extended == extended)
			return &caps[i];
	return NULL;
}

static unsigned int list_offset(const struct pci_cap_list *list, uint16_t id)
{
	const struct pci_cap *cap = cap_find(list->cap, list->count, id, false);

	return cap ? cap->offset : 0;
}

unsigned int pci_dev_cap(const struct pci_dev *dev, uint16_t id)
{
	const struct pci_cap *cap = cap_find(dev->cap, dev->cap_count, id, false);

	return cap ? cap->offset : 0;
}

unsigned int pci_dev_ecap(const struct pci_dev *dev, uint16_t id)
{
	const struct pci_cap *cap = cap_find(dev->cap, dev->cap_count, id, true);

	return cap ? cap->offset : 0;
}

bool pci_dev_is_bridge(const struct pci_dev *dev)
{
	return dev->layout == PCI_HEADER_BRIDGE || dev->layout == PCI_HEADER_CARDBUS;
}

/* PCI Express and PCI-X mode 2 functions may have one; others must not be asked. */
static bool has_extended_space(sbdf_t sbdf, const struct pci_cap_list *list)
{
	unsigned int pcix = list_offset(list, PCI_CAP_PCIX);

	if (list_offset(list, PCI_CAP_PCIE))
		return true;
	/* At 0xfc there is no room for the status: a read would leave the compatible region. */
	if (!pcix || pcix + PCI_PCIX_STATUS >= PCI_CFG_BYTES)
		return false;
	return (pci_cfg_read32(sbdf, pcix + PCI_PCIX_STATUS) & (PCI_PCIX_266_CAP | PCI_PCIX_533_CAP)) != 0;
}

/* Some host bridges drop the upper address bits and show the header sixteen times. */
static bool extended_space_aliased(sbdf_t sbdf)
{
	uint32_t ids = pci_cfg_read32(sbdf, PCI_VENDOR);

	for (unsigned int reg = PCI_CFG_BYTES; reg < PCI_CFG_EXT_BYTES; reg += PCI_CFG_BYTES)
		if (pci_cfg_read32(sbdf, reg) != ids)
			return false;
	return true;
}

static uint16_t capabilities_read(sbdf_t sbdf, uint8_t layout, struct pci_cap_list *list)
{
	pci_caps_walk(sbdf, layout, list);
	if (!has_extended_space(sbdf, list) || pci_cfg_read32(sbdf, PCI_ECAP_BASE) == 0xffffffff)
		return PCI_CFG_BYTES;
	if (extended_space_aliased(sbdf)) {
		list->problems |= PCI_PROBLEM_CFG_ALIASED;
		return PCI_CFG_BYTES;
	}
	pci_ecaps_walk(sbdf, list);
	return PCI_CFG_EXT_BYTES;
}

static void subsystem_read(struct pci_dev *dev)
{
	unsigned int at = 0;

	if (dev->layout == PCI_HEADER_NORMAL)
		at = PCI_SUBVENDOR;
	else if (dev->layout == PCI_HEADER_CARDBUS)
		at = PCI_CARDBUS_SUBVENDOR;
	else if (pci_dev_cap(dev, PCI_CAP_SSVID))
		at = pci_dev_cap(dev, PCI_CAP_SSVID) + PCI_SSVID_VENDOR;
	if (!at || at + 2 >= PCI_CFG_BYTES)
		return;
	dev->subvendor = pci_cfg_read16(dev->sbdf, at);
	dev->subdevice = pci_cfg_read16(dev->sbdf, at + 2);
}

static void header_read(struct pci_dev *dev)
{
	uint32_t class_revision = pci_cfg_read32(dev->sbdf, PCI_REVISION);
	uint8_t type = pci_cfg_read8(dev->sbdf, PCI_HEADER_TYPE);

	dev->vendor = pci_cfg_read16(dev->sbdf, PCI_VENDOR);
	dev->device = pci_cfg_read16(dev->sbdf, PCI_DEVICE);
	dev->revision = class_revision & 0xff;
	dev->class_code = class_revision >> 8;
	dev->layout = type & PCI_HEADER_LAYOUT;
	dev->multifunction = (type & PCI_HEADER_MULTI) != 0;
	dev->interrupt_pin = pci_cfg_read8(dev->sbdf, PCI_INTERRUPT_PIN);
	if (dev->interrupt_pin > 4)
		dev->interrupt_pin = 0;
	if (dev->layout > PCI_HEADER_CARDBUS)
		dev->problems |= PCI_PROBLEM_HEADER_TYPE;
	if (!pci_dev_is_bridge(dev))
		return;
	dev->secondary = pci_cfg_read8(dev->sbdf, PCI_SECONDARY_BUS);
	dev->subordinate = pci_cfg_read8(dev->sbdf, PCI_SUBORDINATE_BUS);
}

static void pcie_type_read(struct pci_dev *dev)
{
	unsigned int at = pci_dev_cap(dev, PCI_CAP_PCIE);
	uint16_t caps;

	dev->pcie_type = PCI_PCIE_NONE;
	if (!at || at + PCI_PCIE_CAPS >= PCI_CFG_BYTES)
		return;
	caps = pci_cfg_read16(dev->sbdf, at + PCI_PCIE_CAPS);
	dev->pcie_type = (caps >> PCI_PCIE_TYPE_SHIFT) & PCI_PCIE_TYPE_MASK;
}

static void serial_read(struct pci_dev *dev)
{
	unsigned int at = pci_dev_ecap(dev, PCI_ECAP_DSN);

	if (!at || at + PCI_DSN_HIGH >= PCI_CFG_EXT_BYTES)
		return;
	dev->serial = (uint64_t)pci_cfg_read32(dev->sbdf, at + PCI_DSN_HIGH) << 32;
	dev->serial |= pci_cfg_read32(dev->sbdf, at + PCI_DSN_LOW);
	dev->has_serial = dev->serial != 0 && dev->serial != ~0UL;
}

/* A host bridge's decoding may carry RAM, so its registers are not sized. */
static void bars_find(struct pci_dev *dev, unsigned int flags)
{
	dev->bars_sized = (flags & PCI_SCAN_SIZE_BARS) && dev->class_code >> 8 != PCI_CLASS_HOST_BRIDGE;
	if (dev->bars_sized)
		dev->problems |= pci_bars_size(dev->sbdf, dev->layout, dev->bar);
	else
		dev->problems |= pci_bars_read(dev->sbdf, dev->layout, dev->bar);
	if (dev->problems & PCI_PROBLEM_BAR_DECODE)
		dev->bars_sized = false;
}

int pci_probe(sbdf_t sbdf, unsigned int flags, struct pci_dev **ret_dev)
{
	struct pci_cap_list list = {0};
	struct pci_dev *dev, header = {.sbdf = sbdf};

	if (ids_absent(pci_cfg_read32(sbdf, PCI_VENDOR)))
		return -ENODEV;
	header_read(&header);
	header.cfg_bytes = capabilities_read(sbdf, header.layout, &list);
	dev = env_alloc(sizeof(*dev) + list.count * sizeof(list.cap[0]));
	if (!dev)
		return -ENOMEM;
	*dev = header;
	dev->problems |= list.problems;
	dev->cap_count = list.count;
	memcpy(dev->cap, list.cap, list.count * sizeof(list.cap[0]));
	pcie_type_read(dev);
	subsystem_read(dev);
	serial_read(dev);
	bars_find(dev, flags);
	*ret_dev = dev;
	return 0;
}

void pci_dev_free(struct pci_dev *dev)
{
	env_free(dev);
}
