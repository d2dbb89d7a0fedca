/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of the machine's run. Nothing here waits without a bound, allocates or
 * takes a lock; interrupts are off afterwards.
 */
#ifndef HV_REBOOT_H
#define HV_REBOOT_H

#include <hv/types.h>

struct acpi_fadt;

/*
 * Takes the FADT's reset register (ACPI 6.5 section 4.8.3.6) for machine_reboot(),
 * when it is an I/O port; another kind is left alone, with a line in the log.
 * Once, while booting.
 */
void reboot_use_fadt(const struct acpi_fadt *fadt);

/* Reset register, keyboard controller, port 0xcf9, triple fault: in this order. */
__noreturn void machine_reboot(void);

/* Stops this processor for ever. */
__noreturn void machine_halt(void);

/* noreboot: a panic halts. */
void reboot_option_noreboot(bool on);

/* What a panic does at its end. */
__noreturn void machine_end_of_panic(void);

#endif
