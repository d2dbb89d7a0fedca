/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine's memory for the unit tests: the frame table and the direct map of
 * tests/fake/include/hv/layout.h, backed by memory that costs nothing until it
 * is touched. Entries that nobody wrote hold garbage, as on the real machine.
 */
#ifndef FAKE_RAM_H
#define FAKE_RAM_H

#include <hv/e820.h>

extern struct e820_map fake_ram;

/* Forgets all, then describes and backs these ranges: frame_init has run afterwards. */
void fake_ram_reset(const struct e820_entry *entry, uint32_t count);

/* The same for RAM from 1 MiB on. */
void fake_ram_simple(uint64_t bytes);

/* Bytes of the frame table that were really touched. */
uint64_t fake_ram_table_touched(void);

#endif
