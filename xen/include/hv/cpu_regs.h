/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control register bits and model-specific registers that more than one file
 * uses. Sources: AMD64 APM volume 2 chapter 3 and appendix A; Intel SDM volume 4.
 */
#ifndef HV_CPU_REGS_H
#define HV_CPU_REGS_H

#define CR0_PE (1UL << 0)
#define CR0_MP (1UL << 1)
#define CR0_EM (1UL << 2)
#define CR0_TS (1UL << 3)
#define CR0_ET (1UL << 4)
#define CR0_NE (1UL << 5)
#define CR0_WP (1UL << 16)
#define CR0_AM (1UL << 18)
#define CR0_NW (1UL << 29)
#define CR0_CD (1UL << 30)
#define CR0_PG (1UL << 31)

#define CR4_PSE	       (1UL << 4)
#define CR4_PAE	       (1UL << 5)
#define CR4_MCE	       (1UL << 6)
#define CR4_PGE	       (1UL << 7)
#define CR4_OSFXSR     (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_UMIP       (1UL << 11)
#define CR4_LA57       (1UL << 12)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_SMEP       (1UL << 20)
#define CR4_SMAP       (1UL << 21)

#define XCR0	 0
#define XCR0_X87 (1UL << 0)
#define XCR0_SSE (1UL << 1)

#define MSR_TSC		 0x10
#define MSR_APIC_BASE	 0x1b
#define APIC_BASE_BSP	 (1UL << 8)
#define APIC_BASE_X2APIC (1UL << 10)
#define APIC_BASE_ENABLE (1UL << 11)
#define APIC_BASE_ADDR	 0xffffffffff000UL

#define MSR_MTRRCAP	      0xfe
#define MTRRCAP_VCNT	      0xff
#define MTRRCAP_FIX	      (1UL << 8)
#define MSR_MTRR_PHYSBASE(n)  (0x200 + 2 * (n))
#define MSR_MTRR_PHYSMASK(n)  (0x201 + 2 * (n))
#define MSR_MTRR_FIX64K_00000 0x250
#define MSR_MTRR_FIX16K_80000 0x258
#define MSR_MTRR_FIX16K_A0000 0x259
#define MSR_MTRR_FIX4K(n)     (0x268 + (n)) /* 0 to 7 */
#define MSR_PAT		      0x277
#define MSR_MTRR_DEF_TYPE     0x2ff
#define MTRR_DEF_TYPE_FIX     (1UL << 10)
#define MTRR_DEF_TYPE_ENABLE  (1UL << 11)

#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC	 0x800

#define MSR_EFER 0xc0000080
#define EFER_SCE (1UL << 0)
#define EFER_LME (1UL << 8)
#define EFER_LMA (1UL << 10)
#define EFER_NXE (1UL << 11)

#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101

#endif
