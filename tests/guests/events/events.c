/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels with the two-level ABI: ports, masks, upcalls by both ways, IPIs, timers. */
#include <stdint.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/vcpu.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include "../pvh.h"

const char guest_name[] = "events";

#define VECTOR_CALLBACK 0x40
#define VECTOR_UPCALL	0x50
#define LAPIC_EOI	0xfee000b0UL
#define LAPIC_SVR	0xfee000f0UL
#define SVR_ON		0x1ff
#define MS		1000000UL

static struct shared_info shared __attribute__((aligned(4096)));
static uint8_t shared_rest[GUEST_PAGE - sizeof(struct shared_info) % GUEST_PAGE];

static int64_t event_op(uint32_t op, void *arg)
{
	return hypercall(__HYPERVISOR_event_channel_op, op, (uintptr_t)arg, 0, 0);
}

static void must(int64_t rc, const char *what)
{
	guest_equal((uint64_t)rc, 0, what);
}

static bool bit(const xen_ulong_t *words, uint32_t port)
{
	return ((const volatile xen_ulong_t *)words)[port / 64] >> (port % 64) & 1;
}

static void bit_set(xen_ulong_t *words, uint32_t port, bool on)
{
	xen_ulong_t one = 1UL << (port % 64);

	if (on)
		__atomic_fetch_or(&words[port / 64], one, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&words[port / 64], ~one, __ATOMIC_SEQ_CST);
}

/* As the guest's handler does: the upcall first, then the selector, then the event. */
static void acknowledge(uint32_t port)
{
	__atomic_store_n(&shared.vcpu_info[0].evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&shared.vcpu_info[0].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	bit_set(shared.evtchn_pending, port, false);
}

static void send(uint32_t port)
{
	struct evtchn_send a = {.port = port};

	must(event_op(EVTCHNOP_send, &a), "EVTCHNOP_send");
}

static void set_up(void)
{
	struct xen_add_to_physmap add = {.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = (uintptr_t)&shared / GUEST_PAGE};
	struct xen_hvm_param via = {.domid = DOMID_SELF,
		.index = HVM_PARAM_CALLBACK_IRQ,
		.value = (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | VECTOR_CALLBACK};

	(void)shared_rest;
	must(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&add, 0, 0), "shared info");
	must(hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (uintptr_t)&via, 0, 0), "callback vector");
}

/* What is sent on `near` arrives at `far`, with an upcall of that vector. */
static void check_delivery(uint32_t near, uint32_t far, uint8_t vector, const char *what)
{
	uint32_t before = guest_taken[vector];

	bit_set(shared.evtchn_mask, far, false);
	send(near);
	guest_check(bit(shared.evtchn_pending, far), what);
	guest_check(shared.vcpu_info[0].evtchn_upcall_pending == 1, "no pending upcall");
	guest_check(shared.vcpu_info[0].evtchn_pending_sel >> (far / 64) & 1, "the selector");
	guest_equal(guest_taken[vector], before, "an upcall with interrupts off");
	guest_wait(vector, before + 1);
	acknowledge(far);
	guest_irqs();
	guest_equal(guest_taken[vector], before + 1, what);
}

static void check_mask(uint32_t near, uint32_t far, uint8_t vector)
{
	struct evtchn_unmask unmask = {.port = far};
	uint32_t before = guest_taken[vector];

	bit_set(shared.evtchn_mask, far, true);
	send(near);
	guest_irqs();
	guest_check(bit(shared.evtchn_pending, far), "a masked event is not pending");
	guest_equal(guest_taken[vector], before, "an upcall for a masked event");
	must(event_op(EVTCHNOP_unmask, &unmask), "EVTCHNOP_unmask");
	guest_check(!bit(shared.evtchn_mask, far), "the mask after EVTCHNOP_unmask");
	guest_wait(vector, before + 1);
	guest_equal(guest_taken[vector], before + 1, "no upcall after EVTCHNOP_unmask");
	acknowledge(far);
}

static void connect(uint32_t *ret_near, uint32_t *ret_far)
{
	struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
	struct evtchn_bind_interdomain bind = {.remote_dom = DOMID_SELF};

	must(event_op(EVTCHNOP_alloc_unbound, &alloc), "EVTCHNOP_alloc_unbound");
	bind.remote_port = alloc.port;
	must(event_op(EVTCHNOP_bind_interdomain, &bind), "EVTCHNOP_bind_interdomain");
	/* The new port is raised once, so that nothing sent before is missed. */
	guest_check(bit(shared.evtchn_pending, bind.local_port), "a new channel is not pending");
	guest_wait(VECTOR_CALLBACK, 1);
	acknowledge(bind.local_port);
	*ret_near = bind.local_port;
	*ret_far = alloc.port;
}

static void check_status(uint32_t near, uint32_t far)
{
	struct evtchn_status status = {.dom = DOMID_SELF, .port = near};
	struct evtchn_close close = {.port = near};

	must(event_op(EVTCHNOP_status, &status), "EVTCHNOP_status");
	guest_equal(status.status, EVTCHNSTAT_interdomain, "the status of a connected port");
	guest_equal(status.u.interdomain.port, far, "the other side");
	must(event_op(EVTCHNOP_close, &close), "EVTCHNOP_close");
	status.port = far;
	must(event_op(EVTCHNOP_status, &status), "EVTCHNOP_status");
	guest_equal(status.status, EVTCHNSTAT_unbound, "the other side of a closed port");
	close.port = far;
	must(event_op(EVTCHNOP_close, &close), "EVTCHNOP_close");
	guest_check(event_op(EVTCHNOP_close, &close) < 0, "a port closes twice");
}

static void check_timer(uint32_t flags, uint64_t delay, uint8_t vector)
{
	static uint32_t port;
	struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER, .vcpu = 0};
	struct xen_hvm_get_time time;
	struct vcpu_set_singleshot_timer timer = {.flags = flags};
	uint32_t before = guest_taken[vector];

	if (port == 0) {
		must(event_op(EVTCHNOP_bind_virq, &bind), "EVTCHNOP_bind_virq");
		guest_check(event_op(EVTCHNOP_bind_virq, &bind) < 0, "a virq is bound twice");
		port = bind.port;
	}
	bit_set(shared.evtchn_mask, port, false);
	must(hypercall(__HYPERVISOR_hvm_op, HVMOP_get_time, (uintptr_t)&time, 0, 0), "HVMOP_get_time");
	timer.timeout_abs_ns = time.now + delay;
	must(hypercall(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, (uintptr_t)&timer, 0),
		"the timer");
	guest_wait(vector, before + 1);
	guest_check(bit(shared.evtchn_pending, port), "the timer's event");
	must(hypercall(__HYPERVISOR_hvm_op, HVMOP_get_time, (uintptr_t)&time, 0, 0), "HVMOP_get_time");
	guest_check(time.now >= timer.timeout_abs_ns, "the timer was early");
	acknowledge(port);
}

static void check_late_timer(void)
{
	struct vcpu_set_singleshot_timer timer = {.timeout_abs_ns = 1, .flags = VCPU_SSHOTTMR_future};

	guest_equal((uint64_t)hypercall(
			    __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, (uintptr_t)&timer, 0),
		(uint64_t)-62L, "a timer of the past is accepted");
}

void guest_main(uint64_t start_info)
{
	struct xen_hvm_evtchn_upcall_vector upcall = {.vcpu = 0, .vector = VECTOR_UPCALL};
	struct evtchn_bind_ipi ipi = {.vcpu = 0};
	uint32_t near, far;

	(void)start_info;
	set_up();
	connect(&near, &far);
	check_delivery(near, far, VECTOR_CALLBACK, "an event to the other side");
	check_delivery(far, near, VECTOR_CALLBACK, "an event back");
	check_mask(near, far, VECTOR_CALLBACK);
	must(event_op(EVTCHNOP_bind_ipi, &ipi), "EVTCHNOP_bind_ipi");
	check_delivery(ipi.port, ipi.port, VECTOR_CALLBACK, "an IPI");
	check_timer(0, 2 * MS, VECTOR_CALLBACK);
	check_late_timer();
	/* From now on through the local APIC. */
	guest_mmio_write(LAPIC_SVR, SVR_ON);
	guest_eoi = LAPIC_EOI;
	must(hypercall(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, (uintptr_t)&upcall, 0, 0),
		"the vector");
	check_delivery(near, far, VECTOR_UPCALL, "an event through the local APIC");
	check_mask(near, far, VECTOR_UPCALL);
	check_timer(VCPU_SSHOTTMR_future, 20 * MS, VECTOR_UPCALL);
	check_status(near, far);
}
