/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual IOAPICs: for dom0 one for each real one, with its address, id, GSIs
 * and number of pins; for a guest with an outside device model one of its own;
 * none for other PVH guests.
 * Source: Intel 82093AA data sheet; the EOI register as of version 0x20.
 *
 * Locking: LOCK_RANK_VIOAPIC, taken inside each call; a vlapic is posted to under it.
 * Context: thread or soft interrupt, interrupts on; not from interrupt handlers.
 */
#ifndef HV_VIOAPIC_H
#define HV_VIOAPIC_H

#include <hv/domain.h>

/*
 * After vlapic_create() of vcpu 0 was possible: p2m and hvm_domain exist.
 * -ENOMEM, or the error of p2m_set() or mmio_trap_add().
 */
int vioapic_create(struct domain *d) __must_check;
void vioapic_destroy(struct domain *d);

/*
 * The line of this GSI. Level pins follow it; an edge pin interrupts when it
 * rises. A GSI without a pin is ignored.
 */
void vioapic_assert(struct domain *d, uint32_t gsi, bool level);

/* A vlapic ended a level-triggered vector: pins that wait for it may interrupt again. */
void vioapic_eoi(struct domain *d, uint8_t vector);

/* The redirection entry of this GSI; false when there is no such pin. */
bool vioapic_entry(struct domain *d, uint32_t gsi, uint64_t *ret_entry) __must_check;

#endif
