/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypervisor around xen/domain for native tests: its own sources, the p2m, the
 * frames and the heap are real, and what is below is here: processors, timers,
 * the scheduler, RCU, the vlapic. A guest's linear address is an address of
 * host_arg() or of host_arg_at(); everything else faults.
 */
#ifndef FAKE_DOMAIN_HOST_H
#define FAKE_DOMAIN_HOST_H

#include <hv/domain.h>
#include <hv/hypercall.h>

#define HOST_RAM_BYTES MIB(64)
#define HOST_ARG_BYTES 65536u

/* Everything back to the start: no domains. */
void host_reset(void);
/* Ends all domains, and the program when memory, frames or timers of theirs are left. */
void host_check_leaks(void);

/* A started domain with so many vcpus, of which 0 is up, and `frames` of RAM from gfn 0x100 on. */
#define HOST_GFN 0x100u
struct domain *host_domain(domid_t id, uint32_t vcpus, uint32_t frames);
void host_domain_end(struct domain *d);

/* The vcpu that this processor runs from now on. */
void host_run(struct vcpu *v);

/* A hypercall as the guest makes it, again and again while it is not finished. */
long host_call(struct vcpu *v, uint64_t number, uint64_t a, uint64_t b, uint64_t c);

/* Guest memory for arguments; zeroed by host_reset(). */
void *host_arg(void);
#define HOST_ARG(p) ((uint64_t)(uintptr_t)(p))

/* The bytes of a domain's frame. */
void *host_frame(struct domain *d, uint64_t gfn);
uint32_t host_frame_refs(struct domain *d, uint64_t gfn);

/* What has happened. */
struct host_seen {
	uint64_t now_ns;
	unsigned int calls_again; /* -ERESTART returns */
	unsigned int kicks, skips, vectors, nmis;
	uint8_t last_vector;
	struct vcpu *last_vector_vcpu;
	unsigned int halts, reboots, panics;
	unsigned int code_bits;
	uint64_t cpl;
	char console[4096];
	size_t console_bytes;
	unsigned int guest_lines;
	char guest_line[512];
};
extern struct host_seen host;

/* Timers that are due now run. */
void host_time(uint64_t now_ns);

/* Grace periods end: what was given to rcu_call() runs. */
void host_rcu(void);

#endif
