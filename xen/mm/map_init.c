/* SPDX-License-Identifier: GPL-2.0-only */
/* The final page tables, built while the boot tables are in force. */
#include <errno.h>
#include <string.h>
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/log.h>
#include "map_priv.h"

#define SLOT_FIRST 256
#define SLOT_LAST  271

/* One 2 MiB page of the frame table describes this much memory. */
#define UNIT_BYTES (MIB(2) / sizeof(struct frame) * PAGE_SIZE)

/* Address spaces of PV guests copy these entries: they must be there from the start. */
static int map_slots_fill(void)
{
	for (unsigned int slot = SLOT_FIRST; slot <= SLOT_LAST; slot++) {
		uint64_t *table = map_table_new();

		if (!table)
			return -ENOMEM;
		map_state.root[slot] = mfn_to_paddr(va_to_mfn(table)) | PTE_P | PTE_W | PTE_A;
	}
	return 0;
}

static int map_direct(paddr_t base, paddr_t end)
{
	return base < end ? map_range(DIRECTMAP_BASE + base, base, end - base, MAP_RW) : 0;
}

/* The image's frames are left out: nothing may write to its text by another address. */
static int map_direct_all(const struct map_config *c)
{
	paddr_t image_end = c->image_phys + (c->image_end - c->image_start);

	for (uint32_t i = 0; i < c->ram->count; i++) {
		const struct e820_entry *e = &c->ram->entry[i];
		paddr_t end = e->base + e->bytes;
		int rc;

		if (e->type != E820_RAM)
			continue;
		rc = map_direct(e->base, MIN(end, MAX(e->base, c->image_phys)));
		if (!rc)
			rc = map_direct(MAX(e->base, MIN(end, image_end)), end);
		if (rc)
			return rc;
	}
	return 0;
}

static int map_image(const struct map_config *c)
{
	for (uint32_t i = 0; i < c->section_count; i++) {
		const struct map_section *s = &c->section[i];
		int rc;

		if (s->start < c->image_start || s->end > c->image_end || s->start > s->end)
			return -EINVAL;
		rc = map_range(
			s->start, c->image_phys + (s->start - c->image_start), s->end - s->start, s->access);
		if (rc)
			return rc;
	}
	return 0;
}

/*
 * Units [first, end) of the frame table: backed by 1 GiB at a time where the
 * page can be that large, by 2 MiB else. Nothing is written.
 */
static int map_units(uint64_t first, uint64_t end)
{
	while (first < end) {
		uintptr_t va = FRAMETABLE_BASE + first * MIB(2);
		uint64_t bytes = GIB(1);
		paddr_t pa;
		int rc;

		if (!map_state.has_1g || !IS_ALIGNED(va, GIB(1)) || end - first < GIB(1) / MIB(2) ||
			boot_alloc(bytes, bytes, BOOT_NO_LIMIT, &pa)) {
			bytes = MIB(2);
			if (boot_alloc(bytes, bytes, BOOT_NO_LIMIT, &pa))
				return -ENOMEM;
		}
		rc = map_range(va, pa, bytes, MAP_RW);
		if (rc)
			return rc;
		first += bytes / MIB(2);
	}
	return 0;
}

/* The map is sorted: what is backed already ends at `done`. */
static int map_frame_table(const struct e820_map *ram)
{
	uint64_t done = 0;

	for (uint32_t i = 0; i < ram->count; i++) {
		const struct e820_entry *e = &ram->entry[i];
		uint64_t first = MAX(e->base / UNIT_BYTES, done);
		uint64_t end = (e->base + e->bytes + UNIT_BYTES - 1) / UNIT_BYTES;
		int rc;

		if (e->type != E820_RAM || first >= end)
			continue;
		rc = map_units(first, end);
		if (rc)
			return rc;
		done = end;
	}
	return 0;
}

int map_init(const struct map_config *c)
{
	int rc;

	memset(&map_state, 0, sizeof(map_state));
	map_state.has_1g = c->has_1g;
	map_state.pa_end = 1UL << MIN(c->phys_bits, 52U);
	map_state.root = map_table_new();
	if (!map_state.root)
		return -ENOMEM;
	map_state.root_pa = mfn_to_paddr(va_to_mfn(map_state.root));
	rc = map_slots_fill();
	if (!rc)
		rc = map_direct_all(c);
	if (!rc)
		rc = map_image(c);
	if (!rc)
		rc = map_frame_table(c->ram);
	if (rc)
		log_err("map: page tables: error %d after %lu tables", rc, map_state.tables);
	return rc;
}
