/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/percpu.h>

uintptr_t percpu_offset[NR_CPUS];

DEFINE_PER_CPU(uintptr_t, self_offset);
DEFINE_PER_CPU(uint32_t, cpu_number);
