/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "acpi_build.h"
#include "phys.h"

void build_start(struct acpi_build *b, const char *signature, uint8_t revision, uint32_t bytes)
{
	memset(b, 0, sizeof(*b));
	memcpy(b->data, signature, 4);
	b->data[8] = revision;
	b->bytes = bytes;
	build_finish(b);
}

uint8_t *build_entry(struct acpi_build *b, uint8_t type, uint8_t bytes)
{
	uint8_t *p = b->data + b->bytes;

	if (b->bytes + bytes > BUILD_MAX)
		abort();
	p[0] = type;
	p[1] = bytes;
	b->bytes += bytes;
	return p;
}

void build_finish(struct acpi_build *b)
{
	uint8_t sum = 0;

	fake_put32(b->data + 4, b->bytes);
	b->data[9] = 0;
	for (uint32_t i = 0; i < b->bytes; i++)
		sum = (uint8_t)(sum + b->data[i]);
	b->data[9] = (uint8_t)-sum;
}
