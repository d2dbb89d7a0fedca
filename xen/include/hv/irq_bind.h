/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical interrupts that belong to a domain.
 *
 * An interrupt handler only masks a level-triggered source and queues the
 * interrupt; a soft interrupt of the same processor, which holds no lock, gives
 * it to the domain's virtual controllers. A level-triggered source stays masked
 * until the guest's EOI. A source that interrupts faster than any guest can
 * follow is masked for a moment.
 *
 * Locking: each interrupt has a lock of its own (LOCK_RANK_GUEST_IRQ), held
 * while it is given to its domain.
 */
#ifndef HV_IRQ_BIND_H
#define HV_IRQ_BIND_H

#include <hv/domain.h>
#include <hv/irq.h>

struct guest_irq;

/* Gives it to the domain: vioapic_assert(), vlapic_msi(). With the lock held. */
typedef void (*guest_irq_fn)(struct guest_irq *g, struct domain *d);

struct guest_irq {
	struct irq_desc *irq;
	guest_irq_fn deliver;
	struct spinlock lock;
	struct domain *domain; /* NULL while it is not bound */
	struct guest_irq *next;
	bool queued;	/* atomic */
	bool level;	/* masked from the interrupt to guest_irq_eoi() */
	bool masked;	/* atomic: by its own interrupt */
	bool throttled; /* atomic: until the timer */
	uint32_t window_count;
	uint64_t window_ns;
	uint64_t throttle_count;
	struct timer timer;
};

/* Once, while booting, after timers and soft interrupts. */
void guest_irq_init(void);

/*
 * From now on the interrupt goes to d. The caller has set up irq and its trigger.
 * -EBUSY when something else has it, or irq_request()'s error. Context: thread, no
 * lock that interrupts take; one caller for each interrupt at a time.
 */
int guest_irq_bind(struct guest_irq *g, struct irq_desc *irq, const char *name, struct domain *d, bool level,
	guest_irq_fn deliver) __must_check;

/*
 * Nothing is given to the domain any more when this returns. Context: thread, no lock that
 * interrupts take; on what is not bound, nothing.
 */
void guest_irq_unbind(struct guest_irq *g);

/*
 * After it, before g is bound again or freed, with no lock held: its timer is not set any more.
 * Memory that holds g is freed after an RCU grace period only: it may still stand in a queue.
 */
void guest_irq_end(struct guest_irq *g);

/* The guest ended a level interrupt. Any context. */
void guest_irq_eoi(struct guest_irq *g);

/* --- Pins of the machine's IOAPICs. --- */

/*
 * Who may have a GSI: dom0, until this says otherwise. -EINVAL past the last, -EBUSY
 * while it is bound.
 */
int irq_bind_permit(uint32_t gsi, domid_t who) __must_check;
bool irq_bind_permitted(const struct domain *d, uint32_t gsi);

/*
 * PHYSDEVOP_setup_gsi: binds the pin with this trigger and polarity. 0 also when it
 * is bound like that already. -ENODEV (no such pin), -EPERM (another domain's),
 * -EBUSY (the hypervisor's own, or somebody binds it right now).
 */
int irq_bind_gsi(struct domain *d, uint32_t gsi, bool level, bool low) __must_check;

/* The guest listens to a pin of its IOAPIC: as irq_bind_gsi, a refusal is in the log only. */
void irq_bind_listen(struct domain *d, uint32_t gsi, bool level, bool low);

/* The guest's EOI for this pin; true when a physical interrupt is behind it. Any lock but the IOAPIC's own. */
bool irq_bind_eoi(struct domain *d, uint32_t gsi);

/* All pins of the domain. While it is being destroyed, before vioapic_destroy(). */
void irq_bind_release(struct domain *d);

#endif
