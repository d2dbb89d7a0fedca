/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of every test kernel (public/arch-x86/hvm/start_info.h):
 * from 32-bit flat mode to 64-bit mode, the lowest 4 GiB mapped where they are;
 * the interrupt table's stubs; hypercalls by VMMCALL.
 */
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define PTE_TABLE 0x3
#define PTE_2M 0x83

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, 18			/* "Xen", one address, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long guest_entry

	.section .text
	.code32
	.globl guest_entry
guest_entry:
	cld
	movl %ebx, %esi
	movl $guest_l2, %edi
	movl $PTE_2M, %eax
1:
	movl %eax, (%edi)
	addl $8, %edi
	addl $0x200000, %eax
	cmpl $guest_l2 + 4 * 4096, %edi
	jne 1b
	movl $guest_l2 + PTE_TABLE, guest_l3
	movl $guest_l2 + 4096 + PTE_TABLE, guest_l3 + 8
	movl $guest_l2 + 8192 + PTE_TABLE, guest_l3 + 16
	movl $guest_l2 + 12288 + PTE_TABLE, guest_l3 + 24
	movl $guest_l3 + PTE_TABLE, guest_l4
	movl $guest_l4, %eax
	movl %eax, %cr3
	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	movl %cr0, %eax
	orl $CR0_PG, %eax
	movl %eax, %cr0
	lgdt guest_gdt_pointer
	ljmp $8, $guest_long

	.code64
guest_long:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $guest_stack_top, %esp
	movl %esi, %edi
	call guest_run
2:
	cli
	hlt
	jmp 2b

/* long hypercall(nr, a1, a2, a3, a4) */
	.globl hypercall
hypercall:
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %r10
	vmmcall
	ret

/* Vectors that push an error code: AMD64 APM volume 2 table 8-1. */
#define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17)
	.balign 16
	.globl guest_stubs
guest_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if !HAS_ERROR(vector)
	pushq $0
	.endif
	pushq $vector
	jmp guest_trap
	vector = vector + 1
	.endr

guest_trap:
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	movq %rsp, %rdi
	cld
	call guest_handler
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rax
	addq $16, %rsp
	iretq

	.section .data
	.balign 8
guest_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
guest_gdt_pointer:
	.word guest_gdt_pointer - guest_gdt - 1
	.long guest_gdt

	.section .bss
	.balign 4096
guest_l4:
	.skip 4096
guest_l3:
	.skip 4096
	.globl guest_l2
guest_l2:
	.skip 4 * 4096
	.skip 16384
guest_stack_top:
	.section .note.GNU-stack, "", @progbits
