/* SPDX-License-Identifier: GPL-2.0-only */
/* com1=, console=, loglvl= and guest_loglvl=: what is accepted is usable, what is refused changes nothing. */
#include <string.h>
#include <hv/console.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/time.h>
#include <hv/uart.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

uint64_t now_ns(void)
{
	return 0;
}

uint64_t time_tsc_hz(void)
{
	return 0;
}

/* A port in memory is accepted as text; nothing here maps it. */
volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	(void)base;
	(void)bytes;
	(void)cache;
	return NULL;
}

static void require(bool ok)
{
	if (!ok)
		__builtin_trap();
}

static void check_com1(const char *text)
{
	struct uart_params p = *uart_params(), was = p;

	if (uart_params_parse(&p, text) != 0) {
		require(memcmp(&p, &was, sizeof(p)) == 0);
		return;
	}
	require(p.data_bits >= 5 && p.data_bits <= 8 && (p.stop_bits == 1 || p.stop_bits == 2));
	require(strchr("noems", p.parity) != NULL && p.irq < 256);
	require(p.baud == 0 || (p.clock / p.baud >= 1 && p.clock / p.baud <= 0xffff));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char text[256];
	size_t n = MIN(bytes, sizeof(text) - 1);

	memcpy(text, data, n);
	text[n] = '\0';
	check_com1(text);
	(void)console_option(text);
	(void)log_option_loglvl(text);
	(void)log_option_guest_loglvl(text);
	return 0;
}
