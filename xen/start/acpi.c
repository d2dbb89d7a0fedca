/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's ACPI tables as the rest of the hypervisor sees them.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

struct acpi_tables acpi;
bool acpi_wanted = true;

static int load_madt(const void *table, size_t bytes)
{
	return acpi_madt_parse(table, bytes, &acpi.madt);
}

static int load_mcfg(const void *table, size_t bytes)
{
	return acpi_mcfg_parse(table, bytes, &acpi.mcfg);
}

static int load_hpet(const void *table, size_t bytes)
{
	return acpi_hpet_parse(table, bytes, &acpi.hpet);
}

static int load_fadt(const void *table, size_t bytes)
{
	return acpi_fadt_parse(table, bytes, &acpi.fadt);
}

static int load_srat(const void *table, size_t bytes)
{
	return acpi_srat_parse(table, bytes, &acpi.srat);
}

static int load_slit(const void *table, size_t bytes)
{
	return acpi_slit_parse(table, bytes, &acpi.slit);
}

static const struct acpi_loader {
	const char *signature;
	int (*load)(const void *table, size_t bytes);
	bool *has;
} loaders[] = {
	{"APIC", load_madt, &acpi.has_madt},
	{"FACP", load_fadt, &acpi.has_fadt},
	{"HPET", load_hpet, &acpi.has_hpet},
	{"MCFG", load_mcfg, &acpi.has_mcfg},
	{"SLIT", load_slit, &acpi.has_slit},
	{"SRAT", load_srat, &acpi.has_srat},
};

static void table_load(const struct acpi_loader *l)
{
	struct acpi_table t;

	if (acpi_table_get(l->signature, &t) != 0)
		return;
	*l->has = l->load(t.data, t.bytes) == 0;
	acpi_table_put(&t);
}

int acpi_init(const uint8_t rsdp_copy[36])
{
	int rc;

	memset(&acpi, 0, sizeof(acpi));
	if (!acpi_wanted) {
		log_info("acpi: not used: acpi=off");
		return -ENOENT;
	}
	rc = acpi_find(rsdp_copy);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++)
		table_load(&loaders[i]);
	log_info("acpi: %u processors, %u IOAPICs, %u PCI segments' windows, %u memory ranges with a node",
		acpi.madt.cpu_count, acpi.madt.ioapic_count, acpi.mcfg.count, acpi.srat.memory_count);
	return 0;
}
