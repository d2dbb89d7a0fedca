/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's side of pt/env.h: what is more than another name for a function. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <hv/heap.h>
#include <hv/map.h>
#include <hv/pci_access.h>
#include <hv/slab.h>
#include <hv/spinlock.h>
#include <hv/time.h>
#include <pt/env.h>

#include "asm.h"
#include "hv_log.h"

/* --- The rest of the hypervisor. --- */

static int heap_answer;

void *hv_alloc(size_t bytes)
{
	(void)bytes;
	return NULL;
}

void hv_free(void *p)
{
	(void)p;
}

int heap_alloc(unsigned int order, unsigned int node, unsigned int flags, mfn_t *ret_mfn)
{
	assert_int_equal(flags, 0); /* zeroed */
	assert_int_equal(node, HEAP_ANY_NODE);
	if (!heap_answer)
		*ret_mfn = MFN(0x1000 + order);
	return heap_answer;
}

void heap_free(mfn_t first, unsigned int order)
{
	assert_int_equal(first.v, 0x1000 + order);
}

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	(void)bytes;
	assert_int_equal(cache, MAP_UC);
	return (volatile void *)base;
}

void iounmap(volatile void *p)
{
	(void)p;
}

uint32_t pci_access_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	return sbdf.v + reg + size;
}

void pci_access_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	assert_int_equal(value, pci_access_read(sbdf, reg, size));
}

uint64_t now_ns(void)
{
	return 42;
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	heap_answer = 0;
	return 0;
}

static void test_frames(void **state)
{
	mfn_t frame = env_frames_alloc(3);

	(void)state;
	assert_int_equal(frame.v, 0x1003);
	env_frames_free(frame, 3);
	heap_answer = -ENOMEM;
	assert_false(mfn_valid(env_frames_alloc(0)));
}

static void test_log_levels(void **state)
{
	(void)state;
	env_log(ENV_LOG_WARN, "unit%d: %s", 3, "late");
	assert_string_equal(fake_log_last(), "unit3: late");
}

static void test_every_rank(void **state)
{
	struct env_lock lock[ENV_RANK_COUNT];

	(void)state;
	for (uint32_t rank = 0; rank < ENV_RANK_COUNT; rank++)
		env_lock_init(&lock[rank], rank);
	for (uint32_t rank = 0; rank < ENV_RANK_COUNT; rank++) {
		assert_false(env_lock_held(&lock[rank]));
		env_lock(&lock[rank]); /* inside of all before it: the checker would panic */
		assert_true(env_lock_held(&lock[rank]));
	}
	for (uint32_t rank = ENV_RANK_COUNT; rank-- > 0;)
		env_unlock(&lock[rank]);
	assert_false(env_lock_held(&lock[0]));
}

static void test_wrong_order_is_found(void **state)
{
	struct env_lock queue, device;

	(void)state;
	env_lock_init(&queue, ENV_RANK_IOMMU_QUEUE);
	env_lock_init(&device, ENV_RANK_DEVICE);
	env_lock(&queue);
	expect_assert_failure(env_lock(&device));
	assert_non_null(strstr(fake_panic_text, "iommu queue"));
	assert_non_null(strstr(fake_panic_text, "devices"));
	env_unlock(&queue);
}

static void test_rank_that_does_not_exist(void **state)
{
	struct env_lock lock;

	(void)state;
	expect_assert_failure(env_lock_init(&lock, ENV_RANK_COUNT));
}

static void test_config_space(void **state)
{
	(void)state;
	assert_int_equal(env_cfg_read(SBDF(1, 2, 3, 4), 0x40, 4), 0x1021c + 0x44);
	env_cfg_write(SBDF(1, 2, 3, 4), 0x40, 2, 0x1021c + 0x42);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_frames),
		CASE(test_log_levels),
		CASE(test_every_rank),
		CASE(test_wrong_order_is_found),
		CASE(test_rank_that_does_not_exist),
		CASE(test_config_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
