/* SPDX-License-Identifier: GPL-2.0-only */
/* The p2m's flush of the processors, counted. */
#ifndef FAKE_P2M_TLB_H
#define FAKE_P2M_TLB_H

#include <hv/p2m.h>

extern unsigned int fake_p2m_flushes;

/* Called by each: the place to check that nothing was freed yet. NULL: nobody. */
extern void (*fake_p2m_on_flush)(struct domain *d);

#endif
