/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of known frequency that the TSC is measured against, in the order
 * in which they are tried. Private to cpu/time.c.
 */
#ifndef CPU_TIME_REF_H
#define CPU_TIME_REF_H

#include <hv/time.h>

#define TIME_REFS 3

struct time_ref {
	const char *name;
	uint64_t hz;
	uint64_t mask; /* it counts up and wraps to 0 after this */
	uint64_t (*read)(void);
};

/* -ENODEV when the machine has no such timer. */
int time_ref_probe(
	unsigned int index, const struct time_sources *sources, struct time_ref *ret_ref) __must_check;

#endif
