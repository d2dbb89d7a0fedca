/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test kernels share: 64-bit, the lowest 4 GiB mapped where they are, one vcpu.
 * Results: one line `PASS name` or `FAIL name: why`.
 */
#ifndef GUEST_PVH_H
#define GUEST_PVH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* public/xen.h, public/sched.h. */
#define HYPERCALL_XEN_VERSION 17
#define HYPERCALL_CONSOLE_IO  18
#define HYPERCALL_SCHED_OP    29
#define CONSOLEIO_WRITE	      0
#define SCHEDOP_SHUTDOWN      2
#define SHUTDOWN_POWEROFF     0

#define VECTOR_UD 6
#define VECTOR_GP 13

/* As guest_stubs leave it. */
struct guest_frame {
	uint64_t r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

int64_t hypercall(uint64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);

/* Each test kernel's own. */
void guest_main(uint64_t start_info);

void guest_print(const char *text);
void guest_print_hex(uint32_t value);
void guest_check(bool ok, const char *what);
/* Prints the result and turns the machine off. */
void guest_end(const char *name) __attribute__((noreturn));

/* Loads an interrupt table: exceptions are counted, with the instruction skipped by `skip` bytes. */
void guest_traps(void);
void guest_handler(struct guest_frame *frame);
extern volatile uint32_t guest_taken[256];
extern volatile uint32_t guest_skip;

struct guest_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct guest_cpuid guest_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct guest_cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t guest_rdmsr(uint32_t msr)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile("rdmsr" : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	return low | ((uint64_t)high << 32);
}

static inline void guest_wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

static inline void guest_outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t guest_inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

#endif
