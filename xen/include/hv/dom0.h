/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building the hardware domain out of the boot modules: the first is its kernel,
 * the second its initrd, the kernel's command line is the module's.
 *
 * Options: dom0_mem=[min:|max:]SIZE,... and dom0_max_vcpus=N or MIN-MAX, as in
 * Xen's xen-command-line document.
 */
#ifndef HV_DOM0_H
#define HV_DOM0_H

#include <hv/types.h>

/*
 * Boot step between the firmware's tables and the heap. Without an IOMMU devices
 * see machine addresses, so dom0's RAM must lie where dom0 thinks it does: its
 * machine ranges are set aside here, before the heap has them. -ENOMEM.
 */
int dom0_memory_reserve(void) __must_check;

/*
 * Last boot step. 0 also when there is no kernel or it is not one: the log says
 * why, and the hypervisor idles. An error: it was begun and could not be ended.
 */
int dom0_build(void) __must_check;

/* dom0_mem= and dom0_max_vcpus=: 0 or -EINVAL, changing nothing. */
int dom0_option_mem(const char *value);
int dom0_option_vcpus(const char *value);

#endif
