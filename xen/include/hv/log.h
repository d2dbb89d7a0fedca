/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log: one event, one line. Lines go into the ring (later read by
 * `xl dmesg`) and, at or below the level of loglvl=, to the console.
 *
 * A message names its subsystem first ("acpi: MADT: ..."), says what happened,
 * to whom and why, and ends without a newline.
 * Context: any, interrupts and NMI included, from the first instruction of C on;
 * takes no lock that it waits for. A line longer than LOG_LINE_MAX is cut,
 * control characters in it (names from firmware and guests) become question marks.
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
 * What a guest says or can cause at will: shown and kept only as guest_loglvl=
 * allows, the rest is counted and reported.
 */
__printf(2, 3) void log_guest(enum log_level level, const char *fmt, ...);

#define LOG_LINE_MAX 400

/*
 * loglvl= and guest_loglvl=: LEVEL or LEVEL/LIMITED with none, error, warning,
 * info, debug or all: what is always shown, and up to where it is shown at a
 * limited rate. Default: info, and for guests none/warning. -EINVAL changes nothing.
 */
int log_option_loglvl(const char *value);
int log_option_guest_loglvl(const char *value);

/* Everything to the console from now on, without a rate limit: for the panic. */
void log_open_all(void);

/*
 * The ring, as XEN_SYSCTL_readconsole wants it (public/sysctl.h): an index counts
 * the bytes since the start, modulo 2^32. log_read copies at most bytes from
 * *index on, skipping what is overwritten, and moves *index; log_clear makes
 * log_first answer at least index.
 */
uint32_t log_first(void);
size_t log_read(uint32_t *index, char *dst, size_t bytes);
void log_clear(uint32_t index);

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
