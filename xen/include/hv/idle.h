/* SPDX-License-Identifier: GPL-2.0-only */
/* What a processor does when it has nothing to do. */
#ifndef HV_IDLE_H
#define HV_IDLE_H

#include <pt/compiler.h>

/* Soft interrupts, then a little scrubbing of freed memory, then halt until the next interrupt. */
__noreturn void idle_loop(void);

#endif
