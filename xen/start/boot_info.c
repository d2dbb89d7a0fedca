/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boot information: what both multiboot protocols need, and the checks that
 * need the whole picture.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "boot_priv.h"

struct boot_info boot_info;

uint32_t boot_read32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t boot_read64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

char boot_char(uint8_t raw)
{
	return (raw >= ' ' && raw < 0x7f) ? (char)raw : '?';
}

static const char *skip_spaces(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

static const char *skip_word(const char *s)
{
	while (*s != ' ' && *s != '\0')
		s++;
	return skip_spaces(s);
}

void boot_cmdline_strip(char *cmdline, bool has_path)
{
	static const char placeholder[] = "placeholder";
	const size_t len = sizeof(placeholder) - 1;
	const char *s = skip_spaces(cmdline);

	if (has_path)
		s = skip_word(s);
	if (strncmp(s, placeholder, len) == 0 && (s[len] == ' ' || s[len] == '\0'))
		s = skip_word(s);
	memmove(cmdline, s, strlen(s) + 1);
}

uint32_t boot_map_type(uint32_t type)
{
	switch (type) {
	case E820_RAM:
	case E820_ACPI:
	case E820_NVS:
	case E820_UNUSABLE:
		return type;
	default:
		return E820_RESERVED;
	}
}

void boot_map_add(struct boot_info *bi, paddr_t base, uint64_t bytes, uint32_t type)
{
	struct e820_map *map = &bi->map;

	if (bytes == 0)
		return;
	if (base + bytes < base) {
		log_warn("boot: memory map entry 0x%lx+0x%lx wraps around: ignored", base, bytes);
		return;
	}
	if (map->count == E820_MAX) {
		log_warn("boot: memory map is full, entry 0x%lx+0x%lx type %u ignored", base, bytes, type);
		return;
	}
	map->entry[map->count++] = (struct e820_entry){.base = base, .bytes = bytes, .type = type};
}

void boot_map_add_basic(struct boot_info *bi, uint32_t lower_kib, uint32_t upper_kib)
{
	boot_map_add(bi, 0, KIB(MIN(lower_kib, 640u)), E820_RAM);
	boot_map_add(bi, MIB(1), KIB(upper_kib), E820_RAM);
}

static bool overlaps(paddr_t a, uint64_t a_bytes, paddr_t b, uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

char *boot_module_add(struct boot_info *bi, uint32_t index, paddr_t start, paddr_t end)
{
	struct boot_module *m;

	if (end <= start) {
		log_warn("boot: module %u: empty or reversed range 0x%lx-0x%lx: ignored", index, start, end);
		return NULL;
	}
	for (uint32_t i = 0; i < bi->module_count; i++) {
		m = &bi->module[i];
		if (overlaps(start, end - start, m->base, m->bytes)) {
			log_warn("boot: module %u: 0x%lx-0x%lx overlaps the module at 0x%lx: ignored", index,
				start, end, m->base);
			return NULL;
		}
	}
	if (bi->module_count == BOOT_MODULES_MAX) {
		log_warn("boot: module %u: more than %u modules: ignored", index, BOOT_MODULES_MAX);
		return NULL;
	}
	m = &bi->module[bi->module_count++];
	*m = (struct boot_module){.base = start, .bytes = end - start};
	return m->cmdline;
}

/* How many bytes from base on are RAM, according to one entry that holds base; 0 when there is none. */
static uint64_t ram_from(const struct e820_map *map, paddr_t base)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entry[i];

		if (e->type == E820_RAM && base >= e->base && base - e->base < e->bytes)
			return e->bytes - (base - e->base);
	}
	return 0;
}

/* Ends after at most one step per entry: each step leaves the entry it used behind. */
static bool in_ram(const struct e820_map *map, paddr_t base, uint64_t bytes)
{
	while (bytes != 0) {
		uint64_t step = MIN(ram_from(map, base), bytes);

		if (step == 0)
			return false;
		base += step;
		bytes -= step;
	}
	return true;
}

static void module_remove(struct boot_info *bi, uint32_t i)
{
	bi->module_count--;
	memmove(&bi->module[i], &bi->module[i + 1], (bi->module_count - i) * sizeof(bi->module[0]));
}

static void modules_check_ram(struct boot_info *bi)
{
	for (uint32_t i = bi->module_count; i-- > 0;) {
		const struct boot_module *m = &bi->module[i];

		if (in_ram(&bi->map, m->base, m->bytes))
			continue;
		log_warn("boot: module 0x%lx-0x%lx is not in RAM: ignored", m->base, m->base + m->bytes);
		module_remove(bi, i);
	}
}

void boot_modules_exclude(paddr_t base, uint64_t bytes, const char *what)
{
	for (uint32_t i = boot_info.module_count; i-- > 0;) {
		const struct boot_module *m = &boot_info.module[i];

		if (!overlaps(base, bytes, m->base, m->bytes))
			continue;
		log_warn("boot: module 0x%lx-0x%lx overlaps %s: ignored", m->base, m->base + m->bytes, what);
		module_remove(&boot_info, i);
	}
}

static void modules_log(const struct boot_info *bi)
{
	for (uint32_t i = 0; i < bi->module_count; i++) {
		const struct boot_module *m = &bi->module[i];

		log_info("boot: module 0x%lx-0x%lx \"%s\"", m->base, m->base + m->bytes, m->cmdline);
	}
}

int boot_info_parse(uint32_t magic, paddr_t info)
{
	struct boot_info *bi = &boot_info;
	int rc;

	memset(bi, 0, sizeof(*bi));
	switch (magic) {
	case MULTIBOOT1_MAGIC:
		rc = multiboot1_parse(bi, info);
		break;
	case MULTIBOOT2_MAGIC:
		rc = multiboot2_parse(bi, info);
		break;
	default:
		log_err("boot: loader magic 0x%x is neither multiboot 1 nor multiboot 2", magic);
		return -EINVAL;
	}
	if (rc != 0)
		return rc;
	if (bi->map.count == 0) {
		log_err("boot: the loader gave no memory map");
		return -EINVAL;
	}
	modules_check_ram(bi);
	modules_log(bi);
	return 0;
}
