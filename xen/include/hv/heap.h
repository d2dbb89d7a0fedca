/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame allocator: a buddy allocator for each NUMA node and each zone
 * (below 16 MiB, below 4 GiB, above), orders 0 to 18 (4 KiB to 1 GiB).
 *
 * Free memory is clean (all zero) or dirty (somebody's data). Freed memory is
 * dirty; it becomes clean in the idle loop (scrub_step), or when it is given
 * away. Blocks merge with blocks of their own kind only.
 *
 * Context: any but interrupts. Takes LOCK_RANK_HEAP, one node's at a time.
 */
#ifndef HV_HEAP_H
#define HV_HEAP_H

#include <hv/types.h>

#define HEAP_ORDER_MAX	  ORDER_1G
#define HEAP_ANY_NODE	  (~0U)
#define HEAP_RANGES_MAX	  256
#define HEAP_INLINE_SCRUB ORDER_2M /* larger blocks are only given away clean */

enum heap_zone {
	HEAP_ZONE_16M,
	HEAP_ZONE_4G,
	HEAP_ZONE_HIGH,
	HEAP_ZONES,
};

/* Flags of an allocation. Without HEAP_ANY_CONTENT the memory is zero. */
#define HEAP_NODE_EXACT	 0x1 /* this node or nothing */
#define HEAP_BELOW_4G	 0x2
#define HEAP_BELOW_16M	 0x4
#define HEAP_ANY_CONTENT 0x8 /* the caller overwrites all of it, or it goes back to its last owner */

/* Which memory is near which node: from SRAT and SLIT, or all of it node 0. */
struct numa_range {
	paddr_t base;
	uint64_t bytes;
	uint32_t node; /* below NR_NODES */
};

struct numa_info {
	uint32_t node_count; /* at least 1; those beyond NR_NODES are node 0 */
	uint32_t range_count;
	struct numa_range range[HEAP_RANGES_MAX]; /* the first that covers a frame counts; none: node 0 */
	uint8_t distance[NR_NODES][NR_NODES];	  /* SLIT; 10 is local; all 0 when there is none */
};

struct heap_stats {
	uint64_t total; /* frames ever added */
	uint64_t clean, dirty;
};

/* Empty. The information is only read during the call. NULL: one node. */
void heap_init(const struct numa_info *info);

/*
 * Gives [base, base + bytes) of RAM, known to the frame table and owned by
 * nobody, to the heap; the ranges of heap_init say to which nodes. Takes a time
 * that grows with the number of blocks of 1 GiB, not of frames.
 */
void heap_add(paddr_t base, uint64_t bytes, bool clean);

/* True after the first heap_add: page tables come from here, not from boot_alloc. */
bool heap_ready(void);

/*
 * 2^order frames, naturally aligned, each with one reference and owned by
 * FRAME_OWNER_HV. node: where to look first (HEAP_ANY_NODE: node 0), then by
 * distance. -EINVAL, -ENOMEM. May scrub for long when order is above
 * HEAP_INLINE_SCRUB: the toolstack's path uses heap_try_alloc.
 */
int heap_alloc(unsigned int order, unsigned int node, unsigned int flags, mfn_t *ret_mfn) __must_check;

/* One bounded attempt: -EAGAIN when it has scrubbed a little and wants to be called again. */
int heap_try_alloc(unsigned int order, unsigned int node, unsigned int flags, mfn_t *ret_mfn) __must_check;

/* For the hypervisor itself: zeroed, any node, mapped by the direct map; NULL when there is none. */
void *heap_pages(unsigned int order) __must_check;

/*
 * The hypervisor's own allocation goes back, dirty. Its frames have one
 * reference each (panic otherwise: still mapped somewhere). A domain's frames
 * go back by frame_put, one by one: the domain may take references meanwhile.
 */
void heap_free(mfn_t first, unsigned int order);
void heap_pages_free(void *va, unsigned int order);

/* For frame_put: frames without references. */
void heap_release(mfn_t first, unsigned int order);

/* What a node, or all of them (HEAP_ANY_NODE), has in one zone. */
struct heap_stats heap_stats(unsigned int node, enum heap_zone zone);
uint64_t heap_free_frames(void);
unsigned int heap_nodes(void);

/*
 * A little scrubbing (at most 64 frames): for the idle loop. Returns false when
 * there is nothing for this processor to do.
 */
bool scrub_step(void);

#endif
