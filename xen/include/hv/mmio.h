/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device registers in memory: one access, of exactly this size, in program
 * order among themselves (the mapping is uncached). The unit tests put their
 * own hv/mmio.h in front of this one.
 *
 * Context: any. addr: aligned, from a mapping of the device's registers.
 */
#ifndef HV_MMIO_H
#define HV_MMIO_H

#include <pt/compiler.h>

static inline uint8_t mmio_read8(const volatile void *addr)
{
	return *(const volatile uint8_t *)addr;
}

static inline uint16_t mmio_read16(const volatile void *addr)
{
	return *(const volatile uint16_t *)addr;
}

static inline uint32_t mmio_read32(const volatile void *addr)
{
	return *(const volatile uint32_t *)addr;
}

static inline uint64_t mmio_read64(const volatile void *addr)
{
	return *(const volatile uint64_t *)addr;
}

static inline void mmio_write8(volatile void *addr, uint8_t v)
{
	*(volatile uint8_t *)addr = v;
}

static inline void mmio_write16(volatile void *addr, uint16_t v)
{
	*(volatile uint16_t *)addr = v;
}

static inline void mmio_write32(volatile void *addr, uint32_t v)
{
	*(volatile uint32_t *)addr = v;
}

static inline void mmio_write64(volatile void *addr, uint64_t v)
{
	*(volatile uint64_t *)addr = v;
}

#endif
