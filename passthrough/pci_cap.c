/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capability lists. The links are whatever the device answers: each offset is
 * visited once, so a walk ends after at most 48 (PCI) or 64 (extended) entries.
 */
#include <pt/pci.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>

/* One bit for each aligned offset of the 4 KiB. */
struct visited {
	uint64_t bits[PCI_CFG_EXT_BYTES / 4 / 64];
};

static bool visited_before(struct visited *v, unsigned int offset)
{
	uint64_t *word = &v->bits[offset / 256], bit = 1UL << (offset / 4 % 64);
	bool before = (*word & bit) != 0;

	*word |= bit;
	return before;
}

static void list_append(struct pci_cap_list *list, uint16_t id, unsigned int offset, unsigned int version)
{
	bool extended = offset >= PCI_ECAP_BASE;
	struct pci_cap cap = {
		.id = id, .offset = (uint16_t)offset, .version = (uint8_t)version, .extended = extended};

	list->cap[list->count++] = cap;
}

static unsigned int pointer_reg(uint8_t layout)
{
	return layout == PCI_HEADER_CARDBUS ? PCI_CARDBUS_CAP_POINTER : PCI_CAP_POINTER;
}

/* The entry at this offset: its header, or 0 when the walk ends here. */
static unsigned int cap_visit(sbdf_t sbdf, unsigned int at, struct visited *seen, struct pci_cap_list *list)
{
	unsigned int header;

	if (at < PCI_CFG_HEADER) {
		list->problems |= PCI_PROBLEM_CAP_HEADER;
		return 0;
	}
	if (visited_before(seen, at)) {
		list->problems |= PCI_PROBLEM_CAP_LOOP;
		return 0;
	}
	header = pci_cfg_read16(sbdf, at);
	if ((header & 0xff) == 0xff) {
		list->problems |= PCI_PROBLEM_CAP_ONES;
		return 0;
	}
	list_append(list, header & 0xff, at, 0);
	return header;
}

void pci_caps_walk(sbdf_t sbdf, uint8_t layout, struct pci_cap_list *list)
{
	struct visited seen = {0};
	unsigned int next;

	if (layout > PCI_HEADER_CARDBUS || !(pci_cfg_read16(sbdf, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return;
	next = pci_cfg_read8(sbdf, pointer_reg(layout));
	while (next) {
		if (next & ~PCI_CAP_POINTER_MASK)
			list->problems |= PCI_PROBLEM_CAP_MISALIGNED;
		next &= PCI_CAP_POINTER_MASK;
		if (next)
			next = cap_visit(sbdf, next, &seen, list) >> 8;
	}
}

static bool ecap_stop(struct pci_cap_list *list, uint32_t problem)
{
	list->problems |= problem;
	return false;
}

/* False when the walk ends here; the header of a good entry in *ret_header. */
static bool ecap_visit(
	sbdf_t sbdf, unsigned int at, struct visited *seen, struct pci_cap_list *list, uint32_t *ret_header)
{
	uint32_t header;

	if (at < PCI_ECAP_BASE)
		return ecap_stop(list, PCI_PROBLEM_ECAP_HEADER);
	if (visited_before(seen, at))
		return ecap_stop(list, PCI_PROBLEM_ECAP_LOOP);
	header = pci_cfg_read32(sbdf, at);
	if (header == 0xffffffff)
		return ecap_stop(list, at == PCI_ECAP_BASE ? 0 : PCI_PROBLEM_ECAP_ONES);
	if (header == 0)
		return false;
	if (list->count == ARRAY_SIZE(list->cap))
		return ecap_stop(list, PCI_PROBLEM_ECAP_TOO_MANY);
	list_append(list, PCI_ECAP_ID(header), at, PCI_ECAP_VER(header));
	*ret_header = header;
	return true;
}

void pci_ecaps_walk(sbdf_t sbdf, struct pci_cap_list *list)
{
	struct visited seen = {0};
	unsigned int next = PCI_ECAP_BASE;
	uint32_t header;

	while (next && ecap_visit(sbdf, next, &seen, list, &header)) {
		next = PCI_ECAP_NEXT(header);
		if (next & 3)
			list->problems |= PCI_PROBLEM_ECAP_MISALIGNED;
		next &= ~3U;
	}
}
