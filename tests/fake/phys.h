/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical memory for tests of what reads the loader's and the firmware's:
 * implements boot_mem (hv/boot_info.h), acpi_map and acpi_unmap (hv/acpi.h).
 *
 * What is handed out is a copy of exactly the bytes asked for, in a block of
 * its own, so that the address sanitizer sees the first byte read beyond.
 */
#ifndef FAKE_PHYS_H
#define FAKE_PHYS_H

#include <pt/types.h>

/* Forgets all memory and frees every copy. */
void fake_phys_reset(void);

/* Memory from base on, zeroed, for the test to fill; regions must not overlap. */
uint8_t *fake_phys_add(paddr_t base, size_t bytes);
uint8_t *fake_phys_copy(paddr_t base, const void *src, size_t bytes);

void fake_put16(uint8_t *p, uint16_t v);
void fake_put32(uint8_t *p, uint32_t v);
void fake_put64(uint8_t *p, uint64_t v);

/* acpi_map calls without their acpi_unmap. */
extern unsigned int fake_acpi_mapped;

#endif
