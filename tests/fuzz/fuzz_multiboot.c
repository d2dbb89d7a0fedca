/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both multiboot parsers. The input is memory at BASE; its first byte chooses
 * the protocol. What comes out must keep boot_info.h's promises.
 */
#include <stdlib.h>
#include <string.h>
#include <hv/boot_info.h>
#include "phys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0x1000

static void check_string(const char *s, size_t bytes)
{
	size_t len = strnlen(s, bytes);

	if (len == bytes)
		abort();
	for (size_t i = 0; i < len; i++) {
		if (s[i] < ' ' || s[i] > '~')
			abort();
	}
}

static void check_map(void)
{
	if (boot_info.map.count > E820_MAX)
		abort();
	for (uint32_t i = 0; i < boot_info.map.count; i++) {
		const struct e820_entry *e = &boot_info.map.entry[i];

		if (e->bytes == 0 || e->base + e->bytes < e->base)
			abort();
	}
}

static void check_modules(void)
{
	const struct boot_module *m = boot_info.module;

	if (boot_info.module_count > BOOT_MODULES_MAX)
		abort();
	for (uint32_t i = 0; i < boot_info.module_count; i++) {
		check_string(m[i].cmdline, BOOT_CMDLINE_MAX);
		if (m[i].bytes == 0)
			abort();
		for (uint32_t k = 0; k < i; k++) {
			if (m[i].base < m[k].base + m[k].bytes && m[k].base < m[i].base + m[i].bytes)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	fake_phys_copy(BASE, data + 1, size - 1);
	if (boot_info_parse((data[0] & 1) ? MULTIBOOT1_MAGIC : MULTIBOOT2_MAGIC, BASE) == 0) {
		boot_modules_exclude(0x200000, 0x100000, "the fuzzer's range");
		check_map();
		check_modules();
	}
	check_string(boot_info.cmdline, sizeof(boot_info.cmdline));
	check_string(boot_info.loader, sizeof(boot_info.loader));
	fake_phys_reset();
	return 0;
}
