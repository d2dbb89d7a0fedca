/* SPDX-License-Identifier: GPL-2.0-only */
/* pt/env.h for the hypervisor: each function is the hypervisor's own under its portable name. */
#include <stdarg.h>

#include <hv/asm.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include <hv/pci_access.h>
#include <hv/slab.h>
#include <hv/spinlock.h>
#include <hv/time.h>
#include <pt/env.h>

/* --- Log. --- */

BUILD_ASSERT((int)ENV_LOG_ERR == (int)LOG_ERR && (int)ENV_LOG_WARN == (int)LOG_WARN &&
	     (int)ENV_LOG_INFO == (int)LOG_INFO && (int)ENV_LOG_DEBUG == (int)LOG_DEBUG);

void env_log(enum env_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vline((enum log_level)level, fmt, ap);
	va_end(ap);
}

/* --- Memory. --- */

void *env_alloc(size_t bytes)
{
	return hv_alloc(bytes);
}

void env_free(void *p)
{
	hv_free(p);
}

mfn_t env_frames_alloc(unsigned int order)
{
	mfn_t first;

	return heap_alloc(order, HEAP_ANY_NODE, 0, &first) == 0 ? first : INVALID_MFN;
}

void env_frames_free(mfn_t first, unsigned int order)
{
	heap_free(first, order);
}

void *env_frame_map(mfn_t frame)
{
	return mfn_to_va(frame);
}

/* --- Device registers. --- */

volatile void *env_mmio_map(paddr_t base, size_t bytes)
{
	return ioremap(base, bytes, MAP_UC);
}

void env_mmio_unmap(volatile void *regs, size_t bytes)
{
	(void)bytes;
	iounmap(regs);
}

uint32_t env_read32(const volatile void *addr)
{
	return mmio_read32(addr);
}

uint64_t env_read64(const volatile void *addr)
{
	return mmio_read64(addr);
}

void env_write32(volatile void *addr, uint32_t value)
{
	mmio_write32(addr, value);
}

void env_write64(volatile void *addr, uint64_t value)
{
	mmio_write64(addr, value);
}

/* --- Configuration space. --- */

uint32_t env_cfg_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	return pci_access_read(sbdf, reg, size);
}

void env_cfg_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	pci_access_write(sbdf, reg, size, value);
}

/* --- Time and order. --- */

uint64_t env_now_ns(void)
{
	return now_ns();
}

void env_relax(void)
{
	cpu_relax();
}

void env_wmb(void)
{
	wmb();
}

/* AMD64 APM volume 2 section 7.4.1: CLFLUSH is ordered by MFENCE; every processor with an IOMMU has 64-byte lines. */
#define CACHE_LINE 64

void env_cache_clean(const void *p, size_t bytes)
{
	uintptr_t end = (uintptr_t)p + bytes;

	mb();
	for (uintptr_t line = ALIGN_DOWN((uintptr_t)p, CACHE_LINE); line < end; line += CACHE_LINE)
		clflush((const void *)line);
	mb();
}

/* --- Locks: a spinlock in the portable structure. --- */

BUILD_ASSERT(sizeof(struct env_lock) == sizeof(struct spinlock));
BUILD_ASSERT(_Alignof(struct env_lock) == _Alignof(struct spinlock));

static struct spinlock *spinlock_of(const struct env_lock *lock)
{
	return (struct spinlock *)lock;
}

void env_lock_init(struct env_lock *lock, uint32_t rank)
{
	static const struct {
		const char *name;
		enum lock_rank rank;
	} native[ENV_RANK_COUNT] = {
		[ENV_RANK_ASSIGN] = {"assignment", LOCK_RANK_PT_ASSIGN},
		[ENV_RANK_DEVICE] = {"devices", LOCK_RANK_PT_DEVICE},
		[ENV_RANK_VPCI] = {"vpci", LOCK_RANK_VPCI},
		[ENV_RANK_IOMMU] = {"iommu", LOCK_RANK_IOMMU},
		[ENV_RANK_IOMMU_QUEUE] = {"iommu queue", LOCK_RANK_IOMMU_QUEUE},
	};

	BUG_ON(rank >= ENV_RANK_COUNT);
	spin_init(spinlock_of(lock), native[rank].name, native[rank].rank);
}

void env_lock(struct env_lock *lock)
{
	spin_lock(spinlock_of(lock));
}

void env_unlock(struct env_lock *lock)
{
	spin_unlock(spinlock_of(lock));
}

bool env_lock_held(const struct env_lock *lock)
{
	return spin_held(spinlock_of(lock));
}
