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

#include <xen/xen.h>

#define VECTOR_NMI 2
#define VECTOR_UD  6
#define VECTOR_GP  13
#define VECTOR_PF  14
#define VECTOR_IRQ 32 /* from here on: interrupts */

#define GUEST_PAGE 4096U

/* As guest_stubs leave it. */
struct guest_frame {
	uint64_t r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

int64_t hypercall(uint64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);

/* Each test kernel's own; the result is printed when it returns. Interrupts are off, exceptions are taken. */
extern const char guest_name[];
void guest_main(uint64_t start_info);
void guest_run(uint64_t start_info) __attribute__((noreturn));

void guest_print(const char *text);
void guest_print_hex(uint64_t value);
/* The first that fails is the result. guest_equal() says what was there instead. */
void guest_check(bool ok, const char *what);
void guest_equal(uint64_t is, uint64_t should, const char *what);
/* Prints the result and turns the machine off. */
void guest_end(void) __attribute__((noreturn));

void guest_handler(struct guest_frame *frame);
/* So many of each vector came. */
extern volatile uint32_t guest_taken[256];
/* An exception goes on so many bytes later, or at that address. Without either it is the end. */
extern volatile uint32_t guest_skip;
extern volatile uint64_t guest_resume;
/* The address of the local APIC's EOI register, for vectors that come through it; 0 for those that do not. */
extern volatile uint64_t guest_eoi;

/* The lowest 4 GiB by 2 MiB each: entries may be changed, with guest_flush() after it. */
extern uint64_t guest_l2[2048];
void guest_flush(void);

/* Interrupts on until that vector has come so often, or for a long time. */
void guest_wait(uint8_t vector, uint32_t times);
/* Interrupts on for a moment. */
void guest_irqs(void);

/* One instruction that may trap: the exceptions' number of that vector says whether. */
#define GUEST_TRY(insn) "movq $77f, guest_resume\n\t" insn "\n77:\tmovq $0, guest_resume"

/* False: it was refused by #GP, and the value is 0. */
bool guest_rdmsr_try(uint32_t msr, uint64_t *ret_value);
bool guest_wrmsr_try(uint32_t msr, uint64_t value);

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

static inline uint32_t guest_mmio_read(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void guest_mmio_write(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

#endif
