/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of every test kernel (public/arch-x86/hvm/start_info.h),
 * its stack, its interrupt table's stubs, and hypercalls by VMMCALL or VMCALL.
 */
	.code32
	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, 18			/* "Xen", one address, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long guest_entry

	.section .text
	.globl guest_entry
guest_entry:
	cld
	movl $guest_stack_top, %esp
	lgdt guest_gdt_pointer
	ljmp $8, $1f
1:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	pushl %ebx
	call guest_main
2:
	cli
	hlt
	jmp 2b

/* long hypercall(nr, a1, a2, a3): AMD's instruction; Intel's processors fault on it and the handler rewrites it. */
	.globl hypercall
hypercall:
	pushl %ebx
	movl 8(%esp), %eax
	movl 12(%esp), %ebx
	movl 16(%esp), %ecx
	movl 20(%esp), %edx
	vmmcall
	popl %ebx
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
	pushl $0
	.endif
	pushl $vector
	jmp guest_trap
	vector = vector + 1
	.endr

guest_trap:
	pushal
	pushl %esp
	cld
	call guest_handler
	popl %eax
	popal
	addl $8, %esp
	iretl

	.section .data
	.balign 8
guest_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
guest_gdt_pointer:
	.word guest_gdt_pointer - guest_gdt - 1
	.long guest_gdt

	.section .bss
	.balign 16
	.skip 8192
guest_stack_top:
	.section .note.GNU-stack, "", @progbits
