/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of the local APIC: AMD64 APM volume 2 section 16.3, Intel SDM volume 3A section 11.4. */
#ifndef VLAPIC_REGS_H
#define VLAPIC_REGS_H

/* Bits stand indented under their register. clang-format would flatten that. */
/* clang-format off */

#define APIC_ID                0x020
#define   APIC_ID_SHIFT        24
#define APIC_VERSION           0x030
#define   APIC_VERSION_VALUE   0x14          /* integrated */
#define   APIC_VERSION_LVTS    16            /* the highest entry's number */
#define APIC_TPR               0x080
#define APIC_APR               0x090
#define APIC_PPR               0x0a0
#define APIC_EOI               0x0b0
#define APIC_RRD               0x0c0
#define APIC_LDR               0x0d0
#define   APIC_LDR_MASK        0xff000000U
#define   APIC_LDR_SHIFT       24
#define APIC_DFR               0x0e0
#define   APIC_DFR_MODEL       0xf0000000U
#define   APIC_DFR_FLAT        0xf0000000U
#define   APIC_DFR_CLUSTER     0x00000000U
#define   APIC_DFR_ONES        0x0fffffffU
#define APIC_SVR               0x0f0
#define   APIC_SVR_VECTOR      0x0ffU
#define   APIC_SVR_ENABLE      0x100U
#define   APIC_SVR_FOCUS_OFF   0x200U
#define APIC_ISR               0x100
#define APIC_TMR               0x180
#define APIC_IRR               0x200
#define APIC_ESR               0x280
#define   APIC_ESR_SEND_VECTOR 0x20U
#define   APIC_ESR_RECV_VECTOR 0x40U
#define   APIC_ESR_REGISTER    0x80U
#define APIC_ICR               0x300
#define   APIC_ICR_VECTOR      0x000ffU
#define   APIC_ICR_MODE_SHIFT  8
#define   APIC_ICR_MODE_MASK   7U
#define   APIC_ICR_LOGICAL     0x00800U
#define   APIC_ICR_PENDING     0x01000U
#define   APIC_ICR_ASSERT      0x04000U
#define   APIC_ICR_LEVEL       0x08000U
#define   APIC_ICR_HAND_SHIFT  18            /* destination shorthand */
#define   APIC_ICR_HAND_MASK   3U
#define   APIC_ICR_WRITABLE    0x0000cfffU   /* and the shorthand */
#define APIC_ICR_HIGH          0x310
#define   APIC_ICR_DEST_SHIFT  24
#define APIC_LVT_TIMER         0x320
#define APIC_LVT_THERMAL       0x330
#define APIC_LVT_PERF          0x340
#define APIC_LVT_LINT0         0x350
#define APIC_LVT_LINT1         0x360
#define APIC_LVT_ERROR         0x370
#define   APIC_LVT_VECTOR      0x000ffU
#define   APIC_LVT_MODE        0x00700U
#define   APIC_LVT_POLARITY    0x02000U
#define   APIC_LVT_TRIGGER     0x08000U
#define   APIC_LVT_MASKED      0x10000U
#define   APIC_LVT_TIMER_SHIFT 17
#define   APIC_LVT_TIMER_MODE  0x60000U
#define APIC_TIMER_INITIAL     0x380
#define APIC_TIMER_CURRENT     0x390
#define APIC_TIMER_DIVIDE      0x3e0
#define   APIC_TIMER_DIVIDE_MASK 0xbU
#define APIC_SELF_IPI          0x3f0         /* x2APIC only */

/* Destination shorthands of the command register. */
#define APIC_HAND_NONE         0
#define APIC_HAND_SELF         1
#define APIC_HAND_ALL          2
#define APIC_HAND_OTHERS       3

/* The first MSR, SDM volume 3A section 11.12.1.2; the number of a register is its offset / 16. */
#define MSR_X2APIC_FIRST       0x800

/* Messages, SDM volume 3A section 11.11. */
#define MSI_ADDRESS_BASE       0xfee00000UL
#define MSI_ADDRESS_BASE_MASK  0xfffffffffff00000UL
#define   MSI_ADDRESS_LOGICAL  (1U << 2)
#define   MSI_ADDRESS_DEST(a)  ((uint32_t)((a) >> 12) & 0xff)
#define   MSI_DATA_VECTOR      0xffU
#define   MSI_DATA_MODE(d)     (((d) >> 8) & 7)
#define   MSI_DATA_ASSERT      (1U << 14)
#define   MSI_DATA_LEVEL       (1U << 15)

/* clang-format on */

#endif
