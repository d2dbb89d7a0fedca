/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/trace/symbols.c on a small table, and xen/trace/backtrace.c on stacks that lie. */
#include "unit.h"
#include <hv/backtrace.h>
#include <hv/layout.h>
#include "hv_log.h"
#include "xen/trace/symbols.h"

#define BASE 0xffff82d080000000

const uint64_t symbols_base = BASE;
const uint32_t symbols_count = 3;
const uint32_t symbols_offset[] = {0x10, 0x80, 0x84, 0x100};
const uint32_t symbols_name_at[] = {0, 6, 10, 15};
const char symbols_names[] = "first\0mid\0last";

/* The stack as memory that can be peeked at; everything else faults. */
#define STACK DIRECTMAP_BASE
#define WORDS 64

static uint64_t stack[WORDS];
static unsigned int peeks;

bool peek_u64(uintptr_t addr, uint64_t *ret_value)
{
	size_t i = (addr - STACK) / 8;

	peeks++;
	if (addr < STACK || i >= WORDS)
		return false;
	*ret_value = stack[i];
	return true;
}

static void frame(size_t at, uint64_t up, uint64_t ret)
{
	stack[at] = up;
	stack[at + 1] = ret;
}

static int setup(void **state)
{
	(void)state;
	memset(stack, 0, sizeof(stack));
	peeks = 0;
	fake_log_reset();
	return 0;
}

static void expect_symbol(uintptr_t addr, const char *name, uintptr_t offset)
{
	uintptr_t got = 0;

	assert_string_equal(symbol_lookup(addr, &got), name);
	assert_int_equal(got, offset);
}

static void lookup_finds_the_function_around(void **state)
{
	(void)state;
	expect_symbol(BASE + 0x10, "first", 0);
	expect_symbol(BASE + 0x7f, "first", 0x6f);
	expect_symbol(BASE + 0x80, "mid", 0);
	expect_symbol(BASE + 0x83, "mid", 3);
	expect_symbol(BASE + 0x84, "last", 0);
	expect_symbol(BASE + 0xff, "last", 0x7b);
}

static void lookup_outside_the_text_finds_nothing(void **state)
{
	static const uintptr_t outside[] = {
		0, BASE, BASE + 0xf, BASE + 0x100, BASE + 0x10000010, UINTPTR_MAX, BASE - 1};
	uintptr_t offset = 5;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++)
		assert_null(symbol_lookup(outside[i], &offset));
	assert_int_equal(offset, 5);
}

static void walk_follows_the_frames(void **state)
{
	uintptr_t ret[8];

	(void)state;
	frame(2, STACK + 8 * 8, 0x111);
	frame(8, STACK + 20 * 8, 0x222);
	frame(20, 0, 0x333);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 8), 3);
	assert_int_equal(ret[0], 0x111);
	assert_int_equal(ret[1], 0x222);
	assert_int_equal(ret[2], 0x333);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 2), 2);
}

static void walk_ends_at_a_loop(void **state)
{
	uintptr_t ret[8];

	(void)state;
	frame(2, STACK + 8 * 8, 0x111);
	frame(8, STACK + 2 * 8, 0x222);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 8), 2);
	frame(2, STACK + 2 * 8, 0x111);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 8), 1);
}

static void walk_ends_where_memory_faults(void **state)
{
	uintptr_t ret[8];

	(void)state;
	frame(2, STACK + WORDS * 8, 0x111);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 8), 1);
	assert_int_equal(backtrace_collect(STACK + (WORDS - 1) * 8, ret, 8), 0);
}

static void walk_never_looks_outside_the_hypervisor(void **state)
{
	static const uintptr_t bad[] = {0, 8, 0x00007fffffffff00, STACK + 1, VMAP_BASE - 8,
		DIRECTMAP_BASE + DIRECTMAP_BYTES, UINTPTR_MAX, UINTPTR_MAX - 7};
	uintptr_t ret[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(backtrace_collect(bad[i], ret, 8), 0);
	assert_int_equal(peeks, 0);
	frame(2, 0x00007fffffffff00, 0x111);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 8), 1);
	assert_int_equal(peeks, 2);
	frame(2, STACK + 2 * 8 + STACK_BYTES, 0x111);
	assert_int_equal(backtrace_collect(STACK + 2 * 8, ret, 8), 1);
}

static void trace_names_the_call_not_what_follows_it(void **state)
{
	(void)state;
	frame(2, 0, BASE + 0x80);
	backtrace_log(BASE + 0x84, STACK + 2 * 8);
	assert_true(fake_log_has("  ffff82d080000084 last+0x0"));
	assert_true(fake_log_has("  ffff82d080000080 first+0x70"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_finds_the_function_around),
		cmocka_unit_test(lookup_outside_the_text_finds_nothing),
		cmocka_unit_test_setup(walk_follows_the_frames, setup),
		cmocka_unit_test_setup(walk_ends_at_a_loop, setup),
		cmocka_unit_test_setup(walk_ends_where_memory_faults, setup),
		cmocka_unit_test_setup(walk_never_looks_outside_the_hypervisor, setup),
		cmocka_unit_test_setup(trace_names_the_call_not_what_follows_it, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
