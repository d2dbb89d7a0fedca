/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The privileged and otherwise unportable instructions, one inline function
 * each. The unit tests put their own hv/asm.h in front of this one, so nothing
 * else in the hypervisor may contain inline assembly that user space cannot
 * run. Sources: AMD64 APM volume 3, Intel SDM volume 2.
 *
 * Context: any, at ring 0.
 */
#ifndef HV_ASM_H
#define HV_ASM_H

#include <stdbool.h>
#include <pt/compiler.h>

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

#define ASM_CR(n)                                                              \
	static inline uint64_t read_cr##n(void)                                \
	{                                                                      \
		uint64_t v;                                                    \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
		return v;                                                      \
	}                                                                      \
	static inline void write_cr##n(uint64_t v)                             \
	{                                                                      \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");     \
	}

ASM_CR(0)
ASM_CR(2)
ASM_CR(3)
ASM_CR(4)
ASM_CR(8)
#undef ASM_CR

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return ((uint64_t)hi << 32) | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

/* Ordered against earlier loads by the LFENCE. */
static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return ((uint64_t)hi << 32) | lo;
}

static inline void xsetbv(uint32_t reg, uint64_t v)
{
	__asm__ volatile("xsetbv" : : "c"(reg), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}

static inline void invlpg(uintptr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void wbinvd(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

static inline void clflush(const volatile void *p)
{
	__asm__ volatile("clflush (%0)" : : "r"(p) : "memory");
}

#define EFLAGS_IF (1UL << 9)

static inline uint64_t irq_save(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	__asm__ volatile("pushq %0; popfq" : : "r"(flags) : "memory", "cc");
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline uint64_t read_rflags(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags) : : "memory");
	return flags;
}

static inline bool irq_enabled(void)
{
	return (read_rflags() & EFLAGS_IF) != 0;
}

/* Interrupts on and wait, without a window between the two. */
static inline void irq_enable_and_halt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

static inline void halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

/* An empty IDT and a breakpoint: the processor shuts down, which resets the machine. */
static inline void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __packed empty;

	__asm__ volatile("lidt %0; int3" : : "m"(empty));
}

/* Leaves this stack for good: fn starts on another one, at the end of every call trace. */
static inline __noreturn void stack_switch(uintptr_t top, void (*fn)(void))
{
	__asm__ volatile("xorl %%ebp, %%ebp; movq %0, %%rsp; call *%1; ud2" : : "r"(top), "r"(fn) : "memory");
	__builtin_unreachable();
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void mb(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

static inline void wmb(void)
{
	__asm__ volatile("sfence" : : : "memory");
}

static inline void rmb(void)
{
	__asm__ volatile("lfence" : : : "memory");
}

/* Supervisor access to user pages, for the length of one copy (SMAP). Only where the processor has it. */
static inline void stac(void)
{
	__asm__ volatile("stac" : : : "memory", "cc");
}

static inline void clac(void)
{
	__asm__ volatile("clac" : : : "memory", "cc");
}

#endif
