/* SPDX-License-Identifier: GPL-2.0-only */
/* Page table entries and what map.c, map_init.c and map_wx.c share. AMD64 APM volume 2 section 5.3.3. */
#ifndef MAP_PRIV_H
#define MAP_PRIV_H

#include <hv/map.h>

#define PTE_P	(1UL << 0)
#define PTE_W	(1UL << 1)
#define PTE_U	(1UL << 2)
#define PTE_PWT (1UL << 3)
#define PTE_PCD (1UL << 4)
#define PTE_A	(1UL << 5)
#define PTE_D	(1UL << 6)
#define PTE_PS	(1UL << 7)
/* The PAT index's high bit: bit 7 of a 4 KiB entry, bit 12 of a larger one. */
#define PTE_PAT_4K    (1UL << 7)
#define PTE_G	      (1UL << 8)
#define PTE_PAT_LARGE (1UL << 12)
#define PTE_NX	      (1UL << 63)
#define PTE_ADDR      0x000ffffffffff000UL

#define MAP_LEVELS	   4
#define MAP_ENTRIES	   512
#define MAP_LEVEL_SHIFT(l) (PAGE_SHIFT + 9 * (l)) /* level 0: 4 KiB entries */
#define MAP_LEVEL_BYTES(l) (1UL << MAP_LEVEL_SHIFT(l))

struct map_state {
	uint64_t *root;
	paddr_t root_pa;
	bool has_1g;
	paddr_t pa_end;
	uint64_t tables;
};

extern struct map_state map_state;

uint64_t *map_table_new(void) __must_check;

static inline unsigned int map_index(uintptr_t va, unsigned int level)
{
	return (va >> MAP_LEVEL_SHIFT(level)) & (MAP_ENTRIES - 1);
}

static inline bool map_is_leaf(uint64_t e, unsigned int level)
{
	return level == 0 || (e & PTE_PS);
}

static inline paddr_t map_leaf_pa(uint64_t e, unsigned int level)
{
	return e & PTE_ADDR & ~(MAP_LEVEL_BYTES(level) - 1);
}

#endif
