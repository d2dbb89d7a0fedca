/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NUMA nodes: small consecutive numbers for the firmware's proximity domains
 * (ACPI 6.5 sections 5.2.16 and 5.2.17), which are 32-bit and may have gaps.
 *
 * Filled once while booting, read-only afterwards.
 */
#ifndef HV_NUMA_H
#define HV_NUMA_H

#include <hv/acpi.h>
#include <hv/heap.h>

/*
 * What the allocator wants to know, from the firmware's tables; srat or slit
 * NULL when the machine has none. Always usable: at least one node. Domains
 * beyond NR_NODES, and distances that SLIT does not have, count as node 0's and as
 * 10 (local) or 20 (not), as ACPI says.
 */
void numa_from_acpi(const struct acpi_srat *srat, const struct acpi_slit *slit, struct numa_info *ret_info);

/* The node of a proximity domain that numa_from_acpi() has seen; 0 for any other. */
uint32_t numa_node_of_domain(uint32_t domain);

/* The node of a processor by its APIC id. Linear: for the start of a processor, not for hot paths. */
uint32_t numa_node_of_apic(const struct acpi_srat *srat, uint32_t apic_id);

#endif
