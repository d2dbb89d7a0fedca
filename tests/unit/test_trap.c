/* SPDX-License-Identifier: GPL-2.0-only */
/* Ranges of emulated addresses: found where they are and nowhere else, against a plain array. */
#include "unit.h"
#include <stdlib.h>
#include <hv/slab.h>
#include <hv/trap.h>
#include "asm.h"

static unsigned int alloc_fails;

void *hv_alloc_array(size_t count, size_t bytes)
{
	return alloc_fails && --alloc_fails == 0 ? NULL : calloc(count, bytes);
}

void hv_free(void *p)
{
	free(p);
}

static struct trap_table table;
static uint64_t last_address, last_value;

static uint64_t read_address(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes)
{
	(void)v;
	(void)ctx;
	(void)bytes;
	return address | 0xffffffff00000000;
}

static void keep_write(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes, uint64_t value)
{
	(void)v;
	(void)ctx;
	(void)bytes;
	last_address = address;
	last_value = value;
}

static const struct trap_ops ops = {read_address, keep_write};

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	alloc_fails = 0;
	trap_init(&table, "test");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	trap_destroy(&table);
	return 0;
}

static int add(uint64_t first, uint64_t count)
{
	return trap_add(&table, first, count, &ops, NULL);
}

static void ranges_do_not_overlap(void **state)
{
	(void)state;
	assert_int_equal(add(0x1000, 0x1000), 0);
	assert_int_equal(add(0x1000, 0x1000), -EEXIST);
	assert_int_equal(add(0x0, 0x1001), -EEXIST);
	assert_int_equal(add(0x1fff, 1), -EEXIST);
	assert_int_equal(add(0x0, 0x10000), -EEXIST);
	assert_int_equal(add(0x0, 0x1000), 0);
	assert_int_equal(add(0x2000, 1), 0);
	assert_int_equal(add(5, 0), -EINVAL);
	assert_int_equal(add(~0UL - 1, 3), -EINVAL);
	assert_int_equal(add(~0UL - 1, 2), 0);
}

static void an_access_lies_within_one_range(void **state)
{
	struct trap_range r;

	(void)state;
	assert_int_equal(add(0x1000, 8), 0);
	assert_int_equal(add(0x1008, 8), 0);
	assert_true(trap_find(&table, 0x1004, 4, &r));
	assert_false(trap_find(&table, 0x1005, 4, &r));
	assert_false(trap_find(&table, 0xfff, 1, &r));
	assert_true(trap_find(&table, 0x100f, 1, &r));
	assert_false(trap_find(&table, 0x1010, 1, &r));
}

static void nobody_reads_as_ones_and_takes_no_write(void **state)
{
	(void)state;
	assert_int_equal(add(0x1000, 8), 0);
	last_address = 0;
	assert_int_equal(trap_read(&table, NULL, 0x2000, 1), 0xff);
	assert_int_equal(trap_read(&table, NULL, 0x2000, 8), ~0UL);
	trap_write(&table, NULL, 0x2000, 4, 1);
	assert_int_equal(last_address, 0);
	/* A handler's value is cut to the access. */
	assert_int_equal(trap_read(&table, NULL, 0x1004, 4), 0x1004);
	trap_write(&table, NULL, 0x1004, 4, 7);
	assert_int_equal(last_address, 0x1004);
	assert_int_equal(last_value, 7);
}

/* 4000 random changes; after each the table agrees with an array of one slot for each address. */
static void the_table_is_the_set_of_its_ranges(void **state)
{
	static uint16_t owner[256];
	uint32_t seed = 1;
	struct trap_range r;

	(void)state;
	memset(owner, 0, sizeof(owner));
	for (unsigned int n = 0; n < 4000; n++) {
		unsigned int first, count;
		bool free_space = true;

		seed = seed * 1103515245 + 12345;
		first = (seed >> 16) & 0xff;
		count = 1 + ((seed >> 8) & 7);
		if (seed & 0x40000000) {
			int want = owner[first] == first + 1 ? 0 : -ENOENT;

			assert_int_equal(trap_remove(&table, first), want);
			for (unsigned int i = 0; want == 0 && i < 256; i++)
				owner[i] = owner[i] == first + 1 ? 0 : owner[i];
		} else if (first + count <= 256) {
			for (unsigned int i = first; i < first + count; i++)
				free_space &= owner[i] == 0;
			assert_int_equal(add(first, count), free_space ? 0 : -EEXIST);
			for (unsigned int i = first; free_space && i < first + count; i++)
				owner[i] = (uint16_t)(first + 1);
		}
		first = (seed >> 3) & 0xff;
		assert_int_equal(trap_find(&table, first, 1, &r), owner[first] != 0);
		if (owner[first])
			assert_int_equal(r.first, owner[first] - 1);
	}
}

static void it_is_bounded_and_survives_no_memory(void **state)
{
	(void)state;
	alloc_fails = 2;
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(add(i * 2, 1), 0);
	assert_int_equal(add(100, 1), -ENOMEM);
	assert_int_equal(table.count, 16);
	for (unsigned int i = 16; i < TRAP_RANGES_MAX; i++)
		assert_int_equal(add(i * 2, 1), 0);
	assert_int_equal(add(100000, 1), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ranges_do_not_overlap, setup, teardown),
		cmocka_unit_test_setup_teardown(an_access_lies_within_one_range, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_reads_as_ones_and_takes_no_write, setup, teardown),
		cmocka_unit_test_setup_teardown(the_table_is_the_set_of_its_ranges, setup, teardown),
		cmocka_unit_test_setup_teardown(it_is_bounded_and_survives_no_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
