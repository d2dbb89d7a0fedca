/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/iommu.h>
#include <hv/log.h>

struct iommu_fw *iommu_firmware;

/* A machine has one of them; the first that is there counts. */
static const struct {
	const char *signature;
	int (*parse)(const void *table, size_t bytes, struct iommu_fw **ret_fw);
} iommu_tables[] = {
	{"DMAR", vtd_acpi_parse},
	{"IVRS", amdvi_acpi_parse},
};

static int iommu_read(size_t i)
{
	struct acpi_table table;
	int rc = acpi_table_get(iommu_tables[i].signature, &table);

	if (rc != 0)
		return rc;
	rc = iommu_tables[i].parse(table.data, table.bytes, &iommu_firmware);
	acpi_table_put(&table);
	if (rc != 0)
		log_err("iommu: %s cannot be used (error %d): this machine counts as one without an IOMMU",
			iommu_tables[i].signature, -rc);
	return rc;
}

int iommu_find(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(iommu_tables); i++) {
		int rc = iommu_read(i);

		if (rc == -ENOMEM)
			return rc;
		if (rc != 0)
			continue;
		log_info("iommu: %s names %u units, %u reserved regions, %u problems",
			iommu_tables[i].signature, iommu_firmware->unit_count, iommu_firmware->region_count,
			iommu_firmware->problem_count);
		return 0;
	}
	log_info("iommu: none; devices can reach all memory");
	return 0;
}

void iommu_show(void)
{
	if (iommu_firmware == NULL)
		log_info("  none");
	else
		iommu_fw_log(iommu_firmware);
}
