/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command buffer: AMD IOMMU 3.08 section 2.4. HOT: submit and wait, by
 * every change of a mapping: one ring entry for each piece, one store to a
 * register, completion in memory.
 *
 * Lock: queue.lock around ring, tail and ticket; never held over a wait.
 */
#include <errno.h>
#include <pt/env.h>
#include <pt/wait.h>
#include "amdvi_priv.h"

#define CMD_SHIFT 4 /* of an index in the head and tail registers */

int amdvi_queue_init(struct amdvi_unit *unit)
{
	struct amdvi_queue *q = &unit->queue;

	env_lock_init(&q->lock, ENV_RANK_IOMMU_QUEUE);
	q->status_frame = INVALID_MFN;
	q->frame = env_frames_alloc(0);
	if (!mfn_valid(q->frame))
		return -ENOMEM;
	q->status_frame = env_frames_alloc(0);
	if (!mfn_valid(q->status_frame)) {
		amdvi_queue_free(unit);
		return -ENOMEM;
	}
	q->ring = env_frame_map(q->frame);
	q->status = env_frame_map(q->status_frame);
	q->head = q->tail = q->ticket = 0;
	return 0;
}

void amdvi_queue_free(struct amdvi_unit *unit)
{
	struct amdvi_queue *q = &unit->queue;

	if (mfn_valid(q->frame))
		env_frames_free(q->frame, 0);
	if (mfn_valid(q->status_frame))
		env_frames_free(q->status_frame, 0);
	q->frame = q->status_frame = INVALID_MFN;
}

static uint32_t queue_room(const struct amdvi_queue *q)
{
	return (q->head - q->tail - 1) % AMDVI_QUEUE_ENTRIES;
}

static void queue_put(struct amdvi_queue *q, struct amdvi_cmd cmd)
{
	struct amdvi_cmd *slot = &q->ring[q->tail];

	WRITE_ONCE(slot->lo, cmd.lo);
	WRITE_ONCE(slot->hi, cmd.hi);
	q->tail = (q->tail + 1) % AMDVI_QUEUE_ENTRIES;
}

static bool queue_try(
	struct amdvi_unit *unit, const struct amdvi_cmd *cmd, size_t count, iommu_ticket_t *ret_ticket)
{
	struct amdvi_queue *q = &unit->queue;
	bool fits;

	env_lock(&q->lock);
	if (queue_room(q) < count + 1)
		q->head = (uint32_t)(amdvi_read64(unit, AMDVI_CMD_HEAD) >> CMD_SHIFT) % AMDVI_QUEUE_ENTRIES;
	fits = queue_room(q) >= count + 1;
	if (fits) {
		for (size_t i = 0; i < count; i++)
			queue_put(q, cmd[i]);
		*ret_ticket = ++q->ticket;
		queue_put(q, (struct amdvi_cmd){
				     .lo = AMDVI_CMD_WAIT | AMDVI_WAIT_STORE | mfn_to_paddr(q->status_frame),
				     .hi = q->ticket,
			     });
		env_wmb(); /* commands before the tail that shows them */
		amdvi_write64(unit, AMDVI_CMD_TAIL, (uint64_t)q->tail << CMD_SHIFT);
	}
	env_unlock(&q->lock);
	return fits;
}

/* 2.4.9: the unit stops fetching after a command that it cannot run. */
static bool queue_halted(const struct amdvi_unit *unit)
{
	return !(amdvi_read32(unit, AMDVI_STATUS) & AMDVI_ST_CMD_RUN);
}

static bool queue_stopped(const struct amdvi_unit *unit)
{
	return iommu_unit_dead(&unit->common) || queue_halted(unit);
}

static int queue_fail(struct amdvi_unit *unit, const char *otherwise)
{
	const char *why = queue_halted(unit) ? "the command buffer refused a command" : otherwise;

	iommu_unit_isolate(&unit->common, why);
	return -EIO;
}

int amdvi_queue_submit(
	struct amdvi_unit *unit, const struct amdvi_cmd *cmd, size_t count, iommu_ticket_t *ret_ticket)
{
	bool queued = false;
	int err;

	if (iommu_unit_dead(&unit->common))
		return -EIO;
	err = WAIT_UNTIL(
		(queued = queue_try(unit, cmd, count, ret_ticket)) || queue_stopped(unit), IOMMU_TIMEOUT_NS);
	if (err || !queued)
		return queue_fail(unit, "the command buffer stays full");
	return 0;
}

/* Numbers wrap around: a ticket is done when the status is not before it. */
static bool ticket_done(const struct amdvi_queue *q, iommu_ticket_t ticket)
{
	return (int32_t)(READ_ONCE(*q->status) - ticket) >= 0;
}

iommu_ticket_t amdvi_queue_done(const struct amdvi_unit *unit)
{
	return READ_ONCE(*unit->queue.status);
}

int amdvi_queue_wait(struct amdvi_unit *unit, iommu_ticket_t ticket)
{
	int err;

	if (ticket_done(&unit->queue, ticket))
		return 0;
	if (iommu_unit_dead(&unit->common))
		return -EIO;
	err = WAIT_UNTIL(ticket_done(&unit->queue, ticket) || queue_stopped(unit), IOMMU_TIMEOUT_NS);
	if (err || !ticket_done(&unit->queue, ticket))
		return queue_fail(unit, "the command buffer does not answer");
	return 0;
}

int amdvi_queue_run(struct amdvi_unit *unit, const struct amdvi_cmd *cmd, size_t count)
{
	iommu_ticket_t ticket;
	int err = amdvi_queue_submit(unit, cmd, count, &ticket);

	return err ? err : amdvi_queue_wait(unit, ticket);
}
