/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ranks of the locks of portable code, outermost first: the rank argument
 * of env_lock_init(). The hypervisor's env.c maps each to its own list
 * (hv/spinlock.h).
 */
#ifndef PT_LOCK_RANK_H
#define PT_LOCK_RANK_H

enum pt_lock_rank {
	PT_RANK_ASSIGN = 1,  /* who owns which device */
	PT_RANK_DEVICE,	     /* device registry, configuration space */
	PT_RANK_VPCI,	     /* one guest's virtual PCI */
	PT_RANK_IOMMU_IDS,   /* domain ids */
	PT_RANK_IOMMU,	     /* one unit's tables and registers */
	PT_RANK_IOMMU_QUEUE, /* one unit's invalidation queue */
};

#endif
