/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/rate_limit.h>

static void rate_limit_refill(struct rate_limit *limit, uint64_t now_ns)
{
	uint64_t fresh;

	if (now_ns <= limit->filled_ns)
		return;
	fresh = (now_ns - limit->filled_ns) / limit->token_ns;
	if (fresh >= limit->burst - limit->tokens) {
		limit->tokens = limit->burst;
		limit->filled_ns = now_ns;
	} else {
		limit->tokens += (uint32_t)fresh;
		limit->filled_ns += fresh * limit->token_ns;
	}
}

static bool rate_limit_take(struct rate_limit *limit, uint64_t now_ns)
{
	bool passed;

	if (__atomic_exchange_n(&limit->busy, true, __ATOMIC_ACQUIRE))
		return false;
	rate_limit_refill(limit, now_ns);
	passed = limit->tokens > 0;
	if (passed)
		limit->tokens--;
	__atomic_store_n(&limit->busy, false, __ATOMIC_RELEASE);
	return passed;
}

bool rate_limit_pass(struct rate_limit *limit, uint64_t now_ns, uint32_t *ret_lost)
{
	if (now_ns != 0 && !rate_limit_take(limit, now_ns)) {
		__atomic_fetch_add(&limit->lost, 1, __ATOMIC_RELAXED);
		return false;
	}
	*ret_lost = __atomic_exchange_n(&limit->lost, 0, __ATOMIC_RELAXED);
	return true;
}
