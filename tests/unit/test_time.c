/* SPDX-License-Identifier: GPL-2.0-only */
/* Calibration against model timers, and the arithmetic of time and timer events. */
#include "unit.h"
#include <ucontext.h>
#include <hv/features.h>
#include <hv/lapic.h>
#include <hv/map.h>
#include <hv/percpu.h>
#include <hv/time.h>
#include "asm.h"
#include "hv_log.h"

#define PM_PORT	  0x608
#define PM_HZ	  3579545UL
#define HPET_BASE 0xfed00000UL
#define PIT_HZ	  1193182UL

struct cpu_features cpu_features;
static uint64_t tsc_hz, lapic_hz;
static bool pm_dead, pit_dead;
static uint32_t hpet[0x400 / 4];
static uint64_t lapic_start_tsc;
static uint32_t lapic_ticks;
static uint64_t lapic_deadline;
static bool lapic_mode_deadline;

/* Everything runs off the model's TSC, of which each reading takes a few hundred ticks. */
static uint64_t at_rate(uint64_t hz)
{
	return (uint64_t)((unsigned __int128)fake.tsc * hz / tsc_hz);
}

static uint32_t model_in(uint16_t port, uint32_t bytes)
{
	static uint32_t latched;

	fake.tsc += tsc_hz / 2000000; /* half a microsecond */
	if (port == PM_PORT) {
		assert_int_equal(bytes, 4);
		return pm_dead ? 0x123456 : (uint32_t)at_rate(PM_HZ) & 0xffffff;
	}
	if (port == 0x42) {
		static bool high;

		if (!high)
			latched = pit_dead ? 77 : 0xffff - (uint32_t)at_rate(PIT_HZ);
		high = !high;
		return high ? latched & 0xff : (latched >> 8) & 0xff;
	}
	return 0;
}

static uint64_t model_mmio(const volatile void *addr, uint32_t bytes)
{
	uintptr_t offset = (uintptr_t)addr - (uintptr_t)hpet;

	assert_int_equal(bytes, 4);
	fake.tsc += tsc_hz / 2000000;
	if (offset == 0xf0 && (hpet[0x10 / 4] & 1))
		return (uint32_t)at_rate(10000000);
	return hpet[offset / 4];
}

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	(void)bytes;
	assert_int_equal(base, HPET_BASE);
	assert_int_equal(cache, MAP_UC);
	return hpet;
}

void lapic_timer_setup(bool deadline)
{
	lapic_mode_deadline = deadline;
}

void lapic_timer_ticks(uint32_t ticks)
{
	lapic_ticks = ticks;
	lapic_start_tsc = fake.tsc;
}

void lapic_timer_deadline(uint64_t tsc)
{
	lapic_deadline = tsc;
}

uint32_t lapic_timer_left(void)
{
	return lapic_ticks - (uint32_t)((fake.tsc - lapic_start_tsc) * lapic_hz / tsc_hz);
}

static const struct time_sources all = {.pm_port = PM_PORT, .hpet = HPET_BASE};

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	memset(&cpu_features, 0, sizeof(cpu_features));
	fake.on_in = model_in;
	fake.on_mmio_read = model_mmio;
	fake.tsc_step = 20;
	tsc_hz = 2500000000;
	lapic_hz = 100000000;
	pm_dead = pit_dead = false;
	memset(hpet, 0, sizeof(hpet));
	hpet[1] = 100000000; /* 10 MHz */
	return 0;
}

static void assert_near(uint64_t value, uint64_t want)
{
	uint64_t off = value > want ? value - want : want - value;

	if (off > want / 1000)
		fail_msg("%lu is not near %lu", value, want);
}

static void test_hz(void **state)
{
	uint64_t hz = 1;

	(void)state;
	assert_int_equal(time_hz(25000000, 35795, PM_HZ, 100000000, 20000000000, &hz), 0);
	assert_near(hz, 2500000000);
	hz = 1;
	assert_int_equal(time_hz(25000000, 0, PM_HZ, 0, ~0UL, &hz), -ERANGE);
	assert_int_equal(time_hz(25000000, 35795, 0, 0, ~0UL, &hz), -ERANGE);
	assert_int_equal(time_hz(~0UL, 35795, PM_HZ, 0, ~0UL, &hz), -ERANGE);
	assert_int_equal(time_hz(100, 35795, PM_HZ, 100000000, ~0UL, &hz), -ERANGE);
	assert_int_equal(time_hz(1UL << 40, 35795, PM_HZ, 0, 20000000000, &hz), -ERANGE);
	assert_int_equal(hz, 1);
}

static void test_by_pm_timer(void **state)
{
	(void)state;
	assert_int_equal(time_init(&all), 0);
	assert_near(time_tsc_hz(), 2500000000);
	assert_true(fake_log_has("PM timer"));
	/* About a hundredth of a second, and not much more. */
	assert_true(fake.tsc > tsc_hz / 100 && fake.tsc < tsc_hz / 50);
	assert_near(now_ns(), fake.tsc * 10 / 25);
}

/* The 24-bit counter wraps in the middle. */
static void test_pm_timer_wraps(void **state)
{
	uint64_t start;

	(void)state;
	start = fake.tsc = (uint64_t)((unsigned __int128)(0x1000000 - 10000) * tsc_hz / PM_HZ);
	assert_int_equal(time_init(&all), 0);
	assert_true(fake_log_has("by PM timer"));
	assert_true(fake.tsc - start > tsc_hz / 100);
	assert_near(time_tsc_hz(), 2500000000);
}

static void test_dead_pm_timer_falls_to_hpet(void **state)
{
	(void)state;
	pm_dead = true;
	assert_int_equal(time_init(&all), 0);
	assert_near(time_tsc_hz(), 2500000000);
	assert_true(fake_log_has("PM timer does not count"));
	assert_true(fake_log_has("by HPET"));
}

static void test_absurd_hpet_falls_to_pit(void **state)
{
	struct time_sources s = {.hpet = HPET_BASE};

	(void)state;
	hpet[1] = 100000001;
	assert_int_equal(time_init(&s), 0);
	assert_near(time_tsc_hz(), 2500000000);
	assert_true(fake_log_has("not believable"));
	assert_true(fake_log_has("by 8254"));
}

static void test_nothing_counts(void **state)
{
	struct time_sources none = {0};

	(void)state;
	pit_dead = true;
	assert_int_equal(time_init(&none), -EIO);
	assert_true(fake_log_has("neither PM timer nor HPET nor 8254"));
}

static void test_absurd_frequency_is_refused(void **state)
{
	(void)state;
	tsc_hz = 50000000;
	assert_int_equal(time_init(&all), -EIO);
}

static void test_events_by_apic_timer(void **state)
{
	(void)state;
	assert_int_equal(time_init(&all), 0);
	assert_false(lapic_mode_deadline);
	time_event_set(now_ns() + NSEC_PER_MSEC);
	assert_near(lapic_ticks, lapic_hz / 1000);
	time_event_set(0); /* past: as soon as can be, but not never */
	assert_int_equal(lapic_ticks, 1);
	time_event_set(now_ns() + 3600 * NSEC_PER_SEC);
	assert_true(lapic_ticks > lapic_hz && lapic_ticks <= 0x7fffffff);
	time_event_set(TIME_NEVER);
	assert_int_equal(lapic_ticks, 0);
}

static void test_events_by_deadline(void **state)
{
	uint64_t before;

	(void)state;
	cpu_features.word[FEAT_TSC_DEADLINE / 32] = 1U << (FEAT_TSC_DEADLINE % 32);
	assert_int_equal(time_init(&all), 0);
	assert_true(lapic_mode_deadline);
	before = fake.tsc;
	time_event_set(now_ns() + NSEC_PER_MSEC);
	assert_near(lapic_deadline - before, tsc_hz / 1000);
	time_event_set(TIME_NEVER);
	assert_int_equal(lapic_deadline, 0);
}

static void test_delay(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(time_init(&all), 0);
	before = fake.tsc;
	time_delay_ns(NSEC_PER_MSEC);
	assert_near(fake.tsc - before, tsc_hz / 1000);
}

/*
 * Two processors take turns whenever one of them polls. Processor 1's TSC is
 * `off` ticks away from processor 0's.
 */
static ucontext_t boot_side, other_side;
static int64_t off;

static void take_turns(void)
{
	if (fake_cpu == 0) {
		fake_cpu = 1;
		fake.tsc += (uint64_t)off;
		swapcontext(&boot_side, &other_side);
	} else {
		fake_cpu = 0;
		fake.tsc -= (uint64_t)off;
		swapcontext(&other_side, &boot_side);
	}
}

static void run_other(void)
{
	time_sync_other();
	for (;;)
		take_turns();
}

static int64_t sync_with_off(int64_t ticks)
{
	static char stack[65536];
	int64_t skew = 0;

	off = ticks;
	getcontext(&other_side);
	other_side.uc_stack.ss_sp = stack;
	other_side.uc_stack.ss_size = sizeof(stack);
	makecontext(&other_side, run_other, 0);
	fake.on_relax = take_turns;
	assert_int_equal(time_sync_with(1, &skew), 0);
	fake.on_relax = NULL;
	return skew;
}

static void test_sync(void **state)
{
	uint64_t ns0, ns1;
	int64_t skew;

	(void)state;
	fake.tsc = 1000000000;
	assert_int_equal(time_init(&all), 0);
	assert_int_equal(sync_with_off(0), 0);
	skew = sync_with_off(-5000000);
	assert_true(skew > -5001000 && skew < -4999000);
	/* From now on both agree on the time. */
	ns0 = now_ns();
	fake_cpu = 1;
	fake.tsc -= 5000000;
	ns1 = now_ns();
	fake_cpu = 0;
	assert_true(ns1 > ns0 - 1000 && ns1 < ns0 + 1000);
	skew = sync_with_off(777777);
	assert_true(skew > 776777 && skew < 778777);
}

static void test_sync_times_out(void **state)
{
	int64_t skew = 5;

	(void)state;
	assert_int_equal(time_init(&all), 0);
	fake.tsc_step = tsc_hz / 100;
	assert_int_equal(time_sync_with(1, &skew), -ETIMEDOUT);
	assert_int_equal(skew, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_hz, setup),
		cmocka_unit_test_setup(test_by_pm_timer, setup),
		cmocka_unit_test_setup(test_pm_timer_wraps, setup),
		cmocka_unit_test_setup(test_dead_pm_timer_falls_to_hpet, setup),
		cmocka_unit_test_setup(test_absurd_hpet_falls_to_pit, setup),
		cmocka_unit_test_setup(test_nothing_counts, setup),
		cmocka_unit_test_setup(test_absurd_frequency_is_refused, setup),
		cmocka_unit_test_setup(test_events_by_apic_timer, setup),
		cmocka_unit_test_setup(test_events_by_deadline, setup),
		cmocka_unit_test_setup(test_delay, setup),
		cmocka_unit_test_setup(test_sync, setup),
		cmocka_unit_test_setup(test_sync_times_out, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
