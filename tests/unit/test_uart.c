/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/trace/uart.c against a register model of the 16550, and com1=. */
#include "unit.h"
#include <hv/map.h>
#include <hv/uart.h>
#include "asm.h"
#include "xen/trace/uart_regs.h"

#define BASE 0x3f8

static struct {
	bool present, has_fifo, has_scratch;
	uint32_t busy_polls; /* readings of LSR until there is room, after each full FIFO */
	bool dead;	     /* never any room */
	uint8_t reg[UART_REGS], dll, dlm, fcr;
	uint32_t polls_left, lsr_reads;
	uint32_t in_fifo, overruns;
	char out[256];
	size_t out_n;
	const char *in;
} m;

static uint32_t model_lsr(void)
{
	uint32_t lsr = *m.in ? UART_LSR_DR : 0;

	m.lsr_reads++;
	if (m.dead)
		return lsr;
	if (m.polls_left > 0) {
		m.polls_left--;
		return lsr;
	}
	m.in_fifo = 0;
	return lsr | UART_LSR_THRE;
}

static uint32_t model_in(uint16_t port, uint32_t bytes)
{
	bool dlab = m.reg[UART_LCR] & UART_LCR_DLAB;

	assert_int_equal(bytes, 1);
	if (!m.present || port < BASE || port >= BASE + UART_REGS)
		return 0xff;
	switch (port - BASE) {
	case UART_RBR:
		return dlab ? m.dll : *m.in ? (uint8_t)*m.in++ : 0;
	case UART_IIR:
		return m.has_fifo && (m.fcr & UART_FCR_ENABLE) ? 0xc1 : 0x01;
	case UART_LSR:
		return model_lsr();
	case UART_SCR:
		return m.has_scratch ? m.reg[UART_SCR] : 0xff;
	default:
		return m.reg[port - BASE];
	}
}

static void model_transmit(char c)
{
	if (++m.in_fifo > (m.has_fifo ? UART_FIFO_BYTES : 1))
		m.overruns++;
	m.polls_left = m.busy_polls;
	if (m.out_n < sizeof(m.out))
		m.out[m.out_n++] = c;
}

static void model_out(uint16_t port, uint32_t bytes, uint32_t value)
{
	unsigned int reg = port - BASE;
	bool dlab = m.reg[UART_LCR] & UART_LCR_DLAB;

	assert_int_equal(bytes, 1);
	assert_in_range(port, BASE, BASE + UART_REGS - 1);
	if (reg == UART_DLL && dlab)
		m.dll = (uint8_t)value;
	else if (reg == UART_DLM && dlab)
		m.dlm = (uint8_t)value;
	else if (reg == UART_THR)
		model_transmit((char)value);
	else if (reg == UART_FCR)
		m.fcr = (uint8_t)value;
	else
		m.reg[reg] = (uint8_t)value;
}

/* The same registers in memory. */
#define IN_MEMORY 0xfe030000

static volatile uint8_t window[UART_REGS];
static bool can_map;

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	assert_int_equal(base, IN_MEMORY);
	assert_int_equal(bytes, UART_REGS);
	assert_int_equal(cache, MAP_UC);
	return can_map ? window : NULL;
}

static uint64_t model_mmio_read(const volatile void *addr, uint32_t bytes)
{
	return model_in((uint16_t)(BASE + ((const volatile uint8_t *)addr - window)), bytes);
}

static void model_mmio_write(volatile void *addr, uint32_t bytes, uint64_t value)
{
	model_out((uint16_t)(BASE + ((volatile uint8_t *)addr - window)), bytes, (uint32_t)value);
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake.on_in = model_in;
	fake.on_out = model_out;
	memset(&m, 0, sizeof(m));
	m.present = m.has_fifo = m.has_scratch = true;
	m.in = "";
	assert_int_equal(uart_option_com1("115200/115200,8n1,0x3f8,4"), 0);
	return 0;
}

static void init_sets_rate_frame_and_fifo(void **state)
{
	(void)state;
	assert_int_equal(uart_option_com1("9600,7e2"), 0);
	assert_int_equal(uart_init(), 0);
	assert_int_equal(m.dll, 12);
	assert_int_equal(m.dlm, 0);
	assert_int_equal(m.reg[UART_LCR], 0x1e); /* 7 bits, 2 stop bits, even parity, divisor latch closed */
	assert_int_equal(m.fcr & UART_FCR_ENABLE, UART_FCR_ENABLE);
	assert_int_equal(m.reg[UART_IER], 0);
	assert_int_equal(m.reg[UART_MCR], UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
}

static void auto_keeps_the_divisor(void **state)
{
	(void)state;
	m.dll = 3;
	m.dlm = 1;
	assert_int_equal(uart_option_com1("auto"), 0);
	assert_int_equal(uart_init(), 0);
	assert_int_equal(m.dll, 3);
	assert_int_equal(m.dlm, 1);
}

static void low_rate_uses_both_divisor_bytes(void **state)
{
	(void)state;
	assert_int_equal(uart_option_com1("300"), 0);
	assert_int_equal(uart_init(), 0);
	assert_int_equal(m.dlm << 8 | m.dll, 384);
}

static void absent_uart_is_dropped(void **state)
{
	(void)state;
	m.present = false;
	assert_int_equal(uart_init(), -ENODEV);
	assert_int_equal(uart_write("lost", 4), 0);
	assert_int_equal(uart_getc(), -1);
	assert_int_equal(m.out_n, 0);
	m.present = true;
	m.has_scratch = false;
	assert_int_equal(uart_init(), -ENODEV);
}

static void one_in_memory_works_once_it_is_mapped(void **state)
{
	(void)state;
	fake.on_mmio_read = model_mmio_read;
	fake.on_mmio_write = model_mmio_write;
	assert_int_equal(uart_option_com1("115200,8n1,0xfe030000"), 0);
	assert_int_equal(uart_init(), -EAGAIN);
	assert_int_equal(uart_write("early", 5), 0);
	can_map = false;
	assert_int_equal(uart_map(), -ENOMEM);
	can_map = true;
	assert_int_equal(uart_map(), 0);
	assert_int_equal(uart_init(), 0);
	assert_int_equal(uart_write("hello", 5), 5);
	assert_memory_equal(m.out, "hello", 5);
	for (unsigned int i = 0; i < fake.op_count; i++)
		assert_int_equal(fake.op[i].kind, FAKE_MMIO);
}

static void text_arrives_whole_without_overrun(void **state)
{
	static const char text[] = "a line that is longer than two FIFOs of sixteen bytes each";

	(void)state;
	m.busy_polls = 7;
	assert_int_equal(uart_init(), 0);
	assert_int_equal(uart_write(text, strlen(text)), strlen(text));
	assert_memory_equal(m.out, text, strlen(text));
	assert_int_equal(m.overruns, 0);
}

static void uart_without_fifo_gets_single_bytes(void **state)
{
	(void)state;
	m.has_fifo = false;
	m.busy_polls = 2;
	assert_int_equal(uart_init(), 0);
	assert_int_equal(uart_write("single", 6), 6);
	assert_memory_equal(m.out, "single", 6);
	assert_int_equal(m.overruns, 0);
}

static void dead_transmitter_costs_one_wait_then_one_look(void **state)
{
	uint32_t first;

	(void)state;
	assert_int_equal(uart_init(), 0);
	m.dead = true;
	assert_int_equal(uart_write("x", 1), 0);
	first = m.lsr_reads;
	assert_in_range(first, 1000, 1000000);
	assert_int_equal(uart_write("x", 1), 0);
	assert_int_equal(m.lsr_reads, first + 1);
	m.dead = false;
	assert_int_equal(uart_write("y", 1), 1);
	assert_memory_equal(m.out, "y", 1);
}

static void vanished_uart_is_not_waited_for(void **state)
{
	uint32_t before;

	(void)state;
	assert_int_equal(uart_init(), 0);
	before = m.lsr_reads;
	m.present = false;
	assert_int_equal(uart_write("x", 1), 0);
	assert_int_equal(m.lsr_reads, before);
	assert_int_equal(uart_getc(), -1);
	assert_true(fake.relaxes == 0);
}

static void received_bytes_come_in_order(void **state)
{
	(void)state;
	assert_int_equal(uart_init(), 0);
	m.in = "h\xff";
	assert_int_equal(uart_getc(), 'h');
	assert_int_equal(uart_getc(), 0xff);
	assert_int_equal(uart_getc(), -1);
}

static void receive_interrupt_is_switched_at_the_port(void **state)
{
	unsigned int stores;

	(void)state;
	assert_int_equal(uart_init(), 0);
	uart_rx_irq(true);
	assert_int_equal(m.reg[UART_IER], UART_IER_RX);
	uart_rx_irq(false);
	assert_int_equal(m.reg[UART_IER], 0);
	m.present = false;
	assert_int_equal(uart_init(), -ENODEV);
	assert_false(uart_present());
	stores = fake.op_count;
	uart_rx_irq(true);
	assert_int_equal(fake.op_count, stores);
}

static void com1_fields_may_be_left_out(void **state)
{
	struct uart_params p = {
		.baud = 1, .clock = 115200, .data_bits = 6, .parity = 'o', .stop_bits = 2, .irq = 9};

	(void)state;
	assert_int_equal(uart_params_parse(&p, "57600,,0x2f8"), 0);
	assert_int_equal(p.baud, 57600);
	assert_int_equal(p.data_bits, 6);
	assert_int_equal(p.io_base, 0x2f8);
	assert_int_equal(p.irq, 9);
	assert_int_equal(uart_params_parse(&p, ",8n1,0xfe034000,0"), 0);
	assert_int_equal(p.io_base, 0xfe034000);
	assert_int_equal(p.irq, 0);
	assert_int_equal(uart_params_parse(&p, "115200/1843200,8n1"), 0);
	assert_int_equal(p.clock, 1843200);
	assert_int_equal(uart_params_parse(&p, ""), 0);
	assert_int_equal(p.baud, 115200);
}

static void bad_com1_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"0",
		"fast",
		"9600x",
		"9600,9n1",
		"9600,8x1",
		"9600,8n3",
		"9600,8n",
		"9600,8n1x",
		"9600,8n1,zz",
		"9600,8n1,0x3f8,256",
		"9600,8n1,0x3f8,4,5",
		"9600,8n1,0x3f8,4,",
		"230400",
		"1",
		"9600/0",
		"99999999999999999999",
		"9600,8n1,0xfffffffffffffffff",
		"9600,8n1,0x",
		"0x",
		"9600,8",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct uart_params p = *uart_params(), was = p;

		if (uart_params_parse(&p, bad[i]) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_memory_equal(&p, &was, sizeof(p));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(init_sets_rate_frame_and_fifo, setup),
		cmocka_unit_test_setup(auto_keeps_the_divisor, setup),
		cmocka_unit_test_setup(low_rate_uses_both_divisor_bytes, setup),
		cmocka_unit_test_setup(absent_uart_is_dropped, setup),
		cmocka_unit_test_setup(one_in_memory_works_once_it_is_mapped, setup),
		cmocka_unit_test_setup(text_arrives_whole_without_overrun, setup),
		cmocka_unit_test_setup(uart_without_fifo_gets_single_bytes, setup),
		cmocka_unit_test_setup(dead_transmitter_costs_one_wait_then_one_look, setup),
		cmocka_unit_test_setup(vanished_uart_is_not_waited_for, setup),
		cmocka_unit_test_setup(received_bytes_come_in_order, setup),
		cmocka_unit_test_setup(receive_interrupt_is_switched_at_the_port, setup),
		cmocka_unit_test_setup(com1_fields_may_be_left_out, setup),
		cmocka_unit_test_setup(bad_com1_changes_nothing, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
