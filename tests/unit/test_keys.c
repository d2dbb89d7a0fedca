/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/trace/keys.c with a table of the test. */
#include "unit.h"
#include <hv/console.h>
#include <hv/console_io.h>
#include <hv/keys.h>
#include "hv_log.h"

static unsigned int shown_a, shown_m, shown_z;
static const char *line;
static unsigned int reads;
static bool more;

static void show_a(void)
{
	shown_a++;
}

static void show_m(void)
{
	shown_m++;
}

static void show_z(void)
{
	shown_z++;
}

const struct debug_key debug_keys[] = {
	{'A', false, "first", show_a},
	{'m', true, "dangerous", show_m},
	{'z', false, "last", show_z},
};
const size_t debug_key_count = ARRAY_SIZE(debug_keys);

int console_getc(void)
{
	reads++;
	return *line != '\0' ? (unsigned char)*line++ : -1;
}

static bool dom0_has_input;

bool console_io_receive(char c)
{
	(void)c;
	return dom0_has_input;
}

static void type(const char *keys)
{
	line = keys;
	reads = 0;
	more = keys_poll();
}

static int setup(void **state)
{
	(void)state;
	shown_a = shown_m = shown_z = 0;
	fake_log_reset();
	return 0;
}

static void what_is_dom0s_is_no_debug_key(void **state)
{
	(void)state;
	dom0_has_input = true;
	type("Az");
	dom0_has_input = false;
	assert_int_equal(shown_a + shown_z, 0);
}

static void each_key_reaches_its_handler(void **state)
{
	(void)state;
	type("Az");
	assert_int_equal(shown_a, 1);
	assert_int_equal(shown_z, 1);
	assert_true(fake_log_has("'A': first"));
}

static void unknown_keys_do_nothing(void **state)
{
	(void)state;
	type("ay \r\n\x80\xff");
	assert_int_equal(shown_a + shown_m + shown_z, 0);
	assert_int_equal(fake_log_count, 0);
}

static void dangerous_key_wants_a_y(void **state)
{
	(void)state;
	type("m");
	assert_int_equal(shown_m, 0);
	assert_true(fake_log_has("press y to confirm"));
	type("y");
	assert_int_equal(shown_m, 1);
	type("y");
	assert_int_equal(shown_m, 1);
}

static void any_other_answer_cancels(void **state)
{
	(void)state;
	type("mzy");
	assert_int_equal(shown_m, 0);
	assert_int_equal(shown_z, 0);
	assert_true(fake_log_has("not confirmed"));
	type("mm");
	assert_int_equal(shown_m, 0);
	type("A");
	assert_int_equal(shown_a, 1);
}

static void noise_does_not_hold_the_caller(void **state)
{
	(void)state;
	type("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(reads, 16);
	assert_int_equal(shown_a, 16);
	assert_true(more);
	type("A");
	assert_false(more);
}

static void help_lists_every_key(void **state)
{
	(void)state;
	keys_help();
	assert_int_equal(fake_log_count, 3);
	assert_true(fake_log_has("A  first"));
	assert_true(fake_log_has("z  last"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_key_reaches_its_handler, setup),
		cmocka_unit_test_setup(what_is_dom0s_is_no_debug_key, setup),
		cmocka_unit_test_setup(unknown_keys_do_nothing, setup),
		cmocka_unit_test_setup(dangerous_key_wants_a_y, setup),
		cmocka_unit_test_setup(any_other_answer_cancels, setup),
		cmocka_unit_test_setup(noise_does_not_hold_the_caller, setup),
		cmocka_unit_test_setup(help_lists_every_key, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
