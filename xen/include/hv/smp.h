/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other processors: numbers, calls, TLB flushes, stop.
 *
 * Processor 0 is the boot processor; the others are numbered in the order of
 * the MADT. A processor is never unplugged.
 */
#ifndef HV_SMP_H
#define HV_SMP_H

#include <hv/cpumask.h>
#include <hv/percpu.h>

/* Processors that run, including this one. Only grows. */
extern struct cpumask cpu_online;

#define for_each_online_cpu(cpu) for_each_cpu (cpu, &cpu_online)

#define SMP_NO_CPU NR_CPUS

uint32_t smp_apic_id(unsigned int cpu);
/* O(1); SMP_NO_CPU for an id that is not a processor's. */
unsigned int smp_cpu_of_apic(uint32_t apic_id);
unsigned int smp_cpu_count(void);

/*
 * While booting. smp_number: the next processor number for this APIC id;
 * -ENOSPC beyond NR_CPUS or SMP_APIC_ID_MAX (hv/start_ap.h), -EEXIST for one that has a number.
 */
int smp_number(uint32_t apic_id, unsigned int *ret_cpu) __must_check;
void smp_init(void);

/* Option maxcpus=. */
extern uint32_t smp_maxcpus;

/*
 * While booting, with interrupts, time and the heap working: starts all other
 * processors of the MADT. Those that do not come up are said and left out, so
 * it returns 0 even when none did; and the log says how many are online.
 */
int smp_start_others(void) __must_check;

/*
 * Runs fn(arg) on each online processor of the mask, this one included when it
 * is in it, with interrupts off, and waits until all have done so.
 * fn: short, takes no lock but _irq ones.
 * Context: interrupts on or off; no lock held that is taken with interrupts off
 * (the checker looks). A processor that does not answer in 30 s is broken: panic.
 */
typedef void (*smp_fn)(void *arg);
void smp_call(const struct cpumask *mask, smp_fn fn, void *arg);
void smp_call_cpu(unsigned int cpu, smp_fn fn, void *arg);
void smp_call_all(smp_fn fn, void *arg);
/* For those who spin with interrupts off where a call may come: answers it. */
void smp_call_poll(void);

/* TLBs of all processors, global entries included. Context as smp_call. */
void smp_flush_tlb_all(void);
void smp_flush_tlb_range(uintptr_t va, uint64_t bytes);
/* Of this processor. */
void tlb_flush_local(void);

/* Makes it look at its pending soft interrupts. Any context, any lock. */
void smp_kick(unsigned int cpu);

/* All others into an endless halt, by NMI: for panic and reboot. Never returns late: waits at most 10 ms. */
void smp_stop_others(void);

#endif
