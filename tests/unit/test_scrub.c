/* SPDX-License-Identifier: GPL-2.0-only */
/* Nobody sees another owner's data; scrubbing goes in bounded steps and comes to an end. */
#include "unit.h"
#include "unit_random.h"
#include <hv/frame.h>
#include <hv/heap.h>
#include "hv_log.h"
#include "ram.h"

/* All of it in one zone. */
#define FIRST  (MIB(32) >> PAGE_SHIFT)
#define FRAMES (MIB(16) >> PAGE_SHIFT)

static int setup(void **state)
{
	static const struct e820_entry ram = {MIB(32), MIB(16), E820_RAM};

	(void)state;
	fake_log_reset();
	fake_ram_reset(&ram, 1);
	memset(mfn_to_va(MFN(FIRST)), 0x5a, MIB(16));
	heap_init(NULL);
	heap_add(ram.base, ram.bytes, false);
	return 0;
}

static struct heap_stats all(void)
{
	struct heap_stats a = heap_stats(0, HEAP_ZONE_16M), b = heap_stats(0, HEAP_ZONE_4G);

	return (struct heap_stats){a.total + b.total, a.clean + b.clean, a.dirty + b.dirty};
}

static bool is_zero(mfn_t m, uint64_t bytes)
{
	const uint8_t *p = mfn_to_va(m);

	return p[0] == 0 && !memcmp(p, p + 1, bytes - 1);
}

static void idle_steps_clean_everything(void **state)
{
	unsigned int steps = 0;

	(void)state;
	assert_int_equal(all().dirty, FRAMES);
	while (scrub_step()) {
		assert_int_equal(all().clean + all().dirty, FRAMES);
		steps++;
	}
	assert_int_equal(all().clean, FRAMES);
	assert_true(steps >= FRAMES / 64 && steps < FRAMES / 64 + 40);
	assert_true(is_zero(MFN(FIRST), MIB(16)));
	assert_false(scrub_step());
}

static void allocation_is_zero(void **state)
{
	static const unsigned int orders[] = {0, 3, ORDER_2M, ORDER_2M + 1};
	mfn_t m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_int_equal(heap_alloc(orders[i], 0, 0, &m), 0);
		assert_true(is_zero(m, PAGE_SIZE << orders[i]));
		memset(mfn_to_va(m), 0x77, PAGE_SIZE << orders[i]);
		heap_free(m, orders[i]);
	}
}

static void any_content_takes_dirty_first(void **state)
{
	uint64_t clean;
	mfn_t m;

	(void)state;
	for (int i = 0; i < 40; i++)
		scrub_step();
	clean = all().clean;
	assert_true(clean > 0);
	assert_int_equal(heap_alloc(0, 0, HEAP_ANY_CONTENT, &m), 0);
	assert_int_equal(all().clean, clean);
	assert_int_equal(heap_alloc(0, 0, 0, &m), 0);
	assert_int_equal(all().clean, clean - 1);
}

/* A large block whose parts are clean and dirty comes together in bounded calls. */
static void large_in_bounded_calls(void **state)
{
	unsigned int calls = 0;
	mfn_t m;
	int rc;

	(void)state;
	for (int i = 0; i < 17; i++)
		scrub_step();
	while ((rc = heap_try_alloc(11, 0, HEAP_NODE_EXACT, &m)) == -EAGAIN)
		calls++;
	assert_int_equal(rc, 0);
	assert_true(calls > 0 && calls <= FRAMES / 64 + 40);
	assert_true(is_zero(m, PAGE_SIZE << 11));
	assert_int_equal(heap_alloc(12, 0, 0, &m), -ENOMEM);
	assert_int_equal(heap_alloc(0, 0, 0, &m), 0);
}

static void a_freed_frame_is_dirty_again(void **state)
{
	mfn_t m, again = INVALID_MFN;
	unsigned int n = 0;

	(void)state;
	while (scrub_step())
		;
	assert_int_equal(heap_alloc(0, 0, 0, &m), 0);
	memset(mfn_to_va(m), 0xee, PAGE_SIZE);
	frame_put(frame_at(m));
	assert_int_equal(all().dirty, 1);
	/* All the clean ones are given first, then this one, scrubbed. */
	while (!heap_alloc(0, 0, 0, &again))
		n++;
	assert_int_equal(n, FRAMES);
	assert_true(mfn_eq(again, m));
	assert_true(is_zero(m, PAGE_SIZE));
}

/* Writers of secrets, in any order, with scrubbing in between: nobody reads one. */
static void random_secrets(void **state)
{
	enum { SLOTS = 64 };
	static mfn_t slot[SLOTS];
	static unsigned int order[SLOTS];
	uint32_t seed = 11;

	(void)state;
	memset(slot, 0, sizeof(slot));
	for (int step = 0; step < 3000; step++) {
		unsigned int i = unit_random(&seed) % SLOTS;

		if (unit_random(&seed) % 3 == 0)
			scrub_step();
		if (slot[i].v) {
			heap_free(slot[i], order[i]);
			slot[i] = MFN(0);
			continue;
		}
		order[i] = unit_random(&seed) % 8;
		if (heap_alloc(order[i], 0, 0, &slot[i])) {
			slot[i] = MFN(0);
			continue;
		}
		assert_true(is_zero(slot[i], PAGE_SIZE << order[i]));
		memset(mfn_to_va(slot[i]), 0xc3, PAGE_SIZE << order[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(idle_steps_clean_everything, setup),
		cmocka_unit_test_setup(allocation_is_zero, setup),
		cmocka_unit_test_setup(any_content_takes_dirty_first, setup),
		cmocka_unit_test_setup(large_in_bounded_calls, setup),
		cmocka_unit_test_setup(a_freed_frame_is_dirty_again, setup),
		cmocka_unit_test_setup(random_secrets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
