/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Non-maskable interrupts: the stop request of panic and reboot, and the
 * watchdog. Each processor counts its own heartbeat in a timer; its neighbour
 * looks, and sends an NMI to one whose heart has stood still for 5 s. Where the
 * processor has a performance counter that can raise NMI, it looks at itself
 * too, so that even all processors stuck at once are found.
 *
 * nmi_handle() is declared in hv/panic.h.
 */
#ifndef HV_NMI_H
#define HV_NMI_H

#include <hv/types.h>

/* From now on an NMI halts the processor that takes it. */
void nmi_stop_begin(void);
unsigned int nmi_stopped_count(void);

/* Option `watchdog`; off by default, as Xen's. */
extern bool watchdog_wanted;

/* Each processor, once its timers work; nothing unless wanted. */
void watchdog_start(void);

#endif
