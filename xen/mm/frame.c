/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: frame_get, frame_put, the types: every mapping of a guest's frame.
 *
 * No lock: references and types are changed by compare and exchange. The order
 * of taking is reference, then type; of giving back, type, then reference.
 */
#include <errno.h>
#include <string.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/log.h>

static uint8_t *chunk_states;
static uint64_t chunk_count;

uint64_t frame_states_bytes(const struct e820_map *map)
{
	uint64_t chunks = ALIGN_UP(e820_ram_end(map), MIB(2)) / MIB(2);

	return ALIGN_UP(chunks, PAGE_SIZE);
}

static uint64_t chunk_of(mfn_t mfn)
{
	return mfn.v / CHUNK_FRAMES;
}

enum chunk_state frame_chunk_state(mfn_t mfn)
{
	uint64_t c = chunk_of(mfn);

	/* Acquire: the entries were written before the state said so. */
	return c < chunk_count ? __atomic_load_n(&chunk_states[c], __ATOMIC_ACQUIRE) : CHUNK_ABSENT;
}

void frame_chunk_mark(mfn_t mfn, enum chunk_state state)
{
	__atomic_store_n(&chunk_states[chunk_of(mfn)], (uint8_t)state, __ATOMIC_RELEASE);
}

void frame_chunk_ready(mfn_t mfn)
{
	if (frame_chunk_state(mfn) == CHUNK_READY)
		return;
	memset(frame_at(MFN(ALIGN_DOWN(mfn.v, CHUNK_FRAMES))), 0, CHUNK_FRAMES * sizeof(struct frame));
	frame_chunk_mark(mfn, CHUNK_READY);
}

/* Frames [first, end) of one chunk are RAM, the others not, unless another range said so. */
static void frame_chunk_part(uint64_t first, uint64_t end)
{
	uint64_t base = ALIGN_DOWN(first, CHUNK_FRAMES);

	if (frame_chunk_state(MFN(base)) == CHUNK_ABSENT) {
		frame_chunk_ready(MFN(base));
		for (uint64_t m = base; m < base + CHUNK_FRAMES; m++)
			frame_at(MFN(m))->flags = FRAME_NOT_RAM;
	}
	for (uint64_t m = first; m < end; m++)
		frame_at(MFN(m))->flags = 0;
}

static void frame_range_init(uint64_t first, uint64_t end)
{
	uint64_t lo = ALIGN_UP(first, CHUNK_FRAMES);
	uint64_t hi = ALIGN_DOWN(end, CHUNK_FRAMES);

	if (lo > hi) {
		frame_chunk_part(first, end);
		return;
	}
	if (first < lo)
		frame_chunk_part(first, lo);
	memset(&chunk_states[lo / CHUNK_FRAMES], CHUNK_LAZY, (hi - lo) / CHUNK_FRAMES);
	if (hi < end)
		frame_chunk_part(hi, end);
}

void frame_init(const struct e820_map *map, uint8_t *states)
{
	chunk_states = states;
	chunk_count = ALIGN_UP(e820_ram_end(map), MIB(2)) / MIB(2);
	memset(states, CHUNK_ABSENT, chunk_count);
	for (uint32_t i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entry[i];

		if (e->type == E820_RAM)
			frame_range_init(e->base >> PAGE_SHIFT, (e->base + e->bytes) >> PAGE_SHIFT);
	}
}

bool mfn_is_ram(mfn_t mfn)
{
	enum chunk_state state = frame_chunk_state(mfn);

	if (state != CHUNK_READY)
		return state != CHUNK_ABSENT;
	return !(READ_ONCE(frame_at(mfn)->flags) & FRAME_NOT_RAM);
}

bool mfn_range_has_ram(mfn_t first, uint64_t frames)
{
	uint64_t limit = chunk_count * CHUNK_FRAMES;
	uint64_t end = first.v + frames < first.v ? limit : MIN(first.v + frames, limit);

	for (uint64_t m = first.v; m < end;) {
		if (mfn_is_ram(MFN(m)))
			return true;
		m = frame_chunk_state(MFN(m)) == CHUNK_ABSENT ? ALIGN_DOWN(m, CHUNK_FRAMES) + CHUNK_FRAMES
							      : m + 1;
	}
	return false;
}

struct frame *frame_lookup(mfn_t mfn)
{
	struct frame *f;

	if (frame_chunk_state(mfn) != CHUNK_READY)
		return NULL;
	f = frame_at(mfn);
	return READ_ONCE(f->flags) & FRAME_NOT_RAM ? NULL : f;
}

struct frame *frame_get(mfn_t mfn, domid_t owner)
{
	struct frame *f = frame_lookup(mfn);
	struct frame old, new;

	if (!f)
		return NULL;
	old.head = READ_ONCE(f->head);
	do {
		if (old.owner != owner || old.refs == 0 || old.refs == FRAME_REFS_MAX)
			return NULL;
		new.head = old.head;
		new.refs++;
	} while (!__atomic_compare_exchange_n(
		&f->head, &old.head, new.head, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return f;
}

int frame_ref(struct frame *f)
{
	uint32_t refs = READ_ONCE(f->refs);

	do {
		BUG_ON(refs == 0);
		if (refs == FRAME_REFS_MAX)
			return -EOVERFLOW;
	} while (!__atomic_compare_exchange_n(
		&f->refs, &refs, refs + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return 0;
}

void frame_put(struct frame *f)
{
	uint32_t left = __atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL);

	BUG_ON(left == ~0U);
	if (left == 0)
		heap_release(frame_mfn(f), 0);
}

enum frame_type frame_type_of(const struct frame *f)
{
	return READ_ONCE(f->type) >> FRAME_TYPE_SHIFT;
}

uint32_t frame_type_holders(const struct frame *f)
{
	return READ_ONCE(f->type) & FRAME_TYPE_HOLDERS;
}

int frame_type_get(struct frame *f, enum frame_type type)
{
	uint32_t want = (uint32_t)type << FRAME_TYPE_SHIFT;
	uint32_t old = READ_ONCE(f->type);
	uint32_t next;

	do {
		uint32_t holders = old & FRAME_TYPE_HOLDERS;

		if (holders && (old & ~FRAME_TYPE_HOLDERS) != want)
			return -EBUSY;
		if (holders == FRAME_TYPE_HOLDERS)
			return -EOVERFLOW;
		next = want | (holders + 1);
	} while (!__atomic_compare_exchange_n(
		&f->type, &old, next, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return 0;
}

void frame_type_put(struct frame *f)
{
	uint32_t old = __atomic_fetch_sub(&f->type, 1, __ATOMIC_ACQ_REL);

	BUG_ON((old & FRAME_TYPE_HOLDERS) == 0);
}

void frame_assign(mfn_t first, unsigned int order, domid_t owner)
{
	for (uint64_t i = 0; i < 1UL << order; i++)
		frame_at(mfn_add(first, i))->owner = owner;
}
