/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tables: how a row is written down.
 *
 * A table has four parts in this order: single ids, ranges of ids, whole
 * vendors, any vendor. Inside each, rows are sorted by vendor and first id, and
 * the ranges of two rows are the same or do not overlap. The lookup relies on
 * it and the unit test checks it.
 */
#ifndef QUIRKS_PRIV_H
#define QUIRKS_PRIV_H

#include <quirks.h>

struct quirk_table {
	const struct quirk *row;
	size_t count;
};

extern const struct quirk_table quirk_table_reset, quirk_table_acs, quirk_table_alias, quirk_table_msi,
	quirk_table_ats, quirk_table_order, quirk_table_bar, quirk_table_power, quirk_table_iommu,
	quirk_table_deny;

/* NULL: no such kind. */
const struct quirk_table *quirk_table(unsigned int kind);

/* Keys. More members may follow the numbers: .where, .class_value and .class_mask, .rev_end, .subvendor, ... */
#define IDS(v, from, to, ...)                                               \
	{                                                                   \
		.vendor = (v), .first = (from), .last = (to), ##__VA_ARGS__ \
	}
#define ID(v, d, ...)  IDS(v, d, d, ##__VA_ARGS__)
#define VENDOR(v, ...) IDS(v, 0, 0xffff, ##__VA_ARGS__)
#define ANY(...)       IDS(QUIRK_ANY_VENDOR, 0, 0xffff, ##__VA_ARGS__)
/* Ids that have these bits under the mask, whose set bits are the high ones: such ids are a range. */
#define ID_MASK(v, bits, mask, ...) IDS(v, bits, (bits) | (~(mask)&0xffff), ##__VA_ARGS__)
#define SUBSYSTEM(sv, sd)	    .subvendor = (sv), .subdevice = (sd)
#define CLASS(base_sub)		    .class_value = (uint32_t)(base_sub) << 8, .class_mask = 0xffff00
#define CLASS_FULL(code)	    .class_value = (code), .class_mask = 0xffffff
#define BASE_CLASS(base)	    .class_value = (uint32_t)(base) << 16, .class_mask = 0xff0000
#define REVISIONS(from, to)	    .rev_first = (from), .rev_end = (to) + 1

/* Values. */
#define DEVFN(dev, fn)	  ((dev) << 3 | (fn))
#define ACS_MULTIFUNCTION (QUIRK_ACS_PORT | QUIRK_ACS_TB | QUIRK_ACS_DT)

/* Rows. */
#define ROW_IF(k, what, number, when, why, where_from)                                                  \
	{                                                                                               \
		.key = k, .reason = (why), .source = (where_from), .value = (number), .action = (what), \
		.condition = (when)                                                                     \
	}
#define ROW(k, what, number, why, where_from)                                                           \
	{                                                                                               \
		.key = k, .reason = (why), .source = (where_from), .value = (number), .action = (what), \
		.condition = QUIRK_ALWAYS                                                               \
	}

#define TABLE(name, rows) const struct quirk_table name = {rows, ARRAY_SIZE(rows)}

/* Where facts were read. The handler or list's name follows. */
#define FROM_LINUX "linux drivers/pci/quirks.c: "
#define FROM_VFIO  "linux drivers/vfio/pci/vfio_pci.c: "
#define FROM_VTD   "linux drivers/iommu/intel/iommu.c: "
#define FROM_XEN   "xen drivers/passthrough/vtd/quirks.c: "

#endif
