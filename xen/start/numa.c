/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <hv/log.h>
#include <hv/numa.h>

#define NUMA_LOCAL  10
#define NUMA_REMOTE 20

static uint32_t numa_domain[NR_NODES]; /* of each node */
static uint32_t numa_count;

static void numa_node_add(uint32_t domain)
{
	for (uint32_t n = 0; n < numa_count; n++)
		if (numa_domain[n] == domain)
			return;
	if (numa_count == NR_NODES) {
		log_warn("numa: proximity domain %u is beyond the %u that are supported; it counts as node 0",
			domain, NR_NODES);
		return;
	}
	numa_domain[numa_count++] = domain;
}

uint32_t numa_node_of_domain(uint32_t domain)
{
	for (uint32_t n = 0; n < numa_count; n++)
		if (numa_domain[n] == domain)
			return n;
	return 0;
}

/* Nodes are numbered in the order of the memory, then of processors that have none. */
static void numa_nodes_find(const struct acpi_srat *srat)
{
	numa_count = 0;
	if (srat == NULL)
		return;
	for (uint32_t i = 0; i < srat->memory_count; i++)
		numa_node_add(srat->memory[i].domain);
	for (uint32_t i = 0; i < srat->cpu_count; i++)
		numa_node_add(srat->cpu[i].domain);
}

BUILD_ASSERT(ACPI_MEMORY_MAX <= HEAP_RANGES_MAX);

/* Memory that is not there yet, or that outlives a reset, is not the allocator's. */
static void numa_ranges_fill(const struct acpi_srat *srat, struct numa_info *info)
{
	for (uint32_t i = 0; i < MIN(srat->memory_count, (uint32_t)ACPI_MEMORY_MAX); i++) {
		const struct acpi_memory_affinity *m = &srat->memory[i];

		if (m->hotplug || m->nonvolatile || info->range_count == HEAP_RANGES_MAX)
			continue;
		info->range[info->range_count++] =
			(struct numa_range){m->base, m->bytes, numa_node_of_domain(m->domain)};
	}
}

static uint8_t numa_distance(const struct acpi_slit *slit, uint32_t from, uint32_t to)
{
	uint32_t a = numa_domain[from], b = numa_domain[to];

	if (slit != NULL && a < slit->count && b < slit->count && a < NR_NODES && b < NR_NODES)
		return slit->distance[a][b];
	return from == to ? NUMA_LOCAL : NUMA_REMOTE;
}

void numa_from_acpi(const struct acpi_srat *srat, const struct acpi_slit *slit, struct numa_info *ret_info)
{
	memset(ret_info, 0, sizeof(*ret_info));
	numa_nodes_find(srat);
	ret_info->node_count = MAX(numa_count, 1U);
	if (srat != NULL)
		numa_ranges_fill(srat, ret_info);
	for (uint32_t a = 0; a < numa_count; a++)
		for (uint32_t b = 0; b < numa_count; b++)
			ret_info->distance[a][b] = numa_distance(slit, a, b);
}

uint32_t numa_node_of_apic(const struct acpi_srat *srat, uint32_t apic_id)
{
	for (uint32_t i = 0; i < srat->cpu_count; i++)
		if (srat->cpu[i].apic_id == apic_id)
			return numa_node_of_domain(srat->cpu[i].domain);
	return 0;
}
