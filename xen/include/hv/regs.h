/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers saved at every exception and interrupt, in the order that
 * cpu/entry.S pushes them. Sources: AMD64 APM volume 2 section 8.9.3.
 */
#ifndef HV_REGS_H
#define HV_REGS_H

#include <pt/compiler.h>

struct cpu_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector;
	uint64_t error_code; /* 0 where the processor pushes none */
	/* The processor's frame. */
	uint64_t rip, cs, rflags, rsp, ss;
};

BUILD_ASSERT(sizeof(struct cpu_regs) == 22 * 8);

#endif
