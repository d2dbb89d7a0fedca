/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: event_send() and everything below it, for every event of every guest: no
 * lock, no allocation, O(1).
 *
 * Locks: event_lock (LOCK_RANK_EVENT) around every change of a binding, in all
 * domains: it makes both ends of a channel change together. A FIFO's queues
 * have one of their own inside it (event_fifo.c).
 *
 * A sender is in an RCU read section from reading a binding to the last store
 * into the target's memory; event_destroy() waits for it.
 */
#include <errno.h>
#include <hv/event.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include <hv/vlapic.h>
#include <xen/event_channel.h>
#include "event_priv.h"

static struct spinlock event_lock = SPINLOCK_INIT("event channels", LOCK_RANK_EVENT);

/* --- Ports. --- */

struct event_port *event_port_at(struct event_table *t, uint32_t port)
{
	struct event_port *bucket;

	if (port >= EVENT_PORTS_MAX)
		return NULL;
	bucket = __atomic_load_n(&t->bucket[port / EVENT_BUCKET_PORTS], __ATOMIC_ACQUIRE);
	return bucket != NULL ? &bucket[port % EVENT_BUCKET_PORTS] : NULL;
}

static union event_binding event_binding(const struct event_port *p)
{
	return (union event_binding){.word = __atomic_load_n(&p->binding, __ATOMIC_ACQUIRE)};
}

static void event_bind(struct event_port *p, uint8_t state, domid_t domid, uint32_t value)
{
	union event_binding b = {.state = state, .domid = domid, .value = value};

	__atomic_store_n(&p->binding, b.word, __ATOMIC_RELEASE);
}

/* A port in use, or NULL. */
static struct event_port *event_used(struct event_table *t, uint32_t port)
{
	struct event_port *p = port != 0 ? event_port_at(t, port) : NULL;

	return p != NULL && event_binding(p).state != EVENT_FREE ? p : NULL;
}

static const struct event_abi *event_abi(const struct event_table *t)
{
	return __atomic_load_n(&t->abi, __ATOMIC_ACQUIRE);
}

/* --- Sending. --- */

static void event_raise(struct event_table *t, struct event_port *p, uint32_t port)
{
	event_abi(t)->raise(t, p, port);
	if (unlikely(__atomic_load_n(&t->pollers, __ATOMIC_SEQ_CST) != 0))
		sched_op_poll_wake(t->domain, port);
}

static bool event_is_other_side(union event_binding far, domid_t near, uint32_t near_port)
{
	return (far.state == EVENT_INTERDOMAIN || far.state == EVENT_HYPERVISOR) && far.domid == near &&
	       far.value == near_port;
}

/* In an RCU read section. */
static void event_send_remote(domid_t near, uint32_t near_port, union event_binding b)
{
	struct domain *remote = domain_get(b.domid);
	struct event_table *t;
	struct event_port *p;

	if (remote == NULL)
		return;
	t = rcu_dereference(remote->events);
	p = t != NULL ? event_port_at(t, b.value) : NULL;
	if (p != NULL && event_is_other_side(event_binding(p), near, near_port)) {
		if (event_binding(p).state == EVENT_HYPERVISOR)
			p->fn(remote->vcpu[p->vcpu], b.value);
		else
			event_raise(t, p, b.value);
	}
	domain_put(remote);
}

static int event_send(struct domain *d, uint32_t port)
{
	struct event_table *t = d->events;
	struct event_port *p = event_used(t, port);
	union event_binding b;
	int rc = 0;

	if (p == NULL)
		return -EINVAL;
	rcu_read_lock();
	b = event_binding(p);
	if (b.state == EVENT_INTERDOMAIN)
		event_send_remote(d->id, port, b);
	else if (b.state == EVENT_IPI)
		event_raise(t, p, port);
	else if (b.state != EVENT_UNBOUND)
		rc = -EINVAL;
	rcu_read_unlock();
	return rc;
}

static uint32_t *event_virq_slot(struct event_table *t, uint32_t vcpu, uint32_t virq)
{
	return &t->virq[vcpu * NR_VIRQS + virq];
}

void event_send_virq(struct vcpu *v, uint32_t virq)
{
	struct event_table *t;
	struct event_port *p;
	uint32_t port;

	rcu_read_lock();
	t = rcu_dereference(v->domain->events);
	port = t != NULL ? __atomic_load_n(event_virq_slot(t, v->id, virq), __ATOMIC_ACQUIRE) : 0;
	p = port != 0 ? event_port_at(t, port) : NULL;
	if (p != NULL)
		event_raise(t, p, port);
	rcu_read_unlock();
}

void event_send_virq_global(uint32_t virq)
{
	struct domain *d = domain_get(DOMID_HARDWARE);

	if (d == NULL)
		return;
	if (d->vcpu[0] != NULL)
		event_send_virq(d->vcpu[0], virq);
	domain_put(d);
}

void event_hypervisor_send(struct domain *d, uint32_t port)
{
	struct event_table *t;
	struct event_port *p;

	rcu_read_lock();
	t = rcu_dereference(d->events);
	p = t != NULL ? event_port_at(t, port) : NULL;
	if (p != NULL && event_binding(p).state == EVENT_HYPERVISOR)
		event_send_remote(d->id, port, event_binding(p));
	rcu_read_unlock();
}

int event_port_pending(struct domain *d, uint32_t port)
{
	struct event_port *p = event_used(d->events, port);

	return p != NULL ? event_abi(d->events)->pending(d->events, p, port) : -EINVAL;
}

/* --- Upcalls. --- */

static struct vcpu_info *event_vcpu_info(const struct vcpu *v)
{
	return __atomic_load_n((struct vcpu_info *const *)&v->info, __ATOMIC_SEQ_CST);
}

void event_upcall_set(struct vcpu *v)
{
	struct vcpu_info *info = event_vcpu_info(v);
	uint8_t vector = __atomic_load_n(&v->upcall_vector, __ATOMIC_RELAXED);

	if (info == NULL || __atomic_exchange_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST) != 0)
		return;
	if (vector != 0)
		vlapic_request(v, vector);
	else
		vcpu_kick(v);
}

bool event_upcall_pending(const struct vcpu *v)
{
	const struct vcpu_info *info = event_vcpu_info(v);

	return info != NULL && __atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_SEQ_CST) != 0;
}

#define CALLBACK_TYPE_SHIFT 56

int event_callback_vector(const struct vcpu *v)
{
	uint64_t via = __atomic_load_n(&v->domain->abi->param[HVM_PARAM_CALLBACK_IRQ], __ATOMIC_RELAXED);

	if (v->upcall_vector != 0 || via >> CALLBACK_TYPE_SHIFT != HVM_PARAM_CALLBACK_TYPE_VECTOR)
		return -1;
	return event_upcall_pending(v) ? (uint8_t)via : -1;
}

void event_upcall_again(struct vcpu *v)
{
	struct vcpu_info *info = event_vcpu_info(v);

	if (info == NULL)
		return;
	__atomic_store_n(&info->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
	__atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	event_upcall_set(v);
}

/* --- Giving ports out. --- */

static int event_bucket_alloc(struct event_table *t, uint32_t port)
{
	struct event_port *bucket = hv_alloc_array(EVENT_BUCKET_PORTS, sizeof(*bucket));

	if (bucket == NULL)
		return -ENOMEM;
	__atomic_store_n(&t->bucket[port / EVENT_BUCKET_PORTS], bucket, __ATOMIC_RELEASE);
	return 0;
}

/*
 * The lowest free port from the hint on, 0 when there is none. A closed one that is
 * still in a queue of the guest's is passed over, and looked at again next time.
 */
static uint32_t event_port_search(struct event_table *t)
{
	uint32_t end = MIN(t->last_port + 1, event_abi(t)->ports), kept = end;

	for (uint32_t port = MAX(t->free_hint, 1u); port < end; port++) {
		const struct event_port *p = event_port_at(t, port);

		if (p != NULL && event_binding(p).state != EVENT_FREE)
			continue;
		if (p == NULL || !event_abi(t)->busy(t, port)) {
			t->free_hint = MIN(kept, port);
			return port;
		}
		kept = MIN(kept, port);
	}
	return 0;
}

/* Under the lock; it is not taken before it is bound, and then it can be sent to. */
static int event_port_alloc(struct domain *d, struct event_port **ret_entry, uint32_t *ret_port)
{
	struct event_table *t = d->events;
	struct event_port *entry;
	uint32_t port;

	BUG_ON(!spin_held(&event_lock));
	if (t == NULL || t->closed)
		return -ESRCH;
	port = event_port_search(t);
	if (port == 0)
		return -ENOSPC;
	if (event_port_at(t, port) == NULL && event_bucket_alloc(t, port) != 0)
		return -ENOMEM;
	entry = event_port_at(t, port);
	if (entry == NULL)
		return -ENOMEM;
	*entry = (struct event_port){.priority = EVTCHN_FIFO_PRIORITY_DEFAULT,
		.last_vcpu = entry->last_vcpu,
		.last_priority = entry->last_priority};
	*ret_entry = entry;
	*ret_port = port;
	return 0;
}

static int event_alloc_unbound(struct vcpu *v, void *arg)
{
	struct evtchn_alloc_unbound *a = arg;
	struct event_port *p;
	struct domain *d;
	uint32_t port;
	int rc = domain_target(v, a->dom, &d);

	if (rc != 0)
		return rc;
	spin_lock(&event_lock);
	rc = event_port_alloc(d, &p, &port);
	if (rc == 0) {
		event_bind(p, EVENT_UNBOUND, a->remote_dom == DOMID_SELF ? v->domain->id : a->remote_dom, 0);
		a->port = port;
	}
	spin_unlock(&event_lock);
	domain_put(d);
	return rc;
}

/* The far side, when it waits for this domain. */
static struct event_port *event_unbound_far(struct event_table *t, uint32_t port, domid_t near)
{
	struct event_port *p = event_used(t, port);
	union event_binding b = {.word = 0};

	if (p != NULL)
		b = event_binding(p);
	if ((b.state != EVENT_UNBOUND && b.state != EVENT_HYPERVISOR_UNBOUND) || b.domid != near)
		return NULL;
	return p;
}

static int event_connect(
	struct domain *d, struct domain *remote, struct evtchn_bind_interdomain *a, struct event_port **ret)
{
	struct event_port *near, *far;
	uint32_t port;
	int rc = event_port_alloc(d, &near, &port);

	if (rc != 0)
		return rc;
	far = event_unbound_far(remote->events, a->remote_port, d->id);
	if (far == NULL)
		return -EINVAL;
	event_bind(near, EVENT_INTERDOMAIN, remote->id, a->remote_port);
	event_bind(far, event_binding(far).state == EVENT_UNBOUND ? EVENT_INTERDOMAIN : EVENT_HYPERVISOR,
		d->id, port);
	a->local_port = port;
	*ret = near;
	return 0;
}

static int event_bind_interdomain(struct vcpu *v, void *arg)
{
	struct evtchn_bind_interdomain *a = arg;
	struct domain *remote = domain_get(a->remote_dom == DOMID_SELF ? v->domain->id : a->remote_dom);
	struct event_port *p = NULL;
	int rc = -ESRCH;

	if (remote == NULL)
		return rc;
	spin_lock(&event_lock);
	if (remote->events != NULL)
		rc = event_connect(v->domain, remote, a, &p);
	spin_unlock(&event_lock);
	/* What was sent before there was a connection is lost: let the guest look. */
	if (rc == 0)
		event_raise(v->domain->events, p, a->local_port);
	domain_put(remote);
	return rc;
}

/* Those that each vcpu has of its own; the others exist once and are bound on vcpu 0. */
#define VIRQS_PER_VCPU ((1u << VIRQ_TIMER) | (1u << VIRQ_DEBUG) | (1u << VIRQ_XENOPROF) | (1u << VIRQ_XENPMU))

static int event_bind_virq(struct vcpu *v, void *arg)
{
	struct evtchn_bind_virq *a = arg;
	struct domain *d = v->domain;
	struct event_port *p;
	uint32_t port, *slot;
	int rc;

	if (a->virq >= NR_VIRQS || (((VIRQS_PER_VCPU >> a->virq) & 1) == 0 && a->vcpu != 0))
		return -EINVAL;
	if (a->vcpu >= d->vcpu_max)
		return -ENOENT;
	spin_lock(&event_lock);
	slot = event_virq_slot(d->events, a->vcpu, a->virq);
	rc = *slot != 0 ? -EEXIST : event_port_alloc(d, &p, &port);
	if (rc == 0) {
		p->vcpu = (uint16_t)a->vcpu;
		event_bind(p, EVENT_VIRQ, d->id, a->virq);
		__atomic_store_n(slot, port, __ATOMIC_RELEASE);
		a->port = port;
	}
	spin_unlock(&event_lock);
	return rc;
}

static int event_bind_ipi(struct vcpu *v, void *arg)
{
	struct evtchn_bind_ipi *a = arg;
	struct domain *d = v->domain;
	struct event_port *p;
	uint32_t port;
	int rc;

	if (a->vcpu >= d->vcpu_max)
		return -ENOENT;
	spin_lock(&event_lock);
	rc = event_port_alloc(d, &p, &port);
	if (rc == 0) {
		p->vcpu = (uint16_t)a->vcpu;
		event_bind(p, EVENT_IPI, d->id, 0);
		a->port = port;
	}
	spin_unlock(&event_lock);
	return rc;
}

/* Physical interrupts come to a guest through its virtual IOAPIC and vPCI, never as event channels. */
static int event_bind_pirq(struct vcpu *v, void *arg)
{
	(void)v;
	(void)arg;
	return -EINVAL;
}

int event_hypervisor_bind(struct vcpu *v, domid_t remote, event_fn fn, uint32_t *ret_port)
{
	struct event_port *p;
	uint32_t port;
	int rc;

	spin_lock(&event_lock);
	rc = event_port_alloc(v->domain, &p, &port);
	if (rc == 0) {
		p->vcpu = (uint16_t)v->id;
		p->fn = fn;
		event_bind(p, EVENT_HYPERVISOR_UNBOUND, remote, 0);
		*ret_port = port;
	}
	spin_unlock(&event_lock);
	return rc;
}

/* --- Closing. --- */

/* The other side goes back to waiting for this domain. */
static void event_disconnect(struct domain *d, uint32_t port, union event_binding b)
{
	struct domain *remote = domain_get(b.domid);
	struct event_table *t = remote != NULL ? remote->events : NULL;
	struct event_port *far = t != NULL ? event_port_at(t, b.value) : NULL;

	if (far != NULL && event_is_other_side(event_binding(far), d->id, port))
		event_bind(far,
			event_binding(far).state == EVENT_INTERDOMAIN ? EVENT_UNBOUND
								      : EVENT_HYPERVISOR_UNBOUND,
			d->id, 0);
	if (remote != NULL)
		domain_put(remote);
}

/* Under the lock; a port in use. */
static void event_close_port(struct event_table *t, struct event_port *p, uint32_t port)
{
	union event_binding b = event_binding(p);

	BUG_ON(!spin_held(&event_lock));
	if (b.state == EVENT_VIRQ)
		__atomic_store_n(event_virq_slot(t, p->vcpu, b.value), 0, __ATOMIC_RELEASE);
	event_bind(p, EVENT_FREE, 0, 0);
	if (b.state == EVENT_INTERDOMAIN || b.state == EVENT_HYPERVISOR)
		event_disconnect(t->domain, port, b);
	event_abi(t)->clear(t, p, port);
	t->free_hint = MIN(t->free_hint, port);
}

static bool event_is_hypervisors(const struct event_port *p)
{
	uint8_t state = event_binding(p).state;

	return state == EVENT_HYPERVISOR || state == EVENT_HYPERVISOR_UNBOUND;
}

static int event_close(struct vcpu *v, void *arg)
{
	const struct evtchn_close *a = arg;
	struct event_port *p;
	int rc = -EINVAL;

	spin_lock(&event_lock);
	p = event_used(v->domain->events, a->port);
	if (p != NULL && !event_is_hypervisors(p)) {
		event_close_port(v->domain->events, p, a->port);
		rc = 0;
	}
	spin_unlock(&event_lock);
	return rc;
}

void event_hypervisor_close(struct domain *d, uint32_t port)
{
	struct event_port *p;

	spin_lock(&event_lock);
	p = d->events != NULL ? event_used(d->events, port) : NULL;
	if (p != NULL && event_is_hypervisors(p))
		event_close_port(d->events, p, port);
	spin_unlock(&event_lock);
}

/* Buckets of one step. */
#define EVENT_CLOSE_STEP 32u

static void event_close_bucket(struct event_table *t, uint32_t first, bool hypervisors)
{
	for (uint32_t port = MAX(first, 1u); port < first + EVENT_BUCKET_PORTS; port++) {
		struct event_port *p = event_used(t, port);

		if (p != NULL && (hypervisors || !event_is_hypervisors(p)))
			event_close_port(t, p, port);
	}
}

/* Under the lock. Closes the next ones, `hypervisors` those too; -ERESTART when there are more. */
static int event_close_step(struct event_table *t, bool hypervisors)
{
	for (uint32_t done = 0; t->reset_next < EVENT_BUCKETS; t->reset_next++) {
		if (t->bucket[t->reset_next] == NULL)
			continue;
		if (done++ == EVENT_CLOSE_STEP)
			return -ERESTART;
		event_close_bucket(t, t->reset_next * EVENT_BUCKET_PORTS, hypervisors);
	}
	t->reset_next = 0;
	return 0;
}

/* --- The other operations. --- */

static int event_op_send(struct vcpu *v, void *arg)
{
	return event_send(v->domain, ((const struct evtchn_send *)arg)->port);
}

static const uint8_t event_status_words[] = {
	[EVENT_FREE] = EVTCHNSTAT_closed,
	[EVENT_UNBOUND] = EVTCHNSTAT_unbound,
	[EVENT_INTERDOMAIN] = EVTCHNSTAT_interdomain,
	[EVENT_VIRQ] = EVTCHNSTAT_virq,
	[EVENT_IPI] = EVTCHNSTAT_ipi,
	[EVENT_HYPERVISOR_UNBOUND] = EVTCHNSTAT_unbound,
	[EVENT_HYPERVISOR] = EVTCHNSTAT_interdomain,
};

static void event_status_fill(struct evtchn_status *a, const struct event_port *p)
{
	union event_binding b = event_binding(p);

	a->status = event_status_words[b.state];
	a->vcpu = p->vcpu;
	if (a->status == EVTCHNSTAT_unbound)
		a->u.unbound.dom = b.domid;
	if (a->status == EVTCHNSTAT_virq)
		a->u.virq = b.value;
	if (a->status == EVTCHNSTAT_interdomain) {
		a->u.interdomain.dom = b.domid;
		a->u.interdomain.port = b.value;
	}
}

static int event_status(struct vcpu *v, void *arg)
{
	struct evtchn_status *a = arg;
	const struct event_port *p;
	struct domain *d;
	int rc = domain_target(v, a->dom, &d);

	if (rc != 0)
		return rc;
	spin_lock(&event_lock);
	p = d->events != NULL && a->port != 0 && a->port <= d->events->last_port
		    ? event_port_at(d->events, a->port)
		    : NULL;
	rc = p != NULL ? 0 : -EINVAL;
	if (p != NULL)
		event_status_fill(a, p);
	spin_unlock(&event_lock);
	domain_put(d);
	return rc;
}

/* An IPI's target and a vcpu's own virtual interrupt are what they are. */
static bool event_may_move(union event_binding b)
{
	return b.state == EVENT_UNBOUND || b.state == EVENT_INTERDOMAIN ||
	       (b.state == EVENT_VIRQ && ((VIRQS_PER_VCPU >> b.value) & 1) == 0);
}

static int event_bind_vcpu(struct vcpu *v, void *arg)
{
	const struct evtchn_bind_vcpu *a = arg;
	struct event_port *p;
	int rc = -EINVAL;

	if (a->vcpu >= v->domain->vcpu_max)
		return -ENOENT;
	spin_lock(&event_lock);
	p = event_used(v->domain->events, a->port);
	if (p != NULL && event_may_move(event_binding(p))) {
		__atomic_store_n(&p->vcpu, (uint16_t)a->vcpu, __ATOMIC_RELEASE);
		rc = 0;
	}
	spin_unlock(&event_lock);
	return rc;
}

static int event_unmask(struct vcpu *v, void *arg)
{
	const struct evtchn_unmask *a = arg;
	struct event_port *p = event_used(v->domain->events, a->port);

	if (p == NULL)
		return -EINVAL;
	event_abi(v->domain->events)->unmask(v->domain->events, p, a->port);
	return 0;
}

/* Under the lock. */
static int event_reset_step(struct event_table *t)
{
	int rc = t != NULL ? event_close_step(t, false) : -ESRCH;

	if (rc != 0)
		return rc;
	__atomic_store_n(&t->abi, &event_2l, __ATOMIC_RELEASE);
	event_fifo_release(t);
	return 0;
}

static int event_reset(struct vcpu *v, void *arg)
{
	const struct evtchn_reset *a = arg;
	struct domain *d;
	int rc = domain_target(v, a->dom, &d);

	if (rc != 0)
		return rc;
	spin_lock(&event_lock);
	rc = event_reset_step(d->events);
	spin_unlock(&event_lock);
	domain_put(d);
	return rc;
}

static int event_init_control(struct vcpu *v, void *arg)
{
	struct evtchn_init_control *a = arg;
	mfn_t mfn;
	int rc;

	a->link_bits = EVTCHN_FIFO_LINK_BITS;
	if (a->vcpu >= v->domain->vcpu_max)
		return -ENOENT;
	if (a->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || a->offset % 8 != 0)
		return -EINVAL;
	rc = guest_own_frame(v->domain, a->control_gfn, true, &mfn);
	if (rc != 0)
		return -EINVAL;
	spin_lock(&event_lock);
	rc = event_fifo_control_set(v->domain->events, mfn, a->offset, a->vcpu);
	spin_unlock(&event_lock);
	if (rc != 0)
		p2m_put_frame(mfn);
	return rc;
}

static int event_expand_array(struct vcpu *v, void *arg)
{
	const struct evtchn_expand_array *a = arg;
	mfn_t mfn;
	int rc = guest_own_frame(v->domain, a->array_gfn, true, &mfn);

	if (rc != 0)
		return -EINVAL;
	spin_lock(&event_lock);
	rc = event_fifo_array_add(v->domain->events, mfn);
	spin_unlock(&event_lock);
	if (rc != 0)
		p2m_put_frame(mfn);
	return rc;
}

static int event_set_priority(struct vcpu *v, void *arg)
{
	const struct evtchn_set_priority *a = arg;
	struct event_port *p = event_used(v->domain->events, a->port);

	if (p == NULL)
		return -EINVAL;
	return event_abi(v->domain->events)->set_priority(p, a->priority);
}

#define EVENT_OP(name, fn, out) [EVTCHNOP_##name] = {fn, sizeof(struct evtchn_##name), (out), false}

static const struct sub_op event_ops[] = {
	EVENT_OP(bind_interdomain, event_bind_interdomain, true),
	EVENT_OP(bind_virq, event_bind_virq, true),
	EVENT_OP(bind_pirq, event_bind_pirq, true),
	EVENT_OP(close, event_close, false),
	EVENT_OP(send, event_op_send, false),
	EVENT_OP(status, event_status, true),
	EVENT_OP(alloc_unbound, event_alloc_unbound, true),
	EVENT_OP(bind_ipi, event_bind_ipi, true),
	EVENT_OP(bind_vcpu, event_bind_vcpu, false),
	EVENT_OP(unmask, event_unmask, false),
	EVENT_OP(reset, event_reset, false),
	EVENT_OP(init_control, event_init_control, true),
	EVENT_OP(expand_array, event_expand_array, false),
	EVENT_OP(set_priority, event_set_priority, false),
};

long event_channel_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	return sub_op_call(event_ops, ARRAY_SIZE(event_ops), v, args);
}

/* --- Life. --- */

int event_create(struct domain *d)
{
	struct event_table *t = hv_alloc(sizeof(*t));

	if (t == NULL)
		return -ENOMEM;
	t->virq = hv_alloc_array(d->vcpu_max * NR_VIRQS, sizeof(*t->virq));
	if (t->virq == NULL) {
		hv_free(t);
		return -ENOMEM;
	}
	t->domain = d;
	t->abi = &event_2l;
	t->last_port = EVENT_PORTS_MAX - 1;
	t->free_hint = 1;
	d->events = t;
	return 0;
}

void event_set_max_port(struct domain *d, uint32_t last)
{
	spin_lock(&event_lock);
	d->events->last_port = MIN(last, EVENT_PORTS_MAX - 1);
	spin_unlock(&event_lock);
}

static void event_table_unused(struct rcu_head *head)
{
	struct event_table *t = container_of(head, struct event_table, rcu);

	__atomic_store_n(&t->unused, true, __ATOMIC_RELEASE);
}

static void event_table_free(struct event_table *t)
{
	event_fifo_release(t);
	for (uint32_t i = 0; i < EVENT_BUCKETS; i++)
		hv_free(t->bucket[i]);
	hv_free(t->virq);
	hv_free(t);
}

/* All ports closed and the table out of sight, so that no new sender finds a way. */
static int event_hide(struct domain *d, struct event_table *t)
{
	int rc;

	spin_lock(&event_lock);
	if (!t->closed)
		t->reset_next = 0;
	t->closed = true;
	rc = event_close_step(t, true);
	if (rc == 0) {
		d->abi->events_dying = t;
		rcu_assign(d->events, NULL);
	}
	spin_unlock(&event_lock);
	if (rc != 0)
		return rc;
	if (__atomic_load_n(&d->state, __ATOMIC_ACQUIRE) == DOMAIN_BUILDING)
		t->unused = true; /* it was never found by anybody */
	else
		rcu_call(&t->rcu, event_table_unused);
	return 0;
}

int event_destroy(struct domain *d)
{
	int rc = d->events != NULL ? event_hide(d, d->events) : 0;
	struct event_table *t = d->abi != NULL ? d->abi->events_dying : NULL;

	if (rc != 0 || t == NULL)
		return rc;
	/* Those that were on their way pass first. */
	if (!__atomic_load_n(&t->unused, __ATOMIC_ACQUIRE))
		return -ERESTART;
	d->abi->events_dying = NULL;
	event_table_free(t);
	return 0;
}
