/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end: for the hypervisor's own broken invariants.
 * Context: any, NMI and #DF included; takes no lock that it waits for.
 */
#ifndef HV_PANIC_H
#define HV_PANIC_H

#include <hv/regs.h>
#include <hv/types.h>

/* panic() of hv/log.h with the registers of the exception that led here. */
__printf(2, 3) __noreturn __cold void panic_regs(const struct cpu_regs *regs, const char *fmt, ...);

/*
 * NMI: true when a handler knew it (a stop request, the watchdog); false lets
 * the caller report it.
 */
bool nmi_handle(const struct cpu_regs *regs);

#endif
