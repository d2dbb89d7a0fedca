/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of the hypervisor: map, unmap, look up. Tables are reached
 * through the direct map, so they come from RAM that it shows already.
 *
 * Callers serialise themselves for one range of addresses (vmap's lock, or
 * boot); tables are never freed, so ranges that share one need no lock.
 * The one thing two ranges race for, a missing table, is linked by compare and
 * exchange.
 */
#include <errno.h>
#include <string.h>
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include "map_priv.h"

struct map_state map_state;

static uint64_t *map_table_va(uint64_t entry)
{
	return mfn_to_va(paddr_to_mfn(entry & PTE_ADDR));
}

uint64_t *map_table_new(void)
{
	paddr_t pa;
	void *va;

	if (heap_ready()) {
		va = heap_pages(0);
	} else {
		if (boot_alloc(PAGE_SIZE, PAGE_SIZE, BOOT_MAPPED_BYTES, &pa))
			return NULL;
		va = mfn_to_va(paddr_to_mfn(pa));
		memset(va, 0, PAGE_SIZE);
	}
	if (va)
		__atomic_add_fetch(&map_state.tables, 1, __ATOMIC_RELAXED);
	return va;
}

/* The loser of a race for a link. Boot has one processor: nothing of boot_alloc comes here. */
static void map_table_drop(uint64_t *table)
{
	heap_pages_free(table, 0);
	__atomic_sub_fetch(&map_state.tables, 1, __ATOMIC_RELAXED);
}

/* The table below an entry, made when there is none. */
static int map_table_get(uint64_t *entry, uint64_t **ret_table)
{
	uint64_t old = READ_ONCE(*entry);
	uint64_t *table;

	if (old & PTE_P) {
		if (old & PTE_PS)
			return -EEXIST;
		*ret_table = map_table_va(old);
		return 0;
	}
	table = map_table_new();
	if (!table)
		return -ENOMEM;
	if (__atomic_compare_exchange_n(entry, &old, mfn_to_paddr(va_to_mfn(table)) | PTE_P | PTE_W | PTE_A,
		    false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) {
		*ret_table = table;
		return 0;
	}
	map_table_drop(table);
	*ret_table = map_table_va(old);
	return 0;
}

/* A leaf's bits. Accessed and dirty from the start: the processor need not write them. */
static uint64_t map_leaf_bits(unsigned int attr, unsigned int level)
{
	static const uint64_t access[] = {[MAP_RX] = 0, [MAP_RO] = PTE_NX, [MAP_RW] = PTE_NX | PTE_W};
	uint64_t bits = PTE_P | PTE_A | PTE_D | PTE_G | access[attr & MAP_ACCESS];
	unsigned int cache = attr & MAP_CACHE;

	if (level)
		bits |= PTE_PS;
	if (cache == MAP_UC)
		bits |= PTE_PCD | PTE_PWT; /* index 3 */
	if (cache == MAP_WC)
		bits |= level ? PTE_PAT_LARGE : PTE_PAT_4K; /* index 4 */
	return bits;
}

/* The largest page that both addresses and the rest allow. */
static unsigned int map_level_fit(uintptr_t va, paddr_t pa, uint64_t bytes)
{
	unsigned int level = map_state.has_1g ? 2 : 1;

	while (level > 0 && (bytes < MAP_LEVEL_BYTES(level) || !IS_ALIGNED(va | pa, MAP_LEVEL_BYTES(level))))
		level--;
	return level;
}

static int map_leaf_set(uintptr_t va, paddr_t pa, unsigned int level, unsigned int attr)
{
	uint64_t *table = map_state.root;

	for (unsigned int l = MAP_LEVELS - 1; l > level; l--) {
		int rc = map_table_get(&table[map_index(va, l)], &table);

		if (rc)
			return rc;
	}
	if (READ_ONCE(table[map_index(va, level)]) & PTE_P)
		return -EEXIST;
	__atomic_store_n(&table[map_index(va, level)], pa | map_leaf_bits(attr, level), __ATOMIC_RELEASE);
	return 0;
}

/* As large as fits; smaller where a table with nothing in it stands in the way. */
static int map_leaf_set_largest(
	uintptr_t va, paddr_t pa, uint64_t bytes, unsigned int attr, uint64_t *ret_done)
{
	unsigned int level = map_level_fit(va, pa, bytes);
	int rc = map_leaf_set(va, pa, level, attr);

	while (rc == -EEXIST && level > 0)
		rc = map_leaf_set(va, pa, --level, attr);
	if (!rc)
		*ret_done = MAP_LEVEL_BYTES(level);
	return rc;
}

int map_range(uintptr_t va, paddr_t pa, uint64_t bytes, unsigned int attr)
{
	uint64_t done = 0;

	if (!IS_ALIGNED(va | pa | bytes, PAGE_SIZE) || !(attr & MAP_ACCESS) ||
		(attr & MAP_CACHE) == MAP_CACHE)
		return -EINVAL;
	if (pa >= map_state.pa_end || bytes > map_state.pa_end - pa)
		return -EINVAL;
	while (done < bytes) {
		uint64_t step;
		int rc = map_leaf_set_largest(va + done, pa + done, bytes - done, attr, &step);

		if (rc) {
			map_unmap(va, done);
			return rc;
		}
		done += step;
	}
	return 0;
}

/* The deepest entry for an address, and its level: a leaf or what is not there. */
static uint64_t *map_walk(uintptr_t va, unsigned int *ret_level)
{
	uint64_t *table = map_state.root;

	for (unsigned int l = MAP_LEVELS - 1;; l--) {
		uint64_t *e = &table[map_index(va, l)];
		uint64_t v = READ_ONCE(*e);

		if (!(v & PTE_P) || map_is_leaf(v, l)) {
			*ret_level = l;
			return e;
		}
		table = map_table_va(v);
	}
}

void map_unmap(uintptr_t va, uint64_t bytes)
{
	uintptr_t end = va + bytes;

	while (va < end) {
		unsigned int level;
		uint64_t *e = map_walk(va, &level);
		uint64_t page = MAP_LEVEL_BYTES(level);

		/* Never a part of a large page: its other part may be somebody else's. */
		if (IS_ALIGNED(va, page) && end - va >= page)
			__atomic_store_n(e, 0, __ATOMIC_RELEASE);
		va = ALIGN_DOWN(va, page) + page;
	}
}

static unsigned int map_leaf_attr(uint64_t e, unsigned int level)
{
	unsigned int attr = !(e & PTE_NX) ? MAP_RX : e & PTE_W ? MAP_RW : MAP_RO;

	if (e & PTE_PCD)
		return attr | MAP_UC;
	return e & (level ? PTE_PAT_LARGE : PTE_PAT_4K) ? attr | MAP_WC : attr;
}

int map_lookup(uintptr_t va, paddr_t *ret_pa, unsigned int *ret_attr)
{
	unsigned int level;
	uint64_t e = READ_ONCE(*map_walk(va, &level));

	if (!(e & PTE_P))
		return -ENOENT;
	*ret_pa = map_leaf_pa(e, level) + (va & (MAP_LEVEL_BYTES(level) - 1));
	*ret_attr = map_leaf_attr(e, level);
	return 0;
}

paddr_t map_root(void)
{
	return map_state.root_pa;
}

uint64_t map_table_count(void)
{
	return map_state.tables;
}
