/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/trace/reboot.c: the ways to reset, in order, each bounded. And xen/trace/panic.c, what is told and who stops. */
#include "unit.h"
#include <stdio.h>
#include <hv/acpi.h>
#include <hv/backtrace.h>
#include <hv/console.h>
#include <hv/log.h>
#include <hv/panic.h>
#include <hv/percpu.h>
#include <hv/map.h>
#include <hv/reboot.h>
#include <hv/smp.h>
#include "asm.h"

static jmp_buf stopped;
static char told[2048];
static unsigned int flushes, stops;
static void (*in_backtrace)(void);

/* The log, and what else a panic calls. */
void log_line(enum log_level level, const char *fmt, ...)
{
	size_t n = strlen(told);
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	vsnprintf(told + n, sizeof(told) - n, fmt, ap);
	va_end(ap);
	strncat(told, "\n", sizeof(told) - strlen(told) - 1);
}

void log_open_all(void)
{
}

void console_flush_forced(void)
{
	flushes++;
}

void smp_stop_others(void)
{
	stops++;
}

void regs_log(const struct cpu_regs *regs)
{
	log_err("regs of %lx", regs->rip);
}

void control_regs_log(void)
{
}

void backtrace_log(uintptr_t rip, uintptr_t fp)
{
	(void)rip;
	(void)fp;
	log_err("trace");
	if (in_backtrace != NULL)
		in_backtrace();
}

static void halt_is_the_end(void)
{
	longjmp(stopped, 1);
}

#define IN_MEMORY 0xfed40000

static volatile uint8_t window;

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	assert_int_equal(bytes, 1);
	assert_int_equal(cache, MAP_UC);
	return base == IN_MEMORY ? &window : NULL;
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake.on_halt = halt_is_the_end;
	fake.irqs_on = true;
	told[0] = '\0';
	flushes = stops = 0;
	in_backtrace = NULL;
	reboot_use_fadt(&(struct acpi_fadt){.revision = 1});
	reboot_option_noreboot(false);
	return 0;
}

static void use_register(uint8_t space, paddr_t address)
{
	reboot_use_fadt(
		&(struct acpi_fadt){.reset_value = 0x0e, .reset = {.space = space, .address = address}});
}

static void reboot_until_it_halts(void)
{
	if (setjmp(stopped) == 0)
		machine_reboot();
	assert_false(irq_enabled());
}

/* The first store to the port at or behind *at; moves *at behind it. */
static void expect_out(unsigned int *at, uint16_t port, uint8_t value)
{
	while (*at < fake.op_count && fake.op[*at].addr != port)
		(*at)++;
	assert_true(*at < fake.op_count);
	assert_int_equal(fake.op[*at].value, value);
	(*at)++;
}

static void all_ways_in_order_when_none_works(void **state)
{
	unsigned int at = 0;

	(void)state;
	use_register(ACPI_SPACE_IO, 0xb2);
	reboot_until_it_halts();
	expect_out(&at, 0xb2, 0x0e);
	assert_int_equal(at, 1);
	expect_out(&at, 0x64, 0xfe);
	expect_out(&at, 0xcf9, 0x02);
	expect_out(&at, 0xcf9, 0x06);
	assert_int_equal(fake.op[at].kind, FAKE_TRIPLE_FAULT);
	assert_int_equal(fake.op_count, at + 1);
}

static void register_in_memory_is_mapped_and_written(void **state)
{
	(void)state;
	use_register(ACPI_SPACE_MEMORY, IN_MEMORY);
	reboot_until_it_halts();
	assert_int_equal(fake.op[0].kind, FAKE_MMIO);
	assert_int_equal(fake.op[0].addr, (uintptr_t)&window);
	assert_int_equal(fake.op[0].value, 0x0e);
	assert_int_equal(fake.op[0].bytes, 1);
	assert_int_equal(fake.op[1].addr, 0x64);
}

static void register_that_cannot_be_reached_is_left_alone(void **state)
{
	static const struct {
		uint8_t space;
		paddr_t address;
	} beyond[] = {
		{ACPI_SPACE_MEMORY, 0xb2}, {ACPI_SPACE_IO, 0x100b2}, {2, 0xcf9}, /* configuration space */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		told[0] = '\0';
		use_register(beyond[i].space, beyond[i].address);
		assert_non_null(strstr(told, "cannot be reached"));
		fake.op_count = 0;
		reboot_until_it_halts();
		assert_int_equal(fake.op[0].addr, 0x64);
	}
}

static void dead_keyboard_controller_is_not_waited_for(void **state)
{
	(void)state;
	fake.port[0x64] = 0xff;
	reboot_until_it_halts();
	assert_int_equal(fake.op[fake.op_count - 1].kind, FAKE_TRIPLE_FAULT);
}

/* What another processor's panic does meanwhile: it stops there and says nothing. */
static void panic_elsewhere(void)
{
	jmp_buf here;

	memcpy(here, stopped, sizeof(here));
	fake_cpu = 1;
	if (setjmp(stopped) == 0)
		panic("elsewhere");
	fake_cpu = 0;
	memcpy(stopped, here, sizeof(here));
}

static void panic_within(void)
{
	in_backtrace = NULL;
	panic_elsewhere();
	panic("second");
}

static void panic_third(void)
{
	panic("third");
}

/* One story: the panic's state is for one run of the machine. */
static void panic_tells_once_and_ends(void **state)
{
	struct cpu_regs regs = {.rip = 0x123};

	(void)state;
	reboot_option_noreboot(true);
	in_backtrace = panic_within;
	if (setjmp(stopped) == 0)
		panic_regs(&regs, "first %d", 1);
	assert_non_null(strstr(told, "panic: processor 0: first 1\nregs of 123\ntrace\n"));
	assert_non_null(strstr(told, "panic: again, inside the panic: second\n"));
	assert_null(strstr(told + strlen("panic: processor 0: first 1\nregs of 123\ntrace\n"), "trace"));
	assert_null(strstr(told, "elsewhere"));
	assert_int_equal(stops, 1);
	assert_true(flushes >= 2);
	assert_int_equal(fake.op_count, 0); /* noreboot */
	assert_false(irq_enabled());

	told[0] = '\0';
	if (setjmp(stopped) == 0)
		panic_third();
	assert_string_equal(told, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_ways_in_order_when_none_works, setup),
		cmocka_unit_test_setup(register_in_memory_is_mapped_and_written, setup),
		cmocka_unit_test_setup(register_that_cannot_be_reached_is_left_alone, setup),
		cmocka_unit_test_setup(dead_keyboard_controller_is_not_waited_for, setup),
		cmocka_unit_test_setup(panic_tells_once_and_ends, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
