/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory map, made sane. The loader's map may be unsorted, overlapping,
 * wrapping or longer than it says: every boundary of every entry is collected
 * and sorted, and each stretch between two boundaries gets the least usable
 * type that covers it.
 */
#include <hv/e820.h>
#include <hv/layout.h>
#include <hv/log.h>

struct e820_map e820;

/* Boundaries of the input: two for each entry. Static: too big for a boot stack. */
static uint64_t edges[2 * E820_MAX];

struct e820_type {
	uint32_t type;
	uint32_t rank; /* the higher wins */
	const char *name;
};

/* Sorted by type. */
static const struct e820_type types[] = {
	{E820_RAM, 1, "RAM"},
	{E820_RESERVED, 5, "reserved"},
	{E820_ACPI, 3, "ACPI tables"},
	{E820_NVS, 4, "ACPI NVS"},
	{E820_UNUSABLE, 6, "unusable"},
	{E820_PMEM, 2, "persistent"},
};

static const struct e820_type *e820_type_find(uint32_t type)
{
	for (uint32_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return &types[i];
	return e820_type_find(E820_RESERVED);
}

static uint32_t e820_count(const struct e820_map *map)
{
	return MIN(map->count, (uint32_t)E820_MAX);
}

/* The end, exclusive; an entry that wraps ends at the top of the address space. */
static uint64_t e820_end(const struct e820_entry *e)
{
	uint64_t end = e->base + e->bytes;

	return end < e->base ? ~0UL : end;
}

/* Insertion sort: real maps are short and nearly sorted, hostile ones have at most 512 edges. */
static void e820_edge_insert(uint32_t *count, uint64_t edge)
{
	uint32_t i = *count;

	for (; i > 0 && edges[i - 1] > edge; i--)
		edges[i] = edges[i - 1];
	edges[i] = edge;
	(*count)++;
}

static uint32_t e820_edges_collect(const struct e820_map *in)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < e820_count(in); i++) {
		const struct e820_entry *e = &in->entry[i];

		if (e->bytes == 0)
			continue;
		e820_edge_insert(&count, e->base);
		e820_edge_insert(&count, e820_end(e));
	}
	return count;
}

/* The winning type over [base, end), which no edge divides; NULL for a hole. */
static const struct e820_type *e820_winner(const struct e820_map *in, uint64_t base, uint64_t end)
{
	const struct e820_type *best = NULL;

	for (uint32_t i = 0; i < e820_count(in); i++) {
		const struct e820_entry *e = &in->entry[i];
		const struct e820_type *t = e820_type_find(e->type);

		if (e->bytes == 0 || e->base > base || e820_end(e) < end)
			continue;
		if (!best || t->rank > best->rank)
			best = t;
	}
	return best;
}

static bool e820_append(struct e820_map *out, uint64_t base, uint64_t end, uint32_t type)
{
	struct e820_entry *last = out->count ? &out->entry[out->count - 1] : NULL;

	if (last && last->type == type && last->base + last->bytes == base) {
		last->bytes += end - base;
		return true;
	}
	if (out->count == E820_MAX)
		return false;
	out->entry[out->count++] = (struct e820_entry){base, end - base, type};
	return true;
}

/*
 * RAM in whole frames, without frame 0 and without what the direct map cannot
 * reach. Returns false when nothing is left of the entry.
 */
static bool e820_ram_trim(struct e820_entry *e, uint64_t *ret_beyond)
{
	uint64_t base = MAX(e->base, PAGE_SIZE);
	uint64_t end = ALIGN_DOWN(e820_end(e), PAGE_SIZE);

	/* Aligning up must not wrap past the top. */
	base = base > ~0UL - PAGE_SIZE ? ~0UL : ALIGN_UP(base, PAGE_SIZE);
	if (end > DIRECTMAP_BYTES && end > base) {
		*ret_beyond += end - MAX(base, (uint64_t)DIRECTMAP_BYTES);
		end = DIRECTMAP_BYTES;
	}
	if (base >= end)
		return false;
	e->base = base;
	e->bytes = end - base;
	return true;
}

static void e820_ram_trim_all(struct e820_map *map)
{
	uint64_t beyond = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < map->count; i++) {
		struct e820_entry e = map->entry[i];

		if (e.type != E820_RAM || e820_ram_trim(&e, &beyond))
			map->entry[kept++] = e;
	}
	map->count = kept;
	if (beyond)
		log_warn("e820: %lu MiB of RAM above %lu GiB not used: beyond the direct map", beyond >> 20,
			(unsigned long)DIRECTMAP_BYTES >> 30);
}

void e820_sanitise(const struct e820_map *in, struct e820_map *ret_out)
{
	uint32_t count = e820_edges_collect(in);
	uint64_t lost = 0;

	if (in->count > E820_MAX)
		log_warn("e820: %u entries, only the first %u are used", in->count, E820_MAX);
	ret_out->count = 0;
	for (uint32_t i = 1; i < count; i++) {
		const struct e820_type *t;

		if (edges[i - 1] == edges[i])
			continue;
		t = e820_winner(in, edges[i - 1], edges[i]);
		if (t && !e820_append(ret_out, edges[i - 1], edges[i], t->type))
			lost++;
	}
	if (lost)
		log_warn("e820: more than %u entries after sorting, the highest %lu are ignored", E820_MAX,
			lost);
	e820_ram_trim_all(ret_out);
}

uint64_t e820_ram_bytes(const struct e820_map *map)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < map->count; i++)
		if (map->entry[i].type == E820_RAM)
			sum += map->entry[i].bytes;
	return sum;
}

paddr_t e820_ram_end(const struct e820_map *map)
{
	paddr_t end = 0;

	for (uint32_t i = 0; i < map->count; i++)
		if (map->entry[i].type == E820_RAM)
			end = e820_end(&map->entry[i]);
	return end;
}

bool e820_is_type(const struct e820_map *map, paddr_t base, uint64_t bytes, uint32_t type)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entry[i];

		if (base >= e->base && base - e->base < e->bytes)
			return e->type == type && bytes <= e->bytes - (base - e->base);
	}
	return false;
}

void e820_log(const struct e820_map *map)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entry[i];

		log_info("e820: %012lx-%012lx %s", e->base, e820_end(e) - 1, e820_type_find(e->type)->name);
	}
	log_info("e820: %lu MiB of RAM", e820_ram_bytes(map) >> 20);
}
