/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buddy allocator. A free block is described by the entry of its first
 * frame alone; whether an entry can be believed is what the chunk's state says
 * (hv/frame.h), so nothing here touches memory in proportion to its size,
 * except for giving an allocation's frames their entries.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "heap_priv.h"

struct heap_node heap_node[NR_NODES];

static unsigned int node_count = 1;
static bool ready;
static uint8_t fallback[NR_NODES][NR_NODES]; /* all nodes, nearest first */
static struct numa_info numa;

enum heap_zone heap_zone_of(mfn_t mfn)
{
	if (mfn.v < MIB(16) >> PAGE_SHIFT)
		return HEAP_ZONE_16M;
	return mfn.v < GIB(4) >> PAGE_SHIFT ? HEAP_ZONE_4G : HEAP_ZONE_HIGH;
}

static void heap_link(mfn_t first, unsigned int order, unsigned int node, enum heap_kind kind)
{
	struct heap_lists *l = &heap_node[node].lists[heap_zone_of(first)][kind];
	struct frame *f = frame_at(first);
	uint32_t next = l->head[order];

	f->next = next;
	f->prev = 0;
	f->refs = 0;
	f->type = 0;
	f->order = (uint8_t)order;
	f->node = (uint8_t)node;
	f->flags = kind == HEAP_DIRTY ? FRAME_FREE | FRAME_DIRTY : FRAME_FREE;
	if (next)
		frame_at(MFN(next))->prev = (uint32_t)first.v;
	l->head[order] = (uint32_t)first.v;
	l->present |= 1U << order;
	l->frames += 1UL << order;
	if (frame_chunk_state(first) == CHUNK_LAZY)
		frame_chunk_mark(first, CHUNK_LAZY_FREE);
}

static void heap_unlink(mfn_t first, unsigned int node, enum heap_kind kind)
{
	struct heap_lists *l = &heap_node[node].lists[heap_zone_of(first)][kind];
	struct frame *f = frame_at(first);

	if (f->prev)
		frame_at(MFN(f->prev))->next = f->next;
	else
		l->head[f->order] = f->next;
	if (f->next)
		frame_at(MFN(f->next))->prev = f->prev;
	if (!l->head[f->order])
		l->present &= ~(1U << f->order);
	l->frames -= 1UL << f->order;
	f->flags = 0;
	if (frame_chunk_state(first) == CHUNK_LAZY_FREE)
		frame_chunk_mark(first, CHUNK_LAZY);
}

/* True when a free block of this order and kind starts there. */
static bool heap_is_free(mfn_t mfn, unsigned int order, unsigned int node, enum heap_kind kind)
{
	uint8_t flags = kind == HEAP_DIRTY ? FRAME_FREE | FRAME_DIRTY : FRAME_FREE;
	enum chunk_state state = frame_chunk_state(mfn);
	const struct frame *f = frame_at(mfn);

	if (state != CHUNK_LAZY_FREE && state != CHUNK_READY)
		return false;
	return f->flags == flags && f->order == order && f->node == node;
}

void heap_insert(mfn_t first, unsigned int order, unsigned int node, enum heap_kind kind)
{
	BUG_ON(!spin_held(&heap_node[node].lock));
	for (; order < HEAP_ORDER_MAX; order++) {
		mfn_t buddy = MFN(first.v ^ (1UL << order));

		/* Blocks do not cross zones: 16 MiB and 4 GiB are the buddies of nothing but frame 0's block. */
		if (heap_zone_of(buddy) != heap_zone_of(first) || !heap_is_free(buddy, order, node, kind))
			break;
		heap_unlink(buddy, node, kind);
		first = MFN(first.v & ~(1UL << order));
	}
	heap_link(first, order, node, kind);
}

bool heap_take(
	struct heap_node *n, enum heap_zone zone, enum heap_kind kind, unsigned int order, mfn_t *ret_mfn)
{
	struct heap_lists *l = &n->lists[zone][kind];
	uint32_t fit = l->present & ~((1U << order) - 1);
	unsigned int node = (unsigned int)(n - heap_node);
	unsigned int have;
	mfn_t first;

	BUG_ON(!spin_held(&n->lock));
	if (!fit)
		return false;
	have = (unsigned int)__builtin_ctz(fit);
	first = MFN(l->head[have]);
	heap_unlink(first, node, kind);
	while (have > order) {
		/* From here on the chunk's single frames matter. */
		if (--have < ORDER_2M)
			frame_chunk_ready(first);
		heap_link(mfn_add(first, 1UL << have), have, node, kind);
	}
	*ret_mfn = first;
	return true;
}

/* --- Nodes. --- */

static void heap_fallback_init(unsigned int from)
{
	uint8_t *order = fallback[from];

	/* Insertion sort by distance; equal ones by number; the node itself first, whatever the table says. */
	for (unsigned int n = 0; n < node_count; n++) {
		unsigned int i = n;
		unsigned int d = n == from ? 0 : 1U + numa.distance[from][n];

		while (i > 0 && order[i - 1] != from && 1U + numa.distance[from][order[i - 1]] > d) {
			order[i] = order[i - 1];
			i--;
		}
		order[i] = (uint8_t)n;
	}
}

void heap_init(const struct numa_info *info)
{
	memset(heap_node, 0, sizeof(heap_node));
	memset(&numa, 0, sizeof(numa));
	if (info)
		numa = *info;
	node_count = MAX(1U, MIN(numa.node_count, (uint32_t)NR_NODES));
	ready = false;
	for (unsigned int n = 0; n < node_count; n++) {
		spin_init(&heap_node[n].lock, "heap", LOCK_RANK_HEAP);
		heap_fallback_init(n);
	}
}

/* The node of a frame, and where the next range may begin or end. */
static unsigned int heap_node_of(uint64_t mfn, uint64_t *end)
{
	for (uint32_t i = 0; i < MIN(numa.range_count, (uint32_t)HEAP_RANGES_MAX); i++) {
		const struct numa_range *r = &numa.range[i];
		uint64_t lo = r->base >> PAGE_SHIFT;
		uint64_t hi = lo + (r->bytes >> PAGE_SHIFT);

		if (mfn >= lo && mfn < hi) {
			*end = MIN(*end, hi);
			return r->node < node_count ? r->node : 0;
		}
		if (lo > mfn && hi > lo)
			*end = MIN(*end, lo);
	}
	return 0;
}

/* The largest block that starts there, ends in time and does not cross into another zone. */
static unsigned int heap_fit(uint64_t mfn, uint64_t end)
{
	unsigned int order = (unsigned int)MIN(__builtin_ctzl(mfn), HEAP_ORDER_MAX);

	while (mfn + (1UL << order) > end)
		order--;
	return order;
}

static void heap_add_to_node(uint64_t mfn, uint64_t end, unsigned int node, enum heap_kind kind)
{
	struct heap_node *n = &heap_node[node];

	spin_lock(&n->lock);
	while (mfn < end) {
		unsigned int order = heap_fit(mfn, end);

		if (order < ORDER_2M)
			frame_chunk_ready(MFN(mfn));
		n->total[heap_zone_of(MFN(mfn))] += 1UL << order;
		heap_insert(MFN(mfn), order, node, kind);
		mfn += 1UL << order;
	}
	spin_unlock(&n->lock);
}

void heap_add(paddr_t base, uint64_t bytes, bool clean)
{
	uint64_t mfn = MAX(base >> PAGE_SHIFT, 1UL);
	uint64_t end = (base + bytes) >> PAGE_SHIFT;

	while (mfn < end) {
		uint64_t stop = end;
		unsigned int node = heap_node_of(mfn, &stop);

		heap_add_to_node(mfn, stop, node, clean ? HEAP_CLEAN : HEAP_DIRTY);
		mfn = stop;
	}
	ready = true;
}

bool heap_ready(void)
{
	return ready;
}

unsigned int heap_nodes(void)
{
	return node_count;
}

/* --- Allocation. --- */

/* Entries for the frames of an allocation, in one pass. The block is nobody else's to see. */
static void heap_frames_own(mfn_t first, unsigned int order, unsigned int node)
{
	const struct frame blank = {.owner = FRAME_OWNER_HV, .node = (uint8_t)node};
	const struct frame mine = {.refs = 1, .owner = FRAME_OWNER_HV};

	for (uint64_t i = 0; i < 1UL << order; i++) {
		struct frame *f = frame_at(mfn_add(first, i));

		/* The reference last and with its owner: somebody may be looking at any frame number. */
		*f = blank;
		__atomic_store_n(&f->head, mine.head, __ATOMIC_RELEASE);
	}
	frame_at(first)->order = (uint8_t)order;
	for (uint64_t i = 0; order >= ORDER_2M && i < 1UL << order; i += CHUNK_FRAMES)
		frame_chunk_mark(mfn_add(first, i), CHUNK_READY);
}

static enum heap_zone heap_top_zone(unsigned int flags)
{
	if (flags & HEAP_BELOW_16M)
		return HEAP_ZONE_16M;
	return flags & HEAP_BELOW_4G ? HEAP_ZONE_4G : HEAP_ZONE_HIGH;
}

/* The kinds this request can take from a zone, in order of preference. */
static bool heap_take_kinds(struct heap_node *n, enum heap_zone zone, unsigned int order, unsigned int flags,
	mfn_t *ret_mfn, bool *ret_dirty)
{
	bool any = (flags & HEAP_ANY_CONTENT) != 0;

	*ret_dirty = any;
	if (heap_take(n, zone, any ? HEAP_DIRTY : HEAP_CLEAN, order, ret_mfn))
		return true;
	*ret_dirty = !any;
	if (!any && order > HEAP_INLINE_SCRUB)
		return false;
	return heap_take(n, zone, any ? HEAP_CLEAN : HEAP_DIRTY, order, ret_mfn);
}

/* Low zones last: they are what DMA needs. */
static bool heap_take_node(
	unsigned int node, unsigned int order, unsigned int flags, mfn_t *ret_mfn, bool *ret_dirty)
{
	struct heap_node *n = &heap_node[node];
	bool got = false;

	spin_lock(&n->lock);
	for (int zone = (int)heap_top_zone(flags); zone >= 0 && !got; zone--)
		got = heap_take_kinds(n, (enum heap_zone)zone, order, flags, ret_mfn, ret_dirty);
	spin_unlock(&n->lock);
	return got;
}

static uint64_t heap_zones_free(unsigned int node, enum heap_zone top)
{
	uint64_t sum = 0;

	for (int zone = 0; zone <= (int)top; zone++) {
		struct heap_stats s = heap_stats(node, (enum heap_zone)zone);

		sum += s.clean + s.dirty;
	}
	return sum;
}

int heap_try_alloc(unsigned int order, unsigned int node, unsigned int flags, mfn_t *ret_mfn)
{
	unsigned int from = node == HEAP_ANY_NODE ? 0 : node;

	if (order > HEAP_ORDER_MAX || from >= node_count)
		return -EINVAL;
	for (unsigned int i = 0; i < (flags & HEAP_NODE_EXACT ? 1U : node_count); i++) {
		unsigned int at = fallback[from][i];
		mfn_t mfn;
		bool dirty;

		if (heap_take_node(at, order, flags, &mfn, &dirty)) {
			heap_frames_own(mfn, order, at);
			if (dirty && !(flags & HEAP_ANY_CONTENT))
				scrub_frames(mfn, 1UL << order);
			*ret_mfn = mfn;
			return 0;
		}
		/* There may be a block in it once the dirty parts are clean and merged: each step makes them fewer. */
		if (heap_zones_free(at, heap_top_zone(flags)) >= 1UL << order &&
			scrub_node_step(at, heap_top_zone(flags)))
			return -EAGAIN;
	}
	return -ENOMEM;
}

int heap_alloc(unsigned int order, unsigned int node, unsigned int flags, mfn_t *ret_mfn)
{
	int rc;

	do {
		rc = heap_try_alloc(order, node, flags, ret_mfn);
	} while (rc == -EAGAIN);
	return rc;
}

void *heap_pages(unsigned int order)
{
	mfn_t mfn;

	return heap_alloc(order, HEAP_ANY_NODE, 0, &mfn) ? NULL : mfn_to_va(mfn);
}

/* --- Freeing. --- */

void heap_release(mfn_t first, unsigned int order)
{
	unsigned int node = frame_at(first)->node;
	struct heap_node *n = &heap_node[node];

	for (uint64_t i = 0; i < 1UL << order; i++) {
		struct frame *f = frame_at(mfn_add(first, i));

		if (frame_type_holders(f))
			panic("heap: frame %lx freed while it is in use as type %u", first.v + i,
				frame_type_of(f));
		f->flags = 0;
		f->owner = FRAME_OWNER_HV;
		f->type = 0;
	}
	spin_lock(&n->lock);
	heap_insert(first, order, node, HEAP_DIRTY);
	spin_unlock(&n->lock);
}

void heap_free(mfn_t first, unsigned int order)
{
	for (uint64_t i = 0; i < 1UL << order; i++) {
		struct frame *f = frame_at(mfn_add(first, i));
		uint32_t one = 1;

		if (!__atomic_compare_exchange_n(
			    &f->refs, &one, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			panic("heap: frame %lx freed with %u references", first.v + i, one);
	}
	heap_release(first, order);
}

void heap_pages_free(void *va, unsigned int order)
{
	if (va)
		heap_free(va_to_mfn(va), order);
}

/* --- Numbers. --- */

static void heap_stats_add(struct heap_stats *s, struct heap_node *n, enum heap_zone zone)
{
	spin_lock(&n->lock);
	s->total += n->total[zone];
	s->clean += n->lists[zone][HEAP_CLEAN].frames;
	s->dirty += n->lists[zone][HEAP_DIRTY].frames;
	if (n->job.active && heap_zone_of(n->job.first) == zone)
		s->dirty += 1UL << n->job.order;
	spin_unlock(&n->lock);
}

struct heap_stats heap_stats(unsigned int node, enum heap_zone zone)
{
	struct heap_stats s = {0};

	for (unsigned int n = 0; n < node_count; n++)
		if (node == HEAP_ANY_NODE || node == n)
			heap_stats_add(&s, &heap_node[n], zone);
	return s;
}

uint64_t heap_free_frames(void)
{
	uint64_t sum = 0;

	for (unsigned int n = 0; n < node_count; n++)
		sum += heap_zones_free(n, HEAP_ZONE_HIGH);
	return sum;
}
