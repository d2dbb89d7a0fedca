/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/irq.h>
#include <hv/log.h>
#include <hv/smp.h>
#include <hv/vector.h>

static void irq_nothing(void *arg)
{
	(void)arg;
}

/* Handlers run with interrupts off: a processor that answers a call is in none. */
static void irq_vector_retire(unsigned int cpu, uint8_t vector)
{
	vector_free(cpu, vector);
	smp_call_cpu(cpu, irq_nothing, NULL);
}

static void irq_retire_old(struct irq_desc *irq)
{
	uint8_t vector = irq->old_vector;

	if (!vector)
		return;
	irq->old_vector = 0;
	irq_vector_retire(irq->old_cpu, vector);
}

static int irq_route(struct irq_desc *irq, unsigned int cpu)
{
	uint8_t vector;
	int err;

	if (!cpumask_test(&cpu_online, cpu))
		return -EINVAL;
	err = vector_alloc(cpu, irq, &vector);
	if (err)
		return err;
	err = irq->chip->route(irq, smp_apic_id(cpu), vector);
	if (err) {
		irq_vector_retire(cpu, vector);
		return err;
	}
	irq->cpu = cpu;
	irq->vector = vector;
	return 0;
}

int irq_request(struct irq_desc *irq, const char *name, unsigned int cpu, irq_handler fn, void *arg)
{
	int err;

	if (irq->vector)
		return -EBUSY;
	irq->handler = fn;
	irq->arg = arg;
	irq->name = name;
	irq->chip->mask(irq);
	err = irq_route(irq, cpu);
	if (err) {
		log_err("irq: %s %u (%s): no vector on cpu %u: error %d", irq->chip->name, irq->source, name,
			cpu, err);
		return err;
	}
	irq->chip->unmask(irq);
	return 0;
}

void irq_free(struct irq_desc *irq)
{
	if (!irq->vector)
		return;
	irq->chip->mask(irq);
	irq_retire_old(irq);
	irq_vector_retire(irq->cpu, irq->vector);
	irq->vector = 0;
}

int irq_set_cpu(struct irq_desc *irq, unsigned int cpu)
{
	unsigned int from = irq->cpu;
	uint8_t vector = irq->vector;
	int err;

	if (!vector)
		return -EINVAL;
	if (cpu == from)
		return 0;
	irq_retire_old(irq);
	err = irq_route(irq, cpu);
	if (err)
		return err;
	irq->old_cpu = from;
	irq->old_vector = vector;
	return 0;
}
