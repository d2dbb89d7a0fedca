/* SPDX-License-Identifier: GPL-2.0-only */
/* The registry: found by number, iterated in order, nothing lost when memory is short. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <pt/env.h>
#include <pt/pci.h>

#include "pci.h"

static struct pci_registry registry;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&registry, 0, sizeof(registry));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pci_registry_clear(&registry);
	return fake_live_allocs() == 0 ? 0 : -1;
}

static struct pci_dev *dev_new(uint32_t sbdf)
{
	struct pci_dev *dev = env_alloc(sizeof(*dev));

	if (dev)
		dev->sbdf = (sbdf_t){sbdf};
	return dev;
}

static struct pci_dev *dev_add(uint32_t sbdf)
{
	struct pci_dev *dev = dev_new(sbdf);

	assert_non_null(dev);
	assert_int_equal(pci_registry_add(&registry, dev), 0);
	return dev;
}

static void test_empty(void **state)
{
	(void)state;
	assert_null(pci_find(&registry, SBDF(0, 0, 0, 0)));
	assert_null(pci_find_from(&registry, 0));
	assert_null(pci_registry_remove(&registry, SBDF(0, 0, 0, 0)));
}

static void test_find(void **state)
{
	struct pci_dev *a = dev_add(0x00000000), *b = dev_add(0xffffffff), *c = dev_add(0x00010203);

	(void)state;
	assert_ptr_equal(pci_find(&registry, SBDF(0, 0, 0, 0)), a);
	assert_ptr_equal(pci_find(&registry, SBDF(0xffff, 0xff, 0x1f, 7)), b);
	assert_ptr_equal(pci_find(&registry, SBDF(1, 2, 0, 3)), c);
	assert_null(pci_find(&registry, SBDF(1, 2, 0, 2)));
	assert_null(pci_find(&registry, SBDF(1, 3, 0, 3)));
	assert_null(pci_find(&registry, SBDF(0x100, 2, 0, 3)));
	assert_int_equal(registry.count, 3);
}

static void test_order(void **state)
{
	static const uint32_t added[] = {
		0x00ff0000, 0x00000100, 0xffffffff, 0x000000f8, 0x00010000, 0x00000101, 0x80000000, 0};
	static const uint32_t wanted[] = {
		0, 0x000000f8, 0x00000100, 0x00000101, 0x00010000, 0x00ff0000, 0x80000000, 0xffffffff};
	struct pci_dev *dev;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(added); i++)
		dev_add(added[i]);
	pci_for_each (dev, &registry) {
		assert_true(n < ARRAY_SIZE(wanted));
		assert_int_equal(dev->sbdf.v, wanted[n++]);
	}
	assert_int_equal(n, ARRAY_SIZE(wanted));
	assert_int_equal(pci_find_from(&registry, 0x00000102)->sbdf.v, 0x00010000);
}

static void test_twice(void **state)
{
	struct pci_dev *again = dev_new(0x42);

	(void)state;
	dev_add(0x42);
	assert_int_equal(pci_registry_add(&registry, again), -EEXIST);
	assert_int_equal(registry.count, 1);
	pci_dev_free(again);
}

static void test_remove_and_return(void **state)
{
	struct pci_dev *a = dev_add(0x100), *b = dev_add(0x101);

	(void)state;
	assert_ptr_equal(pci_registry_remove(&registry, a->sbdf), a);
	assert_null(pci_find(&registry, SBDF(0, 1, 0, 0)));
	assert_ptr_equal(pci_find_from(&registry, 0), b);
	assert_int_equal(registry.count, 1);
	assert_int_equal(pci_registry_add(&registry, a), 0);
	assert_ptr_equal(pci_find_from(&registry, 0), a);
}

static void test_two_registries(void **state)
{
	struct pci_registry other = {0};
	struct pci_dev *dev = dev_new(7);

	(void)state;
	dev_add(7);
	assert_int_equal(pci_registry_add(&other, dev), 0);
	assert_ptr_not_equal(pci_find(&other, dev->sbdf), pci_find(&registry, dev->sbdf));
	pci_registry_clear(&other);
	assert_int_equal(registry.count, 1);
}

static void test_no_memory(void **state)
{
	unsigned int failures = 0;

	(void)state;
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ALLOC, n); n++) {
		struct pci_dev *dev = dev_new(0x01000000);
		int rc = dev ? pci_registry_add(&registry, dev) : -ENOMEM;

		assert_int_equal(rc, fake_fault_struck() ? -ENOMEM : 0);
		assert_int_equal(registry.count, rc ? 0 : 1);
		assert_ptr_equal(pci_find_from(&registry, 0), rc ? NULL : dev);
		failures += rc != 0;
		if (rc && dev)
			pci_dev_free(dev);
		pci_registry_clear(&registry);
	}
	assert_int_equal(failures, 5); /* the device and four levels */
}

static void test_full_bus(void **state)
{
	struct pci_dev *dev;
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < 256; i++)
		dev_add(0x00053000 + (i * 37) % 256);
	pci_for_each (dev, &registry)
		assert_int_equal(dev->sbdf.v, 0x00053000 + n++);
	assert_int_equal(n, 256);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_empty),
		CASE(test_find),
		CASE(test_order),
		CASE(test_twice),
		CASE(test_remove_and_return),
		CASE(test_two_registries),
		CASE(test_no_memory),
		CASE(test_full_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
