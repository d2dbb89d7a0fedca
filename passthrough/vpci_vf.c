/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual functions: they appear and go by a register of their physical function, and
 * their memory is where that one's registers say. PCIe 9.2.1 and 9.3.3.
 *
 * One that is gone stays in the table, without interrupts and memory, until it
 * comes back: an access to its trapped pages may be on its way.
 */
#include <errno.h>
#include <string.h>
#include "vpci_priv.h"

#define SRIOV_CONTROL	 0x08
#define SRIOV_CTL_VFS	 0x0001U
#define SRIOV_CTL_MEMORY 0x0008U
#define SRIOV_NUM_VFS	 0x10
#define SRIOV_OFFSET	 0x14
#define SRIOV_STRIDE	 0x16
#define SRIOV_BARS	 0x24
#define SRIOV_BYTES	 0x40
#define SRIOV_BAR_COUNT	 6
#define FUNCTION_EXISTS	 PCI_REVISION /* a virtual function has no vendor (PCIe 9.3.4.1.1), but a class */

static uint16_t sriov_read16(const struct vpci_dev *pf, unsigned int reg)
{
	return pci_cfg_read16(pf->sbdf, pf->sriov.cap + reg);
}

static bool sriov_decodes(const struct vpci_dev *pf)
{
	uint32_t wanted = SRIOV_CTL_VFS | SRIOV_CTL_MEMORY;

	return (sriov_read16(pf, SRIOV_CONTROL) & wanted) == wanted;
}

/* Writes all-ones and puts the old value back; VFs are off, so nothing decodes there. */
static uint32_t sriov_mask(const struct vpci_dev *pf, unsigned int reg)
{
	uint32_t old = pci_cfg_read32(pf->sbdf, reg), mask;

	pci_cfg_write32(pf->sbdf, reg, ~0U);
	mask = pci_cfg_read32(pf->sbdf, reg);
	pci_cfg_write32(pf->sbdf, reg, old);
	return mask;
}

/* Returns how many registers the region takes. */
static unsigned int sriov_bar_init(struct vpci_dev *pf, unsigned int i)
{
	unsigned int reg = pf->sriov.cap + SRIOV_BARS + i * 4;
	uint32_t low = sriov_mask(pf, reg);
	bool wide = (low & PCI_BAR_MEM_TYPE) == PCI_BAR_MEM_64;
	uint64_t mask = low & PCI_BAR_MEM_MASK;

	if (mask == 0 || (low & PCI_BAR_IO) || (wide && i + 1 == SRIOV_BAR_COUNT))
		return 1;
	mask |= wide ? (uint64_t)sriov_mask(pf, reg + 4) << 32 : ~0xffffffffUL;
	/* A power of two, of whole pages, or it is nothing to map. */
	if ((~mask & (~mask + 1)) == 0 && ~mask + 1 >= PAGE_SIZE)
		pf->sriov.bar[i] = (struct vpci_bar){.reg = (uint16_t)reg,
			.kind = wide ? PCI_BAR_MEM64 : PCI_BAR_MEM32,
			.size = ~mask + 1};
	return wide ? 2 : 1;
}

void vpci_sriov_init(struct vpci_dev *pf, const struct pci_dev *pci)
{
	unsigned int cap = pci_dev_ecap(pci, PCI_ECAP_SRIOV);

	if (!cap || cap + SRIOV_BYTES > PCI_CFG_EXT_BYTES)
		return;
	pf->sriov.cap = (uint16_t)cap;
	if (sriov_read16(pf, SRIOV_CONTROL) & SRIOV_CTL_VFS) {
		env_log(ENV_LOG_WARN, PRI_SBDF ": has virtual functions already: they cannot be used",
			SBDF_ARGS(pf->sbdf));
		return;
	}
	for (unsigned int i = 0; i < SRIOV_BAR_COUNT;)
		i += sriov_bar_init(pf, i);
}

/* Is it a virtual function of this one now? Then its number. */
static bool vf_number(const struct vpci_dev *pf, sbdf_t sbdf, uint16_t *ret_number)
{
	uint32_t first = pf->sbdf.v + sriov_read16(pf, SRIOV_OFFSET), stride = sriov_read16(pf, SRIOV_STRIDE);
	uint32_t n, count = sriov_read16(pf, SRIOV_NUM_VFS);

	if (!(sriov_read16(pf, SRIOV_CONTROL) & SRIOV_CTL_VFS) || sbdf.v < first ||
		sbdf_seg(sbdf) != sbdf_seg(pf->sbdf))
		return false;
	if (stride == 0)
		stride = count <= 1 ? ~0U : 1;
	n = (sbdf.v - first) / stride;
	*ret_number = (uint16_t)n;
	return (sbdf.v - first) % stride == 0 && n < count;
}

struct vpci_dev *vpci_vf_parent(struct vpci *v, sbdf_t sbdf, uint16_t *ret_number)
{
	for (unsigned int i = 0; i < VPCI_BUCKETS; i++)
		for (struct vpci_dev *pf = v->bucket[i]; pf; pf = pf->next)
			if (pf->sriov.cap && vf_number(pf, sbdf, ret_number))
				return pf;
	return NULL;
}

int vpci_vf_probe(sbdf_t sbdf, struct pci_dev **ret)
{
	struct pci_cap_list caps = {.count = 0};
	struct pci_dev *pci;

	if (pci_cfg_read32(sbdf, FUNCTION_EXISTS) == ~0U)
		return -ENODEV;
	pci_caps_walk(sbdf, PCI_HEADER_NORMAL, &caps);
	pci_ecaps_walk(sbdf, &caps);
	pci = env_alloc(sizeof(*pci) + caps.count * sizeof(pci->cap[0]));
	if (!pci)
		return -ENOMEM;
	pci->sbdf = sbdf;
	pci->layout = PCI_HEADER_NORMAL;
	pci->cfg_bytes = PCI_CFG_EXT_BYTES;
	pci->cap_count = caps.count;
	memcpy(pci->cap, caps.cap, caps.count * sizeof(pci->cap[0]));
	*ret = pci;
	return 0;
}

void vpci_vf_bars_init(struct vpci_dev *vf)
{
	memcpy(vf->bar, vf->pf->sriov.bar, sizeof(vf->pf->sriov.bar));
}

bool vpci_vf_decodes(const struct vpci_dev *vf)
{
	return !vf->gone && sriov_decodes(vf->pf);
}

static void vf_leave(struct vpci_dev *vf)
{
	vpci_msi_off(vf);
	vpci_msix_off(vf);
	vpci_msix_untrap(vf);
	vpci_bars_unmap(vf);
	vf->gone = true;
}

/* All that are no longer there once the register holds this value, before it does. */
static void vfs_leave(struct vpci_dev *pf, uint32_t control)
{
	for (unsigned int i = 0; i < VPCI_BUCKETS; i++)
		for (struct vpci_dev *vf = pf->v->bucket[i]; vf; vf = vf->next)
			if (vf->pf == pf && !vf->gone && !(control & SRIOV_CTL_VFS))
				vf_leave(vf);
}

/* Those that are known and there again. */
static void vfs_return(struct vpci_dev *pf)
{
	uint16_t number;

	for (unsigned int i = 0; i < VPCI_BUCKETS; i++)
		for (struct vpci_dev *vf = pf->v->bucket[i]; vf; vf = vf->next)
			if (vf->pf == pf && vf_number(pf, vf->sbdf, &number) && number == vf->number) {
				vf->gone = false;
				vpci_bars_follow(vf);
			}
}

void vpci_sriov_write(
	struct vpci_dev *pf, unsigned int reg, unsigned int size, uint32_t value, uint32_t merged)
{
	vfs_leave(pf, merged);
	env_cfg_write(pf->sbdf, reg, size, value);
	if (sriov_decodes(pf))
		vfs_return(pf);
}
