/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's virtual address space.
 *
 * All of it lies in top-level slots 256 to 271 (0xffff8000_00000000 and the
 * 8 TiB above), which Xen's public ABI reserves for the hypervisor in the
 * address space of a 64-bit PV guest (public/arch-x86/xen-x86_64.h,
 * HYPERVISOR_VIRT_START). The rest is the guest's.
 *
 *   ffff8000_00000000  256 GiB  machine-to-phys table (PV guests)
 *   ffff82c0_00000000   64 GiB  vmap: device registers, guarded stacks, per-CPU areas
 *   ffff82d0_80000000    1 GiB  the image, linked here, loaded at any 2 MiB boundary below 4 GiB
 *   ffff82e0_00000000  128 GiB  frame table: 32 bytes for each frame, present where RAM is
 *   ffff8300_00000000    4 TiB  direct map of RAM, never executable, without the image's own frames
 *
 * RAM above DIRECTMAP_BYTES is not used, and the log says so.
 * Used by C, assembly and the linker script.
 */
#ifndef HV_LAYOUT_H
#define HV_LAYOUT_H

#define VMAP_BASE	 0xffff82c000000000
#define VMAP_BYTES	 0x1000000000
#define IMAGE_BASE	 0xffff82d080000000
#define IMAGE_LOAD_BASE	 0x200000
#define FRAMETABLE_BASE	 0xffff82e000000000
#define FRAMETABLE_BYTES 0x2000000000
#define DIRECTMAP_BASE	 0xffff830000000000
#define DIRECTMAP_BYTES	 0x40000000000

/* Selectors of the GDT, the same on every processor; the order is what SYSRET wants. */
#define SEL_CS	0x08
#define SEL_DS	0x10
#define SEL_TSS 0x18

/* Stacks. Each has an unmapped guard page below it. */
#define STACK_BYTES	0x4000
#define IST_STACK_BYTES 0x2000
#define IST_NMI		1
#define IST_DF		2
#define IST_MC		3

#endif
