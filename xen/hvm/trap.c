/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of emulated ranges.
 * Lock order: trap (LOCK_RANK_TRAP) -> heap (growing).
 */
#include <errno.h>
#include <string.h>
#include <hv/slab.h>
#include <hv/trap.h>

#define TRAP_ROOM_FIRST 16

void trap_init(struct trap_table *t, const char *name)
{
	*t = (struct trap_table){.count = 0};
	rw_init(&t->lock, name, LOCK_RANK_TRAP);
}

void trap_destroy(struct trap_table *t)
{
	hv_free(t->range);
	t->range = NULL;
	t->count = t->room = 0;
}

/* The index of the first range that does not end before the address. */
static uint32_t trap_index(const struct trap_table *t, uint64_t address)
{
	uint32_t low = 0, high = t->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->range[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int trap_grow(struct trap_table *t)
{
	uint32_t room = t->room ? t->room * 2 : TRAP_ROOM_FIRST;
	struct trap_range *bigger;

	if (t->count < t->room)
		return 0;
	if (room > TRAP_RANGES_MAX)
		return -ENOSPC;
	bigger = hv_alloc_array(room, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	if (t->count)
		memcpy(bigger, t->range, t->count * sizeof(*bigger));
	hv_free(t->range);
	t->range = bigger;
	t->room = room;
	return 0;
}

static int trap_insert(struct trap_table *t, const struct trap_range *r)
{
	uint32_t at = trap_index(t, r->first);
	int rc;

	if (at < t->count && t->range[at].first <= r->last)
		return -EEXIST;
	rc = trap_grow(t);
	if (rc < 0)
		return rc;
	memmove(&t->range[at + 1], &t->range[at], (t->count - at) * sizeof(*r));
	t->range[at] = *r;
	t->count++;
	return 0;
}

int trap_add(struct trap_table *t, uint64_t first, uint64_t count, const struct trap_ops *ops, void *ctx)
{
	struct trap_range r = {.first = first, .last = first + count - 1, .ops = ops, .ctx = ctx};
	int rc;

	if (count == 0 || r.last < first)
		return -EINVAL;
	write_lock(&t->lock);
	rc = trap_insert(t, &r);
	write_unlock(&t->lock);
	return rc;
}

int trap_remove(struct trap_table *t, uint64_t first)
{
	uint32_t at;
	int rc = -ENOENT;

	write_lock(&t->lock);
	at = trap_index(t, first);
	if (at < t->count && t->range[at].first == first) {
		t->count--;
		memmove(&t->range[at], &t->range[at + 1], (t->count - at) * sizeof(t->range[0]));
		rc = 0;
	}
	write_unlock(&t->lock);
	return rc;
}

bool trap_find(struct trap_table *t, uint64_t address, unsigned int bytes, struct trap_range *ret_range)
{
	bool found = false;
	uint32_t at;

	read_lock(&t->lock);
	at = trap_index(t, address);
	if (at < t->count && t->range[at].first <= address && t->range[at].last - address >= bytes - 1) {
		*ret_range = t->range[at];
		found = true;
	}
	read_unlock(&t->lock);
	return found;
}

uint64_t trap_read(struct trap_table *t, struct vcpu *v, uint64_t address, unsigned int bytes)
{
	uint64_t mask = bytes >= 8 ? ~0UL : (1UL << (bytes * 8)) - 1;
	struct trap_range r;

	if (!trap_find(t, address, bytes, &r))
		return mask;
	return r.ops->read(v, r.ctx, address, bytes) & mask;
}

void trap_write(struct trap_table *t, struct vcpu *v, uint64_t address, unsigned int bytes, uint64_t value)
{
	struct trap_range r;

	if (trap_find(t, address, bytes, &r))
		r.ops->write(v, r.ctx, address, bytes, value);
}
