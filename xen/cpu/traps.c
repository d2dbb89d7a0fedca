/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions taken in the hypervisor itself. An instruction that is expected to
 * fault stands in the exception table with the address to go on at; every other
 * exception is a broken invariant and ends in panic.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/descriptors.h>
#include <hv/ex_table.h>
#include <hv/log.h>
#include <hv/panic.h>

static const char *const traps_name[VECTOR_FIRST_INTERRUPT] = {
	[0] = "divide error",
	[1] = "debug",
	[2] = "NMI",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack fault",
	[13] = "general protection",
	[14] = "page fault",
	[16] = "x87 floating point",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating point",
	[21] = "control protection",
};

/* The table is short, and only instructions that fault pay for the walk. */
static bool traps_fixup(struct cpu_regs *regs)
{
	for (const struct ex_entry *e = __ex_table_start; e < __ex_table_end; e++) {
		if (e->at == regs->rip) {
			regs->rip = e->fixup;
			return true;
		}
	}
	return false;
}

void exception_dispatch(struct cpu_regs *regs)
{
	const char *name = traps_name[regs->vector & (VECTOR_FIRST_INTERRUPT - 1)];

	if (regs->vector == VECTOR_NMI && nmi_handle(regs))
		return;
	if (traps_fixup(regs))
		return;
	if (regs->vector == VECTOR_PF)
		panic_regs(regs, "page fault at %016lx, error code %lx", read_cr2(), regs->error_code);
	panic_regs(regs, "%s (vector %lu), error code %lx", name ? name : "unknown exception", regs->vector,
		regs->error_code);
}

int rdmsr_safe(uint32_t msr, uint64_t *ret_value)
{
	uint32_t lo, hi, failed;

	__asm__ volatile("movl $1, %2\n"
			 "1:\trdmsr\n\t"
			 "movl $0, %2\n"
			 "2:\n\t" EX_TABLE("1b", "2b")
			 : "=a"(lo), "=d"(hi), "=&r"(failed)
			 : "c"(msr)
			 : "memory");
	if (failed)
		return -EIO;
	*ret_value = ((uint64_t)hi << 32) | lo;
	return 0;
}

int wrmsr_safe(uint32_t msr, uint64_t value)
{
	uint32_t failed;

	__asm__ volatile("movl $1, %0\n"
			 "1:\twrmsr\n\t"
			 "movl $0, %0\n"
			 "2:\n\t" EX_TABLE("1b", "2b")
			 : "=&r"(failed)
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
	return failed ? -EIO : 0;
}
