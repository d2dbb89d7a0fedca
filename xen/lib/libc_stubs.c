/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Debian's libraries, compiled for user space, want to be linked with. They
 * are only called where they do not allocate.
 */
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/libc_stubs.h>
#include <hv/log.h>

/* Of the stack protector: at FS:28h (System V ABI AMD64 supplement, Linux's thread control block). */
#define CANARY_WORD 5

static const uint64_t libc_thread[8] = {[CANARY_WORD] = 0x0a5f3c0d9e8b7100};

uint64_t libc_enter(void)
{
	uint64_t before = rdmsr(MSR_FS_BASE);

	wrmsr(MSR_FS_BASE, (uintptr_t)libc_thread);
	return before;
}

void libc_leave(uint64_t before)
{
	wrmsr(MSR_FS_BASE, before);
}

void *malloc(size_t bytes)
{
	(void)bytes;
	return NULL;
}

void *calloc(size_t count, size_t bytes)
{
	(void)count;
	(void)bytes;
	return NULL;
}

void free(void *p)
{
	(void)p;
}

void __stack_chk_fail(void)
{
	panic("libc: a library wrote beyond its buffer on the stack");
}
