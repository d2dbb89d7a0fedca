/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers. Each belongs to a processor, whose soft interrupt calls it. The queue
 * of a processor is a leftist heap of the timers themselves: no allocation, and
 * every operation O(log n) in the worst case.
 *
 * Lock: one per queue, LOCK_RANK_TIMER; not held while a timer's function runs.
 */
#ifndef HV_TIMER_H
#define HV_TIMER_H

#include <hv/pheap.h>
#include <hv/types.h>

typedef void (*timer_fn)(void *arg);

struct timer {
	struct pheap_node node; /* key: the deadline */
	bool queued;
	timer_fn fn;
	void *arg;
	uint32_t cpu;
};

void timer_init(struct timer *t, unsigned int cpu, timer_fn fn, void *arg);

/* fn(arg) runs once, at or soon after this time of now_ns(), on the timer's processor; replaces an earlier setting.
 * Context: any. */
void timer_set(struct timer *t, uint64_t deadline_ns);

/* Not queued any more, and its function does not run on another processor when this returns. Context: no lock held. */
void timer_stop(struct timer *t);

/* To another processor, with its setting. Context as timer_stop. */
void timer_move(struct timer *t, unsigned int cpu);

static inline bool timer_pending(const struct timer *t)
{
	return READ_ONCE(t->queued);
}

/* Boot processor, once; and for each other one before it runs. */
void timers_init(void);
void timers_init_cpu(unsigned int cpu);

/* For the debug key. */
void timers_show(void);

#endif
