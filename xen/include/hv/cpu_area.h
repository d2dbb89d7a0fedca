/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a processor: its per-CPU area and its stacks.
 * Context: boot, thread.
 */
#ifndef HV_CPU_AREA_H
#define HV_CPU_AREA_H

#include <hv/descriptors.h>

/*
 * A zeroed per-CPU area for processor `cpu` (not 0, whose area is the image's
 * own), known to percpu_offset. -ENOMEM.
 */
int cpu_area_create(unsigned int cpu) __must_check;

/* Stacks with guard pages. -ENOMEM; then none is left behind. */
int cpu_stacks_create(struct cpu_stacks *ret_stacks) __must_check;

#endif
