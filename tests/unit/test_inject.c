/* SPDX-License-Identifier: GPL-2.0-only */
/* Two events that meet: AMD64 APM volume 2 table 8-3. */
#include "unit.h"
#include <xen/hvm/hvm_priv.h>

const struct hvm_ops *hvm_ops;
static bool crashed;

void domain_crash(struct vcpu *v, const char *fmt, ...)
{
	(void)v;
	(void)fmt;
	crashed = true;
}

void vcpu_kick(struct vcpu *v)
{
	(void)v;
}

static struct hvm_event exception(uint8_t vector)
{
	return (struct hvm_event){.kind = HVM_EVENT_EXCEPTION, .vector = vector};
}

static void two_exceptions_meet(void **state)
{
	static const struct {
		uint8_t first, second, becomes;
	} cases[] = {
		{6, 13, 13},
		{13, 13, 8},
		{0, 12, 8},
		{14, 14, 8},
		{14, 13, 8},
		{13, 14, 14},
		{1, 14, 14},
		{10, 11, 8},
		{8, 6, 6},
		{13, 6, 6},
	};
	struct hvm_event out;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hvm_event first = exception(cases[i].first), second = exception(cases[i].second);

		assert_true(hvm_event_merge(&first, &second, &out));
		assert_int_equal(out.vector, cases[i].becomes);
		assert_int_equal(out.has_error, cases[i].becomes == 8);
	}
}

static void a_fault_in_a_double_fault_is_the_end(void **state)
{
	struct hvm_event first = exception(8), second = exception(13), out;

	(void)state;
	assert_false(hvm_event_merge(&first, &second, &out));
	second = exception(14);
	assert_false(hvm_event_merge(&first, &second, &out));
}

/* The one that waits is the vcpu's own event, which the new one replaces. */
static void a_lone_fault_stays_itself(void **state)
{
	struct hvm_vcpu h = {.entry.vector = HVM_NO_VECTOR};
	struct vcpu v = {.hvm = &h};

	(void)state;
	crashed = false;
	hvm_inject_exception(&v, HVM_GP, 0);
	assert_int_equal(h.entry.event.vector, HVM_GP);
	assert_true(h.entry.event.has_error);
	assert_true(v.regs.rflags & (1UL << 16));
	hvm_inject_exception(&v, HVM_GP, 0);
	assert_int_equal(h.entry.event.vector, HVM_DF);
	hvm_inject_exception(&v, HVM_GP, 0);
	assert_true(crashed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_exceptions_meet),
		cmocka_unit_test(a_fault_in_a_double_fault_is_the_end),
		cmocka_unit_test(a_lone_fault_stays_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
