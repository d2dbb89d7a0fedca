/* SPDX-License-Identifier: GPL-2.0-only */
/* Between memory_op.c and physmap.c. */
#ifndef DOMAIN_MEMORY_H
#define DOMAIN_MEMORY_H

#include <hv/domain.h>

/*
 * Frees the place: what was the domain's RAM there goes back to the heap, another
 * mapping is undone. -EPERM for a device's registers, firmware and traps.
 */
int physmap_clear(struct domain *d, gfn_t gfn) __must_check;

/* One entry of XENMEM_add_to_physmap: space is XENMAPSPACE_*, foreign the owner for _gmfn_foreign. */
int physmap_add(struct vcpu *v, struct domain *d, uint32_t space, uint64_t idx, uint64_t gpfn,
	domid_t foreign) __must_check;

/* Places a frame that another domain shares; the caller holds a reference on it. */
int physmap_add_foreign(struct domain *d, mfn_t mfn, uint64_t gpfn) __must_check;

int physmap_remove(struct domain *d, uint64_t gpfn) __must_check;

long physmap_acquire(struct vcpu *v, uint64_t args[]);
long physmap_batch(struct vcpu *v, uint64_t args[]);
long physmap_single(struct vcpu *v, uint64_t args[]);

/* Where a call that is made again goes on: in the high bits of its number (public/memory.h numbers are below 64). */
#define MEMORY_OP_SHIFT 6
#define MEMORY_OP_MASK	((1UL << MEMORY_OP_SHIFT) - 1)

static inline uint64_t memory_op_done(uint64_t number)
{
	return number >> MEMORY_OP_SHIFT;
}

static inline uint64_t memory_op_again(uint64_t number, uint64_t done)
{
	return (number & MEMORY_OP_MASK) | done << MEMORY_OP_SHIFT;
}

#endif
