/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The physical-to-machine map of a domain: guest frame to machine frame, type
 * and access rights, as nested page tables (EPT or NPT) written by
 * passthrough/ptab.c. The one choke point through which a guest, and later its
 * devices, come to reach a frame.
 *
 * Orders are ORDER_4K, ORDER_2M, ORDER_1G; gfn and mfn are aligned to the order.
 * Each mapping of RAM holds a reference on every one of its frames.
 *
 * Changes are batched: what p2m_set() and p2m_remove() displace may still be
 * reached by processors and devices, and its references are held, until
 * p2m_flush(). Whoever took something away calls it before the guest or another
 * domain is told so. A very long batch flushes by itself.
 * Locking: each call takes LOCK_RANK_P2M itself, inside it LOCK_RANK_HEAP. The
 * changing ones wait for other processors: no lock held that interrupts take.
 */
#ifndef HV_P2M_H
#define HV_P2M_H

#include <hv/domain.h>

enum p2m_type {
	P2M_INVALID,	 /* nothing: an access is an exit */
	P2M_RAM,	 /* the guest's own frame, read-write-execute */
	P2M_RAM_RO,	 /* readable and executable; a write is an exit */
	P2M_MMIO_DIRECT, /* a device's registers, uncached, read-write */
	P2M_MMIO_TRAP,	 /* emulated: every access is an exit; has no frame */
	P2M_FIRMWARE,	 /* memory that is not the heap's: ACPI NVS, reserved; cached, read-write */
	P2M_FIRMWARE_RO, /* the firmware's tables */
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

/* After its vcpus are gone. -ERESTART when it has more to do; nothing can be mapped from the first call on. */
int p2m_destroy(struct domain *d) __must_check;

/*
 * Maps 2^order frames, all or nothing.
 *   RAM, RAM_RO           frames that the domain owns, or -EPERM
 *   FOREIGN, GRANT_*      RAM that the caller has a reference on; the
 *                         hypervisor's only when it is of FRAME_TYPE_SHARED
 *   MMIO_DIRECT, FIRMWARE no RAM and nothing that hv/iomem.h protects, or -EPERM
 *   MMIO_TRAP             mfn counts for nothing
 * The same frames in the same place may change between types of one line above.
 * -EEXIST where something else is, -ENOMEM, -EINVAL (alignment, type), -ENXIO
 * beyond the guest's or the machine's addresses, -EOVERFLOW (too many
 * references), -EBUSY (the domain is being destroyed).
 */
int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type) __must_check;

/* Any number of frames, in the largest pages that alignment allows. All or nothing in each 1 GiB of gfn. */
int p2m_set_range(struct domain *d, gfn_t gfn, mfn_t mfn, uint64_t frames, enum p2m_type type) __must_check;

/* Whatever is there; holes are fine. -ENOMEM (a larger page had to be split): part may be gone. */
int p2m_remove(struct domain *d, gfn_t gfn, unsigned int order) __must_check;
int p2m_remove_range(struct domain *d, gfn_t gfn, uint64_t frames) __must_check;

void p2m_flush(struct domain *d);

/* P2M_INVALID and INVALID_MFN where nothing is; INVALID_MFN for P2M_MMIO_TRAP. */
struct p2m_entry p2m_get(struct domain *d, gfn_t gfn);

/* RAM of any kind with a reference on the frame; -ENOENT, -EACCES (want_write and not writable), -EBUSY (dying). */
int p2m_get_frame(struct domain *d, gfn_t gfn, bool want_write, mfn_t *ret_mfn) __must_check;
void p2m_put_frame(mfn_t mfn);

/* The first mapping that ends behind gfn: its first frame. -ENOENT behind the last. */
int p2m_next(struct domain *d, gfn_t gfn, gfn_t *ret_gfn, struct p2m_entry *ret_entry) __must_check;

/*
 * From now on the domain's devices reach what its processors reach of RAM and grants.
 * -ERESTART while there is more to do; -ENXIO: some of it is beyond the IOMMU's
 * addresses; -ENOMEM, -ENOSPC, -EBUSY (dying). Any number of calls.
 */
int p2m_iommu_enable(struct domain *d) __must_check;

/* For iommu_device_set(); NULL before p2m_iommu_enable(). */
struct iommu_domain;
struct iommu_domain *p2m_iommu(const struct domain *d);

/* The guest's physical address width, in frames: gfns are below. */
uint64_t p2m_gfn_end(const struct domain *d);

/* The root for the processor, with what the vendor wants in its low bits. */
uint64_t p2m_root(const struct domain *d);

/* Frames that the tables take. */
uint32_t p2m_table_count(const struct domain *d);

/*
 * No processor uses an old nested translation of the domain any more: those in
 * guest mode leave it, all flush before they enter again (VCPU_WORK_TLB). In p2m_tlb.c.
 */
void p2m_tlb_flush(struct domain *d);

#endif
