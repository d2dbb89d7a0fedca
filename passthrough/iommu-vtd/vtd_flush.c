/* SPDX-License-Identifier: GPL-2.0-only */
/* What is flushed for which change: VT-d 4.1 sections 6.5 and 6.8. HOT: vtd_flush_domain, by every change of a mapping. */
#include <errno.h>
#include <pt/env.h>
#include <pt/wait.h>
#include "vtd_priv.h"

/* More pieces than these cost more than losing the domain's other translations. */
#define PIECES_MAX 8

static uint64_t iotlb_desc(const struct vtd_unit *unit, uint64_t granule, uint16_t domain_id)
{
	uint64_t drain = unit->cap & VTD_CAP_DRAINS ? VTD_IOTLB_DRAIN : 0;

	return VTD_DESC_IOTLB | granule | drain | VTD_DESC_DID(domain_id);
}

/* The order is the manual's (6.5.3.3): context entries first, then what was made of them. */
int vtd_flush_all(struct vtd_unit *unit)
{
	struct vtd_desc desc[] = {
		{.lo = VTD_DESC_CONTEXT | VTD_GRANULE_GLOBAL},
		{.lo = iotlb_desc(unit, VTD_GRANULE_GLOBAL, 0)},
		{.lo = VTD_DESC_IEC},
	};

	return vtd_queue_run(unit, desc, unit->ecap & VTD_ECAP_IR ? 3 : 2);
}

static size_t pages_desc(const struct vtd_unit *unit, uint16_t domain_id, const struct ptab_flush *flush,
	struct vtd_desc *desc)
{
	struct iommu_piece piece[PIECES_MAX];
	size_t n = 0;

	if (unit->cap & VTD_CAP_PSI)
		n = iommu_flush_pieces(flush, VTD_CAP_MAMV(unit->cap), piece, PIECES_MAX);
	for (size_t i = 0; i < n; i++)
		desc[i] = (struct vtd_desc){
			.lo = iotlb_desc(unit, VTD_GRANULE_PAGE, domain_id),
			.hi = piece[i].at << PAGE_SHIFT | piece[i].order |
			      (flush->tables ? 0 : VTD_IOTLB_HINT),
		};
	return n;
}

int vtd_flush_write_buffer(struct vtd_unit *unit)
{
	if (!(unit->cap & VTD_CAP_RWBF))
		return 0;
	return vtd_unit_command(unit, VTD_GCMD_WBF, true, false);
}

int vtd_flush_domain(struct iommu_unit *common, uint16_t domain_id, const struct ptab_flush *flush,
	iommu_ticket_t *ret_ticket)
{
	struct vtd_unit *unit = vtd_of(common);
	struct vtd_desc desc[PIECES_MAX];
	size_t n = 0;
	int err;

	err = vtd_flush_write_buffer(unit);
	if (err)
		return err;
	if (flush && (flush->first > flush->last || (!ptab_flush_needed(flush) && !common->caps.caching))) {
		*ret_ticket = vtd_queue_done(unit);
		return 0;
	}
	if (flush)
		n = pages_desc(unit, domain_id, flush, desc);
	if (n == 0) {
		desc[0] = (struct vtd_desc){.lo = iotlb_desc(unit, VTD_GRANULE_DOMAIN, domain_id)};
		n = 1;
	}
	return vtd_queue_submit(unit, desc, n, ret_ticket);
}
