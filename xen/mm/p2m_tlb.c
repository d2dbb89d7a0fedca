/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/p2m.h>
#include <hv/smp.h>

/* Nothing to do: its arrival made the processor leave guest mode. */
static void p2m_tlb_left(void *arg)
{
	(void)arg;
}

/*
 * Order: the work bit first, then in_guest. Who enters sets in_guest first and
 * then looks at the work bits, so at least one side sees the other.
 */
void p2m_tlb_flush(struct domain *d)
{
	struct cpumask inside = {{0}};

	for (uint32_t i = 0; i < d->vcpu_max; i++) {
		struct vcpu *v = d->vcpu[i];

		if (!v)
			continue;
		vcpu_set_work(v, VCPU_WORK_TLB);
		if (__atomic_load_n(&v->in_guest, __ATOMIC_SEQ_CST))
			cpumask_set(&inside, __atomic_load_n(&v->cpu, __ATOMIC_RELAXED));
	}
	if (!cpumask_empty(&inside))
		smp_call(&inside, p2m_tlb_left, NULL);
}
