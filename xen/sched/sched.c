/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: sched_next() is called at every turn of a processor's loop.
 *
 * A unit's state is protected by the lock of the queue of the processor that
 * its vcpu's `cpu` names. Locks: one queue's lock, nothing inside it but the
 * timer queue's.
 *
 * OFF -> MOVING -> QUEUED -> RUNNING -> OFF or QUEUED; a unit is MOVING while it
 * is between two queues and nobody but its mover touches it. What the others
 * have to say is in the vcpu's flags, which the mover reads once it has the
 * lock of the new queue.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/hvm.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/pheap.h>
#include <hv/sched.h>
#include <hv/slab.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/vcpu_time.h>
#include <hv/timer.h>
#include <xen/xen.h>
#include <xen/vcpu.h>

enum unit_state {
	UNIT_OFF,
	UNIT_MOVING,
	UNIT_QUEUED,
	UNIT_RUNNING,
};

struct sched_unit {
	struct pheap_node node; /* key: virtual run time, relative to the queue's base */
	struct vcpu *vcpu;
	uint32_t state; /* atomic for sched_sync() */
	uint64_t since_ns;
	struct cpumask allowed;
};

struct runqueue {
	struct spinlock lock;
	struct pheap waiting;
	uint32_t count; /* waiting; read without the lock as a hint */
	bool resched;	/* atomic: the current one must be reconsidered */
	uint64_t base;	/* the virtual run time of the last one picked */
	struct vcpu *current;
	struct timer slice;
};

static DEFINE_PER_CPU(struct runqueue, runqueue);

struct vcpu *vcpu_current(void)
{
	return this_cpu(runqueue).current;
}

static bool sched_runnable(const struct vcpu *v)
{
	return __atomic_load_n(&v->flags, __ATOMIC_SEQ_CST) == 0;
}

static void sched_runstate(struct vcpu *v, uint32_t state, uint64_t now)
{
	struct vcpu_runstate *r = &v->runstate;

	r->time_ns[r->state] += now - r->since_ns;
	r->since_ns = now;
	r->state = state;
}

static uint32_t sched_rest_state(const struct vcpu *v)
{
	uint32_t flags = __atomic_load_n(&v->flags, __ATOMIC_RELAXED);

	if (flags == 0)
		return RUNSTATE_runnable;
	return flags == VCPU_BLOCKED ? RUNSTATE_blocked : RUNSTATE_offline;
}

/* Time weighs less for those that have more of it: scaled so that the default weight counts it as it is. */
static uint64_t sched_virtual(const struct vcpu *v, uint64_t ns)
{
	return ns * SCHED_WEIGHT_DEFAULT / __atomic_load_n(&v->domain->sched_weight, __ATOMIC_RELAXED);
}

static void sched_resched(unsigned int cpu)
{
	__atomic_store_n(&per_cpu(runqueue, cpu).resched, true, __ATOMIC_SEQ_CST);
	if (cpu != smp_cpu())
		smp_kick(cpu);
}

static void sched_enqueue(struct runqueue *rq, struct sched_unit *u)
{
	BUG_ON(!spin_held(&rq->lock));
	pheap_insert(&rq->waiting, &u->node);
	rq->count++;
	__atomic_store_n(&u->state, UNIT_QUEUED, __ATOMIC_RELEASE);
}

static void sched_dequeue(struct runqueue *rq, struct sched_unit *u)
{
	BUG_ON(!spin_held(&rq->lock));
	pheap_remove(&rq->waiting, &u->node);
	rq->count--;
}

/* The queue that holds the unit, locked; the vcpu cannot change processor meanwhile. */
static struct runqueue *sched_lock(struct vcpu *v, uint64_t *ret_flags)
{
	for (;;) {
		uint32_t cpu = __atomic_load_n(&v->cpu, __ATOMIC_ACQUIRE);
		struct runqueue *rq = &per_cpu(runqueue, cpu);

		*ret_flags = spin_lock_irq(&rq->lock);
		if (cpu == __atomic_load_n(&v->cpu, __ATOMIC_ACQUIRE))
			return rq;
		spin_unlock_irq(&rq->lock, *ret_flags);
	}
}

/* Places a unit that is MOVING and whose vcpu already names the queue's processor. */
static void sched_place(unsigned int cpu, struct sched_unit *u)
{
	struct runqueue *rq = &per_cpu(runqueue, cpu);
	uint64_t flags = spin_lock_irq(&rq->lock);

	if (sched_runnable(u->vcpu)) {
		/* What it is ahead of the others it keeps; sleeping earns nothing. */
		u->node.key += rq->base;
		sched_enqueue(rq, u);
	} else {
		__atomic_store_n(&u->state, UNIT_OFF, __ATOMIC_RELEASE);
	}
	spin_unlock_irq(&rq->lock, flags);
	sched_resched(cpu);
}

static bool sched_idle(unsigned int cpu)
{
	const struct runqueue *rq = &per_cpu(runqueue, cpu);

	return READ_ONCE(rq->current) == NULL && READ_ONCE(rq->count) == 0;
}

/* The last processor when idle, else any idle one, else the shortest queue; hints read without locks. */
static unsigned int sched_choose(const struct sched_unit *u)
{
	unsigned int last = u->vcpu->cpu, best = last;
	uint32_t least = UINT32_MAX;

	if (cpumask_test(&u->allowed, last) && sched_idle(last))
		return last;
	for_each_cpu (cpu, &cpu_online) {
		uint32_t load;

		if (!cpumask_test(&u->allowed, cpu))
			continue;
		if (sched_idle(cpu))
			return cpu;
		load = READ_ONCE(per_cpu(runqueue, cpu).count);
		if (load < least || (load == least && cpu == last)) {
			least = load;
			best = cpu;
		}
	}
	return best;
}

void sched_update(struct vcpu *v)
{
	struct sched_unit *u = v->sched;
	bool runnable, place = false;
	uint64_t flags;
	struct runqueue *rq = sched_lock(v, &flags);
	unsigned int cpu = v->cpu;

	runnable = sched_runnable(v);
	if (u->state == UNIT_OFF && runnable) {
		u->state = UNIT_MOVING;
		cpu = sched_choose(u);
		__atomic_store_n(&v->cpu, cpu, __ATOMIC_RELEASE);
		sched_runstate(v, RUNSTATE_runnable, now_ns());
		place = true;
	} else if (u->state == UNIT_QUEUED && !runnable) {
		sched_dequeue(rq, u);
		u->node.key -= MIN(u->node.key, rq->base);
		__atomic_store_n(&u->state, UNIT_OFF, __ATOMIC_RELEASE);
		sched_runstate(v, sched_rest_state(v), now_ns());
	} else if (u->state == UNIT_RUNNING && !runnable) {
		sched_resched(cpu);
	}
	spin_unlock_irq(&rq->lock, flags);
	if (place)
		sched_place(cpu, u);
}

void sched_sync(struct vcpu *v)
{
	if (v == vcpu_current())
		return;
	while (__atomic_load_n(&v->sched->state, __ATOMIC_ACQUIRE) == UNIT_RUNNING)
		cpu_relax();
}

/*
 * The current one leaves the processor: charged for its time, and back among
 * the waiting if it wants more. Returned when it must go elsewhere, as MOVING.
 */
static struct sched_unit *sched_put_current(struct runqueue *rq, uint64_t now)
{
	struct vcpu *v = rq->current;
	struct sched_unit *u = v->sched;

	u->node.key = rq->base + sched_virtual(v, now - u->since_ns);
	sched_runstate(v, sched_rest_state(v), now);
	rq->current = NULL;
	if (sched_runnable(v) && cpumask_test(&u->allowed, smp_cpu())) {
		sched_enqueue(rq, u);
		return NULL;
	}
	u->node.key -= rq->base;
	if (!sched_runnable(v)) {
		__atomic_store_n(&u->state, UNIT_OFF, __ATOMIC_RELEASE);
		return NULL;
	}
	__atomic_store_n(&u->state, UNIT_MOVING, __ATOMIC_RELEASE);
	__atomic_store_n(&v->cpu, sched_choose(u), __ATOMIC_RELEASE);
	return u;
}

/* Idle: a waiting vcpu of the longest queue, if it may come here. It arrives as MOVING. */
static struct sched_unit *sched_steal(unsigned int self)
{
	unsigned int victim = NR_CPUS;
	uint32_t most = 0;
	struct sched_unit *u = NULL;
	struct runqueue *rq;
	uint64_t flags;

	for_each_cpu (cpu, &cpu_online) {
		uint32_t count = READ_ONCE(per_cpu(runqueue, cpu).count);

		if (cpu != self && count > most) {
			most = count;
			victim = cpu;
		}
	}
	if (victim == NR_CPUS)
		return NULL;
	rq = &per_cpu(runqueue, victim);
	flags = spin_lock_irq(&rq->lock);
	if (!pheap_empty(&rq->waiting)) {
		u = container_of(pheap_least(&rq->waiting), struct sched_unit, node);
		if (!cpumask_test(&u->allowed, self)) {
			u = NULL;
		} else {
			sched_dequeue(rq, u);
			u->node.key -= MIN(u->node.key, rq->base);
			u->state = UNIT_MOVING;
			__atomic_store_n(&u->vcpu->cpu, self, __ATOMIC_RELEASE);
		}
	}
	spin_unlock_irq(&rq->lock, flags);
	return u;
}

static struct vcpu *sched_take_least(struct runqueue *rq, uint64_t now)
{
	struct sched_unit *u;

	if (pheap_empty(&rq->waiting))
		return NULL;
	u = container_of(pheap_least(&rq->waiting), struct sched_unit, node);
	sched_dequeue(rq, u);
	rq->base = MAX(rq->base, u->node.key);
	u->since_ns = now;
	__atomic_store_n(&u->state, UNIT_RUNNING, __ATOMIC_RELEASE);
	sched_runstate(u->vcpu, RUNSTATE_running, now);
	return u->vcpu;
}

static struct vcpu *sched_switch(struct runqueue *rq)
{
	struct vcpu *prev = rq->current, *next;
	struct sched_unit *leaving = NULL;
	uint64_t flags, now = now_ns();

	__atomic_store_n(&rq->resched, false, __ATOMIC_SEQ_CST);
	flags = spin_lock_irq(&rq->lock);
	if (prev != NULL)
		leaving = sched_put_current(rq, now);
	next = sched_take_least(rq, now);
	rq->current = next;
	/* Its registers are in memory before the lock lets another processor pick it. */
	if (prev != NULL && prev != next)
		hvm_vcpu_save(prev);
	spin_unlock_irq(&rq->lock, flags);

	if (leaving != NULL)
		sched_place(leaving->vcpu->cpu, leaving);
	if (next == NULL)
		return NULL;
	if (prev != next)
		hvm_vcpu_load(next);
	vcpu_time_switch_in(next);
	timer_set(&rq->slice, now + SCHED_SLICE_NS);
	return next;
}

struct vcpu *sched_next(void)
{
	struct runqueue *rq = &this_cpu(runqueue);
	struct vcpu *v = rq->current;
	struct sched_unit *stolen;

	if (likely(v != NULL && !READ_ONCE(rq->resched) && sched_runnable(v)))
		return v;
	v = sched_switch(rq);
	if (v != NULL)
		return v;
	timer_stop(&rq->slice);
	stolen = sched_steal(smp_cpu());
	if (stolen == NULL)
		return NULL;
	sched_place(smp_cpu(), stolen);
	return sched_switch(rq);
}

bool sched_wanted(void)
{
	return READ_ONCE(this_cpu(runqueue).resched);
}

static void sched_slice_over(void *ctx)
{
	struct runqueue *rq = ctx;

	__atomic_store_n(&rq->resched, true, __ATOMIC_SEQ_CST);
}

void sched_yield(struct vcpu *v)
{
	(void)v;
	__atomic_store_n(&this_cpu(runqueue).resched, true, __ATOMIC_SEQ_CST);
}

void sched_init_cpu(unsigned int cpu)
{
	struct runqueue *rq = &per_cpu(runqueue, cpu);

	spin_init(&rq->lock, "runqueue", LOCK_RANK_SCHED);
	timer_init(&rq->slice, cpu, sched_slice_over, rq);
}

int sched_vcpu_create(struct vcpu *v)
{
	struct sched_unit *u = hv_alloc(sizeof(*u));

	if (u == NULL)
		return -ENOMEM;
	u->vcpu = v;
	u->state = UNIT_OFF;
	for_each_cpu (cpu, &cpu_online)
		cpumask_set(&u->allowed, cpu);
	v->sched = u;
	v->cpu = v->id % MAX(cpumask_count(&cpu_online), 1u);
	v->runstate.state = RUNSTATE_offline;
	v->runstate.since_ns = now_ns();
	return 0;
}

void sched_vcpu_destroy(struct vcpu *v)
{
	hv_free(v->sched);
	v->sched = NULL;
}

int sched_set_weight(struct domain *d, uint32_t weight)
{
	if (weight == 0 || weight > SCHED_WEIGHT_MAX)
		return -EINVAL;
	__atomic_store_n(&d->sched_weight, weight, __ATOMIC_RELAXED);
	return 0;
}

uint32_t sched_weight(const struct domain *d)
{
	return __atomic_load_n(&d->sched_weight, __ATOMIC_RELAXED);
}

static int sched_usable(const struct cpumask *allowed, struct cpumask *ret_usable)
{
	for (unsigned int w = 0; w < CPUMASK_WORDS; w++)
		ret_usable->word[w] = allowed->word[w] & cpu_online.word[w];
	return cpumask_empty(ret_usable) ? -EINVAL : 0;
}

int sched_set_affinity(struct vcpu *v, const struct cpumask *allowed)
{
	struct sched_unit *u = v->sched, *leaving = NULL;
	struct cpumask usable;
	struct runqueue *rq;
	uint64_t flags;

	if (sched_usable(allowed, &usable) != 0)
		return -EINVAL;
	rq = sched_lock(v, &flags);
	u->allowed = usable;
	if (!cpumask_test(&usable, v->cpu) && u->state == UNIT_QUEUED) {
		sched_dequeue(rq, u);
		u->node.key -= MIN(u->node.key, rq->base);
		u->state = UNIT_MOVING;
		__atomic_store_n(&v->cpu, sched_choose(u), __ATOMIC_RELEASE);
		leaving = u;
	} else if (u->state == UNIT_RUNNING) {
		sched_resched(v->cpu);
	}
	spin_unlock_irq(&rq->lock, flags);
	if (leaving != NULL)
		sched_place(v->cpu, leaving);
	return 0;
}

void sched_affinity(const struct vcpu *v, struct cpumask *ret_allowed)
{
	*ret_allowed = v->sched->allowed;
}

void sched_dump(void)
{
	for_each_cpu (cpu, &cpu_online) {
		const struct runqueue *rq = &per_cpu(runqueue, cpu);
		const struct vcpu *v = READ_ONCE(rq->current);

		if (v == NULL)
			log_info("sched: cpu %u: idle, %u waiting", cpu, READ_ONCE(rq->count));
		else
			log_info("sched: cpu %u: runs dom%u vcpu %u, %u waiting", cpu, v->domain->id, v->id,
				READ_ONCE(rq->count));
	}
}
