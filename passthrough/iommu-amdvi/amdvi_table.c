/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device table: AMD IOMMU 3.08 section 2.2.2. Every requester id has a
 * valid entry from the start: one without tables and without rights blocks the
 * device, and its accesses fault; an invalid one would let it pass.
 *
 * Lock: common.lock around an entry's change; never held over a flush.
 */
#include <errno.h>
#include <pt/env.h>
#include "amdvi_priv.h"

#define DTE_BLOCKED (AMDVI_DTE_V | AMDVI_DTE_TV)

/* Settings of an IVHD entry, 5.2.2.5: interrupts that pass unmapped, and system management. */
static const struct {
	uint8_t setting;
	uint64_t bit;
} setting_pass[] = {
	{0x01, AMDVI_DTE_INIT_PASS},
	{0x02, AMDVI_DTE_EINT_PASS},
	{0x04, AMDVI_DTE_NMI_PASS},
	{0x40, AMDVI_DTE_LINT0_PASS},
	{0x80, AMDVI_DTE_LINT1_PASS},
};
#define SETTING_SYSMGT(s) (((uint64_t)(s) >> 4) & 0x3)

static struct amdvi_dte *dte_slot(const struct amdvi_unit *unit, uint16_t rid)
{
	return (struct amdvi_dte *)env_frame_map(unit->devtab) + rid;
}

static void settings_apply(struct amdvi_unit *unit, const struct iommu_fw_scope *scope)
{
	uint64_t pass = 0, sysmgt = SETTING_SYSMGT(scope->settings) << AMDVI_DTE_SYSMGT_SHIFT;

	for (size_t i = 0; i < ARRAY_SIZE(setting_pass); i++)
		if (scope->settings & setting_pass[i].setting)
			pass |= setting_pass[i].bit;
	if (pass == 0 && sysmgt == 0)
		return;
	for (uint32_t rid = scope->first; rid <= scope->last; rid++) {
		struct amdvi_dte *dte = dte_slot(unit, (uint16_t)rid);

		dte->q[1] |= sysmgt;
		dte->q[2] |= pass;
	}
}

int amdvi_table_init(struct amdvi_unit *unit)
{
	struct amdvi_dte *dte;

	unit->devtab = env_frames_alloc(AMDVI_DEVTAB_ORDER);
	if (!mfn_valid(unit->devtab))
		return -ENOMEM;
	dte = env_frame_map(unit->devtab);
	for (uint32_t rid = 0; rid < AMDVI_DEVICES; rid++)
		dte[rid].q[0] = DTE_BLOCKED;
	for (uint32_t i = 0; i < unit->scopes.count; i++)
		settings_apply(unit, &unit->fw->scope[unit->scopes.first + i]);
	return 0;
}

void amdvi_table_intr_set(struct amdvi_unit *unit, uint16_t rid, uint64_t intr)
{
	struct amdvi_dte *slot = dte_slot(unit, rid);

	WRITE_ONCE(slot->q[2], (slot->q[2] & AMDVI_DTE_PASS_MASK) | intr);
}

void amdvi_table_free(struct amdvi_unit *unit)
{
	if (mfn_valid(unit->devtab))
		env_frames_free(unit->devtab, AMDVI_DEVTAB_ORDER);
	unit->devtab = INVALID_MFN;
}

/* Takes the translation away; returns what it was. The domain id stays until the flush is done. */
static struct amdvi_dte device_clear(struct amdvi_unit *unit, uint16_t rid)
{
	struct amdvi_dte *slot = dte_slot(unit, rid), old;

	env_lock(&unit->common.lock);
	old = *slot;
	WRITE_ONCE(slot->q[0], DTE_BLOCKED);
	env_wmb();
	env_unlock(&unit->common.lock);
	return old;
}

/* 2.4.2: the entry first, then the translations that were made through it. */
static int device_flush(struct amdvi_unit *unit, uint16_t rid, uint16_t domain_id)
{
	struct amdvi_cmd entry = {.lo = AMDVI_CMD_DEVTAB | rid};
	iommu_ticket_t ticket;
	int err = amdvi_queue_run(unit, &entry, 1);

	if (!err)
		err = amdvi_flush_domain(&unit->common, domain_id, NULL, &ticket);
	return err ? err : amdvi_queue_wait(unit, ticket);
}

/* The quarter with the rights last: until then the entry blocks. */
static int device_grant(struct amdvi_unit *unit, uint16_t rid, const struct iommu_domain *domain)
{
	struct amdvi_dte *slot = dte_slot(unit, rid);

	env_lock(&unit->common.lock);
	WRITE_ONCE(slot->q[1], (slot->q[1] & ~AMDVI_DTE_DOMAIN_MASK) | domain->id);
	env_wmb();
	WRITE_ONCE(slot->q[0], DTE_BLOCKED | AMDVI_DTE_MODE(domain->pt.levels) |
				       mfn_to_paddr(domain->pt.root) | AMDVI_DTE_IR | AMDVI_DTE_IW);
	env_wmb();
	env_unlock(&unit->common.lock);
	/* The entry that blocked was valid, so it may be cached. */
	return device_flush(unit, rid, domain->id);
}

static bool domain_fits(const struct amdvi_unit *unit, const struct iommu_domain *domain)
{
	return domain->pt.levels >= 3 && domain->pt.levels <= unit->common.caps.levels;
}

int amdvi_table_device_set(struct iommu_unit *common, uint16_t rid, const struct iommu_domain *domain)
{
	struct amdvi_unit *unit = amdvi_of(common);
	struct amdvi_dte old;
	int err = 0;

	if (iommu_unit_dead(common))
		return -EIO;
	old = device_clear(unit, rid);
	if (AMDVI_DTE_MODE_OF(old.q[0]) != 0)
		err = device_flush(unit, rid, (uint16_t)(old.q[1] & AMDVI_DTE_DOMAIN_MASK));
	if (err || !domain)
		return err;
	if (!domain_fits(unit, domain))
		return -EOPNOTSUPP;
	return device_grant(unit, rid, domain);
}
