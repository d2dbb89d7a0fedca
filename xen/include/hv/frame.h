/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table: 32 bytes for each frame of RAM, at FRAMETABLE_BASE.
 *
 * Memory is described in chunks of 2 MiB, one state byte each. The entries of
 * a chunk that was never divided hold garbage (a machine of 1 TiB has 8 GiB of
 * them; writing all would take seconds), except the first one of a free block.
 * So: a frame number from anywhere else than this subsystem goes through
 * frame_lookup(), which is O(1) and safe for any number.
 *
 * Life of a frame: free (refs 0) -> allocated (refs 1, owner) -> more references,
 * one for each mapping -> frame_put of the last one frees it. A frame with a
 * reference is never free, so it cannot be freed while it is mapped. Every
 * holder of a type holds a reference too.
 *
 * Locking: refs and type are atomic; the links and the order belong to who
 * holds the frame: the heap (under its lock) while it is free, the owner after.
 */
#ifndef HV_FRAME_H
#define HV_FRAME_H

#include <hv/e820.h>
#include <hv/layout.h>

struct frame {
	union {
		/* One word, so that a reference is taken only while the owner is the right one. */
		struct {
			uint32_t refs;
			domid_t owner;
			uint8_t order; /* of a free block or of an allocation, in its first frame */
			uint8_t flags;
		};
		uint64_t head;
	};
	uint32_t next, prev; /* frame numbers; 0 ends a list: frame 0 is never RAM */
	uint32_t type;	     /* enum frame_type in 31:28, holders in 27:0 */
	uint8_t node;
	uint8_t use; /* the owner's: the size class of a slab */
	uint16_t spare;
	uint64_t priv; /* the owner's: a gfn, a slab's state */
};

BUILD_ASSERT(sizeof(struct frame) == 32);

enum frame_type {
	FRAME_TYPE_NONE,
	FRAME_TYPE_WRITABLE,
	FRAME_TYPE_L1, /* page tables of PV guests */
	FRAME_TYPE_L2,
	FRAME_TYPE_L3,
	FRAME_TYPE_L4,
	FRAME_TYPE_DESC, /* their descriptor tables */
	FRAME_TYPE_SHARED,
	FRAME_TYPE_COUNT,
};

#define FRAME_TYPE_SHIFT   28
#define FRAME_TYPE_HOLDERS ((1U << FRAME_TYPE_SHIFT) - 1)

#define FRAME_FREE    0x01 /* the first frame of a free block */
#define FRAME_DIRTY   0x02 /* with FRAME_FREE: the block must be scrubbed before it is given away */
#define FRAME_NOT_RAM 0x04 /* shares a chunk with RAM */
#define FRAME_SLAB    0x08 /* hv_alloc's small objects */
#define FRAME_LARGE   0x10 /* hv_alloc's large ones: the first frame */
#define FRAME_LISTED  0x20 /* in its domain's list */

/* References end here, far from wrapping. */
#define FRAME_REFS_MAX (1U << 31)

/* The owner of the hypervisor's own frames: DOMID_XEN of public/xen.h. */
#define FRAME_OWNER_HV 0x7ff2

#define CHUNK_FRAMES 512

enum chunk_state {
	CHUNK_ABSENT,	 /* no RAM: no entries */
	CHUNK_LAZY,	 /* all RAM, entries not written */
	CHUNK_LAZY_FREE, /* the same, but the first entry is that of a free block */
	CHUNK_READY,	 /* all entries valid */
};

#define frame_table ((struct frame *)FRAMETABLE_BASE)

static inline mfn_t frame_mfn(const struct frame *f)
{
	return MFN((uint64_t)(f - frame_table));
}

/* For frames known to be RAM with a valid entry. */
static inline struct frame *frame_at(mfn_t mfn)
{
	return &frame_table[mfn.v];
}

/* RAM's address in the direct map and back. */
static inline void *mfn_to_va(mfn_t mfn)
{
	return (void *)(DIRECTMAP_BASE + mfn_to_paddr(mfn));
}

static inline mfn_t va_to_mfn(const void *va)
{
	return paddr_to_mfn((uintptr_t)va - DIRECTMAP_BASE);
}

/* Bytes of state for a machine whose RAM ends there: what frame_init wants to be given. */
uint64_t frame_states_bytes(const struct e820_map *map);

/*
 * Describes the RAM of a sane map. states: memory for frame_states_bytes(), in
 * use for ever. The frame table must be mapped wherever there is RAM; only the
 * entries of chunks that are partly RAM are written.
 */
void frame_init(const struct e820_map *map, uint8_t *states);

/* Any number. True for all RAM, the hypervisor's own included. */
bool mfn_is_ram(mfn_t mfn);

/* True when any of the frames is RAM; a range that ends beyond what there is stops there. */
bool mfn_range_has_ram(mfn_t first, uint64_t frames);

/* Any number. NULL when it is not RAM, or never was given to anybody. */
struct frame *frame_lookup(mfn_t mfn);

/*
 * Any number. The frame with one more reference when it is this owner's; NULL
 * when not, or when it is free or has 2^31 references. frame_put gives it back.
 */
struct frame *frame_get(mfn_t mfn, domid_t owner) __must_check;

/* One more for a holder of one; -EOVERFLOW at 2^31. */
int frame_ref(struct frame *f) __must_check;

/* The last one frees the frame: it is scrubbed before anybody gets it. Takes LOCK_RANK_HEAP. */
void frame_put(struct frame *f);

/*
 * Use as one type, which holds off every other one until the last holder puts
 * it. -EBUSY while it is of another type, -EOVERFLOW. The caller has a reference.
 */
int frame_type_get(struct frame *f, enum frame_type type) __must_check;
void frame_type_put(struct frame *f);
enum frame_type frame_type_of(const struct frame *f);
uint32_t frame_type_holders(const struct frame *f);

/* Whose the frames of an allocation are, before anybody else knows of them. */
void frame_assign(mfn_t first, unsigned int order, domid_t owner);

/* --- For the heap only. --- */

enum chunk_state frame_chunk_state(mfn_t mfn);
void frame_chunk_mark(mfn_t mfn, enum chunk_state state);

/* Valid entries for the chunk (reserved: no owner, no references); nothing when it has them. */
void frame_chunk_ready(mfn_t mfn);

#endif
