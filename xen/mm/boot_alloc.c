/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory before the heap: a short sorted list of free ranges that only
 * shrinks. Handing out is reserving what was found.
 */
#include <errno.h>
#include <string.h>
#include <hv/boot_alloc.h>
#include <hv/log.h>

/* Each reservation or allocation adds at most one range. */
#define RANGES_MAX (E820_MAX + 128)

#define FIRST_MIB      MIB(1)
#define TRAMPOLINE_TOP 0xa0000

static struct {
	uint32_t count;
	bool closed;
	struct boot_range range[RANGES_MAX];
	bool low_taken[FIRST_MIB / PAGE_SIZE]; /* boot modules may lie there */
} boot;

void boot_alloc_init(const struct e820_map *map)
{
	boot.count = 0;
	boot.closed = false;
	for (uint32_t i = 0; i < map->count; i++)
		if (map->entry[i].type == E820_RAM)
			boot.range[boot.count++] =
				(struct boot_range){map->entry[i].base, map->entry[i].bytes};
	boot_reserve(0, FIRST_MIB);
	memset(boot.low_taken, 0, sizeof(boot.low_taken));
}

static void boot_range_remove(uint32_t i)
{
	boot.count--;
	memmove(&boot.range[i], &boot.range[i + 1], (boot.count - i) * sizeof(boot.range[0]));
}

static void boot_range_insert(uint32_t i, paddr_t base, uint64_t bytes)
{
	memmove(&boot.range[i + 1], &boot.range[i], (boot.count - i) * sizeof(boot.range[0]));
	boot.range[i] = (struct boot_range){base, bytes};
	boot.count++;
}

/* Leaves [base, lo) and [hi, end) of range i, either of which may be empty. Returns how many were left. */
static uint32_t boot_range_cut(uint32_t i, paddr_t lo, paddr_t hi)
{
	struct boot_range *r = &boot.range[i];
	uint64_t head = lo - r->base;
	uint64_t tail = r->base + r->bytes - hi;

	if (head && tail && boot.count == RANGES_MAX) {
		log_warn("boot memory: too many ranges, %lu KiB lost", MIN(head, tail) >> 10);
		*(head > tail ? &tail : &head) = 0;
	}
	if (!head && !tail) {
		boot_range_remove(i);
		return 0;
	}
	if (head && tail)
		boot_range_insert(i + 1, hi, tail);
	*r = head ? (struct boot_range){r->base, head} : (struct boot_range){hi, tail};
	return head && tail ? 2 : 1;
}

void boot_reserve(paddr_t base, uint64_t bytes)
{
	paddr_t end = base + bytes < base ? ~0UL : base + bytes;
	uint32_t i = 0;

	base = ALIGN_DOWN(base, PAGE_SIZE);
	end = end > ~0UL - PAGE_SIZE ? ~0UL : ALIGN_UP(end, PAGE_SIZE);
	for (paddr_t p = base; p < MIN(end, FIRST_MIB); p += PAGE_SIZE)
		boot.low_taken[p >> PAGE_SHIFT] = true;
	while (i < boot.count) {
		paddr_t lo = MAX(base, boot.range[i].base);
		paddr_t hi = MIN(end, boot.range[i].base + boot.range[i].bytes);

		i += lo < hi ? boot_range_cut(i, lo, hi) : 1;
	}
}

/* The highest aligned place in the range that ends at or below the limit. */
static bool boot_range_fits(
	const struct boot_range *r, uint64_t bytes, uint64_t align, paddr_t below, paddr_t *ret_base)
{
	paddr_t end = MIN(below, r->base + r->bytes);
	paddr_t base;

	if (end < r->base || end - r->base < bytes)
		return false;
	base = ALIGN_DOWN(end - bytes, align);
	if (base < r->base)
		return false;
	*ret_base = base;
	return true;
}

int boot_alloc(uint64_t bytes, uint64_t align, paddr_t below, paddr_t *ret_base)
{
	if (bytes == 0 || !IS_ALIGNED(bytes, PAGE_SIZE) || align < PAGE_SIZE || (align & (align - 1)))
		return -EINVAL;
	for (uint32_t i = boot.closed ? 0 : boot.count; i > 0; i--) {
		paddr_t base;

		if (!boot_range_fits(&boot.range[i - 1], bytes, align, below, &base))
			continue;
		boot_reserve(base, bytes);
		*ret_base = base;
		return 0;
	}
	return -ENOMEM;
}

int boot_trampoline_find(const struct e820_map *map, paddr_t *ret_base)
{
	for (paddr_t p = TRAMPOLINE_TOP - PAGE_SIZE; p > 0; p -= PAGE_SIZE) {
		if (boot.low_taken[p >> PAGE_SHIFT] || !e820_is_type(map, p, PAGE_SIZE, E820_RAM))
			continue;
		*ret_base = p;
		return 0;
	}
	return -ENOMEM;
}

uint32_t boot_ranges(const struct boot_range **ret_first)
{
	*ret_first = boot.range;
	return boot.count;
}

void boot_alloc_close(void)
{
	boot.closed = true;
}
