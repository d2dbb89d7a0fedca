/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "hv_log.h"

unsigned int fake_log_count;
char fake_panic_text[512];
static char fake_log_ring[FAKE_LOG_LINES][512];

void fake_log_reset(void)
{
	fake_log_count = 0;
	fake_panic_text[0] = '\0';
	memset(fake_log_ring, 0, sizeof(fake_log_ring));
}

void log_vline(enum log_level level, const char *fmt, va_list ap)
{
	(void)level;
	vsnprintf(fake_log_ring[fake_log_count++ % FAKE_LOG_LINES], sizeof(fake_log_ring[0]), fmt, ap);
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

	va_start(ap, fmt);
	log_vline(level, fmt, ap);
	va_end(ap);
}

const char *fake_log_last(void)
{
	return fake_log_count ? fake_log_ring[(fake_log_count - 1) % FAKE_LOG_LINES] : "";
}

bool fake_log_has(const char *part)
{
	for (unsigned int i = 0; i < FAKE_LOG_LINES; i++) {
		if (strstr(fake_log_ring[i], part))
			return true;
	}
	return false;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_panic_text, sizeof(fake_panic_text), fmt, ap);
	va_end(ap);
	mock_assert(0, fake_panic_text, __FILE__, __LINE__);
	abort();
}
