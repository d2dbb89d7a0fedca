/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The invalidation queue: VT-d 4.1 section 6.5.2. HOT: submit and wait, by
 * every change of a mapping: one ring entry for each piece, one store to a
 * register, completion in memory.
 *
 * Lock: queue.lock around ring, tail and ticket; never held over a wait.
 */
#include <errno.h>
#include <pt/env.h>
#include <pt/wait.h>
#include "vtd_priv.h"

#define DESC_SHIFT 4 /* of an index in the head and tail registers */

int vtd_queue_init(struct vtd_unit *unit)
{
	struct vtd_queue *q = &unit->queue;

	env_lock_init(&q->lock, ENV_RANK_IOMMU_QUEUE);
	q->status_frame = INVALID_MFN;
	q->frame = env_frames_alloc(0);
	if (!mfn_valid(q->frame))
		return -ENOMEM;
	q->status_frame = env_frames_alloc(0);
	if (!mfn_valid(q->status_frame)) {
		vtd_queue_free(unit);
		return -ENOMEM;
	}
	q->ring = env_frame_map(q->frame);
	q->status = env_frame_map(q->status_frame);
	q->head = q->tail = q->ticket = 0;
	return 0;
}

void vtd_queue_free(struct vtd_unit *unit)
{
	struct vtd_queue *q = &unit->queue;

	if (mfn_valid(q->frame))
		env_frames_free(q->frame, 0);
	if (mfn_valid(q->status_frame))
		env_frames_free(q->status_frame, 0);
	q->frame = q->status_frame = INVALID_MFN;
}

static uint32_t queue_room(const struct vtd_queue *q)
{
	return (q->head - q->tail - 1) % VTD_QUEUE_ENTRIES;
}

static void queue_put(struct vtd_unit *unit, struct vtd_desc desc)
{
	struct vtd_queue *q = &unit->queue;
	struct vtd_desc *slot = &q->ring[q->tail];

	WRITE_ONCE(slot->lo, desc.lo);
	WRITE_ONCE(slot->hi, desc.hi);
	vtd_clean(unit, slot, sizeof(*slot));
	q->tail = (q->tail + 1) % VTD_QUEUE_ENTRIES;
}

static bool queue_try(
	struct vtd_unit *unit, const struct vtd_desc *desc, size_t count, iommu_ticket_t *ret_ticket)
{
	struct vtd_queue *q = &unit->queue;
	bool fits;

	env_lock(&q->lock);
	if (queue_room(q) < count + 1)
		q->head = (uint32_t)(vtd_read64(unit, VTD_IQH) >> DESC_SHIFT) % VTD_QUEUE_ENTRIES;
	fits = queue_room(q) >= count + 1;
	if (fits) {
		for (size_t i = 0; i < count; i++)
			queue_put(unit, desc[i]);
		*ret_ticket = ++q->ticket;
		queue_put(unit, (struct vtd_desc){
					.lo = VTD_DESC_WAIT | VTD_WAIT_WRITE | VTD_WAIT_FENCE |
					      VTD_WAIT_DATA(q->ticket),
					.hi = mfn_to_paddr(q->status_frame),
				});
		env_wmb(); /* descriptors before the tail that shows them */
		vtd_write64(unit, VTD_IQT, (uint64_t)q->tail << DESC_SHIFT);
	}
	env_unlock(&q->lock);
	return fits;
}

/* Decoded for the log; the unit is dead in each case, for the flush that failed cannot be repeated unseen. */
static const char *queue_error(const struct vtd_unit *unit)
{
	uint32_t fsts = vtd_read32(unit, VTD_FSTS);

	if (fsts & VTD_FSTS_IQE)
		return "the invalidation queue refused a descriptor";
	if (fsts & VTD_FSTS_ITE)
		return "a device did not answer the flush of its TLB";
	if (fsts & VTD_FSTS_ICE)
		return "a device answered the flush of its TLB wrongly";
	return NULL;
}

static bool queue_stopped(const struct vtd_unit *unit)
{
	return iommu_unit_dead(&unit->common) || (vtd_read32(unit, VTD_FSTS) & VTD_FSTS_QUEUE) != 0;
}

static int queue_fail(struct vtd_unit *unit, const char *otherwise)
{
	const char *why = queue_error(unit);

	iommu_unit_isolate(&unit->common, why ? why : otherwise);
	return -EIO;
}

int vtd_queue_submit(
	struct vtd_unit *unit, const struct vtd_desc *desc, size_t count, iommu_ticket_t *ret_ticket)
{
	bool queued = false;
	int err;

	if (iommu_unit_dead(&unit->common))
		return -EIO;
	err = WAIT_UNTIL(
		(queued = queue_try(unit, desc, count, ret_ticket)) || queue_stopped(unit), IOMMU_TIMEOUT_NS);
	if (err || !queued)
		return queue_fail(unit, "the invalidation queue stays full");
	return 0;
}

/* Numbers wrap around: a ticket is done when the status is not before it. */
static bool ticket_done(const struct vtd_queue *q, iommu_ticket_t ticket)
{
	return (int32_t)(READ_ONCE(*q->status) - ticket) >= 0;
}

iommu_ticket_t vtd_queue_done(const struct vtd_unit *unit)
{
	return READ_ONCE(*unit->queue.status);
}

int vtd_queue_wait(struct vtd_unit *unit, iommu_ticket_t ticket)
{
	int err;

	if (ticket_done(&unit->queue, ticket))
		return 0;
	if (iommu_unit_dead(&unit->common))
		return -EIO;
	err = WAIT_UNTIL(ticket_done(&unit->queue, ticket) || queue_stopped(unit), IOMMU_TIMEOUT_NS);
	if (err || !ticket_done(&unit->queue, ticket))
		return queue_fail(unit, "the invalidation queue does not answer");
	return 0;
}

int vtd_queue_run(struct vtd_unit *unit, const struct vtd_desc *desc, size_t count)
{
	iommu_ticket_t ticket;
	int err = vtd_queue_submit(unit, desc, count, &ticket);

	return err ? err : vtd_queue_wait(unit, ticket);
}
