/* SPDX-License-Identifier: GPL-2.0-only */
/* The p2m's own: its structure, and the types. */
#ifndef P2M_PRIV_H
#define P2M_PRIV_H

#include <hv/p2m.h>
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

struct p2m {
	struct spinlock lock;
	struct domain *domain;
	struct ptab pt;
	struct ptab_flush flush;
	uint64_t gfn_end;
	bool dying;
	uint64_t destroy_at; /* nothing is mapped below */
	uint32_t drops;
	struct p2m_drop drop[P2M_DROPS];
};

/* One reference for each frame: all or none. -EPERM, -EOVERFLOW. */
int p2m_refs_take(struct domain *d, mfn_t mfn, uint64_t count, uint8_t rule) __must_check;
void p2m_refs_put(mfn_t mfn, uint64_t count);

/* Gives back at most this many of the references that wait in p->drop; false when none is left. */
bool p2m_drops_put(struct p2m *p, uint64_t budget);

/* With the lock held: everybody forgets, then tables are freed; the drops wait on. */
void p2m_forget(struct p2m *p);

/* The mappings of [at, at + count), which are at most P2M_STEP_LEAVES, go. */
int p2m_displace(struct p2m *p, uint64_t at, uint64_t count) __must_check;

#endif
