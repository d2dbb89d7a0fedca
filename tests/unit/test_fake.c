/* SPDX-License-Identifier: GPL-2.0-only */
/* The fake processor and the fake locks: a fake that forgets is worse than none. */
#include "unit.h"
#include <hv/spinlock.h>
#include "asm.h"

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	return 0;
}

static void stores_are_kept_in_order(void **state)
{
	(void)state;
	outb(0x70, 5);
	wrmsr(0x1b, 0xfee00000);
	write_cr3(0x1000);
	assert_int_equal(fake.op_count, 3);
	assert_int_equal(fake.op[0].kind, FAKE_OUT);
	assert_int_equal(fake.op[0].addr, 0x70);
	assert_int_equal(fake.op[1].kind, FAKE_WRMSR);
	assert_int_equal(rdmsr(0x1b), 0xfee00000);
	assert_int_equal(fake.op[2].value, 0x1000);
}

static void cpuid_answers_what_was_set(void **state)
{
	(void)state;
	fake_cpuid_set(1, 0, (struct cpuid_regs){1, 2, 3, 4});
	assert_int_equal(cpuid(1, 0).edx, 4);
	assert_int_equal(cpuid(2, 0).edx, 0);
}

static void irq_lock_restores_the_flag(void **state)
{
	struct spinlock lock = SPINLOCK_INIT("test", LOCK_RANK_HEAP);
	uint64_t flags;

	(void)state;
	irq_enable();
	flags = spin_lock_irq(&lock);
	assert_false(irq_enabled());
	assert_true(spin_held(&lock));
	assert_false(spin_trylock(&lock));
	spin_unlock_irq(&lock, flags);
	assert_true(irq_enabled());
	assert_false(spin_held(&lock));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stores_are_kept_in_order, setup),
		cmocka_unit_test_setup(cpuid_answers_what_was_set, setup),
		cmocka_unit_test_setup(irq_lock_restores_the_flag, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
