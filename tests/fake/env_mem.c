/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "env_priv.h"

#define ALLOC_MAX (128U * 1024)
#define ORDER_MAX 10U

/* Each frame of a live run; memory is set in the run's first frame only. */
struct frame {
	uint8_t *addr;
	void *memory;
	uint8_t order;
};

static struct frame frames[FAKE_FRAMES];
static size_t frames_used; /* numbers below it were handed out at some time */
static size_t live_frames, live_allocs;

void fake_mem_reset(void)
{
	for (size_t i = 0; i < frames_used; i++)
		free(frames[i].memory);
	memset(frames, 0, frames_used * sizeof(frames[0]));
	frames_used = 0;
	live_frames = 0;
	live_allocs = 0;
}

void *env_alloc(size_t bytes)
{
	void *p;

	if (!bytes || bytes > ALLOC_MAX)
		fake_violation("env_alloc of %zu bytes", bytes);
	if (fake_fault_now(FAKE_FAULT_ALLOC))
		return NULL;
	p = calloc(1, bytes);
	live_allocs += p != NULL;
	return p;
}

void env_free(void *p)
{
	if (!p)
		return;
	live_allocs--;
	free(p);
}

/* Numbers are not used again before the next reset: a stale frame number stays recognisable. */
static size_t run_place(size_t count)
{
	size_t first = ALIGN_UP(frames_used, count);

	if (first + count > FAKE_FRAMES)
		return SIZE_MAX;
	frames_used = first + count;
	return first;
}

mfn_t env_frames_alloc(unsigned int order)
{
	size_t count = 1UL << order, first;
	uint8_t *memory;

	if (order > ORDER_MAX)
		fake_violation("env_frames_alloc of order %u", order);
	if (fake_fault_now(FAKE_FAULT_FRAMES))
		return INVALID_MFN;
	first = run_place(count);
	memory = first == SIZE_MAX ? NULL : aligned_alloc(count * PAGE_SIZE, count * PAGE_SIZE);
	if (!memory)
		return INVALID_MFN;
	memset(memory, 0, count * PAGE_SIZE);
	for (size_t i = 0; i < count; i++)
		frames[first + i].addr = memory + i * PAGE_SIZE;
	frames[first].memory = memory;
	frames[first].order = (uint8_t)order;
	live_frames += count;
	fake_record(FAKE_FRAMES_ALLOC, FAKE_FRAME_BASE + first, 0, order, 0);
	return MFN(FAKE_FRAME_BASE + first);
}

static struct frame *frame_find(mfn_t frame)
{
	uint64_t i = frame.v - FAKE_FRAME_BASE;

	return i < frames_used && frames[i].addr ? &frames[i] : NULL;
}

void env_frames_free(mfn_t first, unsigned int order)
{
	struct frame *f = frame_find(first);

	if (!f || !f->memory || f->order != order)
		fake_violation("env_frames_free of frame 0x%lx order %u", first.v, order);
	fake_record(FAKE_FRAMES_FREE, first.v, 0, order, 0);
	free(f->memory);
	memset(f, 0, sizeof(*f) << order);
	live_frames -= 1UL << order;
}

void *env_frame_map(mfn_t frame)
{
	struct frame *f = frame_find(frame);

	if (!f)
		fake_violation("env_frame_map of frame 0x%lx", frame.v);
	return f->addr;
}

void *fake_phys(paddr_t addr)
{
	struct frame *f = frame_find(paddr_to_mfn(addr));

	return f ? f->addr + (addr & ~PAGE_MASK) : NULL;
}

size_t fake_live_allocs(void)
{
	return live_allocs;
}

size_t fake_live_frames(void)
{
	return live_frames;
}
