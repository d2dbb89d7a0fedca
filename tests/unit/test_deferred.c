/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Soft interrupts, timers, tasklets, RCU and calls between processors, all
 * unmodified, on four processors that the test steps one by one.
 */
#include "unit.h"
#include <hv/lapic.h>
#include <hv/lock_check.h>
#include <hv/nmi.h>
#include <hv/rcu.h>
#include <hv/smp.h>
#include <hv/softirq.h>
#include <hv/start_ap.h>
#include <hv/tasklet.h>
#include <hv/time.h>
#include <hv/timer.h>
#include <hv/vector.h>
#include <hv/descriptors.h>
#include "asm.h"
#include "hv_log.h"

#define CPUS 4

static uint64_t clock_ns;
static uint64_t event[CPUS];
static unsigned int sent[CPUS][256];
static vector_fn vectors[256];

uint64_t now_ns(void)
{
	return clock_ns;
}

void time_event_set(uint64_t deadline_ns)
{
	event[fake_cpu] = deadline_ns;
}

int lapic_send(uint32_t apic_id, uint8_t vector)
{
	sent[apic_id - 100][vector]++;
	return 0;
}

int lapic_send_nmi(uint32_t apic_id)
{
	(void)apic_id;
	return 0;
}

void nmi_stop_begin(void)
{
}

unsigned int nmi_stopped_count(void)
{
	return CPUS;
}

void vector_set(uint8_t vector, vector_fn fn)
{
	vectors[vector] = fn;
}

static void on_cpu(unsigned int cpu, void (*fn)(void))
{
	unsigned int before = fake_cpu;

	fake_cpu = cpu;
	fn();
	fake_cpu = before;
}

static int group_setup(void **state)
{
	(void)state;
	fake_asm_reset();
	for (unsigned int i = 0; i < CPUS; i++) {
		unsigned int cpu;

		fake_cpu = i;
		if (smp_number(100 + i, &cpu) || cpu != i)
			return -1;
		timers_init();
		tasklets_init();
		smp_init();
	}
	fake_cpu = 0;
	rcu_init();
	return 0;
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	fake.irqs_on = true;
	memset(sent, 0, sizeof(sent));
	for (unsigned int i = 0; i < CPUS; i++) {
		fake_cpu = i;
		lock_check_reset();
		softirq_run();
	}
	fake_cpu = 0;
	clock_ns = 1000;
	return 0;
}

/* --- Soft interrupts --- */

static unsigned int sched_runs;

static void sched_again(void)
{
	if (sched_runs++ < 3)
		softirq_raise(SOFTIRQ_SCHED);
}

static void test_softirq_one_pass(void **state)
{
	(void)state;
	softirq_set(SOFTIRQ_SCHED, sched_again);
	sched_runs = 0;
	assert_false(softirq_pending());
	softirq_raise(SOFTIRQ_SCHED);
	softirq_run();
	assert_int_equal(sched_runs, 1);
	assert_true(softirq_pending()); /* what it raised waits for the next pass */
	while (softirq_pending())
		softirq_run();
	assert_int_equal(sched_runs, 4);
}

static void test_softirq_remote(void **state)
{
	(void)state;
	softirq_raise_on(2, SOFTIRQ_SCHED);
	softirq_raise_on(2, SOFTIRQ_SCHED);
	assert_int_equal(sent[2][VECTOR_SOFTIRQ], 1); /* the second one finds the bit set */
	assert_false(softirq_pending());
	softirq_raise_on(0, SOFTIRQ_SCHED);
	assert_int_equal(sent[0][VECTOR_SOFTIRQ], 0);
	assert_true(softirq_pending());
}

static void test_softirq_rules(void **state)
{
	static struct spinlock lock = SPINLOCK_INIT("held", LOCK_RANK_HEAP);

	(void)state;
	softirq_raise(SOFTIRQ_SCHED);
	rcu_read_lock();
	expect_assert_failure(softirq_run());
	rcu_read_unlock();
	spin_lock(&lock);
	expect_assert_failure(softirq_run());
	lock_check_reset();
}

/* --- Timers --- */

static struct timer timer[8];
static unsigned int fired[8], fire_order[64], fire_count;

static void fire(void *arg)
{
	unsigned int i = (unsigned int)((struct timer *)arg - timer);

	assert_int_equal(fake_cpu, timer[i].cpu);
	fired[i]++;
	fire_order[fire_count++ % 64] = i;
}

static void timer_ticks(void)
{
	struct cpu_regs regs = {.vector = VECTOR_TIMER};

	vectors[VECTOR_TIMER](&regs);
	softirq_run();
}

static int timer_setup(void **state)
{
	setup(state);
	for (unsigned int i = 0; i < 8; i++)
		timer_init(&timer[i], i % 2, fire, &timer[i]);
	memset(fired, 0, sizeof(fired));
	fire_count = 0;
	return 0;
}

static void test_timers_fire_in_order(void **state)
{
	(void)state;
	timer_set(&timer[0], 3000);
	assert_int_equal(event[0], 3000);
	timer_set(&timer[2], 2000);
	assert_int_equal(event[0], 2000);
	timer_set(&timer[4], 4000);
	assert_int_equal(event[0], 2000);
	clock_ns = 3000;
	timer_ticks();
	assert_int_equal(fire_count, 2);
	assert_int_equal(fire_order[0], 2);
	assert_int_equal(fire_order[1], 0);
	assert_int_equal(event[0], 4000);
	assert_true(timer_pending(&timer[4]));
	timer_stop(&timer[4]);
	assert_false(timer_pending(&timer[4]));
	clock_ns = 9000;
	timer_ticks();
	assert_int_equal(fire_count, 2);
	assert_true(event[0] == TIME_NEVER);
}

static void test_timer_set_again_replaces(void **state)
{
	(void)state;
	timer_set(&timer[0], 3000);
	timer_set(&timer[0], 5000);
	clock_ns = 4000;
	timer_ticks();
	assert_int_equal(fired[0], 0);
	clock_ns = 5000;
	timer_ticks();
	assert_int_equal(fired[0], 1);
}

static void test_timer_of_another_cpu(void **state)
{
	(void)state;
	timer_set(&timer[1], 3000);
	assert_int_equal(sent[1][VECTOR_SOFTIRQ], 1);
	on_cpu(1, softirq_run); /* it programs its own hardware */
	assert_int_equal(event[1], 3000);
	timer_set(&timer[3], 4000); /* not the first: nobody is interrupted */
	assert_int_equal(sent[1][VECTOR_SOFTIRQ], 1);
	clock_ns = 3500;
	on_cpu(1, timer_ticks);
	assert_int_equal(fired[1], 1);
	timer_move(&timer[3], 0);
	assert_int_equal(event[0], 4000);
	clock_ns = 4000;
	timer_ticks();
	assert_int_equal(fired[3], 1);
}

static void fire_at_once(void *arg)
{
	fired[0]++;
	timer_set(arg, 0);
}

/* A timer that is always due must not keep the processor in one pass for ever. */
static void test_timer_storm_is_bounded(void **state)
{
	(void)state;
	timer_init(&timer[0], 0, fire_at_once, &timer[0]);
	timer_set(&timer[0], 0);
	timer_ticks();
	assert_true(fired[0] > 0 && fired[0] <= 64);
	timer_stop(&timer[0]);
}

/* --- Tasklets --- */

static struct tasklet task[2];
static unsigned int task_runs[2];
static bool task_again;

static void task_fn(void *arg)
{
	unsigned int i = (unsigned int)((struct tasklet *)arg - task);

	task_runs[i]++;
	if (task_again && task_runs[i] < 200)
		tasklet_schedule(arg);
}

static void test_tasklets(void **state)
{
	(void)state;
	tasklet_init(&task[0], 0, task_fn, &task[0]);
	tasklet_init(&task[1], 3, task_fn, &task[1]);
	tasklet_schedule(&task[0]);
	tasklet_schedule(&task[0]);
	tasklet_schedule(&task[1]);
	assert_int_equal(sent[3][VECTOR_SOFTIRQ], 1);
	softirq_run();
	assert_int_equal(task_runs[0], 1);
	assert_int_equal(task_runs[1], 0);
	tasklet_kill(&task[1]);
	on_cpu(3, softirq_run);
	assert_int_equal(task_runs[1], 0);
	/* Scheduled while it runs: once more, a bounded number of times in one pass. */
	task_again = true;
	tasklet_schedule(&task[0]);
	softirq_run();
	assert_int_equal(task_runs[0], 1 + 64);
	while (softirq_pending())
		softirq_run();
	assert_int_equal(task_runs[0], 200);
}

/* --- RCU --- */

static struct rcu_head head[3];
static unsigned int freed[3];

static void free_head(struct rcu_head *h)
{
	unsigned int i = (unsigned int)(h - head);

	freed[i]++;
	memset(h, 0xa5, sizeof(*h)); /* as free() would */
}

static int rcu_setup(void **state)
{
	memset(freed, 0, sizeof(freed));
	return setup(state);
}

static void test_rcu_waits_for_all(void **state)
{
	(void)state;
	rcu_call(&head[0], free_head);
	assert_int_equal(sent[3][VECTOR_SOFTIRQ], 1);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(freed[0], 0);
		on_cpu(cpu, softirq_run);
	}
	assert_int_equal(freed[0], 1);
}

/* One that comes in the middle of a grace period waits for the next one. */
static void test_rcu_late_callback(void **state)
{
	(void)state;
	rcu_call(&head[0], free_head);
	on_cpu(0, softirq_run);
	on_cpu(1, softirq_run);
	on_cpu(2, softirq_run);
	rcu_call(&head[1], free_head);
	rcu_call(&head[2], free_head);
	on_cpu(3, softirq_run);
	assert_int_equal(freed[0], 1);
	assert_int_equal(freed[1], 0);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(freed[1] + freed[2], 0);
		on_cpu(cpu, softirq_run);
	}
	assert_int_equal(freed[1] + freed[2], 2);
}

static void others_pass(void)
{
	clock_ns += NSEC_PER_MSEC;
	if (fake_cpu != 0)
		return;
	for (unsigned int cpu = 1; cpu < CPUS; cpu++)
		on_cpu(cpu, softirq_run);
}

static void nobody_passes(void)
{
	clock_ns += NSEC_PER_MSEC;
}

static void test_rcu_synchronize(void **state)
{
	(void)state;
	fake.on_relax = others_pass;
	assert_int_equal(rcu_synchronize(), 0);
	fake.on_relax = nobody_passes;
	assert_int_equal(rcu_synchronize(), -ETIMEDOUT);
	assert_true(fake_log_has("cpu 3 has not passed"));
	fake.on_relax = others_pass;
	assert_int_equal(rcu_synchronize(), 0);
}

/* --- Calls --- */

static unsigned int called[CPUS];

static void call_fn(void *arg)
{
	assert_ptr_equal(arg, called);
	assert_false(fake.irqs_on);
	called[fake_cpu]++;
}

static void others_answer(void)
{
	clock_ns += NSEC_PER_MSEC;
	for (unsigned int cpu = 1; cpu < CPUS; cpu++) {
		on_cpu(cpu, smp_call_poll);
		on_cpu(cpu, smp_call_poll); /* a second look finds nothing */
	}
}

static int call_setup(void **state)
{
	setup(state);
	memset(called, 0, sizeof(called));
	fake.on_relax = others_answer;
	return 0;
}

static void test_call_all(void **state)
{
	(void)state;
	smp_call_all(call_fn, called);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(called[cpu], 1);
		assert_int_equal(sent[cpu][VECTOR_CALL], cpu ? 1 : 0);
	}
	assert_true(fake.irqs_on);
}

static void test_call_some(void **state)
{
	struct cpumask m = {0};

	(void)state;
	cpumask_set(&m, 2);
	cpumask_set(&m, 200); /* not online: not waited for */
	smp_call(&m, call_fn, called);
	assert_int_equal(called[2], 1);
	assert_int_equal(called[0] + called[1] + called[3], 0);
	smp_call_cpu(0, call_fn, called);
	assert_int_equal(called[0], 1);
}

static void test_call_unanswered_is_fatal(void **state)
{
	(void)state;
	fake.on_relax = nobody_passes;
	expect_assert_failure(smp_call_cpu(3, call_fn, called));
	assert_non_null(strstr(fake_panic_text, "cpu 3"));
	/* Clean up for the tests that follow: it answers after all, and the lock is free again. */
	others_answer();
}

static void test_flush(void **state)
{
	unsigned int invlpgs = 0, crs = 0;

	(void)state;
	fake.cr[4] = 1UL << 7;
	smp_flush_tlb_range(0xffff82c000001800, PAGE_SIZE);
	for (unsigned int i = 0; i < fake.op_count; i++)
		invlpgs += fake.op[i].kind == FAKE_INVLPG;
	assert_int_equal(invlpgs, 2 * CPUS); /* it crosses a page boundary */
	smp_flush_tlb_all();
	for (unsigned int i = 0; i < fake.op_count; i++)
		crs += fake.op[i].kind == FAKE_CR && fake.op[i].addr == 4;
	assert_int_equal(crs, 2 * CPUS);
	assert_int_equal(fake.cr[4], 1UL << 7);
}

static void test_numbers(void **state)
{
	unsigned int cpu = 77;

	(void)state;
	assert_int_equal(smp_cpu_of_apic(102), 2);
	assert_int_equal(smp_apic_id(2), 102);
	assert_int_equal(smp_cpu_of_apic(50), SMP_NO_CPU);
	assert_int_equal(smp_cpu_of_apic(~0U), SMP_NO_CPU);
	assert_int_equal(smp_number(102, &cpu), -EEXIST);
	assert_int_equal(smp_number(SMP_APIC_ID_MAX + 1, &cpu), -ENOSPC);
	assert_int_equal(cpu, 77);
	assert_int_equal(smp_cpu_count(), CPUS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_softirq_one_pass, setup),
		cmocka_unit_test_setup(test_softirq_remote, setup),
		cmocka_unit_test_setup(test_softirq_rules, setup),
		cmocka_unit_test_setup(test_timers_fire_in_order, timer_setup),
		cmocka_unit_test_setup(test_timer_set_again_replaces, timer_setup),
		cmocka_unit_test_setup(test_timer_of_another_cpu, timer_setup),
		cmocka_unit_test_setup(test_timer_storm_is_bounded, timer_setup),
		cmocka_unit_test_setup(test_tasklets, setup),
		cmocka_unit_test_setup(test_rcu_waits_for_all, rcu_setup),
		cmocka_unit_test_setup(test_rcu_late_callback, rcu_setup),
		cmocka_unit_test_setup(test_rcu_synchronize, rcu_setup),
		cmocka_unit_test_setup(test_call_all, call_setup),
		cmocka_unit_test_setup(test_call_some, call_setup),
		cmocka_unit_test_setup(test_flush, call_setup),
		cmocka_unit_test_setup(test_numbers, call_setup),
		/* Last: it leaves a lock behind. */
		cmocka_unit_test_setup(test_call_unanswered_is_fatal, call_setup),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
