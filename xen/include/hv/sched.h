/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler: which vcpu a processor runs.
 *
 * Each processor has a run queue ordered by virtual run time: the time a vcpu
 * has run, divided by its weight. The least goes next, for at most one slice;
 * one that wakes up is placed no further back than the queue's least, so that
 * sleeping earns no credit. A waking vcpu goes to its last processor if that
 * is idle, else to an idle one it may use, else to the shortest queue; an idle
 * processor takes a waiting vcpu from the longest queue.
 *
 * Locking: one lock for each queue, LOCK_RANK_SCHED, taken with interrupts
 * off; two are never held together.
 */
#ifndef HV_SCHED_H
#define HV_SCHED_H

#include <hv/cpumask.h>
#include <hv/domain.h>

#define SCHED_WEIGHT_DEFAULT 256
#define SCHED_WEIGHT_MAX     65535
#define SCHED_SLICE_NS	     10000000UL

/* Each processor, before it runs sched_loop(). */
void sched_init_cpu(unsigned int cpu);

/* A vcpu starts on no queue, with its domain's default weight, allowed everywhere. */
int sched_vcpu_create(struct vcpu *v) __must_check;

/* After the vcpu has stopped for good: its flags forbid it to run and sched_sync() has returned. */
void sched_vcpu_destroy(struct vcpu *v);

/* v->flags changed: queues it when it is runnable, takes its processor from it when it is not. Any context. */
void sched_update(struct vcpu *v);

/* Waits until v is not in guest mode and will not enter it while a bit of v->flags is set. Bounded by one exit. */
void sched_sync(struct vcpu *v);

/* Gives the rest of its slice to whoever waits on this processor. */
void sched_yield(struct vcpu *v);

/* 1 to SCHED_WEIGHT_MAX: the share of a processor is the weight over the sum of those that want it. -EINVAL. */
int sched_set_weight(struct domain *d, uint32_t weight) __must_check;
uint32_t sched_weight(const struct domain *d);

/* The processors that v may use; -EINVAL when none of them is online. */
int sched_set_affinity(struct vcpu *v, const struct cpumask *allowed) __must_check;
void sched_affinity(const struct vcpu *v, struct cpumask *ret_allowed);

/* The vcpu that this processor runs now, loaded; NULL to idle. For the loop, interrupts on, softirqs done. */
struct vcpu *sched_next(void);

/* True when sched_next() has something to reconsider. Interrupts on or off. */
bool sched_wanted(void);

/* A processor's life from the end of the boot on: softirqs, a vcpu or idling, for ever. */
__noreturn void sched_loop(void);

/* For the debug key. */
void sched_dump(void);

#endif
