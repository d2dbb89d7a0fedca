/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's ports: default deny. A port is emulated (a handler), or the guest's
 * own (no exit at all, by the domain's permission bitmap), or not there: reads
 * all-ones, writes dropped.
 *
 * Locking: see hv/trap.h. portio_allow and portio_deny while the domain is being
 * built or paused.
 */
#ifndef HV_PORTIO_H
#define HV_PORTIO_H

#include <hv/domain.h>
#include <hv/trap.h>

/* Emulated from now on, whatever the bitmap said before. Errors: trap_add. */
int portio_add(
	struct domain *d, uint16_t first, uint32_t count, const struct trap_ops *ops, void *ctx) __must_check;
int portio_remove(struct domain *d, uint16_t first);

/* The ports reach the machine; -EBUSY where one of them is emulated, -EINVAL past the end, -ENOMEM. */
int portio_allow(struct domain *d, uint16_t first, uint32_t count) __must_check;
void portio_deny(struct domain *d, uint16_t first, uint32_t count);
bool portio_allowed(const struct domain *d, uint16_t port);

#endif
