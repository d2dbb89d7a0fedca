/* SPDX-License-Identifier: GPL-2.0-only */
/* Every hypercall with bad pointers, counts and domains: an error each time, and the machine goes on. */
#include <stdint.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include "../pvh.h"

const char guest_name[] = "bad_hypercalls";

#define NO_DOMAIN     0x1234
#define E_PERM	      (-1L)
#define E_NOENT	      (-2L)
#define E_SRCH	      (-3L)
#define E_FAULT	      (-14L)
#define E_INVAL	      (-22L)
#define E_NOSYS	      (-38L)
#define E_EITHER      1L /* any error */
#define E_MAX	      4095L
#define HOLE	      0x30000000UL /* 2 MiB that the kernel does not map */
#define NON_CANONICAL 0x0000800000000000UL

static const uint64_t bad_pointers[] = {
	HOLE,
	HOLE - 1, /* crosses into it, misaligned */
	HOLE + 0x123,
	NON_CANONICAL,
	NON_CANONICAL - 4,
	0xffff800000000000,
	0x8000000000000000,
	UINT64_MAX,
	UINT64_MAX - 2,
	0x0000700000000000,
};

#define BAD_POINTERS (sizeof(bad_pointers) / sizeof(bad_pointers[0]))

/* Says which, when it is not as it should be. */
static void expect(uint32_t number, uint64_t op, int64_t is, int64_t should)
{
	if (should == E_EITHER ? is < 0 && is >= -E_MAX : is == should)
		return;
	guest_print_hex(number);
	guest_print(" ");
	guest_print_hex(op);
	guest_print("\n");
	guest_equal((uint64_t)is, (uint64_t)should, "an unexpected answer");
}

/* What takes one structure by its address: number and operation. */
static const struct {
	uint32_t number;
	uint32_t op;
} by_pointer[] = {
	{__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_bind_pirq},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_close},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_send},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_status},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_unmask},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_reset},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_init_control},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_expand_array},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_set_priority},
	{__HYPERVISOR_sched_op, SCHEDOP_shutdown},
	{__HYPERVISOR_sched_op, SCHEDOP_poll},
	{__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown},
	{__HYPERVISOR_sched_op, SCHEDOP_shutdown_code},
	{__HYPERVISOR_sched_op, SCHEDOP_watchdog},
	{__HYPERVISOR_memory_op, XENMEM_populate_physmap},
	{__HYPERVISOR_memory_op, XENMEM_decrease_reservation},
	{__HYPERVISOR_memory_op, XENMEM_current_reservation},
	{__HYPERVISOR_memory_op, XENMEM_add_to_physmap},
	{__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch},
	{__HYPERVISOR_memory_op, XENMEM_remove_from_physmap},
	{__HYPERVISOR_memory_op, XENMEM_memory_map},
	{__HYPERVISOR_memory_op, XENMEM_machine_memory_map},
	{__HYPERVISOR_memory_op, XENMEM_set_memory_map},
	{__HYPERVISOR_memory_op, XENMEM_claim_pages},
	{__HYPERVISOR_memory_op, XENMEM_acquire_resource},
	{__HYPERVISOR_physdev_op, PHYSDEVOP_setup_gsi},
	{__HYPERVISOR_physdev_op, PHYSDEVOP_pci_device_add},
	{__HYPERVISOR_physdev_op, PHYSDEVOP_pci_mmcfg_reserved},
	{__HYPERVISOR_hvm_op, HVMOP_set_param},
	{__HYPERVISOR_hvm_op, HVMOP_get_param},
	{__HYPERVISOR_hvm_op, HVMOP_get_time},
	{__HYPERVISOR_hvm_op, HVMOP_get_mem_type},
	{__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector},
	{__HYPERVISOR_xen_version, XENVER_extraversion},
	{__HYPERVISOR_xen_version, XENVER_compile_info},
	{__HYPERVISOR_xen_version, XENVER_capabilities},
	{__HYPERVISOR_xen_version, XENVER_changeset},
	{__HYPERVISOR_xen_version, XENVER_get_features},
	{__HYPERVISOR_xen_version, XENVER_commandline},
	{__HYPERVISOR_xen_version, XENVER_guest_handle},
};

static void check_structure_pointers(void)
{
	for (size_t i = 0; i < sizeof(by_pointer) / sizeof(by_pointer[0]); i++)
		for (size_t k = 0; k < BAD_POINTERS; k++)
			expect(by_pointer[i].number, by_pointer[i].op,
				hypercall(by_pointer[i].number, by_pointer[i].op, bad_pointers[k], 0, 0),
				E_FAULT);
}

/* The others: where the pointer stands elsewhere, and arrays. */
static void check_other_pointers(void)
{
	static const uint32_t vcpu_ops[] = {VCPUOP_get_runstate_info, VCPUOP_register_runstate_memory_area,
		VCPUOP_set_periodic_timer, VCPUOP_set_singleshot_timer, VCPUOP_register_vcpu_info,
		VCPUOP_register_vcpu_time_memory_area};
	static const uint32_t grant_ops[] = {GNTTABOP_map_grant_ref, GNTTABOP_unmap_grant_ref,
		GNTTABOP_setup_table, GNTTABOP_copy, GNTTABOP_query_size, GNTTABOP_set_version,
		GNTTABOP_get_version, GNTTABOP_swap_grant_ref};

	for (size_t k = 0; k < BAD_POINTERS; k++) {
		uint64_t p = bad_pointers[k];

		for (size_t i = 0; i < sizeof(vcpu_ops) / sizeof(vcpu_ops[0]); i++)
			expect(__HYPERVISOR_vcpu_op, vcpu_ops[i],
				hypercall(__HYPERVISOR_vcpu_op, vcpu_ops[i], 0, p, 0), E_FAULT);
		for (size_t i = 0; i < sizeof(grant_ops) / sizeof(grant_ops[0]); i++)
			expect(__HYPERVISOR_grant_table_op, grant_ops[i],
				hypercall(__HYPERVISOR_grant_table_op, grant_ops[i], p, 1, 0), E_FAULT);
		expect(__HYPERVISOR_platform_op, 0, hypercall(__HYPERVISOR_platform_op, p, 0, 0, 0), E_FAULT);
		expect(__HYPERVISOR_console_io, CONSOLEIO_write,
			hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, 64, p, 0), E_FAULT);
	}
}

/* Structures that cross from a good page into a bad one, at every offset. */
static void check_crossing(void)
{
	for (uint64_t bytes = 1; bytes < 8; bytes++) {
		uint64_t p = HOLE - bytes;

		expect(__HYPERVISOR_event_channel_op, EVTCHNOP_status,
			hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_status, p, 0, 0), E_FAULT);
		expect(__HYPERVISOR_memory_op, XENMEM_add_to_physmap,
			hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, p, 0, 0), E_FAULT);
		expect(__HYPERVISOR_console_io, CONSOLEIO_write,
			hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, 4096, HOLE + 0x1fffff, 0),
			E_FAULT);
	}
}

/* Numbers without a handler, whatever the arguments; and operations that do not exist. */
static void check_numbers(void)
{
	static const uint32_t exist[] = {__HYPERVISOR_platform_op, __HYPERVISOR_memory_op,
		__HYPERVISOR_set_timer_op, __HYPERVISOR_xen_version, __HYPERVISOR_console_io,
		__HYPERVISOR_grant_table_op, __HYPERVISOR_vm_assist, __HYPERVISOR_vcpu_op,
		__HYPERVISOR_sched_op, __HYPERVISOR_event_channel_op, __HYPERVISOR_physdev_op,
		__HYPERVISOR_hvm_op, __HYPERVISOR_domctl, __HYPERVISOR_sysctl};
	static const uint32_t with_ops[] = {__HYPERVISOR_xen_version, __HYPERVISOR_grant_table_op,
		__HYPERVISOR_vcpu_op, __HYPERVISOR_sched_op, __HYPERVISOR_event_channel_op,
		__HYPERVISOR_physdev_op, __HYPERVISOR_hvm_op, __HYPERVISOR_console_io};

	for (uint64_t n = 0; n < 128; n++) {
		bool there = false;

		for (size_t i = 0; i < sizeof(exist) / sizeof(exist[0]); i++)
			there |= exist[i] == n;
		for (size_t k = 0; !there && k < BAD_POINTERS; k++)
			expect((uint32_t)n, 0, hypercall(n, bad_pointers[k], bad_pointers[k], UINT64_MAX, 1),
				E_NOSYS);
	}
	expect(UINT32_MAX, 0, hypercall(UINT64_MAX, 0, 0, 0, 0), E_NOSYS);
	for (size_t i = 0; i < sizeof(with_ops) / sizeof(with_ops[0]); i++) {
		expect(with_ops[i], 63, hypercall(with_ops[i], 63, 0, 0, 0), E_NOSYS);
		expect(with_ops[i], UINT32_MAX, hypercall(with_ops[i], UINT32_MAX, 0, 0, 0), E_NOSYS);
		expect(with_ops[i], 0, hypercall(with_ops[i], 1UL << 63, 0, 0, 0), E_NOSYS);
	}
}

static void check_domains(void)
{
	struct evtchn_alloc_unbound alloc = {.dom = NO_DOMAIN, .remote_dom = DOMID_SELF};
	struct evtchn_bind_interdomain bind = {.remote_dom = NO_DOMAIN, .remote_port = 1};
	struct evtchn_status status = {.dom = NO_DOMAIN, .port = 1};
	struct xen_add_to_physmap add = {.domid = NO_DOMAIN, .space = XENMAPSPACE_shared_info};
	struct xen_remove_from_physmap remove = {.domid = NO_DOMAIN};
	struct xen_hvm_param param = {.domid = NO_DOMAIN, .index = HVM_PARAM_STORE_PFN};
	struct sched_remote_shutdown shutdown = {.domain_id = NO_DOMAIN};
	struct gnttab_map_grant_ref map = {.dom = NO_DOMAIN, .flags = GNTMAP_host_map};
	uint16_t domain = NO_DOMAIN;
	const struct {
		uint32_t number, op;
		void *arg;
	} calls[] = {
		{__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc},
		{__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind},
		{__HYPERVISOR_event_channel_op, EVTCHNOP_status, &status},
		{__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add},
		{__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &remove},
		{__HYPERVISOR_memory_op, XENMEM_current_reservation, &domain},
		{__HYPERVISOR_hvm_op, HVMOP_get_param, &param},
		{__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &shutdown},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		expect(calls[i].number, calls[i].op,
			hypercall(calls[i].number, calls[i].op, (uintptr_t)calls[i].arg, 0, 0), E_SRCH);
	expect(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
		hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, (uintptr_t)&map, 1, 0), 0);
	guest_equal(
		(uint64_t)map.status, (uint64_t)GNTST_bad_domain, "a grant of a domain that is not there");
}

/* Counts: too large to be meant, and with arrays that are not there. */
static void check_counts(void)
{
	struct xen_memory_reservation r = {.nr_extents = UINT64_MAX, .domid = DOMID_SELF};
	struct xen_add_to_physmap_batch batch = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_gmfn, .size = UINT16_MAX};
	struct sched_poll poll = {.nr_ports = UINT32_MAX};
	struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = UINT32_MAX};
	uint64_t memory = __HYPERVISOR_memory_op, grants = __HYPERVISOR_grant_table_op;

	set_xen_guest_handle(r.extent_start, (xen_pfn_t *)HOLE);
	guest_equal(
		(uint64_t)hypercall(memory, XENMEM_populate_physmap, (uintptr_t)&r, 0, 0), 0, "2^64 extents");
	r.nr_extents = 1UL << 40;
	guest_equal(
		(uint64_t)hypercall(memory, XENMEM_populate_physmap, (uintptr_t)&r, 0, 0), 0, "2^40 extents");
	guest_equal(
		(uint64_t)hypercall(memory, XENMEM_decrease_reservation, (uintptr_t)&r, 0, 0), 0, "and back");
	r.extent_order = 63;
	guest_equal((uint64_t)hypercall(memory, XENMEM_populate_physmap, (uintptr_t)&r, 0, 0), 0, "order 63");
	set_xen_guest_handle(batch.idxs, (xen_ulong_t *)HOLE);
	expect(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch,
		hypercall(memory, XENMEM_add_to_physmap_batch, (uintptr_t)&batch, 0, 0), E_FAULT);
	expect(__HYPERVISOR_sched_op, SCHEDOP_poll,
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll, 0, 0), E_INVAL);
	expect(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
		hypercall(grants, GNTTABOP_map_grant_ref, HOLE, UINT32_MAX, 0), E_EITHER);
	expect(__HYPERVISOR_grant_table_op, GNTTABOP_copy,
		hypercall(grants, GNTTABOP_copy, HOLE, INT32_MAX, 0), E_FAULT);
	guest_equal(
		(uint64_t)hypercall(grants, GNTTABOP_setup_table, (uintptr_t)&setup, 1, 0), 0, "setup_table");
	guest_check(setup.status < 0, "2^32 grant frames");
	expect(__HYPERVISOR_console_io, CONSOLEIO_write,
		hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, UINT32_MAX, HOLE, 0), E_INVAL);
}

static void check_vcpus_and_ports(void)
{
	struct evtchn_bind_ipi ipi = {.vcpu = UINT32_MAX};
	struct evtchn_bind_virq virq = {.virq = UINT32_MAX};
	struct evtchn_send send = {.port = UINT32_MAX};
	uint64_t events = __HYPERVISOR_event_channel_op;

	for (uint64_t op = 0; op < 16; op++)
		expect(__HYPERVISOR_vcpu_op, op, hypercall(__HYPERVISOR_vcpu_op, op, UINT32_MAX, 0, 0),
			E_NOENT);
	expect(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
		hypercall(events, EVTCHNOP_bind_ipi, (uintptr_t)&ipi, 0, 0), E_NOENT);
	expect(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq,
		hypercall(events, EVTCHNOP_bind_virq, (uintptr_t)&virq, 0, 0), E_INVAL);
	for (uint32_t i = 0; i < 4; i++) {
		expect(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
			hypercall(events, EVTCHNOP_send, (uintptr_t)&send, 0, 0), E_INVAL);
		expect(__HYPERVISOR_event_channel_op, EVTCHNOP_close,
			hypercall(events, EVTCHNOP_close, (uintptr_t)&send, 0, 0), E_INVAL);
		send.port >>= 12;
	}
}

void guest_main(uint64_t start_info)
{
	(void)start_info;
	guest_l2[HOLE >> 21] = 0;
	guest_flush();
	check_numbers();
	check_structure_pointers();
	check_other_pointers();
	check_crossing();
	check_domains();
	check_counts();
	check_vcpus_and_ports();
	guest_equal((uint64_t)hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0), 4 << 16 | 20,
		"the version afterwards");
}
