/* SPDX-License-Identifier: GPL-2.0-only */
/* The unit tests' device registers: recorded, and answered by a model (tests/fake/asm.h). */
#ifndef HV_MMIO_H
#define HV_MMIO_H

#include <pt/compiler.h>

uint32_t mmio_read32(const volatile void *addr);
uint64_t mmio_read64(const volatile void *addr);
void mmio_write32(volatile void *addr, uint32_t v);
void mmio_write64(volatile void *addr, uint64_t v);

#endif
