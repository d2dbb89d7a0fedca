/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Root and context tables of legacy mode: VT-d 4.1 sections 3.4 and 9. A
 * requester id without a present context entry is blocked, and its accesses
 * fault.
 *
 * Lock: common.lock around the tables; never held over a flush.
 */
#include <errno.h>
#include <pt/env.h>
#include "vtd_priv.h"

#define ADDRESS_MASK (~0xfffULL)

int vtd_table_init(struct vtd_unit *unit)
{
	unit->root = env_frames_alloc(0);
	if (!mfn_valid(unit->root))
		return -ENOMEM;
	vtd_clean(unit, env_frame_map(unit->root), PAGE_SIZE);
	return 0;
}

void vtd_table_free(struct vtd_unit *unit)
{
	const struct vtd_entry *root;

	if (!mfn_valid(unit->root))
		return;
	root = env_frame_map(unit->root);
	for (unsigned int bus = 0; bus < 256; bus++)
		if (root[bus].lo & VTD_ENTRY_P)
			env_frames_free(paddr_to_mfn(root[bus].lo), 0);
	env_frames_free(unit->root, 0);
	unit->root = INVALID_MFN;
}

/* The half without the present bit first, so that hardware never sees half an entry. */
static void entry_publish(struct vtd_unit *unit, struct vtd_entry *slot, struct vtd_entry entry)
{
	WRITE_ONCE(slot->hi, entry.hi);
	vtd_clean(unit, slot, sizeof(*slot));
	env_wmb();
	WRITE_ONCE(slot->lo, entry.lo);
	vtd_clean(unit, slot, sizeof(*slot));
	env_wmb();
}

static void entry_clear(struct vtd_unit *unit, struct vtd_entry *slot)
{
	WRITE_ONCE(slot->lo, 0);
	vtd_clean(unit, slot, sizeof(*slot));
	env_wmb();
}

/* The requester's context entry; its table is made when the bus has none. NULL: no memory. */
static struct vtd_entry *context_slot(struct vtd_unit *unit, uint16_t rid)
{
	struct vtd_entry *root = (struct vtd_entry *)env_frame_map(unit->root) + (rid >> 8), *table;

	if (!(root->lo & VTD_ENTRY_P)) {
		mfn_t frame = env_frames_alloc(0);

		if (!mfn_valid(frame))
			return NULL;
		vtd_clean(unit, env_frame_map(frame), PAGE_SIZE);
		entry_publish(unit, root, (struct vtd_entry){.lo = mfn_to_paddr(frame) | VTD_ENTRY_P});
	}
	table = env_frame_map(paddr_to_mfn(root->lo & ADDRESS_MASK));
	return &table[rid & 0xff];
}

/* Takes the translation away; *ret_old says which there was, *ret_slot where the next one goes. */
static int device_clear(
	struct vtd_unit *unit, uint16_t rid, struct vtd_entry *ret_old, struct vtd_entry **ret_slot)
{
	struct vtd_entry *slot;

	env_lock(&unit->common.lock);
	slot = context_slot(unit, rid);
	if (slot) {
		*ret_old = *slot;
		*ret_slot = slot;
		if (slot->lo & VTD_ENTRY_P)
			entry_clear(unit, slot);
	}
	env_unlock(&unit->common.lock);
	return slot ? 0 : -ENOMEM;
}

/* 6.5.3.3: the context entry first, then the translations that were made through it. */
static int device_flush(struct vtd_unit *unit, uint16_t rid, uint16_t context_id, uint16_t domain_id)
{
	struct vtd_desc context = {.lo = VTD_DESC_CONTEXT | VTD_GRANULE_DEVICE | VTD_DESC_DID(context_id) |
					 VTD_CONTEXT_SID(rid)};
	iommu_ticket_t ticket;
	int err = vtd_queue_run(unit, &context, 1);

	if (!err)
		err = vtd_flush_domain(&unit->common, domain_id, NULL, &ticket);
	return err ? err : vtd_queue_wait(unit, ticket);
}

static struct vtd_entry context_entry(const struct iommu_domain *domain)
{
	uint64_t width = domain->pt.levels == 3 ? VTD_CONTEXT_AW_39 : VTD_CONTEXT_AW_48;

	return (struct vtd_entry){
		.lo = mfn_to_paddr(domain->pt.root) | VTD_ENTRY_P,
		.hi = width | VTD_CONTEXT_DID(domain->id),
	};
}

static int device_grant(
	struct vtd_unit *unit, uint16_t rid, struct vtd_entry *slot, const struct iommu_domain *domain)
{
	env_lock(&unit->common.lock);
	entry_publish(unit, slot, context_entry(domain));
	env_unlock(&unit->common.lock);
	/* 6.1: with caching mode the absent entry may be cached, under domain id 0. */
	if (unit->common.caps.caching)
		return device_flush(unit, rid, 0, domain->id);
	return vtd_flush_write_buffer(unit);
}

static bool domain_fits(const struct vtd_unit *unit, const struct iommu_domain *domain)
{
	uint64_t width = domain->pt.levels == 3 ? VTD_CAP_SAGAW_39 : VTD_CAP_SAGAW_48;

	return (unit->cap & width) != 0 && domain->pt.levels >= 3 && domain->pt.levels <= 4 &&
	       domain->id < unit->common.caps.domain_ids &&
	       (domain->pt.superpages & ~unit->common.caps.superpages) == 0;
}

int vtd_table_device_set(struct iommu_unit *common, uint16_t rid, const struct iommu_domain *domain)
{
	struct vtd_unit *unit = vtd_of(common);
	struct vtd_entry old, *slot;
	int err;

	if (iommu_unit_dead(common))
		return -EIO;
	err = device_clear(unit, rid, &old, &slot);
	if (!err && (old.lo & VTD_ENTRY_P)) {
		uint16_t id = VTD_CONTEXT_DID_OF(old.hi);

		err = device_flush(unit, rid, id, id);
	}
	if (err || !domain)
		return err;
	if (!domain_fits(unit, domain))
		return -EOPNOTSUPP;
	return device_grant(unit, rid, slot, domain);
}
