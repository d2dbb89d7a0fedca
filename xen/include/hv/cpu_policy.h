/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a domain is told about its processors: CPUID leaves and the registers
 * that go with them. Built once for a domain from the machine's leaves and a
 * const table of masks (hvm/cpuid.c); what depends on the vcpu (APIC id, OSXSAVE,
 * XSAVE sizes) is put in on each read.
 *
 * Sources: AMD64 APM volume 3 appendix E, Intel SDM volume 2A CPUID, public/arch-x86/cpuid.h.
 */
#ifndef HV_CPU_POLICY_H
#define HV_CPU_POLICY_H

#include <hv/asm.h>
#include <hv/domain.h>

#define CPU_POLICY_LEAVES 96

struct cpu_policy_leaf {
	uint32_t leaf, subleaf;
	struct cpuid_regs regs;
};

struct cpu_policy {
	uint32_t count; /* sorted by leaf, then subleaf */
	uint32_t max_basic, max_ext;
	uint64_t xcr0; /* the features that the guest may enable */
	uint64_t cr4;  /* the bits it may set */
	uint64_t efer;
	bool ibpb;    /* MSR_PRED_CMD */
	bool tsc_aux; /* RDTSCP or RDPID: MSR_TSC_AUX is the guest's */
	struct cpu_policy_leaf leaf[CPU_POLICY_LEAVES];
};

/* From the running processor's leaves, for a domain with d->vcpu_max vcpus. -ENOMEM. */
/* Pure but for the CPUID instruction: the same for a number of vcpus. */
void cpu_policy_build(struct cpu_policy *p, uint32_t vcpus);

int cpu_policy_create(struct domain *d) __must_check;
void cpu_policy_destroy(struct domain *d);

/* What CPUID answers to this vcpu now. */
struct cpuid_regs cpu_policy_read(const struct vcpu *v, uint32_t leaf, uint32_t subleaf);

/* The leaf as the domain has it, all zero where there is none. O(log n). */
struct cpuid_regs cpu_policy_leaf(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf);

/* The APIC id of a vcpu, in CPUID, in the vlapic and in the MADT: one rule. */
static inline uint32_t vcpu_apic_id(uint32_t vcpu_id)
{
	return vcpu_id;
}

#endif
