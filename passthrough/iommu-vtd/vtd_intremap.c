/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping: VT-d 4.1 chapter 5. One table of 65,536 entries for all
 * devices of the unit; each entry verifies its source.
 *
 * Lock: common.lock around the table and its bitmap; never held over a flush.
 */
#include <errno.h>
#include <pt/env.h>
#include "vtd_priv.h"

static struct vtd_entry *irte_slot(const struct vtd_unit *unit, uint32_t index)
{
	return (struct vtd_entry *)env_frame_map(unit->irtes) + index;
}

static int table_init(struct vtd_unit *unit)
{
	unit->irte_used = env_alloc(VTD_INTR_ENTRIES / 8);
	if (!unit->irte_used)
		return -ENOMEM;
	unit->irtes = env_frames_alloc(VTD_INTR_ORDER);
	if (!mfn_valid(unit->irtes)) {
		env_free(unit->irte_used);
		unit->irte_used = NULL;
		return -ENOMEM;
	}
	vtd_clean(unit, env_frame_map(unit->irtes), PAGE_SIZE << VTD_INTR_ORDER);
	return 0;
}

void vtd_intr_table_free(struct vtd_unit *unit)
{
	if (mfn_valid(unit->irtes))
		env_frames_free(unit->irtes, VTD_INTR_ORDER);
	unit->irtes = INVALID_MFN;
}

/* 11.4.4.1: the pointer, the flush of what was cached under another one, then on. CFI stays off: the old format is blocked. */
static int table_activate(struct vtd_unit *unit)
{
	uint64_t address = mfn_to_paddr(unit->irtes) | VTD_INTR_SIZE | (unit->x2apic ? VTD_IRTA_EIME : 0);
	struct vtd_desc all = {.lo = VTD_DESC_IEC};
	int err;

	vtd_write64(unit, VTD_IRTA, address);
	if (vtd_read64(unit, VTD_IRTA) != address)
		return -EIO;
	err = vtd_unit_command(unit, VTD_GCMD_SIRTP, true, true);
	if (!err)
		err = vtd_queue_run(unit, &all, 1);
	if (!err)
		err = vtd_unit_command(unit, VTD_GCMD_CFI, false, false);
	return err ? err : vtd_unit_command(unit, VTD_GCMD_IRE, true, true);
}

int vtd_intr_enable(struct iommu_unit *common, bool x2apic)
{
	struct vtd_unit *unit = vtd_of(common);
	int err;

	if (!common->caps.intremap || (x2apic && !common->caps.x2apic))
		return -EOPNOTSUPP;
	if (iommu_unit_dead(common))
		return -EIO;
	err = mfn_valid(unit->irtes) ? -EBUSY : table_init(unit);
	if (err)
		return err;
	unit->x2apic = x2apic;
	return table_activate(unit);
}

int vtd_intr_alloc(struct iommu_unit *common, struct intremap_range *range)
{
	struct vtd_unit *unit = vtd_of(common);
	uint32_t first = 0;
	int err;

	env_lock(&common->lock);
	err = iommu_bits_take(unit->irte_used, VTD_INTR_ENTRIES, range->count, &first);
	env_unlock(&common->lock);
	if (!err)
		range->first = (uint16_t)first;
	return err;
}

void vtd_intr_free(struct iommu_unit *common, const struct intremap_range *range)
{
	env_lock(&common->lock);
	iommu_bits_give(vtd_of(common)->irte_used, range->first, range->count);
	env_unlock(&common->lock);
}

static uint64_t irte_low(const struct vtd_unit *unit, const struct intremap_target *t)
{
	uint64_t dest = unit->x2apic ? t->apic_id : (t->apic_id & 0xff) << 8;

	return VTD_IRTE_P | VTD_IRTE_VECTOR(t->vector) | VTD_IRTE_DEST(dest) |
	       (t->logical ? VTD_IRTE_LOGICAL : 0) | (t->lowest ? VTD_IRTE_LOWEST : 0) |
	       (t->level ? VTD_IRTE_LEVEL : 0);
}

/*
 * The source half is the same for as long as the range lives, so the other half
 * alone changes: one store, whole for hardware at any moment.
 */
static bool irte_publish(struct vtd_unit *unit, uint32_t index, uint16_t rid, uint64_t low)
{
	struct vtd_entry *slot = irte_slot(unit, index);
	uint64_t source = VTD_IRTE_SVT_SID | VTD_IRTE_SID(rid);
	bool was_present;

	env_lock(&unit->common.lock);
	was_present = (slot->lo & VTD_IRTE_P) != 0;
	if (!was_present) {
		WRITE_ONCE(slot->hi, source);
		env_wmb();
	}
	WRITE_ONCE(slot->lo, low);
	vtd_clean(unit, slot, sizeof(*slot));
	env_wmb();
	env_unlock(&unit->common.lock);
	return was_present;
}

int vtd_intr_set(struct iommu_unit *common, const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target)
{
	struct vtd_unit *unit = vtd_of(common);
	uint32_t index = range->first + n;
	struct vtd_desc flush = {.lo = VTD_DESC_IEC | VTD_IEC_INDEX(index)};
	bool was_present;

	if (iommu_unit_dead(common))
		return -EIO;
	was_present = irte_publish(unit, index, range->rid, target ? irte_low(unit, target) : 0);
	/* 6.1: an absent entry is cached with caching mode only. */
	if (!was_present && !common->caps.caching)
		return vtd_flush_write_buffer(unit);
	return vtd_queue_run(unit, &flush, 1);
}

void vtd_intr_message(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target, struct intremap_message *ret_message)
{
	uint32_t index = range->first + n;

	if (range->ioapic)
		*ret_message = (struct intremap_message){
			.address = VTD_IOAPIC_HIGH(index) | VTD_IOAPIC_FORMAT,
			.data = VTD_IOAPIC_LOW(index) | target->vector,
		};
	else
		*ret_message = (struct intremap_message){
			.address = VTD_MSI_ADDRESS | VTD_MSI_HANDLE(range->first),
			.data = n, /* the sub-handle: what a device with several messages counts up */
		};
}
