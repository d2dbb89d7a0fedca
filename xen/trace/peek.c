/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/backtrace.h>
#include <hv/ex_table.h>

bool peek_u64(uintptr_t addr, uint64_t *ret_value)
{
	uint64_t v, failed;

	__asm__ volatile("movl $1, %k1\n"
			 "1:\tmovq (%2), %0\n\t"
			 "xorl %k1, %k1\n"
			 "2:\n\t" EX_TABLE("1b", "2b")
			 : "=&r"(v), "=&r"(failed)
			 : "r"(addr)
			 : "memory");
	if (failed != 0)
		return false;
	*ret_value = v;
	return true;
}
