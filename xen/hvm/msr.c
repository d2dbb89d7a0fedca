/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model-specific registers of guests: one sorted table, default #GP.
 * Those that VMLOAD and VMSAVE switch are the guest's own and do not come here (hvm/svm.c).
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/heap.h>
#include <hv/vlapic.h>
#include "hvm_priv.h"
#include "msr_regs.h"

/* -EINVAL: #GP. */
typedef int (*msr_read_fn)(struct vcpu *v, uint32_t msr, uint64_t *ret_value);
typedef int (*msr_write_fn)(struct vcpu *v, uint32_t msr, uint64_t value);

static int read_zero(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)v;
	(void)msr;
	*ret_value = 0;
	return 0;
}

static int write_ignored(struct vcpu *v, uint32_t msr, uint64_t value)
{
	(void)v;
	(void)msr;
	(void)value;
	return 0;
}

/* The machine's own value. */
static int read_machine(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)v;
	return rdmsr_safe(msr, ret_value) < 0 ? -EINVAL : 0;
}

static int read_tsc(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)msr;
	*ret_value = rdtsc() + hvm_reg(v, HVM_TSC_OFFSET);
	return 0;
}

static int read_pat(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)msr;
	*ret_value = hvm_reg(v, HVM_PAT);
	return 0;
}

/* APM volume 2 section 7.8.1: UC, WC, WT, WP, WB, UC-. */
static bool memory_type_valid(uint64_t type, bool in_pat)
{
	return type == 0 || type == 1 || (type >= 4 && type <= 6) || (in_pat && type == 7);
}

static int write_pat(struct vcpu *v, uint32_t msr, uint64_t value)
{
	(void)msr;
	for (unsigned int i = 0; i < 8; i++)
		if (!memory_type_valid((value >> (i * 8)) & 0xff, true))
			return -EINVAL;
	hvm_ops->reg_set(v, HVM_PAT, value);
	return 0;
}

static int read_efer(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)msr;
	*ret_value = hvm_reg(v, HVM_EFER);
	return 0;
}

static int write_efer(struct vcpu *v, uint32_t msr, uint64_t value)
{
	(void)msr;
	return hvm_efer_write(v, value);
}

static int read_mtrr_cap(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)v;
	(void)msr;
	*ret_value = MTRRCAP_FIX | MTRRCAP_WC | GUEST_MTRR_VARIABLE;
	return 0;
}

/* Where the guest's value of an MTRR is kept; NULL when it has none of that number. */
static uint64_t *mtrr_slot(struct guest_mtrr *m, uint32_t msr)
{
	if (msr == MSR_MTRR_DEF_TYPE)
		return &m->def_type;
	if (msr >= MSR_MTRR_PHYSBASE(0) && msr < MSR_MTRR_PHYSBASE(GUEST_MTRR_VARIABLE))
		return &m->variable[msr - MSR_MTRR_PHYSBASE(0)];
	if (msr == MSR_MTRR_FIX64K_00000)
		return &m->fixed[0];
	if (msr == MSR_MTRR_FIX16K_80000 || msr == MSR_MTRR_FIX16K_A0000)
		return &m->fixed[1 + msr - MSR_MTRR_FIX16K_80000];
	if (msr >= MSR_MTRR_FIX4K(0) && msr <= MSR_MTRR_FIX4K(7))
		return &m->fixed[3 + msr - MSR_MTRR_FIX4K(0)];
	return NULL;
}

static int read_mtrr(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	const uint64_t *slot = mtrr_slot(&v->hvm->mtrr, msr);

	if (!slot)
		return -EINVAL;
	*ret_value = *slot;
	return 0;
}

static int write_mtrr(struct vcpu *v, uint32_t msr, uint64_t value)
{
	uint64_t *slot = mtrr_slot(&v->hvm->mtrr, msr);

	if (!slot)
		return -EINVAL;
	if (msr == MSR_MTRR_DEF_TYPE && ((value & ~(0xffUL | MTRR_DEF_TYPE_FIX | MTRR_DEF_TYPE_ENABLE)) ||
						!memory_type_valid(value & 0xff, false)))
		return -EINVAL;
	*slot = value;
	return 0;
}

static int read_hwcr(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)msr;
	*ret_value = v->hvm->hwcr;
	return 0;
}

static int read_de_cfg(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)v;
	(void)msr;
	*ret_value = DE_CFG_LFENCE;
	return 0;
}

static int read_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)msr;
	*ret_value = v->hvm->tsc_aux;
	return v->domain->policy->tsc_aux ? 0 : -EINVAL;
}

static int write_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t value)
{
	if (!v->domain->policy->tsc_aux || (value >> 32))
		return -EINVAL;
	v->hvm->tsc_aux = value;
	wrmsr(msr, value);
	return 0;
}

/* A barrier only: nothing to read. The other bits of PRED_CMD are reserved. */
static int write_pred_cmd(struct vcpu *v, uint32_t msr, uint64_t value)
{
	if (!v->domain->policy->ibpb || (value & ~PRED_CMD_IBPB))
		return -EINVAL;
	if (value)
		wrmsr(msr, value);
	return 0;
}

/* public/arch-x86/cpuid.h, leaf 2: the guest names the frame that becomes its hypercall page. */
static int write_hypercall(struct vcpu *v, uint32_t msr, uint64_t value)
{
	void *page = heap_pages(0);
	size_t left;

	(void)msr;
	if (!page)
		return -EINVAL;
	hypercall_page_fill(page);
	left = copy_to_guest_phys(v->domain, value & PAGE_MASK, page, PAGE_SIZE);
	heap_pages_free(page, 0);
	return left ? -EINVAL : 0;
}

struct msr_row {
	uint32_t first, last;
	msr_read_fn read;   /* NULL: #GP */
	msr_write_fn write; /* NULL: #GP */
};

/* Sorted. Reading as zero is for registers that Linux reads without looking whether they are there. */
static const struct msr_row msr_table[] = {
	{MSR_TSC, MSR_TSC, read_tsc, write_ignored},
	{MSR_APIC_BASE, MSR_APIC_BASE, vlapic_msr_read, vlapic_msr_write},
	{MSR_PRED_CMD, MSR_PRED_CMD, NULL, write_pred_cmd},
	{MSR_PATCH_LEVEL, MSR_PATCH_LEVEL, read_machine, write_ignored},
	{MSR_MTRRCAP, MSR_MTRRCAP, read_mtrr_cap, NULL},
	{MSR_MTRR_PHYSBASE(0), MSR_MTRR_PHYSMASK(GUEST_MTRR_VARIABLE - 1), read_mtrr, write_mtrr},
	{MSR_MTRR_FIX64K_00000, MSR_MTRR_FIX64K_00000, read_mtrr, write_mtrr},
	{MSR_MTRR_FIX16K_80000, MSR_MTRR_FIX16K_A0000, read_mtrr, write_mtrr},
	{MSR_MTRR_FIX4K(0), MSR_MTRR_FIX4K(7), read_mtrr, write_mtrr},
	{MSR_PAT, MSR_PAT, read_pat, write_pat},
	{MSR_MTRR_DEF_TYPE, MSR_MTRR_DEF_TYPE, read_mtrr, write_mtrr},
	{MSR_TSC_DEADLINE, MSR_TSC_DEADLINE, vlapic_msr_read, vlapic_msr_write},
	{MSR_X2APIC, MSR_X2APIC_LAST, vlapic_msr_read, vlapic_msr_write},
	{MSR_HYPERCALL, MSR_HYPERCALL, NULL, write_hypercall},
	{MSR_EFER, MSR_EFER, read_efer, write_efer},
	{MSR_TSC_AUX, MSR_TSC_AUX, read_tsc_aux, write_tsc_aux},
	{MSR_SYSCFG, MSR_SYSCFG, read_zero, write_ignored},
	{MSR_HWCR, MSR_HWCR, read_hwcr, write_ignored},
	{MSR_TOP_MEM, MSR_TOP_MEM, read_machine, NULL},
	{MSR_TOP_MEM2, MSR_TOP_MEM2, read_machine, NULL},
	{MSR_NB_CFG, MSR_NB_CFG, read_zero, write_ignored},
	{MSR_INT_PENDING, MSR_INT_PENDING, read_zero, write_ignored},
	{MSR_MMIO_CONF, MSR_MMIO_CONF, read_zero, write_ignored},
	{MSR_DE_CFG, MSR_DE_CFG, read_de_cfg, write_ignored},
};

/* NULL for what is not in the table. */
static const struct msr_row *msr_find(uint32_t msr)
{
	size_t low = 0, high = ARRAY_SIZE(msr_table);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (msr_table[middle].last < msr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ARRAY_SIZE(msr_table) && msr_table[low].first <= msr ? &msr_table[low] : NULL;
}

int hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	const struct msr_row *row = msr_find(msr);

	return row && row->read ? row->read(v, msr, ret_value) : -EINVAL;
}

int hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	const struct msr_row *row = msr_find(msr);

	return row && row->write ? row->write(v, msr, value) : -EINVAL;
}
