/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one way to wait for hardware: until a condition holds or the time is up.
 *
 * The condition is evaluated again and again, at least once after the time is
 * up, so that a processor that was held up does not see a timeout that was not.
 * No lock may be held. What a timeout means is the caller's to decide: it must
 * look at the result.
 */
#ifndef PT_WAIT_H
#define PT_WAIT_H

#include <errno.h>
#include <pt/env.h>

#define WAIT_US(n) ((uint64_t)(n)*1000)
#define WAIT_MS(n) ((uint64_t)(n)*1000000)

static inline int __must_check wait_result(int err)
{
	return err;
}

/* 0, or -ETIMEDOUT. */
#define WAIT_UNTIL(condition, timeout_ns)                                 \
	wait_result(({                                                    \
		uint64_t wait_end_ = env_now_ns() + (timeout_ns);         \
		int wait_err_ = 0;                                        \
		while (!(condition)) {                                    \
			if (env_now_ns() >= wait_end_) {                  \
				wait_err_ = (condition) ? 0 : -ETIMEDOUT; \
				break;                                    \
			}                                                 \
			env_relax();                                      \
		}                                                         \
		wait_err_;                                                \
	}))

#endif
