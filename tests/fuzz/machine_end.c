/* SPDX-License-Identifier: GPL-2.0-only */
/* hv/reboot.h for the fuzzers: none of their calls may end the machine. */
#include <stdlib.h>
#include <hv/reboot.h>

void machine_reboot(void)
{
	abort();
}

void machine_halt(void)
{
	abort();
}

void machine_end_of_panic(void)
{
	abort();
}
