/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiboot 1 (Multiboot 0.6.96 section 3.3). All addresses in it are physical
 * and 32 bits wide, so nothing can stand above 4 GiB.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "boot_priv.h"

/* Offsets in the information structure; what we read ends with the loader's name. */
#define MB1_FLAGS	0
#define MB1_MEM_LOWER	4 /* KiB */
#define MB1_MEM_UPPER	8 /* KiB from 1 MiB on */
#define MB1_CMDLINE	16
#define MB1_MODS_COUNT	20
#define MB1_MODS_ADDR	24
#define MB1_MMAP_LENGTH 44
#define MB1_MMAP_ADDR	48
#define MB1_LOADER_NAME 64
#define MB1_BYTES	68

#define MB1_FLAG_MEM	     (1u << 0)
#define MB1_FLAG_CMDLINE     (1u << 2)
#define MB1_FLAG_MODS	     (1u << 3)
#define MB1_FLAG_MMAP	     (1u << 6)
#define MB1_FLAG_LOADER_NAME (1u << 9)

#define MB1_MOD_START  0
#define MB1_MOD_END    4
#define MB1_MOD_STRING 8
#define MB1_MOD_BYTES  16

/* The size field stands before the entry and does not count itself. */
#define MB1_MMAP_SIZE  0
#define MB1_MMAP_BASE  4
#define MB1_MMAP_BYTES 12
#define MB1_MMAP_TYPE  20
#define MB1_MMAP_MIN   20u

/* No loader writes more: E820_MAX entries take 6 KiB. */
#define MB1_MMAP_LENGTH_MAX 0x10000u

/* Entries looked at, good or bad; of the good ones BOOT_MODULES_MAX are kept. */
#define MB1_MODS_SCAN_MAX 64u

/* Byte by byte: how much of it can be reached is not known before. */
static void string_at(char *dst, size_t dst_bytes, paddr_t addr, const char *what)
{
	size_t i;

	for (i = 0; i < dst_bytes; i++) {
		const uint8_t *p = boot_mem(addr + i, 1);

		dst[i] = '\0';
		if (p == NULL)
			break;
		if (*p == '\0')
			return;
		if (i + 1 < dst_bytes)
			dst[i] = boot_char(*p);
	}
	log_warn("multiboot1: %s at 0x%lx has no end in its first %lu bytes: cut", what, addr, i);
}

static void modules_parse(struct boot_info *bi, uint32_t count, paddr_t list, bool has_path)
{
	if (count > MB1_MODS_SCAN_MAX) {
		log_warn("multiboot1: %u modules claimed: only the first %u are looked at", count,
			MB1_MODS_SCAN_MAX);
		count = MB1_MODS_SCAN_MAX;
	}
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *m = boot_mem(list + i * MB1_MOD_BYTES, MB1_MOD_BYTES);
		paddr_t string;
		char *cmdline;

		if (m == NULL) {
			log_warn(
				"multiboot1: module list entry %u at 0x%lx cannot be read: %u modules ignored",
				i, list + i * MB1_MOD_BYTES, count - i);
			return;
		}
		string = boot_read32(m + MB1_MOD_STRING);
		cmdline =
			boot_module_add(bi, i, boot_read32(m + MB1_MOD_START), boot_read32(m + MB1_MOD_END));
		if (cmdline == NULL || string == 0)
			continue;
		string_at(cmdline, BOOT_CMDLINE_MAX, string, "a module's command line");
		boot_cmdline_strip(cmdline, has_path);
	}
}

static void map_parse(struct boot_info *bi, paddr_t addr, uint32_t length)
{
	uint32_t at = 0;
	const uint8_t *map;

	if (length > MB1_MMAP_LENGTH_MAX) {
		log_warn("multiboot1: memory map of %u bytes: cut at %u", length, MB1_MMAP_LENGTH_MAX);
		length = MB1_MMAP_LENGTH_MAX;
	}
	map = length != 0 ? boot_mem(addr, length) : NULL;
	if (map == NULL) {
		log_warn("multiboot1: memory map 0x%lx+0x%x cannot be read: ignored", addr, length);
		return;
	}
	while (length - at >= MB1_MMAP_MIN + 4) {
		const uint8_t *e = map + at;
		uint32_t size = boot_read32(e + MB1_MMAP_SIZE);

		if (size < MB1_MMAP_MIN || size > length - at - 4) {
			log_warn("multiboot1: memory map offset 0x%x: entry of %u bytes: rest ignored", at,
				size);
			return;
		}
		boot_map_add(bi, boot_read64(e + MB1_MMAP_BASE), boot_read64(e + MB1_MMAP_BYTES),
			boot_map_type(boot_read32(e + MB1_MMAP_TYPE)));
		at += size + 4;
	}
	if (at != length)
		log_warn("multiboot1: memory map offset 0x%x: %u bytes left over", at, length - at);
}

static void memory_parse(struct boot_info *bi, const uint8_t *mbi, uint32_t flags)
{
	if (flags & MB1_FLAG_MMAP)
		map_parse(bi, boot_read32(mbi + MB1_MMAP_ADDR), boot_read32(mbi + MB1_MMAP_LENGTH));
	if (bi->map.count == 0 && (flags & MB1_FLAG_MEM))
		boot_map_add_basic(bi, boot_read32(mbi + MB1_MEM_LOWER), boot_read32(mbi + MB1_MEM_UPPER));
}

int multiboot1_parse(struct boot_info *bi, paddr_t info)
{
	const uint8_t *mbi = boot_mem(info, MB1_BYTES);
	uint32_t flags;
	bool has_path;

	if (mbi == NULL) {
		log_err("multiboot1: information structure at 0x%lx cannot be read", info);
		return -EINVAL;
	}
	flags = boot_read32(mbi + MB1_FLAGS);
	if (flags & MB1_FLAG_LOADER_NAME)
		string_at(bi->loader, sizeof(bi->loader), boot_read32(mbi + MB1_LOADER_NAME), "loader name");
	has_path = strncmp(bi->loader, "GRUB ", 5) != 0;
	if (flags & MB1_FLAG_CMDLINE) {
		string_at(bi->cmdline, sizeof(bi->cmdline), boot_read32(mbi + MB1_CMDLINE), "command line");
		boot_cmdline_strip(bi->cmdline, has_path);
	}
	memory_parse(bi, mbi, flags);
	if (flags & MB1_FLAG_MODS)
		modules_parse(
			bi, boot_read32(mbi + MB1_MODS_COUNT), boot_read32(mbi + MB1_MODS_ADDR), has_path);
	return 0;
}
