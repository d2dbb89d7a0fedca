/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/backtrace.h>

const char *symbol_lookup(uintptr_t addr, uintptr_t *ret_offset)
{
	(void)addr;
	(void)ret_offset;
	return NULL;
}
