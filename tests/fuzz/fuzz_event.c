/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any sequence of event channel operations of two domains, 16 bytes each, between
 * which the domains write anything into what they share. Nothing leaks, no check
 * of the hypervisor's own fails, and the domains can be ended.
 */
#include <stddef.h>
#include <string.h>
#include <hv/event.h>
#include <hv/frame.h>
#include <hv/p2m.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/vcpu.h>
#include "domain_host.h"

#define STEPS_MAX 300
#define FRAMES	  24
#define VCPUS	  3

struct step {
	uint8_t op, who, vcpu, small;
	uint16_t port, other;
	uint32_t a, b;
};

static void event_call(struct vcpu *v, unsigned int cmd, const void *arg, size_t bytes)
{
	memcpy(host_arg(), arg, bytes);
	(void)host_call(v, __HYPERVISOR_event_channel_op, cmd, HOST_ARG(host_arg()), 0);
}

/* The bytes as they are: every field of every operation may be anything. */
static void step_raw(struct vcpu *v, const struct step *s)
{
	uint8_t arg[32] = {0};

	memcpy(arg, &s->port, 12);
	event_call(v, s->small % 16, arg, sizeof(arg));
}

/* Values that make sense, so that the states behind are reached. */
static void step_bind(struct vcpu *v, const struct step *s)
{
	domid_t far = s->other & 1;
	struct evtchn_alloc_unbound u = {.dom = DOMID_SELF, .remote_dom = far};
	struct evtchn_bind_interdomain i = {.remote_dom = far, .remote_port = s->port % 64};
	struct evtchn_bind_virq q = {.virq = s->small % 24, .vcpu = s->vcpu % VCPUS};
	struct evtchn_bind_ipi p = {.vcpu = s->vcpu % VCPUS};
	struct evtchn_init_control c = {
		.control_gfn = HOST_GFN + s->small % 8, .offset = s->a % 2 * 128, .vcpu = s->vcpu % VCPUS};
	struct evtchn_expand_array e = {.array_gfn = HOST_GFN + 8 + s->small % 8};
	struct evtchn_set_priority r = {.port = s->port % 64, .priority = s->small % 16};

	switch (s->a >> 24 & 7) {
	case 0:
		return event_call(v, EVTCHNOP_alloc_unbound, &u, sizeof(u));
	case 1:
		return event_call(v, EVTCHNOP_bind_interdomain, &i, sizeof(i));
	case 2:
		return event_call(v, EVTCHNOP_bind_virq, &q, sizeof(q));
	case 3:
		return event_call(v, EVTCHNOP_bind_ipi, &p, sizeof(p));
	case 4:
		return event_call(v, EVTCHNOP_init_control, &c, sizeof(c));
	case 5:
		return event_call(v, EVTCHNOP_expand_array, &e, sizeof(e));
	default:
		return event_call(v, EVTCHNOP_set_priority, &r, sizeof(r));
	}
}

/* A word of the shared info page or of any frame. */
static void step_poke(struct domain *d, const struct step *s)
{
	char *page = s->small & 1 ? d->shared_info : host_frame(d, HOST_GFN + s->small / 2 % FRAMES);

	memcpy(page + s->port % 1024 * 4, &s->b, 4);
}

static void step(struct domain *d[2], const struct step *s)
{
	struct domain *who = d[s->who & 1];
	struct vcpu *v = who->vcpu[s->vcpu % VCPUS];
	struct vcpu_register_vcpu_info info = {.mfn = HOST_GFN + 20 + s->small % 4, .offset = s->other};
	uint32_t port = s->port % 64;

	switch (s->op % 8) {
	case 0:
		return step_raw(v, s);
	case 1:
	case 2:
		return step_bind(v, s);
	case 3:
		return event_call(v, EVTCHNOP_send, &port, sizeof(port));
	case 4:
		return event_call(v, EVTCHNOP_unmask, &port, sizeof(port));
	case 5:
		return event_call(v, EVTCHNOP_close, &port, sizeof(port));
	case 6:
		return step_poke(who, s);
	default:
		memcpy(host_arg(), &info, sizeof(info));
		(void)host_call(v, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, s->port % VCPUS,
			HOST_ARG(host_arg()));
		event_send_virq(v, s->small % 24);
		event_send_virq_global(s->small % 24);
		host_rcu();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct domain *d[2];
	struct step s;

	host_reset();
	d[0] = host_domain(0, VCPUS, FRAMES);
	d[1] = host_domain(1, VCPUS, FRAMES);
	for (unsigned int n = 0; n < STEPS_MAX && bytes >= sizeof(s); n++) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		bytes -= sizeof(s);
		step(d, &s);
	}
	host_check_leaks();
	return 0;
}
