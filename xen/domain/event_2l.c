/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT. The 2-level ABI: pending and mask bits in the shared info page, one
 * selector word in vcpu_info. Source: public/xen.h, struct shared_info.
 *
 * Order: pending bit, mask, selector, upcall: the guest looks in the reverse
 * order, so nothing is lost whenever it looks.
 */
#include <errno.h>
#include "event_priv.h"

#define WORD_BITS 64u

BUILD_ASSERT(sizeof(xen_ulong_t) * 8 == WORD_BITS);
BUILD_ASSERT(sizeof(((struct shared_info *)0)->evtchn_pending) * 8 == 4096);

static bool bit_test_and_set(xen_ulong_t *words, uint32_t bit)
{
	xen_ulong_t mask = 1UL << (bit % WORD_BITS);

	return (__atomic_fetch_or(&words[bit / WORD_BITS], mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static bool bit_test_and_clear(xen_ulong_t *words, uint32_t bit)
{
	xen_ulong_t mask = 1UL << (bit % WORD_BITS);

	return (__atomic_fetch_and(&words[bit / WORD_BITS], ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static bool bit_test(const xen_ulong_t *words, uint32_t bit)
{
	return (__atomic_load_n(&words[bit / WORD_BITS], __ATOMIC_SEQ_CST) >> (bit % WORD_BITS)) & 1;
}

static void event_2l_select(struct event_table *t, const struct event_port *p, uint32_t port)
{
	struct vcpu *v = t->domain->vcpu[__atomic_load_n(&p->vcpu, __ATOMIC_ACQUIRE)];
	struct vcpu_info *info = __atomic_load_n((struct vcpu_info **)&v->info, __ATOMIC_SEQ_CST);

	if (info != NULL && !bit_test_and_set(&info->evtchn_pending_sel, port / WORD_BITS))
		event_upcall_set(v);
}

static void event_2l_raise(struct event_table *t, struct event_port *p, uint32_t port)
{
	struct shared_info *shared = t->domain->shared_info;

	if (port >= EVTCHN_2L_NR_CHANNELS || bit_test_and_set(shared->evtchn_pending, port))
		return;
	if (!bit_test(shared->evtchn_mask, port))
		event_2l_select(t, p, port);
}

static void event_2l_clear(struct event_table *t, struct event_port *p, uint32_t port)
{
	struct shared_info *shared = t->domain->shared_info;

	(void)p;
	if (port < EVTCHN_2L_NR_CHANNELS)
		(void)bit_test_and_clear(shared->evtchn_pending, port);
}

static void event_2l_unmask(struct event_table *t, struct event_port *p, uint32_t port)
{
	struct shared_info *shared = t->domain->shared_info;

	if (port < EVTCHN_2L_NR_CHANNELS && bit_test_and_clear(shared->evtchn_mask, port) &&
		bit_test(shared->evtchn_pending, port))
		event_2l_select(t, p, port);
}

static bool event_2l_pending(struct event_table *t, const struct event_port *p, uint32_t port)
{
	const struct shared_info *shared = t->domain->shared_info;

	(void)p;
	return port < EVTCHN_2L_NR_CHANNELS && bit_test(shared->evtchn_pending, port);
}

static bool event_2l_busy(struct event_table *t, uint32_t port)
{
	(void)t;
	(void)port;
	return false;
}

static int event_2l_set_priority(struct event_port *p, uint32_t priority)
{
	(void)p;
	(void)priority;
	return -ENOSYS;
}

const struct event_abi event_2l = {
	.ports = EVTCHN_2L_NR_CHANNELS,
	.raise = event_2l_raise,
	.clear = event_2l_clear,
	.unmask = event_2l_unmask,
	.pending = event_2l_pending,
	.busy = event_2l_busy,
	.set_priority = event_2l_set_priority,
};
