/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's memory map. Types are those of ACPI 6.5 section 15 (INT 15h
 * E820h); the boot protocols' maps are converted to them.
 *
 * Written once while booting, read-only afterwards; no lock.
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

#endif
