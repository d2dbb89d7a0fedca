/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks: tasklet_queue.lock (LOCK_RANK_TASKLET), one queue; never two at once. */
#include <hv/asm.h>
#include <hv/lock_check.h>
#include <hv/percpu.h>
#include <hv/smp.h>
#include <hv/softirq.h>
#include <hv/tasklet.h>

#define TASKLETS_PER_PASS 64

struct tasklet_queue {
	struct spinlock lock;
	struct list waiting;
	struct tasklet *running;
};

static DEFINE_PER_CPU(struct tasklet_queue, tasklet_queue);

void tasklets_init_cpu(unsigned int cpu)
{
	struct tasklet_queue *q = &per_cpu(tasklet_queue, cpu);

	spin_init(&q->lock, "tasklets", LOCK_RANK_TASKLET);
	list_init(&q->waiting);
}

static struct tasklet *tasklet_take(struct tasklet_queue *q)
{
	struct tasklet *t;

	if (list_empty(&q->waiting))
		return NULL;
	t = list_first_entry(&q->waiting, struct tasklet, node);
	list_del(&t->node);
	return t;
}

static void tasklet_softirq(void)
{
	struct tasklet_queue *q = &this_cpu(tasklet_queue);
	uint64_t flags = spin_lock_irq(&q->lock);

	for (unsigned int n = 0; n < TASKLETS_PER_PASS; n++) {
		struct tasklet *t = tasklet_take(q);

		if (!t)
			break;
		q->running = t;
		spin_unlock_irq(&q->lock, flags);
		t->fn(t->arg);
		flags = spin_lock_irq(&q->lock);
		q->running = NULL;
	}
	if (!list_empty(&q->waiting))
		softirq_raise(SOFTIRQ_TASKLET);
	spin_unlock_irq(&q->lock, flags);
}

void tasklets_init(void)
{
	tasklets_init_cpu(smp_cpu());
	softirq_set(SOFTIRQ_TASKLET, tasklet_softirq);
}

void tasklet_init(struct tasklet *t, unsigned int cpu, tasklet_fn fn, void *arg)
{
	*t = (struct tasklet){.fn = fn, .arg = arg, .cpu = cpu};
	list_init(&t->node);
}

void tasklet_schedule(struct tasklet *t)
{
	struct tasklet_queue *q = &per_cpu(tasklet_queue, t->cpu);
	uint64_t flags = spin_lock_irq(&q->lock);
	bool idle = list_empty(&t->node);

	if (idle)
		list_add_tail(&q->waiting, &t->node);
	spin_unlock_irq(&q->lock, flags);
	if (idle)
		softirq_raise_on(t->cpu, SOFTIRQ_TASKLET);
}

void tasklet_kill(struct tasklet *t)
{
	struct tasklet_queue *q = &per_cpu(tasklet_queue, t->cpu);
	uint64_t flags = spin_lock_irq(&q->lock);

	list_del(&t->node);
	spin_unlock_irq(&q->lock, flags);
	if (t->cpu == smp_cpu())
		return; /* if it runs, it is our caller */
	lock_check_none("tasklet_kill");
	while (READ_ONCE(q->running) == t) {
		smp_call_poll();
		cpu_relax();
	}
}
