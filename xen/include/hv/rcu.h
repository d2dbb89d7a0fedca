/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-copy-update: lists that are read without a lock. What a writer has taken
 * out is freed only when every processor has since passed through softirq_run()
 * and so cannot be reading it any more.
 *
 * A grace period interrupts every processor once, so it ends as soon as each
 * has come back to its idle loop or to its way into a guest.
 */
#ifndef HV_RCU_H
#define HV_RCU_H

#include <hv/percpu.h>

DECLARE_PER_CPU(uint32_t, rcu_readers);

/* May nest, and may be used in interrupt handlers; no softirq_run() inside. */
static inline void rcu_read_lock(void)
{
	this_cpu(rcu_readers)++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void rcu_read_unlock(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	this_cpu(rcu_readers)--;
}

static inline bool rcu_reading(void)
{
	return this_cpu(rcu_readers) != 0;
}

#define rcu_dereference(p)   __atomic_load_n(&(p), __ATOMIC_CONSUME)
#define rcu_assign(p, value) __atomic_store_n(&(p), (value), __ATOMIC_RELEASE)

struct rcu_head;
typedef void (*rcu_fn)(struct rcu_head *head);

struct rcu_head {
	struct rcu_head *next;
	rcu_fn fn;
};

/* fn(head) after a grace period, from the soft interrupt of some processor. Any context. */
void rcu_call(struct rcu_head *head, rcu_fn fn);

/*
 * Waits for one whole grace period, running soft interrupts meanwhile. -ETIMEDOUT
 * after 10 s, with the processors that did not pass in the log.
 * Context: as softirq_run().
 */
int rcu_synchronize(void) __must_check;

void rcu_init(void);

#endif
