/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the types of the p2m mean, and the references that its mappings hold.
 * HOT: p2m_refs_take, p2m_drops_put: every change of a guest's memory.
 */
#include <errno.h>
#include <hv/frame.h>
#include <hv/iomem.h>
#include "p2m_priv.h"

const struct p2m_type_info p2m_types[P2M_TYPE_COUNT] = {
	[P2M_INVALID] = {0, P2M_RULE_NONE},
	[P2M_RAM] = {PTAB_RWX | PTAB_WB, P2M_RULE_OWN},
	[P2M_RAM_RO] = {PTAB_R | PTAB_X | PTAB_WB, P2M_RULE_OWN},
	[P2M_MMIO_DIRECT] = {PTAB_RW | PTAB_UC, P2M_RULE_DEVICE},
	[P2M_MMIO_TRAP] = {0, P2M_RULE_NONE},
	[P2M_FIRMWARE] = {PTAB_RW | PTAB_WB, P2M_RULE_DEVICE},
	[P2M_FIRMWARE_RO] = {PTAB_R | PTAB_WB, P2M_RULE_DEVICE},
	[P2M_FOREIGN] = {PTAB_RW | PTAB_WB, P2M_RULE_REF},
	[P2M_GRANT_RW] = {PTAB_RW | PTAB_WB, P2M_RULE_REF},
	[P2M_GRANT_RO] = {PTAB_R | PTAB_WB, P2M_RULE_REF},
};

/* The hypervisor's frames only where it shares them on purpose. */
static int p2m_ref_any(mfn_t mfn)
{
	struct frame *f = frame_lookup(mfn);

	if (!f || READ_ONCE(f->refs) == 0)
		return -EPERM;
	if (READ_ONCE(f->owner) == FRAME_OWNER_HV && frame_type_of(f) != FRAME_TYPE_SHARED)
		return -EPERM;
	return frame_ref(f);
}

static int p2m_ref_one(struct domain *d, mfn_t mfn, uint8_t rule)
{
	if (rule == P2M_RULE_REF)
		return p2m_ref_any(mfn);
	return frame_get(mfn, d->id) ? 0 : -EPERM;
}

void p2m_refs_put(mfn_t mfn, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		frame_put(frame_at(mfn_add(mfn, i)));
}

int p2m_refs_take(struct domain *d, mfn_t mfn, uint64_t count, uint8_t rule)
{
	if (rule == P2M_RULE_NONE)
		return 0;
	if (rule == P2M_RULE_DEVICE)
		return mfn_range_has_ram(mfn, count) || iomem_protected(mfn, count) ? -EPERM : 0;
	for (uint64_t i = 0; i < count; i++) {
		int rc = p2m_ref_one(d, mfn_add(mfn, i), rule);

		if (rc != 0) {
			p2m_refs_put(mfn, i);
			return rc;
		}
	}
	return 0;
}

void p2m_drop_add(struct p2m_drops *drops, mfn_t mfn, uint64_t frames)
{
	struct p2m_drop *last = drops->count > 0 ? &drops->drop[drops->count - 1] : NULL;

	if (last && last->mfn.v + last->count == mfn.v)
		last->count += frames;
	else
		drops->drop[drops->count++] = (struct p2m_drop){.mfn = mfn, .count = frames};
}

bool p2m_drops_put(struct p2m_drops *drops, uint64_t budget)
{
	while (drops->count > 0 && budget > 0) {
		struct p2m_drop *drop = &drops->drop[drops->count - 1];
		uint64_t count = MIN(drop->count, budget);

		p2m_refs_put(drop->mfn, count);
		drop->mfn = mfn_add(drop->mfn, count);
		drop->count -= count;
		budget -= count;
		if (drop->count == 0)
			drops->count--;
	}
	return drops->count > 0;
}
