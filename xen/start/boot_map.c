/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical memory as the start reads it: the boot loader's through the direct
 * map, of which head.S has set up the first 4 GiB; the firmware's tables, which
 * the final page tables know nothing of, through mappings of their own.
 */
#include <hv/acpi.h>
#include <hv/boot_alloc.h>
#include <hv/boot_info.h>
#include <hv/layout.h>
#include <hv/map.h>

const void *boot_mem(paddr_t base, size_t bytes)
{
	if (base >= BOOT_MAPPED_BYTES || bytes > BOOT_MAPPED_BYTES - base)
		return NULL;
	return (const void *)(DIRECTMAP_BASE + base);
}

const void *acpi_map(paddr_t base, size_t bytes)
{
	return map_phys_ro(base, bytes);
}

void acpi_unmap(const void *p, size_t bytes)
{
	(void)bytes;
	unmap_phys_ro(p);
}
