/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include "text_ring.h"

static void text_ring_copy_in(struct text_ring *ring, uint64_t pos, const char *text, size_t bytes)
{
	size_t at = (size_t)(pos & (ring->bytes - 1));
	size_t first = MIN(bytes, (size_t)ring->bytes - at);

	memcpy(ring->buf + at, text, first);
	memcpy(ring->buf, text + first, bytes - first);
}

static void text_ring_copy_out(const struct text_ring *ring, uint64_t pos, char *dst, size_t bytes)
{
	size_t at = (size_t)(pos & (ring->bytes - 1));
	size_t first = MIN(bytes, (size_t)ring->bytes - at);

	memcpy(dst, ring->buf + at, first);
	memcpy(dst + first, ring->buf, bytes - first);
}

void text_ring_write(struct text_ring *ring, const char *text, size_t bytes)
{
	uint64_t pos;

	bytes = MIN(bytes, (size_t)ring->bytes);
	pos = __atomic_fetch_add(&ring->reserved, bytes, __ATOMIC_ACQ_REL);
	text_ring_copy_in(ring, pos, text, bytes);
	__atomic_fetch_add(&ring->committed, bytes, __ATOMIC_ACQ_REL);
}

bool text_ring_stable(const struct text_ring *ring, uint64_t *ret_end)
{
	/* In this order: what was committed before is not more than what is reserved now. */
	uint64_t committed = __atomic_load_n(&ring->committed, __ATOMIC_ACQUIRE);
	uint64_t reserved = __atomic_load_n(&ring->reserved, __ATOMIC_ACQUIRE);

	if (committed != reserved)
		return false;
	*ret_end = reserved;
	return true;
}

uint64_t text_ring_end(const struct text_ring *ring)
{
	return __atomic_load_n(&ring->reserved, __ATOMIC_ACQUIRE);
}

uint64_t text_ring_oldest(const struct text_ring *ring, uint64_t end)
{
	return end > ring->bytes ? end - ring->bytes : 0;
}

size_t text_ring_read(const struct text_ring *ring, uint64_t *pos, uint64_t end, char *dst, size_t bytes)
{
	uint64_t from = MAX(*pos, text_ring_oldest(ring, end));
	size_t n;

	if (from >= end) {
		*pos = from;
		return 0;
	}
	n = (size_t)MIN((uint64_t)bytes, end - from);
	text_ring_copy_out(ring, from, dst, n);
	*pos = from + n;
	return n;
}
