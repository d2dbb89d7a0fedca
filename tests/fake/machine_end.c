/* SPDX-License-Identifier: GPL-2.0-only */
/* hv/reboot.h for unit tests: the end of the machine ends the test's call; see expect_assert_failure(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/reboot.h>
#include "domain_host.h"

void machine_reboot(void)
{
	host.reboots++;
	mock_assert(0, "machine_reboot", __FILE__, __LINE__);
	abort();
}

void machine_halt(void)
{
	host.halts++;
	mock_assert(0, "machine_halt", __FILE__, __LINE__);
	abort();
}

void machine_end_of_panic(void)
{
	host.panics++;
	mock_assert(0, "machine_end_of_panic", __FILE__, __LINE__);
	abort();
}
