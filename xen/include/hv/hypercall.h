/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls: one const table (domain/hypercall.c) from number to handler, who
 * may call, and how many arguments count. Numbers and structures are those of
 * Xen's public headers, release 4.20.
 *
 * A handler returns the value for the guest's RAX: 0 or more, or -errno.
 * -ERESTART: the call has more to do and is made again with the arguments the
 * handler left in `args`; it is bounded work between two such returns.
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/domain.h>

#define HYPERCALL_ARGS 5

typedef long (*hypercall_fn)(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);

enum hypercall_permission {
	HYPERCALL_ANY,
	HYPERCALL_PRIVILEGED,
};

struct hypercall_entry {
	hypercall_fn fn; /* NULL: -ENOSYS */
	uint8_t args;
	uint8_t permission;
};

/*
 * From the VMMCALL or VMCALL exit: reads the registers of the guest's mode, writes RAX and ends
 * the instruction (hvm_skip); after -ERESTART it leaves both, and the guest makes the call again.
 */
void hypercall_dispatch(struct vcpu *v);

/* Fills the page that the guest asked for with calls by VMMCALL or VMCALL. */
void hypercall_page_fill(void *page);

#endif
