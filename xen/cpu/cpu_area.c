/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/cpu_area.h>
#include <hv/init.h>
#include <hv/map.h>
#include <hv/percpu.h>

int cpu_area_create(unsigned int cpu)
{
	char *area = vmap_alloc((uint64_t)(__percpu_end - __percpu_start));

	if (!area)
		return -ENOMEM;
	percpu_offset[cpu] = (uintptr_t)area - (uintptr_t)__percpu_start;
	per_cpu(self_offset, cpu) = percpu_offset[cpu];
	per_cpu(cpu_number, cpu) = cpu;
	return 0;
}

static void cpu_stack_drop(uintptr_t top, uint64_t bytes)
{
	if (top)
		vmap_stack_free((void *)top, bytes);
}

int cpu_stacks_create(struct cpu_stacks *ret_stacks)
{
	struct cpu_stacks s = {
		.main = (uintptr_t)vmap_stack(STACK_BYTES),
		.nmi = (uintptr_t)vmap_stack(IST_STACK_BYTES),
		.df = (uintptr_t)vmap_stack(IST_STACK_BYTES),
		.mc = (uintptr_t)vmap_stack(IST_STACK_BYTES),
	};

	if (!s.main || !s.nmi || !s.df || !s.mc) {
		cpu_stack_drop(s.main, STACK_BYTES);
		cpu_stack_drop(s.nmi, IST_STACK_BYTES);
		cpu_stack_drop(s.df, IST_STACK_BYTES);
		cpu_stack_drop(s.mc, IST_STACK_BYTES);
		return -ENOMEM;
	}
	*ret_stacks = s;
	return 0;
}
