/* SPDX-License-Identifier: GPL-2.0-only */
/* The shared info page and each vcpu's part of it, or its own place. Locks: d->lock around a move. */
#include <errno.h>
#include <hv/event.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include <hv/vcpu_time.h>
#include <xen/xen.h>
#include "domain_priv.h"

BUILD_ASSERT(sizeof(struct shared_info) <= PAGE_SIZE);
BUILD_ASSERT(sizeof(struct vcpu_info) == 64);

int shared_info_create(struct domain *d)
{
	mfn_t mfn;
	int rc;

	d->abi = hv_alloc(sizeof(*d->abi));
	if (d->abi == NULL)
		return -ENOMEM;
	rc = heap_alloc(0, HEAP_ANY_NODE, 0, &mfn);
	if (rc != 0)
		return rc;
	frame_assign(mfn, 0, d->id);
	d->shared_info_mfn = mfn;
	d->shared_info = mfn_to_va(mfn);
	wallclock_update(d);
	return 0;
}

/* After the p2m has given its own reference back the frame is free. */
int shared_info_destroy(struct domain *d)
{
	if (d->shared_info != NULL)
		frame_put(frame_at(d->shared_info_mfn));
	d->shared_info = NULL;
	d->shared_info_mfn = INVALID_MFN;
	for (uint32_t i = 0; d->abi != NULL && i < WATCHDOGS; i++)
		if (d->abi->watchdog[i].domain != NULL)
			timer_stop(&d->abi->watchdog[i].timer);
	if (d->abi != NULL)
		hv_free(d->abi->map);
	hv_free(d->abi);
	d->abi = NULL;
	return 0;
}

struct vcpu_info *shared_info_vcpu(const struct domain *d, uint32_t vcpu)
{
	struct shared_info *shared = d->shared_info;

	return vcpu < XEN_LEGACY_MAX_VCPUS ? &shared->vcpu_info[vcpu] : NULL;
}

int vcpu_abi_create(struct vcpu *v)
{
	v->abi = hv_alloc(sizeof(*v->abi));
	if (v->abi == NULL)
		return -ENOMEM;
	spin_init(&v->abi->pin_lock, "pinned areas", LOCK_RANK_PIN);
	v->info = shared_info_vcpu(v->domain, v->id);
	v->info_mfn = INVALID_MFN;
	return 0;
}

void vcpu_abi_destroy(struct vcpu *v)
{
	if (v->abi == NULL)
		return;
	v->info = NULL;
	if (mfn_valid(v->info_mfn))
		p2m_put_frame(v->info_mfn);
	guest_pin_put(&v->abi->runstate);
	guest_pin_put(&v->abi->time);
	hv_free(v->abi);
	v->abi = NULL;
}

static void vcpu_info_copy(struct vcpu_info *to, const struct vcpu_info *from)
{
	if (from != NULL)
		*to = *(const volatile struct vcpu_info *)from;
	else
		*to = (struct vcpu_info){.evtchn_upcall_mask = 1};
}

/*
 * Who sends has set the event's own bit before it reads where the info is. So
 * whatever is sent on the old place is seen when all is looked at again on the new one.
 */
static int vcpu_info_move(struct vcpu *v, mfn_t mfn, uint32_t offset)
{
	struct vcpu_info *to = (struct vcpu_info *)((char *)mfn_to_va(mfn) + offset);

	spin_lock(&v->domain->lock);
	if (mfn_valid(v->info_mfn)) {
		spin_unlock(&v->domain->lock);
		return -EINVAL;
	}
	vcpu_info_copy(to, v->info);
	v->info_mfn = mfn;
	__atomic_store_n(&v->info, to, __ATOMIC_SEQ_CST);
	spin_unlock(&v->domain->lock);
	return 0;
}

int vcpu_info_register(struct vcpu *v, uint64_t gfn, uint32_t offset)
{
	mfn_t mfn;
	int rc;

	if (offset > PAGE_SIZE - sizeof(struct vcpu_info) || offset % 8 != 0)
		return -EINVAL;
	rc = guest_own_frame(v->domain, gfn, true, &mfn);
	if (rc != 0)
		return rc;
	rc = vcpu_info_move(v, mfn, offset);
	if (rc != 0) {
		p2m_put_frame(mfn);
		return rc;
	}
	event_upcall_again(v);
	return 0;
}
