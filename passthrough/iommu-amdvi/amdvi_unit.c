/* SPDX-License-Identifier: GPL-2.0-only */
/* A unit's life: probe, enable (AMD IOMMU 3.08 section 4.2), destroy. */
#include <errno.h>
#include <pt/env.h>
#include <pt/wait.h>
#include "amdvi_priv.h"

/* --- Probe: reads only. --- */

static int caps_refuse(const struct amdvi_unit *unit, const char *why)
{
	env_log(ENV_LOG_ERR, "%s: not used: %s (features 0x%lx)", unit->common.name, why, unit->efr);
	return -EOPNOTSUPP;
}

static int caps_check(const struct amdvi_unit *unit)
{
	if (unit->efr == ~0ULL)
		return caps_refuse(unit, "its registers do not answer");
	if (AMDVI_EFR_HATS(unit->efr) == AMDVI_HATS_NONE)
		return caps_refuse(unit, "it does not walk host tables");
	return 0;
}

/* Without an answer from configuration space the safe assumption holds: all-ones. */
static void caps_set(struct amdvi_unit *unit, const struct iommu_fw_unit *fw)
{
	struct iommu_caps *caps = &unit->common.caps;
	uint32_t header = env_cfg_read(fw->sbdf, fw->capability & 0xfcU, 4);

	caps->levels = 4;
	caps->superpages = PTAB_2M | PTAB_1G;
	caps->coherent = true; /* DTE.SD is 0: walks snoop */
	caps->caching = (header & AMDVI_CAP_NPCACHE) != 0;
	caps->force = true;
	caps->intremap = true;
	caps->x2apic = (unit->efr & AMDVI_EFR_XT) && (unit->efr & AMDVI_EFR_GA);
	caps->domain_ids = 0x10000;
}

static void unit_free(struct amdvi_unit *unit)
{
	if (unit->common.regs)
		env_mmio_unmap(unit->common.regs, unit->common.regs_bytes);
	env_free(unit);
}

int amdvi_unit_probe(const struct iommu_fw *fw, const struct iommu_fw_unit *fw_unit, uint32_t number,
	struct iommu_unit **ret_unit)
{
	struct amdvi_unit *unit = env_alloc(sizeof(*unit));
	int err;

	if (!unit)
		return -ENOMEM;
	unit->devtab = unit->events = unit->queue.frame = unit->queue.status_frame = INVALID_MFN;
	unit->fw = fw;
	unit->scopes = fw_unit->scopes;
	unit->ivhd_flags = fw_unit->raw_flags;
	err = iommu_unit_init(&unit->common, &amdvi_ops, fw_unit, number, "amdvi");
	if (err)
		goto free_unit;
	unit->efr = amdvi_read64(unit, AMDVI_EFR);
	err = caps_check(unit);
	if (err)
		goto free_unit;
	caps_set(unit, fw_unit);
	*ret_unit = &unit->common;
	return 0;

free_unit:
	unit_free(unit);
	return err;
}

/* --- The control register. --- */

/* The bits that must have been taken; the wiring's need not be there at all. */
#define CONTROL_VERIFIED (AMDVI_CTL_IOMMU | AMDVI_CTL_CMDBUF | AMDVI_CTL_EVTLOG | AMDVI_CTL_GA | AMDVI_CTL_XT)

static int control_change(struct amdvi_unit *unit, uint64_t clear, uint64_t set)
{
	uint64_t value;

	env_lock(&unit->common.lock);
	value = (amdvi_read64(unit, AMDVI_CONTROL) & ~clear) | set;
	amdvi_write64(unit, AMDVI_CONTROL, value);
	env_unlock(&unit->common.lock);
	return (amdvi_read64(unit, AMDVI_CONTROL) ^ value) & CONTROL_VERIFIED ? -EIO : 0;
}

static int status_wait(struct amdvi_unit *unit, uint32_t bit, bool want)
{
	return WAIT_UNTIL(((amdvi_read32(unit, AMDVI_STATUS) & bit) != 0) == want, IOMMU_TIMEOUT_NS) ? -EIO
												     : 0;
}

static int base_set(struct amdvi_unit *unit, uint32_t reg, uint64_t value)
{
	amdvi_write64(unit, reg, value);
	return amdvi_read64(unit, reg) == value ? 0 : -EIO;
}

/* --- Enable, step by step. --- */

/* Firmware may have left it on: 3.4.3, the buffers before the unit. */
static int step_quiesce(struct amdvi_unit *unit)
{
	int err = control_change(unit, AMDVI_CTL_CMDBUF | AMDVI_CTL_EVTLOG, 0);

	if (!err)
		err = status_wait(unit, AMDVI_ST_CMD_RUN, false);
	if (!err)
		err = status_wait(unit, AMDVI_ST_EVT_RUN, false);
	return err ? err : control_change(unit, AMDVI_CTL_IOMMU, 0);
}

static int step_device_table(struct amdvi_unit *unit)
{
	uint64_t pages_less_1 = (1U << AMDVI_DEVTAB_ORDER) - 1;
	int err = amdvi_table_init(unit);

	return err ? err : base_set(unit, AMDVI_DEVTAB, mfn_to_paddr(unit->devtab) | pages_less_1);
}

static int step_command_buffer(struct amdvi_unit *unit)
{
	int err = amdvi_queue_init(unit);

	if (!err)
		err = base_set(unit, AMDVI_CMDBUF, mfn_to_paddr(unit->queue.frame) | AMDVI_LEN_256);
	if (!err)
		err = base_set(unit, AMDVI_CMD_HEAD, 0);
	return err ? err : base_set(unit, AMDVI_CMD_TAIL, 0);
}

static int step_event_log(struct amdvi_unit *unit)
{
	int err;

	unit->events = env_frames_alloc(0);
	if (!mfn_valid(unit->events))
		return -ENOMEM;
	err = base_set(unit, AMDVI_EVTLOG, mfn_to_paddr(unit->events) | AMDVI_LEN_256);
	if (!err)
		err = base_set(unit, AMDVI_EVT_HEAD, 0);
	if (!err)
		err = base_set(unit, AMDVI_EVT_TAIL, 0);
	amdvi_write32(unit, AMDVI_STATUS, AMDVI_ST_OVERFLOW);
	return err;
}

/* The exclusion range would let every device pass; firmware's regions become mappings instead. */
static int step_exclusion(struct amdvi_unit *unit)
{
	return base_set(unit, AMDVI_EXCLUSION, 0);
}

/*
 * 5.2.2.1: the firmware knows how the unit is wired. The format of interrupt entries may change only while the
 * unit is off: 128 bits, with destinations of 32 bits, wherever there are.
 */
static int step_wiring(struct amdvi_unit *unit)
{
	static const struct {
		uint8_t flag;
		uint64_t bit;
	} wiring[] = {
		{AMDVI_IVHD_HT_TUN, AMDVI_CTL_HT_TUN},
		{AMDVI_IVHD_PASS_PW, AMDVI_CTL_PASS_PW},
		{AMDVI_IVHD_RES_PW, AMDVI_CTL_RES_PW},
		{AMDVI_IVHD_ISOC, AMDVI_CTL_ISOC},
		{AMDVI_IVHD_COHERENT, AMDVI_CTL_COHERENT},
	};
	uint64_t wide = AMDVI_CTL_GA | AMDVI_CTL_XT, clear = wide, set = unit->common.caps.x2apic ? wide : 0;

	for (size_t i = 0; i < ARRAY_SIZE(wiring); i++) {
		clear |= wiring[i].bit;
		set |= unit->ivhd_flags & wiring[i].flag ? wiring[i].bit : 0;
	}
	return control_change(unit, clear, set);
}

/* From here on DMA is blocked. */
static int step_translate(struct amdvi_unit *unit)
{
	int err = control_change(unit, 0, AMDVI_CTL_EVTLOG | AMDVI_CTL_CMDBUF | AMDVI_CTL_IOMMU);

	return err ? err : status_wait(unit, AMDVI_ST_CMD_RUN, true);
}

static const struct {
	const char *name;
	int (*run)(struct amdvi_unit *unit);
} enable_step[] = {
	{"switch off what the firmware left on", step_quiesce},
	{"device table", step_device_table},
	{"command buffer", step_command_buffer},
	{"event log", step_event_log},
	{"exclusion range", step_exclusion},
	{"wiring", step_wiring},
	{"translation", step_translate},
	{"first flush", amdvi_flush_all},
};

static void unit_off(struct amdvi_unit *unit)
{
	bool off = !iommu_unit_dead(&unit->common) && step_quiesce(unit) == 0;

	amdvi_intr_free_all(unit, off);
	if (!off) {
		env_log(ENV_LOG_ERR, "%s: cannot be switched off; its tables are given up",
			unit->common.name);
		return;
	}
	amdvi_table_free(unit);
	amdvi_queue_free(unit);
	if (mfn_valid(unit->events))
		env_frames_free(unit->events, 0);
	unit->events = INVALID_MFN;
}

int amdvi_unit_enable(struct iommu_unit *common)
{
	struct amdvi_unit *unit = amdvi_of(common);

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

void amdvi_unit_destroy(struct iommu_unit *common)
{
	struct amdvi_unit *unit = amdvi_of(common);

	unit_off(unit);
	unit_free(unit);
}
