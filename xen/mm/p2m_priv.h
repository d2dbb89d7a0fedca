/* SPDX-License-Identifier: GPL-2.0-only */
/* The p2m's own: its structure, and the types. */
#ifndef P2M_PRIV_H
#define P2M_PRIV_H

#include <hv/p2m.h>
#include <pt/iommu.h>
#include <pt/ptab.h>

/* Whose frames a type maps. */
enum p2m_rule {
	P2M_RULE_NONE,	 /* no frame */
	P2M_RULE_OWN,	 /* the domain's own: a reference on each */
	P2M_RULE_REF,	 /* anybody's, the caller has one reference: one more for the mapping */
	P2M_RULE_DEVICE, /* not RAM: no references */
};

struct p2m_type_info {
	ptab_attr_t attr;
	uint8_t rule; /* enum p2m_rule */
};

extern const struct p2m_type_info p2m_types[P2M_TYPE_COUNT];

static inline bool p2m_rule_counts(uint8_t rule)
{
	return rule == P2M_RULE_OWN || rule == P2M_RULE_REF;
}

/* Frames whose mapping is gone and whose references go at the next flush. */
struct p2m_drop {
	mfn_t mfn;
	uint64_t count;
};

/* A change displaces at most this many mappings at once: a table of 4 KiB pages, or one larger page. */
#define P2M_STEP_LEAVES 512
#define P2M_DROPS	(2 * P2M_STEP_LEAVES)

struct p2m_drops {
	uint32_t count;
	struct p2m_drop drop[P2M_DROPS];
};

struct p2m {
	struct spinlock lock;
	struct domain *domain;
	struct ptab pt;
	struct ptab_flush flush;
	struct iommu_domain *iommu; /* NULL: no device follows */
	struct iommu_batch batch;
	uint64_t iommu_end; /* device frame numbers are below */
	uint64_t iommu_at;  /* what is below was given to it when it came */
	uint64_t gfn_end;
	bool dying;
	bool flushing;	     /* one flush at a time, without the lock */
	uint64_t destroy_at; /* nothing is mapped below */
	struct p2m_drops *pending;
	struct p2m_drops *spare; /* empty, unless a flush is under way */
	struct p2m_drops *drain; /* flushed; given back in steps at the end */
	struct p2m_drops drops[3];
};

/* One reference for each frame: all or none. -EPERM, -EOVERFLOW. */
int p2m_refs_take(struct domain *d, mfn_t mfn, uint64_t count, uint8_t rule) __must_check;
void p2m_refs_put(mfn_t mfn, uint64_t count);

void p2m_drop_add(struct p2m_drops *drops, mfn_t mfn, uint64_t frames);

/* Gives back at most this many references; false when none is left. */
bool p2m_drops_put(struct p2m_drops *drops, uint64_t budget);

/* --- p2m_iommu.c, all with the lock held. --- */

/* The change of the nested tables, for devices. Nothing when there are none. */
int p2m_iommu_map(struct p2m *p, uint64_t at, mfn_t mfn, uint64_t count, enum p2m_type type) __must_check;
int p2m_iommu_unmap(struct p2m *p, uint64_t at, uint64_t count) __must_check;

/* --- p2m.c --- */

/* The first leaf that ends behind at. -ENOENT. */
int p2m_leaf(struct p2m *p, uint64_t at, struct ptab_entry *ret_entry, enum p2m_type *ret_type) __must_check;

#endif
