/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SVM's own structures. svm_vmcb.c and svm_exit.c are pure: they see only the
 * control block, so the unit tests give them one of their own.
 */
#ifndef SVM_PRIV_H
#define SVM_PRIV_H

#include <hv/hvm.h>
#include "svm_regs.h"

/* What the processors can do: CPUID_SVM. */
struct svm_features {
	uint32_t edx;
	uint32_t asids; /* usable ones are 1 to asids - 1 */
	bool mce;	/* the machine's CR4.MCE is set, and must be in guest mode too */
};

extern struct svm_features svm_features;

struct svm_vcpu {
	struct vmcb *vmcb;
	paddr_t pa;
	uint64_t cr4;	    /* as the guest sees it: without the forced MCE */
	uint32_t asid_cpu;  /* where asid was handed out */
	uint64_t asid_turn; /* and in which turn of that processor; 0: never */
};

/* svm_vmcb.c: the control block. */
void svm_vmcb_init(struct svm_vcpu *s, paddr_t msr_bitmap, paddr_t port_bitmap);
void svm_state_get(const struct svm_vcpu *s, struct hvm_cpu_state *ret_state);
void svm_state_set(struct svm_vcpu *s, const struct hvm_cpu_state *c);
uint64_t svm_reg_get(const struct svm_vcpu *s, enum hvm_reg reg);
void svm_reg_set(struct svm_vcpu *s, enum hvm_reg reg, uint64_t value);
void svm_segment_get(const struct svm_vcpu *s, enum hvm_segment_name name, struct hvm_segment *ret_segment);
/* Before and after VMRUN: registers, what to inject and offer, and what became of it. */
void svm_vmcb_before(struct svm_vcpu *s, const struct guest_regs *regs, const struct hvm_entry *entry);
void svm_vmcb_after(struct svm_vcpu *s, struct guest_regs *regs, struct hvm_entry *entry);

/* svm_exit.c: what the processor's exit means. */
void svm_exit_decode(const struct vmcb *b, struct hvm_exit *e);

/* svm_entry.S: runs the guest of `vmcb` with `regs` (all but RAX, RSP, RIP, RFLAGS), interrupts off before and after. */
void svm_vmrun(paddr_t vmcb, struct guest_regs *regs, paddr_t host_save);
void svm_vmsave(paddr_t vmcb);

/* svm.c. */
int svm_probe(void);
int svm_cpu_prepare(unsigned int cpu);
void svm_cpu_enable(void);
void svm_cpu_disable(void);
int svm_vcpu_create(struct vcpu *v);
void svm_vcpu_destroy(struct vcpu *v);
void svm_enter(struct vcpu *v, struct hvm_entry *entry, struct hvm_exit *ret_exit);
void svm_port_bitmap_set(struct vcpu *v, paddr_t bitmap);

#endif
