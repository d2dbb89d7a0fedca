/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory map: real ones, hostile ones, random ones. */
#include "unit.h"
#include "unit_random.h"
#include "e820_check.h"
#include "hv_log.h"

static struct e820_map in, out;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	memset(&in, 0, sizeof(in));
	memset(&out, 0xa5, sizeof(out));
	return 0;
}

static void add(uint64_t base, uint64_t bytes, uint32_t type)
{
	in.entry[in.count++] = (struct e820_entry){base, bytes, type};
}

static void sanitise(void)
{
	e820_sanitise(&in, &out);
	assert_true(e820_check_sane(&out));
	assert_true(e820_check_ram_is_ram(&in, &out));
}

static void expect(uint32_t i, uint64_t base, uint64_t bytes, uint32_t type)
{
	assert_true(i < out.count);
	assert_int_equal(out.entry[i].base, base);
	assert_int_equal(out.entry[i].bytes, bytes);
	assert_int_equal(out.entry[i].type, type);
}

static void q35_map_stays(void **state)
{
	(void)state;
	add(0, 0x9fc00, E820_RAM);
	add(0x9fc00, 0x400, E820_RESERVED);
	add(0xf0000, 0x10000, E820_RESERVED);
	add(0x100000, 0x7fee0000, E820_RAM);
	add(0x7ffe0000, 0x20000, E820_ACPI);
	sanitise();
	assert_int_equal(out.count, 5);
	expect(0, 0x1000, 0x9e000, E820_RAM); /* without frame 0 and the half frame at the end */
	expect(1, 0x9fc00, 0x400, E820_RESERVED);
	expect(3, 0x100000, 0x7fee0000, E820_RAM);
	expect(4, 0x7ffe0000, 0x20000, E820_ACPI);
	assert_int_equal(e820_ram_bytes(&out), 0x9e000 + 0x7fee0000);
	assert_int_equal(e820_ram_end(&out), 0x7ffe0000);
	assert_int_equal(fake_log_count, 0);
}

static void unsorted_and_adjacent_merge(void **state)
{
	(void)state;
	add(MIB(3), MIB(1), E820_RAM);
	add(MIB(1), MIB(1), E820_RAM);
	add(MIB(2), MIB(1), E820_RAM);
	sanitise();
	assert_int_equal(out.count, 1);
	expect(0, MIB(1), MIB(3), E820_RAM);
}

static void less_usable_wins(void **state)
{
	static const uint32_t order[] = {
		E820_RAM, E820_PMEM, E820_ACPI, E820_NVS, E820_RESERVED, E820_UNUSABLE};

	(void)state;
	for (size_t i = 1; i < ARRAY_SIZE(order); i++) {
		in.count = 0;
		add(MIB(1), MIB(4), order[i - 1]);
		add(MIB(2), MIB(1), order[i]);
		sanitise();
		assert_int_equal(out.count, 3);
		expect(1, MIB(2), MIB(1), order[i]);
		expect(2, MIB(3), MIB(2), order[i - 1]);
	}
}

static void unknown_type_is_reserved(void **state)
{
	(void)state;
	add(MIB(1), MIB(4), E820_RAM);
	add(MIB(2), MIB(1), 0xdeadbeef);
	sanitise();
	expect(1, MIB(2), MIB(1), E820_RESERVED);
}

static void ram_is_cut_inwards(void **state)
{
	(void)state;
	add(MIB(1) + 1, PAGE_SIZE * 2, E820_RAM);
	add(MIB(2) + 5, 100, E820_RAM);
	sanitise();
	assert_int_equal(out.count, 1);
	expect(0, MIB(1) + PAGE_SIZE, PAGE_SIZE, E820_RAM);
}

static void wrap_and_empty(void **state)
{
	(void)state;
	add(MIB(1), 0, E820_RAM);
	add(~0UL - 0xfff, 0x2000, E820_RESERVED);
	add(~0UL, 1, E820_RAM);
	add(~0UL - 5, ~0UL, E820_RAM);
	add(MIB(16), ~0UL, E820_RAM);
	sanitise();
	expect(0, MIB(16), DIRECTMAP_BYTES - MIB(16), E820_RAM);
	assert_true(fake_log_has("beyond the direct map"));
}

static void above_the_direct_map_is_dropped(void **state)
{
	(void)state;
	add(MIB(1), GIB(1), E820_RAM);
	add(TIB(1), TIB(1), E820_RAM);
	add(DIRECTMAP_BYTES - GIB(1), GIB(3), E820_RAM);
	add(DIRECTMAP_BYTES + TIB(1), GIB(1), E820_RAM);
	sanitise();
	assert_int_equal(out.count, 3);
	expect(1, TIB(1), TIB(1), E820_RAM);
	expect(2, DIRECTMAP_BYTES - GIB(1), GIB(1), E820_RAM);
	assert_true(fake_log_has("3072 MiB of RAM above 4096 GiB not used"));
}

static void too_many_entries(void **state)
{
	(void)state;
	/* Alternating inside one another: more stretches than the map can hold. */
	add(MIB(1), GIB(4), E820_RAM);
	for (uint64_t i = 1; i < E820_MAX; i++)
		add(MIB(2) * i, MIB(1), E820_RESERVED);
	sanitise();
	assert_int_equal(out.count, E820_MAX);
	assert_true(fake_log_has("are ignored"));
	in.count = 0xffffffff;
	e820_sanitise(&in, &out);
	assert_true(e820_check_sane(&out));
	assert_true(fake_log_has("only the first 256 are used"));
}

static void type_of_a_range(void **state)
{
	(void)state;
	add(MIB(1), MIB(4), E820_RAM);
	add(MIB(5), MIB(1), E820_RESERVED);
	sanitise();
	assert_true(e820_is_type(&out, MIB(2), MIB(3), E820_RAM));
	assert_false(e820_is_type(&out, MIB(2), MIB(3) + 1, E820_RAM));
	assert_false(e820_is_type(&out, MIB(2), ~0UL, E820_RAM));
	assert_false(e820_is_type(&out, 0, 1, E820_RAM));
	assert_false(e820_is_type(&out, MIB(7), 1, E820_RAM));
}

/* Small numbers collide often, so that every kind of overlap occurs. Byte for byte against a plain model. */
static void random_against_model(void **state)
{
	static const uint8_t rank[] = {0, 1, 5, 3, 4, 6, 5, 2};
	enum { PAGES = 64, HALF = 2048 };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		uint8_t want[PAGES * 2] = {0};

		in.count = 0;
		for (uint32_t n = unit_random(&seed) % 12; n > 0; n--) {
			uint32_t base = unit_random(&seed) % (PAGES * 2), type = 1 + unit_random(&seed) % 7;
			uint32_t len = unit_random(&seed) % 30;

			add(base * HALF, len * HALF, type);
			for (uint32_t i = base; i < base + len && i < PAGES * 2; i++)
				if (rank[type] > rank[want[i]])
					want[i] = (uint8_t)type;
		}
		sanitise();
		for (uint32_t i = 2; i < PAGES * 2; i += 2) {
			bool ram = want[i] == E820_RAM && want[i + 1] == E820_RAM;

			assert_int_equal(e820_is_type(&out, i * HALF, PAGE_SIZE, E820_RAM), ram);
			if (want[i] == E820_NVS)
				assert_true(e820_is_type(&out, i * HALF, HALF, E820_NVS));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(q35_map_stays, setup),
		cmocka_unit_test_setup(unsorted_and_adjacent_merge, setup),
		cmocka_unit_test_setup(less_usable_wins, setup),
		cmocka_unit_test_setup(unknown_type_is_reserved, setup),
		cmocka_unit_test_setup(ram_is_cut_inwards, setup),
		cmocka_unit_test_setup(wrap_and_empty, setup),
		cmocka_unit_test_setup(above_the_direct_map_is_dropped, setup),
		cmocka_unit_test_setup(too_many_entries, setup),
		cmocka_unit_test_setup(type_of_a_range, setup),
		cmocka_unit_test_setup(random_against_model, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
