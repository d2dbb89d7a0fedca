/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts and time as the boot list starts them, from the firmware's tables
 * (hv/acpi.h) where there are some.
 */
#ifndef HV_INTERRUPTS_H
#define HV_INTERRUPTS_H

#include <hv/types.h>

/* Option `x2apic`: on by default. */
extern bool x2apic_wanted;

/*
 * Boot processor, once, with page tables and heap: legacy PICs masked, local
 * APIC on, all IOAPICs masked and known; soft interrupts, calls, RCU, timers
 * ready. Interrupts stay off. -ENODEV, -ENOMEM: no usable local APIC.
 */
int interrupts_init(void) __must_check;

/* After it: time and timer events. -EIO without a believable clock. */
int interrupts_time_init(void) __must_check;

#endif
