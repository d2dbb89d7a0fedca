/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam to the firmware's tables: physical memory to read them from.
 * Source: ACPI 6.5 section 5.2.
 */
#ifndef HV_ACPI_H
#define HV_ACPI_H

#include <hv/types.h>

/*
 * An address at which bytes of physical memory can be read, until acpi_unmap
 * with the same arguments; NULL when any of them cannot. Context: boot, thread.
 */
const void *acpi_map(paddr_t base, size_t bytes) __must_check;
void acpi_unmap(const void *p, size_t bytes);

#endif
