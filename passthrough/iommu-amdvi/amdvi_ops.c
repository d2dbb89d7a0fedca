/* SPDX-License-Identifier: GPL-2.0-only */
/* What AMD-Vi offers to the facade. */
#include "amdvi_priv.h"

static int ops_wait(struct iommu_unit *common, iommu_ticket_t ticket)
{
	return amdvi_queue_wait(amdvi_of(common), ticket);
}

const struct iommu_ops amdvi_ops = {
	.format = &ptab_amdvi,
	.probe = amdvi_unit_probe,
	.enable = amdvi_unit_enable,
	.destroy = amdvi_unit_destroy,
	.device_set = amdvi_table_device_set,
	.flush = amdvi_flush_domain,
	.wait = ops_wait,
	.intr_enable = amdvi_intr_enable,
	.intr_alloc = amdvi_intr_alloc,
	.intr_free = amdvi_intr_free,
	.intr_set = amdvi_intr_set,
	.intr_message = amdvi_intr_message,
};
