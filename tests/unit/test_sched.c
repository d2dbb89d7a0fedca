/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler on processors that are simulated one after the other: a tick is
 * one millisecond in which every processor asks for its vcpu once and runs it.
 */
#include "asm.h"
#include "hv_log.h"
#include "unit.h"
#include "unit_random.h"
#include <hv/hvm.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/slab.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/vcpu_time.h>
#include <xen/xen.h>
#include <xen/vcpu.h>

#define CPUS	4
#define VCPUS	12
#define TICK_NS NSEC_PER_MSEC

/* --- What the scheduler calls. --- */

struct cpumask cpu_online;
static uint64_t clock_ns;
static struct timer *slices[NR_CPUS];
static unsigned int kicks[NR_CPUS];
static struct vcpu *loaded[NR_CPUS];

uint64_t now_ns(void)
{
	return clock_ns;
}

void timer_init(struct timer *t, unsigned int cpu, timer_fn fn, void *arg)
{
	*t = (struct timer){.fn = fn, .arg = arg, .cpu = cpu};
	slices[cpu] = t;
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	t->node.key = deadline_ns;
	t->queued = true;
}

void timer_stop(struct timer *t)
{
	t->queued = false;
}

void smp_kick(unsigned int cpu)
{
	kicks[cpu]++;
}

void *hv_alloc(size_t bytes)
{
	return test_calloc(1, bytes);
}

void hv_free(void *p)
{
	test_free(p);
}

void hvm_vcpu_load(struct vcpu *v)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		assert_ptr_not_equal(loaded[cpu], v);
	assert_null(loaded[smp_cpu()]);
	loaded[smp_cpu()] = v;
}

/* Only for what is loaded here. */
void vcpu_time_switch_in(struct vcpu *v)
{
	assert_ptr_equal(loaded[smp_cpu()], v);
}

void hvm_vcpu_save(struct vcpu *v)
{
	assert_ptr_equal(loaded[smp_cpu()], v);
	loaded[smp_cpu()] = NULL;
}

/* --- The machine. --- */

static struct domain domains[VCPUS];
static struct vcpu vcpus[VCPUS];
static uint64_t ran_ns[VCPUS];
static uint64_t idle_ns[CPUS];

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	clock_ns = 1000;
	memset(loaded, 0, sizeof(loaded));
	memset(ran_ns, 0, sizeof(ran_ns));
	memset(idle_ns, 0, sizeof(idle_ns));
	memset(domains, 0, sizeof(domains));
	memset(vcpus, 0, sizeof(vcpus));
	memset(&cpu_online, 0, sizeof(cpu_online));
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		cpumask_set(&cpu_online, cpu);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		fake_cpu = cpu;
		while (sched_next() != NULL)
			;
	}
	fake_cpu = 0;
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		sched_init_cpu(cpu);
	for (unsigned int i = 0; i < VCPUS; i++) {
		domains[i].id = (domid_t)i;
		domains[i].sched_weight = SCHED_WEIGHT_DEFAULT;
		vcpus[i].domain = &domains[i];
		vcpus[i].flags = VCPU_DOWN;
		assert_int_equal(sched_vcpu_create(&vcpus[i]), 0);
	}
	return 0;
}

static void flags_set(unsigned int i, uint32_t flags)
{
	vcpus[i].flags = flags;
	sched_update(&vcpus[i]);
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VCPUS; i++)
		flags_set(i, VCPU_DOWN);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		fake_cpu = cpu;
		assert_null(sched_next());
	}
	for (unsigned int i = 0; i < VCPUS; i++)
		sched_vcpu_destroy(&vcpus[i]);
	return 0;
}

static void turn(unsigned int cpu)
{
	struct vcpu *v;

	fake_cpu = cpu;
	if (slices[cpu]->queued && slices[cpu]->node.key <= clock_ns) {
		slices[cpu]->queued = false;
		slices[cpu]->fn(slices[cpu]->arg);
	}
	v = sched_next();
	assert_ptr_equal(v, loaded[cpu]);
	assert_ptr_equal(v, vcpu_current());
	if (v == NULL) {
		idle_ns[cpu] += TICK_NS;
		return;
	}
	assert_int_equal(v->flags, 0);
	assert_int_equal(v->cpu, cpu);
	ran_ns[v - vcpus] += TICK_NS;
}

static void ticks(unsigned int count)
{
	for (unsigned int t = 0; t < count; t++) {
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			turn(cpu);
		clock_ns += TICK_NS;
	}
	fake_cpu = 0;
}

static void only_cpu(unsigned int i, unsigned int cpu)
{
	struct cpumask mask = {{0}};

	cpumask_set(&mask, cpu);
	assert_int_equal(sched_set_affinity(&vcpus[i], &mask), 0);
}

static void assert_share(unsigned int i, uint64_t expected_ns)
{
	uint64_t slack = expected_ns / 50 + SCHED_SLICE_NS;

	assert_in_range(ran_ns[i], expected_ns - MIN(expected_ns, slack), expected_ns + slack);
}

/* --- The tests. --- */

static void equal_weights_share_equally(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		only_cpu(i, 1);
		flags_set(i, 0);
	}
	ticks(3000);
	for (unsigned int i = 0; i < 3; i++)
		assert_share(i, 1000 * TICK_NS);
	assert_int_equal(idle_ns[1], 0);
}

static void shares_follow_the_weights(void **state)
{
	(void)state;
	assert_int_equal(sched_set_weight(&domains[0], 512), 0);
	assert_int_equal(sched_set_weight(&domains[1], 128), 0);
	for (unsigned int i = 0; i < 2; i++) {
		only_cpu(i, 2);
		flags_set(i, 0);
	}
	ticks(5000);
	assert_share(0, 4000 * TICK_NS);
	assert_share(1, 1000 * TICK_NS);
}

static void no_processor_idles_while_somebody_waits(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < CPUS; i++)
		flags_set(i, 0);
	ticks(100);
	for (unsigned int i = 0; i < CPUS; i++)
		assert_true(ran_ns[i] >= 99 * TICK_NS);
}

static void sleeping_earns_no_credit(void **state)
{
	(void)state;
	only_cpu(0, 0);
	only_cpu(1, 0);
	flags_set(0, 0);
	ticks(2000);
	flags_set(1, 0);
	ticks(1000);
	assert_share(0, 2500 * TICK_NS);
	assert_share(1, 500 * TICK_NS);
}

static void affinity_moves_who_runs_and_who_waits(void **state)
{
	(void)state;
	only_cpu(0, 0);
	only_cpu(1, 0);
	flags_set(0, 0);
	flags_set(1, 0);
	ticks(15);
	only_cpu(0, 3);
	only_cpu(1, 3);
	memset(idle_ns, 0, sizeof(idle_ns));
	ticks(100);
	assert_true(idle_ns[0] >= 99 * TICK_NS);
	assert_true(idle_ns[3] <= TICK_NS);
	assert_true(ran_ns[0] >= 40 * TICK_NS && ran_ns[1] >= 40 * TICK_NS);
}

static void affinity_to_nowhere_is_refused(void **state)
{
	struct cpumask mask = {{0}};

	(void)state;
	cpumask_set(&mask, CPUS);
	assert_int_equal(sched_set_affinity(&vcpus[0], &mask), -EINVAL);
	assert_int_equal(sched_set_weight(&domains[0], 0), -EINVAL);
	assert_int_equal(sched_set_weight(&domains[0], SCHED_WEIGHT_MAX + 1), -EINVAL);
}

static void runstates_add_up_to_the_time_that_passed(void **state)
{
	uint64_t sum = 0;

	(void)state;
	only_cpu(0, 1);
	only_cpu(1, 1);
	flags_set(0, 0);
	flags_set(1, 0);
	ticks(400);
	flags_set(0, VCPU_BLOCKED);
	ticks(100);
	flags_set(0, 0);
	ticks(1);
	for (unsigned int s = 0; s < 4; s++)
		sum += vcpus[0].runstate.time_ns[s];
	sum += clock_ns - vcpus[0].runstate.since_ns;
	assert_int_equal(sum, clock_ns - 1000);
	assert_in_range(vcpus[0].runstate.time_ns[RUNSTATE_running], 180 * TICK_NS, 220 * TICK_NS);
	assert_in_range(vcpus[0].runstate.time_ns[RUNSTATE_runnable], 180 * TICK_NS, 220 * TICK_NS);
	assert_in_range(vcpus[0].runstate.time_ns[RUNSTATE_blocked], 98 * TICK_NS, 101 * TICK_NS);
}

/* A waking vcpu's processor must hear of it, or it would sleep on. */
static void waking_kicks_an_idle_processor(void **state)
{
	(void)state;
	memset(kicks, 0, sizeof(kicks));
	only_cpu(5, 2);
	flags_set(5, 0);
	assert_true(kicks[2] > 0);
	ticks(1);
	assert_ptr_equal(loaded[2], &vcpus[5]);
}

static void a_yield_lets_the_next_one_run(void **state)
{
	struct vcpu *first;

	(void)state;
	only_cpu(0, 0);
	only_cpu(1, 0);
	flags_set(0, 0);
	flags_set(1, 0);
	ticks(1);
	first = loaded[0];
	fake_cpu = 0;
	sched_yield(first);
	ticks(1);
	assert_ptr_not_equal(loaded[0], first);
}

/* Anything at any time: load and save assert that no vcpu is on two processors, turn() that only runnable ones run. */
static void random_life_keeps_the_rules(void **state)
{
	static const uint32_t flags[] = {0, 0, 0, VCPU_BLOCKED, VCPU_PAUSED, VCPU_BLOCKED | VCPU_DOWN};
	uint32_t seed = 99;

	(void)state;
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int i = unit_random(&seed) % VCPUS;

		fake_cpu = unit_random(&seed) % CPUS;
		switch (unit_random(&seed) % 8) {
		case 0:
			only_cpu(i, unit_random(&seed) % CPUS);
			break;
		case 1:
			assert_int_equal(sched_set_affinity(&vcpus[i], &cpu_online), 0);
			break;
		case 2:
			assert_int_equal(sched_set_weight(&domains[i], 1 + unit_random(&seed) % 1000), 0);
			break;
		case 3:
		case 4:
			flags_set(i, flags[unit_random(&seed) % ARRAY_SIZE(flags)]);
			break;
		default:
			turn(unit_random(&seed) % CPUS);
			clock_ns += unit_random(&seed) % (2 * TICK_NS);
		}
	}
}

#define SCHED_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCHED_TEST(equal_weights_share_equally),
		SCHED_TEST(shares_follow_the_weights),
		SCHED_TEST(no_processor_idles_while_somebody_waits),
		SCHED_TEST(sleeping_earns_no_credit),
		SCHED_TEST(affinity_moves_who_runs_and_who_waits),
		SCHED_TEST(affinity_to_nowhere_is_refused),
		SCHED_TEST(runstates_add_up_to_the_time_that_passed),
		SCHED_TEST(waking_kicks_an_idle_processor),
		SCHED_TEST(a_yield_lets_the_next_one_run),
		SCHED_TEST(random_life_keeps_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
