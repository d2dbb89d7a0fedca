/* SPDX-License-Identifier: GPL-2.0-only */
/* Domain ids: all 65,535 of them, never 0, never twice, as late as possible again. */
#include "unit.h"
#include "env.h"
#include <pt/iommu_ops.h>

static void all_of_them_and_no_more(void **state)
{
	static uint8_t given[65536];
	uint16_t id;

	(void)state;
	iommu_domid_init(65536);
	for (unsigned int i = 1; i < 65536; i++) {
		assert_int_equal(iommu_domid_alloc(&id), 0);
		assert_int_not_equal(id, 0);
		assert_int_equal(given[id]++, 0);
	}
	id = 0x1234;
	assert_int_equal(iommu_domid_alloc(&id), -ENOSPC);
	assert_int_equal(id, 0x1234);
	iommu_domid_free(40000);
	assert_int_equal(iommu_domid_alloc(&id), 0);
	assert_int_equal(id, 40000);
	assert_int_equal(iommu_domid_alloc(&id), -ENOSPC);
}

static void a_freed_id_rests(void **state)
{
	uint16_t first, id;

	(void)state;
	iommu_domid_init(256);
	assert_int_equal(iommu_domid_alloc(&first), 0);
	iommu_domid_free(first);
	for (unsigned int i = 1; i < 255; i++) {
		assert_int_equal(iommu_domid_alloc(&id), 0);
		assert_int_not_equal(id, first);
		assert_in_range(id, 1, 255);
	}
	assert_int_equal(iommu_domid_alloc(&id), 0);
	assert_int_equal(id, first);
	assert_int_equal(iommu_domid_alloc(&id), -ENOSPC);
}

static void a_limit_of_nothing_still_leaves_one(void **state)
{
	uint16_t id;

	(void)state;
	iommu_domid_init(0);
	assert_int_equal(iommu_domid_alloc(&id), 0);
	assert_int_equal(id, 1);
	assert_int_equal(iommu_domid_alloc(&id), -ENOSPC);
	iommu_domid_free(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_them_and_no_more),
		cmocka_unit_test(a_freed_id_rests),
		cmocka_unit_test(a_limit_of_nothing_still_leaves_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
