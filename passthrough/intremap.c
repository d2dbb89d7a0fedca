/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt remapping for whoever has interrupts to send, over all units. */
#include <errno.h>
#include <pt/intremap.h>
#include <pt/iommu_ops.h>
#include <pt/pci.h>

static bool active, wide;

/* Each unit must be able to, before the first one does. */
static bool units_able(bool x2apic)
{
	const struct iommu_caps *caps = iommu_caps();

	return iommu_unit_count() > 0 && caps->intremap && (caps->x2apic || !x2apic);
}

void intremap_forget(void)
{
	active = wide = false;
}

int intremap_start(bool x2apic)
{
	intremap_forget();
	if (!units_able(x2apic))
		return -ENODEV;
	for (unsigned int i = 0; i < iommu_unit_count(); i++) {
		struct iommu_unit *unit = iommu_unit_at(i);
		int err = unit->ops->intr_enable(unit, x2apic);

		if (err) {
			env_log(ENV_LOG_ERR, "%s: interrupt remapping: error %d", unit->name, -err);
			return err;
		}
	}
	active = true;
	wide = x2apic;
	return 0;
}

bool intremap_active(void)
{
	return active;
}

static int range_alloc(
	struct iommu_unit *unit, struct intremap_range *range, struct intremap_range *ret_range)
{
	int err;

	if (!active || !unit)
		return -ENODEV;
	range->unit = unit;
	err = unit->ops->intr_alloc(unit, range);
	if (!err)
		*ret_range = *range;
	return err;
}

int intremap_alloc(
	const struct pci_dev *dev, uint16_t rid, unsigned int count, struct intremap_range *ret_range)
{
	struct intremap_range range = {.rid = rid, .count = (uint16_t)count};

	if (count == 0 || count > INTREMAP_MSI_MAX || (count & (count - 1)) != 0)
		return -EINVAL;
	return range_alloc(iommu_unit_of(dev), &range, ret_range);
}

static int special_alloc(
	enum iommu_scope_kind kind, uint8_t id, unsigned int count, struct intremap_range *ret_range)
{
	struct intremap_range range = {.count = (uint16_t)count, .ioapic = kind == IOMMU_SCOPE_IOAPIC};

	if (count == 0 || count > INTREMAP_IOAPIC_MAX)
		return -EINVAL;
	return range_alloc(iommu_unit_of_special(kind, id, &range.rid), &range, ret_range);
}

int intremap_alloc_ioapic(uint8_t id, unsigned int pins, struct intremap_range *ret_range)
{
	return special_alloc(IOMMU_SCOPE_IOAPIC, id, pins, ret_range);
}

int intremap_alloc_hpet(uint8_t number, unsigned int count, struct intremap_range *ret_range)
{
	return special_alloc(IOMMU_SCOPE_HPET, number, count, ret_range);
}

int intremap_set(const struct intremap_range *range, unsigned int n, const struct intremap_target *target)
{
	if (n >= range->count)
		return -EINVAL;
	/* Vectors below 16 are exceptions: SDM volume 3 section 11.5.2 refuses them. */
	if (target && (target->vector < 16 || (!wide && target->apic_id > 0xff)))
		return -EINVAL;
	return range->unit->ops->intr_set(range->unit, range, n, target);
}

void intremap_message(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target, struct intremap_message *ret_message)
{
	range->unit->ops->intr_message(range, n, target, ret_message);
}

int intremap_free(const struct intremap_range *range)
{
	for (unsigned int n = 0; n < range->count; n++) {
		int err = intremap_set(range, n, NULL);

		if (err)
			return err;
	}
	range->unit->ops->intr_free(range->unit, range);
	return 0;
}
