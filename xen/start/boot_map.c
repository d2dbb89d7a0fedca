/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical memory as the start reads it: through the direct map, of which
 * head.S has set up the first 4 GiB. Nothing here is for use after the final
 * page tables are in force.
 */
#include <hv/acpi.h>
#include <hv/boot_alloc.h>
#include <hv/boot_info.h>
#include <hv/layout.h>

const void *boot_mem(paddr_t base, size_t bytes)
{
	if (base >= BOOT_MAPPED_BYTES || bytes > BOOT_MAPPED_BYTES - base)
		return NULL;
	return (const void *)(DIRECTMAP_BASE + base);
}

const void *acpi_map(paddr_t base, size_t bytes)
{
	return boot_mem(base, bytes);
}

void acpi_unmap(const void *p, size_t bytes)
{
	(void)p;
	(void)bytes;
}
