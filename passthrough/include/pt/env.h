/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What portable code needs from its surroundings, and nothing else.
 *
 * The hypervisor links xen/env.c, the unit tests link tests/fake/env.c (which
 * records every store and can fail every call), the dom0 tools link
 * tools/pt-ctl/env.c. No function here may be called with a hypervisor
 * spinlock of a higher rank than LOCK_RANK_IOMMU_QUEUE held.
 *
 * Errors are negative errno values; a function that returns a pointer returns
 * NULL when there is none.
 */
#ifndef PT_ENV_H
#define PT_ENV_H

#include <pt/types.h>

/* --- Log. One event, one line, without a trailing newline. --- */
enum env_log_level {
	ENV_LOG_ERR,
	ENV_LOG_WARN,
	ENV_LOG_INFO,
	ENV_LOG_DEBUG,
};

__printf(2, 3) void env_log(enum env_log_level level, const char *fmt, ...);

/* --- Memory. Zeroed; any size up to 128 KiB; may fail. --- */
void *env_alloc(size_t bytes) __must_check;
void env_free(void *p);

/*
 * --- Frames that hardware reads (page tables, queues, remapping tables). ---
 * env_frames_alloc: 2^order zeroed, naturally aligned frames; INVALID_MFN when
 * there are none. env_frame_map: their address for the processor, valid until
 * the frames are freed; never NULL for frames that came from env_frames_alloc.
 */
mfn_t env_frames_alloc(unsigned int order) __must_check;
void env_frames_free(mfn_t first, unsigned int order);
void *env_frame_map(mfn_t frame);

/* --- Device registers. Map fails with NULL; offsets are the caller's to keep in bounds. --- */
volatile void *env_mmio_map(paddr_t base, size_t bytes) __must_check;
void env_mmio_unmap(volatile void *regs, size_t bytes);
uint32_t env_read32(const volatile void *addr);
uint64_t env_read64(const volatile void *addr);
void env_write32(volatile void *addr, uint32_t value);
void env_write64(volatile void *addr, uint64_t value);

/*
 * --- PCI configuration space. ---
 * size is 1, 2 or 4; reg is below 4096 and aligned to size. A function that is
 * not there, or a register beyond what is reachable, reads as all-ones; the
 * write is dropped.
 */
uint32_t env_cfg_read(sbdf_t sbdf, unsigned int reg, unsigned int size);
void env_cfg_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value);

/* --- Time: monotonic nanoseconds; env_relax between two polls of a bounded wait. --- */
uint64_t env_now_ns(void);
void env_relax(void);

/* --- Memory order and caches. --- */
void env_wmb(void);				   /* earlier stores are visible before later ones */
void env_cache_clean(const void *p, size_t bytes); /* written back for a unit that does not snoop */

/* --- Locks. Not recursive; held for short, bounded work only, never over a wait for hardware. --- */
/* Outer locks before inner ones: who holds one may take those below it only. */
enum env_rank {
	ENV_RANK_ASSIGN, /* who owns which device */
	ENV_RANK_DEVICE, /* device registry */
	ENV_RANK_VPCI,
	ENV_RANK_IOMMU,	      /* one unit's tables */
	ENV_RANK_IOMMU_QUEUE, /* one unit's invalidation queue */
	ENV_RANK_COUNT,
};

/* Only the environment looks inside. */
struct env_lock {
	uint32_t word;
	uint32_t rank;
	const char *name;
};

void env_lock_init(struct env_lock *lock, uint32_t rank); /* enum env_rank */
void env_lock(struct env_lock *lock);
void env_unlock(struct env_lock *lock);
bool env_lock_held(const struct env_lock *lock);

#endif
