/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception and interrupt entry. One 16-byte stub for each of the 256 vectors
 * leaves the registers as struct cpu_regs (hv/regs.h) and calls the handler of
 * its kind. The hypervisor runs at ring 0 with its own GS base throughout; a PV
 * guest's entry will swap it in a stub of its own.
 */

/* Vectors for which the processor pushes an error code: AMD64 APM volume 2, table 8-1. */
#define HAS_ERROR_CODE(v) \
	((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)
#define FIRST_INTERRUPT 32

	.section .text.entry, "ax"
	.balign 16
	.globl entry_stubs
entry_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if !(HAS_ERROR_CODE(vector))
	pushq $0
	.endif
	pushq $vector
	.if vector < FIRST_INTERRUPT
	jmp entry_exception
	.else
	jmp entry_interrupt
	.endif
	vector = vector + 1
	.endr

	.macro SAVE_REGS
	cld
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm

	.balign 16
entry_exception:
	SAVE_REGS
	movq %rsp, %rdi
	call exception_dispatch
	jmp entry_return

	.balign 16
entry_interrupt:
	SAVE_REGS
	movq %rsp, %rdi
	call vector_dispatch

entry_return:
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	addq $16, %rsp			/* vector, error code */
	iretq

	.section .note.GNU-stack, "", @progbits
