/* SPDX-License-Identifier: GPL-2.0-only */
/* The dispatcher, and the smaller groups of calls: version, console, sched, vcpu, hvm, platform, physdev. */
#include "asm.h"
#include "domain_host.h"
#include "hv_log.h"
#include "unit.h"
#include <stdio.h>
#include <hv/boot_info.h>
#include <hv/console_io.h>
#include <hv/event.h>
#include <hv/features.h>
#include <hv/time.h>
#include <hv/vcpu_time.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

static struct domain *dom0, *dom1;

static int setup(void **state)
{
	(void)state;
	host_reset();
	fake_log_reset();
	dom0 = host_domain(0, 2, 16);
	dom1 = host_domain(1, 2, 16);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_check_leaks();
	return 0;
}

/* With one structure as the argument, where the ABI has it second. */
static long call(struct domain *d, uint64_t number, uint64_t cmd, void *arg, size_t bytes)
{
	long rc;

	memcpy(host_arg(), arg, bytes);
	rc = host_call(d->vcpu[0], number, cmd, HOST_ARG(host_arg()), 0);
	memcpy(arg, host_arg(), bytes);
	return rc;
}

/* --- Dispatch. --- */

static void test_unknown_numbers(void **state)
{
	(void)state;
	for (uint64_t n = 43; n < 64; n++)
		assert_int_equal(host_call(dom0->vcpu[0], n, 0, 0, 0), -ENOSYS);
	assert_int_equal(host_call(dom0->vcpu[0], UINT32_MAX, 0, 0, 0), -ENOSYS);
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_mmu_update, 0, 0, 0), -ENOSYS);
	assert_int_equal(host.skips, 23);
}

static void test_only_kernels_in_64_bits(void **state)
{
	(void)state;
	host.cpl = 3;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_xen_version, XENVER_version, 0, 0), -EPERM);
	host.cpl = 0;
	host.code_bits = 32;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_xen_version, XENVER_version, 0, 0), -ENOSYS);
	host.code_bits = 64;
	assert_int_equal(
		host_call(dom0->vcpu[0], __HYPERVISOR_xen_version, XENVER_version, 0, 0), 4 << 16 | 20);
}

static void test_privileged_calls(void **state)
{
	(void)state;
	assert_int_equal(
		host_call(dom1->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(host_arg()), 0, 0), -EPERM);
	assert_int_equal(
		host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(host_arg()), 0, 0), -EACCES);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_physdev_op, PHYSDEVOP_setup_gsi,
				 HOST_ARG(host_arg()), 0),
		-EPERM);
}

static void test_hypercall_page(void **state)
{
	static uint8_t page[PAGE_SIZE];
	const uint8_t amd[] = {0xb8, 34, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3, 0xcc};

	(void)state;
	hypercall_page_fill(page);
	assert_memory_equal(page + 34 * 32, amd, sizeof(amd));
	assert_int_equal(page[__HYPERVISOR_iret * 32], 0x0f);
	assert_int_equal(page[__HYPERVISOR_iret * 32 + 1], 0x0b);
	cpu_features.vendor = VENDOR_INTEL;
	hypercall_page_fill(page);
	assert_int_equal(page[127 * 32], 0xb8);
	assert_int_equal(page[127 * 32 + 1], 127);
	assert_int_equal(page[127 * 32 + 7], 0xc1);
}

/* --- Version. --- */

static uint32_t features(struct domain *d)
{
	struct xen_feature_info info = {.submap_idx = 0};

	assert_int_equal(call(d, __HYPERVISOR_xen_version, XENVER_get_features, &info, sizeof(info)), 0);
	return info.submap;
}

static void test_features(void **state)
{
	struct xen_feature_info info = {.submap_idx = 1, .submap = 7};

	(void)state;
	assert_true(features(dom0) & 1u << XENFEAT_dom0);
	assert_false(features(dom1) & 1u << XENFEAT_dom0);
	assert_true(features(dom1) & 1u << XENFEAT_auto_translated_physmap);
	assert_true(features(dom1) & 1u << XENFEAT_hvm_safe_pvclock);
	assert_true(features(dom1) & 1u << XENFEAT_hvm_callback_vector);
	assert_false(features(dom0) & 1u << XENFEAT_hvm_pirqs);
	assert_int_equal(call(dom0, __HYPERVISOR_xen_version, XENVER_get_features, &info, sizeof(info)), 0);
	assert_int_equal(info.submap, 0);
}

static void test_version_texts(void **state)
{
	char text[1024];
	struct {
		uint32_t bytes;
		char text[64];
	} var = {.bytes = 64};

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(call(dom1, __HYPERVISOR_xen_version, XENVER_extraversion, text, 32), 0);
	assert_string_equal(text, ".0-undercroft");
	assert_int_equal(text[16], 'x');
	strcpy(boot_info.cmdline, "console=com1");
	assert_int_equal(call(dom0, __HYPERVISOR_xen_version, XENVER_commandline, text, sizeof(text)), 0);
	assert_string_equal(text, "console=com1");
	assert_int_equal(text[1023], 0);
	assert_int_equal(call(dom1, __HYPERVISOR_xen_version, XENVER_commandline, text, sizeof(text)), 0);
	assert_string_equal(text, "<denied>");
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_xen_version, XENVER_extraversion2, 0, 0), 13);
	assert_int_equal(call(dom1, __HYPERVISOR_xen_version, XENVER_extraversion2, &var, sizeof(var)), 13);
	assert_memory_equal(var.text, ".0-undercroft", 13);
	var.bytes = 12;
	assert_int_equal(
		call(dom1, __HYPERVISOR_xen_version, XENVER_extraversion2, &var, sizeof(var)), -ENOBUFS);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_xen_version, XENVER_build_id, 0, 0), -ENODATA);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_xen_version, 15, 0, 0), -ENOSYS);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_xen_version, XENVER_pagesize, 0, 0), 4096);
	assert_int_equal(
		host_call(dom1->vcpu[0], __HYPERVISOR_xen_version, XENVER_extraversion, 0x1000, 0), -EFAULT);
}

/* --- Console. --- */

static long console(struct domain *d, unsigned int cmd, const char *text, uint64_t count)
{
	memcpy(host_arg(), text, strlen(text));
	return host_call(d->vcpu[0], __HYPERVISOR_console_io, cmd, count, HOST_ARG(host_arg()));
}

static void test_dom0_writes_as_it_is(void **state)
{
	static char many[10001];

	(void)state;
	assert_int_equal(console(dom0, CONSOLEIO_write, "# \x1b[1mls", 8), 0);
	assert_int_equal(host.console_bytes, 8);
	assert_memory_equal(host.console, "# \x1b[1mls", 8);
	host.console_bytes = 0;
	memset(many, 'm', sizeof(many) - 1);
	assert_int_equal(console(dom0, CONSOLEIO_write, many, 10000), 0);
	assert_int_equal(host.calls_again, 2);
	assert_int_equal(
		host_call(dom0->vcpu[0], __HYPERVISOR_console_io, CONSOLEIO_write, 4, 0x1000), -EFAULT);
	assert_int_equal(console(dom0, CONSOLEIO_write, "", 1UL << 31), -EINVAL);
	assert_int_equal(console(dom0, 2, "", 0), -ENOSYS);
}

static void test_others_write_lines_with_their_name(void **state)
{
	unsigned int before = fake_log_count;

	(void)state;
	assert_int_equal(console(dom1, CONSOLEIO_write, "half ", 5), 0);
	assert_int_equal(fake_log_count, before);
	assert_int_equal(console(dom1, CONSOLEIO_write, "line\r\nnext", 10), 0);
	assert_int_equal(fake_log_count, before + 1);
	assert_string_equal(fake_log_last(), "(d1) half line");
	assert_int_equal(host.console_bytes, 0);
	for (unsigned int i = 0; i < 200; i++)
		assert_int_equal(console(dom1, CONSOLEIO_write, "xxxxxxxxxx", 10), 0);
	assert_true(fake_log_count > before + 10);
	assert_true(strlen(fake_log_last()) <= 5 + 128);
}

static void test_input_is_dom0s(void **state)
{
	struct evtchn_bind_virq bind = {.virq = VIRQ_CONSOLE};

	(void)state;
	assert_int_equal(
		call(dom0, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &bind, sizeof(bind)), 0);
	assert_true(console_io_receive('l'));
	assert_true(console_io_receive('s'));
	assert_int_equal(event_port_pending(dom0, bind.port), 1);
	assert_int_equal(console(dom1, CONSOLEIO_read, "", 10), -EPERM);
	assert_int_equal(console(dom0, CONSOLEIO_read, "", 10), 2);
	assert_memory_equal(host_arg(), "ls", 2);
	assert_int_equal(console(dom0, CONSOLEIO_read, "", 10), 0);
	for (unsigned int i = 0; i < 5000; i++)
		assert_true(console_io_receive('z'));
	assert_int_equal(console(dom0, CONSOLEIO_read, "", 10000), 1024);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(console_io_receive(1));
	assert_false(console_io_receive('h'));
	for (unsigned int i = 0; i < 3; i++)
		assert_true(console_io_receive(1));
	assert_true(console_io_receive('h'));
	(void)console(dom0, CONSOLEIO_read, "", 100);
}

/* --- Sched. --- */

static void test_block_and_shutdown(void **state)
{
	struct sched_shutdown a = {.reason = SHUTDOWN_crash};
	struct sched_remote_shutdown r = {.domain_id = 0};

	(void)state;
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0), 0);
	assert_int_equal(dom1->vcpu[0]->flags, VCPU_BLOCKED);
	vcpu_kick(dom1->vcpu[0]);
	assert_int_equal(dom1->vcpu[0]->flags, 0);
	vcpu_set_work(dom1->vcpu[0], VCPU_WORK_NMI);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0), 0);
	assert_int_equal(dom1->vcpu[0]->flags, 0);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0), 0);
	assert_int_equal(call(dom1, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &r, sizeof(r)), -EPERM);
	assert_int_equal(call(dom1, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &a, sizeof(a)), 0);
	assert_true(dom1->shut_down);
	assert_int_equal(dom1->shutdown_code, SHUTDOWN_crash);
	assert_true((dom1->vcpu[0]->flags & VCPU_SHUT_DOWN) != 0);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_sched_op, 99, 0, 0), -ENOSYS);
}

static void dom0_ends(uint32_t reason)
{
	struct sched_shutdown a = {.reason = reason};

	dom0->shut_down = false;
	expect_assert_failure(call(dom0, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &a, sizeof(a)));
}

static void test_the_end_of_dom0(void **state)
{
	(void)state;
	dom0_ends(SHUTDOWN_reboot);
	assert_int_equal(host.reboots, 1);
	dom0_ends(SHUTDOWN_poweroff);
	assert_int_equal(host.halts, 1);
	dom0_ends(SHUTDOWN_crash);
	assert_int_equal(host.panics, 1);
	dom0_ends(200);
	assert_int_equal(host.panics, 2);
}

static long watchdog(struct domain *d, uint32_t id, uint32_t timeout)
{
	struct sched_watchdog a = {.id = id, .timeout = timeout};

	return call(d, __HYPERVISOR_sched_op, SCHEDOP_watchdog, &a, sizeof(a));
}

static void test_watchdogs(void **state)
{
	(void)state;
	assert_int_equal(watchdog(dom1, 0, 0), -EINVAL);
	assert_int_equal(watchdog(dom1, 3, 1), -EINVAL);
	assert_int_equal(watchdog(dom1, 1, 1), -EINVAL);
	assert_int_equal(watchdog(dom1, 0, 10), 1);
	assert_int_equal(watchdog(dom1, 0, 10), 2);
	assert_int_equal(watchdog(dom1, 0, 10), -ENOSPC);
	assert_int_equal(watchdog(dom1, 1, 0), 0);
	assert_int_equal(watchdog(dom1, 2, 100), 0);
	host_time(50 * NSEC_PER_SEC);
	assert_false(dom1->shut_down);
	host_time(101 * NSEC_PER_SEC);
	assert_true(dom1->shut_down);
	assert_int_equal(dom1->shutdown_code, SHUTDOWN_watchdog);
}

/* --- Vcpu and time. --- */

static long vcpu(struct domain *d, unsigned int cmd, uint32_t id, const void *arg, size_t bytes)
{
	if (bytes != 0)
		memcpy(host_arg(), arg, bytes);
	return host_call(d->vcpu[0], __HYPERVISOR_vcpu_op, cmd, id, bytes != 0 ? HOST_ARG(host_arg()) : 0);
}

static void test_vcpus_up_and_down(void **state)
{
	(void)state;
	assert_int_equal(vcpu(dom1, VCPUOP_is_up, 0, NULL, 0), 1);
	assert_int_equal(vcpu(dom1, VCPUOP_is_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_is_up, 2, NULL, 0), -ENOENT);
	/* It never had registers to start with. */
	assert_int_equal(vcpu(dom1, VCPUOP_up, 1, NULL, 0), -EINVAL);
	dom1->vcpu[1]->flags &= ~VCPU_DOWN;
	assert_int_equal(vcpu(dom1, VCPUOP_down, 1, NULL, 0), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_is_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_down, 1, NULL, 0), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_down, 0, NULL, 0), 0);
	assert_true(dom1->shut_down);
	assert_int_equal(vcpu(dom0, VCPUOP_send_nmi, 1, NULL, 0), 0);
	assert_int_equal(host.nmis, 1);
	assert_int_equal(vcpu(dom0, 99, 0, NULL, 0), -ENOSYS);
}

static void test_singleshot_timer(void **state)
{
	struct vcpu_set_singleshot_timer a = {.timeout_abs_ns = 5000};
	struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER};

	(void)state;
	assert_int_equal(
		call(dom1, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &bind, sizeof(bind)), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_set_singleshot_timer, 1, &a, sizeof(a)), -EINVAL);
	assert_int_equal(vcpu(dom1, VCPUOP_set_singleshot_timer, 0, &a, sizeof(a)), 0);
	host_time(4999);
	assert_int_equal(event_port_pending(dom1, bind.port), 0);
	host_time(5000);
	assert_int_equal(event_port_pending(dom1, bind.port), 1);
	a = (struct vcpu_set_singleshot_timer){.timeout_abs_ns = 4000, .flags = VCPU_SSHOTTMR_future};
	assert_int_equal(vcpu(dom1, VCPUOP_set_singleshot_timer, 0, &a, sizeof(a)), -ETIME);
	a.timeout_abs_ns = 9000;
	assert_int_equal(vcpu(dom1, VCPUOP_set_singleshot_timer, 0, &a, sizeof(a)), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_stop_singleshot_timer, 0, NULL, 0), 0);
	((struct shared_info *)dom1->shared_info)->evtchn_pending[0] = 0;
	host_time(10000);
	assert_int_equal(event_port_pending(dom1, bind.port), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_stop_periodic_timer, 0, NULL, 0), 0);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_set_timer_op, 11000, 0, 0), 0);
	host_time(11000);
	assert_int_equal(event_port_pending(dom1, bind.port), 1);
}

static void test_periodic_timer(void **state)
{
	struct vcpu_set_periodic_timer a = {.period_ns = 999999};
	struct shared_info *s = dom1->shared_info;
	struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER};

	(void)state;
	assert_int_equal(
		call(dom1, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &bind, sizeof(bind)), 0);
	assert_int_equal(vcpu(dom1, VCPUOP_set_periodic_timer, 0, &a, sizeof(a)), -EINVAL);
	a.period_ns = 2000000;
	assert_int_equal(vcpu(dom1, VCPUOP_set_periodic_timer, 0, &a, sizeof(a)), 0);
	for (uint64_t now = 3000000; now < 20000000; now += 3000000) {
		host_time(now);
		assert_int_equal(event_port_pending(dom1, bind.port), 1);
		s->evtchn_pending[0] = 0;
	}
	assert_int_equal(vcpu(dom1, VCPUOP_stop_periodic_timer, 0, NULL, 0), 0);
	host_time(40000000);
	assert_int_equal(event_port_pending(dom1, bind.port), 0);
}

/* The guest's own arithmetic (public/xen.h) on what it is given. */
static uint64_t guest_time(const struct vcpu_time_info *t, uint64_t tsc)
{
	uint64_t delta = tsc - t->tsc_timestamp;

	delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
	return t->system_time + (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
}

static void test_time_info(void **state)
{
	const struct vcpu_time_info *t = &((struct shared_info *)dom1->shared_info)->vcpu_info[0].time;

	(void)state;
	fake.tsc = 1000000;
	host.now_ns = 7000;
	vcpu_time_switch_in(dom1->vcpu[0]);
	assert_int_equal(t->version & 1, 0);
	assert_true(t->version != 0);
	assert_int_equal(t->system_time, 7000);
	assert_int_equal(t->flags, XEN_PVCLOCK_TSC_STABLE_BIT);
	/* 2 GHz: 2000 ticks are 1000 ns. */
	assert_in_range(guest_time(t, t->tsc_timestamp + 2000), 7999, 8000);
	/* Fresh enough: not written again. */
	host.now_ns = 8000;
	vcpu_time_switch_in(dom1->vcpu[0]);
	assert_int_equal(t->system_time, 7000);
	host.now_ns = 3 * NSEC_PER_SEC;
	vcpu_time_switch_in(dom1->vcpu[0]);
	assert_int_equal(t->system_time, 3 * NSEC_PER_SEC);
}

static void test_time_scale(void **state)
{
	const uint64_t rates[] = {1000000, 999999999, 1000000000, 1000000001, 2000000000, 2000000001,
		2894586000, 19999999999UL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct vcpu_time_info t = {.tsc_timestamp = 5};
		uint64_t ns;

		vcpu_time_scale(rates[i], &t.tsc_to_system_mul, &t.tsc_shift);
		ns = guest_time(&t, 5 + rates[i]);
		assert_in_range(ns, NSEC_PER_SEC - 16, NSEC_PER_SEC);
	}
}

static void test_pinned_areas(void **state)
{
	/* Across two frames. */
	uint64_t gpa = ((uint64_t)(HOST_GFN + 1) << PAGE_SHIFT) - 16, none = 0, bad = gpa + 2,
		 far = 0x7777000;
	struct vcpu_runstate_info r;

	(void)state;
	assert_int_equal(vcpu(dom1, VCPUOP_register_runstate_memory_area, 0, &bad, 8), -EINVAL);
	assert_int_equal(vcpu(dom1, VCPUOP_register_runstate_memory_area, 0, &far, 8), -ENOENT);
	dom1->vcpu[0]->runstate =
		(struct vcpu_runstate){.state = 1, .since_ns = 55, .time_ns = {1, 2, 3, 0x100000004UL}};
	assert_int_equal(vcpu(dom1, VCPUOP_register_runstate_memory_area, 0, &gpa, 8), 0);
	memcpy(&r, (char *)host_frame(dom1, HOST_GFN) + PAGE_SIZE - 16, 16);
	memcpy((char *)&r + 16, host_frame(dom1, HOST_GFN + 1), sizeof(r) - 16);
	assert_int_equal(r.state, 1);
	assert_int_equal(r.state_entry_time, 55);
	assert_int_equal(r.time[3], 0x100000004UL);
	assert_int_equal(host_frame_refs(dom1, HOST_GFN + 1), 3);
	assert_int_equal(vcpu(dom1, VCPUOP_register_runstate_memory_area, 0, &none, 8), 0);
	assert_int_equal(host_frame_refs(dom1, HOST_GFN + 1), 2);
	assert_int_equal(vcpu(dom1, VCPUOP_register_vcpu_time_phys_area, 0, &gpa, 8), 0);
	host.now_ns = 9 * NSEC_PER_SEC;
	vcpu_time_switch_in(dom1->vcpu[0]);
	assert_int_equal(*(uint64_t *)host_frame(dom1, HOST_GFN + 1), 9 * NSEC_PER_SEC);
}

static void test_runstate(void **state)
{
	struct vcpu_runstate_info *r = host_arg();

	(void)state;
	dom1->vcpu[1]->runstate =
		(struct vcpu_runstate){.state = 2, .since_ns = 500, .time_ns = {1, 2, 3, 4}};
	host.now_ns = 600;
	assert_int_equal(vcpu(dom1, VCPUOP_get_runstate_info, 1, r, sizeof(*r)), 0);
	assert_int_equal(r->time[2], 103);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_vm_assist, VMASST_CMD_enable,
				 VMASST_TYPE_runstate_update_flag, 0),
		0);
	assert_int_equal(host_call(dom1->vcpu[0], __HYPERVISOR_vm_assist, VMASST_CMD_enable, 0, 0), -EINVAL);
}

/* --- The wall clock. --- */

static void test_calendar(void **state)
{
	(void)state;
	assert_int_equal(wallclock_seconds(1970, 1, 1, 0, 0, 0), 0);
	assert_int_equal(wallclock_seconds(2000, 2, 29, 12, 0, 1), 951825601);
	assert_int_equal(wallclock_seconds(2026, 11, 23, 22, 43, 39), 1795473819);
	assert_int_equal(wallclock_seconds(2100, 3, 1, 0, 0, 0), 4107542400);
}

static void test_settime(void **state)
{
	struct xen_platform_op *op = host_arg();
	const struct shared_info *s = dom1->shared_info;

	(void)state;
	*op = (struct xen_platform_op){.cmd = XENPF_settime64, .interface_version = XENPF_INTERFACE_VERSION};
	op->u.settime64 = (struct xenpf_settime64){.secs = 0x123456789, .nsecs = 500, .system_time = 100};
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(op), 0, 0), 0);
	assert_int_equal(s->wc_sec, 0x23456789);
	assert_int_equal(s->wc_sec_hi, 1);
	assert_int_equal(s->wc_nsec, 400);
	assert_int_equal(s->wc_version & 1, 0);
	op->u.settime64.nsecs = 1000000000;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(op), 0, 0), -EINVAL);
	op->u.settime64.nsecs = 0;
	op->u.settime64.secs = UINT64_MAX;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(op), 0, 0), -EINVAL);
	op->cmd = 1000;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(op), 0, 0), -ENOSYS);
	*op = (struct xen_platform_op){
		.cmd = XENPF_get_cpuinfo, .interface_version = XENPF_INTERFACE_VERSION};
	op->u.pcpu_info.xen_cpuid = 1;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(op), 0, 0), 0);
	assert_int_equal(op->u.pcpu_info.apic_id, 2);
	assert_int_equal(op->u.pcpu_info.max_present, 1);
	op->u.pcpu_info.xen_cpuid = 2;
	assert_int_equal(host_call(dom0->vcpu[0], __HYPERVISOR_platform_op, HOST_ARG(op), 0, 0), 0);
	assert_int_equal(op->u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);
}

/* --- HVM parameters, physdev. --- */

static long param(struct domain *d, unsigned int cmd, struct xen_hvm_param *a)
{
	return call(d, __HYPERVISOR_hvm_op, cmd, a, sizeof(*a));
}

static void test_hvm_params(void **state)
{
	struct xen_hvm_param a = {.domid = DOMID_SELF, .index = HVM_PARAM_STORE_EVTCHN, .value = 5};

	(void)state;
	assert_int_equal(param(dom1, HVMOP_set_param, &a), 0);
	a.value = 0;
	assert_int_equal(param(dom1, HVMOP_get_param, &a), 0);
	assert_int_equal(a.value, 5);
	a.index = HVM_PARAM_STORE_PFN;
	assert_int_equal(param(dom1, HVMOP_set_param, &a), -EPERM);
	a.domid = 1;
	a.value = 0xfeff;
	assert_int_equal(param(dom0, HVMOP_set_param, &a), 0);
	a.value = 0;
	assert_int_equal(param(dom1, HVMOP_get_param, &a), 0);
	assert_int_equal(a.value, 0xfeff);
	a.domid = 0;
	assert_int_equal(param(dom1, HVMOP_get_param, &a), -EPERM);
	a.domid = 9;
	assert_int_equal(param(dom0, HVMOP_get_param, &a), -ESRCH);
	a = (struct xen_hvm_param){.domid = DOMID_SELF, .index = HVM_NR_PARAMS};
	assert_int_equal(param(dom0, HVMOP_get_param, &a), -EINVAL);
	a = (struct xen_hvm_param){.domid = 1, .index = HVM_PARAM_NR_IOREQ_SERVER_PAGES, .value = 8};
	assert_int_equal(param(dom0, HVMOP_set_param, &a), 0);
	a.value = 9;
	assert_int_equal(param(dom0, HVMOP_set_param, &a), -EEXIST);
	a.index = HVM_PARAM_VIRIDIAN;
	assert_int_equal(param(dom0, HVMOP_set_param, &a), -EINVAL);
}

static void test_upcall_vector_arguments(void **state)
{
	struct xen_hvm_evtchn_upcall_vector a = {.vcpu = 0, .vector = 0xf};

	(void)state;
	assert_int_equal(
		call(dom1, __HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &a, sizeof(a)), -EINVAL);
	a = (struct xen_hvm_evtchn_upcall_vector){.vcpu = 2, .vector = 0x20};
	assert_int_equal(
		call(dom1, __HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &a, sizeof(a)), -ENOENT);
}

static void test_physdev(void **state)
{
	struct physdev_pci_device_add add = {.bus = 0, .devfn = 0x10};
	struct physdev_map_pirq map = {.domid = DOMID_SELF};
	struct physdev_setup_gsi gsi = {.gsi = -1};

	(void)state;
	assert_int_equal(call(dom0, __HYPERVISOR_physdev_op, PHYSDEVOP_pci_device_add, &add, sizeof(add)), 0);
	add.devfn = 0x18;
	assert_int_equal(
		call(dom0, __HYPERVISOR_physdev_op, PHYSDEVOP_pci_device_add, &add, sizeof(add)), -ENODEV);
	assert_int_equal(call(dom0, __HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq, &map, sizeof(map)), -ENOSYS);
	assert_int_equal(
		call(dom0, __HYPERVISOR_physdev_op, PHYSDEVOP_setup_gsi, &gsi, sizeof(gsi)), -EINVAL);
	gsi.gsi = 9;
	assert_int_equal(call(dom0, __HYPERVISOR_physdev_op, PHYSDEVOP_setup_gsi, &gsi, sizeof(gsi)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unknown_numbers),
		TEST(test_only_kernels_in_64_bits),
		TEST(test_privileged_calls),
		TEST(test_hypercall_page),
		TEST(test_features),
		TEST(test_version_texts),
		TEST(test_dom0_writes_as_it_is),
		TEST(test_others_write_lines_with_their_name),
		TEST(test_input_is_dom0s),
		TEST(test_block_and_shutdown),
		TEST(test_the_end_of_dom0),
		TEST(test_watchdogs),
		TEST(test_vcpus_up_and_down),
		TEST(test_singleshot_timer),
		TEST(test_periodic_timer),
		TEST(test_time_info),
		TEST(test_time_scale),
		TEST(test_pinned_areas),
		TEST(test_runstate),
		TEST(test_calendar),
		TEST(test_settime),
		TEST(test_hvm_params),
		TEST(test_upcall_vector_arguments),
		TEST(test_physdev),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
