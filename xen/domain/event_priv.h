/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by event.c, event_2l.c and event_fifo.c. */
#ifndef EVENT_PRIV_H
#define EVENT_PRIV_H

#include <hv/event.h>
#include <xen/xen.h>
#include "domain_priv.h"

enum event_state {
	EVENT_FREE,
	EVENT_UNBOUND,	   /* domid: who may connect */
	EVENT_INTERDOMAIN, /* domid, value: the other side's port */
	EVENT_VIRQ,	   /* value: VIRQ_* */
	EVENT_IPI,
	EVENT_HYPERVISOR_UNBOUND, /* as UNBOUND and INTERDOMAIN, with a function on this side */
	EVENT_HYPERVISOR,
};

/* Read and written as one. */
union event_binding {
	struct {
		uint8_t state; /* enum event_state */
		uint8_t spare;
		domid_t domid;
		uint32_t value;
	};
	uint64_t word;
};
BUILD_ASSERT(sizeof(union event_binding) == 8);

struct event_port {
	uint64_t binding;   /* atomic: union event_binding */
	event_fn fn;	    /* EVENT_HYPERVISOR* */
	uint16_t vcpu;	    /* atomic: whom it notifies */
	uint8_t priority;   /* FIFO: atomic */
	bool early;	    /* FIFO, atomic: pending before the guest gave the word's page */
	uint16_t last_vcpu; /* FIFO: the queue that it was last put in; under the queue lock */
	uint8_t last_priority;
};

#define EVENT_BUCKET_PORTS 128u
#define EVENT_BUCKETS	   (EVENT_PORTS_MAX / EVENT_BUCKET_PORTS)

struct event_abi;
struct event_fifo;

struct event_table {
	const struct event_abi *abi; /* atomic */
	struct event_fifo *fifo;     /* atomic; NULL until the guest asks for it */
	struct domain *domain;
	uint32_t last_port;  /* EVENT_PORTS_MAX - 1, or what the toolstack says */
	uint32_t free_hint;  /* no port below is free */
	uint32_t reset_next; /* how far a reset has come, in buckets */
	uint32_t pollers;    /* atomic: vcpus in SCHEDOP_poll */
	bool closed, unused; /* being destroyed: no port is given out; no sender can be inside */
	struct rcu_head rcu;
	uint32_t *virq;				  /* ports, by vcpu and VIRQ; atomic */
	struct event_port *bucket[EVENT_BUCKETS]; /* atomic; never taken out */
};

/* The two ABIs. All are called without a lock, from any context, for ports in use. */
struct event_abi {
	uint32_t ports;
	void (*raise)(struct event_table *t, struct event_port *p, uint32_t port);
	void (*clear)(struct event_table *t, struct event_port *p, uint32_t port);
	void (*unmask)(struct event_table *t, struct event_port *p, uint32_t port);
	bool (*pending)(struct event_table *t, const struct event_port *p, uint32_t port);
	bool (*busy)(struct event_table *t, uint32_t port); /* a closed port that cannot be given away yet */
	int (*set_priority)(struct event_port *p, uint32_t priority);
};

extern const struct event_abi event_2l;
extern const struct event_abi event_fifo_abi;

/* The port's entry, in use or not; NULL beyond what the domain has. O(1), no lock. */
struct event_port *event_port_at(struct event_table *t, uint32_t port);

/* Sets the upcall bit of vcpu_info, and tells the vcpu when it was not set. Any context. */
void event_upcall_set(struct vcpu *v);

/*
 * EVTCHNOP_init_control and _expand_array, in two steps, because the frame must be
 * had before the event lock: then the frame is the FIFO's, or -errno and it is
 * still the caller's. Under the event lock.
 */
int event_fifo_control_set(struct event_table *t, mfn_t mfn, uint32_t offset, uint32_t vcpu) __must_check;
int event_fifo_array_add(struct event_table *t, mfn_t mfn) __must_check;

/* No FIFO any more; the guest's frames are given back when no sender can be inside. Under the event lock. */
void event_fifo_release(struct event_table *t);

#endif
