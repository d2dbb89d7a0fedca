/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of every processor but the first: from real mode, in a
 * page below 1 MiB that the SIPI names, to ap_start() in the image.
 *
 * start/aps.c copies trampoline_start to trampoline_end into that page and
 * fills in the variables at its end, through the direct map. The page is never
 * writable where it is executable: all its variables are constants by then, and
 * the GDT's accessed bits are set.
 *
 * Sources: Intel SDM volume 3A sections 9.4 and 10.8.5; AMD64 APM volume 2
 * sections 14.6 and 16.9.
 */
#include <hv/layout.h>
#include <hv/start_ap.h>

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_ET (1 << 4)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define CR4_PGE (1 << 7)
#define MSR_EFER 0xc0000080
#define MSR_GS_BASE 0xc0000101
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)
#define SEL_CS32 0x18
#define LEAF_TOPOLOGY 0xb

#define AT(sym) ((sym) - trampoline_start)

	.section .rodata
	.balign 16
	.globl trampoline_start
trampoline_start:
	.code16
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %ebx
	shll $4, %ebx			/* where the page is */
	lgdtl AT(trampoline_gdtr)
	movl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl *AT(trampoline_far32)

	.code32
trampoline_32:
	movl $SEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl $(CR4_PAE | CR4_PGE), %eax
	movl %eax, %cr4
	movl AT(trampoline_cr3)(%ebx), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(EFER_LME | EFER_NXE), %eax
	wrmsr
	movl $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl %eax, %cr0
	ljmpl *AT(trampoline_far64)(%ebx)

	.code64
trampoline_64:
	movq AT(trampoline_entry)(%rbx), %rax
	jmpq *%rax

	.balign 8
trampoline_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* SEL_CS: 64-bit code */
	.quad 0x00cf93000000ffff	/* SEL_DS */
	.quad 0x00cf9b000000ffff	/* SEL_CS32 */
trampoline_gdt_end:

	/* struct trampoline_vars of hv/start_ap.h. */
	.balign 8
	.globl trampoline_vars
trampoline_vars:
trampoline_entry:
	.quad 0
trampoline_cr3:
	.long 0
trampoline_far32:
	.long AT(trampoline_32)		/* the page's address is added to these three */
	.long SEL_CS32
trampoline_far64:
	.long AT(trampoline_64)
	.long SEL_CS
	.short 0
trampoline_gdtr:
	.short trampoline_gdt_end - trampoline_gdt - 1
	.long AT(trampoline_gdt)
	.globl trampoline_end
trampoline_end:

/*
 * In the image, on the trampoline's page tables, without a stack. Who are we? By
 * the APIC id, which CPUID knows in both APIC modes. A processor that nobody
 * waits for, because it came too late or was not asked, halts for ever.
 */
	.section .text.ap_entry, "ax"
	.code64
	.globl ap_entry
ap_entry:
	movq ap_cr3(%rip), %rax
	movq %rax, %cr3

	xorl %eax, %eax
	cpuid
	cmpl $LEAF_TOPOLOGY, %eax
	jb 1f
	movl $LEAF_TOPOLOGY, %eax
	xorl %ecx, %ecx
	cpuid
	testl %ebx, %ebx		/* 0: the leaf says nothing */
	jz 1f
	movl %edx, %edi
	jmp 2f
1:	movl $1, %eax
	cpuid
	shrl $24, %ebx
	movl %ebx, %edi
2:	cmpl $SMP_APIC_ID_MAX, %edi
	ja 3f
	leaq smp_cpu_plus_1(%rip), %rdx
	movzwl (%rdx, %rdi, 2), %edi
	subl $1, %edi
	jb 3f

	leaq ap_state(%rip), %rdx
	movl $AP_CALLED, %eax
	movl $AP_ARRIVED, %ecx
	lock cmpxchgl %ecx, (%rdx, %rdi, 4)
	jne 3f

	leaq ap_stack(%rip), %rdx
	movq (%rdx, %rdi, 8), %rsp
	leaq percpu_offset(%rip), %rdx
	movq (%rdx, %rdi, 8), %rax
	movq %rax, %rdx
	shrq $32, %rdx
	movl $MSR_GS_BASE, %ecx
	wrmsr
	xorl %ebp, %ebp			/* the end of every call trace */
	call ap_start
	ud2

3:	cli
	hlt
	jmp 3b

	.section .note.GNU-stack, "", @progbits
