/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest-physical memory that is emulated. The p2m says which frames trap
 * (P2M_MMIO_TRAP); this says who answers. A trapping address that nobody
 * answers reads all-ones and drops writes.
 *
 * Locking: see hv/trap.h.
 */
#ifndef HV_MMIO_TRAP_H
#define HV_MMIO_TRAP_H

#include <hv/domain.h>
#include <hv/trap.h>

int mmio_trap_add(
	struct domain *d, uint64_t gpa, uint64_t bytes, const struct trap_ops *ops, void *ctx) __must_check;
int mmio_trap_remove(struct domain *d, uint64_t gpa);

#endif
