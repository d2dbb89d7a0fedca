/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include "iommu_domain.h"

struct iommu_domain {
	struct ptab pt;
};

struct iommu_caps fake_iommu_caps;
unsigned int fake_iommu_flushes, fake_iommu_domains;
int fake_iommu_flush_rc;
void (*fake_iommu_on_flush)(void);

void fake_iommu_reset(void)
{
	fake_iommu_caps = (struct iommu_caps){.levels = 4, .superpages = PTAB_2M | PTAB_1G, .coherent = true};
	fake_iommu_flushes = fake_iommu_domains = 0;
	fake_iommu_flush_rc = 0;
	fake_iommu_on_flush = NULL;
}

const struct iommu_caps *iommu_caps(void)
{
	return &fake_iommu_caps;
}

int iommu_domain_create(struct iommu_domain **ret_domain)
{
	struct iommu_domain *d = malloc(sizeof(*d));
	int rc = ptab_init(&d->pt, &ptab_vtd, fake_iommu_caps.levels, fake_iommu_caps.superpages, true);

	if (rc) {
		free(d);
		return rc;
	}
	fake_iommu_domains++;
	*ret_domain = d;
	return 0;
}

int iommu_domain_destroy(struct iommu_domain *domain)
{
	ptab_destroy(&domain->pt);
	free(domain);
	fake_iommu_domains--;
	return 0;
}

int iommu_map(struct iommu_domain *domain, const struct ptab_range *range, struct iommu_batch *batch)
{
	return ptab_map(&domain->pt, range, &batch->flush);
}

int iommu_unmap(struct iommu_domain *domain, uint64_t at, uint64_t count, struct iommu_batch *batch)
{
	return ptab_unmap(&domain->pt, at, count, &batch->flush);
}

int iommu_flush(struct iommu_domain *domain, struct iommu_batch *batch)
{
	int rc = fake_iommu_flush_rc;

	(void)domain;
	fake_iommu_flushes++;
	if (fake_iommu_on_flush)
		fake_iommu_on_flush();
	ptab_flush_done(&batch->flush);
	fake_iommu_flush_rc = 0;
	return rc;
}

int iommu_lookup(struct iommu_domain *domain, uint64_t at, struct ptab_entry *ret_entry)
{
	return ptab_lookup(&domain->pt, at, ret_entry);
}
