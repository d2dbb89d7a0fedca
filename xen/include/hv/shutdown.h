/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of dom0 is the end of the machine's run. */
#ifndef HV_SHUTDOWN_H
#define HV_SHUTDOWN_H

#include <hv/types.h>

/*
 * dom0 has shut down, SHUTDOWN_* of public/sched.h: the machine is halted,
 * reset, or, with noreboot, halted when it was a crash. Dom0 switches the power
 * off itself, through the ACPI registers that are its own. Context: any.
 */
__noreturn void hardware_domain_shutdown(uint8_t reason);

#endif
