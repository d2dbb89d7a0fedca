/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parsers of single tables on any bytes, and the way from the root pointer
 * to the tables. The first byte chooses; checksums are made good, because
 * chance does not find them.
 */
#include <stdlib.h>
#include <string.h>
#include <hv/acpi.h>
#include "phys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct acpi_tables t;

static int fuzz_madt(const void *table, size_t bytes)
{
	return acpi_madt_parse(table, bytes, &t.madt);
}

static int fuzz_mcfg(const void *table, size_t bytes)
{
	return acpi_mcfg_parse(table, bytes, &t.mcfg);
}

static int fuzz_hpet(const void *table, size_t bytes)
{
	return acpi_hpet_parse(table, bytes, &t.hpet);
}

static int fuzz_fadt(const void *table, size_t bytes)
{
	return acpi_fadt_parse(table, bytes, &t.fadt);
}

static int fuzz_srat(const void *table, size_t bytes)
{
	return acpi_srat_parse(table, bytes, &t.srat);
}

static int fuzz_slit(const void *table, size_t bytes)
{
	return acpi_slit_parse(table, bytes, &t.slit);
}

static const struct {
	const char *signature;
	int (*parse)(const void *table, size_t bytes);
} parsers[] = {
	{"APIC", fuzz_madt},
	{"MCFG", fuzz_mcfg},
	{"HPET", fuzz_hpet},
	{"FACP", fuzz_fadt},
	{"SRAT", fuzz_srat},
	{"SLIT", fuzz_slit},
};

static void checksum(uint8_t *p, size_t bytes, size_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + p[i]);
	p[at] = (uint8_t)-sum;
}

static void fuzz_table(size_t which, const uint8_t *data, size_t size)
{
	uint8_t *p = malloc(size);

	memcpy(p, data, size);
	if (size >= ACPI_HEADER_BYTES) {
		memcpy(p, parsers[which].signature, 4);
		if (!(data[0] & 1))
			fake_put32(p + 4, (uint32_t)size);
		checksum(p, size, 9);
	}
	if (parsers[which].parse(p, size) == 0 && size < ACPI_HEADER_BYTES)
		abort();
	free(p);
}

/* All memory is the input, at 0x1000, with the root pointer in front and every table's checksum as it comes. */
static void fuzz_find(const uint8_t *data, size_t size)
{
	uint8_t rsdp[36];
	uint8_t *memory;

	if (size < 36 + 48)
		return;
	memcpy(rsdp, data, 36);
	memcpy(rsdp, "RSD PTR ", 8);
	fake_put32(rsdp + 20, 36);
	fake_put64(rsdp + 24, 0x1000);
	checksum(rsdp, 20, 8);
	checksum(rsdp, 36, 32);
	memory = fake_phys_copy(0x1000, data + 36, size - 36);
	memcpy(memory, "XSDT", 4);
	fake_put32(memory + 4, 48);
	checksum(memory, 48, 9);
	if (acpi_init(rsdp) == 0 && acpi_table_at(ACPI_TABLES_MAX) != NULL)
		abort();
	fake_phys_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t which;

	if (size < 2)
		return 0;
	which = data[0] % (sizeof(parsers) / sizeof(parsers[0]) + 1);
	if (which < sizeof(parsers) / sizeof(parsers[0]))
		fuzz_table(which, data + 1, size - 1);
	else
		fuzz_find(data + 1, size - 1);
	return 0;
}
