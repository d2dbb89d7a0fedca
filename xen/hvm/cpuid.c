/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID of guests: the machine's leaves through a const table of masks, then what
 * the hypervisor adds. A bit that is in no mask is not offered: SVM and VMX, machine
 * checks, monitoring, performance counters, 5-level paging, user shadow stacks.
 *
 * Sources: AMD64 APM volume 3 appendix E; Intel SDM volume 2A CPUID; Xen's leaves:
 * public/arch-x86/cpuid.h.
 */
#include <errno.h>
#include <hv/slab.h>
#include <hv/time.h>
#include <hv/vlapic.h>
#include <xen/arch-x86/cpuid.h>
#include "hvm_priv.h"
#include "msr_regs.h"

#define BIT(n)	  (1U << (n))
#define ALL	  0xffffffffU
#define NO	  0U
#define LEAF_XEN  0x40000000U
#define LEAF_EXT  0x80000000U
#define MAX_BASIC 0xdU
#define MAX_EXT	  0x80000021U

#define XEN_MAJOR 4
#define XEN_MINOR 20

/* Leaf 1. */
#define C1_X2APIC     BIT(21)
#define C1_DEADLINE   BIT(24)
#define C1_XSAVE      BIT(26)
#define C1_OSXSAVE    BIT(27)
#define C1_AVX	      BIT(28)
#define C1_HYPERVISOR BIT(31)
#define D1_APIC	      BIT(9)
#define D1_HTT	      BIT(28)

/* SSE3 PCLMULQDQ SSSE3 FMA CX16 PCID SSE4.1 SSE4.2 X2APIC MOVBE POPCNT AES XSAVE AVX F16C RDRAND */
#define MASK_1C                                                                                           \
	(BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(17) | BIT(19) | BIT(20) | BIT(21) | BIT(22) | \
		BIT(23) | BIT(25) | C1_XSAVE | C1_AVX | BIT(29) | BIT(30))
/* FPU VME DE PSE TSC MSR PAE CX8 APIC SEP MTRR PGE CMOV PAT PSE36 CLFSH MMX FXSR SSE SSE2 */
#define MASK_1D                                                                                          \
	(0x3fU | BIT(6) | BIT(8) | D1_APIC | BIT(11) | BIT(12) | BIT(13) | BIT(15) | BIT(16) | BIT(17) | \
		BIT(19) | BIT(23) | BIT(24) | BIT(25) | BIT(26))

/* AVX2 and the AVX-512 foundation with its friends, all of which need their state in XCR0. */
#define AVX2_7B	  BIT(5)
#define AVX512_7B (BIT(16) | BIT(17) | BIT(21) | BIT(28) | BIT(30) | BIT(31))
#define AVX512_7C (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define AVX512_7D BIT(8)
#define PKU_7C	  BIT(3)
#define OSPKE_7C  BIT(4)
/* FSGSBASE BMI1 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP CLFLUSHOPT CLWB SHA */
#define MASK_7B                                                                                         \
	(BIT(0) | BIT(3) | AVX2_7B | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(18) | BIT(19) | BIT(20) | \
		BIT(23) | BIT(24) | BIT(29) | AVX512_7B)
/* UMIP PKU GFNI VAES VPCLMULQDQ RDPID */
#define RDPID_7C BIT(22)
#define MASK_7C	 (BIT(2) | PKU_7C | BIT(8) | BIT(9) | BIT(10) | RDPID_7C | AVX512_7C)
/* FSRM */
#define MASK_7D (BIT(4) | AVX512_7D)

/* LAHF CR8LEGACY ABM SSE4A MISALIGNSSE 3DNOWPREFETCH XOP FMA4 TCE TBM */
#define MASK_E1C       (BIT(0) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(16) | BIT(17) | BIT(21))
#define E1C_CMP_LEGACY BIT(1)
#define E1C_AVX	       (BIT(11) | BIT(16)) /* XOP, FMA4 */
#define E1D_RDTSCP     BIT(27)
/* The low half repeats leaf 1; SYSCALL NX MMXEXT FFXSR 1GB RDTSCP LM */
#define MASK_E1D \
	((MASK_1D & 0x0183f3ffU) | BIT(11) | BIT(20) | BIT(22) | BIT(25) | BIT(26) | E1D_RDTSCP | BIT(29))

#define E8B_IBPB BIT(12)
/* CLZERO XSAVEERPTR IBPB */
#define MASK_E8B (BIT(0) | BIT(2) | E8B_IBPB)
/* LFENCE serialises, NULL selectors clear the base. */
#define MASK_E21A     (BIT(2) | BIT(6))
#define E7D_INVARIANT BIT(8)

struct cpuid_row {
	uint32_t leaf, subleaf;
	struct cpuid_regs mask;
};

/* Sorted. Leaf 0xb and Xen's own are made, not masked. */
static const struct cpuid_row cpuid_table[] = {
	{0x0, 0, {NO, ALL, ALL, ALL}},
	{0x1, 0, {ALL, 0xffff, MASK_1C, MASK_1D}},
	{0x2, 0, {ALL, ALL, ALL, ALL}},
	{0x4, 0, {0x3ff, ALL, ALL, ALL}},
	{0x4, 1, {0x3ff, ALL, ALL, ALL}},
	{0x4, 2, {0x3ff, ALL, ALL, ALL}},
	{0x4, 3, {0x3ff, ALL, ALL, ALL}},
	{0x6, 0, {BIT(2), NO, NO, NO}},
	{0x7, 0, {NO, MASK_7B, MASK_7C, MASK_7D}},
	{0xd, 0, {NO, NO, NO, NO}},
	{0xd, 1, {BIT(0) | BIT(1) | BIT(2), NO, NO, NO}},
	{0xd, 2, {ALL, ALL, ALL, NO}},
	{0xd, 5, {ALL, ALL, ALL, NO}},
	{0xd, 6, {ALL, ALL, ALL, NO}},
	{0xd, 7, {ALL, ALL, ALL, NO}},
	{0xd, 9, {ALL, ALL, ALL, NO}},
	{0x80000000, 0, {NO, ALL, ALL, ALL}},
	{0x80000001, 0, {ALL, ALL, MASK_E1C, MASK_E1D}},
	{0x80000002, 0, {ALL, ALL, ALL, ALL}},
	{0x80000003, 0, {ALL, ALL, ALL, ALL}},
	{0x80000004, 0, {ALL, ALL, ALL, ALL}},
	{0x80000005, 0, {ALL, ALL, ALL, ALL}},
	{0x80000006, 0, {ALL, ALL, ALL, ALL}},
	{0x80000007, 0, {NO, NO, NO, E7D_INVARIANT}},
	{0x80000008, 0, {0xffff, MASK_E8B, NO, NO}},
	{0x80000019, 0, {ALL, ALL, NO, NO}},
	{0x8000001a, 0, {ALL, NO, NO, NO}},
	{0x80000021, 0, {MASK_E21A, NO, NO, NO}},
};

BUILD_ASSERT(ARRAY_SIZE(cpuid_table) <= CPU_POLICY_LEAVES);

static const struct cpu_policy_leaf *leaf_find(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
	uint64_t key = ((uint64_t)leaf << 32) | subleaf;
	uint32_t low = 0, high = p->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t at = ((uint64_t)p->leaf[middle].leaf << 32) | p->leaf[middle].subleaf;

		if (at < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < p->count && p->leaf[low].leaf == leaf && p->leaf[low].subleaf == subleaf)
		return &p->leaf[low];
	return NULL;
}

struct cpuid_regs cpu_policy_leaf(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
	const struct cpu_policy_leaf *l = leaf_find(p, leaf, subleaf);

	return l ? l->regs : (struct cpuid_regs){0, 0, 0, 0};
}

/* A leaf of the policy that is being built: those named below are all in the table. */
static struct cpuid_regs *policy_leaf(struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
	return &p->leaf[leaf_find(p, leaf, subleaf) - p->leaf].regs;
}

static void policy_from_machine(struct cpu_policy *p)
{
	uint32_t max_basic = cpuid(0, 0).eax, max_ext = cpuid(LEAF_EXT, 0).eax;

	p->count = ARRAY_SIZE(cpuid_table);
	for (uint32_t i = 0; i < p->count; i++) {
		const struct cpuid_row *row = &cpuid_table[i];
		bool there = row->leaf <= (row->leaf < LEAF_EXT ? max_basic : max_ext);
		struct cpuid_regs r = {0, 0, 0, 0};

		if (there)
			r = cpuid(row->leaf, row->subleaf);
		p->leaf[i] = (struct cpu_policy_leaf){row->leaf, row->subleaf,
			{r.eax & row->mask.eax, r.ebx & row->mask.ebx, r.ecx & row->mask.ecx,
				r.edx & row->mask.edx}};
	}
	p->max_basic = MAX_BASIC;
	p->max_ext = MIN(MAX(max_ext, LEAF_EXT), MAX_EXT);
	policy_leaf(p, 0, 0)->eax = p->max_basic;
	policy_leaf(p, LEAF_EXT, 0)->eax = p->max_ext;
}

/* What needs a state in XCR0 that is not switched goes. */
static void policy_xsave(struct cpu_policy *p)
{
	struct cpuid_regs *l1 = policy_leaf(p, 1, 0), *l7 = policy_leaf(p, 7, 0);
	struct cpuid_regs *ld = policy_leaf(p, 0xd, 0);

	p->xcr0 = fpu_xcr0_all();
	if (!(p->xcr0 & XCR0_AVX)) {
		l1->ecx &= ~(C1_AVX | BIT(12) | BIT(29));
		l7->ebx &= ~AVX2_7B;
		l7->ecx &= ~(BIT(9) | BIT(10));
		policy_leaf(p, 0x80000001, 0)->ecx &= ~E1C_AVX;
	}
	if ((p->xcr0 & XCR0_AVX512) != XCR0_AVX512) {
		l7->ebx &= ~AVX512_7B;
		l7->ecx &= ~AVX512_7C;
		l7->edx &= ~AVX512_7D;
	}
	if (!(p->xcr0 & XCR0_PKRU))
		l7->ecx &= ~PKU_7C;
	if (!p->xcr0) {
		l1->ecx &= ~C1_XSAVE;
		policy_leaf(p, 0xd, 1)->eax = 0;
	}
	ld->eax = (uint32_t)p->xcr0;
	ld->edx = (uint32_t)(p->xcr0 >> 32);
	ld->ecx = p->xcr0 ? fpu_xsave_bytes(p->xcr0) : 0;
	for (uint32_t n = 2; n < 10; n++)
		if (leaf_find(p, 0xd, n) && !(p->xcr0 & (1UL << n)))
			*policy_leaf(p, 0xd, n) = (struct cpuid_regs){0, 0, 0, 0};
}

/* One package of vcpus, no threads: AMD's legacy method and leaf 0xb agree. */
static void policy_topology(struct cpu_policy *p, uint32_t vcpus)
{
	struct cpuid_regs *l1 = policy_leaf(p, 1, 0);

	l1->ebx |= MIN(vcpus, 255U) << 16;
	if (vcpus > 1) {
		l1->edx |= D1_HTT;
		policy_leaf(p, 0x80000001, 0)->ecx |= E1C_CMP_LEGACY;
	}
	policy_leaf(p, 0x80000008, 0)->ecx = MIN(vcpus, 256U) - 1;
}

/* What the hypervisor gives whatever the machine has. */
static void policy_own(struct cpu_policy *p)
{
	struct cpuid_regs *l1 = policy_leaf(p, 1, 0);

	l1->ecx |= C1_HYPERVISOR | C1_X2APIC | C1_DEADLINE;
	l1->edx |= D1_APIC;
	policy_leaf(p, 6, 0)->eax = BIT(2); /* ARAT: the vlapic's timer never stops */
}

/* A control bit that a CPUID bit brings. */
struct policy_bit {
	uint32_t leaf;
	uint8_t reg; /* 0 EAX to 3 EDX */
	uint32_t bit;
	uint64_t allows;
};

static const struct policy_bit policy_cr4[] = {
	{1, 3, BIT(1), CR4_VME | CR4_PVI},
	{1, 3, BIT(4), CR4_TSD},
	{1, 3, BIT(2), CR4_DE},
	{1, 3, BIT(3), CR4_PSE},
	{1, 3, BIT(6), CR4_PAE},
	{1, 3, BIT(13), CR4_PGE},
	{1, 3, BIT(24), CR4_OSFXSR},
	{1, 3, BIT(25), CR4_OSXMMEXCPT},
	{1, 2, C1_XSAVE, CR4_OSXSAVE},
	{1, 2, BIT(17), CR4_PCIDE},
	{7, 1, BIT(0), CR4_FSGSBASE},
	{7, 1, BIT(7), CR4_SMEP},
	{7, 1, BIT(20), CR4_SMAP},
	{7, 2, BIT(2), CR4_UMIP},
	{7, 2, PKU_7C, CR4_PKE},
};

static const struct policy_bit policy_efer[] = {
	{0x80000001, 3, BIT(11), EFER_SCE},
	{0x80000001, 3, BIT(29), EFER_LME},
	{0x80000001, 3, BIT(20), EFER_NXE},
	{0x80000001, 3, BIT(25), EFER_FFXSR},
	{0x80000001, 2, BIT(17), EFER_TCE},
};

static uint64_t policy_allows(const struct cpu_policy *p, const struct policy_bit *bits, size_t count)
{
	uint64_t allowed = 0;

	for (size_t i = 0; i < count; i++) {
		struct cpuid_regs r = cpu_policy_leaf(p, bits[i].leaf, 0);
		const uint32_t reg[4] = {r.eax, r.ebx, r.ecx, r.edx};

		if (reg[bits[i].reg] & bits[i].bit)
			allowed |= bits[i].allows;
	}
	return allowed;
}

void cpu_policy_build(struct cpu_policy *p, uint32_t vcpus)
{
	*p = (struct cpu_policy){.count = 0};
	policy_from_machine(p);
	policy_xsave(p);
	policy_own(p);
	policy_topology(p, vcpus);
	p->cr4 = policy_allows(p, policy_cr4, ARRAY_SIZE(policy_cr4)) | CR4_MCE | CR4_PCE;
	p->efer = policy_allows(p, policy_efer, ARRAY_SIZE(policy_efer));
	p->ibpb = (cpu_policy_leaf(p, 0x80000008, 0).ebx & E8B_IBPB) != 0;
	p->tsc_aux = (cpu_policy_leaf(p, 0x80000001, 0).edx & E1D_RDTSCP) ||
		     (cpu_policy_leaf(p, 7, 0).ecx & RDPID_7C);
}

int cpu_policy_create(struct domain *d)
{
	d->policy = hv_alloc(sizeof(*d->policy));
	if (!d->policy)
		return -ENOMEM;
	cpu_policy_build(d->policy, d->vcpu_max);
	return 0;
}

void cpu_policy_destroy(struct domain *d)
{
	hv_free(d->policy);
	d->policy = NULL;
}

static uint32_t ceil_log2(uint32_t n)
{
	return n <= 1 ? 0 : 32 - (uint32_t)__builtin_clz(n - 1);
}

/* SDM volume 2A, leaf 0BH. */
static struct cpuid_regs leaf_topology(const struct vcpu *v, uint32_t subleaf)
{
	uint32_t id = vcpu_apic_id(v->id), vcpus = v->domain->vcpu_max;

	if (subleaf == 0)
		return (struct cpuid_regs){0, 1, 1U << 8, id};
	if (subleaf == 1)
		return (struct cpuid_regs){ceil_log2(vcpus), vcpus, (2U << 8) | 1, id};
	return (struct cpuid_regs){0, 0, subleaf & 0xff, id};
}

/* public/arch-x86/cpuid.h, leaf 4 of an HVM guest. */
static struct cpuid_regs leaf_xen_hvm(const struct vcpu *v)
{
	uint32_t features = XEN_HVM_CPUID_IOMMU_MAPPINGS | XEN_HVM_CPUID_VCPU_ID_PRESENT |
			    XEN_HVM_CPUID_DOMID_PRESENT | XEN_HVM_CPUID_UPCALL_VECTOR;

	return (struct cpuid_regs){features, v->id, v->domain->id, 0};
}

static struct cpuid_regs leaf_xen_time(uint32_t subleaf)
{
	uint32_t khz = (uint32_t)(time_tsc_hz() / 1000);

	switch (subleaf) {
	case 0:
		/* No emulated TSC, default mode. */
		return (struct cpuid_regs){0, 0, khz, 0};
	case 2:
		return (struct cpuid_regs){khz, 0, 0, 0};
	}
	return (struct cpuid_regs){0, 0, 0, 0};
}

static struct cpuid_regs leaf_xen(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
	switch (leaf - LEAF_XEN) {
	case 0:
		return (struct cpuid_regs){LEAF_XEN + 4, XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
			XEN_CPUID_SIGNATURE_EDX};
	case 1:
		return (struct cpuid_regs){(XEN_MAJOR << 16) | XEN_MINOR, 0, 0, 0};
	case 2:
		return (struct cpuid_regs){1, MSR_HYPERCALL, 0, 0};
	case 3:
		return leaf_xen_time(subleaf);
	case 4:
		return leaf_xen_hvm(v);
	}
	return (struct cpuid_regs){0, 0, 0, 0};
}

/* Bits of a leaf that follow the vcpu's own registers. */
static void leaf_dynamic(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	uint64_t base;

	switch (leaf) {
	case 1:
		r->ebx |= vcpu_apic_id(v->id) << 24;
		if (hvm_reg(v, HVM_CR4) & CR4_OSXSAVE)
			r->ecx |= C1_OSXSAVE;
		base = vlapic_base(v);
		if (!(base & APIC_BASE_ENABLE))
			r->edx &= ~D1_APIC;
		break;
	case 7:
		if (subleaf == 0 && (hvm_reg(v, HVM_CR4) & CR4_PKE))
			r->ecx |= OSPKE_7C;
		break;
	case 0xd:
		if (subleaf < 2 && v->domain->policy->xcr0)
			r->ebx = fpu_xsave_bytes(v->hvm->xcr0);
		break;
	}
}

/* Leaves whose ECX is looked at; the others answer the same for any. */
static bool leaf_has_subleaves(uint32_t leaf)
{
	return leaf == 4 || leaf == 7 || leaf == 0xd;
}

struct cpuid_regs cpu_policy_read(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	if (leaf >= LEAF_XEN && leaf < LEAF_XEN + 0x100)
		return leaf_xen(v, leaf, subleaf);
	if (leaf == 0xb)
		return leaf_topology(v, subleaf);
	if (!leaf_has_subleaves(leaf))
		subleaf = 0;
	r = cpu_policy_leaf(v->domain->policy, leaf, subleaf);
	leaf_dynamic(v, leaf, subleaf, &r);
	return r;
}
