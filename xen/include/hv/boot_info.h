/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the boot loader said, independent of its protocol (Multiboot 0.6.96 and
 * Multiboot 2.0). Everything is copied out of the loader's memory, so that only
 * the modules' own bytes must be kept. Filled once, read-only afterwards.
 */
#ifndef HV_BOOT_INFO_H
#define HV_BOOT_INFO_H

#include <hv/e820.h>

#define BOOT_CMDLINE_MAX 2048
#define BOOT_MODULES_MAX 16

struct boot_module {
	paddr_t base;
	uint64_t bytes;
	char cmdline[BOOT_CMDLINE_MAX];
};

struct boot_info {
	char loader[64];
	char cmdline[BOOT_CMDLINE_MAX];
	struct e820_map map; /* as the loader gave it: unsorted, overlapping */
	uint32_t module_count;
	struct boot_module module[BOOT_MODULES_MAX];
	uint8_t rsdp[36];	  /* a copy from the loader (multiboot 2), or all zero */
	paddr_t efi_system_table; /* 0 when not booted by UEFI */
};

extern struct boot_info boot_info;

#endif
