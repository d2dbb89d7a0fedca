/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only way to a guest's memory by a guest's own address.
 *
 * The copies return the number of bytes that were NOT copied: 0 is success. They
 * walk the current vcpu's page tables (as supervisor) and then its p2m, take a
 * reference on each frame while they use it, refuse what is not RAM or, to
 * write, not writable, and are bounded by `bytes`, which the caller has bounded.
 * Context: the vcpu's own processor, out of guest mode, no spinlock above
 * LOCK_RANK_P2M held.
 */
#ifndef HV_GUEST_COPY_H
#define HV_GUEST_COPY_H

#include <hv/domain.h>

size_t copy_from_guest(void *dst, uint64_t guest_linear, size_t bytes) __must_check;
size_t copy_to_guest(uint64_t guest_linear, const void *src, size_t bytes) __must_check;

/* The same by guest-physical address of any domain, for builders and for rings. Any processor. */
size_t copy_from_guest_phys(struct domain *d, void *dst, uint64_t gpa, size_t bytes) __must_check;
size_t copy_to_guest_phys(struct domain *d, uint64_t gpa, const void *src, size_t bytes) __must_check;

/* What an access is, and what its page fault says: the bits of the error code (AMD64 APM volume 2 section 8.4.2). */
#define GUEST_PF_PRESENT  0x01u
#define GUEST_PF_WRITE	  0x02u
#define GUEST_PF_USER	  0x04u
#define GUEST_PF_RESERVED 0x08u
#define GUEST_PF_FETCH	  0x10u

/*
 * The guest-physical address of a linear one of this vcpu, as the processor would
 * find it (APM volume 2 chapter 5): accessed and dirty bits are set. access: the
 * WRITE, USER and FETCH bits. -EFAULT: *ret_error is the page fault's error code;
 * -ENXIO: a page table is not in RAM, or the address is not canonical.
 */
int guest_walk(struct vcpu *v, uint64_t linear, uint32_t access, uint64_t *ret_gpa,
	uint32_t *ret_error) __must_check;

#endif
