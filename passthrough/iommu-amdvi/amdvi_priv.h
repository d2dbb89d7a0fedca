/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the AMD-Vi driver. */
#ifndef AMDVI_PRIV_H
#define AMDVI_PRIV_H

#include <pt/iommu_ops.h>
#include "amdvi_regs.h"

#define AMDVI_QUEUE_ENTRIES 256U /* one page */
#define AMDVI_SUBMIT_MAX    16U

/*
 * The command buffer. Each submission ends with a completion wait that writes
 * its number to the status word, so that completion is one comparison.
 */
struct amdvi_queue {
	struct env_lock lock; /* ENV_RANK_IOMMU_QUEUE */
	mfn_t frame, status_frame;
	struct amdvi_cmd *ring;
	const volatile uint32_t *status;
	uint32_t head; /* as last read: never behind the hardware's by more than what it has done since */
	uint32_t tail;
	uint32_t ticket; /* of the last submission */
};

/* One device's interrupt table. */
struct amdvi_irqs {
	mfn_t table;
	uint64_t used[AMDVI_INTR_ENTRIES / 64];
};

struct amdvi_irq_bus {
	struct amdvi_irqs *device[256];
};

struct amdvi_unit {
	struct iommu_unit common;
	uint64_t efr;
	uint8_t ivhd_flags;
	mfn_t devtab;
	mfn_t events;
	struct amdvi_queue queue;
	const struct iommu_fw *fw; /* until enabled: the settings of its devices */
	struct iommu_fw_scopes scopes;
	/* Interrupt remapping: common.lock; tables are made when a device gets its first entries. */
	bool intr;
	struct amdvi_irq_bus *irq_bus[256];
};

static inline struct amdvi_unit *amdvi_of(struct iommu_unit *unit)
{
	return container_of(unit, struct amdvi_unit, common);
}

static inline uint32_t amdvi_read32(const struct amdvi_unit *unit, uint32_t reg)
{
	return env_read32(unit->common.regs + reg);
}

static inline uint64_t amdvi_read64(const struct amdvi_unit *unit, uint32_t reg)
{
	return env_read64(unit->common.regs + reg);
}

static inline void amdvi_write32(struct amdvi_unit *unit, uint32_t reg, uint32_t value)
{
	env_write32(unit->common.regs + reg, value);
}

static inline void amdvi_write64(struct amdvi_unit *unit, uint32_t reg, uint64_t value)
{
	env_write64(unit->common.regs + reg, value);
}

/* amdvi_queue.c */
int amdvi_queue_init(struct amdvi_unit *unit) __must_check;
void amdvi_queue_free(struct amdvi_unit *unit);
/* Queues up to AMDVI_SUBMIT_MAX commands and a wait; a full buffer waits. */
int amdvi_queue_submit(struct amdvi_unit *unit, const struct amdvi_cmd *cmd, size_t count,
	iommu_ticket_t *ret_ticket) __must_check;
int amdvi_queue_wait(struct amdvi_unit *unit, iommu_ticket_t ticket) __must_check;
/* A ticket that is done already. */
iommu_ticket_t amdvi_queue_done(const struct amdvi_unit *unit);
/* Submit and wait. */
int amdvi_queue_run(struct amdvi_unit *unit, const struct amdvi_cmd *cmd, size_t count) __must_check;

/* amdvi_table.c */
int amdvi_table_init(struct amdvi_unit *unit) __must_check;
void amdvi_table_free(struct amdvi_unit *unit);
int amdvi_table_device_set(struct iommu_unit *common, uint16_t rid, const struct iommu_domain *domain);

/* Replaces what the device's entry says about interrupts, but for what passes. Under common.lock. */
void amdvi_table_intr_set(struct amdvi_unit *unit, uint16_t rid, uint64_t intr);

/* amdvi_intremap.c */
int amdvi_intr_enable(struct iommu_unit *common, bool x2apic);
/* Everything about it; tables: those that the unit reads, too. */
void amdvi_intr_free_all(struct amdvi_unit *unit, bool tables);
int amdvi_intr_alloc(struct iommu_unit *common, struct intremap_range *range);
void amdvi_intr_free(struct iommu_unit *common, const struct intremap_range *range);
int amdvi_intr_set(struct iommu_unit *common, const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target);
void amdvi_intr_message(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target, struct intremap_message *ret_message);

/* amdvi_flush.c */
int amdvi_flush_all(struct amdvi_unit *unit) __must_check;
int amdvi_flush_domain(struct iommu_unit *common, uint16_t domain_id, const struct ptab_flush *flush,
	iommu_ticket_t *ret_ticket);

/* amdvi_unit.c */
int amdvi_unit_probe(const struct iommu_fw *fw, const struct iommu_fw_unit *fw_unit, uint32_t number,
	struct iommu_unit **ret_unit);
int amdvi_unit_enable(struct iommu_unit *common);
void amdvi_unit_destroy(struct iommu_unit *common);

#endif
