/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame table: any number is safe, references and types hold. */
#include "unit.h"
#include <hv/frame.h>
#include <hv/heap.h>
#include "hv_log.h"
#include "ram.h"

#define DOM 5

static int setup(void **state)
{
	static const struct e820_entry ram[] = {
		{0x1000, 0x9e000, E820_RAM},
		{MIB(1), MIB(32), E820_RAM},
		{MIB(33), MIB(1), E820_RESERVED},
		{MIB(34) + 0x3000, 0x5000, E820_RAM},
		{MIB(34) + 0x9000, 0x1000, E820_RAM},
		{GIB(4), MIB(64), E820_RAM},
	};

	(void)state;
	fake_log_reset();
	fake_ram_reset(ram, ARRAY_SIZE(ram));
	heap_init(NULL);
	heap_add(MIB(1), MIB(32), true);
	heap_add(GIB(4), MIB(64), true);
	return 0;
}

static struct frame *one(void)
{
	mfn_t m;

	assert_int_equal(heap_alloc(0, 0, 0, &m), 0);
	frame_assign(m, 0, DOM);
	return frame_at(m);
}

static void any_number_is_safe(void **state)
{
	static const uint64_t not_ram[] = {0, 0x9f, 0xa0, 0xff, MIB(33) >> 12, (MIB(34) + 0x2000) >> 12,
		(MIB(34) + 0x8000) >> 12, (MIB(34) + 0xa000) >> 12, MIB(36) >> 12, GIB(1) >> 12,
		(GIB(4) + MIB(64)) >> 12, TIB(4) >> 12, 1UL << 40, 1UL << 52, ~0UL, ~0UL - 1, 1UL << 63};
	static const uint64_t is_ram[] = {1, 0x9e, 0x100, 0x1000, (MIB(33) >> 12) - 1,
		(MIB(34) + 0x3000) >> 12, (MIB(34) + 0x7000) >> 12, (MIB(34) + 0x9000) >> 12, GIB(4) >> 12,
		(GIB(4) + MIB(64) - 1) >> 12};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(not_ram); i++) {
		assert_false(mfn_is_ram(MFN(not_ram[i])));
		assert_null(frame_lookup(MFN(not_ram[i])));
		assert_null(frame_get(MFN(not_ram[i]), DOM));
	}
	for (size_t i = 0; i < ARRAY_SIZE(is_ram); i++) {
		assert_true(mfn_is_ram(MFN(is_ram[i])));
		assert_null(frame_get(MFN(is_ram[i]), 0)); /* RAM, but nobody's */
		assert_null(frame_get(MFN(is_ram[i]), 0xffff));
	}
}

static void ranges(void **state)
{
	(void)state;
	assert_true(mfn_range_has_ram(MFN(0), 2));
	assert_false(mfn_range_has_ram(MFN(0), 1));
	assert_false(mfn_range_has_ram(MFN(0x9f), 0x61));
	assert_true(mfn_range_has_ram(MFN(0x9f), 0x62));
	assert_true(mfn_range_has_ram(MFN(MIB(36) >> 12), GIB(4) >> 12));
	assert_false(mfn_range_has_ram(MFN(MIB(36) >> 12), (GIB(4) - MIB(36)) >> 12));
	assert_false(mfn_range_has_ram(MFN(TIB(8) >> 12), ~0UL));
	assert_true(mfn_range_has_ram(MFN(1), ~0UL));
}

static void get_only_for_the_owner(void **state)
{
	struct frame *f = one();

	(void)state;
	assert_null(frame_get(frame_mfn(f), DOM + 1));
	assert_null(frame_get(frame_mfn(f), FRAME_OWNER_HV));
	assert_int_equal(f->refs, 1);
	assert_ptr_equal(frame_get(frame_mfn(f), DOM), f);
	assert_int_equal(f->refs, 2);
}

static void last_put_frees(void **state)
{
	uint64_t before = heap_free_frames();
	struct frame *f = one();

	(void)state;
	assert_non_null(frame_get(frame_mfn(f), DOM));
	assert_int_equal(frame_ref(f), 0);
	frame_put(f);
	frame_put(f);
	assert_int_equal(heap_free_frames(), before - 1);
	frame_put(f);
	assert_int_equal(heap_free_frames(), before);
	assert_null(frame_get(frame_mfn(f), DOM));
}

static void references_do_not_wrap(void **state)
{
	struct frame *f = one();

	(void)state;
	f->refs = FRAME_REFS_MAX - 1;
	assert_int_equal(frame_ref(f), 0);
	assert_int_equal(frame_ref(f), -EOVERFLOW);
	assert_null(frame_get(frame_mfn(f), DOM));
	assert_int_equal(f->refs, FRAME_REFS_MAX);
}

static void put_of_a_free_frame_panics(void **state)
{
	struct frame *f = one();

	(void)state;
	frame_put(f);
	expect_assert_failure(frame_put(f));
}

static void freeing_what_is_mapped_panics(void **state)
{
	struct frame *f = one();
	mfn_t m = frame_mfn(f);

	(void)state;
	assert_non_null(frame_get(m, DOM));
	expect_assert_failure(heap_free(m, 0));
	frame_put(f);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_WRITABLE), 0);
	expect_assert_failure(frame_put(f));
}

static void types_exclude_one_another(void **state)
{
	struct frame *f = one();

	(void)state;
	assert_int_equal(frame_type_get(f, FRAME_TYPE_WRITABLE), 0);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_WRITABLE), 0);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_L1), -EBUSY);
	frame_type_put(f);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_L1), -EBUSY);
	frame_type_put(f);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_L1), 0);
	assert_int_equal(frame_type_of(f), FRAME_TYPE_L1);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_WRITABLE), -EBUSY);
	frame_type_put(f);
	expect_assert_failure(frame_type_put(f));
}

static void types_do_not_wrap(void **state)
{
	struct frame *f = one();

	(void)state;
	f->type = (uint32_t)FRAME_TYPE_SHARED << FRAME_TYPE_SHIFT | (FRAME_TYPE_HOLDERS - 1);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_SHARED), 0);
	assert_int_equal(frame_type_get(f, FRAME_TYPE_SHARED), -EOVERFLOW);
	assert_int_equal(frame_type_of(f), FRAME_TYPE_SHARED);
	assert_int_equal(frame_type_holders(f), FRAME_TYPE_HOLDERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_number_is_safe, setup),
		cmocka_unit_test_setup(ranges, setup),
		cmocka_unit_test_setup(get_only_for_the_owner, setup),
		cmocka_unit_test_setup(last_put_frees, setup),
		cmocka_unit_test_setup(references_do_not_wrap, setup),
		cmocka_unit_test_setup(put_of_a_free_frame_panics, setup),
		cmocka_unit_test_setup(freeing_what_is_mapped_panics, setup),
		cmocka_unit_test_setup(types_exclude_one_another, setup),
		cmocka_unit_test_setup(types_do_not_wrap, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
