/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: every access of a guest to configuration space. A function is found in a hash
 * table, a register in the function's few ranges; what is in none passes.
 *
 * Lock order: vpci.lock (ENV_RANK_VPCI) -> those of the seam in pt/vpci.h.
 */
#include <errno.h>
#include "vpci_priv.h"

/*
 * Registers of capabilities that are not the guest's to write, whatever it drives:
 * they say what the IOMMU sees of the device, how devices reach each other, or
 * what the hypervisor has measured. Offsets in double words from the capability.
 */
static const struct {
	uint16_t id;
	uint16_t first, end;
} vpci_refused_ecaps[] = {
	{PCI_ECAP_ACS, 0x04, 0x08},   /* control: PCIe 7.7.11.3 */
	{PCI_ECAP_ATS, 0x04, 0x08},   /* control: PCIe 10.5.1.3 */
	{PCI_ECAP_REBAR, 0x04, 0x34}, /* sizes: PCIe 7.8.6.3 */
};

static unsigned int vpci_hash(sbdf_t sbdf)
{
	return (sbdf.v * 0x9e3779b1U >> 16) % VPCI_BUCKETS;
}

static struct vpci_dev *vpci_find(const struct vpci *v, sbdf_t sbdf)
{
	for (struct vpci_dev *dev = v->bucket[vpci_hash(sbdf)]; dev; dev = dev->next)
		if (sbdf_eq(dev->sbdf, sbdf))
			return dev;
	return NULL;
}

/* At 1, 2, 4, 8, ... of the domain, and the first of each function. */
void vpci_refuse(struct vpci_dev *dev, unsigned int reg, uint32_t value)
{
	uint64_t n = ++dev->v->refused;

	if (dev->said && (n & (n - 1)))
		return;
	dev->said = true;
	env_log(ENV_LOG_WARN, PRI_SBDF ": write of %#x to register %#x refused (%lu refused so far)",
		SBDF_ARGS(dev->sbdf), value, reg, n);
}

static void range_add(struct vpci_dev *dev, unsigned int first, unsigned int end, enum vpci_what what)
{
	uint32_t at = dev->range_count;

	if (at == VPCI_RANGES_MAX)
		return;
	for (; at > 0 && dev->range[at - 1].first > first; at--)
		dev->range[at] = dev->range[at - 1];
	dev->range[at] =
		(struct vpci_range){.first = (uint16_t)first, .end = (uint16_t)end, .what = (uint8_t)what};
	dev->range_count++;
}

static enum vpci_what range_find(const struct vpci_dev *dev, unsigned int reg)
{
	for (uint32_t i = 0; i < dev->range_count && dev->range[i].first <= reg; i++)
		if (reg < dev->range[i].end)
			return dev->range[i].what;
	return VPCI_PASS;
}

static void dev_refused_init(struct vpci_dev *dev, const struct pci_dev *pci)
{
	for (size_t i = 0; i < ARRAY_SIZE(vpci_refused_ecaps); i++) {
		unsigned int cap = pci_dev_ecap(pci, vpci_refused_ecaps[i].id);

		if (cap)
			range_add(dev, cap + vpci_refused_ecaps[i].first, cap + vpci_refused_ecaps[i].end,
				VPCI_REFUSE);
	}
}

static void dev_ranges_init(struct vpci_dev *dev, const struct pci_dev *pci)
{
	range_add(dev, PCI_COMMAND & ~3U, 8, VPCI_COMMAND);
	for (unsigned int i = 0; i < PCI_BARS; i++)
		if (dev->bar[i].reg && !dev->pf)
			range_add(dev, dev->bar[i].reg,
				dev->bar[i].reg + (dev->bar[i].kind == PCI_BAR_MEM64 ? 8U : 4U), VPCI_BAR);
	/* The hypervisor knows devices by their numbers: a bridge that has some keeps them. */
	if (pci_dev_is_bridge(pci) && pci->followed)
		range_add(dev, PCI_PRIMARY_BUS, PCI_PRIMARY_BUS + 4, VPCI_BUSES);
	if (dev->sriov.cap)
		range_add(dev, dev->sriov.cap + 8U, dev->sriov.cap + 12U, VPCI_SRIOV);
	if (dev->msi.cap)
		range_add(dev, dev->msi.cap, dev->msi.cap + vpci_msi_bytes(dev), VPCI_MSI);
	if (dev->msix.cap)
		range_add(dev, dev->msix.cap, dev->msix.cap + 4U, VPCI_MSIX);
	dev_refused_init(dev, pci);
}

/* pf: of the virtual function with this number; NULL for all others. */
static int dev_create(struct vpci *v, const struct pci_dev *pci, struct vpci_dev *pf, uint16_t number)
{
	struct vpci_dev *dev = env_alloc(sizeof(*dev));
	unsigned int bucket = vpci_hash(pci->sbdf);
	int rc;

	if (!dev)
		return -ENOMEM;
	dev->v = v;
	dev->sbdf = pci->sbdf;
	dev->pf = pf;
	dev->number = number;
	if (pf)
		vpci_vf_bars_init(dev);
	else
		vpci_bars_init(dev, pci);
	vpci_sriov_init(dev, pci);
	vpci_msi_init(dev, pci);
	rc = vpci_msix_init(dev, pci);
	if (rc < 0) {
		env_free(dev);
		return rc;
	}
	dev_ranges_init(dev, pci);
	vpci_bars_follow(dev);
	/* Readers take no lock: what they find is complete. */
	dev->next = v->bucket[bucket];
	env_wmb();
	WRITE_ONCE(v->bucket[bucket], dev);
	return 0;
}

static void dev_destroy(struct vpci_dev *dev)
{
	vpci_msi_off(dev);
	vpci_msix_off(dev);
	vpci_msix_untrap(dev);
	env_free(dev->msix.entry);
	env_free(dev);
}

int vpci_create(struct domain *owner, const struct pci_registry *machine, struct vpci **ret)
{
	struct vpci *v = env_alloc(sizeof(*v));
	struct pci_dev *pci;
	int rc = 0;

	if (!v)
		return -ENOMEM;
	env_lock_init(&v->lock, ENV_RANK_VPCI);
	v->owner = owner;
	pci_for_each (pci, machine) {
		rc = dev_create(v, pci, NULL, 0);
		if (rc < 0)
			break;
	}
	if (rc < 0)
		vpci_destroy(v);
	else
		*ret = v;
	return rc;
}

void vpci_destroy(struct vpci *v)
{
	if (!v)
		return;
	for (unsigned int i = 0; i < VPCI_BUCKETS; i++) {
		while (v->bucket[i]) {
			struct vpci_dev *dev = v->bucket[i];

			v->bucket[i] = dev->next;
			dev_destroy(dev);
		}
	}
	env_free(v);
}

int vpci_add(struct vpci *v, const struct pci_dev *pci)
{
	int rc;

	env_lock(&v->lock);
	rc = vpci_find(v, pci->sbdf) ? -EEXIST : dev_create(v, pci, NULL, 0);
	env_unlock(&v->lock);
	return rc;
}

int vpci_hide(struct vpci *v, sbdf_t sbdf)
{
	struct vpci_dev *dev = vpci_find(v, sbdf);

	if (!dev)
		return -ENODEV;
	env_lock(&v->lock);
	dev->hidden = true;
	env_unlock(&v->lock);
	return 0;
}

/* The double word as the guest sees it. */
static uint32_t dev_read32(const struct vpci_dev *dev, unsigned int reg)
{
	switch (range_find(dev, reg)) {
	case VPCI_MSI:
		return vpci_msi_read(dev, reg - dev->msi.cap);
	case VPCI_MSIX:
		return vpci_msix_read(dev, reg - dev->msix.cap);
	default:
		return pci_cfg_read32(dev->sbdf, reg);
	}
}

uint32_t vpci_cfg_read(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	struct vpci_dev *dev = vpci_find(v, sbdf);
	enum vpci_what what = dev ? range_find(dev, reg & ~3U) : VPCI_PASS;
	uint32_t mask = size == 4 ? ~0U : (1U << size * 8) - 1;
	uint32_t value;

	if (dev && dev->hidden)
		return mask;
	if (what != VPCI_MSI && what != VPCI_MSIX)
		return env_cfg_read(sbdf, reg, size);
	env_lock(&v->lock);
	value = dev_read32(dev, reg & ~3U) >> (reg & 3) * 8;
	env_unlock(&v->lock);
	return value & mask;
}

/* The double word with the written bytes in it. */
static uint32_t dev_merge(const struct vpci_dev *dev, unsigned int reg, unsigned int size, uint32_t value)
{
	uint32_t mask = (size == 4 ? ~0U : (1U << size * 8) - 1) << (reg & 3) * 8;

	return (dev_read32(dev, reg & ~3U) & ~mask) | (value << (reg & 3) * 8 & mask);
}

/* The latency timer beside the numbers passes with them when they do not change. */
static void dev_buses_write(struct vpci_dev *dev, unsigned int reg, unsigned int size, uint32_t value)
{
	if ((dev_merge(dev, reg, size, value) ^ pci_cfg_read32(dev->sbdf, PCI_PRIMARY_BUS)) & 0xffffff)
		vpci_refuse(dev, reg, value);
	else
		env_cfg_write(dev->sbdf, reg, size, value);
}

/* Lock held. */
static void dev_write(struct vpci_dev *dev, unsigned int reg, unsigned int size, uint32_t value)
{
	switch (range_find(dev, reg & ~3U)) {
	case VPCI_COMMAND:
	case VPCI_BAR:
		env_cfg_write(dev->sbdf, reg, size, value);
		vpci_bars_follow(dev);
		break;
	case VPCI_BUSES:
		dev_buses_write(dev, reg, size, value);
		break;
	case VPCI_MSI:
		vpci_msi_write(dev, (reg & ~3U) - dev->msi.cap, dev_merge(dev, reg, size, value));
		break;
	case VPCI_MSIX:
		vpci_msix_write(dev, (reg & ~3U) - dev->msix.cap, dev_merge(dev, reg, size, value));
		break;
	case VPCI_SRIOV:
		vpci_sriov_write(dev, reg, size, value, dev_merge(dev, reg, size, value));
		break;
	case VPCI_REFUSE:
		vpci_refuse(dev, reg, value);
		break;
	default:
		env_cfg_write(dev->sbdf, reg, size, value);
		break;
	}
}

/* A function that was not there at the start: one behind a hot-plug port, or a virtual one. */
static struct vpci_dev *vpci_appeared(struct vpci *v, sbdf_t sbdf)
{
	uint16_t number = 0;
	struct vpci_dev *pf = vpci_vf_parent(v, sbdf, &number);
	struct pci_dev *pci;
	int rc = pf ? vpci_vf_probe(sbdf, &pci) : pci_probe(sbdf, PCI_SCAN_SIZE_BARS, &pci);

	if (rc < 0)
		return NULL;
	rc = dev_create(v, pci, pf, number);
	if (rc < 0)
		env_log(ENV_LOG_ERR, PRI_SBDF ": a function that appeared cannot be used (error %d)",
			SBDF_ARGS(sbdf), -rc);
	pci_dev_free(pci);
	return vpci_find(v, sbdf);
}

void vpci_cfg_write(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	struct vpci_dev *dev;

	if (size < 4)
		value &= (1U << size * 8) - 1;
	env_lock(&v->lock);
	dev = vpci_find(v, sbdf);
	if (!dev)
		dev = vpci_appeared(v, sbdf);
	if (!dev || dev->hidden || dev->gone)
		v->refused++;
	else
		dev_write(dev, reg, size, value);
	env_unlock(&v->lock);
}

uint64_t vpci_refused(const struct vpci *v)
{
	return v->refused;
}
