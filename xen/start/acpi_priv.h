/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parsers of single tables share: bounded reads, the header's check,
 * and the walk over entries that start with type and length (MADT, SRAT).
 */
#ifndef ACPI_PRIV_H
#define ACPI_PRIV_H

#include <hv/acpi.h>

/* Offsets in every table's header, ACPI 6.5 section 5.2.6. */
#define ACPI_SIGNATURE 0
#define ACPI_LENGTH    4
#define ACPI_REVISION  8

/* Little-endian reads at any alignment; the caller has checked the bounds. */
uint16_t acpi_read16(const uint8_t *p);
uint32_t acpi_read32(const uint8_t *p);
uint64_t acpi_read64(const uint8_t *p);

/* The sum of all bytes, which must be 0. */
uint8_t acpi_sum(const uint8_t *p, size_t bytes);

/*
 * Signature, length (at least min, at most bytes) and checksum. Returns the
 * table's own length, or 0 after a log line.
 */
uint32_t acpi_header_check(const uint8_t *table, size_t bytes, const char *signature, uint32_t min);

/*
 * Fills the list behind acpi_table_get and acpi_table_at: 0, or -ENOENT after a
 * log line.
 */
int acpi_find(const uint8_t rsdp_copy[36]);

/* The generic address structure, 12 bytes. */
struct acpi_gas acpi_gas_read(const uint8_t *p);

struct acpi_entries_result {
	uint32_t other, ignored;
};

/*
 * One type of entry. parse gets at least min bytes, and returns NULL or why
 * the entry is ignored.
 */
struct acpi_entry_kind {
	uint8_t type;
	uint8_t min;
	const char *name;
	const char *(*parse)(void *ret, const uint8_t *entry);
};

struct acpi_entries {
	const char *table; /* its name in log lines */
	const uint8_t *data;
	uint32_t bytes; /* of the whole table */
	uint32_t first; /* the first entry's offset */
	const struct acpi_entry_kind *kinds;
	size_t kind_count;
};

/* Ends at the first entry whose length cannot be, with a log line; what stands before it counts. */
struct acpi_entries_result acpi_entries_walk(const struct acpi_entries *e, void *ret);

#endif
