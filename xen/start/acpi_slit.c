/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System Locality Information Table, ACPI 6.5 section 5.2.17: the distances
 * between proximity domains, as a square matrix of bytes.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

#define SLIT_LOCALITIES 36
#define SLIT_MATRIX	44

#define DISTANCE_LOCAL 10

static int matrix_read(const uint8_t *table, uint32_t n, struct acpi_slit *ret)
{
	for (uint32_t i = 0; i < n * n; i++) {
		uint8_t d = table[SLIT_MATRIX + i];
		bool local = i / n == i % n;

		if (local ? d != DISTANCE_LOCAL : d <= DISTANCE_LOCAL) {
			log_err("acpi: SLIT: offset 0x%x: distance %u from %u to %u is impossible: ignored",
				SLIT_MATRIX + i, d, i / n, i % n);
			return -EINVAL;
		}
		ret->distance[i / n][i % n] = d;
	}
	ret->count = n;
	return 0;
}

int acpi_slit_parse(const void *table, size_t bytes, struct acpi_slit *ret)
{
	const uint8_t *t = table;
	uint32_t length;
	uint64_t n;
	int rc;

	memset(ret, 0, sizeof(*ret));
	length = acpi_header_check(t, bytes, "SLIT", SLIT_MATRIX);
	if (length == 0)
		return -EINVAL;
	n = acpi_read64(t + SLIT_LOCALITIES);
	if (n == 0 || n > NR_NODES || n * n > length - SLIT_MATRIX) {
		log_err("acpi: SLIT: offset 0x%x: %lu localities in %u bytes, at most %u are supported: ignored",
			SLIT_LOCALITIES, n, length, NR_NODES);
		return -EINVAL;
	}
	rc = matrix_read(t, (uint32_t)n, ret);
	if (rc != 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
