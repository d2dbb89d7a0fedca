/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual local APIC as a guest and the hypervisor's devices see it, with a clock of the test's own. */
#include "unit.h"
#include <stdlib.h>
#include <hv/cpu_regs.h>
#include <hv/vioapic.h>
#include <hv/vlapic.h>
#include "asm.h"
#include "guest.h"
#include "hv_log.h"
#include "../../xen/hvm/vlapic_regs.h"

#define VCPUS 20

static uint8_t eoi_vectors[64];
static unsigned int eoi_count;
static struct vcpu **cpu = guest_domain.vcpu;

void vioapic_eoi(struct domain *d, uint8_t vector)
{
	assert_ptr_equal(d, &guest_domain);
	eoi_vectors[eoi_count++ % 64] = vector;
}

static uint32_t rd(unsigned int id, uint32_t reg)
{
	return (uint32_t)guest_mmio_read(cpu[id], VLAPIC_BASE + reg, 4);
}

static void wr(unsigned int id, uint32_t reg, uint32_t value)
{
	guest_mmio_write(cpu[id], VLAPIC_BASE + reg, 4, value);
}

static void enable(unsigned int id)
{
	wr(id, APIC_SVR, APIC_SVR_ENABLE | 0xff);
}

static int prepare(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	guest_make(VCPUS);
	/* As PVH dom0's vioapic: EOIs of level vectors go there. */
	guest_domain.vioapic = (struct vioapic *)&guest_domain;
	eoi_count = 0;
	for (unsigned int i = 0; i < VCPUS; i++)
		assert_int_equal(vlapic_create(cpu[i]), 0);
	for (unsigned int i = 0; i < VCPUS; i++)
		enable(i);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (unsigned int i = VCPUS; i-- > 0;)
		vlapic_destroy(cpu[i]);
	guest_end();
	return 0;
}

/* The vcpu enters the guest: takes what is offered. */
static int take(unsigned int id)
{
	int vector = vlapic_pending(cpu[id]);

	if (vector >= 0)
		vlapic_accept(cpu[id], (uint8_t)vector);
	return vector;
}

static void msi(uint32_t dest, bool logical, uint32_t mode, uint8_t vector, bool level)
{
	uint64_t address = MSI_ADDRESS_BASE | dest << 12 | (logical ? MSI_ADDRESS_LOGICAL : 0);
	uint32_t data = vector | mode << 8 | (level ? MSI_DATA_LEVEL | MSI_DATA_ASSERT : 0);

	assert_int_equal(vlapic_msi(&guest_domain, address, data), 0);
}

static void test_power_on(void **state)
{
	(void)state;
	vlapic_destroy(cpu[VCPUS - 1]);
	assert_int_equal(vlapic_create(cpu[VCPUS - 1]), 0);
	assert_int_equal(rd(VCPUS - 1, APIC_SVR), 0xff);
	assert_int_equal(rd(VCPUS - 1, APIC_DFR), ~0U);
	assert_int_equal(rd(VCPUS - 1, APIC_LVT_LINT0), APIC_LVT_MASKED);
	assert_int_equal(rd(3, APIC_ID), 3u << 24);
	assert_int_equal(rd(0, APIC_VERSION), 0x50014);
	assert_int_equal(vlapic_base(cpu[0]), 0xfee00900);
	assert_int_equal(vlapic_base(cpu[1]), 0xfee00800);
	/* Disabled by software: nothing is taken. */
	vlapic_request(cpu[VCPUS - 1], 0x55);
	assert_int_equal(vlapic_pending(cpu[VCPUS - 1]), -1);
}

static void test_create_failures(void **state)
{
	(void)state;
	end(NULL);
	guest_make(1);
	for (unsigned int n = 1; n <= 2; n++) {
		guest.fail_alloc = n;
		assert_int_equal(vlapic_create(cpu[0]), -ENOMEM);
		assert_null(cpu[0]->vlapic);
	}
	guest.fail_trap = 1;
	assert_int_equal(vlapic_create(cpu[0]), -ENOMEM);
	guest.fail_p2m = 1;
	assert_int_equal(vlapic_create(cpu[0]), -ENOMEM);
	guest_end();
	prepare(NULL);
}

static void test_priorities(void **state)
{
	(void)state;
	vlapic_request(cpu[0], 0x41);
	vlapic_request(cpu[0], 0x63);
	vlapic_request(cpu[0], 0x52);
	assert_int_equal(take(0), 0x63);
	assert_int_equal(rd(0, APIC_PPR), 0x60);
	/* Lower classes wait, as does another of the same class. */
	vlapic_request(cpu[0], 0x6f);
	assert_int_equal(take(0), -1);
	vlapic_request(cpu[0], 0x70);
	assert_int_equal(take(0), 0x70);
	wr(0, APIC_EOI, 0);
	assert_int_equal(take(0), -1);
	wr(0, APIC_EOI, 0);
	assert_int_equal(take(0), 0x6f);
	wr(0, APIC_EOI, 0);
	assert_int_equal(take(0), 0x52);
	wr(0, APIC_EOI, 0);
	assert_int_equal(take(0), 0x41);
	wr(0, APIC_EOI, 0);
	assert_int_equal(rd(0, APIC_PPR), 0);
	assert_int_equal(eoi_count, 0);
	/* One too many changes nothing. */
	wr(0, APIC_EOI, 0);
}

static void test_tpr(void **state)
{
	(void)state;
	wr(0, APIC_TPR, 0x5c);
	assert_int_equal(vlapic_tpr(cpu[0]), 0x5c);
	assert_int_equal(rd(0, APIC_PPR), 0x5c);
	vlapic_request(cpu[0], 0x5f);
	assert_int_equal(take(0), -1);
	vlapic_request(cpu[0], 0x60);
	assert_int_equal(take(0), 0x60);
	wr(0, APIC_EOI, 0);
	vlapic_tpr_set(cpu[0], 0x40);
	assert_int_equal(rd(0, APIC_TPR), 0x40);
	assert_int_equal(take(0), 0x5f);
	assert_int_equal(rd(0, APIC_ISR + 0x20), 1u << 31);
	assert_int_equal(rd(0, APIC_IRR + 0x20), 0);
}

static void test_request_kicks_once(void **state)
{
	uint64_t kicks = guest.kicks;

	(void)state;
	cpu[2]->work = 0;
	vlapic_request(cpu[2], 0x40);
	vlapic_request(cpu[2], 0x40);
	assert_int_equal(guest.kicks, kicks + 1);
	assert_int_equal(cpu[2]->work, VCPU_WORK_INTERRUPT);
	assert_int_equal(rd(2, APIC_IRR + 0x20), 1);
}

static void test_level_eoi(void **state)
{
	(void)state;
	msi(1, false, VLAPIC_FIXED, 0x44, true);
	assert_int_equal(rd(1, APIC_TMR + 0x20), 0x10);
	assert_int_equal(take(1), 0x44);
	wr(1, APIC_EOI, 0);
	assert_int_equal(eoi_count, 1);
	assert_int_equal(eoi_vectors[0], 0x44);
	/* The same vector as an edge: no more. */
	msi(1, false, VLAPIC_FIXED, 0x44, false);
	assert_int_equal(take(1), 0x44);
	wr(1, APIC_EOI, 0);
	assert_int_equal(eoi_count, 1);
}

static void icr(unsigned int from, uint32_t dest, uint32_t low)
{
	wr(from, APIC_ICR_HIGH, dest << 24);
	wr(from, APIC_ICR, low);
}

static uint32_t takers(void)
{
	uint32_t set = 0;

	for (unsigned int i = 0; i < VCPUS; i++) {
		if (take(i) < 0)
			continue;
		set |= 1u << i;
		wr(i, APIC_EOI, 0);
	}
	return set;
}

static void test_shorthands(void **state)
{
	uint32_t all = (1u << VCPUS) - 1;

	(void)state;
	icr(3, 7, 0x45);
	assert_int_equal(takers(), 1u << 7);
	icr(3, 0xff, 0x45);
	assert_int_equal(takers(), all);
	icr(3, 0, 0x45 | APIC_HAND_SELF << APIC_ICR_HAND_SHIFT);
	assert_int_equal(takers(), 1u << 3);
	icr(3, 0, 0x45 | APIC_HAND_ALL << APIC_ICR_HAND_SHIFT);
	assert_int_equal(takers(), all);
	icr(3, 0, 0x45 | APIC_HAND_OTHERS << APIC_ICR_HAND_SHIFT);
	assert_int_equal(takers(), all & ~(1u << 3));
	icr(3, VCPUS, 0x45);
	assert_int_equal(takers(), 0);
	/* The delivery is over when the register is read. */
	assert_int_equal(rd(3, APIC_ICR) & APIC_ICR_PENDING, 0);
}

static void test_logical_flat_and_cluster(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		wr(i, APIC_LDR, 1u << (24 + i));
	icr(0, 0x81, 0x46 | APIC_ICR_LOGICAL);
	assert_int_equal(takers(), 0x81);
	/* A new id leaves the old place. */
	wr(7, APIC_LDR, 2u << 24);
	icr(0, 0x82, 0x46 | APIC_ICR_LOGICAL);
	assert_int_equal(takers(), 0x82);
	icr(0, 0x80, 0x46 | APIC_ICR_LOGICAL);
	assert_int_equal(takers(), 0);
	/* Cluster 3, bit 2, by two of them; the flat ones do not listen to it any more. */
	for (unsigned int i = 8; i < 10; i++) {
		wr(i, APIC_DFR, 0);
		wr(i, APIC_LDR, 0x34u << 24);
	}
	for (unsigned int i = 0; i < 8; i++)
		wr(i, APIC_DFR, 0);
	icr(0, 0x34, 0x46 | APIC_ICR_LOGICAL);
	assert_int_equal(takers(), 3u << 8);
	icr(0, 0x38, 0x46 | APIC_ICR_LOGICAL);
	assert_int_equal(takers(), 0);
}

static void test_lowest_priority_goes_to_one(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		wr(i, APIC_LDR, 1u << (24 + i));
	wr(1, APIC_SVR, 0xff);
	for (unsigned int vector = 0x30; vector < 0x60; vector++) {
		uint32_t set;

		msi(0x0f, true, VLAPIC_LOWEST, (uint8_t)vector, false);
		set = takers();
		assert_int_equal(__builtin_popcount(set), 1);
		assert_int_equal(set & ~0xdu, 0);
	}
	/* Nobody accepts. */
	msi(0x02, true, VLAPIC_LOWEST, 0x50, false);
	assert_int_equal(takers(), 0);
}

static void test_nmi_and_dropped_modes(void **state)
{
	(void)state;
	msi(2, false, VLAPIC_NMI, 0, false);
	assert_int_equal(guest.nmis, 1);
	assert_true(cpu[2]->work & VCPU_WORK_NMI);
	msi(2, false, VLAPIC_SMI, 0x40, false);
	msi(2, false, VLAPIC_EXTINT, 0x40, false);
	msi(2, false, VLAPIC_STARTUP, 0x40, false);
	guest_tasklets();
	assert_int_equal(takers(), 0);
	assert_int_equal(guest.starts, 0);
	assert_int_equal(vlapic_msi(&guest_domain, 0xfed00000, 0x40), -EINVAL);
	assert_int_equal(vlapic_msi(&guest_domain, 0x1fee00000, 0x40), -EINVAL);
}

static void test_init_startup(void **state)
{
	(void)state;
	/* A vcpu that was never up takes STARTUP; the second one of the pair does nothing. */
	icr(0, 1, VLAPIC_INIT << 8 | APIC_ICR_ASSERT | APIC_ICR_LEVEL);
	icr(0, 1, VLAPIC_INIT << 8 | APIC_ICR_LEVEL);
	guest_tasklets();
	assert_int_equal(guest.downs, 1);
	icr(0, 1, VLAPIC_STARTUP << 8 | 0x9a);
	icr(0, 1, VLAPIC_STARTUP << 8 | 0x9b);
	guest_tasklets();
	icr(0, 1, VLAPIC_STARTUP << 8 | 0x9c);
	guest_tasklets();
	assert_int_equal(guest.starts, 1);
	assert_int_equal(guest.start_page, 0x9a);
	assert_int_equal(guest.start_vcpu, 1);
	assert_int_equal(cpu[1]->flags & VCPU_DOWN, 0);
	/* INIT of a running one stops it and forgets its requests, not its place. */
	enable(1);
	vlapic_request(cpu[1], 0x40);
	icr(0, 1, VLAPIC_INIT << 8 | APIC_ICR_ASSERT);
	guest_tasklets();
	assert_true(cpu[1]->flags & VCPU_DOWN);
	assert_int_equal(vlapic_pending(cpu[1]), -1);
	assert_int_equal(rd(1, APIC_SVR), 0xff);
	/* Both at once, in this order. */
	icr(0, 1, VLAPIC_STARTUP << 8 | 0x11);
	icr(0, 1, VLAPIC_INIT << 8 | APIC_ICR_ASSERT);
	icr(0, 1, VLAPIC_STARTUP << 8 | 0x12);
	guest_tasklets();
	assert_int_equal(guest.starts, 2);
	assert_int_equal(guest.start_page, 0x12);
}

/* Brought up by a hypercall meanwhile: STARTUP is not for it. */
static void test_startup_of_running(void **state)
{
	(void)state;
	cpu[4]->flags = 0;
	icr(0, 4, VLAPIC_STARTUP << 8 | 0x10);
	icr(1, 0, VLAPIC_STARTUP << 8 | 0x10);
	guest_tasklets();
	assert_int_equal(guest.starts, 0);
}

static void test_errors(void **state)
{
	(void)state;
	wr(0, APIC_LVT_ERROR, 0xfe);
	icr(0, 1, 0x0f);
	assert_int_equal(take(0), 0xfe);
	wr(0, APIC_EOI, 0);
	assert_int_equal(rd(0, APIC_ESR), 0);
	wr(0, APIC_ESR, 0);
	assert_int_equal(rd(0, APIC_ESR), APIC_ESR_SEND_VECTOR);
	wr(0, APIC_ESR, 0);
	assert_int_equal(rd(0, APIC_ESR), 0);
	msi(1, false, VLAPIC_FIXED, 0x0e, false);
	wr(1, APIC_ESR, 0);
	assert_int_equal(rd(1, APIC_ESR), APIC_ESR_RECV_VECTOR);
	assert_int_equal(rd(0, 0x40), 0);
	wr(0, APIC_SELF_IPI, 0x40);
	wr(0, APIC_ESR, 0);
	assert_int_equal(rd(0, APIC_ESR), APIC_ESR_REGISTER);
	/* An error vector that is itself bad ends there. */
	wr(0, APIC_LVT_ERROR, 0x3);
	icr(0, 1, 0x0f);
	assert_int_equal(rd(0, APIC_IRR), 0);
}

static void test_software_disable(void **state)
{
	(void)state;
	wr(0, APIC_LVT_TIMER, 0x40);
	vlapic_request(cpu[0], 0x50);
	wr(0, APIC_SVR, 0xff);
	assert_int_equal(rd(0, APIC_LVT_TIMER), 0x40 | APIC_LVT_MASKED);
	wr(0, APIC_LVT_TIMER, 0x41);
	assert_int_equal(rd(0, APIC_LVT_TIMER), 0x41 | APIC_LVT_MASKED);
	/* What is pending stays; nothing new comes. */
	vlapic_request(cpu[0], 0x60);
	assert_int_equal(take(0), 0x50);
	cpu[0]->work = 0;
	enable(0);
	assert_true(cpu[0]->work & VCPU_WORK_EVENT);
	assert_int_equal(take(0), -1);
}

static void test_access_sizes(void **state)
{
	(void)state;
	wr(5, APIC_LDR, 0x12000000);
	assert_int_equal(guest_mmio_read(cpu[5], VLAPIC_BASE + APIC_LDR + 3, 1), 0x12);
	assert_int_equal(guest_mmio_read(cpu[5], VLAPIC_BASE + APIC_LDR + 2, 2), 0x1200);
	assert_int_equal(guest_mmio_read(cpu[5], VLAPIC_BASE + APIC_LDR + 3, 2), 0);
	assert_int_equal(guest_mmio_read(cpu[5], VLAPIC_BASE + APIC_LDR, 8), 0);
	assert_int_equal(guest_mmio_read(cpu[5], VLAPIC_BASE + 0xffc, 4), 0);
	guest_mmio_write(cpu[5], VLAPIC_BASE + APIC_TPR, 1, 0x20);
	guest_mmio_write(cpu[5], VLAPIC_BASE + APIC_TPR + 4, 4, 0x20);
	assert_int_equal(rd(5, APIC_TPR), 0);
}

/* --- The timer: 10 ns a tick, divided. --- */
#define DIVIDE_1 0xb
#define DIVIDE_4 0x1

static void test_timer_one_shot(void **state)
{
	(void)state;
	wr(0, APIC_TIMER_DIVIDE, DIVIDE_1);
	wr(0, APIC_LVT_TIMER, 0x80);
	wr(0, APIC_TIMER_INITIAL, 1000);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 1000);
	guest_time_to(fake_now + 4000);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 600);
	assert_int_equal(take(0), -1);
	guest_time_to(fake_now + 6000);
	assert_int_equal(take(0), 0x80);
	wr(0, APIC_EOI, 0);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 0);
	guest_time_to(fake_now + 100000);
	assert_int_equal(take(0), -1);
	/* Masked: it counts and says nothing. */
	wr(0, APIC_LVT_TIMER, 0x80 | APIC_LVT_MASKED);
	wr(0, APIC_TIMER_INITIAL, 1000);
	guest_time_to(fake_now + 100000);
	assert_int_equal(take(0), -1);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 0);
	/* Stopped by zero. */
	wr(0, APIC_LVT_TIMER, 0x80);
	wr(0, APIC_TIMER_INITIAL, 1000);
	wr(0, APIC_TIMER_INITIAL, 0);
	guest_time_to(fake_now + 100000);
	assert_int_equal(take(0), -1);
}

static void test_timer_divide(void **state)
{
	static const struct {
		uint32_t reg, by;
	} rows[] = {{0xb, 1}, {0x0, 2}, {0x1, 4}, {0x2, 8}, {0x3, 16}, {0x8, 32}, {0x9, 64}, {0xa, 128}};

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		wr(0, APIC_TIMER_DIVIDE, rows[i].reg | 0xf4);
		assert_int_equal(rd(0, APIC_TIMER_DIVIDE), rows[i].reg);
		wr(0, APIC_TIMER_INITIAL, 100);
		guest_time_to(fake_now + 500 * rows[i].by);
		assert_int_equal(rd(0, APIC_TIMER_CURRENT), 50);
	}
	/* Changed on the way: what is left goes on at the new pace. */
	wr(0, APIC_TIMER_DIVIDE, DIVIDE_4);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 50);
	guest_time_to(fake_now + 25 * 40);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 25);
}

static unsigned int ticks_until(uint64_t ns, uint64_t step)
{
	unsigned int ticks = 0;

	while (fake_now < ns) {
		guest_time_to(MIN(fake_now + step, ns));
		if (take(0) >= 0) {
			ticks++;
			wr(0, APIC_EOI, 0);
		}
	}
	return ticks;
}

static void test_timer_periodic(void **state)
{
	uint64_t runs;

	(void)state;
	wr(0, APIC_TIMER_DIVIDE, DIVIDE_1);
	wr(0, APIC_LVT_TIMER, 0x80 | (1u << APIC_LVT_TIMER_SHIFT));
	wr(0, APIC_TIMER_INITIAL, 100000); /* 1 ms */
	assert_int_equal(ticks_until(fake_now + 100000000, 100000), 100);
	assert_int_not_equal(rd(0, APIC_TIMER_CURRENT), 0);
	/* Away for ten periods: one interrupt, and the phase is kept. */
	fake_now += 10500000;
	runs = guest.timer_runs;
	assert_int_equal(ticks_until(fake_now + 1, 1), 1);
	assert_int_equal(guest.timer_runs, runs + 1);
	assert_int_equal(rd(0, APIC_TIMER_CURRENT), 49999);
	/* An absurd period is served slower, not faster. */
	wr(0, APIC_TIMER_INITIAL, 1);
	assert_in_range(ticks_until(fake_now + 1000000, 1000), 45, 51);
	wr(0, APIC_TIMER_INITIAL, 0);
	guest_time_to(fake_now + 100000);
	take(0);
	wr(0, APIC_EOI, 0);
	assert_int_equal(ticks_until(fake_now + 1000000, 1000), 0);
}

static void deadline(uint64_t tsc)
{
	assert_int_equal(vlapic_msr_write(cpu[0], MSR_TSC_DEADLINE, tsc), 0);
}

static uint64_t deadline_get(void)
{
	uint64_t value = ~0UL;

	assert_int_equal(vlapic_msr_read(cpu[0], MSR_TSC_DEADLINE, &value), 0);
	return value;
}

static void test_timer_deadline(void **state)
{
	(void)state;
	/* In another mode the register is not there. */
	deadline(fake_now + 5000);
	assert_int_equal(deadline_get(), 0);
	wr(0, APIC_LVT_TIMER, 0x80 | (2u << APIC_LVT_TIMER_SHIFT));
	wr(0, APIC_TIMER_INITIAL, 1000);
	guest_time_to(fake_now + 100000);
	assert_int_equal(take(0), -1);
	deadline(fake_now + 5000);
	assert_int_equal(deadline_get(), fake_now + 5000);
	guest_time_to(fake_now + 4999);
	assert_int_equal(take(0), -1);
	guest_time_to(fake_now + 2);
	assert_int_equal(take(0), 0x80);
	wr(0, APIC_EOI, 0);
	assert_int_equal(deadline_get(), 0);
	/* Past: at once. Zero: never. */
	deadline(fake_now - 1);
	assert_int_equal(take(0), 0x80);
	wr(0, APIC_EOI, 0);
	deadline(fake_now + 1000);
	deadline(0);
	guest_time_to(fake_now + 5000);
	assert_int_equal(take(0), -1);
	/* Beyond the cut: it waits again. */
	deadline(fake_now + 1500000000000);
	guest_time_to(fake_now + 1400000000000);
	assert_int_equal(take(0), -1);
	guest_time_to(fake_now + 100000000001);
	assert_int_equal(take(0), 0x80);
	wr(0, APIC_EOI, 0);
	/* Leaving the mode disarms it. */
	deadline(fake_now + 1000);
	wr(0, APIC_LVT_TIMER, 0x80);
	guest_time_to(fake_now + 5000);
	assert_int_equal(take(0), -1);
}

/* --- x2APIC. --- */
static int x2wr(unsigned int id, uint32_t reg, uint64_t value)
{
	return vlapic_msr_write(cpu[id], MSR_X2APIC_FIRST + (reg >> 4), value);
}

static uint64_t x2rd(unsigned int id, uint32_t reg)
{
	uint64_t value = 0xdead;

	assert_int_equal(vlapic_msr_read(cpu[id], MSR_X2APIC_FIRST + (reg >> 4), &value), 0);
	return value;
}

static int base(unsigned int id, uint64_t value)
{
	return vlapic_msr_write(cpu[id], MSR_APIC_BASE, value);
}

static void to_x2(unsigned int id)
{
	assert_int_equal(base(id, vlapic_base(cpu[id]) | APIC_BASE_X2APIC), 0);
}

static void test_base_transitions(void **state)
{
	(void)state;
	assert_int_equal(base(1, 0xfec00800), -EINVAL);
	assert_true(fake_log_has("0xfec00000 refused"));
	assert_int_equal(base(1, 0xfee00801), -EINVAL);
	assert_int_equal(base(1, 0xfee00400), -EINVAL);
	to_x2(1);
	assert_int_equal(base(1, 0xfee00800), -EINVAL);
	assert_int_equal(base(1, 0xfee00000), 0);
	/* Off: nothing there. */
	assert_int_equal(rd(1, APIC_ID), ~0U);
	vlapic_request(cpu[1], 0x40);
	assert_int_equal(vlapic_pending(cpu[1]), -1);
	assert_int_equal(base(1, 0xfee00c00), -EINVAL);
	/* The BSP bit is not the guest's. */
	assert_int_equal(base(1, 0xfee00900), 0);
	assert_int_equal(vlapic_base(cpu[1]), 0xfee00800);
	assert_int_equal(rd(1, APIC_SVR), 0xff);
}

static void test_x2_registers(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(x2wr(17, APIC_TPR, 0), -EINVAL);
	to_x2(17);
	assert_int_equal(rd(17, APIC_ID), ~0U);
	assert_int_equal(x2rd(17, APIC_ID), 17);
	assert_int_equal(x2rd(17, APIC_LDR), 0x10002);
	assert_int_equal(x2wr(17, APIC_LDR, 0), -EINVAL);
	assert_int_equal(x2wr(17, APIC_ID, 0), -EINVAL);
	assert_int_equal(x2wr(17, APIC_EOI, 1), -EINVAL);
	assert_int_equal(x2wr(17, APIC_EOI, 0), 0);
	assert_int_equal(x2wr(17, APIC_ESR, 1), -EINVAL);
	assert_int_equal(x2wr(17, APIC_TPR, 0x100), -EINVAL);
	assert_int_equal(x2wr(17, APIC_TPR, 0x30), 0);
	assert_int_equal(x2wr(17, APIC_TIMER_INITIAL, 1UL << 32), -EINVAL);
	assert_int_equal(vlapic_msr_read(cpu[17], MSR_X2APIC_FIRST + 0x0e, &value), -EINVAL);
	assert_int_equal(vlapic_msr_read(cpu[17], MSR_X2APIC_FIRST + 0x31, &value), -EINVAL);
	assert_int_equal(vlapic_msr_read(cpu[17], MSR_X2APIC_FIRST + 0xff, &value), -EINVAL);
	assert_int_equal(x2wr(17, APIC_SELF_IPI, 0x47), 0);
	assert_int_equal(take(17), 0x47);
}

static uint32_t x2_takers(void)
{
	uint32_t set = 0;

	for (unsigned int i = 0; i < VCPUS; i++) {
		if (take(i) < 0)
			continue;
		set |= 1u << i;
		assert_int_equal(x2wr(i, APIC_EOI, 0), 0);
	}
	return set;
}

static void test_x2_destinations(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VCPUS; i++)
		to_x2(i);
	assert_int_equal(x2wr(0, APIC_ICR, 19UL << 32 | 0x45), 0);
	assert_int_equal(x2rd(0, APIC_ICR), 19UL << 32 | 0x45);
	assert_int_equal(x2_takers(), 1u << 19);
	assert_int_equal(x2wr(0, APIC_ICR, 0xffffffffUL << 32 | 0x45), 0);
	assert_int_equal(x2_takers(), (1u << VCPUS) - 1);
	assert_int_equal(x2wr(0, APIC_ICR, 0xffUL << 32 | 0x45), 0);
	assert_int_equal(x2_takers(), 0);
	assert_int_equal(x2wr(0, APIC_ICR, 0x1000aUL << 32 | APIC_ICR_LOGICAL | 0x45), 0);
	assert_int_equal(x2_takers(), 1u << 17 | 1u << 19);
	assert_int_equal(x2wr(0, APIC_ICR, 0xffff0001UL << 32 | APIC_ICR_LOGICAL | 0x45), 0);
	assert_int_equal(x2_takers(), 0);
	assert_int_equal(x2wr(0, APIC_ICR, APIC_ICR_PENDING | 0x45), -EINVAL);
	/* A device can name the first eight logically, and all physically. */
	msi(0x81, true, VLAPIC_FIXED, 0x46, false);
	assert_int_equal(x2_takers(), 0x81);
	msi(12, false, VLAPIC_FIXED, 0x46, false);
	assert_int_equal(x2_takers(), 1u << 12);
}

/* Into x2APIC mode the xAPIC's logical id is gone. */
static void test_x2_leaves_logical_table(void **state)
{
	(void)state;
	wr(9, APIC_LDR, 0x40000000);
	to_x2(9);
	icr(0, 0x40, 0x46 | APIC_ICR_LOGICAL);
	assert_int_equal(take(9), -1);
}

/* --- Random operations against a model of requests, service and priority. --- */
struct model {
	bool irr[256], isr[256];
	uint8_t tpr;
};

static int model_highest(const bool *set)
{
	for (int i = 255; i >= 0; i--)
		if (set[i])
			return i;
	return -1;
}

static int model_pending(const struct model *m)
{
	int irr = model_highest(m->irr), isr = model_highest(m->isr);
	int class = MAX(m->tpr >> 4, isr < 0 ? 0 : isr >> 4);

	return irr >= 0 && irr >> 4 > class ? irr : -1;
}

static void model_step(struct model *m, unsigned int op, uint8_t value)
{
	int vector;

	switch (op) {
	case 0:
	case 1:
		vlapic_request(cpu[0], value);
		if (value >= 16)
			m->irr[value] = true;
		break;
	case 2:
		vector = take(0);
		assert_int_equal(vector, model_pending(m));
		if (vector >= 0) {
			m->irr[vector] = false;
			m->isr[vector] = true;
		}
		break;
	case 3:
		wr(0, APIC_EOI, value);
		vector = model_highest(m->isr);
		if (vector >= 0)
			m->isr[vector] = false;
		break;
	default:
		m->tpr = value & 0x7f;
		wr(0, APIC_TPR, m->tpr);
		break;
	}
}

static void test_random_operations(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 20; seed++) {
		struct model m = {.tpr = 0};

		srand(seed);
		end(NULL);
		prepare(NULL);
		for (unsigned int i = 0; i < 2000; i++) {
			model_step(&m, (unsigned int)rand() % 5, (uint8_t)rand());
			assert_int_equal(vlapic_pending(cpu[0]), model_pending(&m));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_power_on, prepare, end),
		cmocka_unit_test_setup_teardown(test_create_failures, prepare, end),
		cmocka_unit_test_setup_teardown(test_priorities, prepare, end),
		cmocka_unit_test_setup_teardown(test_tpr, prepare, end),
		cmocka_unit_test_setup_teardown(test_request_kicks_once, prepare, end),
		cmocka_unit_test_setup_teardown(test_level_eoi, prepare, end),
		cmocka_unit_test_setup_teardown(test_shorthands, prepare, end),
		cmocka_unit_test_setup_teardown(test_logical_flat_and_cluster, prepare, end),
		cmocka_unit_test_setup_teardown(test_lowest_priority_goes_to_one, prepare, end),
		cmocka_unit_test_setup_teardown(test_nmi_and_dropped_modes, prepare, end),
		cmocka_unit_test_setup_teardown(test_init_startup, prepare, end),
		cmocka_unit_test_setup_teardown(test_startup_of_running, prepare, end),
		cmocka_unit_test_setup_teardown(test_errors, prepare, end),
		cmocka_unit_test_setup_teardown(test_software_disable, prepare, end),
		cmocka_unit_test_setup_teardown(test_access_sizes, prepare, end),
		cmocka_unit_test_setup_teardown(test_timer_one_shot, prepare, end),
		cmocka_unit_test_setup_teardown(test_timer_divide, prepare, end),
		cmocka_unit_test_setup_teardown(test_timer_periodic, prepare, end),
		cmocka_unit_test_setup_teardown(test_timer_deadline, prepare, end),
		cmocka_unit_test_setup_teardown(test_base_transitions, prepare, end),
		cmocka_unit_test_setup_teardown(test_x2_registers, prepare, end),
		cmocka_unit_test_setup_teardown(test_x2_destinations, prepare, end),
		cmocka_unit_test_setup_teardown(test_x2_leaves_logical_table, prepare, end),
		cmocka_unit_test_setup_teardown(test_random_operations, prepare, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
