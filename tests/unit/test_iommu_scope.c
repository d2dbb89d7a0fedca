/* SPDX-License-Identifier: GPL-2.0-only */
/* What the firmware's scopes mean on a machine with bridges, and scopes that mean nothing. */
#include <stdlib.h>
#include "unit.h"
#include "env.h"
#include <pt/iommu_fw.h>
#include <pt/pci.h>
#include <pt/pci_regs.h>

static struct pci_registry registry;
static struct iommu_fw *fw;

/* 00:02.0 graphics; 00:1c.0 port to bus 1; 01:00.0 switch to bus 2; 02:01.0 port to bus 3; 03:00.0 and .1 */
static struct pci_dev *add(
	unsigned int bus, unsigned int dev, unsigned int fn, unsigned int secondary, struct pci_dev *parent)
{
	struct pci_dev *d = env_alloc(sizeof(*d));

	assert_non_null(d);
	d->sbdf = SBDF(0, bus, dev, fn);
	d->layout = secondary ? PCI_HEADER_BRIDGE : PCI_HEADER_NORMAL;
	d->secondary = d->subordinate = (uint8_t)secondary;
	d->parent = parent;
	assert_int_equal(pci_registry_add(&registry, d), 0);
	return d;
}

static struct pci_dev *graphics, *port, *upstream, *downstream, *nic;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&registry, 0, sizeof(registry));
	graphics = add(0, 2, 0, 0, NULL);
	port = add(0, 0x1c, 0, 1, NULL);
	upstream = add(1, 0, 0, 2, port);
	downstream = add(2, 1, 0, 3, upstream);
	nic = add(3, 0, 0, 0, downstream);
	fw = env_alloc(sizeof(*fw));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	iommu_fw_free(fw);
	pci_registry_clear(&registry);
	assert_int_equal(fake_live_allocs(), 0);
	return 0;
}

static struct iommu_fw_unit *unit_add(bool all)
{
	struct iommu_fw_unit *unit = IOMMU_FW_PUSH(fw, unit);

	unit->all = all;
	unit->scopes.first = fw->scope_count;
	return unit;
}

static struct iommu_fw_scope *scope_add(struct iommu_fw_scopes *scopes, unsigned int kind, unsigned int first)
{
	struct iommu_fw_scope *scope = IOMMU_FW_PUSH(fw, scope);

	scopes->count++;
	scope->kind = (uint8_t)kind;
	scope->first = scope->last = (uint16_t)first;
	scope->resolved = true;
	scope->offset = fw->scope_count;
	return scope;
}

static void path_set(struct iommu_fw_scope *scope, unsigned int hops, const uint8_t *path)
{
	scope->resolved = false;
	scope->hops = (uint8_t)hops;
	memcpy(scope->path, path, hops);
}

static void paths_go_through_bridges(void **state)
{
	static const uint8_t to_nic[] = {0x1c << 3, 0, 1 << 3, 0};
	struct iommu_fw_unit *unit = unit_add(false);
	struct iommu_fw_scope *scope = scope_add(&unit->scopes, IOMMU_SCOPE_ENDPOINT, 0);

	(void)state;
	path_set(scope, 4, to_nic);
	iommu_fw_resolve(fw, &registry, NULL, 0);
	assert_int_equal(fw->problem_count, 0);
	assert_true(scope->resolved);
	assert_int_equal(scope->first, 0x300);
	assert_ptr_equal(iommu_fw_unit_of(fw, nic), unit);
	assert_null(iommu_fw_unit_of(fw, graphics));
	assert_null(iommu_fw_unit_of(fw, downstream));
}

static void paths_to_nowhere_are_reported(void **state)
{
	static const uint8_t through_endpoint[] = {2 << 3, 0}, absent[] = {0x1c << 3, 5 << 3};
	struct iommu_fw_unit *unit = unit_add(false);

	(void)state;
	path_set(scope_add(&unit->scopes, IOMMU_SCOPE_ENDPOINT, 0), 2, through_endpoint);
	path_set(scope_add(&unit->scopes, IOMMU_SCOPE_ENDPOINT, 0), 2, absent);
	scope_add(&unit->scopes, IOMMU_SCOPE_ENDPOINT, 0x1f << 3);
	scope_add(&unit->scopes, IOMMU_SCOPE_IOAPIC, 0xf0f8); /* hidden: no problem */
	fw->scope[3].id = 2;
	iommu_fw_resolve(fw, &registry, (const uint8_t[]){2, 9}, 2);
	assert_int_equal(fw->problem_count, 4);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(fw->problem[i].code, FW_SCOPE_UNMATCHED);
		assert_int_equal(fw->problem[i].offset, i + 1);
	}
	assert_int_equal(fw->problem[3].code, FW_IOAPIC_UNCOVERED);
	assert_int_equal(fw->problem[3].value, 9);
	assert_null(iommu_fw_unit_of(fw, graphics));
}

static void the_unit_that_names_a_device_wins(void **state)
{
	(void)state;
	unit_add(true);
	scope_add(&unit_add(false)->scopes, IOMMU_SCOPE_ENDPOINT, 2 << 3);
	scope_add(&unit_add(false)->scopes, IOMMU_SCOPE_BRIDGE, 0x1c << 3);
	iommu_fw_resolve(fw, &registry, NULL, 0);
	assert_ptr_equal(iommu_fw_unit_of(fw, graphics), &fw->unit[1]);
	assert_ptr_equal(iommu_fw_unit_of(fw, port), &fw->unit[2]);
	assert_ptr_equal(iommu_fw_unit_of(fw, nic), &fw->unit[2]);
	fw->unit[2].state = IOMMU_UNIT_REFUSED;
	assert_ptr_equal(iommu_fw_unit_of(fw, nic), &fw->unit[0]);
	fw->unit[0].segment = 1;
	assert_null(iommu_fw_unit_of(fw, nic));
}

static void a_device_in_two_units_stays_in_the_first(void **state)
{
	(void)state;
	scope_add(&unit_add(false)->scopes, IOMMU_SCOPE_ENDPOINT, 2 << 3);
	scope_add(&unit_add(false)->scopes, IOMMU_SCOPE_ENDPOINT, 2 << 3);
	iommu_fw_resolve(fw, &registry, NULL, 0);
	assert_int_equal(fw->problem_count, 1);
	assert_int_equal(fw->problem[0].code, FW_SCOPE_TWICE);
	assert_int_equal(fw->problem[0].offset, 2);
	assert_ptr_equal(iommu_fw_unit_of(fw, graphics), &fw->unit[0]);
}

static void special_devices_and_aliases(void **state)
{
	struct iommu_fw_unit *unit = unit_add(false);
	struct iommu_fw_scope *scope = scope_add(&unit->scopes, IOMMU_SCOPE_RANGE, 0x300);
	uint16_t rid = 0;

	(void)state;
	scope->last = 0x3ff;
	scope->aliased = true;
	scope->alias = 0x200;
	scope_add(&unit->scopes, IOMMU_SCOPE_HPET, 0xf8)->id = 1;
	scope_add(&unit->scopes, IOMMU_SCOPE_IOAPIC, 0xf0f8)->id = 1;
	iommu_fw_resolve(fw, &registry, NULL, 0);
	assert_int_equal(fw->problem_count, 1); /* no IOAPIC has id 1 */
	assert_int_equal(fw->problem[0].code, FW_IOAPIC_UNMATCHED);
	assert_ptr_equal(iommu_fw_unit_of_special(fw, IOMMU_SCOPE_HPET, 1, &rid), unit);
	assert_int_equal(rid, 0xf8);
	assert_ptr_equal(iommu_fw_unit_of_special(fw, IOMMU_SCOPE_IOAPIC, 1, &rid), unit);
	assert_int_equal(rid, 0xf0f8);
	assert_null(iommu_fw_unit_of_special(fw, IOMMU_SCOPE_IOAPIC, 2, &rid));
	assert_int_equal(iommu_fw_alias_of(fw, nic), 0x200);
	assert_int_equal(iommu_fw_alias_of(fw, graphics), 0x10);
}

static void regions_of_a_device(void **state)
{
	uint32_t index = 0;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct iommu_fw_region *region = IOMMU_FW_PUSH(fw, region);

		region->usable = i != 2;
		region->scopes.first = fw->scope_count;
		scope_add(&region->scopes, i ? IOMMU_SCOPE_ENDPOINT : IOMMU_SCOPE_ALL, i == 1 ? 0x300 : 0x10);
		if (i == 0)
			fw->scope[0].first = 0, fw->scope[0].last = 0xffff;
	}
	iommu_fw_resolve(fw, &registry, NULL, 0);
	assert_ptr_equal(iommu_fw_region_of(fw, graphics, &index), &fw->region[0]);
	assert_ptr_equal(iommu_fw_region_of(fw, graphics, &index), &fw->region[3]);
	assert_null(iommu_fw_region_of(fw, graphics, &index));
	index = 0;
	assert_ptr_equal(iommu_fw_region_of(fw, nic, &index), &fw->region[0]);
	assert_ptr_equal(iommu_fw_region_of(fw, nic, &index), &fw->region[1]);
	assert_null(iommu_fw_region_of(fw, nic, &index));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(paths_go_through_bridges),
		T(paths_to_nowhere_are_reported),
		T(the_unit_that_names_a_device_wins),
		T(a_device_in_two_units_stays_in_the_first),
		T(special_devices_and_aliases),
		T(regions_of_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
