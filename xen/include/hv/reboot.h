/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of the machine's run. Nothing here waits without a bound, allocates or
 * takes a lock; interrupts are off afterwards.
 */
#ifndef HV_REBOOT_H
#define HV_REBOOT_H

#include <hv/types.h>

/* The FADT's reset register: ACPI 6.5 section 4.8.3.6. Memory must be mapped by the caller. */
struct reboot_register {
	bool valid;
	bool in_memory; /* else an I/O port */
	uint8_t value;
	uint64_t address; /* a port, or a virtual address */
};

/* Once, when the FADT was read. */
void reboot_register_set(const struct reboot_register *reg);

/* Reset register, keyboard controller, port 0xcf9, triple fault: in this order. */
__noreturn void machine_reboot(void);

/* Stops this processor for ever. */
__noreturn void machine_halt(void);

/* noreboot: a panic halts. */
void reboot_option_noreboot(bool on);

/* What a panic does at its end. */
__noreturn void machine_end_of_panic(void);

#endif
