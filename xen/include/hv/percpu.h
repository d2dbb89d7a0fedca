/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU variables. Those defined with DEFINE_PER_CPU stand together in the
 * image, where they serve processor 0; every further processor gets a zeroed
 * area of the same layout, and its GS base is the distance from there to it.
 * They start as zero (the compiler refuses initialisers): what must not be zero
 * is set by its owner before the processor starts.
 *
 * Context: this_cpu() needs preemption-free code (all of the hypervisor is).
 */
#ifndef HV_PERCPU_H
#define HV_PERCPU_H

#include <hv/types.h>

#define DEFINE_PER_CPU(type, name)  __attribute__((section(".bss.percpu"))) __typeof__(type) percpu_##name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu_##name

extern uintptr_t percpu_offset[NR_CPUS];

DECLARE_PER_CPU(uintptr_t, self_offset);
DECLARE_PER_CPU(uint32_t, cpu_number);

static inline uintptr_t percpu_self(void)
{
	uintptr_t off;

	__asm__("movq %%gs:%1, %0" : "=r"(off) : "m"(percpu_self_offset));
	return off;
}

#define per_cpu(name, cpu) (*(__typeof__(&percpu_##name))((uintptr_t)&percpu_##name + percpu_offset[cpu]))
#define this_cpu(name)	   (*(__typeof__(&percpu_##name))((uintptr_t)&percpu_##name + percpu_self()))

static inline unsigned int smp_cpu(void)
{
	return this_cpu(cpu_number);
}

#endif
