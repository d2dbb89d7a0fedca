/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GDT, TSS and IDT: AMD64 APM volume 2, chapters 4, 8 and 12.
 *
 * Each processor has its own GDT and TSS, in its per-CPU area; the IDT is one for
 * all. NMI, #DF and #MC have stacks of their own.
 */
#ifndef HV_DESCRIPTORS_H
#define HV_DESCRIPTORS_H

#include <hv/layout.h>
#include <hv/regs.h>
#include <hv/types.h>

#define VECTOR_NMI	       2
#define VECTOR_DF	       8
#define VECTOR_PF	       14
#define VECTOR_MC	       18
#define VECTOR_FIRST_INTERRUPT 32

/* The tops of a processor's guarded stacks; each is STACK_BYTES or IST_STACK_BYTES long. */
struct cpu_stacks {
	uintptr_t main, nmi, df, mc;
};

/*
 * Fills the GDT and TSS of `cpu` in its per-CPU area. Before the processor runs
 * (or, for processor 0, before it takes its first interrupt on them).
 */
void gdt_init(unsigned int cpu, const struct cpu_stacks *stacks);

/* On the processor itself, once its per-CPU area is in GS: load GDT, TSS and IDT. */
void gdt_load(void);
void idt_load(void);

/* Once, on processor 0, before idt_load(): the 256 gates. */
void idt_init(void);

/* Called by cpu/entry.S with interrupts off. */
void exception_dispatch(struct cpu_regs *regs);
void vector_dispatch(struct cpu_regs *regs);

/* Reads or writes a model-specific register that may not exist: -EIO where it faults. */
int rdmsr_safe(uint32_t msr, uint64_t *ret_value) __must_check;
int wrmsr_safe(uint32_t msr, uint64_t value) __must_check;

#endif
