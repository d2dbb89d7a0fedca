/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector allocation, dispatch, and device interrupts on top of them. */
#include "unit.h"
#include <hv/descriptors.h>
#include <hv/irq.h>
#include <hv/lapic.h>
#include <hv/lock_check.h>
#include <hv/smp.h>
#include <hv/vector.h>
#include "asm.h"
#include "hv_log.h"

#define DEVICE_VECTORS (VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1)

static unsigned int eois;
static unsigned int calls_to[NR_CPUS];
struct cpumask cpu_online;

void lapic_eoi(void)
{
	eois++;
}

uint32_t smp_apic_id(unsigned int cpu)
{
	return cpu * 2;
}

void smp_call_cpu(unsigned int cpu, smp_fn fn, void *arg)
{
	calls_to[cpu]++;
	fn(arg);
}

/* A chip that keeps the history of what it was told. */
static char history[256];
static int route_error;
static uint8_t last_vector;
static uint32_t last_apic_id;

static void chip_mask(struct irq_desc *irq)
{
	(void)irq;
	strcat(history, "m");
}

static void chip_unmask(struct irq_desc *irq)
{
	(void)irq;
	strcat(history, "u");
}

static int chip_route(struct irq_desc *irq, uint32_t apic_id, uint8_t vector)
{
	(void)irq;
	if (route_error)
		return route_error;
	strcat(history, "r");
	last_apic_id = apic_id;
	last_vector = vector;
	return 0;
}

static const struct irq_chip chip = {"chip", chip_mask, chip_unmask, chip_route};
static struct irq_desc irq;
static unsigned int handled;

static void handler(struct irq_desc *i, void *arg)
{
	assert_ptr_equal(i, &irq);
	assert_ptr_equal(arg, &handled);
	assert_true(lock_check_in_interrupt());
	handled++;
}

static void interrupt(unsigned int cpu, uint8_t vector)
{
	struct cpu_regs regs = {.vector = vector};
	unsigned int before = fake_cpu;

	fake_cpu = cpu;
	vector_dispatch(&regs);
	fake_cpu = before;
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	lock_check_reset();
	memset(calls_to, 0, sizeof(calls_to));
	cpumask_set(&cpu_online, 0);
	cpumask_set(&cpu_online, 1);
	irq = (struct irq_desc){.chip = &chip, .source = 5};
	handled = eois = 0;
	history[0] = '\0';
	route_error = 0;
	return 0;
}

static void test_all_vectors_once(void **state)
{
	static struct irq_desc any;
	bool seen[256] = {false};
	uint8_t v;

	(void)state;
	for (unsigned int i = 0; i < DEVICE_VECTORS; i++) {
		assert_int_equal(vector_alloc(3, &any, &v), 0);
		assert_true(v >= VECTOR_DEVICE_FIRST && v <= VECTOR_DEVICE_LAST);
		assert_false(seen[v]);
		seen[v] = true;
	}
	assert_int_equal(vector_used(3), DEVICE_VECTORS);
	assert_int_equal(vector_alloc(3, &any, &v), -ENOSPC);
	/* Another processor has vectors of its own. */
	assert_int_equal(vector_alloc(2, &any, &v), 0);
	vector_free(2, v);
	vector_free(3, 0x77);
	assert_int_equal(vector_alloc(3, &any, &v), 0);
	assert_int_equal(v, 0x77);
	for (unsigned int i = VECTOR_DEVICE_FIRST; i <= VECTOR_DEVICE_LAST; i++)
		vector_free(3, (uint8_t)i);
	assert_int_equal(vector_used(3), 0);
	expect_assert_failure(vector_free(3, 0x77));
}

static void test_request_dispatch_free(void **state)
{
	(void)state;
	assert_int_equal(irq_request(&irq, "test", 1, handler, &handled), 0);
	assert_string_equal(history, "mru");
	assert_int_equal(last_apic_id, 2);
	assert_int_equal(irq_request(&irq, "test", 1, handler, &handled), -EBUSY);
	interrupt(1, last_vector);
	assert_int_equal(handled, 1);
	assert_int_equal(eois, 1);
	assert_int_equal(irq.count, 1);
	/* The same number on another processor is not ours. */
	interrupt(0, last_vector);
	assert_int_equal(handled, 1);
	assert_int_equal(eois, 2);
	assert_true(fake_log_has("nobody expects"));
	irq_free(&irq);
	assert_string_equal(history, "mrum");
	assert_int_equal(vector_used(1), 0);
	/* It waited for a handler that might have been running there. */
	assert_int_equal(calls_to[1], 1);
	interrupt(1, last_vector);
	assert_int_equal(handled, 1);
}

static void test_request_errors_leave_nothing(void **state)
{
	(void)state;
	assert_int_equal(irq_request(&irq, "test", 9, handler, &handled), -EINVAL);
	route_error = -EINVAL;
	assert_int_equal(irq_request(&irq, "test", 0, handler, &handled), -EINVAL);
	assert_int_equal(vector_used(0), 0);
	assert_int_equal(irq.vector, 0);
	assert_null(strchr(history, 'u'));
}

static void test_move_keeps_old_vector(void **state)
{
	uint8_t old;

	(void)state;
	assert_int_equal(irq_request(&irq, "test", 0, handler, &handled), 0);
	old = last_vector;
	assert_int_equal(irq_set_cpu(&irq, 1), 0);
	assert_int_equal(irq.cpu, 1);
	/* On its way before the move, and after it. */
	interrupt(0, old);
	interrupt(1, last_vector);
	assert_int_equal(handled, 2);
	irq_free(&irq);
	assert_int_equal(vector_used(0), 0);
	assert_int_equal(vector_used(1), 0);
}

static unsigned int timer_ticks;

static void on_timer(struct cpu_regs *regs)
{
	assert_int_equal(regs->vector, VECTOR_TIMER);
	assert_int_equal(eois, 1);
	timer_ticks++;
}

static void test_own_vectors(void **state)
{
	(void)state;
	vector_set(VECTOR_TIMER, on_timer);
	interrupt(0, VECTOR_TIMER);
	assert_int_equal(timer_ticks, 1);
	/* A spurious interrupt is not in service: an EOI would end another one. */
	eois = 0;
	interrupt(0, VECTOR_SPURIOUS);
	assert_int_equal(eois, 0);
	expect_assert_failure(vector_set(VECTOR_DEVICE_LAST, on_timer));
}

static void test_pic_is_masked_last(void **state)
{
	(void)state;
	pic_disable();
	assert_int_equal(fake.op_count, 10);
	assert_int_equal(fake.op[0].addr, 0x20);
	assert_int_equal(fake.op[0].value, 0x11);
	assert_int_equal(fake.op[2].value, VECTOR_PIC);
	assert_int_equal(fake.op[8].addr, 0x21);
	assert_int_equal(fake.op[8].value, 0xff);
	assert_int_equal(fake.op[9].addr, 0xa1);
	assert_int_equal(fake.op[9].value, 0xff);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_vectors_once, setup),
		cmocka_unit_test_setup(test_request_dispatch_free, setup),
		cmocka_unit_test_setup(test_request_errors_leave_nothing, setup),
		cmocka_unit_test_setup(test_move_keeps_old_vector, setup),
		cmocka_unit_test_setup(test_own_vectors, setup),
		cmocka_unit_test_setup(test_pic_is_masked_last, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
