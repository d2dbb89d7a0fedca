/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/asm.h>
#include <hv/heap.h>
#include <hv/idle.h>
#include <hv/softirq.h>

void idle_loop(void)
{
	for (;;) {
		irq_enable();
		softirq_run();
		if (scrub_step())
			continue;
		/* Looked at again with interrupts off: what comes after this ends the halt. */
		irq_disable();
		if (!softirq_pending())
			irq_enable_and_halt();
	}
}
