/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every option of the command line. The variables belong to
 * the subsystems; a row is added together with the code that obeys it.
 */
#include <hv/acpi.h>
#include <hv/cmdline.h>
#include <hv/console.h>
#include <hv/dom0.h>
#include <hv/interrupts.h>
#include <hv/log.h>
#include <hv/nmi.h>
#include <hv/reboot.h>
#include <hv/smp.h>
#include <hv/uart.h>

static int help_show(const char *value)
{
	(void)value;
	cmdline_help_log(boot_options, boot_option_count);
	return 0;
}

/* Sorted by name. */
const struct boot_option boot_options[] = {
	OPT_BOOL("acpi", acpi_wanted, "off: use none of the firmware's ACPI tables"),
	OPT_CALL("com1", uart_option_com1,
		"BAUD|auto[/CLOCK][,[DPS][,[IO-BASE][,[IRQ]]]], as 115200,8n1,0x3f8"),
	OPT_CALL("console", console_option, "com1 or none"),
	OPT_CALL("dom0_max_vcpus", dom0_option_vcpus, "N or MIN-MAX: dom0's processors; all by default"),
	OPT_CALL("dom0_mem", dom0_option_mem,
		"[min:|max:]SIZE,...: dom0's memory; -SIZE is all but this much"),
	OPT_CALL("guest_loglvl", log_option_guest_loglvl, "LEVEL[/LIMITED] of what guests cause, as loglvl"),
	OPT_CALL("help", help_show, "write all options into the log"),
	OPT_CALL("loglvl", log_option_loglvl, "LEVEL[/LIMITED]: none, error, warning, info, debug or all"),
	OPT_UINT("maxcpus", smp_maxcpus, 1, NR_CPUS, "1 to 256: processors to use"),
	OPT_CALL_BOOL("noreboot", reboot_option_noreboot, "halt after a panic, do not reboot"),
	OPT_BOOL("watchdog", watchdog_wanted, "find processors that are stuck, by NMI"),
	OPT_BOOL("x2apic", x2apic_wanted, "x2APIC mode where there is one; on by default"),
};

const size_t boot_option_count = ARRAY_SIZE(boot_options);
