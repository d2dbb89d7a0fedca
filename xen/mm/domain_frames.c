/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: domain_frames_alloc and domain_frame_free, by populating and ballooning.
 *
 * The list is of frame numbers, in the frames' own links, so that neither a
 * gigabyte nor a single frame needs memory to be listed.
 *
 * Lock: the domain's frame_lock (LOCK_RANK_FRAMES), inside it nothing: the heap is
 * called without it.
 */
#include <errno.h>
#include <hv/domain_frames.h>
#include <hv/frame.h>
#include <hv/heap.h>

#define DESTROY_FRAMES 4096

static void frames_link(struct domain *d, struct frame *f)
{
	uint32_t mfn = (uint32_t)frame_mfn(f).v;

	f->prev = 0;
	f->next = d->frame_first;
	if (d->frame_first)
		frame_at(MFN(d->frame_first))->prev = mfn;
	d->frame_first = mfn;
	f->flags |= FRAME_LISTED;
	d->frame_count++;
}

static void frames_unlink(struct domain *d, struct frame *f)
{
	if (f->prev)
		frame_at(MFN(f->prev))->next = f->next;
	else
		d->frame_first = f->next;
	if (f->next)
		frame_at(MFN(f->next))->prev = f->prev;
	f->flags &= (uint8_t)~FRAME_LISTED;
	d->frame_count--;
}

/* The room is taken before the frames, so that two callers do not exceed it together. */
static int frames_reserve(struct domain *d, uint64_t frames)
{
	int rc = 0;

	spin_lock(&d->frame_lock);
	if (__atomic_load_n(&d->state, __ATOMIC_ACQUIRE) >= DOMAIN_DYING)
		rc = -EBUSY;
	else if (frames > d->frame_max || d->frame_count + d->frame_reserved > d->frame_max - frames)
		rc = -ENOSPC;
	else
		d->frame_reserved += frames;
	spin_unlock(&d->frame_lock);
	return rc;
}

/* Highest first, so that the list begins with the lowest. The frames are found by the owner's name only from here on. */
static void frames_take(struct domain *d, mfn_t first, uint64_t frames)
{
	spin_lock(&d->frame_lock);
	for (uint64_t i = frames; i-- > 0;) {
		struct frame *f = frame_at(mfn_add(first, i));

		frames_link(d, f);
		__atomic_store_n(&f->owner, d->id, __ATOMIC_RELEASE);
	}
	d->frame_reserved -= frames;
	spin_unlock(&d->frame_lock);
}

static void frames_unreserve(struct domain *d, uint64_t frames)
{
	spin_lock(&d->frame_lock);
	d->frame_reserved -= frames;
	spin_unlock(&d->frame_lock);
}

int domain_frames_alloc(
	struct domain *d, unsigned int order, unsigned int node, unsigned int flags, mfn_t *ret_mfn)
{
	uint64_t frames = 1UL << order;
	mfn_t mfn;
	int rc;

	if (order > HEAP_ORDER_MAX)
		return -EINVAL;
	rc = frames_reserve(d, frames);
	if (rc != 0)
		return rc;
	rc = heap_try_alloc(order, node, flags, &mfn);
	if (rc != 0) {
		frames_unreserve(d, frames);
		return rc;
	}
	frames_take(d, mfn, frames);
	*ret_mfn = mfn;
	return 0;
}

static bool frames_unowned(mfn_t first, uint64_t frames)
{
	for (uint64_t i = 0; i < frames; i++) {
		mfn_t mfn = mfn_add(first, i);

		if (!mfn_is_ram(mfn) || frame_chunk_state(mfn) == CHUNK_LAZY_FREE)
			return false;
		frame_chunk_ready(mfn);
		if (frame_at(mfn)->refs != 0 || frame_at(mfn)->flags != 0)
			return false;
	}
	return true;
}

int domain_frames_claim(struct domain *d, mfn_t first, uint64_t frames)
{
	int rc;

	if (!frames_unowned(first, frames))
		return -EPERM;
	rc = frames_reserve(d, frames);
	if (rc != 0)
		return rc;
	for (uint64_t i = 0; i < frames; i++) {
		struct frame *f = frame_at(mfn_add(first, i));

		f->owner = FRAME_OWNER_HV;
		f->refs = 1;
	}
	frames_take(d, first, frames);
	return 0;
}

int domain_frame_free(struct domain *d, mfn_t mfn)
{
	struct frame *f = frame_lookup(mfn);
	bool listed = false;

	if (!f)
		return -EPERM;
	spin_lock(&d->frame_lock);
	if (READ_ONCE(f->owner) == d->id && (f->flags & FRAME_LISTED)) {
		frames_unlink(d, f);
		listed = true;
	}
	spin_unlock(&d->frame_lock);
	if (!listed)
		return -EPERM;
	frame_put(f);
	return 0;
}

int domain_frames_destroy(struct domain *d)
{
	for (unsigned int i = 0; i < DESTROY_FRAMES; i++) {
		struct frame *f;

		spin_lock(&d->frame_lock);
		f = d->frame_first ? frame_at(MFN(d->frame_first)) : NULL;
		if (f)
			frames_unlink(d, f);
		spin_unlock(&d->frame_lock);
		if (!f)
			return 0;
		frame_put(f);
	}
	return d->frame_first ? -ERESTART : 0;
}
