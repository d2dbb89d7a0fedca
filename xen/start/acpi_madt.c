/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiple APIC Description Table, ACPI 6.5 section 5.2.12.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

#define MADT_LAPIC_BASE	      36
#define MADT_FLAGS	      40
#define MADT_FLAG_PCAT_COMPAT (1u << 0)
#define MADT_ENTRIES	      44

#define CPU_FLAG_ENABLED (1u << 0)

/* The 8-bit APIC id and processor UID that stand for all of them. */
#define APIC_ID8_BROADCAST 0xff
#define UID8_ALL	   0xff

static const char *cpu_add(struct acpi_madt *m, uint32_t apic_id, uint32_t uid, uint32_t flags)
{
	if (!(flags & CPU_FLAG_ENABLED)) {
		m->cpus_disabled++;
		return NULL;
	}
	for (uint32_t i = 0; i < m->cpu_count; i++) {
		if (m->cpu[i].apic_id == apic_id)
			return "this APIC id stands there already";
	}
	if (m->cpu_count == ARRAY_SIZE(m->cpu))
		return "more processors than supported";
	m->cpu[m->cpu_count++] = (struct acpi_cpu){.apic_id = apic_id, .uid = uid};
	return NULL;
}

/* Section 5.2.12.2 */
static const char *parse_lapic(void *ret, const uint8_t *e)
{
	uint32_t flags = acpi_read32(e + 4);

	if ((flags & CPU_FLAG_ENABLED) && e[3] == APIC_ID8_BROADCAST)
		return "APIC id 255 is the broadcast";
	return cpu_add(ret, e[3], e[2], flags);
}

/* Section 5.2.12.12 */
static const char *parse_x2apic(void *ret, const uint8_t *e)
{
	uint32_t apic_id = acpi_read32(e + 4);
	uint32_t flags = acpi_read32(e + 8);

	if ((flags & CPU_FLAG_ENABLED) && apic_id == 0xffffffff)
		return "APIC id 0xffffffff is the broadcast";
	return cpu_add(ret, apic_id, acpi_read32(e + 12), flags);
}

/* Section 5.2.12.3 */
static const char *parse_ioapic(void *ret, const uint8_t *e)
{
	struct acpi_madt *m = ret;
	struct acpi_ioapic io = {.id = e[2], .base = acpi_read32(e + 4), .gsi_base = acpi_read32(e + 8)};

	if (io.base == 0 || !IS_ALIGNED(io.base, 16))
		return "impossible address";
	for (uint32_t i = 0; i < m->ioapic_count; i++) {
		if (m->ioapic[i].base == io.base)
			return "this address stands there already";
		if (m->ioapic[i].gsi_base == io.gsi_base)
			return "this first interrupt stands there already";
	}
	if (m->ioapic_count == ARRAY_SIZE(m->ioapic))
		return "more IOAPICs than supported";
	m->ioapic[m->ioapic_count++] = io;
	return NULL;
}

/* Table 5.30. Returns false for the reserved values. */
static bool line_decode(uint16_t flags, uint8_t *ret_polarity, uint8_t *ret_trigger)
{
	uint8_t polarity = flags & 3;
	uint8_t trigger = (flags >> 2) & 3;

	if (polarity == 2 || trigger == 2)
		return false;
	*ret_polarity = polarity;
	*ret_trigger = trigger;
	return true;
}

/* Section 5.2.12.5 */
static const char *parse_override(void *ret, const uint8_t *e)
{
	struct acpi_madt *m = ret;
	struct acpi_override o = {.irq = e[3], .gsi = acpi_read32(e + 4)};

	if (e[2] != 0)
		return "not of the ISA bus";
	if (o.irq >= ACPI_ISA_IRQS)
		return "not an ISA interrupt";
	if (!line_decode(acpi_read16(e + 8), &o.polarity, &o.trigger))
		return "reserved polarity or trigger mode";
	for (uint32_t i = 0; i < m->override_count; i++) {
		if (m->override[i].irq == o.irq)
			return "this interrupt stands there already";
	}
	m->override[m->override_count++] = o; /* one for each ISA interrupt: it fits */
	return NULL;
}

/* Section 5.2.12.6 */
static const char *parse_nmi(void *ret, const uint8_t *e)
{
	struct acpi_madt *m = ret;
	struct acpi_nmi_source n = {.gsi = acpi_read32(e + 4)};

	if (!line_decode(acpi_read16(e + 2), &n.polarity, &n.trigger))
		return "reserved polarity or trigger mode";
	if (m->nmi_count == ARRAY_SIZE(m->nmi))
		return "more NMI sources than supported";
	m->nmi[m->nmi_count++] = n;
	return NULL;
}

static const char *lapic_nmi_add(struct acpi_madt *m, uint32_t uid, uint16_t flags, uint8_t lint)
{
	struct acpi_lapic_nmi n = {.uid = uid, .lint = lint};

	if (lint > 1)
		return "not LINT0 or LINT1";
	if (!line_decode(flags, &n.polarity, &n.trigger))
		return "reserved polarity or trigger mode";
	if (m->lapic_nmi_count == ARRAY_SIZE(m->lapic_nmi))
		return "more processors than supported";
	m->lapic_nmi[m->lapic_nmi_count++] = n;
	return NULL;
}

/* Section 5.2.12.7 */
static const char *parse_lapic_nmi(void *ret, const uint8_t *e)
{
	return lapic_nmi_add(ret, e[2] == UID8_ALL ? ACPI_ALL_CPUS : e[2], acpi_read16(e + 3), e[5]);
}

/* Section 5.2.12.13 */
static const char *parse_x2apic_nmi(void *ret, const uint8_t *e)
{
	return lapic_nmi_add(ret, acpi_read32(e + 4), acpi_read16(e + 2), e[8]);
}

/* Section 5.2.12.8: it replaces the header's address. */
static const char *parse_lapic_base(void *ret, const uint8_t *e)
{
	struct acpi_madt *m = ret;
	paddr_t base = acpi_read64(e + 4);

	if (base == 0 || !IS_ALIGNED(base, PAGE_SIZE))
		return "impossible address";
	m->lapic_base = base;
	return NULL;
}

static const struct acpi_entry_kind madt_kinds[] = {
	{0, 8, "processor", parse_lapic},
	{1, 12, "IOAPIC", parse_ioapic},
	{2, 10, "interrupt override", parse_override},
	{3, 8, "NMI source", parse_nmi},
	{4, 6, "processor NMI", parse_lapic_nmi},
	{5, 12, "APIC address", parse_lapic_base},
	{9, 16, "x2APIC processor", parse_x2apic},
	{10, 12, "x2APIC processor NMI", parse_x2apic_nmi},
};

int acpi_madt_parse(const void *table, size_t bytes, struct acpi_madt *ret)
{
	const uint8_t *t = table;
	struct acpi_entries_result result;
	struct acpi_entries entries = {"MADT", t, 0, MADT_ENTRIES, madt_kinds, ARRAY_SIZE(madt_kinds)};

	memset(ret, 0, sizeof(*ret));
	entries.bytes = acpi_header_check(t, bytes, "APIC", MADT_ENTRIES);
	if (entries.bytes == 0)
		return -EINVAL;
	ret->lapic_base = acpi_read32(t + MADT_LAPIC_BASE);
	ret->has_8259 = (acpi_read32(t + MADT_FLAGS) & MADT_FLAG_PCAT_COMPAT) != 0;
	result = acpi_entries_walk(&entries, ret);
	ret->entries_other = result.other;
	ret->entries_ignored = result.ignored;
	if (ret->cpu_count == 0) {
		log_err("acpi: MADT: no enabled processor in %u bytes: ignored", entries.bytes);
		memset(ret, 0, sizeof(*ret));
		return -EINVAL;
	}
	return 0;
}
