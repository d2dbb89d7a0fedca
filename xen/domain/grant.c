/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: grant_pin(), grant_unpin(), grant_map_*(): O(1), no allocation but of one
 * chunk for every 256 mappings.
 *
 * Locks: a table's lock around its active entries and its mappings; d->lock
 * around taking a reference on d->grants. A table lives until the last pin in it
 * is gone, longer than its domain when it must.
 */
#include <errno.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include "domain_priv.h"
#include "grant_priv.h"

/* The guest changes the entry while it is looked at: it gets an error, not our time. */
#define STATUS_TRIES 5u
#define PINS_MAX     (1u << 30)

BUILD_ASSERT(sizeof(struct grant_entry_v1) == 8);

/* --- Tables. --- */

struct grant_entry_v1 *grant_entry(struct grant_table *t, uint32_t ref)
{
	struct grant_entry_v1 *entries;

	if (ref / GRANTS_PER_FRAME >= t->frames_max)
		return NULL;
	entries = __atomic_load_n(&t->entries[ref / GRANTS_PER_FRAME], __ATOMIC_ACQUIRE);
	return entries != NULL ? &entries[ref % GRANTS_PER_FRAME] : NULL;
}

static struct grant_active *grant_active(struct grant_table *t, uint32_t ref)
{
	return &t->active[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME];
}

static int grant_frame_add(struct grant_table *t)
{
	uint32_t i = t->frames;
	int rc;

	t->active[i] = hv_alloc_array(GRANTS_PER_FRAME, sizeof(struct grant_active));
	if (t->active[i] == NULL)
		return -ENOMEM;
	rc = heap_alloc(0, HEAP_ANY_NODE, 0, &t->mfn[i]);
	if (rc != 0) {
		hv_free(t->active[i]);
		t->active[i] = NULL;
		return rc;
	}
	frame_assign(t->mfn[i], 0, t->domid);
	__atomic_store_n(&t->entries[i], mfn_to_va(t->mfn[i]), __ATOMIC_RELEASE);
	t->frames++;
	return 0;
}

int grant_table_grow(struct grant_table *t, uint32_t frames)
{
	int rc = frames <= t->frames_max ? 0 : -ENOSPC;

	spin_lock(&t->lock);
	while (rc == 0 && t->frames < frames)
		rc = grant_frame_add(t);
	spin_unlock(&t->lock);
	return rc;
}

int grant_table_frame(struct domain *d, uint32_t index, mfn_t *ret_mfn)
{
	struct grant_table *t = grant_table_get(d);
	int rc;

	if (t == NULL)
		return -EINVAL;
	rc = index < t->frames_max ? grant_table_grow(t, index + 1) : -EINVAL;
	if (rc == 0)
		*ret_mfn = t->mfn[index];
	grant_table_put(t);
	return rc;
}

uint32_t grant_frames_max(struct domain *d)
{
	struct grant_table *t = grant_table_get(d);
	uint32_t frames = t != NULL ? t->frames_max : 0;

	if (t != NULL)
		grant_table_put(t);
	return frames;
}

static void grant_table_free(struct grant_table *t)
{
	for (uint32_t i = 0; i < t->frames; i++) {
		frame_put(frame_at(t->mfn[i]));
		hv_free(t->active[i]);
	}
	for (uint32_t i = 0; i < t->chunks; i++)
		hv_free(t->map[i]);
	hv_free(t->mfn);
	hv_free(t->entries);
	hv_free(t->active);
	hv_free(t->map);
	hv_free(t);
}

void grant_table_put(struct grant_table *t)
{
	if (__atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) == 0)
		grant_table_free(t);
}

static void grant_table_ref(struct grant_table *t)
{
	__atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
}

struct grant_table *grant_table_get(struct domain *d)
{
	struct grant_table *t;

	spin_lock(&d->lock);
	t = d->grants;
	if (t != NULL)
		grant_table_ref(t);
	spin_unlock(&d->lock);
	return t;
}

static struct grant_table *grant_table_create(domid_t domid, uint32_t frames, uint32_t chunks)
{
	struct grant_table *t = hv_alloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	spin_init(&t->lock, "grant table", LOCK_RANK_GRANT);
	t->refs = 1;
	t->domid = domid;
	t->frames_max = frames;
	t->chunks_max = chunks;
	t->map_free = MAP_FREE_END;
	t->mfn = hv_alloc_array(frames, sizeof(*t->mfn));
	t->entries = hv_alloc_array(frames, sizeof(*t->entries));
	t->active = hv_alloc_array(frames, sizeof(*t->active));
	t->map = hv_alloc_array(chunks, sizeof(*t->map));
	if (t->mfn == NULL || t->entries == NULL || t->active == NULL || t->map == NULL ||
		grant_table_grow(t, 1) != 0) {
		grant_table_put(t);
		return NULL;
	}
	return t;
}

int grant_create(struct domain *d)
{
	d->grants = grant_table_create(d->id, GRANT_FRAMES_DEFAULT, GRANT_MAPTRACK_DEFAULT);
	return d->grants != NULL ? 0 : -ENOMEM;
}

int grant_set_limits(struct domain *d, uint32_t frames, uint32_t maptrack_frames)
{
	struct grant_table *t, *old = d->grants;

	if (frames == 0 || frames > GRANT_FRAMES_MAX || maptrack_frames == 0 ||
		maptrack_frames > GRANT_CHUNKS_MAX ||
		__atomic_load_n(&d->state, __ATOMIC_ACQUIRE) != DOMAIN_BUILDING)
		return -EINVAL;
	t = grant_table_create(d->id, frames, maptrack_frames);
	if (t == NULL)
		return -ENOMEM;
	spin_lock(&d->lock);
	d->grants = t;
	spin_unlock(&d->lock);
	grant_table_put(old);
	return 0;
}

int grant_preset(struct domain *d, uint32_t ref, domid_t to, uint32_t gfn)
{
	struct grant_entry_v1 *e;

	if (ref >= GNTTAB_NR_RESERVED_ENTRIES)
		return -EINVAL;
	e = grant_entry(d->grants, ref);
	*e = (struct grant_entry_v1){.flags = GTF_permit_access, .domid = to, .frame = gfn};
	return 0;
}

/* --- Pins. --- */

/* Flags and domid of an entry are read and changed together. */
union grant_word {
	struct {
		uint16_t flags;
		domid_t domid;
	};
	uint32_t word;
};

static uint32_t *grant_entry_word(struct grant_entry_v1 *e)
{
	return (uint32_t *)(void *)e;
}

/* The entry allows it now, and says from now on that it is in use. */
static int grant_status_set(struct grant_entry_v1 *e, domid_t user, bool readonly)
{
	union grant_word old = {.word = __atomic_load_n(grant_entry_word(e), __ATOMIC_SEQ_CST)}, new;

	for (unsigned int i = 0; i < STATUS_TRIES; i++) {
		if ((old.flags & (GTF_type_mask | GTF_sub_page)) != GTF_permit_access || old.domid != user)
			return GNTST_general_error;
		if (!readonly && (old.flags & GTF_readonly) != 0)
			return GNTST_general_error;
		new = old;
		new.flags |= (uint16_t)(readonly ? GTF_reading : GTF_reading | GTF_writing);
		if (__atomic_compare_exchange_n(grant_entry_word(e), &old.word, new.word, false,
			    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return GNTST_okay;
	}
	return GNTST_general_error;
}

static void grant_status_clear(struct grant_entry_v1 *e, uint16_t flags)
{
	__atomic_fetch_and(&e->flags, (uint16_t)~flags, __ATOMIC_SEQ_CST);
}

/* The first use decides which frame it is: the one that the entry named before and still names. */
static int grant_pin_first(struct grant_active *a, struct grant_entry_v1 *e, domid_t user, bool readonly,
	uint32_t gfn, mfn_t mfn)
{
	int status = grant_status_set(e, user, readonly);

	if (status != GNTST_okay)
		return status;
	if (__atomic_load_n(&e->frame, __ATOMIC_SEQ_CST) != gfn || frame_ref(frame_at(mfn)) != 0) {
		grant_status_clear(e, GTF_reading | GTF_writing);
		return GNTST_general_error;
	}
	a->mfn = mfn;
	a->domid = user;
	return GNTST_okay;
}

static int grant_pin_more(
	struct grant_active *a, struct grant_entry_v1 *e, domid_t user, bool readonly, mfn_t mfn)
{
	if (a->domid != user || a->pins >= PINS_MAX || !mfn_eq(a->mfn, mfn))
		return GNTST_general_error;
	return grant_status_set(e, user, readonly);
}

static int grant_pin_locked(
	struct grant_table *t, uint32_t ref, domid_t user, bool readonly, uint32_t gfn, mfn_t mfn)
{
	struct grant_entry_v1 *e = grant_entry(t, ref);
	struct grant_active *a = grant_active(t, ref);
	int status = a->pins == 0 ? grant_pin_first(a, e, user, readonly, gfn, mfn)
				  : grant_pin_more(a, e, user, readonly, mfn);

	if (status != GNTST_okay)
		return status;
	a->pins++;
	a->writers += !readonly;
	grant_table_ref(t);
	return GNTST_okay;
}

/* The p2m is asked before the table's lock is taken, which is inside the p2m's. */
int grant_pin(struct domain *granter, struct grant_table *t, uint32_t ref, domid_t user, bool readonly,
	mfn_t *ret_mfn)
{
	struct grant_entry_v1 *e = grant_entry(t, ref);
	uint32_t gfn;
	mfn_t mfn;
	int status;

	if (e == NULL)
		return GNTST_bad_gntref;
	gfn = __atomic_load_n(&e->frame, __ATOMIC_SEQ_CST);
	if (guest_own_frame(granter, gfn, !readonly, &mfn) != 0)
		return GNTST_bad_page;
	spin_lock(&t->lock);
	status = grant_pin_locked(t, ref, user, readonly, gfn, mfn);
	spin_unlock(&t->lock);
	if (status == GNTST_okay)
		*ret_mfn = mfn;
	p2m_put_frame(mfn);
	return status;
}

void grant_unpin(struct grant_table *t, uint32_t ref, bool readonly)
{
	struct grant_entry_v1 *e = grant_entry(t, ref);
	struct grant_active *a = grant_active(t, ref);
	mfn_t mfn = INVALID_MFN;

	spin_lock(&t->lock);
	BUG_ON(a->pins == 0 || (!readonly && a->writers == 0));
	a->writers -= !readonly;
	if (a->writers == 0)
		grant_status_clear(e, GTF_writing);
	if (--a->pins == 0) {
		grant_status_clear(e, GTF_reading);
		mfn = a->mfn;
	}
	spin_unlock(&t->lock);
	if (mfn_valid(mfn))
		frame_put(frame_at(mfn));
	grant_table_put(t);
}

int grant_swap(struct grant_table *t, uint32_t a, uint32_t b)
{
	struct grant_entry_v1 *ea = grant_entry(t, a), *eb = grant_entry(t, b), keep;
	int status = GNTST_eagain;

	if (ea == NULL || eb == NULL)
		return GNTST_bad_gntref;
	spin_lock(&t->lock);
	if (grant_active(t, a)->pins == 0 && grant_active(t, b)->pins == 0) {
		keep = *ea;
		*ea = *eb;
		*eb = keep;
		status = GNTST_okay;
	}
	spin_unlock(&t->lock);
	return status;
}

/* --- Mappings. --- */

static struct grant_map *grant_map_at(struct grant_table *t, uint32_t handle)
{
	return &t->map[handle / MAPS_PER_CHUNK][handle % MAPS_PER_CHUNK];
}

static int grant_chunk_add(struct grant_table *t)
{
	struct grant_map *chunk;
	uint32_t first = t->chunks * MAPS_PER_CHUNK;

	if (t->chunks >= t->chunks_max)
		return -ENOSPC;
	chunk = hv_alloc_array(MAPS_PER_CHUNK, sizeof(*chunk));
	if (chunk == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < MAPS_PER_CHUNK; i++)
		chunk[i].next = i + 1 < MAPS_PER_CHUNK ? first + i + 1 : t->map_free;
	t->map[t->chunks++] = chunk;
	t->map_free = first;
	return 0;
}

int grant_map_alloc(struct grant_table *t, uint32_t *ret_handle)
{
	struct grant_map *m;
	int rc = 0;

	spin_lock(&t->lock);
	if (t->map_free == MAP_FREE_END)
		rc = grant_chunk_add(t);
	if (rc == 0) {
		*ret_handle = t->map_free;
		m = grant_map_at(t, t->map_free);
		t->map_free = m->next;
		m->state = MAP_LEAVING;
	}
	spin_unlock(&t->lock);
	return rc;
}

void grant_map_fill(struct grant_table *t, uint32_t handle, const struct grant_map *m)
{
	spin_lock(&t->lock);
	*grant_map_at(t, handle) = *m;
	grant_map_at(t, handle)->state = MAP_USED;
	spin_unlock(&t->lock);
}

void grant_map_free(struct grant_table *t, uint32_t handle)
{
	struct grant_map *m = grant_map_at(t, handle);

	spin_lock(&t->lock);
	BUG_ON(m->state != MAP_LEAVING);
	*m = (struct grant_map){.state = MAP_FREE, .next = t->map_free};
	t->map_free = handle;
	spin_unlock(&t->lock);
}

int grant_map_take(struct grant_table *t, uint32_t handle, struct grant_map *ret)
{
	int rc = -ENOENT;

	spin_lock(&t->lock);
	if (handle / MAPS_PER_CHUNK < t->chunks && grant_map_at(t, handle)->state == MAP_USED) {
		grant_map_at(t, handle)->state = MAP_LEAVING;
		*ret = *grant_map_at(t, handle);
		rc = 0;
	}
	spin_unlock(&t->lock);
	return rc;
}

/* --- The end. --- */

#define DESTROY_STEP MAPS_PER_CHUNK

/* All that the domain has mapped; its vcpus do not run any more. */
static int grant_unmap_step(struct domain *d, struct grant_table *t)
{
	uint32_t first = t->map_destroyed, end = MIN(first + DESTROY_STEP, t->chunks * MAPS_PER_CHUNK);
	struct grant_map m;

	for (uint32_t h = first; h < end; h++)
		if (grant_map_at(t, h)->state == MAP_USED)
			(void)!p2m_remove(d, GFN(grant_map_at(t, h)->gfn), ORDER_4K);
	p2m_flush(d);
	for (; t->map_destroyed < end; t->map_destroyed++) {
		if (grant_map_take(t, t->map_destroyed, &m) != 0)
			continue;
		grant_unpin(m.table, m.ref, m.readonly);
		grant_map_free(t, t->map_destroyed);
	}
	return end < t->chunks * MAPS_PER_CHUNK ? -ERESTART : 0;
}

int grant_destroy(struct domain *d)
{
	struct grant_table *t = d->grants;
	int rc;

	if (t == NULL)
		return 0;
	rc = grant_unmap_step(d, t);
	if (rc != 0)
		return rc;
	spin_lock(&d->lock);
	d->grants = NULL;
	spin_unlock(&d->lock);
	grant_table_put(t);
	return 0;
}
