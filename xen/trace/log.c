/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <hv/console.h>
#include <hv/log.h>
#include <hv/printf.h>
#include <hv/rate_limit.h>
#include <hv/time.h>
#include "text_ring.h"

#define LOG_RING_BYTES 65536
#define LOG_BURST      10
#define LOG_TOKEN_NS   500000000

/* A class of messages. Levels below `always` are shown, those below `limited` at a limited rate. */
struct log_class {
	const char *name;
	unsigned int always;
	unsigned int limited;
	struct rate_limit limit;
};

static struct log_class log_host = {
	.name = "host",
	.always = LOG_INFO + 1,
	.limited = LOG_INFO + 1,
	.limit = RATE_LIMIT_INIT(LOG_BURST, LOG_TOKEN_NS),
};

static struct log_class log_guests = {
	.name = "guest",
	.always = 0,
	.limited = LOG_WARN + 1,
	.limit = RATE_LIMIT_INIT(LOG_BURST, LOG_TOKEN_NS),
};

static char log_buf[LOG_RING_BYTES];
static struct text_ring log_ring = {.buf = log_buf, .bytes = LOG_RING_BYTES};
static uint64_t log_cleared;

static const struct {
	const char *name;
	unsigned int levels; /* how many of enum log_level are shown */
} log_names[] = {
	{"none", 0},
	{"error", LOG_ERR + 1},
	{"warning", LOG_WARN + 1},
	{"info", LOG_INFO + 1},
	{"debug", LOG_DEBUG + 1},
	{"all", LOG_DEBUG + 1},
};

/* 0 until the clock is measured. */
static uint64_t log_now_ns(void)
{
	return time_tsc_hz() != 0 ? now_ns() : 0;
}

static int log_levels_parse(const char *name, size_t length, unsigned int *ret_levels)
{
	for (size_t i = 0; i < ARRAY_SIZE(log_names); i++) {
		if (strlen(log_names[i].name) == length && strncmp(name, log_names[i].name, length) == 0) {
			*ret_levels = log_names[i].levels;
			return 0;
		}
	}
	return -EINVAL;
}

static int log_class_parse(struct log_class *class, const char *value)
{
	const char *slash = strchr(value, '/');
	size_t length = slash != NULL ? (size_t)(slash - value) : strlen(value);
	unsigned int always, limited;

	if (log_levels_parse(value, length, &always) < 0)
		return -EINVAL;
	limited = always;
	if (slash != NULL && log_levels_parse(slash + 1, strlen(slash + 1), &limited) < 0)
		return -EINVAL;
	class->always = always;
	class->limited = MAX(always, limited);
	return 0;
}

int log_option_loglvl(const char *value)
{
	return log_class_parse(&log_host, value);
}

int log_option_guest_loglvl(const char *value)
{
	return log_class_parse(&log_guests, value);
}

void log_open_all(void)
{
	log_host.always = LOG_DEBUG + 1;
	log_guests.always = LOG_DEBUG + 1;
}

/* Ends the text with a newline, whatever it was before. Returns the length. */
static size_t log_clean(char *text, size_t n)
{
	while (n > 0 && text[n - 1] == '\n')
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f)
			text[i] = '?';
	}
	text[n] = '\n';
	return n + 1;
}

/* "[seconds.micros] ", nothing without a clock. */
static size_t log_stamp(char *dst, size_t bytes)
{
	uint64_t us = log_now_ns() / 1000;

	if (us == 0)
		return 0;
	return (size_t)hv_snprintf(dst, bytes, "[%5lu.%06lu] ", us / 1000000, us % 1000000);
}

static __printf(2, 0) void log_emit(bool shown, const char *fmt, va_list ap)
{
	static const char cut[] = "...";
	char line[LOG_LINE_MAX + sizeof(cut)];
	size_t n = log_stamp(line, sizeof(line));
	size_t most = LOG_LINE_MAX - n;
	int length = hv_vsnprintf(line + n, most, fmt, ap);

	if ((size_t)length < most) {
		n += (size_t)length;
	} else {
		n = LOG_LINE_MAX - 1;
		memcpy(line + n, cut, sizeof(cut));
		n += sizeof(cut) - 1;
	}
	n = log_clean(line, n);
	text_ring_write(&log_ring, line, n);
	if (shown)
		console_write(line, n);
}

static __printf(2, 3) void log_emit_line(bool shown, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_emit(shown, fmt, ap);
	va_end(ap);
}

/* Whether a message of this class and level is to be shown now. */
static bool log_class_pass(struct log_class *class, enum log_level level)
{
	uint32_t lost;

	if (level < class->always)
		return true;
	if (level >= class->limited || !rate_limit_pass(&class->limit, log_now_ns(), &lost))
		return false;
	if (lost > 0)
		log_emit_line(true, "log: %u %s messages were too many and are lost", lost, class->name);
	return true;
}

void log_vline(enum log_level level, const char *fmt, va_list ap)
{
	log_emit(log_class_pass(&log_host, level), fmt, ap);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}

void log_guest(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (!log_class_pass(&log_guests, level))
		return;
	va_start(ap, fmt);
	log_emit(true, fmt, ap);
	va_end(ap);
}

/* The 64-bit position of a 32-bit index: the newest that is not behind the end. */
static uint64_t log_position(uint32_t index, uint64_t end)
{
	return end - (uint32_t)((uint32_t)end - index);
}

uint32_t log_first(void)
{
	uint64_t oldest = text_ring_oldest(&log_ring, text_ring_end(&log_ring));

	return (uint32_t)MAX(oldest, __atomic_load_n(&log_cleared, __ATOMIC_RELAXED));
}

size_t log_read(uint32_t *index, char *dst, size_t bytes)
{
	uint64_t end = text_ring_end(&log_ring);
	uint64_t pos = log_position(*index, end);
	size_t n = text_ring_read(&log_ring, &pos, end, dst, bytes);

	*index = (uint32_t)pos;
	return n;
}

void log_clear(uint32_t index)
{
	__atomic_store_n(&log_cleared, log_position(index, text_ring_end(&log_ring)), __ATOMIC_RELAXED);
}
