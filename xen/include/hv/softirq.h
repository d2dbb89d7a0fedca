/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Soft interrupts: work that an interrupt handler leaves for the moment when
 * the processor holds no lock: the idle loop, and the way back to a guest.
 * A processor that runs them is in a quiescent state (hv/rcu.h).
 */
#ifndef HV_SOFTIRQ_H
#define HV_SOFTIRQ_H

#include <hv/types.h>

/* Run in this order. */
enum softirq {
	SOFTIRQ_GUEST_IRQ,
	SOFTIRQ_TIMER,
	SOFTIRQ_RCU,
	SOFTIRQ_TASKLET,
	SOFTIRQ_SCHED,
	SOFTIRQ_COUNT,
};

/* While booting. */
void softirq_set(enum softirq nr, void (*fn)(void));

/* On this processor, or on another one, which is interrupted. Any context, any lock. */
void softirq_raise(enum softirq nr);
void softirq_raise_on(unsigned int cpu, enum softirq nr);

bool softirq_pending(void);

/*
 * One pass over what is pending now. What is raised meanwhile stays pending, so
 * the caller looks again, with interrupts off, before it halts or enters a guest.
 * Context: interrupts on, no lock held, not from a soft interrupt.
 */
void softirq_run(void);

#endif
