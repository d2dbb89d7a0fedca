/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory mapped configuration space, PCI Firmware 3.3 section 4.1.2.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

#define MCFG_ENTRIES	 44
#define MCFG_ENTRY_BYTES 16u

/* Offsets in an entry. */
#define MCFG_BASE      0
#define MCFG_SEGMENT   8
#define MCFG_FIRST_BUS 10
#define MCFG_LAST_BUS  11

#define ECAM_BUS_SHIFT 20

static bool buses_overlap(const struct acpi_ecam *a, const struct acpi_ecam *b)
{
	return a->segment == b->segment && a->first_bus <= b->last_bus && b->first_bus <= a->last_bus;
}

static const char *ecam_add(struct acpi_mcfg *m, const struct acpi_ecam *e)
{
	if (e->first_bus > e->last_bus)
		return "last bus before the first";
	if (e->base == 0 || !IS_ALIGNED(e->base, (paddr_t)1 << ECAM_BUS_SHIFT))
		return "impossible address";
	if (e->base + ((paddr_t)(e->last_bus + 1) << ECAM_BUS_SHIFT) < e->base)
		return "wraps around";
	for (uint32_t i = 0; i < m->count; i++) {
		if (buses_overlap(e, &m->ecam[i]))
			return "these buses stand there already";
	}
	if (m->count == ARRAY_SIZE(m->ecam))
		return "more entries than supported";
	m->ecam[m->count++] = *e;
	return NULL;
}

static void entry_parse(struct acpi_mcfg *m, const uint8_t *table, uint32_t at)
{
	const uint8_t *p = table + at;
	struct acpi_ecam e = {
		.base = acpi_read64(p + MCFG_BASE),
		.segment = acpi_read16(p + MCFG_SEGMENT),
		.first_bus = p[MCFG_FIRST_BUS],
		.last_bus = p[MCFG_LAST_BUS],
	};
	const char *reason = ecam_add(m, &e);

	if (reason == NULL)
		return;
	log_warn("acpi: MCFG: offset 0x%x: segment %u buses %02x-%02x at 0x%lx: %s: ignored", at, e.segment,
		e.first_bus, e.last_bus, e.base, reason);
	m->entries_ignored++;
}

int acpi_mcfg_parse(const void *table, size_t bytes, struct acpi_mcfg *ret)
{
	uint32_t length, at;

	memset(ret, 0, sizeof(*ret));
	length = acpi_header_check(table, bytes, "MCFG", MCFG_ENTRIES);
	if (length == 0)
		return -EINVAL;
	for (at = MCFG_ENTRIES; length - at >= MCFG_ENTRY_BYTES; at += MCFG_ENTRY_BYTES)
		entry_parse(ret, table, at);
	if (at != length)
		log_warn("acpi: MCFG: offset 0x%x: %u bytes left over", at, length - at);
	if (ret->count == 0) {
		log_err("acpi: MCFG: no usable entry in %u bytes: ignored", length);
		return -EINVAL;
	}
	return 0;
}
