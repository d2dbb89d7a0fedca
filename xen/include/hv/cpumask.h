/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of processors, by their number (hv/smp.h).
 *
 * Context: any. The atomic verbs may be used on a shared mask without a lock;
 * all others need the owner's.
 */
#ifndef HV_CPUMASK_H
#define HV_CPUMASK_H

#include <hv/types.h>

#define CPUMASK_WORDS (NR_CPUS / 64)

struct cpumask {
	uint64_t word[CPUMASK_WORDS];
};

static inline void cpumask_set(struct cpumask *m, unsigned int cpu)
{
	m->word[cpu / 64] |= 1UL << (cpu % 64);
}

static inline void cpumask_clear(struct cpumask *m, unsigned int cpu)
{
	m->word[cpu / 64] &= ~(1UL << (cpu % 64));
}

static inline bool cpumask_test(const struct cpumask *m, unsigned int cpu)
{
	return cpu < NR_CPUS && ((READ_ONCE(m->word[cpu / 64]) >> (cpu % 64)) & 1);
}

static inline void cpumask_set_atomic(struct cpumask *m, unsigned int cpu)
{
	__atomic_or_fetch(&m->word[cpu / 64], 1UL << (cpu % 64), __ATOMIC_SEQ_CST);
}

static inline void cpumask_clear_atomic(struct cpumask *m, unsigned int cpu)
{
	__atomic_and_fetch(&m->word[cpu / 64], ~(1UL << (cpu % 64)), __ATOMIC_SEQ_CST);
}

static inline bool cpumask_empty(const struct cpumask *m)
{
	uint64_t any = 0;

	for (unsigned int i = 0; i < CPUMASK_WORDS; i++)
		any |= __atomic_load_n(&m->word[i], __ATOMIC_ACQUIRE);
	return any == 0;
}

/* The first member at or after cpu; NR_CPUS when there is none. */
static inline unsigned int cpumask_next(const struct cpumask *m, unsigned int cpu)
{
	for (unsigned int w = cpu / 64; w < CPUMASK_WORDS; w++) {
		uint64_t bits = READ_ONCE(m->word[w]);

		if (w == cpu / 64)
			bits &= ~0UL << (cpu % 64);
		if (bits)
			return w * 64 + (unsigned int)__builtin_ctzll(bits);
	}
	return NR_CPUS;
}

static inline unsigned int cpumask_count(const struct cpumask *m)
{
	unsigned int n = 0;

	for (unsigned int cpu = cpumask_next(m, 0); cpu < NR_CPUS; cpu = cpumask_next(m, cpu + 1))
		n++;
	return n;
}

#define for_each_cpu(cpu, mask) \
	for (unsigned int cpu = cpumask_next(mask, 0); cpu < NR_CPUS; cpu = cpumask_next(mask, cpu + 1))

#endif
