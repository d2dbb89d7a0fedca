/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes out of SRAT and SLIT (ACPI 6.5 sections 5.2.16 and 5.2.17), and the heap's start on them. */
#include <errno.h>
#include <string.h>
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/log.h>
#include <hv/numa.h>

static uint32_t node_domain[NR_NODES];
static uint32_t node_count;

unsigned int numa_node_of_domain(uint32_t domain)
{
	for (uint32_t n = 0; n < node_count; n++)
		if (node_domain[n] == domain)
			return n;
	return 0;
}

static void numa_domain_add(uint32_t domain)
{
	for (uint32_t n = 0; n < node_count; n++)
		if (node_domain[n] == domain)
			return;
	if (node_count == NR_NODES)
		log_warn(
			"numa: domain %u is one more than %u, its memory counts as node 0", domain, NR_NODES);
	else
		node_domain[node_count++] = domain;
}

static void numa_ranges(const struct acpi_srat *srat, struct numa_info *info)
{
	for (uint32_t i = 0; i < MIN(srat->memory_count, (uint32_t)ACPI_MEMORY_MAX); i++) {
		const struct acpi_memory_affinity *m = &srat->memory[i];

		if (m->bytes == 0)
			continue;
		numa_domain_add(m->domain);
		info->range[info->range_count++] =
			(struct numa_range){m->base, m->bytes, numa_node_of_domain(m->domain)};
	}
}

/* SLIT is indexed by domain. */
static void numa_distances(const struct acpi_slit *slit, struct numa_info *info)
{
	for (uint32_t from = 0; from < node_count; from++)
		for (uint32_t to = 0; to < node_count; to++)
			if (MAX(node_domain[from], node_domain[to]) < MIN(slit->count, (uint32_t)NR_NODES))
				info->distance[from][to] = slit->distance[node_domain[from]][node_domain[to]];
}

void numa_init(const struct acpi_tables *tables, struct numa_info *ret_info)
{
	memset(ret_info, 0, sizeof(*ret_info));
	node_count = 0;
	if (tables && tables->has_srat)
		numa_ranges(&tables->srat, ret_info);
	if (node_count < 2) {
		ret_info->range_count = 0;
		ret_info->node_count = 1;
		return;
	}
	ret_info->node_count = node_count;
	if (tables->has_slit)
		numa_distances(&tables->slit, ret_info);
	log_info("numa: %u nodes", node_count);
}

int mm_frames_start(const struct e820_map *map)
{
	paddr_t states;
	int rc = boot_alloc(frame_states_bytes(map), PAGE_SIZE, BOOT_NO_LIMIT, &states);

	if (rc) {
		log_err("mm: no memory for the frame table's state");
		return rc;
	}
	frame_init(map, mfn_to_va(paddr_to_mfn(states)));
	return 0;
}

void mm_heap_start(const struct numa_info *numa)
{
	const struct boot_range *range;
	uint32_t count = boot_ranges(&range);

	boot_alloc_close();
	heap_init(numa);
	for (uint32_t i = 0; i < count; i++)
		heap_add(range[i].base, range[i].bytes, false);
	log_info("mm: %lu MiB free", heap_free_frames() >> (20 - PAGE_SHIFT));
}
