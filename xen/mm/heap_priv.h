/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by heap.c and scrub.c.
 *
 * Lock order: struct heap_node's lock is LOCK_RANK_HEAP; never two at a time.
 */
#ifndef HEAP_PRIV_H
#define HEAP_PRIV_H

#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/spinlock.h>

enum heap_kind {
	HEAP_CLEAN,
	HEAP_DIRTY,
	HEAP_KINDS,
};

/* Free blocks of one kind: a list for each order, and which lists are not empty. */
struct heap_lists {
	uint32_t head[HEAP_ORDER_MAX + 1];
	uint32_t present;
	uint64_t frames;
};

/* The block being scrubbed. It is on no list; its frames count as dirty. */
struct scrub_job {
	mfn_t first;
	uint8_t order;
	bool active;
	bool busy; /* a processor is at it, without the lock */
	uint32_t done;
};

struct heap_node {
	struct spinlock lock;
	struct heap_lists lists[HEAP_ZONES][HEAP_KINDS];
	uint64_t total[HEAP_ZONES];
	struct scrub_job job;
};

extern struct heap_node heap_node[NR_NODES];

enum heap_zone heap_zone_of(mfn_t mfn);

/* Puts a block on its list, merged with its free buddies of the same kind. Node lock held. */
void heap_insert(mfn_t first, unsigned int order, unsigned int node, enum heap_kind kind);

/* Takes a block of exactly this order off, from the smallest that has it. Node lock held. False: none. */
bool heap_take(
	struct heap_node *n, enum heap_zone zone, enum heap_kind kind, unsigned int order, mfn_t *ret_mfn);

/* Zeroes frames that are not zero. No lock. */
void scrub_frames(mfn_t first, uint64_t frames);

/* Some scrubbing in this node's zones up to `top`. False: nothing dirty there. */
bool scrub_node_step(unsigned int node, enum heap_zone top);

#endif
