/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the boot loader said, independent of its protocol (Multiboot 0.6.96 and
 * Multiboot 2.0). Everything is copied out of the loader's memory, so that only
 * the modules' own bytes must be kept. Filled once, read-only afterwards.
 *
 * Nothing the loader says is trusted: a pointer that cannot be read, a length
 * that leaves its structure, a module that is empty, overlaps another or does
 * not lie in RAM costs one log line and that entry.
 *
 * The loader's own path. Multiboot 1 says that a command line starts with the
 * path of the loaded file, and QEMU, iPXE, syslinux and GRUB Legacy do so, for
 * the kernel and for every module; GRUB 2 does not ("GRUB 2.06"), and
 * Multiboot 2 forbids it. So the first word is dropped under multiboot 1,
 * unless the loader's name starts with "GRUB ". After that the word
 * "placeholder" is dropped where it comes first: distributions' GRUB
 * scripts write it for the sake of hypervisors that always drop a word.
 */
#ifndef HV_BOOT_INFO_H
#define HV_BOOT_INFO_H

#include <hv/e820.h>

#define BOOT_CMDLINE_MAX 2048
#define BOOT_MODULES_MAX 16
#define BOOT_LOADER_MAX	 64
#define BOOT_RSDP_BYTES	 36

/* What EAX holds at entry (Multiboot 0.6.96 section 3.2, Multiboot 2.0 section 3.3). */
#define MULTIBOOT1_MAGIC 0x2badb002u
#define MULTIBOOT2_MAGIC 0x36d76289u

struct boot_module {
	paddr_t base;
	uint64_t bytes;
	char cmdline[BOOT_CMDLINE_MAX]; /* without the path; printable ASCII, other bytes are '?' */
};

struct boot_info {
	char loader[BOOT_LOADER_MAX];
	char cmdline[BOOT_CMDLINE_MAX];
	struct e820_map map; /* as the loader gave it: unsorted, overlapping, no empty or wrapping entries */
	uint32_t module_count;
	struct boot_module module[BOOT_MODULES_MAX];
	uint8_t rsdp[BOOT_RSDP_BYTES]; /* a copy from the loader (multiboot 2), not verified, or all zero */
	paddr_t efi_system_table;      /* 0 when not booted by 64-bit UEFI */
	paddr_t efi_image_handle;      /* 0 when the loader did not give it */
	paddr_t load_base;	       /* where a relocating loader put the image, 0 when it did not say */
};

extern struct boot_info boot_info;

/*
 * Fills boot_info from the loader's structure at physical address info.
 * Context: boot processor, once, before other code reads boot_info; logs.
 * Returns 0, or -EINVAL when the magic is unknown, the structure itself cannot
 * be read, or there is no memory map: the machine cannot be started then.
 */
int boot_info_parse(uint32_t magic, paddr_t info) __must_check;

/*
 * Drops every module that touches the range: the hypervisor's own image, for
 * instance. what names the range in the log line.
 */
void boot_modules_exclude(paddr_t base, uint64_t bytes, const char *what);

/*
 * The seam to the loader's memory: an address at which bytes can be read, valid
 * until boot_info_parse returns, or NULL when any of them is not reachable
 * (beyond 4 GiB, not mapped, wrapping). bytes is never 0.
 */
const void *boot_mem(paddr_t base, size_t bytes) __must_check;

#endif
