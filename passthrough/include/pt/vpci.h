/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI functions that a domain sees: configuration space between the guest
 * and the devices.
 *
 * For dom0, which drives the machine: what is not withheld passes, with these
 * exceptions. Base address registers are followed, so that the guest's memory
 * map is where the device decodes. The MSI and MSI-X registers are the guest's in
 * appearance only: the hypervisor programs its own message and gives each
 * interrupt to the address and with the data that the guest wrote. Registers of the table
 * in vpci.c (what translates, isolates or renumbers) are refused and counted.
 *
 * Sources: PCI Express Base 6.0 (PCIe) chapter 7, PCI Local Bus 3.0 section 6.8.
 * Locking: one lock for each vpci (ENV_RANK_VPCI), taken inside each call here, held
 * while the seam below is called.
 */
#ifndef PT_VPCI_H
#define PT_VPCI_H

#include <pt/pci.h>

struct domain;
struct vpci;
struct vpci_dev;

/*
 * All functions of the registry, which outlives it, with their memory mapped where they decode.
 * -ENOMEM.
 */
int vpci_create(struct domain *owner, const struct pci_registry *machine, struct vpci **ret) __must_check;

/* Every interrupt is off and every trap gone when this returns. NULL is allowed. */
void vpci_destroy(struct vpci *v);

/*
 * A function that came later, with what was read of it. Those that the guest itself finds, and virtual
 * functions, are added at the guest's first write to them. -EEXIST, -ENOMEM.
 */
int vpci_add(struct vpci *v, const struct pci_dev *pci) __must_check;

/* The function is not there for the guest: reads all-ones. Before the guest runs. -ENODEV, -ENOMEM. */
int vpci_hide(struct vpci *v, sbdf_t sbdf) __must_check;

/* size is 1, 2 or 4; reg is below 4096 and aligned to it. */
uint32_t vpci_cfg_read(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int size);
void vpci_cfg_write(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value);

/* An access to a trapped page of a function's memory; address is what the guest touched, size 1, 2, 4 or 8. */
uint64_t vpci_mem_read(struct vpci_dev *dev, paddr_t address, unsigned int size);
void vpci_mem_write(struct vpci_dev *dev, paddr_t address, unsigned int size, uint64_t value);

/* Writes that were refused, ever. */
uint64_t vpci_refused(const struct vpci *v);

/* --- What its surroundings provide: xen/hvm/vpci_host.c, tests/fake/vpci_host.c. --- */

/* Where a message is programmed. slot: an entry of the MSI-X table, or NULL for the MSI capability at cap. */
struct vpci_source {
	sbdf_t sbdf;
	volatile uint8_t *slot;
	uint16_t cap;
	uint16_t entry; /* for the log */
	bool wide;	/* MSI: 64-bit addresses */
	bool maskable;	/* has a mask of its own */
};

struct vpci_irq;

/*
 * An interrupt of the hypervisor's for this source, programmed there, unmasked in the
 * source unless masked, and given to owner's address and data. -ENOMEM, -ENOSPC and the like.
 */
int vpci_irq_create(struct domain *owner, const struct vpci_source *source, uint64_t address, uint32_t data,
	bool masked, struct vpci_irq **ret) __must_check;
/* Masked where that is possible, and not given to anybody any more. */
void vpci_irq_destroy(struct vpci_irq *irq);
/* The guest moved it, or masked it. */
void vpci_irq_target(struct vpci_irq *irq, uint64_t address, uint32_t data);
void vpci_irq_mask(struct vpci_irq *irq, bool masked);

/* The guest reaches these machine addresses, whole pages around, at the same addresses. Errors are logged there. */
int vpci_map(struct domain *owner, paddr_t base, uint64_t bytes) __must_check;
void vpci_unmap(struct domain *owner, paddr_t base, uint64_t bytes);
/* Whole pages: accesses come to vpci_mem_read and vpci_mem_write; and no longer, but not direct either. */
int vpci_trap(struct domain *owner, paddr_t base, uint64_t bytes, struct vpci_dev *dev) __must_check;
void vpci_untrap(struct domain *owner, paddr_t base, uint64_t bytes);

#endif
