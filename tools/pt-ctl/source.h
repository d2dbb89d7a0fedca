/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where pt-ctl gets its devices from, by way of libpci: the running Linux, or a
 * recorded `lspci -xxxx` text. Nothing here writes to a device.
 *
 * Only source.c sees libpci, whose names clash with those of pt/pci.h.
 * One source is open at a time. libpci ends the program with status 1 and a
 * message when it cannot go on.
 */
#ifndef PTCTL_SOURCE_H
#define PTCTL_SOURCE_H

#include <pt/types.h>

#define SOURCE_NAME_BYTES 160

/*
 * dump: a file, or NULL for the running system. -ENOMEM, an error of opening the file,
 * or -ENODATA when there is no function in it.
 */
int source_open(const char *dump) __must_check;
void source_close(void);

/* As env_cfg_read. Where Linux hides or fakes the ids (virtual functions), those that Linux has. */
uint32_t source_read(sbdf_t sbdf, unsigned int reg, unsigned int size);
/* False when the register was not recorded, or is only for root. */
bool source_readable(sbdf_t sbdf, unsigned int reg);

/* The first segment at or after this one that has a function; above 0xffff when there is none. */
uint32_t source_segment_from(uint32_t segment);

/* The first function at or after this sbdf; false when there is none. */
bool source_find_from(uint64_t sbdf, sbdf_t *ret_sbdf);

/* What Linux says about a function. In a dump nothing is known. */
struct source_facts {
	const char *driver;	 /* NULL: none, or not known */
	const char *iommu_group; /* likewise */
	int numa_node;		 /* negative: none, or not known */
};

void source_facts_get(sbdf_t sbdf, struct source_facts *facts);
/* Bytes of a base address register by its index (6: the ROM), 0 when not known. */
uint64_t source_bar_size(sbdf_t sbdf, unsigned int index);
/* Names from the pci.ids data base, or the numbers in words when it has none. */
void source_device_name(uint16_t vendor, uint16_t device, char name[SOURCE_NAME_BYTES]);
void source_class_name(uint16_t class_code, char name[SOURCE_NAME_BYTES]);

#endif
