/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI tables made by hand, for the tests of their parsers. */
#ifndef ACPI_BUILD_H
#define ACPI_BUILD_H

#include <stdint.h>
#include <stddef.h>

#define BUILD_MAX 8192

struct acpi_build {
	uint8_t data[BUILD_MAX];
	uint32_t bytes;
};

/* A table of bytes bytes, header filled, the rest zero, checksum good. */
void build_start(struct acpi_build *b, const char *signature, uint8_t revision, uint32_t bytes);

/* Room for an entry that starts with type and length; returns its first byte. */
uint8_t *build_entry(struct acpi_build *b, uint8_t type, uint8_t bytes);

/* Makes length and checksum true again. */
void build_finish(struct acpi_build *b);

#endif
