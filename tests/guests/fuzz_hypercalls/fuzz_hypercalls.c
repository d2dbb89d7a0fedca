/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 100,000 hypercalls with numbers and arguments from a fixed seed; then the machine still answers.
 *
 * Left out, because they end or stop a domain that may do so: SCHEDOP block,
 * shutdown, poll, remote_shutdown and watchdog, VCPUOP_down, XENPF_enter_acpi_sleep;
 * and CONSOLEIO_write, for the sake of the log. A batch of grant operations has at
 * most 64: it writes as many answers.
 *
 * The guest may also give its own memory away. So that it does not lose this
 * kernel, no value that it puts in memory is one of the kernel's own frame
 * numbers (0x100-0x1ff), read at whatever offset.
 */
#include <stdint.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "../pvh.h"

const char guest_name[] = "fuzz_hypercalls";

#define CALLS	      100000U
#define SEED	      0x9e3779b97f4a7c15UL
#define SCRATCH_WORDS 2048U
#define LAST_OP	      64U
#define GRANT_OPS     64U

static uint64_t state = SEED;
/* In the middle of nothing: arrays may be written far beyond it. Its own frames are in no value either. */
static uint64_t *const scratch = (uint64_t *)0x10000000;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t below(uint64_t n)
{
	return (next() >> 16) % n;
}

static uint64_t scratch_address(void)
{
	return (uintptr_t)scratch + below(SCRATCH_WORDS) * 8 + (below(8) == 0 ? 1 : below(2) * 4);
}

static uint64_t far_value(void)
{
	static const uint64_t values[] = {UINT64_MAX, UINT32_MAX, INT32_MAX, INT64_MAX, 1UL << 63, 1UL << 47,
		0xffff800000000000, 0x7ff0, 0x7ff1, XENPF_INTERFACE_VERSION, 0xfee00000, 0x30000000,
		1UL << 40};

	return values[below(sizeof(values) / sizeof(values[0]))];
}

/* What stands in memory: small numbers, frames and addresses of memory that is not used, corner cases, noise. */
static uint64_t memory_value(void)
{
	switch (below(8)) {
	case 0:
	case 1:
		return below(0x80);
	case 2:
		return 0x20000 + below(0x10000);
	case 3:
		return scratch_address();
	case 4:
		return far_value();
	case 5:
		return next();
	case 6:
		return DOMID_SELF | below(16) << 32;
	default:
		return 0;
	}
}

static uint64_t argument(void)
{
	switch (below(4)) {
	case 0:
		return below(LAST_OP);
	case 1:
		return memory_value();
	default:
		return scratch_address();
	}
}

static uint64_t number(void)
{
	static const uint8_t there[] = {__HYPERVISOR_platform_op, __HYPERVISOR_memory_op,
		__HYPERVISOR_set_timer_op, __HYPERVISOR_xen_version, __HYPERVISOR_console_io,
		__HYPERVISOR_grant_table_op, __HYPERVISOR_vm_assist, __HYPERVISOR_vcpu_op,
		__HYPERVISOR_sched_op, __HYPERVISOR_event_channel_op, __HYPERVISOR_physdev_op,
		__HYPERVISOR_hvm_op, __HYPERVISOR_domctl, __HYPERVISOR_sysctl};

	return below(16) ? there[below(sizeof(there))] : next();
}

static uint32_t scratch_read(uint64_t address)
{
	if (address < (uintptr_t)scratch || address > (uintptr_t)(scratch + SCRATCH_WORDS))
		return 0;
	return *(volatile uint32_t *)address;
}

static bool left_out(uint32_t nr, uint64_t a1)
{
	switch (nr) {
	case __HYPERVISOR_sched_op:
		return a1 != SCHEDOP_yield && a1 != SCHEDOP_shutdown_code && a1 <= SCHEDOP_watchdog;
	case __HYPERVISOR_vcpu_op:
		return a1 == VCPUOP_down;
	case __HYPERVISOR_console_io:
		return a1 == CONSOLEIO_write;
	case __HYPERVISOR_platform_op:
		return scratch_read(a1) == XENPF_enter_acpi_sleep;
	default:
		return false;
	}
}

static void fill(uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		scratch[below(SCRATCH_WORDS)] = memory_value();
}

static void call(void)
{
	uint64_t nr = number(), a1 = below(4) ? below(LAST_OP) : argument();
	uint64_t a2 = argument(), a3 = argument(), a4 = argument();

	if (nr == __HYPERVISOR_platform_op)
		a1 = scratch_address();
	if (nr == __HYPERVISOR_grant_table_op)
		a3 = below(GRANT_OPS);
	if (!left_out((uint32_t)nr, a1))
		hypercall(nr, a1, a2, a3, a4);
}

void guest_main(uint64_t start_info)
{
	(void)start_info;
	fill(4 * SCRATCH_WORDS);
	for (uint32_t i = 0; i < CALLS; i++) {
		fill(8);
		call();
	}
	guest_equal((uint64_t)hypercall(__HYPERVISOR_xen_version, 0, 0, 0, 0), 4 << 16 | 20,
		"the version afterwards");
}
