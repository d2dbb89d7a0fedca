/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of 256 MiB and a domain on it, for the tests of what maps a guest's memory. */
#ifndef P2M_DOMAIN_H
#define P2M_DOMAIN_H

#include <hv/domain.h>

#define TEST_RAM MIB(256)

/* The machine, empty; its heap, and what hv/features.h says of it (SVM, 1 GiB pages, 48 bits). */
void p2m_machine(void);

/* A domain with a p2m; its frame limit is the machine's. */
struct domain *p2m_domain(domid_t id);
void p2m_domain_end(struct domain *d);

#endif
