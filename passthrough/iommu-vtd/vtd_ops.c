/* SPDX-License-Identifier: GPL-2.0-only */
/* What VT-d offers to the facade. */
#include "vtd_priv.h"

static int ops_wait(struct iommu_unit *common, iommu_ticket_t ticket)
{
	return vtd_queue_wait(vtd_of(common), ticket);
}

const struct iommu_ops vtd_ops = {
	.format = &ptab_vtd,
	.probe = vtd_unit_probe,
	.enable = vtd_unit_enable,
	.destroy = vtd_unit_destroy,
	.device_set = vtd_table_device_set,
	.flush = vtd_flush_domain,
	.wait = ops_wait,
	.intr_enable = vtd_intr_enable,
	.intr_alloc = vtd_intr_alloc,
	.intr_free = vtd_intr_free,
	.intr_set = vtd_intr_set,
	.intr_message = vtd_intr_message,
};
