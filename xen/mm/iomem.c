/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/iomem.h>
#include <hv/log.h>

static struct iomem_range iomem[IOMEM_PROTECTED_MAX];
static uint32_t iomem_count;

int iomem_protect(paddr_t base, uint64_t bytes, const char *what)
{
	mfn_t first = paddr_to_mfn(base);

	if (bytes == 0 || base + bytes - 1 < base)
		return -EINVAL;
	if (iomem_count == ARRAY_SIZE(iomem)) {
		log_err("iomem: %s at %lx not protected: the list is full", what, base);
		return -ENOSPC;
	}
	iomem[iomem_count++] = (struct iomem_range){
		.first = first,
		.frames = ((base + bytes - 1) >> PAGE_SHIFT) - first.v + 1,
		.what = what,
	};
	return 0;
}

/* The lowest, so that a caller can map what is before it and go on behind it. */
const struct iomem_range *iomem_protected(mfn_t first, uint64_t frames)
{
	const struct iomem_range *found = NULL;

	for (uint32_t i = 0; i < iomem_count; i++) {
		const struct iomem_range *r = &iomem[i];

		/* No sum of the caller's numbers, which may wrap. */
		if (r->first.v >= first.v ? r->first.v - first.v >= frames
					  : first.v - r->first.v >= r->frames)
			continue;
		if (!found || r->first.v < found->first.v)
			found = r;
	}
	return found;
}

void iomem_reset(void)
{
	iomem_count = 0;
}
