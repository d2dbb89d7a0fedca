/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain ids: one number for a domain on all units, so that a flush can be
 * queued everywhere without a lookup. 0 is never given out: with VT-d's caching
 * mode it tags what is not present (VT-d 4.1 section 6.1), and AMD-Vi's blocked
 * devices have it.
 *
 * Given out in turn, so that an id rests as long as possible between two owners.
 */
#include <errno.h>
#include <string.h>
#include <pt/iommu_ops.h>

#define IDS_MAX	  0x10000U
#define WORD_BITS 64U

static struct env_lock ids_lock;
static uint64_t ids_used[IDS_MAX / WORD_BITS];
static uint32_t ids_count, ids_next;

static bool id_take(uint32_t id)
{
	uint64_t bit = 1ULL << (id % WORD_BITS), *word = &ids_used[id / WORD_BITS];

	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

void iommu_domid_init(uint32_t count)
{
	env_lock_init(&ids_lock, ENV_RANK_IOMMU);
	memset(ids_used, 0, sizeof(ids_used));
	ids_count = MAX(MIN(count, IDS_MAX), 2U);
	ids_next = 1;
}

int iommu_domid_alloc(uint16_t *ret_id)
{
	int err = -ENOSPC;

	env_lock(&ids_lock);
	for (uint32_t tries = 1; tries < ids_count && err; tries++) {
		uint32_t id = ids_next;

		ids_next = id + 1 < ids_count ? id + 1 : 1;
		if (!id_take(id))
			continue;
		*ret_id = (uint16_t)id;
		err = 0;
	}
	env_unlock(&ids_lock);
	return err;
}

void iommu_domid_free(uint16_t id)
{
	env_lock(&ids_lock);
	ids_used[id / WORD_BITS] &= ~(1ULL << (id % WORD_BITS));
	env_unlock(&ids_lock);
}
