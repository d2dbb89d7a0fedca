/* SPDX-License-Identifier: GPL-2.0-only */
/* The unit tests' device registers: recorded, and answered by a model (tests/fake/asm.h). */
#ifndef HV_MMIO_H
#define HV_MMIO_H

#include <pt/compiler.h>

uint8_t mmio_read8(const volatile void *addr);
uint16_t mmio_read16(const volatile void *addr);
uint32_t mmio_read32(const volatile void *addr);
uint64_t mmio_read64(const volatile void *addr);
void mmio_write8(volatile void *addr, uint8_t v);
void mmio_write16(volatile void *addr, uint16_t v);
void mmio_write32(volatile void *addr, uint32_t v);
void mmio_write64(volatile void *addr, uint64_t v);

#endif
