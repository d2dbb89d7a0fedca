/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frames that a domain owns: taken from the heap against d->frame_max, kept
 * in d->frames, given back when it dies.
 *
 * The list holds one reference on each of its frames, so a frame that leaves it
 * is free as soon as nobody maps it any more. frame_count is exact: what is in
 * the list.
 *
 * Locking: each call takes LOCK_RANK_FRAMES itself, one short step at a time.
 */
#ifndef HV_DOMAIN_FRAMES_H
#define HV_DOMAIN_FRAMES_H

#include <hv/domain.h>

/*
 * 2^order frames, zero, owned by the domain and in its list, not mapped anywhere.
 * node and flags as heap_alloc; a request above HEAP_INLINE_SCRUB may answer
 * -EAGAIN: call again. -ENOSPC: beyond frame_max. -ENOMEM, -EINVAL, -EBUSY (dying).
 */
int domain_frames_alloc(struct domain *d, unsigned int order, unsigned int node, unsigned int flags,
	mfn_t *ret_mfn) __must_check;

/*
 * Frames of RAM that the heap was never given and that have no owner become the
 * domain's. -EPERM: one of them is not such a frame, and nothing has changed.
 * -ENOSPC. While booting.
 */
int domain_frames_claim(struct domain *d, mfn_t first, uint64_t frames) __must_check;

/*
 * The frame is no longer the domain's: out of the list, the list's reference
 * given back. The caller has taken it out of the p2m and flushed. -EPERM when it
 * is not in the list.
 */
int domain_frame_free(struct domain *d, mfn_t mfn) __must_check;

/* All of them, in bounded steps: -ERESTART while there are more. After p2m_destroy. */
int domain_frames_destroy(struct domain *d) __must_check;

#endif
