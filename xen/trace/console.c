/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: a ring of text that waits to be shown, and who shows it.
 *
 * Lock order: `console_busy` is taken by trying only, so it has no rank. Who
 * fails to take it leaves the text to the owner, who looks again after letting
 * go: that makes it safe from an NMI inside the owner.
 */
#include <errno.h>
#include <string.h>
#include <hv/console.h>
#include <hv/log.h>
#include <hv/uart.h>
#include "text_ring.h"

#define CONSOLE_RING_BYTES 16384
#define CONSOLE_CHUNK	   128
/* One caller shows at most this much, however fast the others write. */
#define CONSOLE_FLUSH_BYTES (2 * CONSOLE_RING_BYTES)

struct console_driver {
	const char *name;
	int (*init)(void);
	size_t (*write)(const char *text, size_t bytes);
	int (*getc)(void);
};

static int none_init(void)
{
	return -ENODEV;
}

static size_t none_write(const char *text, size_t bytes)
{
	(void)text;
	return bytes;
}

static int none_getc(void)
{
	return -1;
}

static const struct console_driver console_drivers[] = {
	{"com1", uart_init, uart_write, uart_getc},
	{"none", none_init, none_write, none_getc},
};

#define CONSOLE_DEFAULT 0x1 /* com1 */

static char console_buf[CONSOLE_RING_BYTES];
static struct text_ring console_ring = {.buf = console_buf, .bytes = CONSOLE_RING_BYTES};
static uint64_t console_shown; /* position in the ring; the owner's */
static uint64_t console_lost_bytes;
static uint32_t console_wanted = CONSOLE_DEFAULT; /* bit: index in console_drivers */
static uint32_t console_active;
static bool console_ready;
static bool console_busy;

static int console_driver_find(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(console_drivers); i++) {
		const char *have = console_drivers[i].name;

		if (strlen(have) == length && strncmp(have, name, length) == 0)
			return (int)i;
	}
	return -EINVAL;
}

int console_option(const char *value)
{
	uint32_t wanted = 0;

	for (;;) {
		const char *comma = strchr(value, ',');
		size_t length = comma != NULL ? (size_t)(comma - value) : strlen(value);
		int i = console_driver_find(value, length);

		if (i < 0)
			return i;
		wanted |= 1u << i;
		if (comma == NULL)
			break;
		value = comma + 1;
	}
	console_wanted = wanted;
	return 0;
}

void console_init(void)
{
	bool again = false;

	console_active = 0;
	for (size_t i = 0; i < ARRAY_SIZE(console_drivers); i++) {
		int rc = console_wanted & (1u << i) ? console_drivers[i].init() : -ENODEV;

		if (rc == 0)
			console_active |= 1u << i;
		again |= rc == -EAGAIN;
	}
	console_ready = !again;
	if (console_ready)
		(void)console_flush();
}

bool console_started(void)
{
	return console_ready;
}

static void console_driver_write(const struct console_driver *driver, const char *text, size_t bytes)
{
	size_t sent = driver->write(text, bytes);

	if (sent < bytes)
		__atomic_fetch_add(&console_lost_bytes, bytes - sent, __ATOMIC_RELAXED);
}

/* A terminal wants a carriage return before each line feed. */
static void console_show(const char *text, size_t bytes)
{
	char out[2 * CONSOLE_CHUNK];
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\n')
			out[n++] = '\r';
		out[n++] = text[i];
	}
	for (size_t i = 0; i < ARRAY_SIZE(console_drivers); i++) {
		if (console_active & (1u << i))
			console_driver_write(&console_drivers[i], out, n);
	}
}

/* Owner only. Shows the text up to end, at most `most` bytes; returns what is left of most. */
static size_t console_drain(uint64_t end, size_t most)
{
	char chunk[CONSOLE_CHUNK];
	uint64_t oldest = text_ring_oldest(&console_ring, end);

	if (console_shown < oldest)
		__atomic_fetch_add(&console_lost_bytes, oldest - console_shown, __ATOMIC_RELAXED);
	while (most > 0) {
		size_t n =
			text_ring_read(&console_ring, &console_shown, end, chunk, MIN(sizeof(chunk), most));

		if (n == 0)
			break;
		console_show(chunk, n);
		most -= n;
	}
	return most;
}

bool console_flush(void)
{
	size_t most = CONSOLE_FLUSH_BYTES;
	uint64_t end;

	if (!console_ready)
		return false;
	while (most > 0 && text_ring_stable(&console_ring, &end)) {
		if (__atomic_load_n(&console_shown, __ATOMIC_RELAXED) == end)
			return true;
		if (__atomic_exchange_n(&console_busy, true, __ATOMIC_ACQUIRE))
			return false;
		most = console_drain(end, most);
		__atomic_store_n(&console_busy, false, __ATOMIC_RELEASE);
	}
	return false;
}

void console_flush_forced(void)
{
	if (!console_ready)
		console_init();
	(void)console_drain(text_ring_end(&console_ring), CONSOLE_FLUSH_BYTES);
	__atomic_store_n(&console_busy, false, __ATOMIC_RELEASE);
}

void console_write(const char *text, size_t bytes)
{
	text_ring_write(&console_ring, text, bytes);
	(void)console_flush();
}

int console_getc(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(console_drivers); i++) {
		int c = console_active & (1u << i) ? console_drivers[i].getc() : -1;

		if (c >= 0)
			return c;
	}
	return -1;
}

uint64_t console_lost(void)
{
	return __atomic_load_n(&console_lost_bytes, __ATOMIC_RELAXED);
}
