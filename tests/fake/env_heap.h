/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pt/env.h's memory over the hypervisor's own heap and the fake RAM: for tests
 * in which frames and page tables meet. The n-th allocation can fail.
 */
#ifndef FAKE_ENV_HEAP_H
#define FAKE_ENV_HEAP_H

#include <stdint.h>

/* The n-th allocation from now on fails, once; 0: none. */
extern unsigned int fake_heap_fail_at;

/* Frames that env_frames_alloc gave and did not get back. */
extern uint64_t fake_heap_frames;

#endif
