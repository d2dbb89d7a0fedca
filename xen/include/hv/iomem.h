/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machine addresses that are not RAM and that no guest may reach directly: the
 * registers of the LAPIC, the IOAPICs and the IOMMUs, configuration space. The
 * p2m refuses them whatever the reason somebody has to map them.
 *
 * Written while booting, read-only afterwards; no lock. RAM needs no entry: the
 * p2m maps only frames that are the domain's own or were granted.
 */
#ifndef HV_IOMEM_H
#define HV_IOMEM_H

#include <hv/types.h>

#define IOMEM_PROTECTED_MAX 128

struct iomem_range {
	mfn_t first;
	uint64_t frames;
	const char *what;
};

/* Whole frames around the range. -EINVAL: empty or wrapping; -ENOSPC, logged. */
int iomem_protect(paddr_t base, uint64_t bytes, const char *what) __must_check;

/* The first protected range that shares a frame with this one; NULL when none does. */
const struct iomem_range *iomem_protected(mfn_t first, uint64_t frames);

/* For tests. */
void iomem_reset(void);

#endif
