/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the VT-d driver. */
#ifndef VTD_PRIV_H
#define VTD_PRIV_H

#include <pt/iommu_ops.h>
#include "vtd_regs.h"

#define VTD_QUEUE_ENTRIES 256U /* one page */
#define VTD_SUBMIT_MAX	  16U

/*
 * The invalidation queue. Each submission ends with a wait descriptor that
 * writes its number to the status word, so that completion is one comparison.
 */
struct vtd_queue {
	struct env_lock lock; /* ENV_RANK_IOMMU_QUEUE */
	mfn_t frame, status_frame;
	struct vtd_desc *ring;
	const volatile uint32_t *status;
	uint32_t head; /* as last read: never behind the hardware's by more than what it has done since */
	uint32_t tail;
	uint32_t ticket; /* of the last submission */
};

struct vtd_unit {
	struct iommu_unit common;
	uint64_t cap, ecap;
	mfn_t root;
	struct vtd_queue queue;
	/* Interrupt remapping: common.lock. */
	mfn_t irtes; /* INVALID_MFN: off */
	bool x2apic;
	uint64_t *irte_used; /* one bit for each entry */
};

static inline struct vtd_unit *vtd_of(struct iommu_unit *unit)
{
	return container_of(unit, struct vtd_unit, common);
}

static inline uint32_t vtd_read32(const struct vtd_unit *unit, uint32_t reg)
{
	return env_read32(unit->common.regs + reg);
}

static inline uint64_t vtd_read64(const struct vtd_unit *unit, uint32_t reg)
{
	return env_read64(unit->common.regs + reg);
}

static inline void vtd_write32(struct vtd_unit *unit, uint32_t reg, uint32_t value)
{
	env_write32(unit->common.regs + reg, value);
}

static inline void vtd_write64(struct vtd_unit *unit, uint32_t reg, uint64_t value)
{
	env_write64(unit->common.regs + reg, value);
}

static inline void vtd_clean(const struct vtd_unit *unit, const void *p, size_t bytes)
{
	if (!unit->common.caps.coherent)
		env_cache_clean(p, bytes);
}

/* vtd_queue.c */
int vtd_queue_init(struct vtd_unit *unit) __must_check;
void vtd_queue_free(struct vtd_unit *unit);
/* Queues up to VTD_SUBMIT_MAX descriptors and a wait; a full queue waits. */
int vtd_queue_submit(struct vtd_unit *unit, const struct vtd_desc *desc, size_t count,
	iommu_ticket_t *ret_ticket) __must_check;
int vtd_queue_wait(struct vtd_unit *unit, iommu_ticket_t ticket) __must_check;
/* A ticket that is done already. */
iommu_ticket_t vtd_queue_done(const struct vtd_unit *unit);
/* Submit and wait. */
int vtd_queue_run(struct vtd_unit *unit, const struct vtd_desc *desc, size_t count) __must_check;

/* vtd_table.c */
int vtd_table_init(struct vtd_unit *unit) __must_check;
void vtd_table_free(struct vtd_unit *unit);
int vtd_table_device_set(struct iommu_unit *common, uint16_t rid, const struct iommu_domain *domain);

/* vtd_flush.c */
int vtd_flush_all(struct vtd_unit *unit) __must_check;
int vtd_flush_domain(struct iommu_unit *common, uint16_t domain_id, const struct ptab_flush *flush,
	iommu_ticket_t *ret_ticket);
/* Stores to memory become visible to the unit's walks, where hardware needs to be told (CAP.RWBF). Waits. */
int vtd_flush_write_buffer(struct vtd_unit *unit) __must_check;

/* vtd_intremap.c */
int vtd_intr_enable(struct iommu_unit *common, bool x2apic);
void vtd_intr_table_free(struct vtd_unit *unit);
int vtd_intr_alloc(struct iommu_unit *common, struct intremap_range *range);
void vtd_intr_free(struct iommu_unit *common, const struct intremap_range *range);
int vtd_intr_set(struct iommu_unit *common, const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target);
void vtd_intr_message(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target, struct intremap_message *ret_message);

/* vtd_unit.c */
/* Writes the bit of the global command register as `set`, until its status is `want`. Waits. */
int vtd_unit_command(struct vtd_unit *unit, uint32_t bit, bool set, bool want) __must_check;
int vtd_unit_probe(const struct iommu_fw *fw, const struct iommu_fw_unit *fw_unit, uint32_t number,
	struct iommu_unit **ret_unit);
int vtd_unit_enable(struct iommu_unit *common);
void vtd_unit_destroy(struct iommu_unit *common);

#endif
