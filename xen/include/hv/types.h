/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own strong types, beside those of pt/types.h.
 *
 * gfn   a frame as a guest sees it: the input of the p2m
 * vaddr is plain uintptr_t: an address of the hypervisor's own mapping
 *
 * Context: any.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include <pt/types.h>

typedef struct {
	uint64_t v;
} gfn_t;

#define GFN(n)	    ((gfn_t){(n)})
#define INVALID_GFN GFN(~0UL)

static inline bool gfn_eq(gfn_t a, gfn_t b)
{
	return a.v == b.v;
}

static inline gfn_t gfn_add(gfn_t g, uint64_t frames)
{
	return GFN(g.v + frames);
}

typedef uint16_t domid_t;

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define TIB(n) ((uint64_t)(n) << 40)

/* Orders of the allocator and of page tables: 4 KiB, 2 MiB, 1 GiB. */
#define ORDER_4K 0
#define ORDER_2M 9
#define ORDER_1G 18

#define NR_CPUS	 256
#define NR_NODES 64

#endif
