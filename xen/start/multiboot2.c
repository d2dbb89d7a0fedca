/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiboot 2 (Multiboot 2.0 section 3.6): one block of tags, each at a multiple
 * of 8 bytes. The block's size and every tag's size are checked once, in the
 * walk; a tag's parser gets its bytes and their number.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "boot_priv.h"

#define MB2_TOTAL_SIZE	 0
#define MB2_HEADER_BYTES 8

#define MB2_TAG_TYPE  0
#define MB2_TAG_SIZE  4
#define MB2_TAG_BYTES 8

/* No loader writes more; the largest part is the EFI memory map. */
#define MB2_TOTAL_SIZE_MAX 0x100000u

enum mb2_tag_type {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER_NAME = 2,
	MB2_MODULE = 3,
	MB2_BASIC_MEMORY = 4,
	MB2_MEMORY_MAP = 6,
	MB2_EFI64_SYSTEM_TABLE = 12,
	MB2_RSDP_OLD = 14,
	MB2_RSDP_NEW = 15,
	MB2_EFI_MEMORY_MAP = 17,
	MB2_EFI64_IMAGE_HANDLE = 20,
	MB2_LOAD_BASE = 21,
};

/* What needs the end of the walk: the better of two maps, the better of two RSDPs, a module's number. */
struct mb2_walk {
	struct boot_info *bi;
	uint32_t lower_kib, upper_kib;
	uint32_t modules;
	const uint8_t *efi_map;
	size_t efi_map_bytes;
	bool rsdp_new;
};

/* tag: the whole tag, header included; bytes: its size, at least the row's min. */
struct mb2_tag {
	uint32_t type;
	uint32_t min;
	const char *name;
	void (*parse)(struct mb2_walk *w, const uint8_t *tag, size_t bytes);
};

static void string_copy(char *dst, size_t dst_bytes, const uint8_t *src, size_t bytes, const char *what)
{
	size_t len = strnlen((const char *)src, bytes);
	size_t keep = MIN(len, dst_bytes - 1);

	if (len == bytes || keep != len)
		log_warn("multiboot2: %s has no end in its first %lu bytes: cut", what, keep);
	for (size_t i = 0; i < keep; i++)
		dst[i] = boot_char(src[i]);
	dst[keep] = '\0';
}

static void tag_cmdline(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	string_copy(w->bi->cmdline, sizeof(w->bi->cmdline), tag + 8, bytes - 8, "command line");
	boot_cmdline_strip(w->bi->cmdline, false);
}

static void tag_loader_name(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	string_copy(w->bi->loader, sizeof(w->bi->loader), tag + 8, bytes - 8, "loader name");
}

static void tag_module(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	char *cmdline = boot_module_add(w->bi, w->modules++, boot_read32(tag + 8), boot_read32(tag + 12));

	if (cmdline == NULL)
		return;
	string_copy(cmdline, BOOT_CMDLINE_MAX, tag + 16, bytes - 16, "a module's command line");
	boot_cmdline_strip(cmdline, false);
}

static void tag_basic_memory(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	(void)bytes;
	w->lower_kib = boot_read32(tag + 8);
	w->upper_kib = boot_read32(tag + 12);
}

/* Entry: base u64, bytes u64, type u32, reserved u32. */
static void tag_memory_map(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	uint32_t entry = boot_read32(tag + 8);

	if (entry < 24 || entry > bytes) {
		log_warn("multiboot2: memory map with entries of %u bytes: ignored", entry);
		return;
	}
	for (size_t at = 16; bytes - at >= entry; at += entry)
		boot_map_add(w->bi, boot_read64(tag + at), boot_read64(tag + at + 8),
			boot_map_type(boot_read32(tag + at + 16)));
}

static void tag_efi_system_table(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	(void)bytes;
	w->bi->efi_system_table = boot_read64(tag + 8);
}

static void tag_efi_image_handle(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	(void)bytes;
	w->bi->efi_image_handle = boot_read64(tag + 8);
}

static void tag_load_base(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	(void)bytes;
	w->bi->load_base = boot_read32(tag + 8);
}

static void rsdp_copy(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	memset(w->bi->rsdp, 0, sizeof(w->bi->rsdp));
	memcpy(w->bi->rsdp, tag + 8, MIN(bytes - 8, sizeof(w->bi->rsdp)));
}

static void tag_rsdp_old(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	if (!w->rsdp_new)
		rsdp_copy(w, tag, bytes);
}

static void tag_rsdp_new(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	w->rsdp_new = true;
	rsdp_copy(w, tag, bytes);
}

static void tag_efi_memory_map(struct mb2_walk *w, const uint8_t *tag, size_t bytes)
{
	w->efi_map = tag;
	w->efi_map_bytes = bytes;
}

static const struct mb2_tag mb2_tags[] = {
	{MB2_CMDLINE, 9, "command line", tag_cmdline},
	{MB2_LOADER_NAME, 9, "loader name", tag_loader_name},
	{MB2_MODULE, 17, "module", tag_module},
	{MB2_BASIC_MEMORY, 16, "basic memory", tag_basic_memory},
	{MB2_MEMORY_MAP, 16, "memory map", tag_memory_map},
	{MB2_EFI64_SYSTEM_TABLE, 16, "EFI system table", tag_efi_system_table},
	{MB2_RSDP_OLD, 8 + 20, "RSDP (old)", tag_rsdp_old},
	{MB2_RSDP_NEW, 8 + 36, "RSDP (new)", tag_rsdp_new},
	{MB2_EFI_MEMORY_MAP, 16, "EFI memory map", tag_efi_memory_map},
	{MB2_EFI64_IMAGE_HANDLE, 16, "EFI image handle", tag_efi_image_handle},
	{MB2_LOAD_BASE, 12, "load base address", tag_load_base},
};

/*
 * UEFI 2.10 section 7.2.3 and ACPI 6.5 table 15.6: loader and boot service
 * memory is free once boot services have ended.
 */
static uint32_t efi_map_type(uint32_t type)
{
	static const uint8_t to_e820[] = {
		[1] = E820_RAM, /* loader code */
		[2] = E820_RAM, /* loader data */
		[3] = E820_RAM, /* boot services code */
		[4] = E820_RAM, /* boot services data */
		[7] = E820_RAM, /* conventional */
		[8] = E820_UNUSABLE,
		[9] = E820_ACPI,
		[10] = E820_NVS,
		[14] = E820_PMEM,
	};

	if (type >= sizeof(to_e820) || to_e820[type] == 0)
		return E820_RESERVED;
	return to_e820[type];
}

/* Descriptor: type u32, pad u32, physical u64, virtual u64, pages u64, attributes u64; the tag says its size. */
static void efi_map_parse(struct boot_info *bi, const uint8_t *tag, size_t bytes)
{
	uint32_t desc = boot_read32(tag + 8);

	if (desc < 40 || desc > bytes) {
		log_warn("multiboot2: EFI memory map with descriptors of %u bytes: ignored", desc);
		return;
	}
	for (size_t at = 16; bytes - at >= desc; at += desc) {
		const uint8_t *d = tag + at;
		uint64_t pages = boot_read64(d + 24);

		if (pages > UINT64_MAX >> PAGE_SHIFT) {
			log_warn("multiboot2: EFI memory map: 0x%lx pages at 0x%lx: ignored", pages,
				boot_read64(d + 8));
			continue;
		}
		boot_map_add(bi, boot_read64(d + 8), pages << PAGE_SHIFT, efi_map_type(boot_read32(d)));
	}
}

/* The loader's own conversion of the map is preferred: it knows what it has allocated itself. */
static void memory_finish(struct mb2_walk *w)
{
	if (w->bi->map.count == 0 && w->efi_map != NULL)
		efi_map_parse(w->bi, w->efi_map, w->efi_map_bytes);
	if (w->bi->map.count == 0)
		boot_map_add_basic(w->bi, w->lower_kib, w->upper_kib);
}

static void tag_parse(struct mb2_walk *w, const uint8_t *tag, uint32_t bytes)
{
	uint32_t type = boot_read32(tag + MB2_TAG_TYPE);

	for (size_t i = 0; i < ARRAY_SIZE(mb2_tags); i++) {
		if (mb2_tags[i].type != type)
			continue;
		if (bytes < mb2_tags[i].min)
			log_warn("multiboot2: %s tag of %u bytes, at least %u needed: ignored",
				mb2_tags[i].name, bytes, mb2_tags[i].min);
		else
			mb2_tags[i].parse(w, tag, bytes);
		return;
	}
}

static void tags_walk(struct mb2_walk *w, const uint8_t *block, uint32_t total)
{
	uint32_t at = MB2_HEADER_BYTES;

	while (at <= total && total - at >= MB2_TAG_BYTES) {
		const uint8_t *tag = block + at;
		uint32_t size = boot_read32(tag + MB2_TAG_SIZE);

		if (size < MB2_TAG_BYTES || size > total - at) {
			log_warn("multiboot2: offset 0x%x: tag of %u bytes in a block of %u: rest ignored",
				at, size, total);
			return;
		}
		if (boot_read32(tag + MB2_TAG_TYPE) == MB2_END)
			return;
		tag_parse(w, tag, size);
		at = ALIGN_UP(at + size, 8u);
	}
	log_warn("multiboot2: block of %u bytes has no end tag", total);
}

int multiboot2_parse(struct boot_info *bi, paddr_t info)
{
	struct mb2_walk w = {.bi = bi};
	const uint8_t *block = boot_mem(info, MB2_HEADER_BYTES);
	uint32_t total = block != NULL ? boot_read32(block + MB2_TOTAL_SIZE) : 0;

	if (total < MB2_HEADER_BYTES || total > MB2_TOTAL_SIZE_MAX) {
		log_err("multiboot2: information block at 0x%lx: size %u is not possible", info, total);
		return -EINVAL;
	}
	block = boot_mem(info, total);
	if (block == NULL) {
		log_err("multiboot2: information block 0x%lx+0x%x cannot be read", info, total);
		return -EINVAL;
	}
	tags_walk(&w, block, total);
	memory_finish(&w);
	return 0;
}
