/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit tests' per-CPU variables: plain arrays, and the processor a test
 * says it is (fake_cpu).
 */
#ifndef HV_PERCPU_H
#define HV_PERCPU_H

#include <hv/types.h>

#define DEFINE_PER_CPU(type, name)  __typeof__(type) percpu_##name[NR_CPUS]
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu_##name[NR_CPUS]

extern unsigned int fake_cpu;

#define per_cpu(name, cpu) (percpu_##name[cpu])
#define this_cpu(name)	   (percpu_##name[fake_cpu])

static inline unsigned int smp_cpu(void)
{
	return fake_cpu;
}

#endif
