/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What devices of a domain reach: its RAM and what it was granted, at the same
 * numbers and with the same rights as its processors. Registers of devices are not
 * for other devices; reserved regions (RMRR, IVMD) belong to who assigns one.
 *
 * HOT: p2m_iommu_map, p2m_iommu_unmap, inside the p2m's lock.
 */
#include <errno.h>
#include "p2m_priv.h"

#define LEAVES_MAX 1024 /* given in one step when the IOMMU comes */

static bool p2m_iommu_follows(const struct p2m *p, enum p2m_type type)
{
	return p->iommu && p2m_rule_counts(p2m_types[type].rule);
}

int p2m_iommu_map(struct p2m *p, uint64_t at, mfn_t mfn, uint64_t count, enum p2m_type type)
{
	const struct ptab_range range = {
		.at = at,
		.mfn = mfn,
		.count = count,
		.attr = (p2m_types[type].attr & PTAB_RW) | PTAB_WB,
	};

	if (!p2m_iommu_follows(p, type))
		return 0;
	if (at >= p->iommu_end || count > p->iommu_end - at)
		return -ENXIO;
	return iommu_map(p->iommu, &range, &p->batch);
}

int p2m_iommu_unmap(struct p2m *p, uint64_t at, uint64_t count)
{
	if (!p->iommu || at >= p->iommu_end)
		return 0;
	return iommu_unmap(p->iommu, at, MIN(count, p->iommu_end - at), &p->batch);
}

/* The lock is held. From the moment there is an IOMMU domain every change goes to it, wherever this has got to. */
static int p2m_iommu_step(struct p2m *p)
{
	for (unsigned int i = 0; i < LEAVES_MAX; i++) {
		struct ptab_entry e;
		enum p2m_type type;
		int rc;

		if (p2m_leaf(p, p->iommu_at, &e, &type) != 0)
			return 0;
		rc = p2m_iommu_map(p, e.at, e.mfn, 1UL << e.order, type);
		if (rc != 0)
			return rc;
		p->iommu_at = e.at + (1UL << e.order);
	}
	return -ERESTART;
}

int p2m_iommu_enable(struct domain *d)
{
	struct p2m *p = d->p2m;
	int rc = 0;

	spin_lock(&p->lock);
	if (p->dying)
		rc = -EBUSY;
	else if (!p->iommu)
		rc = iommu_domain_create(&p->iommu);
	if (rc == 0) {
		p->iommu_end = 1UL << (9U * iommu_caps()->levels);
		rc = p2m_iommu_step(p);
	}
	spin_unlock(&p->lock);
	if (rc == 0)
		p2m_flush(d);
	return rc;
}

struct iommu_domain *p2m_iommu(const struct domain *d)
{
	return d->p2m->iommu;
}
