/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the log's lines are shown: a fixed table of drivers (trace/console.c),
 * each switched on by console=.
 *
 * Options are set first, then console_init() finds the hardware; lines logged
 * before that are kept and shown then. Nothing here waits without a bound: a
 * driver that does not take its text loses it, and the loss is counted.
 */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include <stdbool.h>
#include <pt/compiler.h>

/*
 * console=NAME[,NAME...], names com1 and none; default com1.
 * 0, or -EINVAL for an unknown name (nothing is changed then).
 */
int console_option(const char *value);

/*
 * On the boot processor. Without hardware it is silent. A UART in memory that is
 * not mapped yet (uart_map) leaves it not started, with its lines kept: call again.
 */
void console_init(void);
bool console_started(void);

/* Text for the console only, not for the log. Any context. */
void console_write(const char *text, size_t bytes);

/* Shows what is waiting; true when nothing is left. Any context, from the idle loop too. */
bool console_flush(void);

/* The panic's way: shows everything, whoever owns the console. The other processors have stopped. */
void console_flush_forced(void);

/* The next byte received, or -1. Interrupts or the idle loop, one caller at a time. */
int console_getc(void);

/* Bytes that were never shown. */
uint64_t console_lost(void);

#endif
