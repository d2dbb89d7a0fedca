/* SPDX-License-Identifier: GPL-2.0-only */
/* Dom0's options and the places in its memory. */
#include "unit.h"
#include "unit_random.h"
#include <hv/dom0.h>
#include "xen/domain/dom0_priv.h"

static uint64_t initial(const char *option, uint64_t available)
{
	assert_int_equal(dom0_option_mem(option), 0);
	return dom0_memory_wanted(available).initial;
}

static void memory_option(void **state)
{
	(void)state;
	assert_int_equal(dom0_memory_wanted(GIB(1)).initial, GIB(1) - MIB(64));
	assert_int_equal(dom0_memory_wanted(GIB(64)).initial, GIB(64) - MIB(128));
	assert_int_equal(initial("512M", GIB(1)), MIB(512));
	assert_int_equal(dom0_memory_wanted(GIB(1)).max, MIB(512));
	assert_int_equal(initial("-256M", GIB(1)), MIB(768));
	assert_int_equal(initial("2G", GIB(1)), GIB(1) - MIB(24));
	assert_int_equal(initial("min:700M,512M", GIB(1)), MIB(700));
	assert_int_equal(initial("512M,max:256M", GIB(1)), MIB(256));
	assert_int_equal(initial("256M,max:512M", GIB(1)), MIB(256));
	assert_int_equal(dom0_memory_wanted(GIB(1)).max, MIB(512));
	assert_int_equal(initial("max:512M", GIB(1)), MIB(512));
	assert_int_equal(initial("-2G", GIB(1)), 0);
	assert_int_equal(initial("1G", MIB(40)), MIB(20));
	/* What is wrong changes nothing. */
	assert_int_equal(initial("300M", GIB(1)), MIB(300));
	assert_int_equal(dom0_option_mem(""), -EINVAL);
	assert_int_equal(dom0_option_mem("x"), -EINVAL);
	assert_int_equal(dom0_option_mem("1G,"), -EINVAL);
	assert_int_equal(dom0_option_mem("min:"), -EINVAL);
	assert_int_equal(dom0_option_mem("max:--1G"), -EINVAL);
	assert_int_equal(dom0_option_mem("1000000000000000000000000000000000000G"), -EINVAL);
	assert_int_equal(dom0_memory_wanted(GIB(1)).initial, MIB(300));
}

static uint32_t vcpus(const char *option, uint32_t processors)
{
	assert_int_equal(dom0_option_vcpus(option), 0);
	return dom0_vcpus_wanted(processors);
}

static void vcpus_option(void **state)
{
	(void)state;
	assert_int_equal(dom0_vcpus_wanted(4), 4);
	assert_int_equal(vcpus("2", 4), 2);
	assert_int_equal(vcpus("6", 4), 6);
	assert_int_equal(vcpus("2-8", 4), 4);
	assert_int_equal(vcpus("2-8", 1), 2);
	assert_int_equal(vcpus("2-8", 16), 8);
	assert_int_equal(vcpus("-3", 16), 3);
	assert_int_equal(vcpus("3-", 1), 3);
	assert_int_equal(dom0_option_vcpus("0"), -EINVAL);
	assert_int_equal(dom0_option_vcpus(""), -EINVAL);
	assert_int_equal(dom0_option_vcpus("4-2"), -EINVAL);
	assert_int_equal(dom0_option_vcpus("0-2"), -EINVAL);
	assert_int_equal(dom0_option_vcpus("1-2-3"), -EINVAL);
	assert_int_equal(dom0_option_vcpus("129"), -EINVAL);
	assert_int_equal(dom0_vcpus_wanted(1), 3);
}

static struct dom0_space space;

static void three_ranges(void)
{
	memset(&space, 0, sizeof(space));
	assert_int_equal(dom0_space_add(&space, 0x1000, 0x9f000), 0);
	assert_int_equal(dom0_space_add(&space, MIB(1), MIB(1)), 0);
	assert_int_equal(dom0_space_add(&space, MIB(4), MIB(100)), 0);
	assert_int_equal(dom0_space_add(&space, GIB(4), GIB(1)), 0);
}

static paddr_t take(uint64_t bytes, uint64_t align, paddr_t min, paddr_t end, bool high)
{
	const struct dom0_want want = {bytes, align, min, end, high};
	paddr_t at = 0;

	return dom0_space_take(&space, &want, &at) == 0 ? at : 0;
}

static void space_rules(void **state)
{
	(void)state;
	three_ranges();
	assert_int_equal(space.count, 4);
	assert_int_equal(dom0_space_add(&space, GIB(5), MIB(1)), 0); /* joined */
	assert_int_equal(space.count, 4);
	assert_int_equal(dom0_space_add(&space, MIB(8), MIB(1)), -EINVAL);
	assert_int_equal(dom0_space_add(&space, GIB(9) + 1, MIB(1)), -EINVAL);
	assert_int_equal(dom0_space_add(&space, GIB(9), ~0xfffUL), -EINVAL);
	assert_int_equal(take(MIB(50), MIB(2), MIB(16), GIB(1), false), MIB(16));
	assert_int_equal(space.count, 5);
	assert_int_equal(take(MIB(1), PAGE_SIZE, MIB(1), GIB(4), true), MIB(103));
	assert_int_equal(take(1, PAGE_SIZE, 0, ~0UL, true), GIB(5) + MIB(1) - PAGE_SIZE);
	assert_int_equal(take(MIB(60), PAGE_SIZE, 0, GIB(4), false), 0);
	assert_int_equal(take(0, PAGE_SIZE, 0, GIB(4), false), 0);
	assert_int_equal(take(~0UL, PAGE_SIZE, 0, ~0UL, false), 0);
	assert_int_equal(take(MIB(1), MIB(1), MIB(1), MIB(2), false), MIB(1));
	assert_int_equal(take(MIB(1), MIB(1), MIB(1), MIB(2), false), 0);
	assert_int_equal(take(PAGE_SIZE, ~0UL / 2 + 1, 1, ~0UL, false), 0);
}

/* Random takes: inside what was there, aligned, never twice, the sum is right. */
static void space_random(void **state)
{
	uint32_t seed = 77;

	(void)state;
	for (unsigned int round = 0; round < 300; round++) {
		static struct dom0_range got[400];
		uint32_t n = 0;
		uint64_t total;

		three_ranges();
		total = dom0_space_bytes(&space);
		for (unsigned int i = 0; i < 400; i++) {
			uint64_t bytes = 1 + unit_random(&seed) % MIB(2);
			uint64_t align = PAGE_SIZE << (unit_random(&seed) % 10);
			paddr_t min = unit_random(&seed), end = min + unit_random(&seed);
			paddr_t at = take(bytes, align, min, end, unit_random(&seed) % 2);

			if (at == 0)
				continue;
			bytes = ALIGN_UP(bytes, PAGE_SIZE);
			assert_true(at >= min && at + bytes <= end && IS_ALIGNED(at, align));
			for (uint32_t k = 0; k < n; k++)
				assert_true(at >= got[k].base + got[k].bytes || at + bytes <= got[k].base);
			got[n++] = (struct dom0_range){at, bytes};
			total -= bytes;
			assert_int_equal(dom0_space_bytes(&space), total);
		}
		assert_true(n > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_option),
		cmocka_unit_test(vcpus_option),
		cmocka_unit_test(space_rules),
		cmocka_unit_test(space_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
