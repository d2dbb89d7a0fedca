/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pins of the machine's IOAPICs that belong to a domain.
 *
 * No lock over a binding, which waits for other processors: its state is changed
 * by compare-and-swap, and whoever finds it changing is told so.
 */
#include <errno.h>
#include <hv/ioapic.h>
#include <hv/irq_bind.h>
#include <hv/log.h>
#include <hv/vioapic.h>

enum gsi_state {
	GSI_FREE,
	GSI_CHANGING,
	GSI_BOUND,
};

struct gsi_bind {
	struct guest_irq guest;
	uint8_t state; /* atomic: enum gsi_state */
	bool low;
	bool refused; /* said once */
	domid_t owner;
};

/* Zero is dom0's and free. */
static struct gsi_bind gsis[IOAPIC_GSI_MAX];

BUILD_ASSERT(DOMID_HARDWARE == 0);

static bool gsi_step(struct gsi_bind *b, enum gsi_state from, enum gsi_state to)
{
	uint8_t expected = (uint8_t)from;

	return __atomic_compare_exchange_n(
		&b->state, &expected, (uint8_t)to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void gsi_state_set(struct gsi_bind *b, enum gsi_state to)
{
	__atomic_store_n(&b->state, (uint8_t)to, __ATOMIC_SEQ_CST);
}

static bool gsi_bound(const struct gsi_bind *b)
{
	return __atomic_load_n(&b->state, __ATOMIC_SEQ_CST) == GSI_BOUND;
}

int irq_bind_permit(uint32_t gsi, domid_t who)
{
	if (gsi >= IOAPIC_GSI_MAX)
		return -EINVAL;
	if (!gsi_step(&gsis[gsi], GSI_FREE, GSI_CHANGING))
		return -EBUSY;
	gsis[gsi].owner = who;
	gsi_state_set(&gsis[gsi], GSI_FREE);
	return 0;
}

bool irq_bind_permitted(const struct domain *d, uint32_t gsi)
{
	return gsi < IOAPIC_GSI_MAX && READ_ONCE(gsis[gsi].owner) == d->id;
}

static void gsi_deliver(struct guest_irq *g, struct domain *d)
{
	vioapic_assert(d, g->irq->source, true);
	if (!g->level)
		vioapic_assert(d, g->irq->source, false);
}

/* In GSI_CHANGING. */
static int gsi_bind(struct gsi_bind *b, struct irq_desc *irq, struct domain *d, bool level, bool low)
{
	int rc = ioapic_set_trigger(irq->source, level, low);

	if (rc == 0)
		rc = guest_irq_bind(&b->guest, irq, "guest", d, level, gsi_deliver);
	b->low = low;
	return rc;
}

/*
 * Out of GSI_BOUND. The line falls under the vioapic's lock, so an EOI that still
 * found it bound has unmasked the pin before it is masked for good.
 */
static void gsi_unbind(struct gsi_bind *b, struct domain *d, uint32_t gsi)
{
	vioapic_assert(d, gsi, false);
	guest_irq_unbind(&b->guest);
	guest_irq_end(&b->guest);
}

/* Bound by the same domain in another way: it is bound anew. */
static bool gsi_begin_change(struct gsi_bind *b, struct domain *d, uint32_t gsi)
{
	if (gsi_step(b, GSI_FREE, GSI_CHANGING))
		return true;
	if (!gsi_step(b, GSI_BOUND, GSI_CHANGING))
		return false;
	gsi_unbind(b, d, gsi);
	return true;
}

int irq_bind_gsi(struct domain *d, uint32_t gsi, bool level, bool low)
{
	struct irq_desc *irq = ioapic_irq(gsi);
	struct gsi_bind *b;
	int rc;

	if (!irq)
		return -ENODEV;
	b = &gsis[gsi];
	if (!irq_bind_permitted(d, gsi))
		return -EPERM;
	if (gsi_bound(b) && b->guest.level == level && b->low == low)
		return 0;
	if (!gsi_begin_change(b, d, gsi))
		return -EBUSY;
	rc = gsi_bind(b, irq, d, level, low);
	gsi_state_set(b, rc == 0 ? GSI_BOUND : GSI_FREE);
	return rc;
}

/* The guest can ask as often as it likes: each pin is refused in the log once. */
void irq_bind_listen(struct domain *d, uint32_t gsi, bool level, bool low)
{
	int rc = irq_bind_gsi(d, gsi, level, low);

	if (rc == 0 || rc == -ENODEV || gsis[gsi].refused)
		return;
	gsis[gsi].refused = true;
	log_info("d%u: GSI %u stays with %s (error %d)", d->id, gsi,
		rc == -EPERM ? "another domain" : "the hypervisor", -rc);
}

bool irq_bind_eoi(struct domain *d, uint32_t gsi)
{
	struct gsi_bind *b;

	if (gsi >= IOAPIC_GSI_MAX || !gsi_bound(&gsis[gsi]) || !irq_bind_permitted(d, gsi))
		return false;
	b = &gsis[gsi];
	guest_irq_eoi(&b->guest);
	return true;
}

void irq_bind_release(struct domain *d)
{
	for (uint32_t gsi = 0; gsi < IOAPIC_GSI_MAX; gsi++) {
		struct gsi_bind *b = &gsis[gsi];

		if (irq_bind_permitted(d, gsi) && gsi_step(b, GSI_BOUND, GSI_CHANGING)) {
			gsi_unbind(b, d, gsi);
			gsi_state_set(b, GSI_FREE);
		}
	}
}
