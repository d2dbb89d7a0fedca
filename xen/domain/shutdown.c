/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/console.h>
#include <hv/log.h>
#include <hv/reboot.h>
#include <hv/shutdown.h>
#include <hv/smp.h>
#include <xen/sched.h>

static const struct {
	const char *what;
	void (*act)(void);
} shutdown_actions[] = {
	[SHUTDOWN_poweroff] = {"halted: the machine stays on until it is switched off", machine_halt},
	[SHUTDOWN_reboot] = {"rebooting", machine_reboot},
	[SHUTDOWN_suspend] = {"suspended, which the machine cannot be: halted", machine_halt},
	[SHUTDOWN_crash] = {"crashed", machine_end_of_panic},
	[SHUTDOWN_watchdog] = {"its watchdog ran out: rebooting", machine_reboot},
	[SHUTDOWN_soft_reset] = {"soft reset, which dom0 cannot have: rebooting", machine_reboot},
};

void hardware_domain_shutdown(uint8_t reason)
{
	unsigned int action = reason < ARRAY_SIZE(shutdown_actions) ? reason : SHUTDOWN_crash;

	log_info("dom0: shut down, reason %u: %s", reason, shutdown_actions[action].what);
	smp_stop_others();
	console_flush_forced();
	shutdown_actions[action].act();
	machine_halt();
}
