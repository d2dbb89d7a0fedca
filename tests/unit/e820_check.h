/* SPDX-License-Identifier: GPL-2.0-only */
/* What hv/e820.h promises of a sane map, for the unit test and the fuzzer. */
#ifndef E820_CHECK_H
#define E820_CHECK_H

#include <string.h>
#include <hv/e820.h>
#include <hv/layout.h>

static inline bool e820_check_entry(const struct e820_entry *e)
{
	if (e->bytes == 0 || e->base + e->bytes < e->base)
		return false;
	if (e->type != E820_RAM)
		return true;
	return e->base >= PAGE_SIZE && IS_ALIGNED(e->base | e->bytes, PAGE_SIZE) &&
	       e->base + e->bytes <= DIRECTMAP_BYTES;
}

static inline bool e820_check_sane(const struct e820_map *m)
{
	if (m->count > E820_MAX)
		return false;
	for (uint32_t i = 0; i < m->count; i++) {
		const struct e820_entry *e = &m->entry[i], *prev = e - 1;

		if (!e820_check_entry(e))
			return false;
		if (i && e->base < prev->base + prev->bytes)
			return false;
		if (i && e->base == prev->base + prev->bytes && e->type == prev->type)
			return false;
	}
	return true;
}

/* No RAM of the output is anything but RAM in the input. */
static inline bool e820_check_ram_is_ram(const struct e820_map *in, const struct e820_map *out)
{
	for (uint32_t i = 0; i < MIN(in->count, (uint32_t)E820_MAX); i++) {
		const struct e820_entry *e = &in->entry[i];
		uint64_t end = e->base + e->bytes < e->base ? ~0UL : e->base + e->bytes;

		for (uint32_t j = 0; e->type != E820_RAM && j < out->count; j++) {
			const struct e820_entry *o = &out->entry[j];

			if (o->type == E820_RAM && o->base < end && e->base < o->base + o->bytes && e->bytes)
				return false;
		}
	}
	return true;
}

#endif
