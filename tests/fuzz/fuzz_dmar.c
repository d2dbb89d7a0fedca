/* SPDX-License-Identifier: GPL-2.0-only */
/* The DMAR parser, on a table whose header is right and whose rest is anything. */
#include <string.h>
#include "env.h"
#include <pt/iommu_fw.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iommu_fw *fw;

	fake_reset();
	if (vtd_acpi_parse(data, size, &fw) != 0)
		return 0;
	iommu_fw_log(fw);
	iommu_fw_free(fw);
	return fake_live_allocs() ? __builtin_trap(), 0 : 0;
}
