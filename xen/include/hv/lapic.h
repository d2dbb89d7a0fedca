/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC of the running processor, in xAPIC or x2APIC mode.
 * Sources: Intel SDM volume 3A chapter 11; AMD64 APM volume 2 chapter 16.
 *
 * Context: any, on the processor whose APIC it is, unless said otherwise.
 * Nothing here takes a lock; the send verbs disable interrupts around the two
 * halves of the xAPIC's command register.
 */
#ifndef HV_LAPIC_H
#define HV_LAPIC_H

#include <hv/types.h>

/*
 * Boot processor, once: chooses the mode, and maps the registers for xAPIC.
 * x2APIC where the processor has it and want_x2apic says so, or where firmware
 * left it on (it cannot be left without a reset of the APIC).
 * -ENODEV when the APIC is off and cannot be turned on; -ENOMEM.
 */
int lapic_init(bool want_x2apic) __must_check;

/* Each processor: into the chosen mode; enabled, all local sources masked, errors cleared, ready for interrupts. */
int lapic_init_cpu(void) __must_check;

bool lapic_is_x2apic(void);
uint32_t lapic_id(void);
void lapic_eoi(void);

/*
 * Interrupts to the processor with this APIC id. -EINVAL when the id cannot be
 * named in this mode; -ETIMEDOUT when the command was not accepted in 1 ms.
 */
int lapic_send(uint32_t apic_id, uint8_t vector) __must_check;
int lapic_send_nmi(uint32_t apic_id) __must_check;
int lapic_send_init(uint32_t apic_id) __must_check;
int lapic_send_startup(uint32_t apic_id, uint8_t page) __must_check;

/* The error status, cleared by reading. */
uint32_t lapic_errors(void);

/*
 * The timer: bus clock ticks (divided by one), or, in deadline mode, a TSC value.
 * 0 stops it. The vector is VECTOR_TIMER (hv/vector.h).
 */
void lapic_timer_setup(bool deadline);
void lapic_timer_ticks(uint32_t ticks);
void lapic_timer_deadline(uint64_t tsc);
uint32_t lapic_timer_left(void);

/* The performance counters' overflow as NMI, on or off. */
void lapic_perf_nmi(bool on);

#endif
