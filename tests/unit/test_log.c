/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/trace/log.c and rate_limit.c: what reaches the ring, what reaches the console. */
#include "unit.h"
#include <hv/console.h>
#include <hv/log.h>
#include <hv/rate_limit.h>
#include <hv/time.h>

#define SECOND 1000000000UL

static char shown[8192];
static size_t shown_n;

void console_write(const char *text, size_t bytes)
{
	assert_true(shown_n + bytes < sizeof(shown));
	memcpy(shown + shown_n, text, bytes);
	shown_n += bytes;
	shown[shown_n] = '\0';
}

static void expect_shown(const char *text)
{
	assert_string_equal(shown, text);
	shown_n = 0;
	shown[0] = '\0';
}

static uint64_t clock_ns, clock_hz;

uint64_t now_ns(void)
{
	return clock_ns;
}

uint64_t time_tsc_hz(void)
{
	return clock_hz;
}

/* All that was logged since `index`. */
static const char *logged(uint32_t index)
{
	static char text[4096];
	size_t n = log_read(&index, text, sizeof(text) - 1);

	text[n] = '\0';
	return text;
}

/* Where the next line will go. */
static uint32_t log_end(void)
{
	uint32_t index = log_first();
	char chunk[512];

	while (log_read(&index, chunk, sizeof(chunk)) > 0)
		;
	return index;
}

static int setup(void **state)
{
	(void)state;
	assert_int_equal(log_option_loglvl("info"), 0);
	assert_int_equal(log_option_guest_loglvl("none/warning"), 0);
	clock_hz = 0;
	clock_ns = 77 * SECOND;
	shown_n = 0;
	shown[0] = '\0';
	return 0;
}

static void level_decides_about_the_console_only(void **state)
{
	uint32_t start = log_end();

	(void)state;
	log_info("acpi: %u tables", 7u);
	log_debug("acpi: details");
	expect_shown("acpi: 7 tables\n");
	assert_string_equal(logged(start), "acpi: 7 tables\nacpi: details\n");
	assert_int_equal(log_option_loglvl("none"), 0);
	log_err("unseen");
	expect_shown("");
	log_open_all();
	log_debug("seen");
	expect_shown("seen\n");
}

static void every_level_has_its_name(void **state)
{
	static const struct {
		const char *option;
		const char *shown;
	} t[] = {
		{"none", ""},
		{"error", "e\n"},
		{"warning", "e\nw\n"},
		{"info", "e\nw\ni\n"},
		{"debug", "e\nw\ni\nd\n"},
		{"all", "e\nw\ni\nd\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		assert_int_equal(log_option_loglvl(t[i].option), 0);
		log_err("e");
		log_warn("w");
		log_info("i");
		log_debug("d");
		expect_shown(t[i].shown);
	}
}

static void bad_level_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"", "verbose", "infos", "inf", "info/", "/info", "info/x", "info/info/info"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(log_option_loglvl(bad[i]), -EINVAL);
		assert_int_equal(log_option_guest_loglvl(bad[i]), -EINVAL);
	}
	log_info("still");
	expect_shown("still\n");
}

static void guests_are_heard_below_their_level_only(void **state)
{
	uint32_t start = log_end();

	(void)state;
	log_guest(LOG_WARN, "d1: bad");
	log_guest(LOG_INFO, "d1: chatter");
	expect_shown("d1: bad\n");
	assert_string_equal(logged(start), "d1: bad\n");
}

static void lines_carry_the_time_once_there_is_a_clock(void **state)
{
	(void)state;
	log_info("no clock");
	clock_hz = 1;
	clock_ns = 123456789;
	log_info("early");
	clock_ns = 123456 * SECOND + 7000;
	log_info("late");
	expect_shown("no clock\n[    0.123456] early\n[123456.000007] late\n");
}

static void guest_flood_is_limited_and_counted(void **state)
{
	uint32_t start = log_end();

	(void)state;
	clock_hz = 1;
	clock_ns = 1000 * SECOND;
	for (unsigned int i = 0; i < 100; i++)
		log_guest(LOG_ERR, "d1: flood %u", i);
	assert_non_null(strstr(shown, "flood 9\n"));
	assert_null(strstr(shown, "flood 10\n"));
	clock_ns += SECOND;
	log_guest(LOG_ERR, "d1: later");
	assert_non_null(strstr(
		shown, "log: 90 guest messages were too many and are lost\n[ 1001.000000] d1: later\n"));
	assert_string_equal(logged(start), shown);
}

static void hostile_text_stays_one_printable_line(void **state)
{
	(void)state;
	log_info("name '%s'\n\n", "a\x1b[2J\nb\x7f\xc3");
	expect_shown("name 'a?[2J?b?\xc3'\n");
}

static void long_line_is_cut_and_says_so(void **state)
{
	(void)state;
	log_info("%0500u", 7u);
	assert_int_equal(shown_n, LOG_LINE_MAX - 1 + strlen("...\n"));
	assert_string_equal(shown + LOG_LINE_MAX - 1 - 2, "00...\n");
}

static void reader_continues_where_it_stopped(void **state)
{
	uint32_t index = log_end();
	char part[5] = "";

	(void)state;
	log_info("first");
	assert_int_equal(log_read(&index, part, 4), 4);
	assert_string_equal(part, "firs");
	assert_string_equal(logged(index), "t\n");
	log_info("second");
	assert_string_equal(logged(index), "t\nsecond\n");
}

static void clear_hides_what_was_read(void **state)
{
	(void)state;
	log_info("old");
	log_clear(log_end());
	log_info("new");
	assert_string_equal(logged(log_first()), "new\n");
}

static void slow_reader_gets_the_newest_ring(void **state)
{
	uint32_t index = log_end(), total = 0;
	char chunk[4096], last[6] = "";
	size_t n;

	(void)state;
	assert_int_equal(log_option_loglvl("none"), 0);
	for (unsigned int i = 0; i < 20000; i++)
		log_info("%04u", i % 10000);
	while ((n = log_read(&index, chunk, sizeof(chunk))) > 0) {
		memcpy(last, chunk + n - 5, 5);
		total += (uint32_t)n;
	}
	assert_int_equal(total, 65536);
	assert_string_equal(last, "9999\n");
	assert_int_equal(log_first(), index - 65536);
}

static void bucket_lets_a_burst_pass_then_one_per_interval(void **state)
{
	struct rate_limit limit = RATE_LIMIT_INIT(3, SECOND);
	unsigned int passed = 0;
	uint32_t lost = 99;

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		passed += rate_limit_pass(&limit, 5 * SECOND, &lost);
	assert_int_equal(passed, 3);
	assert_int_equal(lost, 0);
	assert_false(rate_limit_pass(&limit, 6 * SECOND - 1, &lost));
	assert_true(rate_limit_pass(&limit, 6 * SECOND, &lost));
	assert_int_equal(lost, 8);
	assert_false(rate_limit_pass(&limit, 6 * SECOND, &lost));
}

static void bucket_never_holds_more_than_its_burst(void **state)
{
	struct rate_limit limit = RATE_LIMIT_INIT(3, SECOND);
	unsigned int passed = 0;
	uint32_t lost;

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		passed += rate_limit_pass(&limit, UINT64_MAX, &lost);
	assert_int_equal(passed, 3);
}

static void bucket_without_a_clock_is_open(void **state)
{
	struct rate_limit limit = RATE_LIMIT_INIT(1, SECOND);
	uint32_t lost;

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		assert_true(rate_limit_pass(&limit, 0, &lost));
}

static void bucket_refuses_who_interrupts_it(void **state)
{
	struct rate_limit limit = RATE_LIMIT_INIT(1, SECOND);
	uint32_t lost;

	(void)state;
	limit.busy = true;
	assert_false(rate_limit_pass(&limit, SECOND, &lost));
	limit.busy = false;
	assert_true(rate_limit_pass(&limit, SECOND, &lost));
	assert_int_equal(lost, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(level_decides_about_the_console_only, setup),
		cmocka_unit_test_setup(every_level_has_its_name, setup),
		cmocka_unit_test_setup(bad_level_changes_nothing, setup),
		cmocka_unit_test_setup(guests_are_heard_below_their_level_only, setup),
		cmocka_unit_test_setup(lines_carry_the_time_once_there_is_a_clock, setup),
		cmocka_unit_test_setup(guest_flood_is_limited_and_counted, setup),
		cmocka_unit_test_setup(hostile_text_stays_one_printable_line, setup),
		cmocka_unit_test_setup(long_line_is_cut_and_says_so, setup),
		cmocka_unit_test_setup(reader_continues_where_it_stopped, setup),
		cmocka_unit_test_setup(clear_hides_what_was_read, setup),
		cmocka_unit_test_setup(slow_reader_gets_the_newest_ring, setup),
		cmocka_unit_test(bucket_lets_a_burst_pass_then_one_per_interval),
		cmocka_unit_test(bucket_never_holds_more_than_its_burst),
		cmocka_unit_test(bucket_without_a_clock_is_open),
		cmocka_unit_test(bucket_refuses_who_interrupts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
