/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/slab.h>
#include <pt/env.h>
#include "env_heap.h"

unsigned int fake_heap_fail_at;
uint64_t fake_heap_frames;

static bool struck(void)
{
	return fake_heap_fail_at != 0 && --fake_heap_fail_at == 0;
}

void *env_alloc(size_t bytes)
{
	return struck() ? NULL : hv_alloc(bytes);
}

void env_free(void *p)
{
	hv_free(p);
}

mfn_t env_frames_alloc(unsigned int order)
{
	mfn_t first;

	if (struck() || heap_alloc(order, HEAP_ANY_NODE, 0, &first) != 0)
		return INVALID_MFN;
	fake_heap_frames += 1UL << order;
	return first;
}

void env_frames_free(mfn_t first, unsigned int order)
{
	fake_heap_frames -= 1UL << order;
	heap_free(first, order);
}

void *env_frame_map(mfn_t frame)
{
	return mfn_to_va(frame);
}

void env_wmb(void)
{
}

void env_cache_clean(const void *p, size_t bytes)
{
	(void)p;
	(void)bytes;
}
