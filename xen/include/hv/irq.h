/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device interrupts: a source (a pin of an IOAPIC, a message of a device), a
 * chip that masks and routes it, a handler, and the processor it goes to.
 */
#ifndef HV_IRQ_H
#define HV_IRQ_H

#include <hv/types.h>

struct irq_desc;

typedef void (*irq_handler)(struct irq_desc *irq, void *arg);

/*
 * route: from now on the source raises `vector` at the processor with this APIC
 * id; it keeps its mask. 0 or -errno. Context: any; may take LOCK_RANK_DEVICE.
 */
struct irq_chip {
	const char *name;
	void (*mask)(struct irq_desc *irq);
	void (*unmask)(struct irq_desc *irq);
	int (*route)(struct irq_desc *irq, uint32_t apic_id, uint8_t vector);
};

/* The chip's owner fills chip and source; the rest is irq.c's. */
struct irq_desc {
	const struct irq_chip *chip;
	uint32_t source;
	uint32_t cpu;
	uint8_t vector;	    /* 0 while it is free */
	uint8_t old_vector; /* still accepted on old_cpu after a move; 0 for none */
	uint32_t old_cpu;
	const char *name;
	irq_handler handler;
	void *arg;
	uint64_t count;
};

/*
 * Gives the interrupt a handler and a vector on `cpu`, and unmasks it. The
 * handler runs with interrupts off and must not wait. -EBUSY when it has one,
 * -EINVAL for a processor that is not online, -ENOSPC, or the chip's error.
 * Context: thread, no lock held; one caller per descriptor at a time.
 */
int irq_request(
	struct irq_desc *irq, const char *name, unsigned int cpu, irq_handler fn, void *arg) __must_check;

/* Masked, and the handler does not run any more when this returns. */
void irq_free(struct irq_desc *irq);

/* Moves it. What is on its way to the old processor is still handled there. */
int irq_set_cpu(struct irq_desc *irq, unsigned int cpu) __must_check;

/* HOT: from vector_dispatch(). */
static inline void irq_handle(struct irq_desc *irq)
{
	irq->count++;
	irq->handler(irq, irq->arg);
}

#endif
