/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Call traces by frame pointers, and the symbols' names.
 * Context: any, NMI and #DF included. Nothing here trusts what it reads: every
 * address is checked to lie in memory that can hold a stack, and is read so
 * that a fault ends the trace.
 */
#ifndef HV_BACKTRACE_H
#define HV_BACKTRACE_H

#include <hv/regs.h>
#include <hv/types.h>

#define BACKTRACE_DEPTH 32

/*
 * Return addresses from the frame at fp on, innermost first; at most max.
 * Frames must ascend and stay within STACK_BYTES of the first.
 */
size_t backtrace_collect(uintptr_t fp, uintptr_t *ret, size_t max);

/* One log line for each address: "  ffff82d080201234 vtd_unit_init+0x34". */
void backtrace_log(uintptr_t rip, uintptr_t fp);

/* The registers of an exception, and this processor's control registers, in a few log lines. */
void regs_log(const struct cpu_regs *regs);
void control_regs_log(void);

/* Copies 8 bytes; false when that faults. addr may be anything. */
bool peek_u64(uintptr_t addr, uint64_t *ret_value);

/*
 * The function that holds addr and how far into it; NULL when there is none. The
 * table is made by tools/build/symbols.py from the linked image.
 */
const char *symbol_lookup(uintptr_t addr, uintptr_t *ret_offset);

#endif
