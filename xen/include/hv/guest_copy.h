/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only way to a guest's memory by a guest's own address.
 *
 * Both return the number of bytes that were NOT copied: 0 is success. They walk
 * the current vcpu's page tables (as supervisor) and then its p2m, take a
 * reference on each frame while they use it, refuse what is not writable RAM,
 * and are bounded by `bytes`, which the caller has bounded.
 * Context: the vcpu's own processor, out of guest mode, no spinlock above
 * LOCK_RANK_P2M held.
 */
#ifndef HV_GUEST_COPY_H
#define HV_GUEST_COPY_H

#include <hv/domain.h>

size_t copy_from_guest(void *dst, uint64_t guest_linear, size_t bytes) __must_check;
size_t copy_to_guest(uint64_t guest_linear, const void *src, size_t bytes) __must_check;

/* The same by guest-physical address of any domain, for builders and for rings. */
size_t copy_from_guest_phys(struct domain *d, void *dst, uint64_t gpa, size_t bytes) __must_check;
size_t copy_to_guest_phys(struct domain *d, uint64_t gpa, const void *src, size_t bytes) __must_check;

#endif
