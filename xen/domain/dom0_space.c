/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include "dom0_priv.h"

int dom0_space_add(struct dom0_space *space, paddr_t base, uint64_t bytes)
{
	struct dom0_range *last = space->count > 0 ? &space->range[space->count - 1] : NULL;

	if (!IS_ALIGNED(base | bytes, PAGE_SIZE) || base + bytes < base)
		return -EINVAL;
	if (last && base < last->base + last->bytes)
		return -EINVAL;
	if (bytes == 0)
		return 0;
	if (last && base == last->base + last->bytes) {
		last->bytes += bytes;
		return 0;
	}
	if (space->count == DOM0_RANGES_MAX)
		return -ENOSPC;
	space->range[space->count++] = (struct dom0_range){base, bytes};
	return 0;
}

uint64_t dom0_space_bytes(const struct dom0_space *space)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < space->count; i++)
		sum += space->range[i].bytes;
	return sum;
}

/* The best place in one range. */
static bool space_fit(
	const struct dom0_range *r, const struct dom0_want *want, uint64_t bytes, paddr_t *ret_base)
{
	paddr_t lo = ALIGN_UP(MAX(r->base, want->min), want->align);
	paddr_t end = MIN(r->base + r->bytes, want->end);

	if (lo < want->min || end < bytes || lo > end - bytes)
		return false;
	*ret_base = want->high ? ALIGN_DOWN(end - bytes, want->align) : lo;
	return true;
}

/* A range gives up its middle: one, two or no ranges are left. -ENOMEM: no room to note the second. */
static int space_cut(struct dom0_space *space, uint32_t i, paddr_t base, uint64_t bytes)
{
	struct dom0_range *r = &space->range[i];
	struct dom0_range before = {r->base, base - r->base};
	struct dom0_range after = {base + bytes, r->base + r->bytes - base - bytes};

	if (before.bytes > 0 && after.bytes > 0) {
		if (space->count == DOM0_RANGES_MAX)
			return -ENOMEM;
		for (uint32_t k = space->count++; k > i + 1; k--)
			space->range[k] = space->range[k - 1];
		space->range[i] = before;
		space->range[i + 1] = after;
	} else if (before.bytes > 0 || after.bytes > 0) {
		*r = before.bytes > 0 ? before : after;
	} else {
		for (uint32_t k = i; k + 1 < space->count; k++)
			space->range[k] = space->range[k + 1];
		space->count--;
	}
	return 0;
}

int dom0_space_take(struct dom0_space *space, const struct dom0_want *want, paddr_t *ret_base)
{
	uint64_t bytes = ALIGN_UP(want->bytes, PAGE_SIZE);

	for (uint32_t n = 0; n < space->count && bytes >= want->bytes && bytes > 0; n++) {
		uint32_t i = want->high ? space->count - 1 - n : n;
		paddr_t base;

		if (!space_fit(&space->range[i], want, bytes, &base))
			continue;
		if (space_cut(space, i, base, bytes) != 0)
			return -ENOMEM;
		*ret_base = base;
		return 0;
	}
	return -ENOMEM;
}
