/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver of the first serial port. Callers take care that one processor at
 * a time writes (trace/console.c).
 */
#include <errno.h>
#include <string.h>
#include <hv/asm.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include <hv/uart.h>
#include "uart_regs.h"

/* A full FIFO at 1200 baud takes 133 ms; one reading of a port takes about 1 us. */
#define UART_TX_POLLS 200000

static struct uart_state {
	struct uart_params params;
	volatile uint8_t *regs; /* mapped registers, one byte apart; NULL: they are ports */
	bool present;
	bool stuck; /* the last wait for room timed out: do not wait again before there is some */
	uint8_t fifo_bytes;
} uart = {
	.params =
		{
			.baud = 115200,
			.clock = 115200,
			.data_bits = 8,
			.parity = 'n',
			.stop_bits = 1,
			.irq = 4,
			.io_base = 0x3f8,
		},
};

static bool uart_in_memory(void)
{
	return uart.params.io_base >= UART_MMIO_MIN;
}

static uint8_t uart_read(unsigned int reg)
{
	return uart.regs != NULL ? mmio_read8(uart.regs + reg) : inb((uint16_t)(uart.params.io_base + reg));
}

static void uart_set(unsigned int reg, uint8_t v)
{
	if (uart.regs != NULL)
		mmio_write8(uart.regs + reg, v);
	else
		outb((uint16_t)(uart.params.io_base + reg), v);
}

/* An empty bus answers all ones, or the last value driven: two patterns and another register in between. */
static bool uart_probe(void)
{
	static const uint8_t pattern[] = {0x55, 0xaa};

	for (size_t i = 0; i < sizeof(pattern); i++) {
		uart_set(UART_SCR, pattern[i]);
		(void)uart_read(UART_LCR);
		if (uart_read(UART_SCR) != pattern[i])
			return false;
	}
	return uart_read(UART_LSR) != 0xff;
}

static uint8_t uart_line_control(const struct uart_params *p)
{
	static const char kinds[] = "noems"; /* none, odd, even, mark, space */
	static const uint8_t bits[] = {0, 1, 3, 5, 7};
	const char *kind = strchr(kinds, p->parity);
	unsigned int lcr = (unsigned int)bits[kind - kinds] << UART_LCR_PARITY_SHIFT;

	lcr |= p->data_bits - 5u;
	if (p->stop_bits == 2)
		lcr |= UART_LCR_STOP_2;
	return (uint8_t)lcr;
}

static void uart_setup(void)
{
	uint8_t lcr = uart_line_control(&uart.params);

	uart_set(UART_LCR, lcr);
	uart_set(UART_IER, 0);
	if (uart.params.baud != 0) {
		uint32_t divisor = uart.params.clock / uart.params.baud;

		uart_set(UART_LCR, lcr | UART_LCR_DLAB);
		uart_set(UART_DLL, (uint8_t)divisor);
		uart_set(UART_DLM, (uint8_t)(divisor >> 8));
		uart_set(UART_LCR, lcr);
	}
	uart_set(UART_FCR, UART_FCR_ENABLE | UART_FCR_CLEAR_RX | UART_FCR_CLEAR_TX | UART_FCR_TRIGGER_14);
	uart_set(UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
	/* An 8250 or a 16450 has no FIFO and says so. */
	uart.fifo_bytes = (uart_read(UART_IIR) & UART_IIR_FIFO) == UART_IIR_FIFO ? UART_FIFO_BYTES : 1;
}

int uart_option_com1(const char *value)
{
	return uart_params_parse(&uart.params, value);
}

int uart_init(void)
{
	uart.present = false;
	uart.stuck = false;
	if (!uart_in_memory())
		uart.regs = NULL;
	else if (uart.regs == NULL)
		return -EAGAIN;
	if (!uart_probe())
		return -ENODEV;
	uart_setup();
	uart.present = true;
	return 0;
}

int uart_map(void)
{
	if (!uart_in_memory() || uart.regs != NULL)
		return 0;
	uart.regs = ioremap(uart.params.io_base, UART_REGS, MAP_UC);
	return uart.regs != NULL ? 0 : -ENOMEM;
}

/* The transmitter is empty: a whole FIFO fits. */
static bool uart_wait_room(void)
{
	unsigned int polls = uart.stuck ? 1 : UART_TX_POLLS;

	for (; polls > 0; polls--) {
		uint8_t lsr = uart_read(UART_LSR);

		if (lsr == 0xff)
			break;
		if (lsr & UART_LSR_THRE) {
			uart.stuck = false;
			return true;
		}
		cpu_relax();
	}
	uart.stuck = true;
	return false;
}

size_t uart_write(const char *text, size_t bytes)
{
	size_t sent = 0;

	while (uart.present && sent < bytes && uart_wait_room()) {
		size_t end = MIN(bytes, sent + uart.fifo_bytes);

		while (sent < end)
			uart_set(UART_THR, (uint8_t)text[sent++]);
	}
	return sent;
}

int uart_getc(void)
{
	uint8_t lsr;

	if (!uart.present)
		return -1;
	lsr = uart_read(UART_LSR);
	if (lsr == 0xff || !(lsr & UART_LSR_DR))
		return -1;
	return uart_read(UART_RBR);
}

void uart_rx_irq(bool on)
{
	if (uart.present)
		uart_set(UART_IER, on ? UART_IER_RX : 0);
}

bool uart_present(void)
{
	return uart.present;
}

const struct uart_params *uart_params(void)
{
	return &uart.params;
}
