/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses whose accesses are emulated: sorted, disjoint ranges, found by binary
 * search. Each domain has one table for guest-physical memory (hv/mmio_trap.h)
 * and one for ports (hv/portio.h).
 *
 * Locking: the table's own lock (LOCK_RANK_TRAP), not held while a handler runs.
 * So who removes a range must know that no vcpu of the domain is in its handler:
 * the domain is paused or being destroyed, or ctx outlives it.
 */
#ifndef HV_TRAP_H
#define HV_TRAP_H

#include <hv/spinlock.h>
#include <hv/types.h>

struct vcpu;

#define TRAP_RANGES_MAX 1024

/* bytes: 1, 2, 4 or 8 (ports: 4 at most); the access lies within the range. Alignment is the handler's matter. */
struct trap_ops {
	uint64_t (*read)(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes);
	void (*write)(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes, uint64_t value);
};

struct trap_range {
	uint64_t first, last;
	const struct trap_ops *ops;
	void *ctx;
};

struct trap_table {
	struct rwlock lock;
	uint32_t count, room;
	struct trap_range *range;
};

void trap_init(struct trap_table *t, const char *name);
void trap_destroy(struct trap_table *t);

/* -EEXIST where a range overlaps, -EINVAL (count 0, or past the end), -ENOSPC, -ENOMEM. */
int trap_add(struct trap_table *t, uint64_t first, uint64_t count, const struct trap_ops *ops,
	void *ctx) __must_check;

/* The range that begins at first; -ENOENT. */
int trap_remove(struct trap_table *t, uint64_t first);

/* The range that holds all bytes of the access, copied out; false when there is none. O(log n). */
bool trap_find(struct trap_table *t, uint64_t address, unsigned int bytes,
	struct trap_range *ret_range) __must_check;

/* One access: all-ones, or dropped, where no range holds it. */
uint64_t trap_read(struct trap_table *t, struct vcpu *v, uint64_t address, unsigned int bytes);
void trap_write(struct trap_table *t, struct vcpu *v, uint64_t address, unsigned int bytes, uint64_t value);

#endif
