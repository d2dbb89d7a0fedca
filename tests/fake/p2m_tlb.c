/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>
#include "p2m_tlb.h"

unsigned int fake_p2m_flushes;
void (*fake_p2m_on_flush)(struct domain *d);

void p2m_tlb_flush(struct domain *d)
{
	fake_p2m_flushes++;
	if (fake_p2m_on_flush)
		fake_p2m_on_flush(d);
}
