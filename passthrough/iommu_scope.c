/* SPDX-License-Identifier: GPL-2.0-only */
/* Which device a scope of the firmware's tables means: VT-d 4.1 section 8.3.1, AMD IOMMU 3.08 section 5.2.2. */
#include <pt/iommu_fw.h>
#include <pt/pci.h>

/* --- Resolving. --- */

/* Every bridge on the way gives the bus of the next hop. */
static const struct pci_dev *path_follow(
	const struct pci_registry *registry, uint16_t segment, const struct iommu_fw_scope *scope)
{
	const struct pci_dev *dev = NULL;
	unsigned int bus = scope->start_bus;

	for (unsigned int i = 0; i < scope->hops; i++) {
		if (dev && !pci_dev_is_bridge(dev))
			return NULL;
		bus = dev ? dev->secondary : bus;
		dev = pci_find(registry, SBDF(segment, bus, scope->path[i] >> 3, scope->path[i]));
		if (!dev)
			return NULL;
	}
	return dev;
}

static void pci_scope_resolve(struct iommu_fw *fw, struct iommu_fw_scope *scope, uint16_t segment,
	const struct pci_registry *registry)
{
	const struct pci_dev *dev;

	if (scope->resolved)
		dev = pci_find(registry, SBDF(segment, scope->first >> 8, scope->first >> 3, scope->first));
	else
		dev = path_follow(registry, segment, scope);
	if (!dev) {
		iommu_fw_problem_add(fw, FW_SCOPE_UNMATCHED, scope->offset, scope->first);
		return;
	}
	scope->first = scope->last = (uint16_t)sbdf_rid(dev->sbdf);
	scope->resolved = true;
}

/* A path to an IOAPIC, HPET or ACPI device is its requester id, whether configuration space shows it or not. */
static void scopes_resolve(struct iommu_fw *fw, const struct iommu_fw_scopes *scopes, uint16_t segment,
	const struct pci_registry *registry)
{
	for (uint32_t i = 0; i < scopes->count; i++) {
		struct iommu_fw_scope *scope = &fw->scope[scopes->first + i];

		if (scope->kind == IOMMU_SCOPE_ENDPOINT || scope->kind == IOMMU_SCOPE_BRIDGE)
			pci_scope_resolve(fw, scope, segment, registry);
	}
}

static bool id_known(const uint8_t *ids, size_t count, uint8_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void ioapics_check(struct iommu_fw *fw, const uint8_t *ids, size_t count)
{
	uint16_t rid;

	for (uint32_t i = 0; i < fw->scope_count; i++)
		if (fw->scope[i].kind == IOMMU_SCOPE_IOAPIC && !id_known(ids, count, fw->scope[i].id))
			iommu_fw_problem_add(fw, FW_IOAPIC_UNMATCHED, fw->scope[i].offset, fw->scope[i].id);
	for (size_t i = 0; i < count; i++)
		if (!iommu_fw_unit_of_special(fw, IOMMU_SCOPE_IOAPIC, ids[i], &rid))
			iommu_fw_problem_add(fw, FW_IOAPIC_UNCOVERED, 0, ids[i]);
}

/* --- Matching. --- */

static bool unit_usable(const struct iommu_fw_unit *unit)
{
	return unit->state == IOMMU_UNIT_USABLE;
}

static bool scope_covers(const struct iommu_fw_scope *scope, const struct pci_dev *dev)
{
	uint16_t rid = (uint16_t)sbdf_rid(dev->sbdf);
	bool means_pci = scope->kind == IOMMU_SCOPE_ENDPOINT || scope->kind == IOMMU_SCOPE_RANGE ||
			 scope->kind == IOMMU_SCOPE_ALL;

	if (!scope->resolved)
		return false;
	if (means_pci)
		return rid >= scope->first && rid <= scope->last;
	if (scope->kind != IOMMU_SCOPE_BRIDGE)
		return false;
	for (; dev; dev = dev->parent)
		if (sbdf_rid(dev->sbdf) == scope->first)
			return true;
	return false;
}

bool iommu_fw_scopes_cover(const struct iommu_fw *fw, const struct iommu_fw_scopes *scopes, uint16_t segment,
	const struct pci_dev *dev)
{
	if (sbdf_seg(dev->sbdf) != segment)
		return false;
	for (uint32_t i = 0; i < scopes->count; i++)
		if (scope_covers(&fw->scope[scopes->first + i], dev))
			return true;
	return false;
}

/* A unit that names the device wins over the one for all others. */
const struct iommu_fw_unit *iommu_fw_unit_of(const struct iommu_fw *fw, const struct pci_dev *dev)
{
	const struct iommu_fw_unit *others = NULL;

	for (uint32_t i = 0; i < fw->unit_count; i++) {
		const struct iommu_fw_unit *unit = &fw->unit[i];

		if (!unit_usable(unit))
			continue;
		if (iommu_fw_scopes_cover(fw, &unit->scopes, unit->segment, dev))
			return unit;
		if (unit->all && unit->segment == sbdf_seg(dev->sbdf))
			others = unit;
	}
	return others;
}

const struct iommu_fw_unit *iommu_fw_unit_of_special(
	const struct iommu_fw *fw, enum iommu_scope_kind kind, uint8_t id, uint16_t *ret_rid)
{
	for (uint32_t i = 0; i < fw->unit_count; i++) {
		const struct iommu_fw_unit *unit = &fw->unit[i];

		for (uint32_t n = 0; unit_usable(unit) && n < unit->scopes.count; n++) {
			const struct iommu_fw_scope *scope = &fw->scope[unit->scopes.first + n];

			if (scope->kind != kind || scope->id != id || !scope->resolved)
				continue;
			*ret_rid = scope->first;
			return unit;
		}
	}
	return NULL;
}

const struct iommu_fw_region *iommu_fw_region_of(
	const struct iommu_fw *fw, const struct pci_dev *dev, uint32_t *index)
{
	while (*index < fw->region_count) {
		const struct iommu_fw_region *region = &fw->region[(*index)++];

		if (region->usable && iommu_fw_scopes_cover(fw, &region->scopes, region->segment, dev))
			return region;
	}
	return NULL;
}

uint16_t iommu_fw_alias_of(const struct iommu_fw *fw, const struct pci_dev *dev)
{
	const struct iommu_fw_unit *unit = iommu_fw_unit_of(fw, dev);

	for (uint32_t i = 0; unit && i < unit->scopes.count; i++) {
		const struct iommu_fw_scope *scope = &fw->scope[unit->scopes.first + i];

		if (scope->aliased && scope_covers(scope, dev))
			return scope->alias;
	}
	return (uint16_t)sbdf_rid(dev->sbdf);
}

/* --- Two units for one device. --- */

static bool endpoint_same(const struct iommu_fw_scope *a, const struct iommu_fw_scope *b)
{
	return a->kind == IOMMU_SCOPE_ENDPOINT && b->kind == IOMMU_SCOPE_ENDPOINT && a->resolved &&
	       b->resolved && a->first == b->first;
}

static bool scope_taken_before(const struct iommu_fw *fw, uint32_t unit, const struct iommu_fw_scope *scope)
{
	for (uint32_t i = 0; i < unit; i++) {
		const struct iommu_fw_unit *earlier = &fw->unit[i];

		if (!unit_usable(earlier) || earlier->segment != fw->unit[unit].segment)
			continue;
		for (uint32_t n = 0; n < earlier->scopes.count; n++)
			if (endpoint_same(&fw->scope[earlier->scopes.first + n], scope))
				return true;
	}
	return false;
}

static void twice_check(struct iommu_fw *fw, uint32_t unit)
{
	const struct iommu_fw_scopes *scopes = &fw->unit[unit].scopes;

	for (uint32_t n = 0; n < scopes->count; n++) {
		const struct iommu_fw_scope *scope = &fw->scope[scopes->first + n];

		if (scope_taken_before(fw, unit, scope))
			iommu_fw_problem_add(fw, FW_SCOPE_TWICE, scope->offset, scope->first);
	}
}

void iommu_fw_resolve(struct iommu_fw *fw, const struct pci_registry *registry, const uint8_t *ioapic_ids,
	size_t ioapic_count)
{
	for (uint32_t i = 0; i < fw->unit_count; i++)
		if (unit_usable(&fw->unit[i])) {
			scopes_resolve(fw, &fw->unit[i].scopes, fw->unit[i].segment, registry);
			twice_check(fw, i);
		}
	for (uint32_t i = 0; i < fw->region_count; i++)
		if (fw->region[i].usable)
			scopes_resolve(fw, &fw->region[i].scopes, fw->region[i].segment, registry);
	for (uint32_t i = 0; i < fw->list_count; i++)
		scopes_resolve(fw, &fw->list[i].scopes, fw->list[i].segment, registry);
	ioapics_check(fw, ioapic_ids, ioapic_count);
}
