/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Local APIC registers: offsets of the xAPIC's page; an x2APIC has the same
 * registers at MSR 0x800 + offset / 16. Intel SDM volume 3A table 11-1 and 11-6.
 */
#ifndef HV_LAPIC_REGS_H
#define HV_LAPIC_REGS_H

#define APIC_ID		    0x20
#define APIC_VERSION	    0x30
#define APIC_VERSION_LVT(v) (((v) >> 16) & 0xff) /* the highest entry's number */
#define APIC_TPR	    0x80
#define APIC_EOI	    0xb0
#define APIC_LDR	    0xd0
#define APIC_DFR	    0xe0
#define APIC_SVR	    0xf0
#define APIC_SVR_ENABLE	    (1U << 8)
#define APIC_ISR	    0x100 /* 8 registers, 0x10 apart */
#define APIC_ESR	    0x280
#define APIC_LVT_CMCI	    0x2f0
#define APIC_ICR	    0x300
#define APIC_ICR_HIGH	    0x310 /* xAPIC only */
#define APIC_LVT_TIMER	    0x320
#define APIC_LVT_THERMAL    0x330
#define APIC_LVT_PERF	    0x340
#define APIC_LVT_LINT0	    0x350
#define APIC_LVT_LINT1	    0x360
#define APIC_LVT_ERROR	    0x370
#define APIC_TIMER_INIT	    0x380
#define APIC_TIMER_CUR	    0x390
#define APIC_TIMER_DIV	    0x3e0
#define APIC_DIV_BY_1	    0xb

#define APIC_LVT_MASKED	    (1U << 16)
#define APIC_LVT_NMI	    (4U << 8)
#define APIC_TIMER_DEADLINE (2U << 17)

#define APIC_ICR_FIXED	 (0U << 8)
#define APIC_ICR_NMI	 (4U << 8)
#define APIC_ICR_INIT	 (5U << 8)
#define APIC_ICR_STARTUP (6U << 8)
#define APIC_ICR_BUSY	 (1U << 12)
#define APIC_ICR_ASSERT	 (1U << 14)

#endif
