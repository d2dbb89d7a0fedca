/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the root pointer to the list of tables, ACPI 6.5 sections 5.2.5 to 5.2.8.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

#define RSDP_SIGNATURE "RSD PTR "
#define RSDP_REVISION  15
#define RSDP_RSDT      16
#define RSDP_LENGTH    20
#define RSDP_XSDT      24
#define RSDP_BYTES_V1  20u
#define RSDP_BYTES     36u

/* Section 5.2.5.1: on a 16 byte boundary in the first KiB of the EBDA, or in the BIOS area. */
#define EBDA_POINTER	0x40e
#define EBDA_SCAN_BYTES 0x400
#define EBDA_MIN	0x400
#define EBDA_MAX	0xa0000
#define BIOS_AREA	0xe0000
#define BIOS_AREA_BYTES 0x20000
#define RSDP_STEP	16

/* No machine has more; the rest would not be kept anyway. */
#define ROOT_ENTRIES_MAX 512u

/* The two root tables differ in the width of their entries. */
struct root {
	const char *signature;
	uint32_t entry_bytes;
	paddr_t base;
};

static struct acpi_table tables[ACPI_TABLES_MAX];
static uint32_t table_count;

/* Tables of which there is one, or none. */
static const char *const single[] = {"APIC", "DMAR", "FACP", "HPET", "IVRS", "MCFG", "SLIT", "SRAT"};

/* p holds RSDP_BYTES, of an old one fewer and zeroes. */
static bool rsdp_valid(const uint8_t *p)
{
	if (memcmp(p, RSDP_SIGNATURE, 8) != 0 || acpi_sum(p, RSDP_BYTES_V1) != 0)
		return false;
	if (p[RSDP_REVISION] < 2)
		return true;
	return acpi_read32(p + RSDP_LENGTH) == RSDP_BYTES && acpi_sum(p, RSDP_BYTES) == 0;
}

static bool rsdp_scan(paddr_t base, uint32_t bytes, uint8_t ret[RSDP_BYTES])
{
	const uint8_t *area = acpi_map(base, bytes);
	bool found = false;

	if (area == NULL)
		return false;
	for (uint32_t at = 0; !found && at + RSDP_BYTES_V1 <= bytes; at += RSDP_STEP) {
		uint8_t copy[RSDP_BYTES] = {0};

		if (memcmp(area + at, RSDP_SIGNATURE, 8) != 0)
			continue;
		memcpy(copy, area + at, MIN(RSDP_BYTES, bytes - at));
		found = rsdp_valid(copy);
		if (found)
			memcpy(ret, copy, RSDP_BYTES);
		else
			log_warn("acpi: RSDP at 0x%lx: bad checksum or length: ignored", base + at);
	}
	acpi_unmap(area, bytes);
	return found;
}

static bool rsdp_scan_ebda(uint8_t ret[RSDP_BYTES])
{
	const uint8_t *p = acpi_map(EBDA_POINTER, 2);
	paddr_t ebda;

	if (p == NULL)
		return false;
	ebda = (paddr_t)acpi_read16(p) << 4;
	acpi_unmap(p, 2);
	return ebda >= EBDA_MIN && ebda <= EBDA_MAX - EBDA_SCAN_BYTES &&
	       rsdp_scan(ebda, EBDA_SCAN_BYTES, ret);
}

static bool rsdp_find(const uint8_t copy[RSDP_BYTES], uint8_t ret[RSDP_BYTES])
{
	if (rsdp_valid(copy)) {
		memcpy(ret, copy, RSDP_BYTES);
		return true;
	}
	if (copy[0] != 0)
		log_warn("acpi: the loader's RSDP has a bad signature, checksum or length: ignored");
	return rsdp_scan_ebda(ret) || rsdp_scan(BIOS_AREA, BIOS_AREA_BYTES, ret);
}

static bool is_single(const char *signature)
{
	for (size_t i = 0; i < ARRAY_SIZE(single); i++) {
		if (strcmp(signature, single[i]) == 0)
			return true;
	}
	return false;
}

/* A signature as text: what is not printable becomes '?'. */
static void signature_copy(char dst[5], const uint8_t *table)
{
	for (int i = 0; i < 4; i++)
		dst[i] = (table[i] > ' ' && table[i] < 0x7f) ? (char)table[i] : '?';
	dst[4] = '\0';
}

/*
 * Maps a whole table and verifies its header. Returns NULL after a log line.
 * signature NULL: any.
 */
static const uint8_t *table_map(paddr_t base, const char *signature, struct acpi_table *ret)
{
	const uint8_t *p = acpi_map(base, ACPI_HEADER_BYTES);
	uint32_t length;

	if (p == NULL) {
		log_err("acpi: %s at 0x%lx: cannot be read: ignored", signature != NULL ? signature : "table",
			base);
		return NULL;
	}
	length = acpi_read32(p + ACPI_LENGTH);
	signature_copy(ret->signature, p);
	acpi_unmap(p, ACPI_HEADER_BYTES);
	ret->base = base;
	ret->bytes = length;
	ret->data = NULL;
	if (length < ACPI_HEADER_BYTES || length > ACPI_TABLE_MAX) {
		log_err("acpi: %s at 0x%lx: offset 0x4: length %u is impossible: ignored", ret->signature,
			base, length);
		return NULL;
	}
	p = acpi_map(base, length);
	if (p == NULL) {
		log_err("acpi: %s at 0x%lx: its %u bytes cannot be read: ignored", ret->signature, base,
			length);
		return NULL;
	}
	if (acpi_header_check(p, length, signature != NULL ? signature : ret->signature, ACPI_HEADER_BYTES) !=
		length) {
		acpi_unmap(p, length);
		return NULL;
	}
	return p;
}

static const struct acpi_table *table_find(const char *signature)
{
	for (uint32_t i = 0; i < table_count; i++) {
		if (strcmp(tables[i].signature, signature) == 0)
			return &tables[i];
	}
	return NULL;
}

static void table_add(paddr_t base)
{
	const struct acpi_table *first;
	const uint8_t *p;
	struct acpi_table t;

	for (uint32_t i = 0; i < table_count; i++) {
		if (tables[i].base == base) {
			log_warn("acpi: %s at 0x%lx is listed twice", tables[i].signature, base);
			return;
		}
	}
	p = table_map(base, NULL, &t);
	if (p == NULL)
		return;
	acpi_unmap(p, t.bytes);
	first = is_single(t.signature) ? table_find(t.signature) : NULL;
	if (first != NULL)
		log_warn("acpi: %s at 0x%lx: ignored, the first one is at 0x%lx", t.signature, base,
			first->base);
	else if (table_count == ACPI_TABLES_MAX)
		log_warn("acpi: %s at 0x%lx: more than %u tables: ignored", t.signature, base,
			ACPI_TABLES_MAX);
	else
		tables[table_count++] = t;
}

static void root_entries(const struct root *root, const uint8_t *table, uint32_t bytes)
{
	uint32_t count = (bytes - ACPI_HEADER_BYTES) / root->entry_bytes;
	uint32_t empty = 0;

	if (count > ROOT_ENTRIES_MAX) {
		log_warn("acpi: %s: %u entries: only the first %u are looked at", root->signature, count,
			ROOT_ENTRIES_MAX);
		count = ROOT_ENTRIES_MAX;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = ACPI_HEADER_BYTES + i * root->entry_bytes;
		paddr_t base = root->entry_bytes == 8 ? acpi_read64(table + at) : acpi_read32(table + at);

		if (base == 0)
			empty++;
		else
			table_add(base);
	}
	if (empty != 0)
		log_warn("acpi: %s: %u empty entries", root->signature, empty);
}

static int root_read(const struct root *root)
{
	const uint8_t *p;
	struct acpi_table t;

	if (root->base == 0)
		return -ENOENT;
	p = table_map(root->base, root->signature, &t);
	if (p == NULL)
		return -EINVAL;
	root_entries(root, p, t.bytes);
	acpi_unmap(p, t.bytes);
	log_info("acpi: %u tables in the %s at 0x%lx", table_count, root->signature, root->base);
	return 0;
}

int acpi_find(const uint8_t rsdp_copy[RSDP_BYTES])
{
	uint8_t rsdp[RSDP_BYTES];
	struct root xsdt = {"XSDT", 8, 0};
	struct root rsdt = {"RSDT", 4, 0};

	table_count = 0;
	if (!rsdp_find(rsdp_copy, rsdp)) {
		log_warn("acpi: no RSDP, from the loader or in the BIOS area");
		return -ENOENT;
	}
	if (rsdp[RSDP_REVISION] >= 2)
		xsdt.base = acpi_read64(rsdp + RSDP_XSDT);
	rsdt.base = acpi_read32(rsdp + RSDP_RSDT);
	if (root_read(&xsdt) == 0 || root_read(&rsdt) == 0)
		return 0;
	log_err("acpi: neither the XSDT at 0x%lx nor the RSDT at 0x%lx is usable", xsdt.base, rsdt.base);
	return -ENOENT;
}

int acpi_table_get(const char *signature, struct acpi_table *ret)
{
	const struct acpi_table *known = table_find(signature);
	struct acpi_table t;
	const void *p;

	if (known == NULL)
		return -ENOENT;
	p = table_map(known->base, signature, &t);
	if (p == NULL)
		return -EINVAL;
	*ret = t;
	ret->data = p;
	return 0;
}

void acpi_table_put(struct acpi_table *table)
{
	acpi_unmap(table->data, table->bytes);
	table->data = NULL;
}

const struct acpi_table *acpi_table_at(uint32_t i)
{
	return i < table_count ? &tables[i] : NULL;
}
