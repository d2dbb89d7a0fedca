/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables that hardware walks: one walker for VT-d second-stage tables,
 * AMD-Vi v1 I/O tables, EPT and NPT. All have 512 entries of 8 bytes a table;
 * what differs stands in a const format descriptor.
 *
 * The input of a translation is a frame number: a dfn for an IOMMU, a gfn for a
 * p2m. It is called `at` here and is a plain number because of that.
 *
 * An entry is empty (zero), a table, or a leaf. A leaf may grant no access at
 * all: then hardware sees nothing, but its frame and software bits can be
 * looked up (frame 0 with software bits 0 at 4 KiB is the same as empty).
 * Hardware reads the tables at any time: each entry changes in one
 * 8-byte store, a new table is complete before it is linked, and a table that
 * is unlinked stays intact for hardware that still walks it, until the caller
 * has flushed and calls ptab_flush_done().
 *
 * Map and unmap do everything or nothing: tables are allocated before the first
 * store. Their cost is proportional to the number of entries written, so the
 * caller bounds the work by the size of the range.
 *
 * Lock: the caller serialises everything on one struct ptab; lookups too,
 * unless tables are only ever freed when no lookup can be under way.
 */
#ifndef PT_PTAB_H
#define PT_PTAB_H

#include <pt/types.h>

#define PTAB_LEVELS_MAX	 6
#define PTAB_LEAF_LEVELS 3 /* 4 KiB, 2 MiB, 1 GiB */

/* Which large pages the hardware has: the superpages argument of ptab_init(). */
#define PTAB_2M 0x1
#define PTAB_1G 0x2

/* --- Attributes of a leaf: access | force | type | software bits. --- */
typedef uint32_t ptab_attr_t;

#define PTAB_R	   0x1
#define PTAB_W	   0x2
#define PTAB_X	   0x4 /* IOMMU formats have no such bit and drop it */
#define PTAB_RW	   (PTAB_R | PTAB_W)
#define PTAB_RWX   (PTAB_R | PTAB_W | PTAB_X)
#define PTAB_FORCE 0x8 /* EPT: ignore the guest's PAT; VT-d: snoop; AMD-Vi: force coherent */

/* x86 memory types (AMD64 APM 2 section 7.8.1). NPT takes the PAT entry that Xen's public ABI has for the type. */
#define PTAB_TYPE(t) ((ptab_attr_t)(t) << 4)
#define PTAB_UC	     PTAB_TYPE(0)
#define PTAB_WC	     PTAB_TYPE(1)
#define PTAB_WT	     PTAB_TYPE(4)
#define PTAB_WP	     PTAB_TYPE(5)
#define PTAB_WB	     PTAB_TYPE(6)

/* Bits that hardware ignores, for the owner of the tables: 6 bits, 4 with AMD-Vi. */
#define PTAB_SOFT(s)	   ((ptab_attr_t)(s) << 8)
#define PTAB_SOFT_OF(attr) (((attr) >> 8) & 0x3f)
#define PTAB_TYPE_OF(attr) (((attr) >> 4) & 0x7)

/* An access that the format cannot express is widened: write-only becomes read-write, execute-only may be read. */
struct ptab_format {
	const char *name;
	uint64_t present; /* any of these bits: hardware follows the entry */
	uint64_t table;	  /* bits of every entry that links a table */
	uint64_t leaf_mask,
		leaf_value; /* a present entry above level 1 is a leaf when masked it has this value */
	uint64_t access[8]; /* bits of a leaf, by access */
	uint64_t read, write, exec, noexec; /* bits that tell the access of a leaf */
	uint64_t type[8]; /* bits of a leaf, by memory type; large pages move `type_moved` */
	uint64_t type_mask, type_mask_large;
	uint64_t type_large[8];
	uint64_t force;
	uint64_t keep;	     /* bits that hardware sets, kept when a page is split */
	uint8_t level_shift; /* where a table's own level is written, 0: nowhere */
	uint8_t soft_shift, soft_bits;
};

extern const struct ptab_format ptab_vtd;   /* VT-d 4.1 section 9.8, second stage */
extern const struct ptab_format ptab_amdvi; /* AMD IOMMU 3.08 section 2.2.3, host tables */
extern const struct ptab_format ptab_ept;   /* Intel SDM volume 3 section 29.3 */
extern const struct ptab_format ptab_npt;   /* AMD64 APM 2 section 15.25 */

struct ptab {
	const struct ptab_format *format;
	mfn_t root;	    /* what the hardware's root pointer takes */
	uint8_t levels;	    /* of the root: 3 is 39 bits of address, 4 is 48, 5 is 57 */
	uint8_t superpages; /* PTAB_2M | PTAB_1G */
	bool coherent;	    /* hardware snoops the tables; false: every store is cleaned out of the caches */
	uint32_t tables;    /* frames held, the root's included */
};

/*
 * What a number of changes leaves to do. Start with PTAB_FLUSH_NONE, pass it to
 * any number of changes, flush what it says, then call ptab_flush_done().
 */
struct ptab_flush {
	uint64_t first, last; /* input frames written to; first > last: none */
	bool stale;	      /* some of them had a translation: cached ones are wrong now */
	bool tables;	      /* tables were unlinked: walk caches are wrong too */
	uint32_t freed_count;
	mfn_t freed; /* the unlinked tables, chained through their first entry */
};

#define PTAB_FLUSH_NONE ((struct ptab_flush){.first = ~0UL, .last = 0, .freed = INVALID_MFN})

struct ptab_entry {
	uint64_t at; /* the first input frame of the page */
	mfn_t mfn;   /* the frame that at translates to */
	ptab_attr_t attr;
	unsigned int order; /* 0, 9 or 18: log2 of the page in frames */
};

struct ptab_range {
	uint64_t at;
	mfn_t mfn;
	uint64_t count; /* frames */
	ptab_attr_t attr;
};

/* An empty root. -ENOMEM; -EINVAL: levels not 2 to 6. */
int ptab_init(struct ptab *pt, const struct ptab_format *format, unsigned int levels, unsigned int superpages,
	bool coherent) __must_check;

/* Frees all tables at once: hardware must not walk them any more, all caches flushed. */
void ptab_destroy(struct ptab *pt);

/*
 * Maps count frames from mfn at `at` in the largest pages that alignment and
 * hardware allow, over whatever was there. -EINVAL: empty or beyond the input
 * or output address width; -ENOMEM: nothing has changed.
 */
int ptab_map(struct ptab *pt, const struct ptab_range *range, struct ptab_flush *flush) __must_check;

/* Empties count frames from `at`; holes are fine. -ENOMEM (a page had to be split): nothing has changed. */
int ptab_unmap(struct ptab *pt, uint64_t at, uint64_t count, struct ptab_flush *flush) __must_check;

/* Several ranges, one flush. On failure the first *ret_done of them are mapped; it is always written. */
int ptab_map_list(struct ptab *pt, const struct ptab_range *range, size_t ranges, struct ptab_flush *flush,
	size_t *ret_done) __must_check;

/* The leaf that holds `at`; ret's at and mfn are those of the frame asked for. -ENOENT when there is none. */
int ptab_lookup(const struct ptab *pt, uint64_t at, struct ptab_entry *ret_entry) __must_check;

/* The first leaf that ends behind `at`; ret's at is the page's first frame. -ENOENT when there is none. */
int ptab_next(const struct ptab *pt, uint64_t at, struct ptab_entry *ret_entry) __must_check;

/* After the hardware has been flushed: frees the unlinked tables and starts over. */
void ptab_flush_done(struct ptab_flush *flush);

static inline bool ptab_flush_needed(const struct ptab_flush *flush)
{
	return flush->stale || flush->tables;
}

#endif
