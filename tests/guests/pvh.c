/* SPDX-License-Identifier: GPL-2.0-only */
/* The test kernels' run time. */
#include "pvh.h"

extern const uint8_t guest_stubs[];

volatile uint32_t guest_taken[256];
volatile uint32_t guest_skip;

static struct {
	uint64_t low, high;
} guest_idt[256];
static uint32_t guest_failures;
static const char *guest_first_failure;

static uint32_t text_length(const char *text)
{
	uint32_t n = 0;

	while (text[n])
		n++;
	return n;
}

void guest_print(const char *text)
{
	hypercall(HYPERCALL_CONSOLE_IO, CONSOLEIO_WRITE, text_length(text), (uintptr_t)text, 0);
}

void guest_print_hex(uint32_t value)
{
	char text[9];

	for (unsigned int i = 0; i < 8; i++)
		text[i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
	text[8] = 0;
	guest_print(text);
}

void guest_check(bool ok, const char *what)
{
	if (ok)
		return;
	if (!guest_failures++)
		guest_first_failure = what;
}

void guest_end(const char *name)
{
	static const uint32_t reason = SHUTDOWN_POWEROFF;

	guest_print(guest_failures ? "FAIL " : "PASS ");
	guest_print(name);
	if (guest_failures) {
		guest_print(": ");
		guest_print(guest_first_failure);
	}
	guest_print("\n");
	hypercall(HYPERCALL_SCHED_OP, SCHEDOP_SHUTDOWN, (uintptr_t)&reason, 0, 0);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void guest_handler(struct guest_frame *frame)
{
	guest_taken[frame->vector & 255]++;
	if (frame->vector < 32)
		frame->rip += guest_skip;
}

void guest_traps(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(guest_idt) - 1, (uintptr_t)guest_idt};

	for (unsigned int i = 0; i < 256; i++) {
		uint32_t at = (uint32_t)(uintptr_t)(guest_stubs + i * 16);

		/* An interrupt gate of ring 0 in the code segment. */
		guest_idt[i].low =
			(at & 0xffff) | (8UL << 16) | (0x8e00UL << 32) | ((uint64_t)(at >> 16) << 48);
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
}
