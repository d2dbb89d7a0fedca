/* SPDX-License-Identifier: GPL-2.0-only */
/* Model-specific registers that a guest may know, beside those of hv/cpu_regs.h: AMD64 APM volume 2 appendix A. */
#ifndef MSR_REGS_H
#define MSR_REGS_H

#include <hv/cpu_regs.h>

#define MSR_FEATURE_CONTROL 0x3a
#define MSR_TSC_ADJUST	    0x3b
#define MSR_PRED_CMD	    0x49
#define PRED_CMD_IBPB	    1UL
#define MSR_MICROCODE	    0x8b
#define MSR_ARCH_CAPS	    0x10a
#define MSR_SYSENTER_CS	    0x174
#define MSR_SYSENTER_ESP    0x175
#define MSR_SYSENTER_EIP    0x176
#define MSR_MCG_CAP	    0x179
#define MSR_MCG_STATUS	    0x17a
#define MSR_MISC_ENABLE	    0x1a0
#define MSR_DEBUGCTL	    0x1d9
#define MSR_MC0_CTL	    0x400
#define MSR_X2APIC_LAST	    0x8ff
#define MSR_HYPERCALL	    0x40000000
#define MSR_STAR	    0xc0000081
#define MSR_LSTAR	    0xc0000082
#define MSR_CSTAR	    0xc0000083
#define MSR_SFMASK	    0xc0000084
#define MSR_FS_BASE	    0xc0000100
#define MSR_KERNEL_GS_BASE  0xc0000102
#define MSR_TSC_AUX	    0xc0000103
#define MSR_SYSCFG	    0xc0010010
#define MSR_HWCR	    0xc0010015
#define MSR_TOP_MEM	    0xc001001a
#define MSR_TOP_MEM2	    0xc001001d
#define MSR_PATCH_LEVEL	    0x8b
#define MSR_OSVW_ID_LENGTH  0xc0010140
#define MSR_OSVW_STATUS	    0xc0010141
#define MSR_MMIO_CONF	    0xc0010058
#define MSR_DE_CFG	    0xc0011029
#define MSR_NB_CFG	    0xc001001f
#define MSR_INT_PENDING	    0xc0010055

/* DE_CFG: LFENCE is dispatch serialising (volume 3, LFENCE). */
#define DE_CFG_LFENCE (1UL << 1)
/* HWCR: TscFreqSel; Linux warns when it is clear. */
#define HWCR_TSC_FREQ_SEL (1UL << 24)

#define EFER_LMSLE    (1UL << 13)
#define EFER_FFXSR    (1UL << 14)
#define EFER_TCE      (1UL << 15)
#define EFER_AUTOIBRS (1UL << 21)

#define CR4_VME	     (1UL << 0)
#define CR4_PVI	     (1UL << 1)
#define CR4_TSD	     (1UL << 2)
#define CR4_DE	     (1UL << 3)
#define CR4_PSE	     (1UL << 4)
#define CR4_PCE	     (1UL << 8)
#define CR4_FSGSBASE (1UL << 16)
#define CR4_PCIDE    (1UL << 17)
#define CR4_PKE	     (1UL << 22)

#define XCR0_AVX       (1UL << 2)
#define XCR0_AVX512    (7UL << 5) /* opmask, ZMM upper halves, upper 16 ZMM */
#define XCR0_PKRU      (1UL << 9)
#define XCR0_SUPPORTED (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512 | XCR0_PKRU)

#define MTRRCAP_WC   (1UL << 10)
#define MTRR_TYPE_WB 6UL

#define RFLAGS_ONE 0x2UL
#define RFLAGS_TF  (1UL << 8)
#define RFLAGS_IF  (1UL << 9)
#define RFLAGS_DF  (1UL << 10)
#define RFLAGS_RF  (1UL << 16)

#endif
