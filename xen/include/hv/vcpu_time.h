/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest reads of time without asking: struct vcpu_time_info in its
 * vcpu_info, the wall clock in its shared info page, and the runstate areas
 * that its steal time comes from. Source: public/xen.h, public/vcpu.h.
 *
 * The memory is the guest's and is only ever written here. It is pinned by a
 * reference on its frames, so it can be written from any context.
 */
#ifndef HV_VCPU_TIME_H
#define HV_VCPU_TIME_H

#include <hv/domain.h>

/* Reads the battery-backed clock, once, while booting. -EIO: wall time starts at 1970, with a line in the log. */
int wallclock_init(void) __must_check;

/* Wall time at now_ns() == 0, in nanoseconds since 1970. */
uint64_t wallclock_base(void);

int vcpu_time_create(struct vcpu *v) __must_check;
void vcpu_time_destroy(struct vcpu *v);

/*
 * A processor begins to run v: new time parameters when the processor is another
 * or the last ones are old; the runstate is published. HOT: at every switch.
 * Context: v's own processor, out of guest mode.
 */
void vcpu_time_switch_in(struct vcpu *v);

/* v->runstate changed: publish it. Whoever changes it calls this; v is on no other processor meanwhile. */
void vcpu_runstate_publish(struct vcpu *v);

/* Writes struct vcpu_time_info now; after its place has changed. Context as vcpu_time_switch_in. */
void vcpu_time_update(struct vcpu *v);

/* Writes the wall clock into the shared info page. */
void wallclock_update(struct domain *d);

/* Wall time of one domain, for XENPF_settime and XEN_DOMCTL_settimeoffset. */
void wallclock_set(uint64_t base_ns);

/* --- Pure parts. --- */

/* tsc_to_system_mul and tsc_shift for a frequency, at least 1 MHz. */
void vcpu_time_scale(uint64_t hz, uint32_t *ret_mul, int8_t *ret_shift);

/* Seconds since 1970 from a date of the Gregorian calendar; month and day from 1. */
int64_t wallclock_seconds(
	uint32_t year, uint32_t month, uint32_t day, uint32_t hour, uint32_t minute, uint32_t second);

#endif
