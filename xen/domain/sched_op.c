/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SCHEDOP_*. Source: public/sched.h.
 * Locks: d->lock around the watchdogs. A watchdog's timer stays queued when it is
 * switched off, and then finds itself unused.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/sched.h>
#include <hv/time.h>
#include <xen/sched.h>
#include "event_priv.h"

static int sched_op_yield(struct vcpu *v, void *arg)
{
	(void)arg;
	sched_yield(v);
	return 0;
}

static void sched_op_upcalls_on(struct vcpu *v)
{
	struct vcpu_info *info = __atomic_load_n((struct vcpu_info **)&v->info, __ATOMIC_SEQ_CST);

	if (info != NULL)
		__atomic_store_n(&info->evtchn_upcall_mask, 0, __ATOMIC_SEQ_CST);
}

static int sched_op_block(struct vcpu *v, void *arg)
{
	(void)arg;
	sched_op_upcalls_on(v);
	vcpu_block(v);
	return 0;
}

static int sched_op_shutdown(struct vcpu *v, void *arg)
{
	domain_shutdown(v->domain, (uint8_t)((const struct sched_shutdown *)arg)->reason);
	return 0;
}

static int sched_op_shutdown_code(struct vcpu *v, void *arg)
{
	v->domain->shutdown_code = (uint8_t)((const struct sched_shutdown *)arg)->reason;
	return 0;
}

static int sched_op_remote_shutdown(struct vcpu *v, void *arg)
{
	const struct sched_remote_shutdown *a = arg;
	struct domain *d;
	int rc = domain_target(v, a->domain_id, &d);

	if (rc != 0)
		return rc;
	domain_shutdown(d, (uint8_t)a->reason);
	domain_put(d);
	return 0;
}

/* --- Polling: blocked until a port is pending, whatever its mask. --- */

#define POLL_PORTS_MAX 128u

static bool poll_end(struct vcpu *v)
{
	if (__atomic_exchange_n(&v->abi->poll, POLL_NONE, __ATOMIC_SEQ_CST) == POLL_NONE)
		return false;
	__atomic_sub_fetch(&v->domain->events->pollers, 1, __ATOMIC_SEQ_CST);
	return true;
}

static void poll_begin(struct vcpu *v, uint32_t what)
{
	if (__atomic_exchange_n(&v->abi->poll, what, __ATOMIC_SEQ_CST) == POLL_NONE)
		__atomic_add_fetch(&v->domain->events->pollers, 1, __ATOMIC_SEQ_CST);
}

void sched_op_poll_wake(struct domain *d, uint32_t port)
{
	for (uint32_t i = 0; i < d->vcpu_max; i++) {
		uint32_t what = __atomic_load_n(&d->vcpu[i]->abi->poll, __ATOMIC_SEQ_CST);

		if (what != POLL_NONE && (what == POLL_ANY || what == port) && poll_end(d->vcpu[i]))
			vcpu_kick(d->vcpu[i]);
	}
}

void sched_op_poll_timeout(void *arg)
{
	vcpu_kick(arg);
}

/* 1 when one of them is pending; -EFAULT, -EINVAL. */
static int poll_look(struct vcpu *v, const struct sched_poll *a)
{
	for (uint32_t i = 0; i < a->nr_ports; i++) {
		evtchn_port_t port;
		int rc;

		if (guest_read(&port, (uint64_t)(a->ports.p + i), sizeof(port)) != 0)
			return -EFAULT;
		rc = event_port_pending(v->domain, port);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* The flag first, then the look: an event between the two wakes the vcpu. */
static int sched_op_poll(struct vcpu *v, void *arg)
{
	const struct sched_poll *a = arg;
	evtchn_port_t port = POLL_ANY;
	int rc;

	if (a->nr_ports > POLL_PORTS_MAX)
		return -EINVAL;
	if (a->nr_ports == 1 && guest_read(&port, (uint64_t)a->ports.p, sizeof(port)) != 0)
		return -EFAULT;
	/* Port 0 is none; what follows says so. */
	poll_begin(v, port != POLL_NONE ? port : POLL_ANY);
	vcpu_block(v);
	rc = poll_look(v, a);
	if (rc != 0 || (a->timeout != 0 && a->timeout <= now_ns())) {
		(void)poll_end(v);
		vcpu_kick(v);
		return MIN(rc, 0);
	}
	if (a->timeout != 0)
		timer_set(&v->abi->poll_timer, a->timeout);
	return 0;
}

/* --- Watchdogs: a domain that does not set its own again is shut down. --- */

static void watchdog_bark(void *arg)
{
	struct watchdog *w = arg;

	if (__atomic_load_n(&w->used, __ATOMIC_SEQ_CST))
		domain_shutdown(w->domain, SHUTDOWN_watchdog);
}

static int watchdog_new(struct vcpu *v, uint32_t seconds)
{
	struct domain_abi *abi = v->domain->abi;

	for (uint32_t i = 0; i < WATCHDOGS; i++) {
		struct watchdog *w = &abi->watchdog[i];

		if (w->used)
			continue;
		if (w->domain == NULL)
			timer_init(&w->timer, v->cpu, watchdog_bark, w);
		w->domain = v->domain;
		__atomic_store_n(&w->used, true, __ATOMIC_SEQ_CST);
		timer_set(&w->timer, now_ns() + seconds * NSEC_PER_SEC);
		return (int)i + 1;
	}
	return -ENOSPC;
}

static int watchdog_again(struct watchdog *w, uint32_t seconds)
{
	if (!w->used)
		return -EINVAL;
	if (seconds == 0)
		__atomic_store_n(&w->used, false, __ATOMIC_SEQ_CST);
	else
		timer_set(&w->timer, now_ns() + seconds * NSEC_PER_SEC);
	return 0;
}

static int sched_op_watchdog(struct vcpu *v, void *arg)
{
	const struct sched_watchdog *a = arg;
	int rc;

	if (a->id > WATCHDOGS || (a->id == 0 && a->timeout == 0))
		return -EINVAL;
	spin_lock(&v->domain->lock);
	if (a->id == 0)
		rc = watchdog_new(v, a->timeout);
	else
		rc = watchdog_again(&v->domain->abi->watchdog[a->id - 1], a->timeout);
	spin_unlock(&v->domain->lock);
	return rc;
}

static const struct sub_op sched_ops[] = {
	[SCHEDOP_yield] = {sched_op_yield, 0, false, false},
	[SCHEDOP_block] = {sched_op_block, 0, false, false},
	[SCHEDOP_shutdown] = {sched_op_shutdown, sizeof(struct sched_shutdown), false, false},
	[SCHEDOP_poll] = {sched_op_poll, sizeof(struct sched_poll), false, false},
	[SCHEDOP_remote_shutdown] = {sched_op_remote_shutdown, sizeof(struct sched_remote_shutdown), false,
		true},
	[SCHEDOP_shutdown_code] = {sched_op_shutdown_code, sizeof(struct sched_shutdown), false, false},
	[SCHEDOP_watchdog] = {sched_op_watchdog, sizeof(struct sched_watchdog), false, false},
};

long sched_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	return sub_op_call(sched_ops, ARRAY_SIZE(sched_ops), v, args);
}
