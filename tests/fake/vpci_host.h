/* SPDX-License-Identifier: GPL-2.0-only */
/* The surroundings of the virtual PCI: a guest's memory map in which a page is nothing, direct or trapping, and interrupts. */
#ifndef FAKE_VPCI_HOST_H
#define FAKE_VPCI_HOST_H

#include <pt/vpci.h>

#define HOST_IRQS   64
#define HOST_RANGES 64

struct vpci_irq {
	bool live, masked;
	struct vpci_source source;
	uint64_t address;
	uint32_t data;
};

enum host_kind {
	HOST_NOTHING,
	HOST_DIRECT,
	HOST_TRAP,
};

extern struct vpci_irq host_irq[HOST_IRQS];
/* The n-th call from now on fails with -ENOMEM, once. */
extern unsigned int host_fail_irq, host_fail_trap, host_fail_map;

void host_reset(void);
unsigned int host_live_irqs(void);
/* The one interrupt of this entry (MSI: 0); NULL when there is none. */
struct vpci_irq *host_irq_of(sbdf_t sbdf, unsigned int entry);
/* What the guest has at this address; a trap's function in *ret_dev, if wanted. */
enum host_kind host_at(paddr_t address, struct vpci_dev **ret_dev);

#endif
