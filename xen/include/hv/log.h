/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log: one event, one line. Lines go into the ring (later read by
 * `xl dmesg`) and, at or below the level of loglvl=, to the console.
 *
 * A message names its subsystem first ("acpi: MADT: ..."), says what happened,
 * to whom and why, and ends without a newline.
 * Context: any, interrupts and NMI included; takes LOCK_RANK_LOG.
 */
#ifndef HV_LOG_H
#define HV_LOG_H

#include <stdarg.h>
#include <pt/compiler.h>

enum log_level {
	LOG_ERR,   /* something is lost or refused */
	LOG_WARN,  /* something is wrong and was worked around */
	LOG_INFO,  /* what a person wants to see of a healthy start */
	LOG_DEBUG, /* for the developer */
};

__printf(2, 3) void log_line(enum log_level level, const char *fmt, ...);
__printf(2, 0) void log_vline(enum log_level level, const char *fmt, va_list ap);

#define log_err(...)   log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/*
 * For the hypervisor's own broken invariants only, never for input: prints
 * registers, cause and call trace, then reboots or halts (noreboot).
 */
__printf(1, 2) __noreturn __cold void panic(const char *fmt, ...);

#define BUG_ON(cond)                                                   \
	do {                                                           \
		if (unlikely(cond))                                    \
			panic("%s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#endif
