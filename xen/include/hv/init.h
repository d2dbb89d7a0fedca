/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The start of the hypervisor: start/head.S enters hv_start() once, on the boot
 * processor, with the boot loader's magic number and information address.
 */
#ifndef HV_INIT_H
#define HV_INIT_H

#include <hv/types.h>

__noreturn void hv_start(uint32_t magic, uint32_t info);

/* The image's physical load address; its sections, from the linker script. */
extern uint64_t boot_image_phys;
extern char __image_start[], __image_end[];
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __data_start[], __bss_end[];
extern char __percpu_start[], __percpu_end[];

static inline paddr_t image_to_phys(const void *p)
{
	return (uintptr_t)p - (uintptr_t)__image_start + boot_image_phys;
}

#endif
