/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of text that any context may write to, NMI included, without a lock:
 * a writer reserves its place by one addition, copies, then commits. Positions
 * count bytes since the start and never wrap (64 bits).
 *
 * A reader takes only text that is stable: nothing reserved is uncommitted.
 * The last writer to commit is the one that sees that, so a reader that every
 * writer calls afterwards misses nothing.
 */
#ifndef TEXT_RING_H
#define TEXT_RING_H

#include <stdbool.h>
#include <pt/compiler.h>

struct text_ring {
	char *buf;
	uint64_t bytes; /* a power of two */
	uint64_t reserved;
	uint64_t committed;
};

/* At most ring->bytes; more is cut. */
void text_ring_write(struct text_ring *ring, const char *text, size_t bytes);

/* True with the end of the text when nobody is writing. */
bool text_ring_stable(const struct text_ring *ring, uint64_t *ret_end);

/* The end of the text, stable or not. */
uint64_t text_ring_end(const struct text_ring *ring);

/* The first position still held, seen from `end`. */
uint64_t text_ring_oldest(const struct text_ring *ring, uint64_t end);

/*
 * Copies at most bytes from *pos towards end and moves *pos; a position that
 * is already overwritten moves to the oldest first. Returns the bytes copied.
 */
size_t text_ring_read(const struct text_ring *ring, uint64_t *pos, uint64_t end, char *dst, size_t bytes);

#endif
