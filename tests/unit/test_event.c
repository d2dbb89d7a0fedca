/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels as a guest sees them: both ABIs, every operation, hostile shared words. */
#include "domain_host.h"
#include "unit.h"
#include "unit_random.h"
#include <hv/event.h>
#include <hv/frame.h>
#include <hv/p2m.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

static struct domain *dom0, *dom1;

static int setup(void **state)
{
	(void)state;
	host_reset();
	dom0 = host_domain(0, 4, 64);
	dom1 = host_domain(1, 2, 64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_check_leaks();
	return 0;
}

static long op(struct domain *d, unsigned int cmd, void *arg, size_t bytes)
{
	long rc;

	memcpy(host_arg(), arg, bytes);
	rc = host_call(d->vcpu[0], __HYPERVISOR_event_channel_op, cmd, HOST_ARG(host_arg()), 0);
	memcpy(arg, host_arg(), bytes);
	return rc;
}
#define OP(d, name, a) op(d, EVTCHNOP_##name, a, sizeof(*(a)))

static uint32_t ipi(struct domain *d, uint32_t vcpu)
{
	struct evtchn_bind_ipi a = {.vcpu = vcpu};

	assert_int_equal(OP(d, bind_ipi, &a), 0);
	return a.port;
}

static long send(struct domain *d, uint32_t port)
{
	struct evtchn_send a = {.port = port};

	return OP(d, send, &a);
}

static long close_port(struct domain *d, uint32_t port)
{
	struct evtchn_close a = {.port = port};

	return OP(d, close, &a);
}

static uint32_t status(struct domain *d, uint32_t port)
{
	struct evtchn_status a = {.dom = DOMID_SELF, .port = port};

	assert_int_equal(OP(d, status, &a), 0);
	return a.status;
}

static uint32_t unbound(struct domain *d, domid_t remote)
{
	struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = remote};

	assert_int_equal(OP(d, alloc_unbound, &a), 0);
	return a.port;
}

static uint32_t interdomain(struct domain *d, domid_t remote, uint32_t port)
{
	struct evtchn_bind_interdomain a = {.remote_dom = remote, .remote_port = port};

	assert_int_equal(OP(d, bind_interdomain, &a), 0);
	return a.local_port;
}

static struct shared_info *shared(struct domain *d)
{
	return d->shared_info;
}

static struct vcpu_info *info(struct domain *d, uint32_t vcpu)
{
	return d->vcpu[vcpu]->info;
}

static bool pending(struct domain *d, uint32_t port)
{
	return (shared(d)->evtchn_pending[port / 64] >> (port % 64)) & 1;
}

/* --- Binding. --- */

static void test_ports_are_given_out_lowest_first(void **state)
{
	(void)state;
	assert_int_equal(ipi(dom0, 0), 1);
	assert_int_equal(ipi(dom0, 1), 2);
	assert_int_equal(ipi(dom0, 3), 3);
	assert_int_equal(close_port(dom0, 2), 0);
	assert_int_equal(ipi(dom0, 0), 2);
	assert_int_equal(ipi(dom0, 0), 4);
}

static void test_bad_arguments(void **state)
{
	struct evtchn_bind_ipi bi = {.vcpu = 4};
	struct evtchn_bind_virq bv = {.virq = NR_VIRQS};
	struct evtchn_bind_vcpu bc = {.port = 1, .vcpu = 4};
	struct evtchn_status st = {.dom = 7, .port = 1};
	struct evtchn_bind_pirq bp = {.pirq = 3};

	(void)state;
	assert_int_equal(OP(dom0, bind_ipi, &bi), -ENOENT);
	assert_int_equal(OP(dom0, bind_virq, &bv), -EINVAL);
	bv = (struct evtchn_bind_virq){.virq = VIRQ_TIMER, .vcpu = 4};
	assert_int_equal(OP(dom0, bind_virq, &bv), -ENOENT);
	bv = (struct evtchn_bind_virq){.virq = VIRQ_CONSOLE, .vcpu = 1};
	assert_int_equal(OP(dom0, bind_virq, &bv), -EINVAL);
	assert_int_equal(OP(dom0, bind_vcpu, &bc), -ENOENT);
	assert_int_equal(OP(dom0, bind_pirq, &bp), -EINVAL);
	assert_int_equal(OP(dom0, status, &st), -ESRCH);
	assert_int_equal(OP(dom1, status, &st), -EPERM);
	st = (struct evtchn_status){.dom = DOMID_SELF, .port = EVENT_PORTS_MAX};
	assert_int_equal(OP(dom0, status, &st), -EINVAL);
	for (uint32_t port = 0; port < 3; port++) {
		assert_int_equal(send(dom0, port * 0x10000), -EINVAL);
		assert_int_equal(close_port(dom0, port * 0x10000), -EINVAL);
	}
	assert_int_equal(send(dom0, UINT32_MAX), -EINVAL);
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_event_channel_op, 99, HOST_ARG(host_arg()), 0),
		-ENOSYS);
	assert_int_equal(
		host_call(dom0->vcpu[0], __HYPERVISOR_event_channel_op, EVTCHNOP_send, 0x1000, 0), -EFAULT);
}

static void test_virq_is_bound_once_and_sent(void **state)
{
	struct evtchn_bind_virq a = {.virq = VIRQ_TIMER, .vcpu = 2};

	(void)state;
	event_send_virq(dom0->vcpu[2], VIRQ_TIMER);
	assert_int_equal(OP(dom0, bind_virq, &a), 0);
	assert_false(pending(dom0, a.port));
	event_send_virq(dom0->vcpu[2], VIRQ_TIMER);
	assert_true(pending(dom0, a.port));
	assert_int_equal(info(dom0, 2)->evtchn_upcall_pending, 1);
	assert_int_equal(info(dom0, 0)->evtchn_upcall_pending, 0);
	assert_int_equal(OP(dom0, bind_virq, &a), -EEXIST);
	assert_int_equal(status(dom0, a.port), EVTCHNSTAT_virq);
	assert_int_equal(close_port(dom0, a.port), 0);
	assert_false(pending(dom0, a.port));
	event_send_virq(dom0->vcpu[2], VIRQ_TIMER);
	assert_false(pending(dom0, a.port));
	assert_int_equal(OP(dom0, bind_virq, &a), 0);
}

static void test_global_virq_goes_to_dom0_only(void **state)
{
	struct evtchn_bind_virq a = {.virq = VIRQ_DOM_EXC}, b = a;

	(void)state;
	assert_int_equal(OP(dom1, bind_virq, &b), 0);
	assert_int_equal(OP(dom0, bind_virq, &a), 0);
	event_send_virq_global(VIRQ_DOM_EXC);
	assert_true(pending(dom0, a.port));
	assert_false(pending(dom1, b.port));
}

static void test_interdomain(void **state)
{
	uint32_t far = unbound(dom1, 0), near = interdomain(dom0, 1, far);

	(void)state;
	/* A new channel notifies its own side, so that nothing sent before is lost. */
	assert_true(pending(dom0, near));
	assert_false(pending(dom1, far));
	assert_int_equal(send(dom0, near), 0);
	assert_true(pending(dom1, far));
	shared(dom0)->evtchn_pending[0] = 0;
	assert_int_equal(send(dom1, far), 0);
	assert_true(pending(dom0, near));
	assert_int_equal(status(dom1, far), EVTCHNSTAT_interdomain);
	assert_int_equal(close_port(dom0, near), 0);
	assert_int_equal(status(dom1, far), EVTCHNSTAT_unbound);
	/* Nobody there: sent and gone. */
	assert_int_equal(send(dom1, far), 0);
	near = interdomain(dom0, 1, far);
	assert_int_equal(status(dom1, far), EVTCHNSTAT_interdomain);
}

static void test_interdomain_is_refused_to_others(void **state)
{
	struct evtchn_bind_interdomain a = {.remote_dom = 0};
	struct evtchn_alloc_unbound u = {.dom = 0, .remote_dom = 1};
	uint32_t mine = unbound(dom0, 5), taken = unbound(dom0, 1);

	(void)state;
	a.remote_port = mine;
	assert_int_equal(OP(dom1, bind_interdomain, &a), -EINVAL);
	a.remote_port = 77;
	assert_int_equal(OP(dom1, bind_interdomain, &a), -EINVAL);
	a.remote_dom = 9;
	assert_int_equal(OP(dom1, bind_interdomain, &a), -ESRCH);
	(void)interdomain(dom1, 0, taken);
	a = (struct evtchn_bind_interdomain){.remote_dom = 0, .remote_port = taken};
	assert_int_equal(OP(dom1, bind_interdomain, &a), -EINVAL);
	/* A failed connection keeps no port. */
	assert_int_equal(ipi(dom1, 0), 2);
	assert_int_equal(OP(dom1, alloc_unbound, &u), -EPERM);
	u = (struct evtchn_alloc_unbound){.dom = 1, .remote_dom = 0};
	assert_int_equal(OP(dom0, alloc_unbound, &u), 0);
	assert_int_equal(u.port, 3);
}

static void test_loopback(void **state)
{
	uint32_t far = unbound(dom1, DOMID_SELF), near = interdomain(dom1, DOMID_SELF, far);

	(void)state;
	assert_int_equal(send(dom1, near), 0);
	assert_true(pending(dom1, far));
	assert_int_equal(close_port(dom1, far), 0);
	assert_int_equal(status(dom1, near), EVTCHNSTAT_unbound);
}

static void test_end_of_a_domain_frees_the_other_side(void **state)
{
	uint32_t far = unbound(dom1, 0), near = interdomain(dom0, 1, far);

	(void)state;
	host_domain_end(dom1);
	assert_int_equal(status(dom0, near), EVTCHNSTAT_unbound);
	assert_int_equal(send(dom0, near), 0);
	dom1 = host_domain(1, 1, 0);
	assert_int_equal(status(dom0, near), EVTCHNSTAT_unbound);
}

static void test_bind_vcpu(void **state)
{
	struct evtchn_bind_vcpu a = {.port = unbound(dom0, 1), .vcpu = 3};
	struct evtchn_bind_virq t = {.virq = VIRQ_TIMER}, c = {.virq = VIRQ_CONSOLE};

	(void)state;
	assert_int_equal(OP(dom0, bind_vcpu, &a), 0);
	(void)interdomain(dom1, 0, a.port);
	assert_int_equal(send(dom1, 1), 0);
	assert_int_equal(info(dom0, 3)->evtchn_upcall_pending, 1);
	assert_int_equal(info(dom0, 0)->evtchn_upcall_pending, 0);
	assert_int_equal(OP(dom0, bind_virq, &t), 0);
	assert_int_equal(OP(dom0, bind_virq, &c), 0);
	a.port = t.port;
	assert_int_equal(OP(dom0, bind_vcpu, &a), -EINVAL);
	a.port = c.port;
	assert_int_equal(OP(dom0, bind_vcpu, &a), 0);
	a.port = ipi(dom0, 0);
	assert_int_equal(OP(dom0, bind_vcpu, &a), -EINVAL);
}

static unsigned int told;

static void tell(struct vcpu *v, uint32_t port)
{
	assert_ptr_equal(v, dom1->vcpu[1]);
	assert_true(port != 0);
	told++;
}

static void test_hypervisor_channel(void **state)
{
	uint32_t port, near;

	(void)state;
	told = 0;
	assert_int_equal(event_hypervisor_bind(dom1->vcpu[1], 0, tell, &port), 0);
	near = interdomain(dom0, 1, port);
	assert_int_equal(send(dom0, near), 0);
	assert_int_equal(told, 1);
	/* The guest that it belongs to can neither use nor close it. */
	assert_int_equal(send(dom1, port), -EINVAL);
	assert_int_equal(close_port(dom1, port), -EINVAL);
	shared(dom0)->evtchn_pending[0] = 0;
	event_hypervisor_send(dom1, port);
	assert_true(pending(dom0, near));
	event_hypervisor_close(dom1, port);
	assert_int_equal(send(dom0, near), 0);
	assert_int_equal(told, 1);
}

/* --- The 2-level ABI. --- */

static void test_2l_levels(void **state)
{
	uint32_t port = ipi(dom0, 0);
	struct evtchn_unmask u = {.port = port};

	(void)state;
	shared(dom0)->evtchn_mask[0] = 1UL << port;
	assert_int_equal(send(dom0, port), 0);
	assert_true(pending(dom0, port));
	assert_int_equal(info(dom0, 0)->evtchn_pending_sel, 0);
	assert_int_equal(OP(dom0, unmask, &u), 0);
	assert_int_equal(shared(dom0)->evtchn_mask[0], 0);
	assert_int_equal(info(dom0, 0)->evtchn_pending_sel, 1);
	assert_int_equal(info(dom0, 0)->evtchn_upcall_pending, 1);
	/* Once set, it is not told again. */
	info(dom0, 0)->evtchn_upcall_pending = 0;
	assert_int_equal(send(dom0, port), 0);
	assert_int_equal(info(dom0, 0)->evtchn_upcall_pending, 0);
}

static void test_2l_has_4095_ports(void **state)
{
	struct evtchn_bind_ipi a = {.vcpu = 0};
	long rc = 0;
	uint32_t n;

	(void)state;
	for (n = 0; rc == 0; n++)
		rc = OP(dom0, bind_ipi, &a);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(n - 1, 4095);
	assert_int_equal(send(dom0, 4095), 0);
	assert_true(pending(dom0, 4095));
	event_set_max_port(dom1, 2);
	(void)ipi(dom1, 0);
	(void)ipi(dom1, 0);
	assert_int_equal(OP(dom1, bind_ipi, &a), -ENOSPC);
}

/* --- Upcalls. --- */

static void test_upcall_vector(void **state)
{
	struct xen_hvm_evtchn_upcall_vector a = {.vcpu = 1, .vector = 0xf3};
	uint32_t port = ipi(dom0, 1);

	(void)state;
	memcpy(host_arg(), &a, sizeof(a));
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
				 HOST_ARG(host_arg()), 0),
		0);
	assert_int_equal(host.vectors, 0);
	assert_int_equal(send(dom0, port), 0);
	assert_int_equal(host.vectors, 1);
	assert_int_equal(host.last_vector, 0xf3);
	assert_ptr_equal(host.last_vector_vcpu, dom0->vcpu[1]);
	assert_int_equal(event_callback_vector(dom0->vcpu[1]), -1);
	assert_int_equal(send(dom0, port), 0);
	assert_int_equal(host.vectors, 1);
}

static void test_callback_vector(void **state)
{
	struct xen_hvm_param a = {.domid = DOMID_SELF,
		.index = HVM_PARAM_CALLBACK_IRQ,
		.value = (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | 0xf2};
	uint32_t port = ipi(dom1, 0);

	(void)state;
	memcpy(host_arg(), &a, sizeof(a));
	assert_int_equal(
		host_call(dom1->vcpu[0], __HYPERVISOR_hvm_op, HVMOP_set_param, HOST_ARG(host_arg()), 0), 0);
	assert_int_equal(event_callback_vector(dom1->vcpu[0]), -1);
	assert_int_equal(send(dom1, port), 0);
	assert_int_equal(event_callback_vector(dom1->vcpu[0]), 0xf2);
	info(dom1, 0)->evtchn_upcall_pending = 0;
	assert_int_equal(event_callback_vector(dom1->vcpu[0]), -1);
}

static void test_vcpu_info_moves(void **state)
{
	struct vcpu_register_vcpu_info a = {.mfn = HOST_GFN + 3, .offset = 64};
	struct vcpu_info *old = info(dom0, 1), *new;
	uint32_t port = ipi(dom0, 1);

	(void)state;
	assert_int_equal(send(dom0, port), 0);
	memcpy(host_arg(), &a, sizeof(a));
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1,
				 HOST_ARG(host_arg())),
		0);
	new = info(dom0, 1);
	assert_ptr_not_equal(new, old);
	assert_ptr_equal(new, (char *)host_frame(dom0, HOST_GFN + 3) + 64);
	/* Everything is looked at again, whatever was lost on the way. */
	assert_int_equal(new->evtchn_upcall_pending, 1);
	assert_int_equal(new->evtchn_pending_sel, ~0UL);
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1,
				 HOST_ARG(host_arg())),
		-EINVAL);
	a.offset = PAGE_SIZE - 32;
	memcpy(host_arg(), &a, sizeof(a));
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 2,
				 HOST_ARG(host_arg())),
		-EINVAL);
}

/* --- The FIFO ABI, with the guest's side as Linux has it. --- */

#define CONTROL_GFN (HOST_GFN + 8)
#define ARRAY_GFN   (HOST_GFN + 16)

static struct evtchn_fifo_control_block *control(struct domain *d, uint32_t vcpu)
{
	return host_frame(d, CONTROL_GFN + vcpu);
}

static event_word_t *word(struct domain *d, uint32_t port)
{
	return (event_word_t *)host_frame(d, ARRAY_GFN + port / 1024) + port % 1024;
}

static void fifo_control(struct domain *d)
{
	for (uint32_t i = 0; i < d->vcpu_max; i++) {
		struct evtchn_init_control a = {.control_gfn = CONTROL_GFN + i, .vcpu = i};

		assert_int_equal(OP(d, init_control, &a), 0);
		assert_int_equal(a.link_bits, 17);
	}
}

static void fifo_array(struct domain *d, uint32_t frames)
{
	for (uint32_t i = 0; i < frames; i++) {
		struct evtchn_expand_array a = {.array_gfn = ARRAY_GFN + i};

		assert_int_equal(OP(d, expand_array, &a), 0);
	}
}

/* Takes the head of a queue as public/event_channel.h says; 0 when it is empty. */
static uint32_t take(struct domain *d, uint32_t vcpu, uint32_t queue, uint32_t *head)
{
	struct evtchn_fifo_control_block *c = control(d, vcpu);
	uint32_t port = *head != 0 ? *head : c->head[queue];

	if (port == 0)
		return 0;
	*head = *word(d, port) & EVTCHN_FIFO_LINK_MASK;
	*word(d, port) &= ~((1u << EVTCHN_FIFO_LINKED) | EVTCHN_FIFO_LINK_MASK);
	*word(d, port) &= ~(1u << EVTCHN_FIFO_PENDING);
	if (*head == 0)
		c->ready &= ~(1u << queue);
	return port;
}

static void unmask(struct domain *d, uint32_t port)
{
	struct evtchn_unmask a = {.port = port};

	assert_int_equal(OP(d, unmask, &a), 0);
}

static void test_fifo_order(void **state)
{
	uint32_t head = 0, port[4];

	(void)state;
	fifo_control(dom0);
	fifo_array(dom0, 1);
	for (int i = 0; i < 4; i++) {
		port[i] = ipi(dom0, 1);
		unmask(dom0, port[i]);
	}
	for (int i = 3; i >= 0; i--)
		assert_int_equal(send(dom0, port[i]), 0);
	assert_int_equal(control(dom0, 1)->ready, 1u << EVTCHN_FIFO_PRIORITY_DEFAULT);
	assert_int_equal(info(dom0, 1)->evtchn_upcall_pending, 1);
	assert_int_equal(send(dom0, port[2]), 0);
	for (int i = 3; i >= 0; i--)
		assert_int_equal(take(dom0, 1, EVTCHN_FIFO_PRIORITY_DEFAULT, &head), port[i]);
	assert_int_equal(head, 0);
	assert_int_equal(control(dom0, 1)->ready, 0);
	/* The queue is empty, and is used again from its start. */
	assert_int_equal(send(dom0, port[1]), 0);
	assert_int_equal(take(dom0, 1, EVTCHN_FIFO_PRIORITY_DEFAULT, &head), port[1]);
}

static void test_fifo_priority(void **state)
{
	uint32_t port, head = 0;
	struct evtchn_set_priority a;

	(void)state;
	port = ipi(dom0, 0);
	a = (struct evtchn_set_priority){.port = port, .priority = 3};
	assert_int_equal(OP(dom0, set_priority, &a), -ENOSYS);
	fifo_control(dom0);
	fifo_array(dom0, 1);
	assert_int_equal(OP(dom0, set_priority, &a), 0);
	a.priority = 16;
	assert_int_equal(OP(dom0, set_priority, &a), -EINVAL);
	unmask(dom0, port);
	assert_int_equal(send(dom0, port), 0);
	assert_int_equal(control(dom0, 0)->ready, 1u << 3);
	assert_int_equal(take(dom0, 0, 3, &head), port);
}

static void test_fifo_masked_and_early(void **state)
{
	uint32_t first = ipi(dom0, 0), head = 0, second;

	(void)state;
	/* Pending in the old ABI, before there were words. */
	assert_int_equal(send(dom0, first), 0);
	fifo_control(dom0);
	second = ipi(dom0, 0);
	assert_int_equal(send(dom0, second), 0);
	fifo_array(dom0, 1);
	assert_int_equal(*word(dom0, first), 1u << EVTCHN_FIFO_MASKED | 1u << EVTCHN_FIFO_PENDING);
	assert_int_equal(*word(dom0, second), 1u << EVTCHN_FIFO_MASKED | 1u << EVTCHN_FIFO_PENDING);
	assert_int_equal(control(dom0, 0)->ready, 0);
	unmask(dom0, second);
	unmask(dom0, first);
	assert_int_equal(take(dom0, 0, 7, &head), second);
	assert_int_equal(take(dom0, 0, 7, &head), first);
}

static void test_fifo_refusals(void **state)
{
	struct evtchn_init_control c = {.control_gfn = CONTROL_GFN, .vcpu = 0};
	struct evtchn_expand_array e = {.array_gfn = ARRAY_GFN};

	(void)state;
	assert_int_equal(OP(dom0, expand_array, &e), -EOPNOTSUPP);
	c.offset = 4;
	assert_int_equal(OP(dom0, init_control, &c), -EINVAL);
	c.offset = PAGE_SIZE - 64;
	assert_int_equal(OP(dom0, init_control, &c), -EINVAL);
	c.offset = 8;
	c.vcpu = 4;
	assert_int_equal(OP(dom0, init_control, &c), -ENOENT);
	c.vcpu = 0;
	c.control_gfn = 0x7777;
	assert_int_equal(OP(dom0, init_control, &c), -EINVAL);
	c.control_gfn = CONTROL_GFN;
	assert_int_equal(OP(dom0, init_control, &c), 0);
	assert_int_equal(OP(dom0, init_control, &c), -EINVAL);
	e.array_gfn = 0x7777;
	assert_int_equal(OP(dom0, expand_array, &e), -EINVAL);
	event_set_max_port(dom0, 1023);
	fifo_array(dom0, 1);
	e.array_gfn = ARRAY_GFN;
	assert_int_equal(OP(dom0, expand_array, &e), -ENOSPC);
}

static void test_fifo_frames_are_held(void **state)
{
	uint32_t refs = host_frame_refs(dom0, CONTROL_GFN);

	(void)state;
	fifo_control(dom0);
	fifo_array(dom0, 1);
	assert_int_equal(host_frame_refs(dom0, CONTROL_GFN), refs + 1);
	assert_int_equal(host_frame_refs(dom0, ARRAY_GFN), refs + 1);
}

static void test_fifo_reset_gives_all_back(void **state)
{
	struct evtchn_reset a = {.dom = DOMID_SELF};
	uint32_t refs = host_frame_refs(dom0, CONTROL_GFN), port;

	(void)state;
	fifo_control(dom0);
	fifo_array(dom0, 2);
	/* Two steps' worth of them. */
	for (uint32_t i = 0; i < 33 * 128; i++)
		(void)ipi(dom0, 0);
	assert_int_equal(OP(dom0, reset, &a), 0);
	assert_int_equal(host.calls_again, 1);
	host_rcu();
	assert_int_equal(host_frame_refs(dom0, CONTROL_GFN), refs);
	assert_int_equal(host_frame_refs(dom0, ARRAY_GFN + 1), refs);
	port = ipi(dom0, 0);
	assert_int_equal(port, 1);
	assert_int_equal(send(dom0, port), 0);
	assert_true(pending(dom0, port));
	fifo_control(dom0);
}

static void test_fifo_closed_port_in_a_queue_is_not_given_out(void **state)
{
	uint32_t port, head = 0;

	(void)state;
	fifo_control(dom0);
	fifo_array(dom0, 1);
	port = ipi(dom0, 0);
	unmask(dom0, port);
	assert_int_equal(send(dom0, port), 0);
	assert_int_equal(close_port(dom0, port), 0);
	assert_int_equal(ipi(dom0, 0), port + 1);
	assert_int_equal(take(dom0, 0, 7, &head), port);
	assert_int_equal(close_port(dom0, port + 1), 0);
	assert_int_equal(ipi(dom0, 0), port + 1 - (uint32_t)(port == 1));
}

static void test_fifo_moved_tail(void **state)
{
	uint32_t a, b, head = 0;
	struct evtchn_set_priority p;

	(void)state;
	fifo_control(dom0);
	fifo_array(dom0, 1);
	a = ipi(dom0, 0);
	b = ipi(dom0, 0);
	unmask(dom0, a);
	unmask(dom0, b);
	assert_int_equal(send(dom0, a), 0);
	assert_int_equal(take(dom0, 0, 7, &head), a);
	/* a was the tail of queue 7 and goes to queue 2: b must not be linked behind it. */
	p = (struct evtchn_set_priority){.port = a, .priority = 2};
	assert_int_equal(OP(dom0, set_priority, &p), 0);
	assert_int_equal(send(dom0, a), 0);
	assert_int_equal(send(dom0, b), 0);
	assert_int_equal(control(dom0, 0)->ready, 1u << 2 | 1u << 7);
	assert_int_equal(take(dom0, 0, 7, &head), b);
	assert_int_equal(head, 0);
	assert_int_equal(take(dom0, 0, 2, &head), a);
	assert_int_equal(head, 0);
}

/* Nothing of what a guest writes into its words, control block and info harms anything but its own events. */
static void test_fifo_hostile_guest(void **state)
{
	uint32_t seed = 7, port[32];

	(void)state;
	fifo_control(dom0);
	fifo_array(dom0, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(port); i++)
		port[i] = ipi(dom0, i % 4);
	for (unsigned int i = 0; i < 20000; i++) {
		event_word_t *words = host_frame(dom0, ARRAY_GFN);
		uint32_t *block = (uint32_t *)control(dom0, unit_random(&seed) % 4);

		words[unit_random(&seed) % 40] = unit_random(&seed);
		block[unit_random(&seed) % 18] = unit_random(&seed);
		*((uint32_t *)info(dom0, 0) + unit_random(&seed) % 16) = unit_random(&seed);
		assert_int_equal(send(dom0, port[unit_random(&seed) % 32]), 0);
		if (i % 7 == 0)
			unmask(dom0, port[unit_random(&seed) % 32]);
	}
	/* A sane word works again. */
	memset(host_frame(dom0, ARRAY_GFN), 0, PAGE_SIZE);
	memset(control(dom0, 0), 0, sizeof(struct evtchn_fifo_control_block));
	assert_int_equal(send(dom0, port[0]), 0);
	assert_int_equal(control(dom0, 0)->head[7], port[0]);
	assert_int_equal(control(dom0, 0)->ready, 1u << 7);
}

/* --- Polling. --- */

static long poll(struct domain *d, uint32_t port, uint32_t count, uint64_t timeout)
{
	uint32_t *ports = (uint32_t *)host_arg() + 64;
	struct sched_poll a = {.ports = {ports}, .nr_ports = count, .timeout = timeout};

	ports[0] = port;
	memcpy(host_arg(), &a, sizeof(a));
	return host_call(d->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_poll, HOST_ARG(host_arg()), 0);
}

static void test_poll(void **state)
{
	uint32_t port = ipi(dom0, 1);
	struct vcpu *v = dom0->vcpu[0];

	(void)state;
	shared(dom0)->evtchn_mask[0] = ~0UL;
	assert_int_equal(poll(dom0, port, 1, 0), 0);
	assert_true((v->flags & VCPU_BLOCKED) != 0);
	/* Masked, and another vcpu's: polled for all the same. */
	assert_int_equal(op(dom0, EVTCHNOP_send, &(struct evtchn_send){port}, sizeof(port)), 0);
	assert_true((v->flags & VCPU_BLOCKED) == 0);
	assert_int_equal(poll(dom0, port, 1, 0), 0);
	assert_true((v->flags & VCPU_BLOCKED) == 0);
	shared(dom0)->evtchn_pending[0] = 0;
	assert_int_equal(poll(dom0, port, 1, 5000), 0);
	assert_true((v->flags & VCPU_BLOCKED) != 0);
	host_time(5000);
	assert_true((v->flags & VCPU_BLOCKED) == 0);
	assert_int_equal(poll(dom0, port, 1, 4000), 0);
	assert_true((v->flags & VCPU_BLOCKED) == 0);
	assert_int_equal(poll(dom0, 99, 1, 0), -EINVAL);
	assert_true((v->flags & VCPU_BLOCKED) == 0);
	assert_int_equal(poll(dom0, port, 129, 0), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ports_are_given_out_lowest_first),
		TEST(test_bad_arguments),
		TEST(test_virq_is_bound_once_and_sent),
		TEST(test_global_virq_goes_to_dom0_only),
		TEST(test_interdomain),
		TEST(test_interdomain_is_refused_to_others),
		TEST(test_loopback),
		TEST(test_end_of_a_domain_frees_the_other_side),
		TEST(test_bind_vcpu),
		TEST(test_hypervisor_channel),
		TEST(test_2l_levels),
		TEST(test_2l_has_4095_ports),
		TEST(test_upcall_vector),
		TEST(test_callback_vector),
		TEST(test_vcpu_info_moves),
		TEST(test_fifo_order),
		TEST(test_fifo_priority),
		TEST(test_fifo_masked_and_early),
		TEST(test_fifo_refusals),
		TEST(test_fifo_frames_are_held),
		TEST(test_fifo_reset_gives_all_back),
		TEST(test_fifo_closed_port_in_a_queue_is_not_given_out),
		TEST(test_fifo_moved_tail),
		TEST(test_fifo_hostile_guest),
		TEST(test_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
