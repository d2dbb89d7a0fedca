/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's FPU and debug registers, to and from memory: AMD64 APM volumes 4, 5 and 2 section 13.1. */
	.section .text.hvm_switch, "ax"

	.macro FUNCTION name
	.balign 16
	.globl \name
	.type \name, @function
\name:
	.endm

/* rdi: image, rsi: mask */
FUNCTION hvm_xsave
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	xsave64 (%rdi)
	ret

FUNCTION hvm_xrstor
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	xrstor64 (%rdi)
	ret

FUNCTION hvm_fxsave
	fxsave64 (%rdi)
	ret

FUNCTION hvm_fxrstor
	fxrstor64 (%rdi)
	ret

FUNCTION hvm_dr_load
	movq 0(%rdi), %rax
	movq %rax, %db0
	movq 8(%rdi), %rax
	movq %rax, %db1
	movq 16(%rdi), %rax
	movq %rax, %db2
	movq 24(%rdi), %rax
	movq %rax, %db3
	ret

FUNCTION hvm_dr_store
	movq %db0, %rax
	movq %rax, 0(%rdi)
	movq %db1, %rax
	movq %rax, 8(%rdi)
	movq %db2, %rax
	movq %rax, 16(%rdi)
	movq %db3, %rax
	movq %rax, 24(%rdi)
	ret

FUNCTION hvm_machine_check
	int $18
	ret

	.section .note.GNU-stack, "", @progbits
