/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control registers that a guest may not write as it likes: CR4 and EFER by the
 * domain's policy, CR8 as the local APIC's task priority. AMD64 APM volume 2 section 3.1.
 */
#include <errno.h>
#include <hv/decode.h>
#include <hv/vlapic.h>
#include "hvm_priv.h"
#include "msr_regs.h"

/* A change of one of these ends cached translations (section 5.5.3). */
#define CR4_TRANSLATION (CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE)

int hvm_cr4_write(struct vcpu *v, uint64_t value)
{
	uint64_t old = hvm_reg(v, HVM_CR4);
	bool is_long = (hvm_reg(v, HVM_EFER) & EFER_LMA) != 0;

	if (value & ~v->domain->policy->cr4)
		return -EINVAL;
	if (is_long && !(value & CR4_PAE))
		return -EINVAL;
	if ((value & CR4_PCIDE) && !(old & CR4_PCIDE) && (!is_long || (hvm_reg(v, HVM_CR3) & 0xfff)))
		return -EINVAL;
	if ((value ^ old) & CR4_TRANSLATION)
		v->hvm->flush_tlb = true;
	hvm_ops->reg_set(v, HVM_CR4, value);
	return 0;
}

int hvm_efer_write(struct vcpu *v, uint64_t value)
{
	uint64_t old = hvm_reg(v, HVM_EFER);

	if (value & ~(v->domain->policy->efer | EFER_LMA))
		return -EINVAL;
	if (((value ^ old) & EFER_LME) && (hvm_reg(v, HVM_CR0) & CR0_PG))
		return -EINVAL;
	if ((value ^ old) & EFER_NXE)
		v->hvm->flush_tlb = true;
	/* LMA is the processor's: section 3.1.7. */
	hvm_ops->reg_set(v, HVM_EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
	return 0;
}

static int cr_write(struct vcpu *v, uint8_t number, uint64_t value)
{
	if (number == 4)
		return hvm_cr4_write(v, value);
	if (number != 8 || (value & ~0xfUL))
		return -EINVAL;
	vlapic_tpr_set(v, (uint8_t)(value << 4));
	return 0;
}

static uint64_t cr_read(const struct vcpu *v, uint8_t number)
{
	return number == 8 ? vlapic_tpr(v) >> 4 : hvm_reg(v, HVM_CR4);
}

/* Without decode assists: which general register. */
static int cr_gpr(struct vcpu *v, const struct hvm_exit *e, uint8_t *ret_gpr)
{
	struct insn insn;
	int rc;

	if (e->u.cr.decoded) {
		*ret_gpr = e->u.cr.gpr;
		return 0;
	}
	rc = hvm_decode(v, &insn);
	if (rc < 0)
		return rc;
	if (insn.op != INSN_MOV_CR || insn.reg != e->u.cr.number || insn.to_control != e->u.cr.write) {
		domain_crash(v, "the instruction at %lx is not the access to CR%u that left the guest",
			v->regs.rip, e->u.cr.number);
		return -EFAULT;
	}
	*ret_gpr = insn.rm_reg;
	return 0;
}

void hvm_cr_exit(struct vcpu *v)
{
	const struct hvm_exit *e = &v->hvm->exit;
	unsigned int bytes = hvm_code_bits(v) == 64 ? 8 : 4;
	uint64_t *gpr;
	uint8_t number;

	if (cr_gpr(v, e, &number) < 0)
		return;
	gpr = guest_gpr(&v->regs, number);
	if (!e->u.cr.write) {
		insn_gpr_write(gpr, bytes, cr_read(v, e->u.cr.number));
	} else if (cr_write(v, e->u.cr.number, *gpr & insn_mask(bytes)) < 0) {
		hvm_inject_exception(v, HVM_GP, 0);
		return;
	}
	hvm_skip(v);
}
