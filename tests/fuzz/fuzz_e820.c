/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as the loader's memory map: the result is sane and no reserved byte becomes RAM. */
#include "e820_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct e820_map in, out;
	size_t n = MIN(bytes, sizeof(in));

	memset(&in, 0, sizeof(in));
	memcpy(&in, data, n);
	e820_sanitise(&in, &out);
	if (!e820_check_sane(&out) || !e820_check_ram_is_ram(&in, &out))
		__builtin_trap();
	return 0;
}
