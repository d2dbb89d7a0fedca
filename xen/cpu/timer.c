/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks: timer_queue.lock (LOCK_RANK_TIMER), one queue; never two at once. */
#include <hv/asm.h>
#include <hv/lock_check.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/smp.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/timer.h>
#include <hv/vector.h>

/* A timer that sets itself again at once must not keep the others of the processor waiting. */
#define TIMERS_PER_PASS 64

struct timer_queue {
	struct spinlock lock;
	struct pheap waiting;
	uint32_t count;
	struct timer *running;
};

static DEFINE_PER_CPU(struct timer_queue, timer_queue);

void timers_init_cpu(unsigned int cpu)
{
	spin_init(&per_cpu(timer_queue, cpu).lock, "timers", LOCK_RANK_TIMER);
}

static void timer_queue_program(const struct timer_queue *q)
{
	const struct pheap_node *first = pheap_least(&q->waiting);

	time_event_set(first != NULL ? first->key : TIME_NEVER);
}

static void timer_queue_drop(struct timer_queue *q, struct timer *t)
{
	if (!t->queued)
		return;
	pheap_remove(&q->waiting, &t->node);
	WRITE_ONCE(t->queued, false);
	q->count--;
}

static struct timer *timer_next_due(struct timer_queue *q, uint64_t now)
{
	struct pheap_node *n = pheap_least(&q->waiting);
	struct timer *t;

	if (n == NULL || n->key > now)
		return NULL;
	t = container_of(n, struct timer, node);
	timer_queue_drop(q, t);
	return t;
}

static void timer_softirq(void)
{
	struct timer_queue *q = &this_cpu(timer_queue);
	uint64_t flags = spin_lock_irq(&q->lock);

	for (unsigned int n = 0; n < TIMERS_PER_PASS; n++) {
		struct timer *t = timer_next_due(q, now_ns());

		if (!t)
			break;
		q->running = t;
		spin_unlock_irq(&q->lock, flags);
		t->fn(t->arg);
		flags = spin_lock_irq(&q->lock);
		q->running = NULL;
	}
	timer_queue_program(q);
	spin_unlock_irq(&q->lock, flags);
}

static void timer_interrupt(struct cpu_regs *regs)
{
	(void)regs;
	softirq_raise(SOFTIRQ_TIMER);
}

void timers_init(void)
{
	timers_init_cpu(smp_cpu());
	softirq_set(SOFTIRQ_TIMER, timer_softirq);
	vector_set(VECTOR_TIMER, timer_interrupt);
}

void timer_init(struct timer *t, unsigned int cpu, timer_fn fn, void *arg)
{
	*t = (struct timer){.fn = fn, .arg = arg, .cpu = cpu};
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	struct timer_queue *q = &per_cpu(timer_queue, t->cpu);
	uint64_t flags = spin_lock_irq(&q->lock);
	bool here = t->cpu == smp_cpu(), soonest;

	timer_queue_drop(q, t);
	t->node.key = deadline_ns;
	pheap_insert(&q->waiting, &t->node);
	WRITE_ONCE(t->queued, true);
	q->count++;
	soonest = pheap_least(&q->waiting) == &t->node;
	if (soonest && here)
		timer_queue_program(q);
	spin_unlock_irq(&q->lock, flags);
	if (soonest && !here)
		softirq_raise_on(t->cpu, SOFTIRQ_TIMER);
}

void timer_stop(struct timer *t)
{
	struct timer_queue *q = &per_cpu(timer_queue, t->cpu);
	uint64_t flags = spin_lock_irq(&q->lock);

	timer_queue_drop(q, t);
	spin_unlock_irq(&q->lock, flags);
	if (t->cpu == smp_cpu())
		return; /* if it runs, it is our caller */
	lock_check_none("timer_stop");
	while (READ_ONCE(q->running) == t) {
		smp_call_poll();
		cpu_relax();
	}
}

void timer_move(struct timer *t, unsigned int cpu)
{
	bool pending = timer_pending(t);

	timer_stop(t);
	t->cpu = cpu;
	if (pending)
		timer_set(t, t->node.key);
}

void timers_show(void)
{
	for_each_online_cpu (cpu) {
		struct timer_queue *q = &per_cpu(timer_queue, cpu);
		uint64_t flags = spin_lock_irq(&q->lock);
		const struct pheap_node *first = pheap_least(&q->waiting);
		uint64_t next = first != NULL ? first->key : 0;
		uint32_t count = q->count;

		spin_unlock_irq(&q->lock, flags);
		if (count == 0)
			log_info("  cpu %u: none waits", cpu);
		else
			log_info("  cpu %u: %u wait, the first for %ld us", cpu, count,
				((int64_t)next - (int64_t)now_ns()) / (int64_t)NSEC_PER_USEC);
	}
}
