/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pt/iommu.h's domains and mappings over a real page table (VT-d's format), without
 * units: what a domain's devices would reach, and when they were told to forget.
 */
#ifndef FAKE_IOMMU_DOMAIN_H
#define FAKE_IOMMU_DOMAIN_H

#include <pt/iommu.h>

extern struct iommu_caps fake_iommu_caps;
extern unsigned int fake_iommu_flushes, fake_iommu_domains;
/* What the next flush answers. */
extern int fake_iommu_flush_rc;
/* Called by each flush before it is done. NULL: nobody. */
extern void (*fake_iommu_on_flush)(void);

void fake_iommu_reset(void);

#endif
