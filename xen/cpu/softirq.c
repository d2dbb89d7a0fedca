/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: every timer interrupt and every kick. */
#include <hv/lock_check.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/rcu.h>
#include <hv/smp.h>
#include <hv/softirq.h>

static void (*softirq_fn[SOFTIRQ_COUNT])(void);
static DEFINE_PER_CPU(uint32_t, softirq_bits);
static DEFINE_PER_CPU(bool, softirq_running);

void softirq_set(enum softirq nr, void (*fn)(void))
{
	softirq_fn[nr] = fn;
}

/* True when the bit is new. */
static bool softirq_mark(unsigned int cpu, enum softirq nr)
{
	uint32_t bit = 1U << nr;

	return !(__atomic_fetch_or(&per_cpu(softirq_bits, cpu), bit, __ATOMIC_SEQ_CST) & bit);
}

void softirq_raise(enum softirq nr)
{
	(void)softirq_mark(smp_cpu(), nr);
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
	/* Who set the bit first has sent the interrupt. */
	if (softirq_mark(cpu, nr) && cpu != smp_cpu())
		smp_kick(cpu);
}

bool softirq_pending(void)
{
	return READ_ONCE(this_cpu(softirq_bits)) != 0;
}

void softirq_run(void)
{
	uint32_t todo;

	if (!softirq_pending())
		return;
	lock_check_none("softirq_run");
	BUG_ON(this_cpu(softirq_running) || rcu_reading());
	this_cpu(softirq_running) = true;
	todo = __atomic_exchange_n(&this_cpu(softirq_bits), 0, __ATOMIC_SEQ_CST);
	for (; todo; todo &= todo - 1) {
		void (*fn)(void) = softirq_fn[__builtin_ctz(todo)];

		if (fn)
			fn();
	}
	this_cpu(softirq_running) = false;
}
