/* SPDX-License-Identifier: GPL-2.0-only */
/* The test kernels' run time. */
#include <stdint.h>
#include <xen/sched.h>
#include "pvh.h"

/* About a second under emulation. */
#define WAIT_TURNS 20000000U

extern const uint8_t guest_stubs[];

volatile uint32_t guest_taken[256];
volatile uint32_t guest_skip;
volatile uint64_t guest_resume;
volatile uint64_t guest_eoi;

static struct {
	uint64_t low, high;
} guest_idt[256];
static uint32_t guest_failures;
static const char *guest_first_failure;
static struct {
	bool there;
	uint64_t is, should;
} guest_first_values;

/* The compiler's own calls. */
void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);

void *memset(void *to, int value, size_t bytes)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

static uint32_t text_length(const char *text)
{
	uint32_t n = 0;

	while (text[n])
		n++;
	return n;
}

void guest_print(const char *text)
{
	hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, text_length(text), (uintptr_t)text, 0);
}

void guest_print_hex(uint64_t value)
{
	char text[17];

	for (unsigned int i = 0; i < 16; i++)
		text[i] = "0123456789abcdef"[(value >> (60 - 4 * i)) & 15];
	text[16] = 0;
	guest_print(text);
}

void guest_check(bool ok, const char *what)
{
	if (ok)
		return;
	if (!guest_failures++)
		guest_first_failure = what;
}

void guest_equal(uint64_t is, uint64_t should, const char *what)
{
	if (is != should && !guest_failures) {
		guest_first_values.there = true;
		guest_first_values.is = is;
		guest_first_values.should = should;
	}
	guest_check(is == should, what);
}

static void guest_print_failure(void)
{
	guest_print(": ");
	guest_print(guest_first_failure);
	if (!guest_first_values.there)
		return;
	guest_print(": ");
	guest_print_hex(guest_first_values.is);
	guest_print(" is not ");
	guest_print_hex(guest_first_values.should);
}

void guest_end(void)
{
	static const uint32_t reason = SHUTDOWN_poweroff;

	guest_print(guest_failures ? "FAIL " : "PASS ");
	guest_print(guest_name);
	if (guest_failures)
		guest_print_failure();
	guest_print("\n");
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&reason, 0, 0);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void guest_unexpected(const struct guest_frame *frame)
{
	guest_print("vector ");
	guest_print_hex(frame->vector);
	guest_print(" at ");
	guest_print_hex(frame->rip);
	guest_print("\n");
	guest_check(false, "an unexpected exception");
	guest_end();
}

void guest_handler(struct guest_frame *frame)
{
	guest_taken[frame->vector & 255]++;
	if (frame->vector >= VECTOR_IRQ) {
		if (guest_eoi)
			guest_mmio_write(guest_eoi, 0);
	} else if (frame->vector != VECTOR_NMI) {
		if (guest_resume)
			frame->rip = guest_resume;
		else if (guest_skip)
			frame->rip += guest_skip;
		else
			guest_unexpected(frame);
	}
}

static void guest_traps(void)
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

void guest_flush(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(cr3) : : "memory");
}

void guest_irqs(void)
{
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

void guest_wait(uint8_t vector, uint32_t times)
{
	__asm__ volatile("sti" : : : "memory");
	for (uint32_t i = 0; i < WAIT_TURNS && guest_taken[vector] < times; i++)
		__asm__ volatile("pause");
	__asm__ volatile("cli" : : : "memory");
}

bool guest_rdmsr_try(uint32_t msr, uint64_t *ret_value)
{
	uint32_t before = guest_taken[VECTOR_GP], low = 0, high = 0;

	__asm__ volatile(GUEST_TRY("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	*ret_value = low | ((uint64_t)high << 32);
	return guest_taken[VECTOR_GP] == before;
}

bool guest_wrmsr_try(uint32_t msr, uint64_t value)
{
	uint32_t before = guest_taken[VECTOR_GP];

	__asm__ volatile(GUEST_TRY("wrmsr")
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
	return guest_taken[VECTOR_GP] == before;
}

void guest_run(uint64_t start_info)
{
	guest_traps();
	guest_main(start_info);
	guest_end();
}
