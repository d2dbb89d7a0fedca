/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping: AMD IOMMU 3.08 section 2.2.8. Each device has its own
 * table, so that it can reach no other's entries; one without a table is
 * blocked.
 *
 * Lock: common.lock around the tables and their bitmaps; never held over a flush.
 */
#include <errno.h>
#include <pt/env.h>
#include "amdvi_priv.h"

#define INTR_BLOCKED AMDVI_DTE_IV
#define GA_BYTES     16U

/* All devices blocked, everything flushed. */
int amdvi_intr_enable(struct iommu_unit *common, bool x2apic)
{
	struct amdvi_unit *unit = amdvi_of(common);

	if (x2apic && !common->caps.x2apic)
		return -EOPNOTSUPP;
	if (iommu_unit_dead(common))
		return -EIO;
	if (unit->intr)
		return -EBUSY;
	env_lock(&common->lock);
	for (uint32_t rid = 0; rid < AMDVI_DEVICES; rid++)
		amdvi_table_intr_set(unit, (uint16_t)rid, INTR_BLOCKED);
	env_wmb();
	unit->intr = true;
	env_unlock(&common->lock);
	return amdvi_flush_all(unit);
}

static void bus_free(struct amdvi_irq_bus *bus, bool tables)
{
	for (unsigned int i = 0; bus && i < ARRAY_SIZE(bus->device); i++) {
		if (!bus->device[i])
			continue;
		if (tables)
			env_frames_free(bus->device[i]->table, 0);
		env_free(bus->device[i]);
	}
	env_free(bus);
}

void amdvi_intr_free_all(struct amdvi_unit *unit, bool tables)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(unit->irq_bus); i++) {
		bus_free(unit->irq_bus[i], tables);
		unit->irq_bus[i] = NULL;
	}
	unit->intr = false;
}

static struct amdvi_irqs *irqs_find(const struct amdvi_unit *unit, uint16_t rid)
{
	const struct amdvi_irq_bus *bus = unit->irq_bus[rid >> 8];

	return bus ? bus->device[rid & 0xff] : NULL;
}

static struct amdvi_irqs *irqs_make(struct amdvi_unit *unit, uint16_t rid)
{
	struct amdvi_irq_bus **bus = &unit->irq_bus[rid >> 8];
	struct amdvi_irqs *irqs;

	if (!*bus)
		*bus = env_alloc(sizeof(**bus));
	irqs = *bus ? env_alloc(sizeof(*irqs)) : NULL;
	if (!irqs)
		return NULL;
	irqs->table = env_frames_alloc(0);
	if (!mfn_valid(irqs->table)) {
		env_free(irqs);
		return NULL;
	}
	(*bus)->device[rid & 0xff] = irqs;
	return irqs;
}

/* The new table is empty, so it blocks just as its absence did. */
static void irqs_publish(struct amdvi_unit *unit, uint16_t rid, const struct amdvi_irqs *irqs)
{
	env_wmb();
	amdvi_table_intr_set(unit, rid,
		AMDVI_DTE_IV | AMDVI_DTE_INTLEN(AMDVI_INTR_LEN) | AMDVI_DTE_REMAP |
			mfn_to_paddr(irqs->table));
	env_wmb();
}

int amdvi_intr_alloc(struct iommu_unit *common, struct intremap_range *range)
{
	struct amdvi_unit *unit = amdvi_of(common);
	struct amdvi_cmd flush = {.lo = AMDVI_CMD_DEVTAB | range->rid};
	struct amdvi_irqs *irqs;
	uint32_t first = 0;
	bool made = false;
	int err = -ENOMEM;

	env_lock(&common->lock);
	irqs = irqs_find(unit, range->rid);
	if (!irqs) {
		irqs = irqs_make(unit, range->rid);
		made = irqs != NULL;
	}
	if (made)
		irqs_publish(unit, range->rid, irqs);
	if (irqs)
		err = iommu_bits_take(irqs->used, AMDVI_INTR_ENTRIES, range->count, &first);
	env_unlock(&common->lock);
	range->first = (uint16_t)first;
	if (!err && made)
		err = amdvi_queue_run(unit, &flush, 1);
	return err;
}

void amdvi_intr_free(struct iommu_unit *common, const struct intremap_range *range)
{
	struct amdvi_unit *unit = amdvi_of(common);

	env_lock(&common->lock);
	iommu_bits_give(irqs_find(unit, range->rid)->used, range->first, range->count);
	env_unlock(&common->lock);
}

static void irte_write_32(uint32_t *slot, const struct intremap_target *t)
{
	uint32_t value = 0;

	if (t)
		value = AMDVI_IRTE_ENABLE | (t->lowest ? AMDVI_IRTE_LOWEST : 0) |
			(t->logical ? AMDVI_IRTE_LOGICAL : 0) | AMDVI_IRTE_DEST(t->apic_id & 0xff) |
			AMDVI_IRTE_VECTOR(t->vector);
	WRITE_ONCE(*slot, value);
}

/* Two halves: where both change, the one that enables goes off first and comes on last. */
static void irte_write_128(uint64_t *slot, const struct intremap_target *t)
{
	uint64_t lo = 0, hi = slot[1];

	if (t) {
		lo = AMDVI_IRTE_ENABLE | (t->lowest ? AMDVI_IRTE_LOWEST : 0) |
		     (t->logical ? AMDVI_IRTE_LOGICAL : 0) | AMDVI_GA_DEST(t->apic_id);
		hi = AMDVI_GA_HI_VECTOR(t->vector) | AMDVI_GA_HI_DEST(t->apic_id);
	}
	if (hi != slot[1]) {
		WRITE_ONCE(slot[0], 0);
		env_wmb();
		WRITE_ONCE(slot[1], hi);
		env_wmb();
	}
	WRITE_ONCE(slot[0], lo);
}

int amdvi_intr_set(struct iommu_unit *common, const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target)
{
	struct amdvi_unit *unit = amdvi_of(common);
	struct amdvi_cmd flush = {.lo = AMDVI_CMD_INTTAB | range->rid};
	uint32_t index = range->first + n;
	uint8_t *table;

	if (iommu_unit_dead(common))
		return -EIO;
	env_lock(&common->lock);
	table = env_frame_map(irqs_find(unit, range->rid)->table);
	if (common->caps.x2apic)
		irte_write_128((uint64_t *)(table + index * GA_BYTES), target);
	else
		irte_write_32((uint32_t *)table + index, target);
	env_wmb();
	env_unlock(&common->lock);
	return amdvi_queue_run(unit, &flush, 1);
}

/* 2.2.5.1: the index stands where the vector and the delivery mode did. */
void amdvi_intr_message(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target, struct intremap_message *ret_message)
{
	(void)target;
	*ret_message = (struct intremap_message){
		.address = range->ioapic ? 0 : AMDVI_MSI_ADDRESS,
		.data = range->first + n,
	};
}
