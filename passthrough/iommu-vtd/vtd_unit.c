/* SPDX-License-Identifier: GPL-2.0-only */
/* A remapping unit's life: probe, enable (VT-d 4.1 section 11.4.4 and chapter 6), destroy. */
#include <errno.h>
#include <pt/env.h>
#include <pt/wait.h>
#include "vtd_priv.h"

#define FAULT_RECORD_BYTES 16
#define FAULT_RECORD_TOP   12
#define FAULT_F		   (1U << 31) /* of the top word: written 1 to clear */
#define QUEUE_SIZE_1_PAGE  0ULL

/* --- Probe: reads only. --- */

static int caps_refuse(const struct vtd_unit *unit, const char *why)
{
	env_log(ENV_LOG_ERR, "%s: not used: %s (capabilities 0x%lx 0x%lx)", unit->common.name, why, unit->cap,
		unit->ecap);
	return -EOPNOTSUPP;
}

static int caps_check(const struct vtd_unit *unit)
{
	if (unit->cap == ~0ULL || unit->ecap == ~0ULL)
		return caps_refuse(unit, "its registers do not answer");
	if (!(unit->ecap & VTD_ECAP_QI))
		return caps_refuse(unit, "it has no invalidation queue");
	if (!(unit->cap & (VTD_CAP_SAGAW_39 | VTD_CAP_SAGAW_48)))
		return caps_refuse(unit, "it walks tables of neither 3 nor 4 levels");
	return 0;
}

static void caps_set(struct vtd_unit *unit)
{
	struct iommu_caps *caps = &unit->common.caps;

	caps->levels = unit->cap & VTD_CAP_SAGAW_48 ? 4 : 3;
	caps->superpages =
		(unit->cap & VTD_CAP_SLLPS_2M ? PTAB_2M : 0) | (unit->cap & VTD_CAP_SLLPS_1G ? PTAB_1G : 0);
	caps->coherent = (unit->ecap & VTD_ECAP_C) != 0;
	caps->caching = (unit->cap & VTD_CAP_CM) != 0;
	caps->force = (unit->ecap & VTD_ECAP_SC) != 0;
	caps->intremap = (unit->ecap & VTD_ECAP_IR) != 0;
	caps->x2apic = caps->intremap && (unit->ecap & VTD_ECAP_EIM) != 0;
	caps->domain_ids = VTD_CAP_DOMAIN_IDS(unit->cap);
}

/* The fault records may stand behind the window that the firmware described. */
static int window_grow(struct vtd_unit *unit, paddr_t base)
{
	uint64_t records = VTD_CAP_FRO(unit->cap) + VTD_CAP_NFR(unit->cap) * FAULT_RECORD_BYTES;
	uint32_t bytes = (uint32_t)ALIGN_UP(records, PAGE_SIZE);

	if (bytes <= unit->common.regs_bytes)
		return 0;
	env_mmio_unmap(unit->common.regs, unit->common.regs_bytes);
	unit->common.regs_bytes = bytes;
	unit->common.regs = env_mmio_map(base, bytes);
	return unit->common.regs ? 0 : -ENOMEM;
}

static void unit_free(struct vtd_unit *unit)
{
	if (unit->common.regs)
		env_mmio_unmap(unit->common.regs, unit->common.regs_bytes);
	env_free(unit->irte_used);
	env_free(unit);
}

int vtd_unit_probe(const struct iommu_fw *fw, const struct iommu_fw_unit *fw_unit, uint32_t number,
	struct iommu_unit **ret_unit)
{
	struct vtd_unit *unit = env_alloc(sizeof(*unit));
	int err;

	(void)fw;
	if (!unit)
		return -ENOMEM;
	unit->root = unit->irtes = unit->queue.frame = unit->queue.status_frame = INVALID_MFN;
	err = iommu_unit_init(&unit->common, &vtd_ops, fw_unit, number, "vtd");
	if (err)
		goto free_unit;
	unit->cap = vtd_read64(unit, VTD_CAP);
	unit->ecap = vtd_read64(unit, VTD_ECAP);
	err = caps_check(unit);
	if (!err)
		err = window_grow(unit, fw_unit->base);
	if (err)
		goto free_unit;
	caps_set(unit);
	*ret_unit = &unit->common;
	return 0;

free_unit:
	unit_free(unit);
	return err;
}

/* --- Commands. --- */

int vtd_unit_command(struct vtd_unit *unit, uint32_t bit, bool set, bool want)
{
	uint32_t kept;
	int err;

	if (iommu_unit_dead(&unit->common))
		return -EIO;
	env_lock(&unit->common.lock);
	kept = vtd_read32(unit, VTD_GSTS) & VTD_GSTS_KEPT & ~bit;
	vtd_write32(unit, VTD_GCMD, kept | (set ? bit : 0));
	env_unlock(&unit->common.lock);
	err = WAIT_UNTIL(((vtd_read32(unit, VTD_GSTS) & bit) != 0) == want, IOMMU_TIMEOUT_NS);
	if (err) {
		iommu_unit_isolate(&unit->common, "a command was not taken");
		return -EIO;
	}
	return 0;
}

static int command_off_if_on(struct vtd_unit *unit, uint32_t bit)
{
	if (!(vtd_read32(unit, VTD_GSTS) & bit))
		return 0;
	return vtd_unit_command(unit, bit, false, false);
}

/* --- Enable, step by step. --- */

/* Firmware may have left it on (pre-boot DMA protection): interrupts first, the queue last, that they can still flush. */
static int step_quiesce(struct vtd_unit *unit)
{
	static const uint32_t bits[] = {VTD_GCMD_IRE, VTD_GCMD_TE, VTD_GCMD_QIE};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits) && !err; i++)
		err = command_off_if_on(unit, bits[i]);
	return err;
}

/* 11.4.7: old faults would look like ours. */
static int step_faults(struct vtd_unit *unit)
{
	uint32_t record = (uint32_t)VTD_CAP_FRO(unit->cap);

	vtd_write32(unit, VTD_FECTL, VTD_FECTL_IM);
	for (uint32_t i = 0; i < VTD_CAP_NFR(unit->cap); i++, record += FAULT_RECORD_BYTES)
		vtd_write32(unit, record + FAULT_RECORD_TOP, FAULT_F);
	vtd_write32(unit, VTD_FSTS, VTD_FSTS_CLEAR);
	return 0;
}

/* 6.5.2: the tail at the start, then the address, then on. The address may read back only when it is in use. */
static int step_queue(struct vtd_unit *unit)
{
	uint64_t address;
	int err = vtd_queue_init(unit);

	if (err)
		return err;
	address = mfn_to_paddr(unit->queue.frame) | QUEUE_SIZE_1_PAGE;
	vtd_clean(unit, unit->queue.ring, PAGE_SIZE);
	vtd_write64(unit, VTD_IQT, 0);
	vtd_write64(unit, VTD_IQA, address);
	err = vtd_unit_command(unit, VTD_GCMD_QIE, true, true);
	if (err)
		return err;
	return vtd_read64(unit, VTD_IQA) == address ? 0 : -EIO;
}

/* 11.4.5: an empty root table blocks everything. */
static int step_root(struct vtd_unit *unit)
{
	int err = vtd_table_init(unit);

	if (err)
		return err;
	vtd_write64(unit, VTD_RTADDR, mfn_to_paddr(unit->root));
	if (vtd_read64(unit, VTD_RTADDR) != mfn_to_paddr(unit->root))
		return -EIO;
	return vtd_unit_command(unit, VTD_GCMD_SRTP, true, true);
}

/* 11.4.4.1: whatever was cached under another root pointer goes. */
static int step_flush(struct vtd_unit *unit)
{
	int err = vtd_flush_write_buffer(unit);

	return err ? err : vtd_flush_all(unit);
}

static int step_translate(struct vtd_unit *unit)
{
	return vtd_unit_command(unit, VTD_GCMD_TE, true, true);
}

/* 11.4.8: protected regions would block what the tables allow. After translation is on, so that no gap is left. */
static int step_protected_regions(struct vtd_unit *unit)
{
	if (!(unit->cap & (VTD_CAP_PLMR | VTD_CAP_PHMR)))
		return 0;
	vtd_write32(unit, VTD_PMEN, vtd_read32(unit, VTD_PMEN) & ~VTD_PMEN_EPM);
	return WAIT_UNTIL(!(vtd_read32(unit, VTD_PMEN) & VTD_PMEN_PRS), IOMMU_TIMEOUT_NS);
}

static const struct {
	const char *name;
	int (*run)(struct vtd_unit *unit);
} enable_step[] = {
	{"switch off what the firmware left on", step_quiesce},
	{"clear old faults", step_faults},
	{"invalidation queue", step_queue},
	{"root table", step_root},
	{"first flush", step_flush},
	{"translation", step_translate},
	{"protected memory regions", step_protected_regions},
};

/* True when the unit no longer reads memory. */
static bool unit_stop(struct vtd_unit *unit)
{
	return step_quiesce(unit) == 0;
}

static void unit_off(struct vtd_unit *unit)
{
	if (!unit_stop(unit)) {
		env_log(ENV_LOG_ERR, "%s: cannot be switched off; its tables are given up",
			unit->common.name);
		return;
	}
	vtd_intr_table_free(unit);
	vtd_table_free(unit);
	vtd_queue_free(unit);
}

int vtd_unit_enable(struct iommu_unit *common)
{
	struct vtd_unit *unit = vtd_of(common);

	for (size_t i = 0; i < ARRAY_SIZE(enable_step); i++) {
		int err = enable_step[i].run(unit);

		if (err) {
			env_log(ENV_LOG_ERR, "%s: enable: %s: error %d", common->name, enable_step[i].name,
				-err);
			unit_off(unit);
			return err;
		}
	}
	WRITE_ONCE(common->health, IOMMU_UNIT_ON);
	return 0;
}

void vtd_unit_destroy(struct iommu_unit *common)
{
	struct vtd_unit *unit = vtd_of(common);

	unit_off(unit);
	unit_free(unit);
}
