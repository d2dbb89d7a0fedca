/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MSI capability: PCI Local Bus 3.0 section 6.8.1. The guest is offered one
 * message: several would need that many vectors in a row on one processor.
 */
#include "vpci_priv.h"

#define MSI_CONTROL	  2
#define MSI_CTL_ENABLE	  0x0001U
#define MSI_CTL_MULTI	  0x007eU /* messages that it can send, and that it may */
#define MSI_CTL_WIDE	  0x0080U
#define MSI_CTL_MASKABLE  0x0100U
#define MSI_ADDRESS	  4
#define MSI_ADDRESS_HIGH  8
#define MSI_DATA(wide)	  ((wide) ? 12U : 8U)
#define MSI_MASK(wide)	  ((wide) ? 16U : 12U)
#define MSI_PENDING(wide) ((wide) ? 20U : 16U)

static uint16_t msi_control(const struct vpci_dev *dev)
{
	return pci_cfg_read16(dev->sbdf, dev->msi.cap + MSI_CONTROL);
}

static void msi_enable(const struct vpci_dev *dev, bool on)
{
	uint32_t control = msi_control(dev) & ~(MSI_CTL_MULTI | MSI_CTL_ENABLE);

	pci_cfg_write16(
		dev->sbdf, dev->msi.cap + MSI_CONTROL, (uint16_t)(control | (on ? MSI_CTL_ENABLE : 0)));
}

void vpci_msi_init(struct vpci_dev *dev, const struct pci_dev *pci)
{
	struct vpci_msi *m = &dev->msi;
	uint16_t control;

	m->cap = (uint16_t)pci_dev_cap(pci, PCI_CAP_MSI);
	if (!m->cap)
		return;
	control = msi_control(dev);
	m->wide = control & MSI_CTL_WIDE;
	m->maskable = control & MSI_CTL_MASKABLE;
	/* The whole capability within the first 256 bytes, or none: the list is the device's word. */
	if (m->cap + vpci_msi_bytes(dev) > PCI_CFG_BYTES) {
		*m = (struct vpci_msi){.cap = 0};
		return;
	}
	if (control & MSI_CTL_ENABLE)
		msi_enable(dev, false);
}

unsigned int vpci_msi_bytes(const struct vpci_dev *dev)
{
	return dev->msi.maskable ? MSI_PENDING(dev->msi.wide) + 4 : MSI_DATA(dev->msi.wide) + 4;
}

uint32_t vpci_msi_read(const struct vpci_dev *dev, unsigned int reg)
{
	const struct vpci_msi *m = &dev->msi;
	uint32_t value = pci_cfg_read32(dev->sbdf, m->cap + reg);

	if (reg == 0)
		return (value & ~((MSI_CTL_MULTI | MSI_CTL_ENABLE) << 16)) |
		       (m->enabled ? MSI_CTL_ENABLE << 16 : 0);
	if (reg == MSI_ADDRESS)
		return (uint32_t)m->address;
	if (reg == MSI_ADDRESS_HIGH && m->wide)
		return (uint32_t)(m->address >> 32);
	if (reg == MSI_DATA(m->wide))
		return m->data;
	if (reg == MSI_MASK(m->wide))
		return m->masked;
	return value;
}

static void msi_on(struct vpci_dev *dev)
{
	struct vpci_msi *m = &dev->msi;
	struct vpci_source source = {
		.sbdf = dev->sbdf, .cap = m->cap, .wide = m->wide, .maskable = m->maskable};
	int rc = vpci_irq_create(
		dev->v->owner, &source, m->address, m->data, m->maskable && m->masked, &m->irq);

	if (rc < 0) {
		env_log(ENV_LOG_ERR, PRI_SBDF ": MSI not enabled: no interrupt (error %d)",
			SBDF_ARGS(dev->sbdf), -rc);
		return;
	}
	m->enabled = true;
	msi_enable(dev, true);
}

void vpci_msi_off(struct vpci_dev *dev)
{
	struct vpci_msi *m = &dev->msi;

	if (!m->irq)
		return;
	msi_enable(dev, false);
	vpci_irq_destroy(m->irq);
	m->irq = NULL;
	m->enabled = false;
}

static void msi_control_write(struct vpci_dev *dev, uint32_t control)
{
	bool on = control & MSI_CTL_ENABLE;

	if (on && !dev->msi.enabled)
		msi_on(dev);
	else if (!on && dev->msi.enabled)
		vpci_msi_off(dev);
}

/* The address and the data change one after the other: in between the interrupt goes where the guest said. */
static void msi_moved(struct vpci_msi *m)
{
	if (m->irq)
		vpci_irq_target(m->irq, m->address, m->data);
}

void vpci_msi_write(struct vpci_dev *dev, unsigned int reg, uint32_t value)
{
	struct vpci_msi *m = &dev->msi;

	if (reg == 0) {
		msi_control_write(dev, value >> 16);
	} else if (reg == MSI_ADDRESS) {
		m->address = (m->address & ~0xffffffffUL) | (value & ~3U);
		msi_moved(m);
	} else if (reg == MSI_ADDRESS_HIGH && m->wide) {
		m->address = (uint32_t)m->address | (uint64_t)value << 32;
		msi_moved(m);
	} else if (reg == MSI_DATA(m->wide)) {
		m->data = value & 0xffff;
		msi_moved(m);
	} else if (reg == MSI_MASK(m->wide) && m->maskable) {
		m->masked = value & 1;
		if (m->irq)
			vpci_irq_mask(m->irq, m->masked);
	}
}
