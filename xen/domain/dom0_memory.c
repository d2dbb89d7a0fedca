/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dom0's RAM. Without an IOMMU a device takes the addresses that dom0's drivers
 * give it for the machine's, so every frame of dom0 stands at its own number.
 */
#include <errno.h>
#include <string.h>
#include <hv/acpi.h>
#include <hv/boot_alloc.h>
#include <hv/boot_info.h>
#include <hv/dom0.h>
#include <hv/domain_frames.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include "dom0_priv.h"

#define LOW_END MIB(1)

struct dom0_space dom0_ram;

/* RAM below 1 MiB, which the heap does not get: dom0 starts its processors there. */
static int reserve_low(void)
{
	int rc = 0;

	for (uint32_t i = 0; i < e820.count && rc == 0; i++) {
		const struct e820_entry *e = &e820.entry[i];

		if (e->type == E820_RAM && e->base < LOW_END)
			rc = dom0_space_add(&dom0_ram, e->base, MIN(e->bytes, LOW_END - e->base));
	}
	return rc;
}

static uint64_t ranges_bytes(const struct boot_range *range, uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += range[i].bytes;
	return sum;
}

/* The hypervisor starts processors from memory below 4 GiB, and its devices' tables may have to be there. */
#define KEEP_BELOW_4G MIB(32)

/* Where the kept part begins: at the end of the last range that begins below 4 GiB. */
static paddr_t kept_from(const struct boot_range *range, uint32_t count)
{
	paddr_t end = 0;

	for (uint32_t i = 0; i < count && range[i].base < GIB(4); i++)
		end = MIN(range[i].base + range[i].bytes, GIB(4));
	return end > KEEP_BELOW_4G ? ALIGN_DOWN(end - KEEP_BELOW_4G, PAGE_SIZE) : 0;
}

/* Part of a free range becomes dom0's. A full list ends it: dom0 has what is in it. */
static int reserve_piece(paddr_t base, paddr_t end, uint64_t *wanted)
{
	uint64_t take = base < end ? MIN(end - base, *wanted) : 0;
	int rc = dom0_space_add(&dom0_ram, base, take);

	*wanted = rc == 0 ? *wanted - take : 0;
	return rc == -ENOSPC ? 0 : rc;
}

/* From the lowest on: what is low is what old devices reach. */
static int reserve_free(uint64_t wanted)
{
	const struct boot_range *range;
	uint32_t count = boot_ranges(&range);
	paddr_t kept = kept_from(range, count);
	int rc = 0;

	for (uint32_t i = 0; i < count && wanted > 0 && rc == 0; i++) {
		paddr_t base = range[i].base, end = base + range[i].bytes;

		rc = reserve_piece(base, base < GIB(4) ? MIN(end, kept) : end, &wanted);
		if (rc == 0 && base < GIB(4) && end > GIB(4))
			rc = reserve_piece(GIB(4), end, &wanted);
	}
	return rc;
}

int dom0_memory_reserve(void)
{
	const struct boot_range *range;
	uint32_t count = boot_ranges(&range);
	struct dom0_memory_limits limits;
	int rc;

	if (boot_info.module_count == 0)
		return 0;
	limits = dom0_memory_wanted(ranges_bytes(range, count));
	rc = reserve_low();
	if (rc == 0)
		rc = reserve_free(limits.initial - MIN(dom0_space_bytes(&dom0_ram), limits.initial));
	for (uint32_t i = 0; i < dom0_ram.count && rc == 0; i++)
		if (dom0_ram.range[i].base >= LOW_END)
			boot_reserve(dom0_ram.range[i].base, dom0_ram.range[i].bytes);
	return rc;
}

/* --- The map that it is shown. --- */

static void map_add(struct e820_map *map, paddr_t base, paddr_t end, uint32_t type)
{
	if (base < end && map->count < E820_MAX)
		map->entry[map->count++] = (struct e820_entry){base, end - base, type};
}

/*
 * The machine's RAM outside of dom0's: there is nothing at these addresses. Linux maps grants and other
 * domains' frames at those that are unusable, and would take a hole between devices without them.
 */
static void map_others(struct e820_map *map, const struct e820_entry *e, const struct dom0_space *ram)
{
	paddr_t at = e->base, end = e->base + e->bytes;

	for (uint32_t i = 0; i < ram->count; i++) {
		const struct dom0_range *r = &ram->range[i];

		if (r->base >= end || r->base + r->bytes <= at)
			continue;
		map_add(map, at, r->base, E820_UNUSABLE);
		at = r->base + r->bytes;
	}
	map_add(map, at, end, E820_UNUSABLE);
}

void dom0_e820(const struct e820_map *machine, const struct dom0_space *ram, const struct dom0_range *tables,
	struct e820_map *ret_map)
{
	static struct e820_map raw;

	raw.count = 0;
	/* Where the list is full the last ones are lost: dom0's own RAM and tables come first. */
	map_add(&raw, tables->base, tables->base + tables->bytes, E820_ACPI);
	for (uint32_t i = 0; i < ram->count; i++)
		map_add(&raw, ram->range[i].base, ram->range[i].base + ram->range[i].bytes, E820_RAM);
	for (uint32_t i = 0; i < machine->count; i++) {
		const struct e820_entry *e = &machine->entry[i];

		if (e->type == E820_RAM)
			map_others(&raw, e, ram);
		else
			map_add(&raw, e->base, e->base + e->bytes, e->type);
	}
	for (uint32_t i = 0; i < acpi.mcfg.count; i++) {
		const struct acpi_ecam *c = &acpi.mcfg.ecam[i];

		map_add(&raw, c->base + MIB(c->first_bus), c->base + MIB(c->last_bus + 1), E820_RESERVED);
	}
	e820_sanitise(&raw, ret_map);
}

/* --- Ownership and the p2m. --- */

int dom0_memory_map(struct domain *d)
{
	for (uint32_t i = 0; i < dom0_ram.count; i++) {
		const struct dom0_range *r = &dom0_ram.range[i];
		mfn_t first = paddr_to_mfn(r->base);
		int rc = domain_frames_claim(d, first, r->bytes >> PAGE_SHIFT);

		if (rc == 0)
			rc = p2m_set_range(d, GFN(first.v), first, r->bytes >> PAGE_SHIFT, P2M_RAM);
		if (rc != 0) {
			log_err("dom0: RAM at %lx, %lu bytes: error %d", r->base, r->bytes, -rc);
			return rc;
		}
	}
	return 0;
}
