/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time: monotonic nanoseconds from the TSC, measured once against a timer of
 * known frequency: the ACPI PM timer (ACPI 6.5 section 4.8.3.3), the HPET
 * (IA-PC HPET 1.0a), or the 8254.
 *
 * Before time_init() a nanosecond is taken for one TSC tick: waits are bounded,
 * only not exact. Context: any.
 */
#ifndef HV_TIME_H
#define HV_TIME_H

#include <hv/types.h>

#define NSEC_PER_SEC  1000000000UL
#define NSEC_PER_MSEC 1000000UL
#define NSEC_PER_USEC 1000UL

/* What firmware says there is; 0 for what there is not. */
struct time_sources {
	uint16_t pm_port;
	bool pm_32bit;
	paddr_t hpet;
};

/*
 * Boot processor, with its local APIC enabled and interrupts off; takes about
 * 10 ms. Tries the sources in turn; -EIO when none of them gives a believable
 * frequency (100 MHz to 20 GHz).
 */
int time_init(const struct time_sources *sources) __must_check;

uint64_t now_ns(void);
uint64_t time_tsc_hz(void);
/* All processors' TSCs count the same, at one rate for ever: a guest may compare readings of two of them. */
bool time_tsc_common(void);
void time_delay_ns(uint64_t ns);

/*
 * The next timer interrupt of this processor: at or soon after this time, or
 * earlier when it is further away than the hardware can count. TIME_NEVER stops it.
 */
#define TIME_NEVER (~0UL)
void time_event_set(uint64_t deadline_ns);
/* Each processor, once, after time_init(). */
void time_event_setup(void);

/*
 * How far another processor's TSC is from this one's. The other runs
 * time_sync_other() at the same time; its reading must lie between two of ours.
 * What is outside is corrected by an offset of its own.
 */
void time_sync_other(void);
int time_sync_with(unsigned int cpu, int64_t *ret_skew) __must_check; /* -ETIMEDOUT */

/* Frequency from ticks counted while a reference counted: -ERANGE when not within [low, high]. Pure. */
int time_hz(uint64_t ticks, uint64_t ref_ticks, uint64_t ref_hz, uint64_t low, uint64_t high,
	uint64_t *ret_hz) __must_check;

#endif
