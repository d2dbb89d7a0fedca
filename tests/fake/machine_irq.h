/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's interrupt sources without a processor: pins of IOAPICs whose
 * handlers a test calls, and what is sent to the vlapics.
 */
#ifndef FAKE_MACHINE_IRQ_H
#define FAKE_MACHINE_IRQ_H

#include <hv/irq.h>
#include <hv/vlapic.h>

#define MACHINE_GSIS 96

struct machine_pin {
	struct irq_desc irq; /* vector 0: nobody has it */
	bool exists, masked, level, low;
	bool line; /* a device holds it up */
};

extern struct machine_pin machine_pin[MACHINE_GSIS];

/* What the vlapics got, the newest last. */
#define MACHINE_SENT 64
extern struct vlapic_message machine_sent[MACHINE_SENT];
extern unsigned int machine_sent_count;
/* The n-th irq_request from now on answers this, once. */
extern unsigned int machine_fail_request;
extern int machine_fail_error;

/* What irq_request() has routed last, and where to. */
#define MACHINE_APIC_ID 5
#define MACHINE_VECTOR	0x30
extern struct irq_desc *machine_requested;
extern uint32_t machine_apic_id;

/* Two IOAPICs in acpi.madt and as pins: GSI 0 to 23 and 24 to 31. */
void machine_irq_reset(void);
/* A device moves its line; its interrupt is taken at once when the pin lets it through. */
void machine_line(uint32_t gsi, bool up);
/* The interrupt of any source, whatever its mask. */
void machine_raise(struct irq_desc *irq);
/* The soft interrupt, if it was raised. */
void machine_softirq(void);

#endif
