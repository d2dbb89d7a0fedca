/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System Resource Affinity Table, ACPI 6.5 section 5.2.16: which processor and
 * which memory belongs to which proximity domain.
 */
#include <errno.h>
#include <string.h>
#include "acpi_priv.h"

#define SRAT_ENTRIES 48

#define AFFINITY_ENABLED   (1u << 0)
#define MEMORY_HOTPLUG	   (1u << 1)
#define MEMORY_NONVOLATILE (1u << 2)

/* The walk's target: the domain's width depends on the table's revision. */
struct srat_walk {
	struct acpi_srat *s;
	uint32_t domain_mask;
};

static const char *cpu_add(struct srat_walk *w, uint32_t apic_id, uint32_t domain, uint32_t flags)
{
	struct acpi_srat *s = w->s;

	if (!(flags & AFFINITY_ENABLED)) {
		s->disabled++;
		return NULL;
	}
	for (uint32_t i = 0; i < s->cpu_count; i++) {
		if (s->cpu[i].apic_id == apic_id)
			return "this APIC id stands there already";
	}
	if (s->cpu_count == ARRAY_SIZE(s->cpu))
		return "more processors than supported";
	s->cpu[s->cpu_count++] =
		(struct acpi_cpu_affinity){.apic_id = apic_id, .domain = domain & w->domain_mask};
	return NULL;
}

/* Section 5.2.16.1: the domain's low byte and its three high bytes stand apart. */
static const char *parse_lapic(void *ret, const uint8_t *e)
{
	uint32_t domain = e[2] | ((uint32_t)acpi_read16(e + 9) << 8) | ((uint32_t)e[11] << 24);

	return cpu_add(ret, e[3], domain, acpi_read32(e + 4));
}

/* Section 5.2.16.3 */
static const char *parse_x2apic(void *ret, const uint8_t *e)
{
	return cpu_add(ret, acpi_read32(e + 8), acpi_read32(e + 4), acpi_read32(e + 12));
}

/*
 * Memory that is there now is in one domain only. A place for memory to come
 * may cover ranges of others: QEMU describes its NVDIMMs so.
 */
static bool contradicts(const struct acpi_memory_affinity *a, const struct acpi_memory_affinity *b)
{
	if (a->domain == b->domain || a->hotplug || b->hotplug)
		return false;
	return a->base < b->base + b->bytes && b->base < a->base + a->bytes;
}

/* Section 5.2.16.2 */
static const char *parse_memory(void *ret, const uint8_t *e)
{
	struct srat_walk *w = ret;
	struct acpi_srat *s = w->s;
	uint32_t flags = acpi_read32(e + 28);
	struct acpi_memory_affinity m = {
		.base = acpi_read64(e + 8),
		.bytes = acpi_read64(e + 16),
		.domain = acpi_read32(e + 2) & w->domain_mask,
		.hotplug = (flags & MEMORY_HOTPLUG) != 0,
		.nonvolatile = (flags & MEMORY_NONVOLATILE) != 0,
	};

	if (!(flags & AFFINITY_ENABLED)) {
		s->disabled++;
		return NULL;
	}
	if (m.bytes == 0)
		return "empty range";
	if (m.base + m.bytes < m.base)
		return "range wraps around";
	for (uint32_t i = 0; i < s->memory_count; i++) {
		if (contradicts(&m, &s->memory[i]))
			return "range is in another domain already";
	}
	if (s->memory_count == ARRAY_SIZE(s->memory))
		return "more ranges than supported";
	s->memory[s->memory_count++] = m;
	return NULL;
}

static const struct acpi_entry_kind srat_kinds[] = {
	{0, 16, "processor", parse_lapic},
	{1, 40, "memory", parse_memory},
	{2, 24, "x2APIC processor", parse_x2apic},
};

int acpi_srat_parse(const void *table, size_t bytes, struct acpi_srat *ret)
{
	const uint8_t *t = table;
	struct srat_walk walk = {.s = ret};
	struct acpi_entries_result result;
	struct acpi_entries entries = {"SRAT", t, 0, SRAT_ENTRIES, srat_kinds, ARRAY_SIZE(srat_kinds)};

	memset(ret, 0, sizeof(*ret));
	entries.bytes = acpi_header_check(t, bytes, "SRAT", SRAT_ENTRIES);
	if (entries.bytes == 0)
		return -EINVAL;
	/* Before revision 2 a domain has 8 bits, and what stands above is reserved. */
	walk.domain_mask = t[ACPI_REVISION] < 2 ? 0xff : 0xffffffff;
	result = acpi_entries_walk(&entries, &walk);
	ret->entries_other = result.other;
	ret->entries_ignored = result.ignored;
	return 0;
}
