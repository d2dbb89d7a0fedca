/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory before the heap: nothing handed out twice, nothing lost. */
#include "unit.h"
#include "unit_random.h"
#include <hv/boot_alloc.h>
#include "hv_log.h"

static struct e820_map map;

static void add(uint64_t base, uint64_t bytes, uint32_t type)
{
	map.entry[map.count++] = (struct e820_entry){base, bytes, type};
}

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	map.count = 0;
	add(0x1000, 0x9e000, E820_RAM);
	add(MIB(1), MIB(255), E820_RAM);
	add(MIB(256), MIB(1), E820_RESERVED);
	add(GIB(4), GIB(2), E820_RAM);
	boot_alloc_init(&map);
	return 0;
}

static uint64_t total(void)
{
	const struct boot_range *r;
	uint32_t count = boot_ranges(&r);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		assert_true(r[i].bytes > 0 && IS_ALIGNED(r[i].base | r[i].bytes, PAGE_SIZE));
		if (i)
			assert_true(r[i - 1].base + r[i - 1].bytes <= r[i].base);
		sum += r[i].bytes;
	}
	return sum;
}

static bool is_free(paddr_t base, uint64_t bytes)
{
	const struct boot_range *r;
	uint32_t count = boot_ranges(&r);

	for (uint32_t i = 0; i < count; i++)
		if (base < r[i].base + r[i].bytes && r[i].base < base + bytes)
			return true;
	return false;
}

static void first_mib_is_kept_out(void **state)
{
	paddr_t p;

	(void)state;
	assert_int_equal(total(), MIB(255) + GIB(2));
	assert_false(is_free(0, MIB(1)));
	assert_int_equal(boot_alloc(PAGE_SIZE, PAGE_SIZE, MIB(1), &p), -ENOMEM);
}

static void highest_below_the_limit(void **state)
{
	paddr_t p;

	(void)state;
	assert_int_equal(boot_alloc(MIB(1), PAGE_SIZE, BOOT_NO_LIMIT, &p), 0);
	assert_int_equal(p, GIB(6) - MIB(1));
	assert_int_equal(boot_alloc(MIB(1), PAGE_SIZE, GIB(4), &p), 0);
	assert_int_equal(p, MIB(255));
	assert_int_equal(boot_alloc(GIB(1), GIB(1), BOOT_NO_LIMIT, &p), 0);
	assert_int_equal(p, GIB(4));
	assert_int_equal(boot_alloc(PAGE_SIZE, MIB(2), MIB(2), &p), -ENOMEM);
	assert_int_equal(total(), MIB(254) + GIB(1) - MIB(1));
}

static void reserved_is_never_given(void **state)
{
	paddr_t p;

	(void)state;
	boot_reserve(MIB(2) + 1, 2 * PAGE_SIZE);
	assert_int_equal(total(), MIB(255) + GIB(2) - 3 * PAGE_SIZE);
	boot_reserve(MIB(2), PAGE_SIZE);
	boot_reserve(GIB(3), MIB(1));
	boot_reserve(MIB(128), ~0UL);
	assert_int_equal(total(), MIB(127) - 3 * PAGE_SIZE);
	while (!boot_alloc(MIB(1), PAGE_SIZE, BOOT_NO_LIMIT, &p))
		assert_true(p + MIB(1) <= MIB(2) || (p >= MIB(2) + 3 * PAGE_SIZE && p + MIB(1) <= MIB(128)));
	boot_reserve(0, 0);
}

static void refuses(void **state)
{
	paddr_t p = 42;

	(void)state;
	assert_int_equal(boot_alloc(0, PAGE_SIZE, BOOT_NO_LIMIT, &p), -EINVAL);
	assert_int_equal(boot_alloc(100, PAGE_SIZE, BOOT_NO_LIMIT, &p), -EINVAL);
	assert_int_equal(boot_alloc(PAGE_SIZE, 3 * PAGE_SIZE, BOOT_NO_LIMIT, &p), -EINVAL);
	assert_int_equal(boot_alloc(PAGE_SIZE, 8, BOOT_NO_LIMIT, &p), -EINVAL);
	assert_int_equal(boot_alloc(~0UL & PAGE_MASK, PAGE_SIZE, BOOT_NO_LIMIT, &p), -ENOMEM);
	boot_alloc_close();
	assert_int_equal(boot_alloc(PAGE_SIZE, PAGE_SIZE, BOOT_NO_LIMIT, &p), -ENOMEM);
	assert_int_equal(p, 42);
}

static void trampoline(void **state)
{
	paddr_t p;

	(void)state;
	assert_int_equal(boot_trampoline_find(&map, &p), 0);
	assert_int_equal(p, 0x9e000);
	map.entry[0] = (struct e820_entry){0x1000, MIB(2), E820_RAM};
	assert_int_equal(boot_trampoline_find(&map, &p), 0);
	assert_int_equal(p, 0x9f000);
	boot_reserve(0x9e800, 0x1000); /* a boot module, as GRUB places them under UEFI */
	assert_int_equal(boot_trampoline_find(&map, &p), 0);
	assert_int_equal(p, 0x9d000);
	map.entry[0].type = E820_RESERVED;
	assert_int_equal(boot_trampoline_find(&map, &p), -ENOMEM);
}

static void random_allocations_do_not_overlap(void **state)
{
	static struct boot_range got[600];
	uint32_t seed = 7, count = 0;
	uint64_t before = total(), sum = 0;

	(void)state;
	while (count < ARRAY_SIZE(got)) {
		uint64_t bytes = PAGE_SIZE << (unit_random(&seed) % 11),
			 align = PAGE_SIZE << (unit_random(&seed) % 13);
		paddr_t p;

		if (boot_alloc(bytes, align, unit_random(&seed) & 1 ? GIB(4) : BOOT_NO_LIMIT, &p))
			break;
		assert_true(IS_ALIGNED(p, align));
		assert_false(is_free(p, bytes));
		for (uint32_t i = 0; i < count; i++)
			assert_false(p < got[i].base + got[i].bytes && got[i].base < p + bytes);
		got[count++] = (struct boot_range){p, bytes};
		sum += bytes;
	}
	assert_true(count > 200);
	assert_int_equal(total(), before - sum);
}

static void too_many_ranges_lose_memory_only(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		boot_reserve(GIB(4) + i * MIB(1), PAGE_SIZE);
	assert_true(total() > GIB(1));
	assert_true(fake_log_has("too many ranges"));
	for (uint64_t i = 0; i < 1000; i++)
		assert_false(is_free(GIB(4) + i * MIB(1), PAGE_SIZE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(first_mib_is_kept_out, setup),
		cmocka_unit_test_setup(highest_below_the_limit, setup),
		cmocka_unit_test_setup(reserved_is_never_given, setup),
		cmocka_unit_test_setup(refuses, setup),
		cmocka_unit_test_setup(trampoline, setup),
		cmocka_unit_test_setup(random_allocations_do_not_overlap, setup),
		cmocka_unit_test_setup(too_many_ranges_lose_memory_only, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
