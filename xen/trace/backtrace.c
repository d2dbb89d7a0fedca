/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/asm.h>
#include <hv/backtrace.h>
#include <hv/layout.h>
#include <hv/log.h>

/* A frame, as -fno-omit-frame-pointer leaves it: the caller's frame, then the return address. */
#define FRAME_RETURN sizeof(uint64_t)

/* The hypervisor's slots of the address space: an address outside would fault, or read a guest's memory. */
static bool backtrace_may_hold_stack(uintptr_t addr)
{
	return addr >= VMAP_BASE && addr < DIRECTMAP_BASE + DIRECTMAP_BYTES && IS_ALIGNED(addr, 8);
}

size_t backtrace_collect(uintptr_t fp, uintptr_t *ret, size_t max)
{
	uintptr_t limit = fp + STACK_BYTES;
	size_t n = 0;

	while (n < max && fp < limit && backtrace_may_hold_stack(fp)) {
		uint64_t up, address;

		if (!peek_u64(fp, &up) || !peek_u64(fp + FRAME_RETURN, &address) || address == 0)
			break;
		ret[n++] = address;
		if (up <= fp)
			break;
		fp = up;
	}
	return n;
}

/*
 * A return address may be the first one behind its function, when that ends in
 * a call that does not return: `back` is 1 for those.
 */
static void backtrace_log_one(uintptr_t addr, unsigned int back)
{
	uintptr_t offset;
	const char *name = symbol_lookup(addr - back, &offset);

	if (name != NULL)
		log_err("  %016lx %s+0x%lx", addr, name, offset + back);
	else
		log_err("  %016lx", addr);
}

void backtrace_log(uintptr_t rip, uintptr_t fp)
{
	uintptr_t caller[BACKTRACE_DEPTH];
	size_t n = backtrace_collect(fp, caller, BACKTRACE_DEPTH);

	log_err("call trace:");
	backtrace_log_one(rip, 0);
	for (size_t i = 0; i < n; i++)
		backtrace_log_one(caller[i], 1);
}

void regs_log(const struct cpu_regs *regs)
{
	log_err("rip %016lx cs  %04lx rflags %08lx vector %lu error %lx", regs->rip, regs->cs, regs->rflags,
		regs->vector, regs->error_code);
	log_err("rax %016lx rbx %016lx rcx %016lx rdx %016lx", regs->rax, regs->rbx, regs->rcx, regs->rdx);
	log_err("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", regs->rsi, regs->rdi, regs->rbp, regs->rsp);
	log_err("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", regs->r8, regs->r9, regs->r10, regs->r11);
	log_err("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", regs->r12, regs->r13, regs->r14, regs->r15);
}

void control_regs_log(void)
{
	log_err("cr0 %016lx cr2 %016lx cr3 %016lx cr4 %016lx", read_cr0(), read_cr2(), read_cr3(),
		read_cr4());
}
