/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks: rcu.lock (LOCK_RANK_RCU) covers all of the state below; callbacks run
 * without it.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/log.h>
#include <hv/rcu.h>
#include <hv/smp.h>
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <hv/time.h>

#define RCU_SYNC_NS (10 * NSEC_PER_SEC)

DEFINE_PER_CPU(uint32_t, rcu_readers);

static struct {
	struct spinlock lock;
	uint64_t started, completed; /* grace periods */
	uint64_t wanted;	     /* the last one somebody waits for */
	struct cpumask waiting;	     /* who has not passed in the present one */
	struct rcu_head *current;    /* called when it ends */
	struct rcu_head *next;	     /* too late for it: they wait for the following one */
} rcu = {.lock = SPINLOCK_INIT("rcu", LOCK_RANK_RCU)};

/* True when one has begun: the caller asks the processors to pass, after the lock. */
static bool rcu_start(void)
{
	if (rcu.started != rcu.completed || rcu.wanted <= rcu.completed)
		return false;
	rcu.started++;
	rcu.current = rcu.next;
	rcu.next = NULL;
	rcu.waiting = cpu_online;
	return true;
}

static void rcu_ask(bool begun)
{
	if (!begun)
		return;
	for_each_online_cpu (cpu)
		softirq_raise_on(cpu, SOFTIRQ_RCU);
}

void rcu_call(struct rcu_head *head, rcu_fn fn)
{
	uint64_t flags = spin_lock_irq(&rcu.lock);
	bool begun;

	head->fn = fn;
	head->next = rcu.next;
	rcu.next = head;
	rcu.wanted = rcu.started + 1;
	begun = rcu_start();
	spin_unlock_irq(&rcu.lock, flags);
	rcu_ask(begun);
}

static void rcu_call_all(struct rcu_head *head)
{
	while (head) {
		struct rcu_head *next = head->next; /* fn may free it */

		head->fn(head);
		head = next;
	}
}

static void rcu_softirq(void)
{
	struct rcu_head *done = NULL;
	uint64_t flags = spin_lock_irq(&rcu.lock);
	bool begun = false;

	cpumask_clear(&rcu.waiting, smp_cpu());
	if (rcu.started != rcu.completed && cpumask_empty(&rcu.waiting)) {
		rcu.completed = rcu.started;
		done = rcu.current;
		rcu.current = NULL;
		begun = rcu_start();
	}
	spin_unlock_irq(&rcu.lock, flags);
	rcu_ask(begun);
	rcu_call_all(done);
}

void rcu_init(void)
{
	softirq_set(SOFTIRQ_RCU, rcu_softirq);
}

static void rcu_report(void)
{
	struct cpumask late = rcu.waiting;

	for_each_cpu (cpu, &late)
		log_err("rcu: cpu %u has not passed a quiescent state for %lu s", cpu,
			RCU_SYNC_NS / NSEC_PER_SEC);
}

int rcu_synchronize(void)
{
	uint64_t flags = spin_lock_irq(&rcu.lock);
	uint64_t target = rcu.started + 1, end = now_ns() + RCU_SYNC_NS;
	bool begun;

	rcu.wanted = target;
	begun = rcu_start();
	spin_unlock_irq(&rcu.lock, flags);
	rcu_ask(begun);
	while (__atomic_load_n(&rcu.completed, __ATOMIC_ACQUIRE) < target) {
		softirq_run();
		if (now_ns() > end) {
			rcu_report();
			return -ETIMEDOUT;
		}
		cpu_relax();
	}
	return 0;
}
