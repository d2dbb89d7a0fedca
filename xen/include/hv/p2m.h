/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The physical-to-machine map of a domain: guest frame to machine frame, type
 * and access rights, as nested page tables (EPT or NPT) written by
 * passthrough/ptab.c. The one choke point through which a guest, and later its
 * devices, come to reach a frame.
 *
 * Orders are ORDER_4K, ORDER_2M, ORDER_1G; gfn and mfn are aligned to the order.
 * Changes are batched: p2m_set() and p2m_remove() may defer, p2m_flush() makes them
 * visible everywhere and then frees what they displaced.
 * Locking: each call takes LOCK_RANK_P2M itself.
 */
#ifndef HV_P2M_H
#define HV_P2M_H

#include <hv/domain.h>

enum p2m_type {
	P2M_INVALID,	 /* nothing: an access is an exit */
	P2M_RAM,	 /* the guest's own frame, read-write-execute */
	P2M_RAM_RO,	 /* readable and executable; a write is an exit */
	P2M_MMIO_DIRECT, /* a device's registers, uncached, read-write */
	P2M_MMIO_TRAP,	 /* emulated: every access is an exit */
	P2M_FOREIGN,	 /* another domain's frame, by reference */
	P2M_GRANT_RW,
	P2M_GRANT_RO,
	P2M_TYPE_COUNT,
};

struct p2m_entry {
	mfn_t mfn;
	enum p2m_type type;
	unsigned int order; /* of the mapping that holds the frame */
};

int p2m_create(struct domain *d) __must_check;
int p2m_destroy(struct domain *d) __must_check; /* -ERESTART when it has more to do */

/* Maps 2^order frames. -EEXIST where the frame is taken by another, -ENOMEM, -EINVAL, -ENXIO beyond the guest's width. */
int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type) __must_check;

/* Any number of frames, in the largest pages that alignment allows. */
int p2m_set_range(struct domain *d, gfn_t gfn, mfn_t mfn, uint64_t frames, enum p2m_type type) __must_check;

int p2m_remove(struct domain *d, gfn_t gfn, unsigned int order) __must_check;
void p2m_flush(struct domain *d);

/* P2M_INVALID and INVALID_MFN where nothing is. */
struct p2m_entry p2m_get(struct domain *d, gfn_t gfn);

/* The same with a reference on the frame; -ENOENT, -EACCES (want_write and not writable), -EBUSY (dying). */
int p2m_get_frame(struct domain *d, gfn_t gfn, bool want_write, mfn_t *ret_mfn) __must_check;
void p2m_put_frame(mfn_t mfn);

/* The root for the processor, with what the vendor wants in its low bits. */
uint64_t p2m_root(const struct domain *d);

#endif
