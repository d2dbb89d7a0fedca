/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest puts into its own memory map: shared pages, grant frames, other domains' frames. */
#include <errno.h>
#include <hv/domain_frames.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/p2m.h>
#include <xen/memory.h>
#include "domain_memory.h"
#include "domain_priv.h"

#define PHYSMAP_STEP 64u

static bool physmap_is_mapping(enum p2m_type type)
{
	return type == P2M_FOREIGN || type == P2M_GRANT_RW || type == P2M_GRANT_RO;
}

static bool physmap_is_ram(enum p2m_type type)
{
	return type == P2M_RAM || type == P2M_RAM_RO;
}

int physmap_clear(struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = p2m_get(d, gfn);
	int rc;

	if (e.type == P2M_INVALID)
		return 0;
	if (!physmap_is_ram(e.type) && !physmap_is_mapping(e.type))
		return -EPERM;
	rc = p2m_remove(d, gfn, ORDER_4K);
	if (rc != 0)
		return rc;
	p2m_flush(d);
	/* A shared page is none of the domain's list, and stays. */
	if (physmap_is_ram(e.type))
		(void)!domain_frame_free(d, e.mfn);
	return 0;
}

int physmap_remove(struct domain *d, uint64_t gpfn)
{
	enum p2m_type type = p2m_get(d, GFN(gpfn)).type;
	int rc;

	if (!physmap_is_ram(type) && !physmap_is_mapping(type))
		return -ENOENT;
	rc = p2m_remove(d, GFN(gpfn), ORDER_4K);
	if (rc == 0)
		p2m_flush(d);
	return rc;
}

/* A page that exists once moves: its old place, remembered in its frame, is given up. */
static int physmap_add_shared(struct domain *d, mfn_t mfn, uint64_t gpfn)
{
	uint64_t *place = &frame_at(mfn)->priv; /* gfn + 1, or 0 */
	uint64_t old = __atomic_load_n(place, __ATOMIC_RELAXED);
	int rc = 0;

	if (old != 0 && old - 1 != gpfn && mfn_eq(p2m_get(d, GFN(old - 1)).mfn, mfn))
		rc = p2m_remove(d, GFN(old - 1), ORDER_4K);
	if (rc == 0)
		rc = physmap_clear(d, GFN(gpfn));
	if (rc == 0)
		rc = p2m_set(d, GFN(gpfn), mfn, ORDER_4K, P2M_RAM);
	p2m_flush(d);
	if (rc == 0)
		__atomic_store_n(place, gpfn + 1, __ATOMIC_RELAXED);
	return rc;
}

/* The domain's own frame from one place to another. */
static int physmap_move(struct domain *d, uint64_t from, uint64_t to)
{
	struct p2m_entry e = p2m_get(d, GFN(from));
	mfn_t mfn;
	int rc;

	if (e.type != P2M_RAM)
		return -EINVAL;
	if (from == to)
		return 0;
	rc = guest_own_frame(d, from, true, &mfn);
	if (rc != 0)
		return rc;
	rc = physmap_clear(d, GFN(to));
	if (rc == 0)
		rc = p2m_remove(d, GFN(from), ORDER_4K);
	if (rc == 0)
		rc = p2m_set(d, GFN(to), mfn, ORDER_4K, P2M_RAM);
	p2m_flush(d);
	p2m_put_frame(mfn);
	return rc;
}

int physmap_add_foreign(struct domain *d, mfn_t mfn, uint64_t gpfn)
{
	int rc = physmap_clear(d, GFN(gpfn));

	if (rc == 0)
		rc = p2m_set(d, GFN(gpfn), mfn, ORDER_4K, P2M_FOREIGN);
	return rc;
}

static int physmap_foreign(struct vcpu *v, struct domain *d, domid_t foreign, uint64_t idx, uint64_t gpfn)
{
	struct domain *owner;
	mfn_t mfn;
	int rc;

	if (!v->domain->privileged)
		return -EPERM;
	owner = domain_get(foreign);
	if (owner == NULL)
		return -ESRCH;
	rc = owner == d ? -EINVAL : guest_own_frame(owner, idx, true, &mfn);
	if (rc == 0) {
		rc = physmap_add_foreign(d, mfn, gpfn);
		p2m_put_frame(mfn);
	} else if (rc == -ENOENT) {
		rc = -EINVAL;
	}
	domain_put(owner);
	return rc;
}

int physmap_add(
	struct vcpu *v, struct domain *d, uint32_t space, uint64_t idx, uint64_t gpfn, domid_t foreign)
{
	mfn_t mfn;
	int rc;

	switch (space) {
	case XENMAPSPACE_shared_info:
		return idx == 0 ? physmap_add_shared(d, d->shared_info_mfn, gpfn) : -EINVAL;
	case XENMAPSPACE_grant_table:
		rc = idx < UINT32_MAX ? grant_table_frame(d, (uint32_t)idx, &mfn) : -EINVAL;
		return rc == 0 ? physmap_add_shared(d, mfn, gpfn) : rc;
	case XENMAPSPACE_gmfn:
		return physmap_move(d, idx, gpfn);
	case XENMAPSPACE_gmfn_foreign:
		return physmap_foreign(v, d, foreign, idx, gpfn);
	default:
		return -ENOSYS;
	}
}

long physmap_single(struct vcpu *v, uint64_t args[])
{
	struct xen_add_to_physmap a;
	struct domain *d;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc != 0)
		return rc;
	/* This form of the call names no other domain. */
	if (a.space == XENMAPSPACE_gmfn_foreign)
		return -ENOSYS;
	rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	rc = physmap_add(v, d, a.space, a.idx, a.gpfn, DOMID_INVALID);
	domain_put(d);
	return rc;
}

/* One of a batch; its own error goes to the caller's array. */
static int physmap_batch_one(
	struct vcpu *v, struct domain *d, const struct xen_add_to_physmap_batch *a, uint64_t i)
{
	xen_ulong_t idx;
	xen_pfn_t gpfn;
	int rc;

	if (guest_read(&idx, (uint64_t)(a->idxs.p + i), sizeof(idx)) != 0 ||
		guest_read(&gpfn, (uint64_t)(a->gpfns.p + i), sizeof(gpfn)) != 0)
		return -EFAULT;
	rc = physmap_add(v, d, a->space, idx, gpfn, a->u.foreign_domid);
	return guest_write((uint64_t)(a->errs.p + i), &rc, sizeof(rc));
}

long physmap_batch(struct vcpu *v, uint64_t args[])
{
	struct xen_add_to_physmap_batch a;
	uint64_t i = memory_op_done(args[0]), end;
	struct domain *d;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc != 0)
		return rc;
	if (a.space != XENMAPSPACE_gmfn_foreign && a.u.res0 != 0)
		return -EINVAL;
	rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	end = MIN((uint64_t)a.size, i + PHYSMAP_STEP);
	while (rc == 0 && i < end)
		rc = physmap_batch_one(v, d, &a, i++);
	p2m_flush(d);
	domain_put(d);
	if (rc != 0 || i >= a.size)
		return rc;
	args[0] = memory_op_again(args[0], i);
	return -ERESTART;
}

/* --- XENMEM_acquire_resource: a domain's grant table, for its builder. --- */

static int physmap_acquire_one(
	struct vcpu *v, struct domain *d, const struct xen_mem_acquire_resource *a, uint64_t i)
{
	uint64_t index = a->frame + i;
	xen_pfn_t gpfn;
	mfn_t mfn;
	int rc;

	if (guest_read(&gpfn, (uint64_t)(a->frame_list.p + i), sizeof(gpfn)) != 0)
		return -EFAULT;
	rc = index < UINT32_MAX ? grant_table_frame(d, (uint32_t)index, &mfn) : -EINVAL;
	return rc == 0 ? physmap_add_foreign(v->domain, mfn, gpfn) : rc;
}

/* No array: how many there can be. */
static long physmap_acquire_size(struct domain *d, struct xen_mem_acquire_resource *a, uint64_t to)
{
	if (a->nr_frames != 0)
		return -EINVAL;
	a->nr_frames = grant_frames_max(d);
	return guest_write(to, a, sizeof(*a));
}

static long physmap_acquire_frames(
	struct vcpu *v, struct domain *d, struct xen_mem_acquire_resource *a, uint64_t args[])
{
	uint64_t i = memory_op_done(args[0]), end = MIN((uint64_t)a->nr_frames, i + PHYSMAP_STEP);
	long rc = 0;

	if (a->frame_list.p == NULL)
		return physmap_acquire_size(d, a, args[1]);
	/* The caller keeps them for as long as it likes, so it cannot be the domain itself. */
	if (d == v->domain)
		return -EINVAL;
	while (rc == 0 && i < end)
		rc = physmap_acquire_one(v, d, a, i++);
	p2m_flush(v->domain);
	if (rc != 0 || i >= a->nr_frames)
		return rc;
	args[0] = memory_op_again(args[0], i);
	return -ERESTART;
}

long physmap_acquire(struct vcpu *v, uint64_t args[])
{
	struct xen_mem_acquire_resource a;
	struct domain *d;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc != 0)
		return rc;
	if (!v->domain->privileged)
		return -EPERM;
	if (a.pad != 0)
		return -EINVAL;
	if (a.type != XENMEM_resource_grant_table || a.id != XENMEM_resource_grant_table_id_shared)
		return -EOPNOTSUPP;
	rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	rc = physmap_acquire_frames(v, d, &a, args);
	domain_put(d);
	return rc;
}
