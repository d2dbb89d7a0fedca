/* SPDX-License-Identifier: GPL-2.0-only */
/* Small objects: zero, apart, all given back; misuse is found; no memory is an answer. */
#include "unit.h"
#include "unit_random.h"
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/slab.h>
#include "hv_log.h"
#include "ram.h"

static uint64_t free_at_start;

/* One machine for the whole program: the classes keep a slab each. */
static int start(void **state)
{
	(void)state;
	fake_log_reset();
	fake_ram_simple(MIB(16));
	heap_init(NULL);
	heap_add(MIB(1), MIB(16), true);
	free_at_start = heap_free_frames();
	return 0;
}

static bool is_zero(const char *p, size_t bytes)
{
	return p[0] == 0 && !memcmp(p, p + 1, bytes - 1);
}

static void sizes(void **state)
{
	static const size_t bytes[] = {
		1, 15, 16, 17, 64, 100, 1024, 1025, 2048, 2049, 4096, 4097, 100000, 2 << 20};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
		char *p = hv_alloc(bytes[i]), *q;

		assert_non_null(p);
		assert_true(is_zero(p, bytes[i]));
		assert_true(IS_ALIGNED((uintptr_t)p, 16));
		memset(p, 0xff, bytes[i]);
		hv_free(p);
		q = hv_alloc(bytes[i]);
		assert_true(is_zero(q, bytes[i]));
		hv_free(q);
	}
	assert_null(hv_alloc(0));
	assert_null(hv_alloc((2 << 20) + 1));
	assert_null(hv_alloc(~0UL));
	assert_null(hv_alloc_array(1UL << 40, 1UL << 40));
	hv_free(NULL);
	assert_int_equal(hv_alloc_count(), 0);
}

static void random_objects_stay_apart(void **state)
{
	enum { SLOTS = 700 };
	static struct {
		uint8_t *p;
		size_t bytes;
		uint8_t fill;
	} slot[SLOTS];
	uint32_t seed = 5;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		unsigned int i = unit_random(&seed) % SLOTS;

		if (slot[i].p) {
			for (size_t k = 0; k < slot[i].bytes; k++)
				assert_int_equal(slot[i].p[k], slot[i].fill);
			hv_free(slot[i].p);
			slot[i].p = NULL;
			continue;
		}
		slot[i].bytes = 1 + unit_random(&seed) % (unit_random(&seed) % 8 ? 300 : 6000);
		slot[i].fill = (uint8_t)unit_random(&seed);
		slot[i].p = hv_alloc(slot[i].bytes);
		assert_non_null(slot[i].p);
		assert_true(is_zero((char *)slot[i].p, slot[i].bytes));
		memset(slot[i].p, slot[i].fill, slot[i].bytes);
	}
	for (unsigned int i = 0; i < SLOTS; i++)
		hv_free(slot[i].p);
	assert_int_equal(hv_alloc_count(), 0);
	assert_true(free_at_start - heap_free_frames() <= 8); /* one kept slab for each class */
}

static void no_memory(void **state)
{
	static void *got[MIB(16) / 1024];
	unsigned int n = 0;

	(void)state;
	while (n < ARRAY_SIZE(got) && (got[n] = hv_alloc(1024)))
		n++;
	assert_true(n > 15000 && n < ARRAY_SIZE(got));
	assert_null(hv_alloc(1024));
	assert_null(hv_alloc(5000));
	while (n > 0)
		hv_free(got[--n]);
	assert_int_equal(hv_alloc_count(), 0);
	assert_true(free_at_start - heap_free_frames() <= 8);
}

static void misuse_panics(void **state)
{
	char *small, *other, *large;
	char local;

	(void)state;
	small = hv_alloc(64);
	other = hv_alloc(64);
	large = hv_alloc(10000);
	expect_assert_failure(hv_free(small + 8));
	expect_assert_failure(hv_free(large + 16));
	expect_assert_failure(hv_free(large + PAGE_SIZE));
	expect_assert_failure(hv_free(&local));
	hv_free(large);
	expect_assert_failure(hv_free(large));
	hv_free(small);
	assert_true(strstr(fake_panic_text, "freed already") != NULL);
	hv_free(other);
}

/* The panics leave the class's lock held: each in a size of its own. */
static void double_free_panics(void **state)
{
	char *a = hv_alloc(128), *b = hv_alloc(128);

	(void)state;
	assert_non_null(b);
	hv_free(a);
	expect_assert_failure(hv_free(a));
	assert_true(strstr(fake_panic_text, "freed twice") != NULL);
}

static void write_after_free_panics(void **state)
{
	char *a = hv_alloc(256), *b = hv_alloc(256);

	(void)state;
	assert_non_null(b);
	hv_free(a);
	a[200] = 1;
	expect_assert_failure((void)!hv_alloc(256));
	assert_true(strstr(fake_panic_text, "written after it was freed") != NULL);
}

/* Data that looks like the mark of a free object is not taken for one. */
static void mark_as_data(void **state)
{
	uint64_t *a = hv_alloc(32), *b = hv_alloc(32);
	uint64_t mark;

	(void)state;
	hv_free(a);
	mark = a[1];
	b[1] = mark ^ (uintptr_t)a ^ (uintptr_t)b;
	hv_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(random_objects_stay_apart),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(misuse_panics),
		cmocka_unit_test(mark_as_data),
		cmocka_unit_test(double_free_panics),
		cmocka_unit_test(write_after_free_panics),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
