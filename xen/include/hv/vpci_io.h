/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dom0's way to configuration space: the ports 0xcf8 to 0xcff (PCI Local Bus 3.0
 * section 3.2.2.3.2) and the windows of MCFG, in front of pt/vpci.h.
 * Locking: that of pt/vpci.h.
 */
#ifndef HV_VPCI_IO_H
#define HV_VPCI_IO_H

#include <hv/domain.h>

/*
 * For dom0, after the machine's memory was mapped for it and the windows of MCFG
 * trap: all functions but the hypervisor's own. -ENOMEM, or the error of portio_add() or mmio_trap_add().
 */
int vpci_io_create(struct domain *d) __must_check;

/* Its vcpus do not run any more. Nothing for a domain that has none. */
void vpci_io_destroy(struct domain *d);

#endif
