/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

uint16_t acpi_read16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint32_t acpi_read32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t acpi_read64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint8_t acpi_sum(const uint8_t *p, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum;
}

uint32_t acpi_header_check(const uint8_t *table, size_t bytes, const char *signature, uint32_t min)
{
	uint32_t length;

	if (bytes < ACPI_HEADER_BYTES) {
		log_err("acpi: %s: %lu bytes are no table: ignored", signature, bytes);
		return 0;
	}
	if (memcmp(table + ACPI_SIGNATURE, signature, 4) != 0) {
		log_err("acpi: %s: offset 0x0: another signature: ignored", signature);
		return 0;
	}
	length = acpi_read32(table + ACPI_LENGTH);
	if (length < min || length > bytes) {
		log_err("acpi: %s: offset 0x4: length %u, must be %u to %lu: ignored", signature, length, min,
			bytes);
		return 0;
	}
	if (acpi_sum(table, length) != 0) {
		log_err("acpi: %s: offset 0x9: checksum 0x%x over %u bytes, must be 0: ignored", signature,
			acpi_sum(table, length), length);
		return 0;
	}
	return length;
}

struct acpi_gas acpi_gas_read(const uint8_t *p)
{
	return (struct acpi_gas){
		.space = p[0],
		.bits = p[1],
		.bit_offset = p[2],
		.access = p[3],
		.address = acpi_read64(p + 4),
	};
}

/* A table of a thousand bad entries is not worth a thousand lines. */
#define ENTRY_LINES_MAX 8u

static const struct acpi_entry_kind *kind_find(const struct acpi_entries *e, uint8_t type)
{
	for (size_t i = 0; i < e->kind_count; i++) {
		if (e->kinds[i].type == type)
			return &e->kinds[i];
	}
	return NULL;
}

static void entry_parse(
	const struct acpi_entries *e, uint32_t at, void *ret, struct acpi_entries_result *result)
{
	const uint8_t *entry = e->data + at;
	const struct acpi_entry_kind *kind = kind_find(e, entry[0]);
	const char *reason;

	if (kind == NULL) {
		result->other++;
		return;
	}
	reason = entry[1] < kind->min ? "too short" : kind->parse(ret, entry);
	if (reason == NULL)
		return;
	if (++result->ignored <= ENTRY_LINES_MAX)
		log_warn("acpi: %s: offset 0x%x: %s: %s: ignored", e->table, at, kind->name, reason);
}

struct acpi_entries_result acpi_entries_walk(const struct acpi_entries *e, void *ret)
{
	struct acpi_entries_result result = {0, 0};
	uint32_t at = e->first;

	while (at < e->bytes) {
		uint32_t left = e->bytes - at;
		uint32_t length = left >= 2 ? e->data[at + 1] : 0;

		if (length < 2 || length > left) {
			log_warn("acpi: %s: offset 0x%x: entry of %u bytes, %u left: rest ignored", e->table,
				at, length, left);
			result.ignored++;
			break;
		}
		entry_parse(e, at, ret, &result);
		at += length;
	}
	if (result.ignored > ENTRY_LINES_MAX)
		log_warn("acpi: %s: %u more entries ignored", e->table, result.ignored - ENTRY_LINES_MAX);
	return result;
}
