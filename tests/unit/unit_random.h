/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that are the same in every run (xorshift32). The seed must not be 0. */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdint.h>

static inline uint32_t unit_random(uint32_t *seed)
{
	uint32_t x = *seed;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*seed = x;
	return x;
}

#endif
