/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables: frames that a domain lends to others. Source:
 * public/grant_table.h, version 1 of its entries.
 *
 * A mapping holds a reference on the frame, a pin in the granter's table and an
 * entry in the mapper's; the frame cannot be freed, nor the entry be ended by the
 * granter, before all are gone. The entries themselves lie in frames shared with
 * the guest: read once, changed by atomic operations, never believed twice.
 *
 * Locking: one lock for each table, LOCK_RANK_GRANT; two are never held together.
 */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include <hv/domain.h>

#define GRANT_FRAMES_DEFAULT   64u   /* gnttab_max_frames of Xen */
#define GRANT_MAPTRACK_DEFAULT 1024u /* gnttab_max_maptrack_frames */

int grant_create(struct domain *d) __must_check;

/* Undoes the mappings that the domain holds, then frees the table. -ERESTART when it has more to do. */
int grant_destroy(struct domain *d) __must_check;

/* The frame with this index of the table itself, which grows up to it. -EINVAL, -ENOSPC, -ENOMEM. */
int grant_table_frame(struct domain *d, uint32_t index, mfn_t *ret_mfn) __must_check;

/* 0 while it is being destroyed. */
uint32_t grant_frames_max(struct domain *d);

/* How far it may grow (domain creation, XEN_DOMCTL_createdomain); before the guest runs. -EINVAL. */
int grant_set_limits(struct domain *d, uint32_t frames, uint32_t maptrack_frames) __must_check;

/* The builder grants a frame (console, xenstore ring) before the guest runs. -EINVAL, -ENOMEM. */
int grant_preset(struct domain *d, uint32_t ref, domid_t to, uint32_t gfn) __must_check;

#endif
