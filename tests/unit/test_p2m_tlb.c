/* SPDX-License-Identifier: GPL-2.0-only */
/* A flush tells every vcpu and interrupts those in guest mode only. */
#include "unit.h"
#include <hv/p2m.h>
#include <hv/smp.h>

static struct cpumask called;
static unsigned int calls;

void smp_call(const struct cpumask *mask, smp_fn fn, void *arg)
{
	calls++;
	called = *mask;
	fn(arg);
}

static void flush(void **state)
{
	static struct vcpu v[3] = {{.cpu = 1}, {.cpu = 70}, {.cpu = 2}};
	static struct domain d = {.vcpu_max = 4, .vcpu = {&v[0], &v[1], NULL, &v[2]}};

	(void)state;
	p2m_tlb_flush(&d);
	assert_int_equal(calls, 0);
	v[1].in_guest = true;
	v[2].work = VCPU_WORK_NMI;
	p2m_tlb_flush(&d);
	assert_int_equal(calls, 1);
	assert_int_equal(cpumask_count(&called), 1);
	assert_true(cpumask_test(&called, 70));
	assert_int_equal(v[0].work, VCPU_WORK_TLB);
	assert_int_equal(v[2].work, VCPU_WORK_TLB | VCPU_WORK_NMI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(flush)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
