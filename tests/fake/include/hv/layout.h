/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit tests' address space, in front of xen/include/hv/layout.h: the same
 * windows at addresses a process can map. tests/fake/ram.c backs them.
 */
#ifndef HV_LAYOUT_H
#define HV_LAYOUT_H

#define VMAP_BASE	 0x280000000000
#define VMAP_BYTES	 0x1000000000
#define IMAGE_BASE	 0x290080000000
#define IMAGE_LOAD_BASE	 0x200000
#define FRAMETABLE_BASE	 0x2a0000000000
#define FRAMETABLE_BYTES 0x2000000000
#define DIRECTMAP_BASE	 0x300000000000
#define DIRECTMAP_BYTES	 0x40000000000

#define SEL_CS	0x08
#define SEL_DS	0x10
#define SEL_TSS 0x18

#define STACK_BYTES	0x4000
#define IST_STACK_BYTES 0x2000
#define IST_NMI		1
#define IST_DF		2
#define IST_MC		3

#endif
