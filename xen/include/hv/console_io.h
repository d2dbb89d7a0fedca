/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console as a guest has it by CONSOLEIO_write and CONSOLEIO_read. Dom0's
 * text goes to the console as it is; another domain's is a log line at a time,
 * with the domain's name, at a limited rate. What is typed belongs to dom0 while
 * it runs; three times Ctrl-A changes to the debug keys and back.
 */
#ifndef HV_CONSOLE_IO_H
#define HV_CONSOLE_IO_H

#include <hv/domain.h>

/* From now on input goes to dom0. */
void console_io_start(void);

/*
 * A received character. True: it was dom0's, or part of the switch; false: it is
 * a debug key. One caller at a time. Context: softirq.
 */
bool console_io_receive(char c);

#endif
