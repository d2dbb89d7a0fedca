/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scrubbing: dirty free memory becomes clean. One block of at most 2 MiB for
 * each node is in work at a time; it is off the lists, and the processor that
 * works on it does so a few frames at a time and without the lock.
 */
#include <string.h>
#include "heap_priv.h"

#define STEP_FRAMES 64U
#define FRAME_WORDS (PAGE_SIZE / sizeof(uint64_t))

/*
 * Reading first: memory that is zero already (most of it, after power-on) is
 * not written, so that an emulated or overcommitted machine need not back it.
 */
static bool scrub_is_zero(const uint64_t *p)
{
	for (size_t i = 0; i < FRAME_WORDS; i += 8)
		if (p[i] | p[i + 1] | p[i + 2] | p[i + 3] | p[i + 4] | p[i + 5] | p[i + 6] | p[i + 7])
			return false;
	return true;
}

void scrub_frames(mfn_t first, uint64_t frames)
{
	for (uint64_t i = 0; i < frames; i++) {
		void *p = mfn_to_va(mfn_add(first, i));

		if (!scrub_is_zero(p))
			memset(p, 0, PAGE_SIZE);
	}
}

/* The smallest dirty block, so that merging comes early; the zones in the order allocation prefers them. */
static bool scrub_job_take(struct heap_node *n, enum heap_zone top)
{
	struct scrub_job *job = &n->job;

	for (int zone = (int)top; zone >= 0; zone--) {
		uint32_t present = n->lists[zone][HEAP_DIRTY].present;
		unsigned int order;

		if (!present)
			continue;
		order = MIN((unsigned int)__builtin_ctz(present), (unsigned int)ORDER_2M);
		if (!heap_take(n, (enum heap_zone)zone, HEAP_DIRTY, order, &job->first))
			continue;
		job->order = (uint8_t)order;
		job->done = 0;
		job->active = true;
		return true;
	}
	return false;
}

static void scrub_job_advance(struct heap_node *n, unsigned int node, uint32_t frames)
{
	struct scrub_job *job = &n->job;

	job->done += frames;
	job->busy = false;
	if (job->done < 1U << job->order)
		return;
	job->active = false;
	heap_insert(job->first, job->order, node, HEAP_CLEAN);
}

bool scrub_node_step(unsigned int node, enum heap_zone top)
{
	struct heap_node *n = &heap_node[node];
	struct scrub_job *job = &n->job;
	uint32_t frames;

	spin_lock(&n->lock);
	if (job->busy || (!job->active && !scrub_job_take(n, top))) {
		bool later = job->busy;

		spin_unlock(&n->lock);
		return later;
	}
	job->busy = true;
	frames = MIN(STEP_FRAMES, (1U << job->order) - job->done);
	spin_unlock(&n->lock);

	scrub_frames(mfn_add(job->first, job->done), frames);

	spin_lock(&n->lock);
	scrub_job_advance(n, node, frames);
	spin_unlock(&n->lock);
	return true;
}

bool scrub_step(void)
{
	for (unsigned int node = 0; node < heap_nodes(); node++)
		if (!READ_ONCE(heap_node[node].job.busy) && scrub_node_step(node, HEAP_ZONE_HIGH))
			return true;
	return false;
}
