/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual local APIC's timer: Intel SDM volume 3A section 11.5.4.
 *
 * The count is never kept: it follows from the time at which it reaches zero. A
 * masked timer counts and only does not interrupt.
 */
#include <hv/asm.h>
#include <hv/hvm.h>
#include <hv/percpu.h>
#include <hv/time.h>
#include "vlapic_priv.h"

/* The virtual bus clock: 100 MHz, as hypervisors of this ABI have it. */
#define BUS_TICK_NS 10UL

/* A period shorter than this is served at this pace: one guest's timer must not fill a processor. */
#define PERIOD_MIN_NS 20000UL

/* Longer waits are cut; the timer looks again. */
#define DEADLINE_FAR_S 1000UL

static enum vlapic_timer_mode timer_mode(const struct vlapic *a)
{
	return (a->lvt[LVT_TIMER] & APIC_LVT_TIMER_MODE) >> APIC_LVT_TIMER_SHIFT;
}

/* Bits 0, 1 and 3 say 2, 4, ... 128, and 7 says 1. */
static unsigned int timer_divide_shift(const struct vlapic *a)
{
	uint32_t d = a->timer_divide;

	return (((d & 3) | ((d & 8) >> 1)) + 1) & 7;
}

static uint64_t timer_count_ns(const struct vlapic *a, uint32_t count)
{
	return ((uint64_t)count << timer_divide_shift(a)) * BUS_TICK_NS;
}

/* On the processor that the vcpu is on now. */
static void timer_at(struct vlapic *a, uint64_t when)
{
	if (a->timer.cpu != smp_cpu())
		timer_move(&a->timer, smp_cpu());
	timer_set(&a->timer, when);
}

static void timer_count_from(struct vlapic *a, uint32_t count)
{
	timer_stop(&a->timer);
	a->timer_zero_ns = 0;
	if (!count || timer_mode(a) == TIMER_DEADLINE)
		return;
	a->timer_zero_ns = now_ns() + timer_count_ns(a, count);
	timer_at(a, a->timer_zero_ns);
}

uint32_t vlapic_timer_current(const struct vlapic *a)
{
	uint64_t now = now_ns(), zero = READ_ONCE(a->timer_zero_ns);

	if (zero <= now)
		return 0;
	return (uint32_t)(((zero - now) / BUS_TICK_NS) >> timer_divide_shift(a));
}

void vlapic_timer_set_initial(struct vlapic *a, uint32_t count)
{
	if (timer_mode(a) == TIMER_DEADLINE)
		return;
	a->timer_initial = count;
	timer_count_from(a, count);
}

/* The count goes on from where it is, at its new pace. */
void vlapic_timer_set_divide(struct vlapic *a, uint32_t divide)
{
	uint32_t left = vlapic_timer_current(a);

	a->timer_divide = divide & APIC_TIMER_DIVIDE_MASK;
	if (left)
		timer_count_from(a, left);
}

/* Into or out of deadline mode disarms it: section 11.5.4.1. */
void vlapic_timer_mode_changed(struct vlapic *a, uint32_t old)
{
	bool was = (old & APIC_LVT_TIMER_MODE) >> APIC_LVT_TIMER_SHIFT == TIMER_DEADLINE;

	if (was == (timer_mode(a) == TIMER_DEADLINE))
		return;
	vlapic_timer_stop(a);
	a->timer_initial = 0;
}

/* How long until the guest's TSC reads this, cut at DEADLINE_FAR_S; 0 when it does already. */
static uint64_t timer_tsc_ns(const struct vlapic *a, uint64_t tsc)
{
	uint64_t left = tsc - (rdtsc() + hvm_reg(a->v, HVM_TSC_OFFSET)), hz = time_tsc_hz();

	if ((int64_t)left <= 0)
		return 0;
	if (left / hz >= DEADLINE_FAR_S)
		return DEADLINE_FAR_S * NSEC_PER_SEC;
	/* Never 0, and never early by the rounding. */
	return left / hz * NSEC_PER_SEC + (left % hz) * NSEC_PER_SEC / hz + 1;
}

/* Ends the wait for the deadline; false when it has not come. */
static bool timer_deadline_check(struct vlapic *a)
{
	uint64_t left = timer_tsc_ns(a, a->timer_deadline);

	if (left) {
		timer_set(&a->timer, now_ns() + left);
		return false;
	}
	a->timer_deadline = 0;
	return true;
}

void vlapic_timer_set_deadline(struct vlapic *a, uint64_t tsc)
{
	if (timer_mode(a) != TIMER_DEADLINE)
		return;
	timer_stop(&a->timer);
	a->timer_deadline = tsc;
	if (!tsc)
		return;
	if (a->timer.cpu != smp_cpu())
		timer_move(&a->timer, smp_cpu());
	if (timer_deadline_check(a))
		vlapic_local(a, LVT_TIMER);
}

uint64_t vlapic_timer_get_deadline(const struct vlapic *a)
{
	return timer_mode(a) == TIMER_DEADLINE ? READ_ONCE(a->timer_deadline) : 0;
}

/* The next zero of a period; those that were missed are left out. */
static void timer_next_period(struct vlapic *a)
{
	uint64_t period = timer_count_ns(a, a->timer_initial), now = now_ns();

	if (!period) {
		a->timer_zero_ns = 0;
		return;
	}
	period = MAX(period, PERIOD_MIN_NS);
	a->timer_zero_ns += period;
	if (a->timer_zero_ns <= now)
		a->timer_zero_ns += ((now - a->timer_zero_ns) / period + 1) * period;
	timer_set(&a->timer, a->timer_zero_ns);
}

static void timer_expired(void *arg)
{
	struct vlapic *a = arg;
	enum vlapic_timer_mode mode = timer_mode(a);

	if (mode == TIMER_DEADLINE && (!a->timer_deadline || !timer_deadline_check(a)))
		return;
	if (mode == TIMER_PERIODIC)
		timer_next_period(a);
	else
		a->timer_zero_ns = 0;
	vlapic_local(a, LVT_TIMER);
}

void vlapic_timer_init(struct vlapic *a)
{
	timer_init(&a->timer, smp_cpu(), timer_expired, a);
}

void vlapic_timer_stop(struct vlapic *a)
{
	timer_stop(&a->timer);
	a->timer_zero_ns = 0;
	a->timer_deadline = 0;
}
