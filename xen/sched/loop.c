/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: a processor's life. Every turn is one guest entry and its exit, or one step of idling. */
#include <hv/asm.h>
#include <hv/heap.h>
#include <hv/hvm.h>
#include <hv/sched.h>
#include <hv/softirq.h>

/* What may have come between the last look with interrupts on and now, with interrupts off. */
static bool sched_must_look_again(void)
{
	return softirq_pending() || sched_wanted();
}

static void sched_idle_turn(void)
{
	if (scrub_step())
		return;
	irq_disable();
	if (sched_must_look_again())
		irq_enable();
	else
		irq_enable_and_halt();
}

void sched_loop(void)
{
	irq_enable();
	for (;;) {
		struct vcpu *v;

		softirq_run();
		v = sched_next();
		if (v == NULL) {
			sched_idle_turn();
			continue;
		}
		irq_disable();
		if (sched_must_look_again())
			irq_enable();
		else
			hvm_run(v);
	}
}
