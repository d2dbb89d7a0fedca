/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processors can do, and the control registers that follow from it.
 * Sources: AMD64 APM volume 3 appendix E, Intel SDM volume 2A CPUID; control
 * registers: APM volume 2 chapter 3; MTRR and PAT: APM volume 2 chapter 7,
 * SDM volume 3A chapter 12.
 *
 * Filled by features_init() on the boot processor, read-only afterwards.
 */
#ifndef HV_FEATURES_H
#define HV_FEATURES_H

#include <hv/types.h>

enum cpu_vendor {
	VENDOR_OTHER,
	VENDOR_INTEL,
	VENDOR_AMD, /* and Hygon, which follows its manuals */
};

/* The CPUID words that are kept. */
enum feature_word {
	FW_1C,
	FW_1D,
	FW_6A,
	FW_7B,
	FW_7C,
	FW_7D,
	FW_E1C, /* 8000_0001 */
	FW_E1D,
	FW_E7D, /* 8000_0007 */
	FW_E8B, /* 8000_0008 */
	FW_COUNT,
};

#define FEATURE(word, bit) ((word)*32 + (bit))

enum feature {
	FEAT_VMX = FEATURE(FW_1C, 5),
	FEAT_X2APIC = FEATURE(FW_1C, 21),
	FEAT_TSC_DEADLINE = FEATURE(FW_1C, 24),
	FEAT_XSAVE = FEATURE(FW_1C, 26),
	FEAT_HYPERVISOR = FEATURE(FW_1C, 31),
	FEAT_FPU = FEATURE(FW_1D, 0),
	FEAT_TSC = FEATURE(FW_1D, 4),
	FEAT_MSR = FEATURE(FW_1D, 5),
	FEAT_PAE = FEATURE(FW_1D, 6),
	FEAT_MCE = FEATURE(FW_1D, 7),
	FEAT_CX8 = FEATURE(FW_1D, 8),
	FEAT_APIC = FEATURE(FW_1D, 9),
	FEAT_MTRR = FEATURE(FW_1D, 12),
	FEAT_PGE = FEATURE(FW_1D, 13),
	FEAT_CMOV = FEATURE(FW_1D, 15),
	FEAT_PAT = FEATURE(FW_1D, 16),
	FEAT_FXSR = FEATURE(FW_1D, 24),
	FEAT_SSE2 = FEATURE(FW_1D, 26),
	FEAT_ARAT = FEATURE(FW_6A, 2),
	FEAT_FSGSBASE = FEATURE(FW_7B, 0),
	FEAT_SMEP = FEATURE(FW_7B, 7),
	FEAT_SMAP = FEATURE(FW_7B, 20),
	FEAT_UMIP = FEATURE(FW_7C, 2),
	FEAT_SVM = FEATURE(FW_E1C, 2),
	FEAT_SYSCALL = FEATURE(FW_E1D, 11),
	FEAT_NX = FEATURE(FW_E1D, 20),
	FEAT_PAGE1G = FEATURE(FW_E1D, 26),
	FEAT_LM = FEATURE(FW_E1D, 29),
	FEAT_INVARIANT_TSC = FEATURE(FW_E7D, 8),
};

struct cpu_features {
	enum cpu_vendor vendor;
	char vendor_text[13];
	char brand[49];
	uint32_t family, model, stepping;
	uint32_t max_leaf, max_ext_leaf;
	uint32_t phys_bits, virt_bits;
	uint32_t word[FW_COUNT];
};

extern struct cpu_features cpu_features;

/* True when the boot processor has it. */
static inline bool feature_has(enum feature f)
{
	return (cpu_features.word[f / 32] >> (f % 32)) & 1;
}

/* Of the running processor; changes nothing. */
void features_collect(struct cpu_features *ret_features);

/*
 * Boot processor: collects, and checks what the hypervisor cannot do without.
 * -ENODEV names every missing feature in one line.
 */
int features_init(void) __must_check;

/* Another processor: -ENODEV, with a line, when it lacks something the boot processor has. */
int features_check_ap(unsigned int cpu) __must_check;

/* Each processor, once: CR0, CR4, EFER as the features allow; PAT; XCR0 = x87 and SSE. */
void features_enable(void);

/* The PAT that Xen's ABI gives to PV guests (public/arch-x86/xen.h, XEN_MSR_PAT): WB WT UC- UC WC WP UC UC. */
#define HV_PAT 0x050100070406

/* Boot processor: remember its MTRRs. Others: take them over, when they differ. */
void mtrr_save(void);
void mtrr_load(void);

#endif
