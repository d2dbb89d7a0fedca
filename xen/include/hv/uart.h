/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The serial port: a 16550 at an I/O port or in memory.
 * Source: TL16C550D data sheet, "Principles of Operation".
 *
 * com1=BAUD|auto[/CLOCK][,[DPS][,[IO-BASE][,[IRQ]]]] as in Xen: CLOCK is the
 * baud rate of divisor 1 (115200), DPS data bits, parity and stop bits (8n1),
 * IO-BASE a port (0x3f8) or, from 0x10000 on, an address in memory; IRQ 0 is
 * polled. `auto` keeps the rate that the firmware set.
 */
#ifndef HV_UART_H
#define HV_UART_H

#include <stdbool.h>
#include <pt/types.h>

/* From here on io_base is an address in memory. */
#define UART_MMIO_MIN 0x10000

struct uart_params {
	uint32_t baud;	   /* 0: leave the divisor alone */
	uint32_t clock;	   /* the baud rate of divisor 1 */
	uint8_t data_bits; /* 5 to 8 */
	char parity;	   /* n o e m s */
	uint8_t stop_bits; /* 1 or 2 */
	uint32_t irq;
	paddr_t io_base;
};

/* Fields left out keep their value in *params. -EINVAL leaves all of it as it was. */
int uart_params_parse(struct uart_params *params, const char *text) __must_check;

/* com1=: 0 or -EINVAL. Before uart_init(). */
int uart_option_com1(const char *value);

/* Finds and sets up the port: 0, -ENODEV when none answers, -EAGAIN when it is in memory and not mapped yet. */
int uart_init(void) __must_check;

/* Maps one that is in memory, its registers one byte apart; nothing for a port. After the final page tables. -ENOMEM. */
int uart_map(void) __must_check;

/* Sends at most bytes; returns how many were taken. Waits at most UART_TX_POLLS readings for room. */
size_t uart_write(const char *text, size_t bytes);

/* The next byte received, or -1. */
int uart_getc(void);

/* The interrupt for received bytes, at the port. Raised again by being switched on while bytes wait. */
void uart_rx_irq(bool on);

bool uart_present(void);
const struct uart_params *uart_params(void);

#endif
