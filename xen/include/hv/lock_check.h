/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lock-order checker (hv/spinlock.h states the rules). Each processor
 * keeps a stack of the locks it holds. A broken rule is the hypervisor's own
 * bug: panic, with both names.
 *
 * Context: any with a valid GS base; an NMI handler takes no locks.
 */
#ifndef HV_LOCK_CHECK_H
#define HV_LOCK_CHECK_H

#include <hv/spinlock.h>

/* Bits of spinlock.irq_state. */
#define LOCK_SEEN_IN_INTERRUPT 1
#define LOCK_SEEN_IRQS_ON      2

/* Before spinning for a lock: its rank is above all held ones, its interrupt rule holds. */
void lock_check_wanted(struct spinlock *lock, bool irqs_on);
/* irqs_on: as they were before the lock was taken. */
void lock_check_taken(const struct spinlock *lock, bool irqs_on);
void lock_check_released(const struct spinlock *lock);
bool lock_check_held(const struct spinlock *lock);

/*
 * Before a wait for other processors: they may be spinning, with interrupts
 * off, for a lock that this one holds, and would never answer.
 */
void lock_check_may_wait(const char *what);
/* Where no lock at all may be held. */
void lock_check_none(const char *what);

/* Around every interrupt handler; entry with interrupts off. */
void lock_check_interrupt_enter(void);
void lock_check_interrupt_leave(void);
bool lock_check_in_interrupt(void);

/* For panic(): from here on the rules do not matter. */
void lock_check_off(void);
/* For tests: this processor holds nothing, the rules matter. */
void lock_check_reset(void);

#endif
