/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: p2m_get and p2m_get_frame, by nested page faults and by every copy from
 * or to a guest; p2m_set and p2m_remove, by the memory operations and grants.
 *
 * A mapping's type stands in the bits of its entry that hardware ignores, so
 * the tables are all there is to know.
 *
 * Lock: one for each domain, LOCK_RANK_P2M; inside it the heap's.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/features.h>
#include <hv/frame.h>
#include <hv/log.h>
#include <hv/slab.h>
#include "p2m_priv.h"

#define P2M_LEVELS	  4
#define P2M_BITS_MAX	  48
#define P2M_SPAN_1G	  (1UL << ORDER_1G)
#define P2M_DESTROY_STEPS 64
#define P2M_DESTROY_DROPS 4096

/* Intel SDM volume 3 section 25.6.11: a walk of four levels, in write-back memory. */
#define EPT_POINTER_BITS ((P2M_LEVELS - 1) << 3 | 6)

static bool p2m_is_npt(void)
{
	return feature_has(FEAT_SVM);
}

static unsigned int p2m_superpages(void)
{
	return PTAB_2M | (p2m_is_npt() && feature_has(FEAT_PAGE1G) ? PTAB_1G : 0);
}

int p2m_create(struct domain *d)
{
	struct p2m *p = hv_alloc(sizeof(*p));
	int rc;

	if (!p)
		return -ENOMEM;
	rc = ptab_init(&p->pt, p2m_is_npt() ? &ptab_npt : &ptab_ept, P2M_LEVELS, p2m_superpages(), true);
	if (rc != 0) {
		hv_free(p);
		return rc;
	}
	spin_init(&p->lock, "p2m", LOCK_RANK_P2M);
	p->domain = d;
	p->flush = PTAB_FLUSH_NONE;
	p->batch = IOMMU_BATCH_NONE;
	p->pending = &p->drops[0];
	p->spare = &p->drops[1];
	p->drain = &p->drops[2];
	p->gfn_end = 1UL << (MIN(cpu_features.phys_bits, (uint32_t)P2M_BITS_MAX) - PAGE_SHIFT);
	d->p2m = p;
	return 0;
}

/* --- The choke point: nothing else changes a nested page table. Processors and devices get the same change. --- */

/* Fresh: nothing was there, so that all of it can be taken back. */
static int p2m_write(struct p2m *p, const struct ptab_range *range, enum p2m_type type, bool fresh)
{
	int rc = ptab_map(&p->pt, range, &p->flush);

	if (rc != 0)
		return rc;
	rc = p2m_iommu_map(p, range->at, range->mfn, range->count, type);
	/* What was mapped as a whole is emptied as a whole: that needs no memory. */
	if (rc != 0 && fresh)
		BUG_ON(ptab_unmap(&p->pt, range->at, range->count, &p->flush) != 0);
	return rc;
}

/* Devices first: where a table cannot be split, they have less than the processors, never more. */
static int p2m_empty(struct p2m *p, uint64_t at, uint64_t count)
{
	int rc = p2m_iommu_unmap(p, at, count);

	return rc ? rc : ptab_unmap(&p->pt, at, count, &p->flush);
}

/* What a flush has taken out of the p2m, so that it can wait without the lock. */
struct p2m_stolen {
	struct ptab_flush flush;
	struct iommu_batch batch;
	struct p2m_drops *drops;
};

/* Waits for a flush that is under way: it holds changes that this one must cover. */
static void p2m_steal(struct p2m *p, struct p2m_stolen *ret)
{
	for (;;) {
		spin_lock(&p->lock);
		if (!p->flushing)
			break;
		spin_unlock(&p->lock);
		cpu_relax();
	}
	p->flushing = true;
	*ret = (struct p2m_stolen){.flush = p->flush, .batch = p->batch, .drops = p->pending};
	p->flush = PTAB_FLUSH_NONE;
	p->batch = IOMMU_BATCH_NONE;
	p->pending = p->spare;
	p->spare = NULL;
	spin_unlock(&p->lock);
}

/* Everybody forgets; then tables are freed, and the references may go. */
static void p2m_forget(struct p2m *p, struct p2m_stolen *s)
{
	if (ptab_flush_needed(&s->flush))
		p2m_tlb_flush(p->domain);
	if (p->iommu && iommu_flush(p->iommu, &s->batch) != 0) {
		log_err("dom%u: an IOMMU did not answer: frames that its devices may still reach are given up",
			p->domain->id);
		s->drops->count = 0;
	}
	ptab_flush_done(&s->flush);
}

static void p2m_flush_end(struct p2m *p, struct p2m_drops *empty)
{
	spin_lock(&p->lock);
	p->spare = empty;
	p->flushing = false;
	spin_unlock(&p->lock);
}

void p2m_flush(struct domain *d)
{
	struct p2m *p = d->p2m;
	struct p2m_stolen s;

	p2m_steal(p, &s);
	p2m_forget(p, &s);
	(void)p2m_drops_put(s.drops, ~0UL);
	p2m_flush_end(p, s.drops);
}

/* --- What is there. --- */

static enum p2m_type p2m_entry_type(const struct ptab_entry *e)
{
	uint32_t type = PTAB_SOFT_OF(e->attr);

	return type < P2M_TYPE_COUNT ? type : P2M_INVALID;
}

static struct p2m_entry p2m_entry_of(const struct ptab_entry *e)
{
	enum p2m_type type = p2m_entry_type(e);

	return (struct p2m_entry){
		.mfn = type == P2M_MMIO_TRAP ? INVALID_MFN : e->mfn,
		.type = type,
		.order = e->order,
	};
}

static struct p2m_entry p2m_get_locked(struct p2m *p, gfn_t gfn)
{
	struct ptab_entry e;

	if (ptab_lookup(&p->pt, gfn.v, &e) != 0)
		return (struct p2m_entry){.mfn = INVALID_MFN, .type = P2M_INVALID};
	return p2m_entry_of(&e);
}

struct p2m_entry p2m_get(struct domain *d, gfn_t gfn)
{
	struct p2m_entry entry;

	spin_lock(&d->p2m->lock);
	entry = p2m_get_locked(d->p2m, gfn);
	spin_unlock(&d->p2m->lock);
	return entry;
}

static int p2m_get_frame_locked(struct p2m *p, gfn_t gfn, bool want_write, mfn_t *ret_mfn)
{
	struct p2m_entry entry = p2m_get_locked(p, gfn);
	const struct p2m_type_info *info = &p2m_types[entry.type];
	int rc;

	if (p->dying)
		return -EBUSY;
	if (!p2m_rule_counts(info->rule))
		return -ENOENT;
	if (want_write && !(info->attr & PTAB_W))
		return -EACCES;
	rc = frame_ref(frame_at(entry.mfn));
	if (rc == 0)
		*ret_mfn = entry.mfn;
	return rc;
}

int p2m_get_frame(struct domain *d, gfn_t gfn, bool want_write, mfn_t *ret_mfn)
{
	int rc;

	spin_lock(&d->p2m->lock);
	rc = p2m_get_frame_locked(d->p2m, gfn, want_write, ret_mfn);
	spin_unlock(&d->p2m->lock);
	return rc;
}

void p2m_put_frame(mfn_t mfn)
{
	frame_put(frame_at(mfn));
}

int p2m_next(struct domain *d, gfn_t gfn, gfn_t *ret_gfn, struct p2m_entry *ret_entry)
{
	struct ptab_entry e;
	int rc;

	spin_lock(&d->p2m->lock);
	rc = ptab_next(&d->p2m->pt, gfn.v, &e);
	spin_unlock(&d->p2m->lock);
	if (rc != 0)
		return rc;
	*ret_gfn = GFN(e.at);
	*ret_entry = p2m_entry_of(&e);
	return 0;
}

int p2m_leaf(struct p2m *p, uint64_t at, struct ptab_entry *ret_entry, enum p2m_type *ret_type)
{
	int rc = ptab_next(&p->pt, at, ret_entry);

	if (rc == 0)
		*ret_type = p2m_entry_type(ret_entry);
	return rc;
}

/* The first leaf inside [at, end); one frame needs no look at its neighbours. */
static bool p2m_leaf_in(struct p2m *p, uint64_t at, uint64_t end, struct ptab_entry *ret)
{
	if (end - at == 1)
		return ptab_lookup(&p->pt, at, ret) == 0;
	return ptab_next(&p->pt, at, ret) == 0 && ret->at < end;
}

/* 0: nothing is there. 1: these very frames, by types of the same rule. -EEXIST. */
static int p2m_survey(struct p2m *p, uint64_t at, uint64_t count, mfn_t mfn, uint8_t rule)
{
	uint64_t end = at + count, offset = mfn.v - at, next = at;
	struct ptab_entry e;

	if (!p2m_leaf_in(p, at, end, &e))
		return 0;
	do {
		if (e.at > next || e.mfn.v - e.at != offset || p2m_types[p2m_entry_type(&e)].rule != rule)
			return -EEXIST;
		next = ALIGN_DOWN(e.at, 1UL << e.order) + (1UL << e.order);
		if (next >= end)
			return 1;
	} while (p2m_leaf_in(p, next, end, &e));
	return -EEXIST;
}

/* --- Changes. --- */

static int p2m_set_locked(struct p2m *p, uint64_t at, mfn_t mfn, uint64_t count, enum p2m_type type)
{
	const struct p2m_type_info *info = &p2m_types[type];
	const struct ptab_range range = {
		.at = at, .mfn = mfn, .count = count, .attr = info->attr | PTAB_SOFT(type)};
	int there, rc;

	if (p->dying)
		return -EBUSY;
	there = p2m_survey(p, at, count, mfn, info->rule);
	if (there < 0)
		return there;
	/* What is there already keeps its references. */
	rc = there ? 0 : p2m_refs_take(p->domain, mfn, count, info->rule);
	if (rc != 0)
		return rc;
	rc = p2m_write(p, &range, type, !there);
	if (rc != 0 && !there && p2m_rule_counts(info->rule))
		p2m_refs_put(mfn, count);
	return rc;
}

static int p2m_range_check(const struct p2m *p, gfn_t gfn, mfn_t mfn, uint64_t frames, enum p2m_type type)
{
	if (type <= P2M_INVALID || type >= P2M_TYPE_COUNT || frames == 0)
		return -EINVAL;
	if (gfn.v >= p->gfn_end || frames > p->gfn_end - gfn.v)
		return -ENXIO;
	if (mfn.v >= p->gfn_end || frames > p->gfn_end - mfn.v)
		return -ENXIO;
	return 0;
}

int p2m_set_range(struct domain *d, gfn_t gfn, mfn_t mfn, uint64_t frames, enum p2m_type type)
{
	struct p2m *p = d->p2m;
	int rc;

	/* What traps has no frame: its own number has the best alignment. */
	if (type == P2M_MMIO_TRAP)
		mfn = MFN(gfn.v);
	rc = p2m_range_check(p, gfn, mfn, frames, type);
	while (rc == 0 && frames > 0) {
		uint64_t count = MIN(frames, P2M_SPAN_1G - (gfn.v & (P2M_SPAN_1G - 1)));

		spin_lock(&p->lock);
		rc = p2m_set_locked(p, gfn.v, mfn, count, type);
		spin_unlock(&p->lock);
		gfn = gfn_add(gfn, count);
		mfn = mfn_add(mfn, count);
		frames -= count;
	}
	return rc;
}

static bool p2m_order_ok(uint64_t gfn, uint64_t mfn, unsigned int order)
{
	if (order != ORDER_4K && order != ORDER_2M && order != ORDER_1G)
		return false;
	return IS_ALIGNED(gfn | mfn, 1UL << order);
}

int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type)
{
	if (!p2m_order_ok(gfn.v, type == P2M_MMIO_TRAP ? 0 : mfn.v, order))
		return -EINVAL;
	return p2m_set_range(d, gfn, mfn, 1UL << order, type);
}

/* Room for a step's leaves is there. */
static int p2m_displace(struct p2m *p, uint64_t at, uint64_t count)
{
	uint64_t next = at, end = at + count;
	struct p2m_drops *drops = p->pending;
	uint32_t before = drops->count;
	uint64_t last = before ? drops->drop[before - 1].count : 0;
	struct ptab_entry e;
	int rc;

	while (next < end && p2m_leaf_in(p, next, end, &e)) {
		uint64_t leaf_end = ALIGN_DOWN(e.at, 1UL << e.order) + (1UL << e.order);
		uint64_t first = MAX(e.at, next);

		next = MIN(leaf_end, end);
		if (p2m_rule_counts(p2m_types[p2m_entry_type(&e)].rule))
			p2m_drop_add(drops, mfn_add(e.mfn, first - e.at), next - first);
	}
	rc = p2m_empty(p, at, count);
	if (rc != 0) {
		drops->count = before;
		if (before)
			drops->drop[before - 1].count = last;
	}
	return rc;
}

static bool p2m_room(const struct p2m *p)
{
	return p->pending->count <= P2M_DROPS - P2M_STEP_LEAVES;
}

/*
 * The part of a range that one step takes, *ret_at on: one large page, or what a table of 4 KiB pages maps,
 * from its start so that the table goes too. 0: nothing is left.
 */
static uint64_t p2m_step(struct p2m *p, uint64_t at, uint64_t end, uint64_t *ret_at)
{
	struct ptab_entry e;
	uint64_t span, first;

	*ret_at = end;
	if (!p2m_leaf_in(p, at, end, &e))
		return 0;
	span = 1UL << MAX(e.order, (unsigned int)ORDER_2M);
	first = ALIGN_DOWN(e.at, span);
	*ret_at = MAX(at, first);
	return MIN(end, first + span) - *ret_at;
}

int p2m_remove_range(struct domain *d, gfn_t gfn, uint64_t frames)
{
	struct p2m *p = d->p2m;
	uint64_t at = gfn.v, end = at + frames;
	int rc = 0;

	if (at >= p->gfn_end || frames > p->gfn_end - at)
		return -ENXIO;
	while (rc == 0 && at < end) {
		uint64_t count;

		spin_lock(&p->lock);
		if (!p2m_room(p)) {
			spin_unlock(&p->lock);
			p2m_flush(d);
			continue;
		}
		count = p2m_step(p, at, end, &at);
		if (count > 0)
			rc = p2m_displace(p, at, count);
		spin_unlock(&p->lock);
		at += count;
	}
	return rc;
}

int p2m_remove(struct domain *d, gfn_t gfn, unsigned int order)
{
	if (!p2m_order_ok(gfn.v, 0, order))
		return -EINVAL;
	return p2m_remove_range(d, gfn, 1UL << order);
}

/* --- The end. --- */

/* Unmaps some: no more than one flush can hold. */
static void p2m_destroy_unmap(struct p2m *p)
{
	spin_lock(&p->lock);
	p->dying = true;
	for (unsigned int i = 0; i < P2M_DESTROY_STEPS && p2m_room(p); i++) {
		uint64_t count = p2m_step(p, p->destroy_at, p->gfn_end, &p->destroy_at);

		if (count == 0)
			break;
		/* Whole pages only: nothing is split, so nothing is allocated. */
		BUG_ON(p2m_displace(p, p->destroy_at, count) != 0);
		p->destroy_at += count;
	}
	spin_unlock(&p->lock);
}

/* What is flushed waits in p->drain, which only the one who destroys looks at. */
static void p2m_destroy_flush(struct p2m *p)
{
	struct p2m_stolen s;
	struct p2m_drops *empty = p->drain;

	p2m_steal(p, &s);
	p2m_forget(p, &s);
	p->drain = s.drops;
	p2m_flush_end(p, empty);
}

int p2m_destroy(struct domain *d)
{
	struct p2m *p = d->p2m;

	if (!p)
		return 0;
	if (p->drain->count == 0 && p->destroy_at < p->gfn_end) {
		p2m_destroy_unmap(p);
		p2m_destroy_flush(p);
	}
	if (p2m_drops_put(p->drain, P2M_DESTROY_DROPS) || p->destroy_at < p->gfn_end)
		return -ERESTART;
	/* Devices are taken away from a domain before its memory is: -EBUSY is the caller's mistake. */
	if (p->iommu) {
		int rc = iommu_domain_destroy(p->iommu);

		if (rc != 0)
			return rc;
	}
	ptab_destroy(&p->pt);
	hv_free(p);
	d->p2m = NULL;
	return 0;
}

/* --- What others ask. --- */

uint64_t p2m_gfn_end(const struct domain *d)
{
	return d->p2m->gfn_end;
}

uint64_t p2m_root(const struct domain *d)
{
	return mfn_to_paddr(d->p2m->pt.root) | (d->p2m->pt.format == &ptab_ept ? EPT_POINTER_BITS : 0UL);
}

uint32_t p2m_table_count(const struct domain *d)
{
	return d->p2m->pt.tables;
}
