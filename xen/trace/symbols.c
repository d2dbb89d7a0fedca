/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/backtrace.h>
#include "symbols.h"

const char *symbol_lookup(uintptr_t addr, uintptr_t *ret_offset)
{
	uintptr_t offset = addr - symbols_base;
	size_t low = 0, high = symbols_count;

	if (high == 0 || addr < symbols_base + symbols_offset[0] || offset >= symbols_offset[high])
		return NULL;
	/* The last function that starts at or before the address: symbols_offset[low] <= offset < [high]. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (symbols_offset[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	*ret_offset = offset - symbols_offset[low];
	return symbols_names + symbols_name_at[low];
}
