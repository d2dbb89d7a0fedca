/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC against a register model, in both modes: which stores, in which order. */
#include "unit.h"
#include <hv/cpu_regs.h>
#include <hv/features.h>
#include <hv/lapic.h>
#include <hv/lapic_regs.h>
#include <hv/map.h>
#include <hv/time.h>
#include <hv/vector.h>
#include "asm.h"
#include "hv_log.h"

#define LAPIC_BASE 0xfee00000

struct cpu_features cpu_features;
static uint32_t regs[PAGE_SIZE / 4];
static uint64_t clock_ns;
static unsigned int busy_reads;
static bool base_is_stuck;

uint64_t now_ns(void)
{
	return clock_ns += 100000;
}

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	assert_int_equal(base, LAPIC_BASE);
	assert_int_equal(bytes, PAGE_SIZE);
	assert_int_equal(cache, MAP_UC);
	return regs;
}

static uint32_t *reg(uint32_t offset)
{
	return &regs[offset / 4];
}

static uint64_t model_read(const volatile void *addr, uint32_t bytes)
{
	uint32_t offset = (uint32_t)((uintptr_t)addr - (uintptr_t)regs);

	assert_int_equal(bytes, 4);
	if (offset == APIC_ICR && busy_reads) {
		busy_reads--;
		return APIC_ICR_BUSY;
	}
	return *reg(offset);
}

static uint64_t model_rdmsr(uint32_t msr)
{
	if (msr >= MSR_X2APIC && msr < MSR_X2APIC + 0x100)
		return *reg((msr - MSR_X2APIC) * 16);
	return fake_msr_get(msr);
}

static void model_wrmsr(uint32_t msr, uint64_t value)
{
	if (msr == MSR_APIC_BASE && base_is_stuck)
		fake_msr_set(msr, LAPIC_BASE);
	(void)value;
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	memset(regs, 0, sizeof(regs));
	memset(&cpu_features, 0, sizeof(cpu_features));
	fake.on_mmio_read = model_read;
	fake.on_rdmsr = model_rdmsr;
	fake.on_wrmsr = model_wrmsr;
	fake_msr_set(MSR_APIC_BASE, LAPIC_BASE | APIC_BASE_ENABLE);
	*reg(APIC_VERSION) = 0x00050014; /* six LVT entries */
	busy_reads = 0;
	base_is_stuck = false;
	return 0;
}

static void have_x2apic(void)
{
	cpu_features.word[FEAT_X2APIC / 32] |= 1U << (FEAT_X2APIC % 32);
}

static const struct fake_op *op_to(uint32_t offset, unsigned int *ret_index)
{
	for (unsigned int i = 0; i < fake.op_count; i++) {
		const struct fake_op *op = &fake.op[i];

		if ((op->kind == FAKE_MMIO && op->addr == (uintptr_t)reg(offset)) ||
			(op->kind == FAKE_WRMSR && op->addr == MSR_X2APIC + offset / 16)) {
			*ret_index = i;
			return op;
		}
	}
	return NULL;
}

static unsigned int index_of(uint32_t offset)
{
	unsigned int i = 0;

	assert_non_null(op_to(offset, &i));
	return i;
}

static void test_mode_choice(void **state)
{
	(void)state;
	assert_int_equal(lapic_init(true), 0);
	assert_false(lapic_is_x2apic());
	have_x2apic();
	assert_int_equal(lapic_init(false), 0);
	assert_false(lapic_is_x2apic());
	assert_int_equal(lapic_init(true), 0);
	assert_true(lapic_is_x2apic());
	/* Left on by firmware: it cannot be left, whatever the option says. */
	fake_msr_set(MSR_APIC_BASE, LAPIC_BASE | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	assert_int_equal(lapic_init(false), 0);
	assert_true(lapic_is_x2apic());
	assert_int_equal(fake.op_count, 0); /* probing changed nothing */
}

/* All sources are masked, and what is in service is ended, before the APIC is switched on. */
static void check_init_order(void)
{
	assert_int_equal(lapic_init_cpu(), 0);
	assert_true(index_of(APIC_LVT_LINT0) < index_of(APIC_SVR));
	assert_true(index_of(APIC_LVT_PERF) < index_of(APIC_SVR));
	assert_int_equal(fake.op[index_of(APIC_LVT_LINT1)].value, APIC_LVT_MASKED);
	assert_int_equal(fake.op[index_of(APIC_SVR)].value, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
	assert_true(index_of(APIC_SVR) < index_of(APIC_ESR));
}

static void test_init_xapic(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(lapic_init(true), 0);
	check_init_order();
	assert_null(op_to(APIC_LVT_CMCI, &i)); /* the version says there is none */
	*reg(APIC_ID) = 0x12000000;
	assert_int_equal(lapic_id(), 0x12);
}

static void test_init_x2apic(void **state)
{
	(void)state;
	have_x2apic();
	fake_msr_set(MSR_APIC_BASE, LAPIC_BASE);
	assert_int_equal(lapic_init(true), 0);
	check_init_order();
	/* Off -> xAPIC -> x2APIC: there is no direct way. */
	assert_int_equal(fake.op[0].value, LAPIC_BASE | APIC_BASE_ENABLE);
	assert_int_equal(fake.op[1].value, LAPIC_BASE | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	*reg(APIC_ID) = 0x12000000;
	assert_int_equal(lapic_id(), 0x12000000);
}

static void test_refusals(void **state)
{
	(void)state;
	fake_msr_set(MSR_APIC_BASE, LAPIC_BASE);
	base_is_stuck = true;
	assert_int_equal(lapic_init(true), 0);
	assert_int_equal(lapic_init_cpu(), -ENODEV);
	assert_true(fake_log_has("does not enter xAPIC mode"));
	base_is_stuck = false;
	fake_msr_set(MSR_APIC_BASE, LAPIC_BASE | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	assert_int_equal(lapic_init_cpu(), -ENODEV);
	assert_true(fake_log_has("not in the boot processor"));
}

/* In service for ever: the drain is bounded. */
static void test_drain_is_bounded(void **state)
{
	unsigned int eois = 0;

	(void)state;
	assert_int_equal(lapic_init(true), 0);
	*reg(APIC_ISR + 0x70) = 1;
	assert_int_equal(lapic_init_cpu(), 0);
	for (unsigned int i = 0; i < fake.op_count; i++)
		eois += fake.op[i].addr == (uintptr_t)reg(APIC_EOI);
	assert_int_equal(eois, 256);
}

static void test_send_xapic(void **state)
{
	(void)state;
	fake.irqs_on = true;
	assert_int_equal(lapic_init(true), 0);
	busy_reads = 3;
	assert_int_equal(lapic_send(5, 0x44), 0);
	assert_int_equal(fake.op_count, 2);
	/* The write of the low half sends: the destination must be there. */
	assert_int_equal(fake.op[0].addr, (uintptr_t)reg(APIC_ICR_HIGH));
	assert_int_equal(fake.op[0].value, 5U << 24);
	assert_int_equal(fake.op[1].addr, (uintptr_t)reg(APIC_ICR));
	assert_int_equal(fake.op[1].value, APIC_ICR_ASSERT | 0x44);
	assert_true(fake.irqs_on);
	assert_int_equal(lapic_send(0x100, 0x44), -EINVAL);
	assert_int_equal(lapic_send(0xff, 0x44), -EINVAL); /* everybody */
	assert_int_equal(fake.op_count, 2);
}

static void test_send_times_out(void **state)
{
	(void)state;
	assert_int_equal(lapic_init(true), 0);
	busy_reads = 1000000;
	assert_int_equal(lapic_send_nmi(1), -ETIMEDOUT);
	assert_int_equal(fake.op_count, 0); /* nothing is sent over a command under way */
	assert_true(busy_reads > 900000);
}

static void test_send_x2apic(void **state)
{
	(void)state;
	have_x2apic();
	assert_int_equal(lapic_init(true), 0);
	assert_int_equal(lapic_send_startup(0x1234, 0x8f), 0);
	assert_int_equal(fake.op_count, 1);
	assert_int_equal(fake.op[0].addr, MSR_X2APIC + APIC_ICR / 16);
	assert_int_equal(fake.op[0].value, (0x1234UL << 32) | APIC_ICR_STARTUP | APIC_ICR_ASSERT | 0x8f);
	assert_int_equal(lapic_send_init(~0U), -EINVAL);
	assert_int_equal(lapic_send_init(7), 0);
	assert_int_equal(fake.op[1].value, (7UL << 32) | APIC_ICR_INIT | APIC_ICR_ASSERT);
}

static void test_timer(void **state)
{
	(void)state;
	assert_int_equal(lapic_init(true), 0);
	lapic_timer_setup(true);
	assert_int_equal(*reg(APIC_LVT_TIMER), 0); /* the model does not store */
	assert_int_equal(fake.op[index_of(APIC_LVT_TIMER)].value, APIC_TIMER_DEADLINE | VECTOR_TIMER);
	lapic_timer_deadline(0x123456789a);
	assert_int_equal(fake_msr_get(MSR_TSC_DEADLINE), 0x123456789a);
	fake.op_count = 0;
	lapic_timer_setup(false);
	assert_int_equal(fake.op[index_of(APIC_LVT_TIMER)].value, VECTOR_TIMER);
	lapic_timer_ticks(77);
	assert_int_equal(fake.op[index_of(APIC_TIMER_INIT)].value, 77);
}

static void store(volatile void *addr, uint32_t bytes, uint64_t value)
{
	(void)addr;
	(void)bytes;
	(void)value; /* kept in the history only */
}

static int setup_no_store(void **state)
{
	setup(state);
	fake.on_mmio_write = store;
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mode_choice, setup_no_store),
		cmocka_unit_test_setup(test_init_xapic, setup_no_store),
		cmocka_unit_test_setup(test_init_x2apic, setup_no_store),
		cmocka_unit_test_setup(test_refusals, setup_no_store),
		cmocka_unit_test_setup(test_drain_is_bounded, setup_no_store),
		cmocka_unit_test_setup(test_send_xapic, setup_no_store),
		cmocka_unit_test_setup(test_send_times_out, setup_no_store),
		cmocka_unit_test_setup(test_send_x2apic, setup_no_store),
		cmocka_unit_test_setup(test_timer, setup_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
