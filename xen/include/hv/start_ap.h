/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The start of the other processors: what start/aps.c and start/trampoline.S
 * share. Used by C and assembly.
 */
#ifndef HV_START_AP_H
#define HV_START_AP_H

/* Highest APIC id that can be used; the map by APIC id is a table of this size. */
#define SMP_APIC_ID_MAX 4095

/* ap_state[cpu]. Forward only, except that the boot processor gives up by AP_LOST. */
#define AP_ABSENT  0
#define AP_CALLED  1 /* INIT and SIPI are sent */
#define AP_ARRIVED 2 /* it runs, on its own stack */
#define AP_READY   3 /* its registers are set; it waits for the TSC check */
#define AP_SYNC	   4 /* the boot processor checks its TSC now */
#define AP_GO	   5 /* it may take interrupts */
#define AP_ONLINE  6
#define AP_UNFIT   7 /* it lacks something, has said so and halts */
#define AP_LOST	   8 /* it did not come in time */

#ifndef __ASSEMBLY__
#include <hv/types.h>

struct trampoline_vars {
	uint64_t entry;
	uint32_t cr3;
	uint32_t far32, far32_sel;
	uint32_t far64, far64_sel;
	uint16_t pad;
	uint16_t gdt_limit;
	uint32_t gdt;
};

/* Offsets that the assembly text lays out by hand. */
BUILD_ASSERT(offsetof(struct trampoline_vars, far32) == 12);
BUILD_ASSERT(offsetof(struct trampoline_vars, far64) == 20);
BUILD_ASSERT(offsetof(struct trampoline_vars, gdt_limit) == 30);
BUILD_ASSERT(offsetof(struct trampoline_vars, gdt) == 32);

extern const char trampoline_start[], trampoline_end[], trampoline_vars[];
extern char ap_entry[];

extern uint16_t smp_cpu_plus_1[SMP_APIC_ID_MAX + 1]; /* by APIC id; 0: no processor */
extern uint32_t ap_state[];
extern uintptr_t ap_stack[]; /* tops */
extern uint64_t ap_cr3;

/* C entry, on the processor's own stack, with its own GS base. */
__noreturn void ap_start(void);

#endif
#endif
