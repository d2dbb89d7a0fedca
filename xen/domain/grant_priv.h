/* SPDX-License-Identifier: GPL-2.0-only */
/* Between grant.c (tables, pins, mappings) and grant_op.c (the hypercalls). */
#ifndef GRANT_PRIV_H
#define GRANT_PRIV_H

#include <hv/grant.h>
#include <xen/xen.h>
#include <xen/grant_table.h>

#define GRANTS_PER_FRAME ((uint32_t)(PAGE_SIZE / sizeof(struct grant_entry_v1)))
#define MAPS_PER_CHUNK	 256u
#define GRANT_FRAMES_MAX 1024u
#define GRANT_CHUNKS_MAX 65536u

/* An entry that is in use: it holds one reference on the frame. */
struct grant_active {
	uint32_t pins, writers;
	domid_t domid; /* whose pins they are */
	mfn_t mfn;
};

#define MAP_FREE_END (~0u)

enum grant_map_state {
	MAP_FREE,
	MAP_USED,
	MAP_LEAVING, /* taken out of the p2m, but not yet flushed */
};

/* What this domain has mapped of another's. */
struct grant_map {
	struct grant_table *table; /* the granter's, a counted reference */
	mfn_t mfn;
	uint64_t gfn;
	uint32_t ref;
	uint32_t next; /* free: the next free one */
	uint8_t state; /* enum grant_map_state */
	bool readonly;
};

struct grant_table {
	struct spinlock lock;
	uint32_t refs; /* atomic: the domain's, and one for each pin */
	domid_t domid;
	uint32_t frames, frames_max;
	mfn_t *mfn;
	struct grant_entry_v1 **entries; /* by frame; shared with the guest; atomic, never taken out */
	struct grant_active **active;

	uint32_t chunks, chunks_max; /* of mappings that this domain holds */
	uint32_t map_free;	     /* first of the free ones, or MAP_FREE_END */
	uint32_t map_destroyed;	     /* how far destruction has come */
	struct grant_map **map;
};

/* NULL when the domain is being destroyed; a counted reference. */
struct grant_table *grant_table_get(struct domain *d) __must_check;
void grant_table_put(struct grant_table *t);

/*
 * One use of an entry by the domain: a reference on its frame, which holds until
 * grant_unpin(). GNTST_okay, or why not.
 */
int grant_pin(struct domain *granter, struct grant_table *t, uint32_t ref, domid_t user, bool readonly,
	mfn_t *ret_mfn) __must_check;
void grant_unpin(struct grant_table *t, uint32_t ref, bool readonly);

/* A free handle of the mapper's table, MAP_LEAVING until it is filled. -ENOSPC, -ENOMEM. */
int grant_map_alloc(struct grant_table *t, uint32_t *ret_handle) __must_check;
void grant_map_fill(struct grant_table *t, uint32_t handle, const struct grant_map *m);
void grant_map_free(struct grant_table *t, uint32_t handle);
/* MAP_USED to MAP_LEAVING, and what it was: only one caller gets it. -ENOENT. */
int grant_map_take(struct grant_table *t, uint32_t handle, struct grant_map *ret) __must_check;

/* The guest's entry, or NULL beyond the table. */
struct grant_entry_v1 *grant_entry(struct grant_table *t, uint32_t ref);

/* Exchanges two entries that nobody uses. GNTST_*. */
int grant_swap(struct grant_table *t, uint32_t a, uint32_t b) __must_check;

/* At least so many frames. -ENOSPC, -ENOMEM. */
int grant_table_grow(struct grant_table *t, uint32_t frames) __must_check;

#endif
