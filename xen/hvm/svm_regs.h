/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual machine control block and what belongs to it.
 * Source: AMD64 APM volume 2 (24593, rev. 3.42), chapter 15, appendices B and C.
 */
#ifndef SVM_REGS_H
#define SVM_REGS_H

#include <pt/compiler.h>

/* --- Model-specific registers: section 15.30. --- */
#define MSR_VM_CR	0xc0010114
#define VM_CR_SVMDIS	(1UL << 4)
#define MSR_VM_HSAVE_PA 0xc0010117
#define EFER_SVME	(1UL << 12)

/* --- CPUID 8000_000A: volume 3 section E.4.9. --- */
#define CPUID_SVM	    0x8000000a
#define SVM_EDX_NP	    (1U << 0)
#define SVM_EDX_NRIPS	    (1U << 3)
#define SVM_EDX_VMCB_CLEAN  (1U << 5)
#define SVM_EDX_FLUSH_ASID  (1U << 6)
#define SVM_EDX_DECODE	    (1U << 7)
#define SVM_EDX_PAUSE	    (1U << 10)
#define SVM_EDX_PAUSE_LIMIT (1U << 12)

/* --- Intercepts: table B-1, offsets 000h to 014h. --- */
#define SVM_CR_READ(n)	(1U << (n))
#define SVM_CR_WRITE(n) (1U << (16 + (n)))
#define SVM_DR_ALL	0xffffffffU

#define SVM_I3_INTR	(1U << 0)
#define SVM_I3_NMI	(1U << 1)
#define SVM_I3_INIT	(1U << 3)
#define SVM_I3_VINTR	(1U << 4)
#define SVM_I3_RDPMC	(1U << 15)
#define SVM_I3_CPUID	(1U << 18)
#define SVM_I3_RSM	(1U << 19)
#define SVM_I3_IRET	(1U << 20)
#define SVM_I3_INVD	(1U << 22)
#define SVM_I3_PAUSE	(1U << 23)
#define SVM_I3_HLT	(1U << 24)
#define SVM_I3_INVLPGA	(1U << 26)
#define SVM_I3_IOIO	(1U << 27)
#define SVM_I3_MSR	(1U << 28)
#define SVM_I3_SHUTDOWN (1U << 31)

#define SVM_I4_VMRUN   (1U << 0)
#define SVM_I4_VMMCALL (1U << 1)
#define SVM_I4_VMLOAD  (1U << 2)
#define SVM_I4_VMSAVE  (1U << 3)
#define SVM_I4_STGI    (1U << 4)
#define SVM_I4_CLGI    (1U << 5)
#define SVM_I4_SKINIT  (1U << 6)
#define SVM_I4_WBINVD  (1U << 9)
#define SVM_I4_MONITOR (1U << 10)
#define SVM_I4_MWAIT   (3U << 11) /* also when armed */
#define SVM_I4_XSETBV  (1U << 13)
#define SVM_I4_RDPRU   (1U << 14)

/* --- Offset 058h: TLB control, section 15.16.1. --- */
#define SVM_TLB_KEEP	   0
#define SVM_TLB_FLUSH_ALL  1
#define SVM_TLB_FLUSH_ASID 3

/* --- Offset 060h: virtual interrupts, section 15.21.4. --- */
#define SVM_V_TPR_MASK	   0xffUL
#define SVM_V_IRQ	   (1UL << 8)
#define SVM_V_PRIO_SHIFT   16
#define SVM_V_PRIO_MASK	   (0xfUL << SVM_V_PRIO_SHIFT)
#define SVM_V_IGN_TPR	   (1UL << 20)
#define SVM_V_MASKING	   (1UL << 24)
#define SVM_V_VECTOR_SHIFT 32
#define SVM_V_VECTOR_MASK  (0xffUL << SVM_V_VECTOR_SHIFT)

/* --- Offset 068h. --- */
#define SVM_SHADOW (1UL << 0)

/* --- Offset 0A8h and 088h: EVENTINJ and EXITINTINFO, sections 15.20 and 15.7.2. --- */
#define SVM_EVENT_VECTOR      0xffUL
#define SVM_EVENT_TYPE_SHIFT  8
#define SVM_EVENT_TYPE_MASK   (7UL << SVM_EVENT_TYPE_SHIFT)
#define SVM_EVENT_EXTERNAL    0UL
#define SVM_EVENT_NMI	      2UL
#define SVM_EVENT_EXCEPTION   3UL
#define SVM_EVENT_SOFTWARE    4UL
#define SVM_EVENT_ERROR	      (1UL << 11)
#define SVM_EVENT_VALID	      (1UL << 31)
#define SVM_EVENT_ERROR_SHIFT 32

/* --- Offset 0C0h: VMCB clean bits, section 15.15.3. --- */
#define SVM_CLEAN_INTERCEPTS (1U << 0)
#define SVM_CLEAN_IOMSRPM    (1U << 1)
#define SVM_CLEAN_ASID	     (1U << 2)
#define SVM_CLEAN_TPR	     (1U << 3)
#define SVM_CLEAN_NP	     (1U << 4)
#define SVM_CLEAN_CR	     (1U << 5)
#define SVM_CLEAN_DR	     (1U << 6)
#define SVM_CLEAN_DT	     (1U << 7)
#define SVM_CLEAN_SEG	     (1U << 8)
#define SVM_CLEAN_CR2	     (1U << 9)
#define SVM_CLEAN_ALL	     0x3ffU

/* --- Exit codes: appendix C. --- */
#define SVM_EXIT_CR_READ     0x000
#define SVM_EXIT_CR_WRITE    0x010
#define SVM_EXIT_DR_READ     0x020
#define SVM_EXIT_DR_WRITE    0x030
#define SVM_EXIT_EXCEPTION   0x040
#define SVM_EXIT_INTR	     0x060
#define SVM_EXIT_NMI	     0x061
#define SVM_EXIT_INIT	     0x063
#define SVM_EXIT_VINTR	     0x064
#define SVM_EXIT_RDPMC	     0x06f
#define SVM_EXIT_CPUID	     0x072
#define SVM_EXIT_RSM	     0x073
#define SVM_EXIT_IRET	     0x074
#define SVM_EXIT_INVD	     0x076
#define SVM_EXIT_PAUSE	     0x077
#define SVM_EXIT_HLT	     0x078
#define SVM_EXIT_INVLPGA     0x07a
#define SVM_EXIT_IOIO	     0x07b
#define SVM_EXIT_MSR	     0x07c
#define SVM_EXIT_SHUTDOWN    0x07f
#define SVM_EXIT_VMRUN	     0x080
#define SVM_EXIT_VMMCALL     0x081
#define SVM_EXIT_VMLOAD	     0x082
#define SVM_EXIT_VMSAVE	     0x083
#define SVM_EXIT_STGI	     0x084
#define SVM_EXIT_CLGI	     0x085
#define SVM_EXIT_SKINIT	     0x086
#define SVM_EXIT_WBINVD	     0x089
#define SVM_EXIT_MONITOR     0x08a
#define SVM_EXIT_MWAIT	     0x08b
#define SVM_EXIT_MWAIT_ARMED 0x08c
#define SVM_EXIT_XSETBV	     0x08d
#define SVM_EXIT_RDPRU	     0x08e
#define SVM_EXIT_COUNT	     0x090 /* of the dense part */
#define SVM_EXIT_NPF	     0x400
#define SVM_EXIT_INVALID     0xffffffffffffffffUL

/* --- EXITINFO1: IOIO (section 15.10.2), NPF (15.25.6), CR with decode assists (15.8.1). --- */
#define SVM_IO_IN	  (1U << 0)
#define SVM_IO_STRING	  (1U << 2)
#define SVM_IO_REP	  (1U << 3)
#define SVM_IO_BYTES(i)	  (((i) >> 4) & 7)
#define SVM_IO_ADDRESS(i) ((((i) >> 7) & 7) * 2)
#define SVM_IO_PORT(i)	  ((i) >> 16)
#define SVM_NPF_PRESENT	  (1UL << 0)
#define SVM_NPF_WRITE	  (1UL << 1)
#define SVM_NPF_FETCH	  (1UL << 4)
#define SVM_NPF_WALK	  (1UL << 33)
#define SVM_CR_DECODED	  (1UL << 63)

struct vmcb_segment {
	uint16_t selector;
	uint16_t attr;
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	/* Control area: table B-1. */
	uint32_t intercept_cr;	       /* 000 */
	uint32_t intercept_dr;	       /* 004 */
	uint32_t intercept_exceptions; /* 008 */
	uint32_t intercept3;	       /* 00c */
	uint32_t intercept4;	       /* 010 */
	uint32_t intercept5;	       /* 014 */
	uint8_t reserved018[0x24];
	uint16_t pause_threshold; /* 03c */
	uint16_t pause_count;	  /* 03e */
	uint64_t iopm_base;	  /* 040 */
	uint64_t msrpm_base;	  /* 048 */
	uint64_t tsc_offset;	  /* 050 */
	uint32_t asid;		  /* 058 */
	uint8_t tlb_control;	  /* 05c */
	uint8_t reserved05d[3];
	uint64_t v_intr;	/* 060 */
	uint64_t shadow;	/* 068 */
	uint64_t exit_code;	/* 070 */
	uint64_t exit_info1;	/* 078 */
	uint64_t exit_info2;	/* 080 */
	uint64_t exit_int_info; /* 088 */
	uint64_t np_enable;	/* 090 */
	uint8_t reserved098[0x10];
	uint64_t event_inject; /* 0a8 */
	uint64_t n_cr3;	       /* 0b0 */
	uint64_t lbr_control;  /* 0b8 */
	uint32_t clean;	       /* 0c0 */
	uint32_t reserved0c4;
	uint64_t next_rip;  /* 0c8 */
	uint8_t insn_bytes; /* 0d0 */
	uint8_t insn[15];   /* 0d1 */
	uint8_t reserved0e0[0x320];

	/* State save area: table B-2. The first six in instruction encoding order. */
	struct vmcb_segment segment[6]; /* 400: ES CS SS DS FS GS */
	struct vmcb_segment gdtr, ldtr, idtr, tr;
	uint8_t reserved4a0[0x2b];
	uint8_t cpl; /* 4cb */
	uint32_t reserved4cc;
	uint64_t efer; /* 4d0 */
	uint8_t reserved4d8[0x70];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip; /* 548 */
	uint8_t reserved580[0x58];
	uint64_t rsp; /* 5d8 */
	uint8_t reserved5e0[0x18];
	uint64_t rax;					  /* 5f8 */
	uint64_t star, lstar, cstar, sfmask;		  /* 600 */
	uint64_t kernel_gs_base;			  /* 620 */
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip; /* 628 */
	uint64_t cr2;					  /* 640 */
	uint8_t reserved648[0x20];
	uint64_t g_pat; /* 668 */
	uint8_t reserved670[0x990];
};

BUILD_ASSERT(offsetof(struct vmcb, pause_threshold) == 0x3c);
BUILD_ASSERT(offsetof(struct vmcb, iopm_base) == 0x40);
BUILD_ASSERT(offsetof(struct vmcb, v_intr) == 0x60);
BUILD_ASSERT(offsetof(struct vmcb, exit_int_info) == 0x88);
BUILD_ASSERT(offsetof(struct vmcb, event_inject) == 0xa8);
BUILD_ASSERT(offsetof(struct vmcb, clean) == 0xc0);
BUILD_ASSERT(offsetof(struct vmcb, insn) == 0xd1);
BUILD_ASSERT(offsetof(struct vmcb, segment) == 0x400);
BUILD_ASSERT(offsetof(struct vmcb, tr) == 0x490);
BUILD_ASSERT(offsetof(struct vmcb, cpl) == 0x4cb);
BUILD_ASSERT(offsetof(struct vmcb, efer) == 0x4d0);
BUILD_ASSERT(offsetof(struct vmcb, cr4) == 0x548);
BUILD_ASSERT(offsetof(struct vmcb, rip) == 0x578);
BUILD_ASSERT(offsetof(struct vmcb, rsp) == 0x5d8);
BUILD_ASSERT(offsetof(struct vmcb, rax) == 0x5f8);
BUILD_ASSERT(offsetof(struct vmcb, kernel_gs_base) == 0x620);
BUILD_ASSERT(offsetof(struct vmcb, cr2) == 0x640);
BUILD_ASSERT(offsetof(struct vmcb, g_pat) == 0x668);
BUILD_ASSERT(sizeof(struct vmcb) == 0x1000);

#endif
