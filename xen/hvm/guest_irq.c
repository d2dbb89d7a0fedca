/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: from a physical interrupt to its domain. Called by irq_handle() and by the
 * soft interrupt.
 *
 * The handler takes no lock: it may have interrupted the holder of any. The queue
 * is the processor's own, changed with interrupts off.
 * Lock order: guest_irq.lock (LOCK_RANK_GUEST_IRQ) -> vioapic -> scheduler.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/irq_bind.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/smp.h>
#include <hv/softirq.h>
#include <hv/time.h>

/* More than this in one window, and the source rests for as long. */
#define WINDOW_NS     NSEC_PER_MSEC
#define WINDOW_EVENTS 256

static DEFINE_PER_CPU(struct guest_irq *, guest_irq_queue);

static void guest_irq_push(struct guest_irq *g)
{
	uint64_t flags;

	if (__atomic_exchange_n(&g->queued, true, __ATOMIC_SEQ_CST))
		return;
	flags = irq_save();
	g->next = this_cpu(guest_irq_queue);
	this_cpu(guest_irq_queue) = g;
	irq_restore(flags);
	softirq_raise(SOFTIRQ_GUEST_IRQ);
}

/* True when the source is too fast. */
static bool guest_irq_storms(struct guest_irq *g)
{
	uint64_t now = now_ns();

	if (now - g->window_ns >= WINDOW_NS) {
		g->window_ns = now;
		g->window_count = 0;
	}
	return ++g->window_count > WINDOW_EVENTS;
}

static void guest_irq_handler(struct irq_desc *irq, void *arg)
{
	struct guest_irq *g = arg;

	if (g->level) {
		irq->chip->mask(irq);
		__atomic_store_n(&g->masked, true, __ATOMIC_SEQ_CST);
	} else if (guest_irq_storms(g)) {
		irq->chip->mask(irq);
		__atomic_store_n(&g->throttled, true, __ATOMIC_SEQ_CST);
	}
	guest_irq_push(g);
}

/* At 1, 2, 4, 8, ... */
static void guest_irq_throttle(struct guest_irq *g)
{
	uint64_t n = ++g->throttle_count;

	timer_set(&g->timer, now_ns() + WINDOW_NS);
	if ((n & (n - 1)) == 0)
		log_guest(LOG_WARN, "d%u: %s %u: more than %u interrupts in %lu us, slowed down (%lu times)",
			g->domain->id, g->irq->chip->name, g->irq->source, WINDOW_EVENTS,
			WINDOW_NS / NSEC_PER_USEC, n);
}

static void guest_irq_deliver(struct guest_irq *g)
{
	/* Before the delivery: what comes from now on is queued again. */
	__atomic_store_n(&g->queued, false, __ATOMIC_SEQ_CST);
	spin_lock(&g->lock);
	if (g->domain) {
		if (READ_ONCE(g->throttled) && !timer_pending(&g->timer))
			guest_irq_throttle(g);
		g->deliver(g, g->domain);
	}
	spin_unlock(&g->lock);
}

static void guest_irq_softirq(void)
{
	uint64_t flags = irq_save();
	struct guest_irq *g = this_cpu(guest_irq_queue);

	this_cpu(guest_irq_queue) = NULL;
	irq_restore(flags);
	while (g) {
		/* Once it is delivered it may stand in the queue again. */
		struct guest_irq *next = g->next;

		guest_irq_deliver(g);
		g = next;
	}
}

/* An edge that came meanwhile was lost with the mask: one more than needed does no harm. */
static void guest_irq_rested(void *arg)
{
	struct guest_irq *g = arg;

	spin_lock(&g->lock);
	if (g->domain && __atomic_exchange_n(&g->throttled, false, __ATOMIC_SEQ_CST)) {
		guest_irq_push(g);
		g->irq->chip->unmask(g->irq);
	}
	spin_unlock(&g->lock);
}

void guest_irq_init(void)
{
	softirq_set(SOFTIRQ_GUEST_IRQ, guest_irq_softirq);
}

/* A vector of this processor, or of the first that has one left. */
static int guest_irq_request(struct guest_irq *g, const char *name)
{
	int rc = irq_request(g->irq, name, smp_cpu(), guest_irq_handler, g);

	for_each_online_cpu (cpu) {
		if (rc != -ENOSPC)
			break;
		rc = irq_request(g->irq, name, cpu, guest_irq_handler, g);
	}
	return rc;
}

int guest_irq_bind(struct guest_irq *g, struct irq_desc *irq, const char *name, struct domain *d, bool level,
	guest_irq_fn deliver)
{
	int rc;

	if (g->domain)
		return -EBUSY;
	g->irq = irq;
	g->level = level;
	g->deliver = deliver;
	g->masked = g->throttled = false;
	g->window_count = 0;
	/* Once: a queue may still have it from an earlier binding. */
	if (!g->lock.name)
		spin_init(&g->lock, "guest interrupt", LOCK_RANK_GUEST_IRQ);
	timer_init(&g->timer, smp_cpu(), guest_irq_rested, g);
	g->domain = d;
	rc = guest_irq_request(g, name);
	if (rc < 0)
		g->domain = NULL;
	return rc;
}

/* First the owner, without which neither queue nor timer do anything; then the source: its mask is the last word. */
void guest_irq_unbind(struct guest_irq *g)
{
	if (!g->domain)
		return;
	spin_lock(&g->lock);
	g->domain = NULL;
	spin_unlock(&g->lock);
	irq_free(g->irq);
}

void guest_irq_end(struct guest_irq *g)
{
	timer_stop(&g->timer);
}

void guest_irq_eoi(struct guest_irq *g)
{
	if (__atomic_exchange_n(&g->masked, false, __ATOMIC_SEQ_CST))
		g->irq->chip->unmask(g->irq);
}
