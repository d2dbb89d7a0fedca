/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/ioapic.h>
#include <hv/smp.h>
#include <hv/softirq.h>
#include "machine_irq.h"

struct machine_pin machine_pin[MACHINE_GSIS];
struct vlapic_message machine_sent[MACHINE_SENT];
unsigned int machine_sent_count;
unsigned int machine_fail_request;
int machine_fail_error;
struct irq_desc *machine_requested;
uint32_t machine_apic_id;
struct acpi_tables acpi;
struct cpumask cpu_online;

static void (*softirq_fn)(void);
static bool softirq_raised;
static unsigned int in_handler;

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fake machine: %s\n", what);
	abort();
}

static struct machine_pin *pin_of(struct irq_desc *irq)
{
	return container_of(irq, struct machine_pin, irq);
}

static void pin_mask(struct irq_desc *irq)
{
	pin_of(irq)->masked = true;
}

static void pin_unmask(struct irq_desc *irq)
{
	require(irq->vector != 0, "a pin without a handler is unmasked");
	pin_of(irq)->masked = false;
	if (pin_of(irq)->level && pin_of(irq)->line && !in_handler)
		machine_raise(irq);
}

static int pin_route(struct irq_desc *irq, uint32_t apic_id, uint8_t vector)
{
	(void)irq;
	(void)apic_id;
	(void)vector;
	return 0;
}

static const struct irq_chip chip = {
	.name = "pin", .mask = pin_mask, .unmask = pin_unmask, .route = pin_route};

void machine_irq_reset(void)
{
	memset(machine_pin, 0, sizeof(machine_pin));
	for (uint32_t i = 0; i < 32; i++) {
		machine_pin[i].exists = machine_pin[i].masked = true;
		machine_pin[i].irq.chip = &chip;
		machine_pin[i].irq.source = i;
	}
	acpi.madt.ioapic_count = 2;
	acpi.madt.ioapic[0] = (struct acpi_ioapic){.id = 8, .gsi_base = 0, .base = 0xfec00000};
	acpi.madt.ioapic[1] = (struct acpi_ioapic){.id = 9, .gsi_base = 24, .base = 0xfec10000};
	machine_sent_count = machine_fail_request = 0;
	softirq_raised = false;
	in_handler = 0;
	machine_requested = NULL;
	machine_apic_id = MACHINE_APIC_ID;
	cpumask_set(&cpu_online, 0);
	cpumask_set(&cpu_online, 1);
}

struct irq_desc *ioapic_irq(uint32_t gsi)
{
	return gsi < MACHINE_GSIS && machine_pin[gsi].exists ? &machine_pin[gsi].irq : NULL;
}

int ioapic_set_trigger(uint32_t gsi, bool level, bool low)
{
	if (!ioapic_irq(gsi))
		return -ENODEV;
	if (machine_pin[gsi].irq.vector)
		return -EBUSY;
	machine_pin[gsi].level = level;
	machine_pin[gsi].low = low;
	return 0;
}

int irq_request(struct irq_desc *irq, const char *name, unsigned int cpu, irq_handler fn, void *arg)
{
	int rc;

	(void)name;
	if (irq->vector)
		return -EBUSY;
	if (machine_fail_request && --machine_fail_request == 0)
		return machine_fail_error;
	irq->handler = fn;
	irq->arg = arg;
	irq->cpu = cpu;
	irq->chip->mask(irq);
	rc = irq->chip->route(irq, machine_apic_id, MACHINE_VECTOR);
	if (rc < 0)
		return rc;
	machine_requested = irq;
	irq->vector = MACHINE_VECTOR;
	irq->chip->unmask(irq);
	return 0;
}

void irq_free(struct irq_desc *irq)
{
	irq->chip->mask(irq);
	irq->vector = 0;
}

void machine_raise(struct irq_desc *irq)
{
	require(irq->vector != 0, "an interrupt that nobody asked for");
	in_handler++;
	irq_handle(irq);
	in_handler--;
}

void machine_line(uint32_t gsi, bool up)
{
	struct machine_pin *p = &machine_pin[gsi];
	bool rises = up && !p->line;

	p->line = up;
	if (rises && !p->masked)
		machine_raise(&p->irq);
}

void softirq_set(enum softirq nr, void (*fn)(void))
{
	require(nr == SOFTIRQ_GUEST_IRQ, "one soft interrupt");
	softirq_fn = fn;
}

void softirq_raise(enum softirq nr)
{
	(void)nr;
	softirq_raised = true;
}

void machine_softirq(void)
{
	for (unsigned int n = 0; softirq_raised; n++) {
		require(n < 1000, "the soft interrupt does not come to an end");
		softirq_raised = false;
		softirq_fn();
	}
}

void vlapic_send(struct domain *d, const struct vlapic_message *m)
{
	(void)d;
	machine_sent[machine_sent_count++ % MACHINE_SENT] = *m;
}
