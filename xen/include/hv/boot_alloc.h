/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory there is before the heap: what the sane memory map calls RAM, less
 * the first MiB (firmware writes there; only the trampoline page of the other
 * processors is taken from it), the image, the boot modules and everything
 * handed out since. What is left at the end goes to the heap.
 *
 * Context: boot, one processor; no lock. Nothing is zeroed or touched here.
 */
#ifndef HV_BOOT_ALLOC_H
#define HV_BOOT_ALLOC_H

#include <hv/e820.h>

/*
 * The boot page tables (start/head.S) show this much of the direct map, so
 * that what lies below can be written before the final tables are in force.
 */
#define BOOT_MAPPED_BYTES GIB(4)

#define BOOT_NO_LIMIT (~0UL)

struct boot_range {
	paddr_t base;
	uint64_t bytes;
};

/* The free ranges after this: the RAM of a sane map above the first MiB. */
void boot_alloc_init(const struct e820_map *map);

/* Takes a range out, RAM or not, aligned outwards to frames. Ranges already taken may be named again. */
void boot_reserve(paddr_t base, uint64_t bytes);

/*
 * Whole frames, aligned to `align` (a power of two, at least PAGE_SIZE), that
 * end at or below `below`; the highest there are. -EINVAL, or -ENOMEM when
 * nothing fits or after boot_alloc_close.
 */
int boot_alloc(uint64_t bytes, uint64_t align, paddr_t below, paddr_t *ret_base) __must_check;

/* One frame of RAM below 1 MiB that a processor can start in: sane map, base at most 0x9f000. -ENOMEM if none. */
int boot_trampoline_find(const struct e820_map *map, paddr_t *ret_base) __must_check;

/* The free ranges, ascending. After boot_alloc_close they stay as they are: the heap takes them. */
uint32_t boot_ranges(const struct boot_range **ret_first);
void boot_alloc_close(void);

#endif
