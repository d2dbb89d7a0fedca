/* SPDX-License-Identifier: GPL-2.0-only */
/* Ticket locks, read-write locks and the lock-order checker. */
#include "unit.h"
#include <hv/lock_check.h>
#include <hv/percpu.h>
#include "asm.h"
#include "hv_log.h"

static struct spinlock outer, inner;
static struct rwlock table;

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	fake.irqs_on = true;
	for (fake_cpu = 4; fake_cpu-- > 0;)
		lock_check_reset();
	fake_cpu = 0;
	spin_init(&outer, "outer", LOCK_RANK_DOMAIN);
	spin_init(&inner, "inner", LOCK_RANK_HEAP);
	rw_init(&table, "table", LOCK_RANK_P2M);
	return 0;
}

static void test_take_and_release(void **state)
{
	(void)state;
	assert_false(spin_held(&outer));
	spin_lock(&outer);
	assert_true(spin_held(&outer));
	fake_cpu = 1;
	assert_false(spin_held(&outer));
	assert_false(spin_trylock(&outer));
	fake_cpu = 0;
	spin_lock(&inner);
	spin_unlock(&inner);
	spin_unlock(&outer);
	assert_false(spin_held(&outer));
	assert_true(spin_trylock(&outer));
	spin_unlock(&outer);
}

/* The holder leaves after three polls; a processor that came in between is served later. */
static unsigned int served_before;

static void holder_leaves(void)
{
	unsigned int me = fake_cpu;

	if (fake.relaxes != 3)
		return;
	fake_cpu = 1;
	served_before = outer.head;
	spin_unlock(&outer);
	fake_cpu = me;
}

static void test_fifo_wait(void **state)
{
	(void)state;
	fake_cpu = 1;
	spin_lock(&outer);
	fake_cpu = 0;
	fake.on_relax = holder_leaves;
	spin_lock(&outer);
	assert_int_equal(fake.relaxes, 3);
	assert_int_equal(outer.head, served_before + 1);
	assert_int_equal(outer.tail, served_before + 2);
	spin_unlock(&outer);
}

static void test_tickets_wrap(void **state)
{
	(void)state;
	outer.head = outer.tail = 0xffff;
	spin_lock(&outer);
	assert_int_equal(outer.tail, 0);
	assert_false(spin_trylock(&outer));
	spin_unlock(&outer);
	assert_int_equal(outer.head, 0);
	assert_true(spin_trylock(&outer));
	spin_unlock(&outer);
}

static void test_irq_flags(void **state)
{
	uint64_t f1, f2;

	(void)state;
	f1 = spin_lock_irq(&outer);
	assert_false(fake.irqs_on);
	f2 = spin_lock_irq(&inner);
	spin_unlock_irq(&inner, f2);
	assert_false(fake.irqs_on);
	spin_unlock_irq(&outer, f1);
	assert_true(fake.irqs_on);
}

static void test_order_violation(void **state)
{
	(void)state;
	spin_lock(&inner);
	expect_assert_failure(spin_lock(&outer));
	assert_non_null(strstr(fake_panic_text, "\"outer\""));
	assert_non_null(strstr(fake_panic_text, "\"inner\""));
}

static void test_same_rank_is_a_violation(void **state)
{
	(void)state;
	spin_lock(&inner);
	expect_assert_failure(spin_lock(&inner));
}

/* Another processor's locks do not count. */
static void test_order_is_per_cpu(void **state)
{
	(void)state;
	spin_lock(&inner);
	fake_cpu = 1;
	spin_lock(&outer);
	spin_unlock(&outer);
	fake_cpu = 0;
	spin_unlock(&inner);
}

static void test_trylock_has_no_order(void **state)
{
	(void)state;
	spin_lock(&inner);
	assert_true(spin_trylock(&outer));
	spin_unlock(&inner);
	spin_unlock(&outer);
	spin_lock(&outer);
	spin_unlock(&outer);
}

static void take_in_interrupt(struct spinlock *lock)
{
	bool on = fake.irqs_on;

	fake.irqs_on = false;
	lock_check_interrupt_enter();
	spin_lock(lock);
	spin_unlock(lock);
	lock_check_interrupt_leave();
	fake.irqs_on = on;
}

static void test_irq_lock_with_irqs_on(void **state)
{
	(void)state;
	take_in_interrupt(&inner);
	expect_assert_failure(spin_lock(&inner));
	assert_non_null(strstr(fake_panic_text, "\"inner\""));
}

static void test_plain_lock_in_interrupt(void **state)
{
	(void)state;
	spin_lock(&inner);
	spin_unlock(&inner);
	expect_assert_failure(take_in_interrupt(&inner));
}

static void test_irq_lock_used_rightly(void **state)
{
	uint64_t flags;

	(void)state;
	take_in_interrupt(&inner);
	flags = spin_lock_irq(&inner);
	spin_unlock_irq(&inner, flags);
	take_in_interrupt(&inner);
}

static void test_release_of_what_is_not_held(void **state)
{
	(void)state;
	expect_assert_failure(spin_unlock(&outer));
}

static void test_too_deep(void **state)
{
	static struct spinlock many[LOCK_RANK_COUNT];

	(void)state;
	for (unsigned int i = 0; i < 17; i++)
		spin_init(&many[i], "many", (enum lock_rank)i);
	for (unsigned int i = 0; i < 16; i++)
		spin_lock(&many[i]);
	expect_assert_failure(spin_lock(&many[16]));
}

static void test_waiting_under_irq_lock(void **state)
{
	uint64_t flags;

	(void)state;
	spin_lock(&outer);
	lock_check_may_wait("a call");
	flags = spin_lock_irq(&inner);
	expect_assert_failure(lock_check_may_wait("a call"));
	lock_check_reset();
	(void)flags;
	read_lock(&table);
	expect_assert_failure(lock_check_none("softirqs"));
}

static void test_readers_share(void **state)
{
	(void)state;
	read_lock(&table);
	fake_cpu = 1;
	read_lock(&table);
	assert_int_equal(table.readers, 2);
	read_unlock(&table);
	fake_cpu = 0;
	read_unlock(&table);
	write_lock(&table);
	write_unlock(&table);
}

static void reader_leaves(void)
{
	/* A waiting writer keeps new readers out. */
	fake_cpu = 2;
	assert_false(spin_trylock(&table.gate));
	fake_cpu = 1;
	if (fake.relaxes == 2)
		read_unlock(&table);
	fake_cpu = 0;
}

static void test_writer_waits_and_goes_first(void **state)
{
	(void)state;
	fake_cpu = 1;
	read_lock(&table);
	fake_cpu = 0;
	fake.on_relax = reader_leaves;
	write_lock(&table);
	assert_int_equal(fake.relaxes, 2);
	assert_int_equal(table.readers, 0);
	write_unlock(&table);
}

static void writer_leaves(void)
{
	fake_cpu = 1;
	if (fake.relaxes == 4)
		write_unlock(&table);
	fake_cpu = 0;
}

static void test_reader_waits_for_writer(void **state)
{
	(void)state;
	fake_cpu = 1;
	write_lock(&table);
	fake_cpu = 0;
	fake.on_relax = writer_leaves;
	read_lock(&table);
	assert_int_equal(fake.relaxes, 4);
	read_unlock(&table);
}

static void test_recursive_read_is_a_violation(void **state)
{
	(void)state;
	read_lock(&table);
	expect_assert_failure(read_lock(&table));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_take_and_release, setup),
		cmocka_unit_test_setup(test_fifo_wait, setup),
		cmocka_unit_test_setup(test_tickets_wrap, setup),
		cmocka_unit_test_setup(test_irq_flags, setup),
		cmocka_unit_test_setup(test_order_violation, setup),
		cmocka_unit_test_setup(test_same_rank_is_a_violation, setup),
		cmocka_unit_test_setup(test_order_is_per_cpu, setup),
		cmocka_unit_test_setup(test_trylock_has_no_order, setup),
		cmocka_unit_test_setup(test_irq_lock_with_irqs_on, setup),
		cmocka_unit_test_setup(test_plain_lock_in_interrupt, setup),
		cmocka_unit_test_setup(test_irq_lock_used_rightly, setup),
		cmocka_unit_test_setup(test_release_of_what_is_not_held, setup),
		cmocka_unit_test_setup(test_too_deep, setup),
		cmocka_unit_test_setup(test_waiting_under_irq_lock, setup),
		cmocka_unit_test_setup(test_readers_share, setup),
		cmocka_unit_test_setup(test_writer_waits_and_goes_first, setup),
		cmocka_unit_test_setup(test_reader_waits_for_writer, setup),
		cmocka_unit_test_setup(test_recursive_read_is_a_violation, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
