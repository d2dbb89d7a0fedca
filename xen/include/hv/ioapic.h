/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IOAPICs: pins with global numbers (GSI), each an irq_desc.
 * Sources: Intel 82093AA data sheet; ACPI 6.5 section 5.2.12 (MADT).
 *
 * Lock: one per IOAPIC, LOCK_RANK_DEVICE, for its index and data registers.
 */
#ifndef HV_IOAPIC_H
#define HV_IOAPIC_H

#include <hv/irq.h>

#define IOAPIC_MAX	32
#define IOAPIC_MAX_PINS 240
#define IOAPIC_GSI_MAX	1024 /* GSIs at or above are not used */
#define IOAPIC_ISA_IRQS 16

/*
 * Takes over an IOAPIC: maps it, reads how many pins it has, masks them all.
 * While booting. -EINVAL for an address or a GSI range that is no IOAPIC's or
 * overlaps another's, -ENOSPC, -ENOMEM; each with one line in the log.
 */
int ioapic_add(uint8_t id, paddr_t base, uint32_t gsi_base) __must_check;

/* An interrupt source override: this ISA line is that GSI. */
void ioapic_set_isa(uint8_t isa_irq, uint32_t gsi, bool level, bool low);

uint32_t ioapic_isa_to_gsi(uint8_t isa_irq);

/* Level or edge, active low or high, while the pin has no handler. -ENODEV when no IOAPIC has the pin. */
int ioapic_set_trigger(uint32_t gsi, bool level, bool low) __must_check;

/* The pin's interrupt, for irq_request(); NULL when no IOAPIC has it. */
struct irq_desc *ioapic_irq(uint32_t gsi);

#endif
