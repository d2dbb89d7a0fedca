/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/trace/console.c and text_ring.c, with a serial port that can refuse text or log in the middle. */
#include "unit.h"
#include <hv/console.h>
#include <hv/uart.h>
#include "xen/trace/text_ring.h"

#define RING 16384 /* CONSOLE_RING_BYTES */

static char out[4 * RING];
static size_t out_n;
static bool uart_there, uart_full;
static void (*interrupt)(void); /* called once from inside the driver, as an NMI would come */

int uart_init(void)
{
	return uart_there ? 0 : -ENODEV;
}

size_t uart_write(const char *text, size_t bytes)
{
	if (uart_full)
		return 0;
	assert_true(out_n + bytes <= sizeof(out));
	memcpy(out + out_n, text, bytes);
	out_n += bytes;
	if (interrupt != NULL) {
		void (*now)(void) = interrupt;

		interrupt = NULL;
		now();
	}
	return bytes;
}

int uart_getc(void)
{
	return 'k';
}

static void expect_out(const char *text)
{
	assert_int_equal(out_n, strlen(text));
	assert_memory_equal(out, text, out_n);
	out_n = 0;
}

static int setup(void **state)
{
	(void)state;
	uart_there = true;
	uart_full = false;
	interrupt = NULL;
	assert_int_equal(console_option("com1"), 0);
	console_init();
	out_n = 0;
	return 0;
}

/* First: nothing was initialised before. */
static void early_text_is_shown_by_init(void **state)
{
	(void)state;
	uart_there = true;
	console_write("early\n", 6);
	assert_int_equal(out_n, 0);
	assert_false(console_flush());
	console_init();
	expect_out("early\r\n");
}

static void text_is_shown_at_once(void **state)
{
	(void)state;
	console_write("one\n", 4);
	expect_out("one\r\n");
	assert_true(console_flush());
}

static void write_inner(void)
{
	console_write("inner\n", 6);
	expect_out("outer\r\n");
}

static void writer_inside_the_driver_loses_nothing(void **state)
{
	(void)state;
	interrupt = write_inner;
	console_write("outer\n", 6);
	expect_out("inner\r\n");
}

static void refused_text_is_counted(void **state)
{
	uint64_t before = console_lost();

	(void)state;
	uart_full = true;
	console_write("123\n", 4);
	assert_int_equal(console_lost() - before, 5);
	uart_full = false;
	console_write("4\n", 2);
	expect_out("4\r\n");
}

static void write_forced(void)
{
	console_write("last words\n", 11);
	console_flush_forced();
	expect_out("outer\r\nlast words\r\n");
}

static void forced_flush_ignores_a_busy_owner(void **state)
{
	(void)state;
	interrupt = write_forced;
	console_write("outer\n", 6);
	assert_int_equal(out_n, 0);
}

static void without_hardware_it_is_silent(void **state)
{
	(void)state;
	uart_there = false;
	console_init();
	console_write("nobody\n", 7);
	assert_int_equal(out_n, 0);
	assert_true(console_flush());
	assert_int_equal(console_getc(), -1);
}

static void option_chooses_drivers(void **state)
{
	(void)state;
	assert_int_equal(console_option("none"), 0);
	console_init();
	console_write("hidden\n", 7);
	assert_int_equal(out_n, 0);
	assert_int_equal(console_getc(), -1);
	assert_int_equal(console_option("none,com1"), 0);
	console_init();
	console_write("seen\n", 5);
	expect_out("seen\r\n");
	assert_int_equal(console_getc(), 'k');
}

static void unknown_driver_changes_nothing(void **state)
{
	static const char *const bad[] = {"", "com", "com11", "com1,", ",com1", "none,vga"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(console_option(bad[i]), -EINVAL);
	console_init();
	console_write("seen\n", 5);
	expect_out("seen\r\n");
}

static void ring_wraps_and_keeps_the_newest(void **state)
{
	char buf[8], got[16];
	struct text_ring ring = {.buf = buf, .bytes = sizeof(buf)};
	uint64_t pos = 0, end;

	(void)state;
	text_ring_write(&ring, "abcde", 5);
	text_ring_write(&ring, "fghij", 5);
	assert_true(text_ring_stable(&ring, &end));
	assert_int_equal(end, 10);
	assert_int_equal(text_ring_oldest(&ring, end), 2);
	assert_int_equal(text_ring_read(&ring, &pos, end, got, 3), 3);
	assert_memory_equal(got, "cde", 3);
	assert_int_equal(pos, 5);
	assert_int_equal(text_ring_read(&ring, &pos, end, got, sizeof(got)), 5);
	assert_memory_equal(got, "fghij", 5);
	assert_int_equal(text_ring_read(&ring, &pos, end, got, sizeof(got)), 0);
}

static void ring_cuts_what_is_larger_than_itself(void **state)
{
	char buf[8], got[8];
	struct text_ring ring = {.buf = buf, .bytes = sizeof(buf)};
	uint64_t pos = 0;

	(void)state;
	text_ring_write(&ring, "0123456789", 10);
	assert_int_equal(text_ring_read(&ring, &pos, text_ring_end(&ring), got, sizeof(got)), 8);
	assert_memory_equal(got, "01234567", 8);
}

static void ring_is_unstable_while_somebody_writes(void **state)
{
	char buf[8];
	struct text_ring ring = {.buf = buf, .bytes = sizeof(buf), .reserved = 4, .committed = 2};
	uint64_t end;

	(void)state;
	assert_false(text_ring_stable(&ring, &end));
	ring.committed = 4;
	assert_true(text_ring_stable(&ring, &end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(early_text_is_shown_by_init),
		cmocka_unit_test_setup(text_is_shown_at_once, setup),
		cmocka_unit_test_setup(writer_inside_the_driver_loses_nothing, setup),
		cmocka_unit_test_setup(refused_text_is_counted, setup),
		cmocka_unit_test_setup(forced_flush_ignores_a_busy_owner, setup),
		cmocka_unit_test_setup(without_hardware_it_is_silent, setup),
		cmocka_unit_test_setup(option_chooses_drivers, setup),
		cmocka_unit_test_setup(unknown_driver_changes_nothing, setup),
		cmocka_unit_test(ring_wraps_and_keeps_the_newest),
		cmocka_unit_test(ring_cuts_what_is_larger_than_itself),
		cmocka_unit_test(ring_is_unstable_while_somebody_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
