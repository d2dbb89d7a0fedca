/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain and its vcpus without a scheduler, a processor or memory: what the
 * virtual interrupt controllers need around them. Time is fake_now; a timer's
 * function runs in guest_time_to(), a tasklet's in guest_tasklets().
 */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <hv/domain.h>
#include <hv/hvm.h>
#include <hv/trap.h>

#define GUEST_TSC_HZ 1000000000UL

struct guest_record {
	uint64_t kicks, nmis, syncs, downs, ups, starts;
	uint8_t start_page; /* of the last hvm_vcpu_start_sipi() */
	uint32_t start_vcpu;
	uint64_t traps; /* registered now */
	uint64_t p2m_sets;
	uint64_t allocs; /* live */
	uint64_t timer_runs, timer_stops;
	/* n: the n-th of these calls from now on fails, once. */
	unsigned int fail_alloc, fail_trap, fail_p2m;
};

extern struct guest_record guest;
extern uint64_t fake_now;
extern struct domain guest_domain;

/* A domain with this many vcpus, the first one up, nothing created of their parts. */
void guest_make(uint32_t vcpus);
/* Forgets it; ends the program when something is still registered or allocated. */
void guest_end(void);

/* The handler that is registered for this guest-physical address. */
uint64_t guest_mmio_read(struct vcpu *v, uint64_t gpa, unsigned int bytes);
void guest_mmio_write(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t value);

/* Lets time pass, timers run in order at their own times. */
void guest_time_to(uint64_t ns);
/* Runs what was scheduled, until nothing is. */
void guest_tasklets(void);

#endif
