/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Around calls of libraries that were compiled for user space. They find their
 * thread's data by FS. Context: boot processor, no guest has run yet.
 */
#ifndef HV_LIBC_STUBS_H
#define HV_LIBC_STUBS_H

#include <hv/types.h>

/* Returns what libc_leave() puts back. */
uint64_t libc_enter(void) __must_check;
void libc_leave(uint64_t before);

/* Found by the linker only. No allocation succeeds. */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void free(void *p);
__noreturn void __stack_chk_fail(void);

#endif
