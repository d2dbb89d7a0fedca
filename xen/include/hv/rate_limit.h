/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A token bucket: `burst` events at once, then one for each token_ns.
 * Context: any, NMI included; a caller that meets another one is refused.
 */
#ifndef HV_RATE_LIMIT_H
#define HV_RATE_LIMIT_H

#include <stdbool.h>
#include <pt/compiler.h>

struct rate_limit {
	uint32_t burst;
	uint32_t tokens;
	uint64_t token_ns;
	uint64_t filled_ns; /* when the last token was added */
	uint32_t lost;	    /* refused since the last report */
	bool busy;
};

#define RATE_LIMIT_INIT(n, ns)                                \
	{                                                     \
		.burst = (n), .tokens = (n), .token_ns = (ns) \
	}

/*
 * True when the event may pass; then *ret_lost is how many were refused since
 * the last one that passed. now_ns: monotonic; 0 (no clock yet) lets all pass.
 */
bool rate_limit_pass(struct rate_limit *limit, uint64_t now_ns, uint32_t *ret_lost) __must_check;

#endif
