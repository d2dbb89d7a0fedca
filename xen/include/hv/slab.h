/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small objects of the hypervisor: size classes 16, 32, ... 2048; larger ones
 * are whole frames from the heap. All memory is zero when it is given out.
 *
 * Freed objects are kept zero and marked, so that a double free, a bad pointer
 * and a write after free are found (panic: our own broken invariant).
 * Context: any but interrupts. Takes LOCK_RANK_SLAB, then LOCK_RANK_HEAP.
 */
#ifndef HV_SLAB_H
#define HV_SLAB_H

#include <hv/types.h>

#define HV_ALLOC_MAX MIB(2)

/* Aligned to its size class (at most a page); NULL when there is none, for 0 and above HV_ALLOC_MAX. */
void *hv_alloc(size_t bytes) __must_check;

/* An array; NULL when the product overflows, too. */
void *hv_alloc_array(size_t count, size_t bytes) __must_check;

/* NULL is allowed. */
void hv_free(void *p);

/* Objects in use, large ones included. */
uint64_t hv_alloc_count(void);

#endif
