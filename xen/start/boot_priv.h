/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two multiboot parsers share: strings, modules and memory map
 * entries go into boot_info through these functions only, which check them.
 */
#ifndef BOOT_PRIV_H
#define BOOT_PRIV_H

#include <hv/boot_info.h>

int multiboot1_parse(struct boot_info *bi, paddr_t info);
int multiboot2_parse(struct boot_info *bi, paddr_t info);

/* Little-endian reads at any alignment, from bytes that the caller has bounded. */
uint32_t boot_read32(const uint8_t *p);
uint64_t boot_read64(const uint8_t *p);

/* A byte of a loader's string as we keep it: printable, else '?'. */
char boot_char(uint8_t raw);

/* Drops the path, if this loader writes one, and the word "placeholder". */
void boot_cmdline_strip(char *cmdline, bool has_path);

/* An entry of the memory map; what cannot be is logged and dropped. */
void boot_map_add(struct boot_info *bi, paddr_t base, uint64_t bytes, uint32_t type);

/* mem_lower and mem_upper of both protocols, in KiB. */
void boot_map_add_basic(struct boot_info *bi, uint32_t lower_kib, uint32_t upper_kib);

/*
 * A module from start up to, not including, end. Returns where its command
 * line goes, or NULL when it was logged and dropped. index is its place in the
 * loader's list.
 */
char *boot_module_add(struct boot_info *bi, uint32_t index, paddr_t start, paddr_t end);

/* The types of a multiboot memory map, which are E820's as far as the protocol defines them. */
uint32_t boot_map_type(uint32_t type);

#endif
