/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: into the guest and out of it. AMD64 APM volume 2 sections 15.5 and 15.6.
 *
 * VMRUN and #VMEXIT change RAX, RSP, RIP, RFLAGS, the code, stack and data
 * segments, CR0, CR3, CR4 and EFER; VMLOAD and VMSAVE do FS, GS, TR, LDTR and the
 * system call registers; all else is moved here. The offsets are those of
 * struct guest_regs, in instruction encoding order.
 */
#define REGS_RCX 0x08
#define REGS_RDX 0x10
#define REGS_RBX 0x18
#define REGS_RBP 0x28
#define REGS_RSI 0x30
#define REGS_RDI 0x38
#define REGS_R8  0x40
#define REGS_R9  0x48
#define REGS_R10 0x50
#define REGS_R11 0x58
#define REGS_R12 0x60
#define REGS_R13 0x68
#define REGS_R14 0x70
#define REGS_R15 0x78

	.section .text.svm, "ax"
	.balign 16
	.globl svm_vmrun
	.type svm_vmrun, @function
/* rdi: the guest's control block, rsi: its registers, rdx: the host's control block (VMSAVE's part of it) */
svm_vmrun:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushq %rsi
	pushq %rdx
	movq %rdi, %rax

	/*
	 * The flag with which VMRUN is executed says whether a physical interrupt ends
	 * the guest (V_INTR_MASKING, section 15.21.1). With GIF clear it is taken neither
	 * before VMRUN nor between the exit and STGI.
	 */
	clgi
	sti

	movq REGS_RCX(%rsi), %rcx
	movq REGS_RDX(%rsi), %rdx
	movq REGS_RBX(%rsi), %rbx
	movq REGS_RBP(%rsi), %rbp
	movq REGS_RDI(%rsi), %rdi
	movq REGS_R8(%rsi), %r8
	movq REGS_R9(%rsi), %r9
	movq REGS_R10(%rsi), %r10
	movq REGS_R11(%rsi), %r11
	movq REGS_R12(%rsi), %r12
	movq REGS_R13(%rsi), %r13
	movq REGS_R14(%rsi), %r14
	movq REGS_R15(%rsi), %r15
	movq REGS_RSI(%rsi), %rsi

	vmload %rax
	vmrun %rax
	vmsave %rax

	/* RAX and RSP are the host's again. */
	movq 8(%rsp), %rax
	movq %rcx, REGS_RCX(%rax)
	movq %rdx, REGS_RDX(%rax)
	movq %rbx, REGS_RBX(%rax)
	movq %rbp, REGS_RBP(%rax)
	movq %rsi, REGS_RSI(%rax)
	movq %rdi, REGS_RDI(%rax)
	movq %r8, REGS_R8(%rax)
	movq %r9, REGS_R9(%rax)
	movq %r10, REGS_R10(%rax)
	movq %r11, REGS_R11(%rax)
	movq %r12, REGS_R12(%rax)
	movq %r13, REGS_R13(%rax)
	movq %r14, REGS_R14(%rax)
	movq %r15, REGS_R15(%rax)

	/* FS, GS (the per-CPU area), TR (the stacks of NMI and #MC) before either can come. */
	popq %rax
	vmload %rax
	cli
	stgi

	/* Nothing of the guest's stays where speculation could use it as an address. */
	addq $8, %rsp
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.size svm_vmrun, . - svm_vmrun

	.balign 16
	.globl svm_vmsave
	.type svm_vmsave, @function
svm_vmsave:
	movq %rdi, %rax
	vmsave %rax
	ret
	.size svm_vmsave, . - svm_vmsave

	.section .note.GNU-stack, "", @progbits
