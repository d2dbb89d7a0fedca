/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/lib/printf.c: what C17 says, that is libc's snprintf, and what is ours alone. */
#include "unit.h"
#include <limits.h>
#include <stdio.h>
#include <hv/printf.h>

#define CANARY	0x7e
#define FORMATS 20000

/* The formats here are made at run time, or are wrong on purpose. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"

static uint64_t seed;

/* xorshift64: the same numbers at every run. */
static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t next_value(void)
{
	static const uint64_t edge[] = {
		0, 1, INT_MAX, (uint64_t)INT_MIN, UINT32_MAX, INT64_MAX, UINT64_MAX, 255};
	uint64_t r = next();

	return r % 3 == 0 ? edge[next() % 8] : next() >> (r % 64);
}

/* A random percent sign, flags, width, precision, then length and conversion from the pair. */
static void make_format(char *fmt, const char *length, char conversion)
{
	static const char flags[] = "-0+ #";
	char *p = fmt;

	*p++ = '<';
	*p++ = '%';
	while (next() % 2)
		*p++ = flags[next() % 5];
	if (next() % 2)
		p += sprintf(p, "%u", (unsigned int)(next() % 30));
	if (next() % 2)
		p += sprintf(p, ".%u", (unsigned int)(next() % 30));
	p += sprintf(p, "%s%c>", length, conversion);
}

static void compare(const char *fmt, size_t room, uint64_t v)
{
	char got[80], want[80];
	int n_got, n_want;

	memset(got, CANARY, sizeof(got));
	memset(want, CANARY, sizeof(want));
	n_got = hv_snprintf(got, room, fmt, v);
	n_want = snprintf(want, room, fmt, v);
	if (n_got != n_want || memcmp(got, want, sizeof(got)) != 0)
		fail_msg("%s of %lx in %zu: '%.40s' (%d), want '%.40s' (%d)", fmt, v, room, got, n_got, want,
			n_want);
}

static void numbers_as_in_libc(void **state)
{
	static const char *const length[] = {"", "hh", "h", "l", "ll", "z", "t", "j"};
	static const char conversion[] = "diuxXc";

	(void)state;
	seed = 0x1234567890abcdef;
	for (unsigned int i = 0; i < FORMATS; i++) {
		char c = conversion[next() % 6], fmt[40];

		make_format(fmt, c == 'c' ? "" : length[next() % 8], c);
		compare(fmt, next() % 4 ? sizeof(fmt) : next() % 12, next_value());
	}
}

static void strings_as_in_libc(void **state)
{
	static const char *const text[] = {"", "a", "hello, world", "exactly eight"};

	(void)state;
	seed = 0xfeedfacecafebeef;
	for (unsigned int i = 0; i < FORMATS / 4; i++) {
		char fmt[40];

		make_format(fmt, "", 's');
		compare(fmt, next() % 64, (uintptr_t)text[next() % 4]);
	}
}

static void star_takes_width_and_precision(void **state)
{
	char got[64], want[64];

	(void)state;
	for (int width = -9; width < 10; width++) {
		for (int precision = -2; precision < 8; precision++) {
			snprintf(want, sizeof(want), "%*.*d|%0*x|%.*s", width, precision, 42, width, 0xabu,
				precision, "abcdef");
			hv_snprintf(got, sizeof(got), "%*.*d|%0*x|%.*s", width, precision, 42, width, 0xabu,
				precision, "abcdef");
			assert_string_equal(got, want);
		}
	}
}

static void precision_bounds_an_open_string(void **state)
{
	static const char open[3] = {'a', 'b', 'c'};
	char got[16];

	(void)state;
	hv_snprintf(got, sizeof(got), "%.3s", open);
	assert_string_equal(got, "abc");
}

static void null_string_and_pointer(void **state)
{
	char got[64];

	(void)state;
	hv_snprintf(got, sizeof(got), "%s|%p|%p|%12p", NULL, NULL, (void *)0xffff82d080000000, (void *)0x10);
	assert_string_equal(got, "(null)|0x0|0xffff82d080000000|        0x10");
}

static void unknown_conversion_is_printed_and_takes_nothing(void **state)
{
	char got[64];

	(void)state;
	hv_snprintf(got, sizeof(got), "%-5lq|%n|%f|%d%%|%", 5);
	assert_string_equal(got, "%-5lq|%n|%f|5%|%");
}

static void huge_width_is_counted_not_written(void **state)
{
	char got[8];

	(void)state;
	assert_int_equal(hv_snprintf(got, sizeof(got), "%999999999d", 5), 999999999);
	assert_string_equal(got, "       ");
	assert_int_equal(hv_snprintf(got, sizeof(got), "%99999999999999999999d", 5), INT_MAX);
	assert_int_equal(hv_snprintf(got, sizeof(got), "%2147483647d%2147483647d", 5, 5), INT_MAX);
	assert_int_equal(hv_snprintf(got, sizeof(got), "%*d", INT_MIN, 5), INT_MAX);
	assert_string_equal(got, "5      ");
}

static void no_room_writes_nothing(void **state)
{
	(void)state;
	assert_int_equal(hv_snprintf(NULL, 0, "%s and %u", "text", 5u), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_in_libc),
		cmocka_unit_test(strings_as_in_libc),
		cmocka_unit_test(star_takes_width_and_precision),
		cmocka_unit_test(precision_bounds_an_open_string),
		cmocka_unit_test(null_string_and_pointer),
		cmocka_unit_test(unknown_conversion_is_printed_and_takes_nothing),
		cmocka_unit_test(huge_width_is_counted_not_written),
		cmocka_unit_test(no_room_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
