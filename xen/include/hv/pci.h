/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's PCI functions: the one registry of the hypervisor.
 * Locking: see pt/pci.h; LOCK_RANK_PT_DEVICE after the boot.
 */
#ifndef HV_PCI_H
#define HV_PCI_H

#include <pt/pci.h>

extern struct pci_registry pci_machine;

/*
 * Boot step, after acpi_init, the heap and the final page tables: finds every
 * function and sizes its base address registers. -ENOMEM.
 */
int pci_init(void) __must_check;

/* For the debug key: a line for each function. */
void pci_show(void);

#endif
