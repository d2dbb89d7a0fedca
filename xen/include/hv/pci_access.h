/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's configuration space: through the ports (PCI Local Bus 3.0
 * section 3.2.2.3.2), which reach the first 256 bytes of segment 0 on every
 * machine, and through the memory windows of MCFG (ECAM, PCIe 7.2.2) for all
 * the rest.
 *
 * A window is firmware's word only: one of segment 0 is used if its first bus
 * answers like the ports do, and any of them if it is not RAM.
 *
 * Locking: the ports' own lock (LOCK_RANK_DEVICE, interrupts off); windows need
 * none. Context of the accesses: any but NMI and machine check.
 */
#ifndef HV_PCI_ACCESS_H
#define HV_PCI_ACCESS_H

#include <pt/pci.h>

struct acpi_mcfg;

/* Maps the windows; those that cannot be used are reported and left out. Once, while booting. */
void pci_access_init(const struct acpi_mcfg *mcfg);

/* As env_cfg_read and env_cfg_write of pt/env.h. */
uint32_t pci_access_read(sbdf_t sbdf, unsigned int reg, unsigned int size);
void pci_access_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value);

/* What can be reached: all of segment 0 and the windows of other segments. Returns the number written. */
#define PCI_ACCESS_RANGES_MAX 65
size_t pci_access_ranges(struct pci_scan_range ranges[PCI_ACCESS_RANGES_MAX]);

#endif
