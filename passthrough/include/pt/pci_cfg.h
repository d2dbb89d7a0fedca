/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration space by register width, over pt/env.h. reg is aligned to the
 * width and below 4096; what is not there reads as all-ones.
 * Context: as env_cfg_read and env_cfg_write.
 */
#ifndef PT_PCI_CFG_H
#define PT_PCI_CFG_H

#include <pt/env.h>

static inline uint8_t pci_cfg_read8(sbdf_t sbdf, unsigned int reg)
{
	return (uint8_t)env_cfg_read(sbdf, reg, 1);
}

static inline uint16_t pci_cfg_read16(sbdf_t sbdf, unsigned int reg)
{
	return (uint16_t)env_cfg_read(sbdf, reg, 2);
}

static inline uint32_t pci_cfg_read32(sbdf_t sbdf, unsigned int reg)
{
	return env_cfg_read(sbdf, reg, 4);
}

static inline void pci_cfg_write16(sbdf_t sbdf, unsigned int reg, uint16_t value)
{
	env_cfg_write(sbdf, reg, 2, value);
}

static inline void pci_cfg_write32(sbdf_t sbdf, unsigned int reg, uint32_t value)
{
	env_cfg_write(sbdf, reg, 4, value);
}

#endif
