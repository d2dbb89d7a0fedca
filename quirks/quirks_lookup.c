/* SPDX-License-Identifier: GPL-2.0-only */
/* The lookup: a binary search in each part of each table (quirks_priv.h says how they are sorted). */
#include <pt/pci.h>
#include <pt/pci_regs.h>
#include "quirks_priv.h"

#define LEVELS	    4
#define VENDOR_WIDE 2
#define ANY_VENDOR  3

static const struct quirk_table *const tables[QUIRK_KINDS] = {
	[QUIRK_KIND_RESET] = &quirk_table_reset,
	[QUIRK_KIND_ACS] = &quirk_table_acs,
	[QUIRK_KIND_ALIAS] = &quirk_table_alias,
	[QUIRK_KIND_MSI] = &quirk_table_msi,
	[QUIRK_KIND_ATS] = &quirk_table_ats,
	[QUIRK_KIND_ORDER] = &quirk_table_order,
	[QUIRK_KIND_BAR] = &quirk_table_bar,
	[QUIRK_KIND_POWER] = &quirk_table_power,
	[QUIRK_KIND_IOMMU] = &quirk_table_iommu,
	[QUIRK_KIND_DENY] = &quirk_table_deny,
};

const struct quirk_table *quirk_table(unsigned int kind)
{
	return kind < QUIRK_KINDS ? tables[kind] : NULL;
}

size_t quirk_count(unsigned int kind)
{
	return kind < QUIRK_KINDS ? tables[kind]->count : 0;
}

const struct quirk *quirk_row(unsigned int kind, size_t number)
{
	return number < quirk_count(kind) ? &tables[kind]->row[number] : NULL;
}

unsigned int quirk_level(const struct quirk_key *key)
{
	if (key->vendor == QUIRK_ANY_VENDOR)
		return ANY_VENDOR;
	if (key->first == 0 && key->last == 0xffff)
		return VENDOR_WIDE;
	return key->first != key->last;
}

/* --- Who is asked about. --- */

static uint16_t where_of_type(uint8_t pcie_type)
{
	switch (pcie_type) {
	case PCI_PCIE_ROOT_PORT:
		return QUIRK_ROOT_PORT;
	case PCI_PCIE_UPSTREAM:
		return QUIRK_UPSTREAM;
	case PCI_PCIE_DOWNSTREAM:
		return QUIRK_DOWNSTREAM;
	case PCI_PCIE_ENDPOINT:
	case PCI_PCIE_LEGACY:
		return QUIRK_ENDPOINT;
	case PCI_PCIE_RC_ENDPOINT:
		return QUIRK_RC_ENDPOINT;
	case PCI_PCIE_NONE:
		return QUIRK_NOT_EXPRESS;
	default:
		return 0;
	}
}

static uint16_t where_of(const struct pci_dev *dev)
{
	uint16_t where = where_of_type(dev->pcie_type);

	if (!dev->parent)
		where |= QUIRK_ON_ROOT_BUS;
	else if (dev->parent->pcie_type != PCI_PCIE_NONE && dev->parent->pcie_type != PCI_PCIE_TO_PCI)
		where |= QUIRK_BELOW_EXPRESS;
	if (dev->multifunction)
		where |= QUIRK_MULTIFUNCTION;
	if (dev->layout == PCI_HEADER_BRIDGE)
		where |= QUIRK_BRIDGE;
	return where;
}

void quirk_id_of(const struct pci_dev *dev, struct quirk_id *ret_id)
{
	*ret_id = (struct quirk_id){
		.vendor = dev->vendor,
		.device = dev->device,
		.subvendor = dev->subvendor,
		.subdevice = dev->subdevice,
		.class_code = dev->class_code,
		.where = where_of(dev),
		.revision = dev->revision,
	};
}

/* --- What a key says of it. --- */

static bool key_matches_id(const struct quirk_key *key, const struct quirk_id *id)
{
	return (key->vendor == QUIRK_ANY_VENDOR || key->vendor == id->vendor) && key->first <= id->device &&
	       id->device <= key->last;
}

static bool key_matches_rest(const struct quirk_key *key, const struct quirk_id *id)
{
	uint16_t types = key->where & QUIRK_TYPES, places = key->where & (uint16_t)~QUIRK_TYPES;

	if (key->subvendor && (key->subvendor != id->subvendor || key->subdevice != id->subdevice))
		return false;
	if ((id->class_code & key->class_mask) != key->class_value)
		return false;
	if (id->revision < key->rev_first || (key->rev_end && id->revision >= key->rev_end))
		return false;
	return (!types || (types & id->where)) && (id->where & places) == places;
}

bool quirk_matches(const struct quirk_key *key, const struct quirk_id *id)
{
	return key_matches_id(key, id) && key_matches_rest(key, id);
}

/* --- Search. --- */

struct place {
	unsigned int level;
	uint16_t vendor, first;
};

/* Whether the row stands behind the place; rows at the place itself do if `after` is false. */
static bool row_behind(const struct quirk *row, const struct place *place, bool after)
{
	unsigned int level = quirk_level(&row->key);

	if (level != place->level)
		return level > place->level;
	if (row->key.vendor != place->vendor)
		return row->key.vendor > place->vendor;
	return after ? row->key.first > place->first : row->key.first >= place->first;
}

static size_t table_search(const struct quirk_table *table, const struct place *place, bool after)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_behind(&table->row[middle], place, after))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The rows of one part whose ids contain the one asked for: they have the same range, so they stand together. */
static void iter_find(struct quirk_iter *iter)
{
	const struct quirk_table *table = tables[iter->kind];
	struct place place = {iter->level, iter->id.vendor, iter->id.device};
	const struct quirk_key *key;
	size_t end;

	if (iter->level == ANY_VENDOR)
		place.vendor = QUIRK_ANY_VENDOR;
	end = table_search(table, &place, true);
	if (!end)
		return;
	key = &table->row[end - 1].key;
	if (quirk_level(key) != iter->level || !key_matches_id(key, &iter->id))
		return;
	place.first = key->first;
	iter->at = &table->row[table_search(table, &place, false)];
	iter->end = &table->row[end];
}

/* To the next part of a table that is asked for; false behind the last. */
static bool iter_advance(struct quirk_iter *iter)
{
	if (++iter->level == LEVELS) {
		iter->level = 0;
		iter->kind++;
	}
	while (iter->kind < QUIRK_KINDS && !(iter->kinds & 1U << iter->kind))
		iter->kind++;
	return iter->kind < QUIRK_KINDS;
}

void quirk_start(struct quirk_iter *iter, const struct quirk_id *id, uint32_t kinds)
{
	*iter = (struct quirk_iter){.id = *id, .kinds = kinds, .kind = 0xff, .level = LEVELS - 1};
}

const struct quirk *quirk_next(struct quirk_iter *iter)
{
	for (;;) {
		while (iter->at != iter->end) {
			const struct quirk *row = iter->at++;

			if (key_matches_rest(&row->key, &iter->id))
				return row;
		}
		if (!iter_advance(iter))
			return NULL;
		iter_find(iter);
	}
}
