/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels: one bit from a domain, a virtual interrupt or a vcpu to a
 * vcpu. Source: public/event_channel.h; both of its ABIs, 2-level and FIFO.
 *
 * A port's binding is one 64-bit word, so that whoever sends reads it without a
 * lock; bindings change under one lock for all domains (LOCK_RANK_EVENT). What
 * the guest shares (pending and mask bits, FIFO words and control blocks) is
 * hostile: it is only ever changed by atomic operations, and no index read from
 * it is used beyond its own array.
 *
 * An event that is sent while its channel is being closed may still arrive.
 */
#ifndef HV_EVENT_H
#define HV_EVENT_H

#include <hv/domain.h>

/* Ports that a domain may use; port 0 never is one. */
#define EVENT_PORTS_MAX 131072u

/* After the domain's vcpus and shared info. -ENOMEM. */
int event_create(struct domain *d) __must_check;

/* Closes everything. -ERESTART until nobody can be sending to the domain any more. */
int event_destroy(struct domain *d) __must_check;

/* VIRQ_* of public/xen.h, those that a vcpu has of its own. Any context; nothing happens when it is not bound. */
void event_send_virq(struct vcpu *v, uint32_t virq);

/* The others: to dom0, wherever it bound them. Any context. */
void event_send_virq_global(uint32_t virq);

/* Number of ports that a domain may use from now on (XEN_DOMCTL_set_max_evtchn). */
void event_set_max_port(struct domain *d, uint32_t last);

/*
 * A channel of the hypervisor itself (device models): bound to nobody yet, for
 * `remote` to connect to; what arrives calls fn on the sender's processor.
 * -ENOSPC, -ENOMEM, -EINVAL.
 */
typedef void (*event_fn)(struct vcpu *v, uint32_t port);
int event_hypervisor_bind(struct vcpu *v, domid_t remote, event_fn fn, uint32_t *ret_port) __must_check;
void event_hypervisor_close(struct domain *d, uint32_t port);
/* To the other side of it. Any context. */
void event_hypervisor_send(struct domain *d, uint32_t port);

/* The vcpu has an upcall to take: its vcpu_info says so. Any context. */
bool event_upcall_pending(const struct vcpu *v);

/*
 * The vector that must be injected for it beside the local APIC
 * (HVM_PARAM_CALLBACK_IRQ of the vector kind; no EOI follows), or -1: there is
 * nothing pending, or it went through the vlapic (HVMOP_set_evtchn_upcall_vector).
 */
int event_callback_vector(const struct vcpu *v);

/* Its vcpu_info or its upcall vector has just been set: everything is looked at again by the guest. */
void event_upcall_again(struct vcpu *v);

/* For SCHEDOP_poll. -EINVAL when one is no port that the domain uses, 1 when pending, else 0. */
int event_port_pending(struct domain *d, uint32_t port) __must_check;

#endif
