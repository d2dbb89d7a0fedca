/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's IOMMUs as the hypervisor knows them: what the firmware's DMAR or
 * IVRS says. Filled once while booting, read-only afterwards.
 */
#ifndef HV_IOMMU_H
#define HV_IOMMU_H

#include <pt/iommu_fw.h>

/* NULL on a machine without an IOMMU, or with tables that cannot be used. */
extern struct iommu_fw *iommu_firmware;

/*
 * Boot step, after acpi_init and the heap: reads the tables and touches no
 * hardware. A bad table costs the IOMMU, said loudly, not the boot: 0 or -ENOMEM.
 */
int iommu_find(void) __must_check;

/* For the debug key. */
void iommu_show(void);

#endif
