/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/backtrace.h>
#include <hv/keys.h>
#include <hv/log.h>
#include <hv/reboot.h>

static void show_crash(void)
{
	panic("asked for by debug key");
}

static void show_reboot(void)
{
	machine_reboot();
}

static void show_registers(void)
{
	control_regs_log();
	backtrace_log((uintptr_t)__builtin_return_address(0), (uintptr_t)__builtin_frame_address(0));
}

/* Sorted by key. */
const struct debug_key debug_keys[] = {
	{'C', true, "crash: panic on purpose", show_crash},
	{'R', false, "reboot now", show_reboot},
	{'d', false, "registers and call traces", show_registers},
	{'h', false, "help: this list", keys_help},
};

const size_t debug_key_count = ARRAY_SIZE(debug_keys);
