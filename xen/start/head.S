/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions: from the boot loader's 32-bit protected mode, without
 * paging and at any 2 MiB boundary, to hv_start() in 64-bit mode at IMAGE_BASE.
 *
 * Entered by Multiboot (0.6.96 section 3.2) or Multiboot 2 (2.0 section 3.3):
 * EAX the loader's magic, EBX the physical address of its information.
 *
 * The tables built here are for booting only; mm/map.c makes the final ones.
 *   - the image's 8 MiB, where they are (identity) and at IMAGE_BASE
 *   - the first 4 GiB at DIRECTMAP_BASE, not executable
 */
#include <hv/layout.h>

#define MB1_MAGIC 0x1badb002
/* Modules on page boundaries; the memory map; the address fields are valid (a 64-bit ELF needs them). */
#define MB1_FLAGS 0x00010003
#define MB2_MAGIC 0xe85250d6
#define MB2_TAG_END 0
#define MB2_TAG_INFO_REQUEST 1
#define MB2_TAG_ENTRY 3
#define MB2_TAG_MODULE_ALIGN 6
#define MB2_TAG_RELOCATABLE 10
#define MB2_OPTIONAL 1
#define MB2_INFO_CMDLINE 1
#define MB2_INFO_MODULE 3
#define MB2_INFO_MMAP 6

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define CR4_PGE (1 << 7)
#define MSR_EFER 0xc0000080
#define MSR_GS_BASE 0xc0000101
#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)
#define CPUID_EXT_MAX 0x80000000
#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_EXT_EDX_NX (1 << 20)
#define CPUID_EXT_EDX_LM (1 << 29)

#define PTE_P (1 << 0)
#define PTE_W (1 << 1)
#define PTE_PS (1 << 7)
#define PTE_NX_HIGH (1 << 31)
#define PTE_TABLE (PTE_P | PTE_W)
#define PTE_2M (PTE_P | PTE_W | PTE_PS)

#define L4_SLOT(va) (((va) >> 39) & 511)
#define L3_SLOT(va) (((va) >> 30) & 511)
#define IMAGE_L2_ENTRIES 4
#define DIRECT_L2_TABLES 4
#define SIZE_2M 0x200000

/* A symbol's distance from the start of the image; EBP holds where that start is. */
#define OFF(sym) ((sym) - IMAGE_BASE)

	.section .multiboot, "ax"
	.balign 8
	.globl mb1_header
mb1_header:
	.long MB1_MAGIC
	.long MB1_FLAGS
	.long -(MB1_MAGIC + MB1_FLAGS)
	.long mb1_header_phys
	.long image_start_phys
	.long load_end_phys
	.long bss_end_phys
	.long boot_entry_phys

	.balign 8
mb2_header:
	.long MB2_MAGIC
	.long 0
	.long mb2_header_end - mb2_header
	.long -(MB2_MAGIC + (mb2_header_end - mb2_header))

	.balign 8
	.short MB2_TAG_INFO_REQUEST, 0
	.long 20
	.long MB2_INFO_CMDLINE, MB2_INFO_MODULE, MB2_INFO_MMAP
	.balign 8
	.short MB2_TAG_MODULE_ALIGN, 0
	.long 8
	.balign 8
	.short MB2_TAG_ENTRY, 0
	.long 12
	.long boot_entry_phys
	.balign 8
	.short MB2_TAG_RELOCATABLE, MB2_OPTIONAL
	.long 24
	.long SIZE_2M			/* lowest address */
	.long 0xffffffff		/* highest */
	.long SIZE_2M			/* alignment */
	.long 1				/* as low as possible */
	.balign 8
	.short MB2_TAG_END, 0
	.long 8
mb2_header_end:

	.section .head.text, "ax"
	.code32
	.globl boot_entry
boot_entry:
	cli
	cld

	/* Where are we? There is no stack yet: borrow the first word of the loader's information. */
	movl (%ebx), %edx
	leal 4(%ebx), %esp
	call 1f
1:	popl %ebp
	movl %edx, (%ebx)
	subl $OFF(1b), %ebp

	leal OFF(boot_stack_top)(%ebp), %esp
	movl %eax, %edi			/* both are hv_start()'s arguments */
	movl %ebx, %esi

	movl $CPUID_EXT_MAX, %eax
	cpuid
	cmpl $CPUID_EXT_FEATURES, %eax
	jb boot_unfit
	movl $CPUID_EXT_FEATURES, %eax
	cpuid
	andl $(CPUID_EXT_EDX_NX | CPUID_EXT_EDX_LM), %edx
	cmpl $(CPUID_EXT_EDX_NX | CPUID_EXT_EDX_LM), %edx
	jne boot_unfit

	/* The image at IMAGE_BASE and at its own address. */
	leal OFF(boot_l2_image)(%ebp), %eax
	movl %ebp, %ecx
	shrl $21, %ecx
	andl $511, %ecx
	leal OFF(boot_l2_identity)(%ebp, %ecx, 8), %edx
	leal PTE_2M(%ebp), %ebx
	movl $IMAGE_L2_ENTRIES, %ecx
2:	movl %ebx, (%eax)
	movl %ebx, (%edx)
	addl $SIZE_2M, %ebx
	addl $8, %eax
	addl $8, %edx
	loop 2b

	/* 4 GiB of direct map, no execution. */
	leal OFF(boot_l2_direct)(%ebp), %eax
	movl $PTE_2M, %ebx
	movl $(DIRECT_L2_TABLES * 512), %ecx
3:	movl %ebx, (%eax)
	movl $PTE_NX_HIGH, 4(%eax)
	addl $SIZE_2M, %ebx
	addl $8, %eax
	loop 3b

	leal (OFF(boot_l2_direct) + PTE_TABLE)(%ebp), %ebx
	leal OFF(boot_l3_direct)(%ebp), %eax
	movl $DIRECT_L2_TABLES, %ecx
4:	movl %ebx, (%eax)
	addl $4096, %ebx
	addl $8, %eax
	loop 4b

	leal (OFF(boot_l2_image) + PTE_TABLE)(%ebp), %ebx
	movl %ebx, (OFF(boot_l3_image) + L3_SLOT(IMAGE_BASE) * 8)(%ebp)

	movl %ebp, %ecx
	shrl $30, %ecx
	leal (OFF(boot_l2_identity) + PTE_TABLE)(%ebp), %ebx
	movl %ebx, OFF(boot_l3_identity)(%ebp, %ecx, 8)

	leal (OFF(boot_l3_identity) + PTE_TABLE)(%ebp), %ebx
	movl %ebx, OFF(boot_l4)(%ebp)
	leal (OFF(boot_l3_image) + PTE_TABLE)(%ebp), %ebx
	movl %ebx, (OFF(boot_l4) + L4_SLOT(IMAGE_BASE) * 8)(%ebp)
	leal (OFF(boot_l3_direct) + PTE_TABLE)(%ebp), %ebx
	movl %ebx, (OFF(boot_l4) + L4_SLOT(DIRECTMAP_BASE) * 8)(%ebp)

	/* Long mode: AMD64 APM volume 2 section 14.6. */
	movl $(CR4_PAE | CR4_PGE), %eax
	movl %eax, %cr4
	leal OFF(boot_l4)(%ebp), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(EFER_SCE | EFER_LME | EFER_NXE), %eax
	wrmsr
	movl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
	movl %eax, %cr0

	/* The table's pointer and the far pointer hold physical addresses, for this one jump. */
	leal OFF(boot_gdt)(%ebp), %eax
	movl %eax, (OFF(boot_gdt_low) + 2)(%ebp)
	lgdt OFF(boot_gdt_low)(%ebp)
	leal OFF(boot_long)(%ebp), %eax
	movl %eax, OFF(boot_far)(%ebp)
	ljmpl *OFF(boot_far)(%ebp)

/* No long mode or no NX: said on the first serial port, which is all there is. */
boot_unfit:
	leal OFF(boot_unfit_text)(%ebp), %esi
	movw $0x3f8, %dx
5:	lodsb
	testb %al, %al
	jz 6f
	outb %al, %dx
	jmp 5b
6:	hlt
	jmp 6b

	.code64
boot_long:
	movl $SEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movabsq $boot_high, %rax
	jmpq *%rax

boot_high:
	leaq boot_stack_top(%rip), %rsp
	lgdt boot_gdt_high(%rip)
	xorl %eax, %eax
	xorl %edx, %edx
	movl $MSR_GS_BASE, %ecx		/* processor 0 uses the .percpu section itself */
	wrmsr
	movl %ebp, %eax
	movq %rax, boot_image_phys(%rip)
	movl %edi, %edi
	movl %esi, %esi
	xorl %ebp, %ebp			/* the end of every call trace */
	call hv_start
	ud2

	.section .rodata
boot_unfit_text:
	.asciz "undercroft: this processor has no 64-bit mode or no NX; it cannot run here\r\n"

	.section .data
	.balign 16
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* SEL_CS: 64-bit code, ring 0 */
	.quad 0x00cf93000000ffff	/* SEL_DS */
boot_gdt_end:
	.balign 8
boot_gdt_low:
	.short boot_gdt_end - boot_gdt - 1
	.long 0
	.balign 8
boot_far:
	.long 0
	.short SEL_CS
	.balign 8
boot_gdt_high:
	.short boot_gdt_end - boot_gdt - 1
	.quad boot_gdt

	.balign 8
	.globl boot_image_phys
boot_image_phys:
	.quad 0

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_l4
boot_l4:
	.skip 4096
boot_l3_identity:
	.skip 4096
boot_l3_image:
	.skip 4096
boot_l3_direct:
	.skip 4096
boot_l2_identity:
	.skip 4096
	.skip 4096			/* taken by an image that ends in the next GiB; its head is what needs identity */
boot_l2_image:
	.skip 4096
boot_l2_direct:
	.skip 4096 * DIRECT_L2_TABLES
boot_stack:
	.skip STACK_BYTES
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
