/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit tests' privileged instructions, in front of xen/include/hv/asm.h on
 * the include path: same names, backed by tests/fake/asm.c, which keeps the
 * whole machine state in one structure and every store in order.
 */
#ifndef HV_ASM_H
#define HV_ASM_H

#include <stdbool.h>
#include <pt/compiler.h>

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

#define EFLAGS_IF (1UL << 9)

void outb(uint16_t port, uint8_t v);
void outw(uint16_t port, uint16_t v);
void outl(uint16_t port, uint32_t v);
uint8_t inb(uint16_t port);
uint16_t inw(uint16_t port);
uint32_t inl(uint16_t port);
uint64_t read_cr0(void);
uint64_t read_cr2(void);
uint64_t read_cr3(void);
uint64_t read_cr4(void);
uint64_t read_cr8(void);
void write_cr0(uint64_t v);
void write_cr2(uint64_t v);
void write_cr3(uint64_t v);
void write_cr4(uint64_t v);
void write_cr8(uint64_t v);
uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t v);
struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf);
uint64_t rdtsc(void);
void xsetbv(uint32_t reg, uint64_t v);
void invlpg(uintptr_t va);
void wbinvd(void);
void clflush(const volatile void *p);
uint64_t irq_save(void);
void irq_restore(uint64_t flags);
void irq_enable(void);
void irq_disable(void);
uint64_t read_rflags(void);
bool irq_enabled(void);
void irq_enable_and_halt(void);
void halt(void);
void triple_fault(void);
void cpu_relax(void);
void mb(void);
void wmb(void);
void rmb(void);
void stac(void);
void clac(void);

#endif
