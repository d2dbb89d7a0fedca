/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's memory map. Types are those of ACPI 6.5 section 15 (INT 15h
 * E820h); the boot protocols' maps are converted to them.
 *
 * Written once while booting, read-only afterwards; no lock.
 *
 * A sane map (what e820_sanitise makes) is sorted by address, without overlap,
 * empty or wrapping entries; neighbours of one type are one entry; RAM starts
 * and ends on page boundaries, lies below DIRECTMAP_BYTES and does not hold
 * frame 0.
 */
#ifndef HV_E820_H
#define HV_E820_H

#include <hv/types.h>

#define E820_RAM      1
#define E820_RESERVED 2
#define E820_ACPI     3 /* reclaimable: holds the tables */
#define E820_NVS      4
#define E820_UNUSABLE 5
#define E820_PMEM     7

#define E820_MAX 256

struct e820_entry {
	paddr_t base;
	uint64_t bytes;
	uint32_t type;
};

struct e820_map {
	uint32_t count;
	struct e820_entry entry[E820_MAX];
};

extern struct e820_map e820; /* the machine's, sane */

/*
 * Makes a sane map of any bytes. Where entries overlap the less usable type
 * wins; unknown types count as reserved. What it had to drop it logs, one line
 * for each kind. Boot only: uses one static work area.
 */
void e820_sanitise(const struct e820_map *in, struct e820_map *ret_out);

/* The sum of all RAM, in bytes; the end of the last RAM entry. Both take a sane map. */
uint64_t e820_ram_bytes(const struct e820_map *map);
paddr_t e820_ram_end(const struct e820_map *map);

/* True when the whole of [base, base + bytes) has this type in a sane map. */
bool e820_is_type(const struct e820_map *map, paddr_t base, uint64_t bytes, uint32_t type);

void e820_log(const struct e820_map *map);

#endif
