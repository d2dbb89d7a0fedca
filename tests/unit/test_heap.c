/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame allocator: nothing twice, nothing lost, merging restores, large machines cost nothing. */
#include "unit.h"
#include "unit_random.h"
#include <hv/frame.h>
#include <hv/heap.h>
#include "hv_log.h"
#include "ram.h"

static struct numa_info numa;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	memset(&numa, 0, sizeof(numa));
	return 0;
}

static void small_machine(uint64_t bytes)
{
	fake_ram_simple(bytes);
	heap_init(NULL);
	heap_add(MIB(1), bytes, true);
}

static void drain_scrub(void)
{
	while (scrub_step())
		;
}

/* How many blocks of this order can be had at once. */
static unsigned int count_order(unsigned int order, unsigned int flags)
{
	static mfn_t got[4096];
	unsigned int n = 0;

	while (n < ARRAY_SIZE(got) && !heap_alloc(order, 0, flags, &got[n]))
		n++;
	for (unsigned int i = 0; i < n; i++)
		heap_free(got[i], order);
	drain_scrub();
	return n;
}

static void orders_and_alignment(void **state)
{
	mfn_t m = INVALID_MFN;

	(void)state;
	small_machine(GIB(3) - MIB(1));
	for (unsigned int order = 0; order <= HEAP_ORDER_MAX; order++) {
		assert_int_equal(heap_alloc(order, 0, HEAP_ANY_CONTENT, &m), 0);
		assert_true(IS_ALIGNED(m.v, 1UL << order));
		for (uint64_t i = 0; i < 1UL << order; i += MAX(1UL, (1UL << order) / 7)) {
			assert_int_equal(frame_at(mfn_add(m, i))->refs, 1);
			assert_int_equal(frame_at(mfn_add(m, i))->owner, FRAME_OWNER_HV);
		}
		heap_free(m, order);
		assert_int_equal(heap_free_frames(), (GIB(3) - MIB(1)) >> PAGE_SHIFT);
	}
	assert_int_equal(heap_alloc(HEAP_ORDER_MAX + 1, 0, 0, &m), -EINVAL);
	assert_int_equal(heap_alloc(0, 1, 0, &m), -EINVAL);
}

/* All of it in frames, freed in a scattered order: the same largest blocks as before. */
static void merging_restores(void **state)
{
	enum { FRAMES = (32 << 20) / 4096 };
	static mfn_t got[FRAMES];
	unsigned int n = 0, before;
	mfn_t m;

	(void)state;
	small_machine(MIB(32));
	before = count_order(ORDER_2M + 1, 0);
	assert_int_equal(before, 7); /* 1 MiB to 33 MiB holds 7 aligned blocks of 4 MiB */
	while (!heap_alloc(0, 0, 0, &m))
		got[n++] = m;
	assert_int_equal(n, FRAMES);
	assert_int_equal(heap_free_frames(), 0);
	for (unsigned int i = 0; i < FRAMES; i++)
		heap_free(got[(i * 2731) % FRAMES], 0);
	drain_scrub();
	assert_int_equal(heap_free_frames(), FRAMES);
	assert_int_equal(count_order(ORDER_2M + 1, 0), before);
}

static void random_no_overlap_no_loss(void **state)
{
	enum { SLOTS = 400 };
	static struct {
		mfn_t first;
		unsigned int order;
		bool used;
	} slot[SLOTS];
	static uint8_t owner[(128 << 20) / 4096 + 256];
	uint64_t all = MIB(128) >> PAGE_SHIFT, held = 0;
	uint32_t seed = 3;

	(void)state;
	small_machine(MIB(128));
	for (int step = 0; step < 6000; step++) {
		unsigned int i = unit_random(&seed) % SLOTS;

		if (!(step % 7))
			scrub_step();
		if (slot[i].used) {
			memset(&owner[slot[i].first.v], 0, 1UL << slot[i].order);
			heap_free(slot[i].first, slot[i].order);
			held -= 1UL << slot[i].order;
			slot[i].used = false;
		} else {
			unsigned int flags = unit_random(&seed) & 1 ? HEAP_ANY_CONTENT : 0;

			slot[i].order = (unsigned int)__builtin_ctz(unit_random(&seed) | 0x1000);
			slot[i].used = !heap_alloc(slot[i].order, 0, flags, &slot[i].first);
			if (!slot[i].used)
				continue;
			held += 1UL << slot[i].order;
			for (uint64_t k = 0; k < 1UL << slot[i].order; k++) {
				assert_int_equal(owner[slot[i].first.v + k], 0);
				owner[slot[i].first.v + k] = 1;
			}
		}
		assert_int_equal(heap_free_frames() + held, all);
	}
	for (unsigned int i = 0; i < SLOTS; i++)
		if (slot[i].used)
			heap_free(slot[i].first, slot[i].order);
	drain_scrub();
	assert_int_equal(heap_free_frames(), all);
	assert_int_equal(count_order(ORDER_2M + 4, 0), 3); /* 32 MiB blocks in 1 .. 129 MiB */
}

static void zones(void **state)
{
	static const struct e820_entry ram[] = {{MIB(1), MIB(63), E820_RAM}, {GIB(4), MIB(64), E820_RAM}};
	unsigned int n = 0;
	mfn_t m;

	(void)state;
	fake_ram_reset(ram, 2);
	heap_init(NULL);
	for (int i = 0; i < 2; i++)
		heap_add(ram[i].base, ram[i].bytes, true);
	assert_int_equal(heap_stats(0, HEAP_ZONE_16M).total, MIB(15) >> PAGE_SHIFT);
	assert_int_equal(heap_stats(0, HEAP_ZONE_4G).clean, MIB(48) >> PAGE_SHIFT);
	assert_int_equal(heap_stats(HEAP_ANY_NODE, HEAP_ZONE_HIGH).clean, MIB(64) >> PAGE_SHIFT);
	assert_int_equal(heap_alloc(0, 0, HEAP_BELOW_16M, &m), 0);
	assert_true(m.v < MIB(16) >> PAGE_SHIFT);
	assert_int_equal(heap_alloc(0, 0, HEAP_BELOW_4G, &m), 0);
	assert_true(m.v >= MIB(16) >> PAGE_SHIFT && m.v < GIB(4) >> PAGE_SHIFT);
	/* Without a wish, the high zone first, then down. */
	for (uint64_t last = ~0UL; !heap_alloc(ORDER_2M, 0, 0, &m); n++) {
		uint64_t zone = m.v < MIB(16) >> 12 ? 0 : m.v < GIB(4) >> 12 ? 1 : 2;

		assert_true(zone <= last);
		last = zone;
	}
	assert_true(n > 50);
	assert_int_equal(heap_alloc(ORDER_1G, 0, 0, &m), -ENOMEM);
}

static void nodes_by_distance(void **state)
{
	static const struct e820_entry ram[] = {
		{GIB(4), MIB(8), E820_RAM}, {GIB(5), MIB(8), E820_RAM}, {GIB(6), MIB(8), E820_RAM}};
	static const uint8_t distance[3][3] = {{10, 30, 20}, {30, 10, 20}, {20, 20, 10}};
	static const unsigned int want[] = {0, 2, 1};
	unsigned int n = 0;
	mfn_t m;

	(void)state;
	numa.node_count = 3;
	numa.range_count = 3;
	for (uint32_t i = 0; i < 3; i++) {
		numa.range[i] = (struct numa_range){GIB(4 + i), GIB(1), i};
		memcpy(numa.distance[i], distance[i], 3);
	}
	fake_ram_reset(ram, 3);
	heap_init(&numa);
	for (int i = 0; i < 3; i++)
		heap_add(ram[i].base, ram[i].bytes, true);
	assert_int_equal(heap_alloc(ORDER_2M, 1, HEAP_NODE_EXACT, &m), 0);
	assert_int_equal(frame_at(m)->node, 1);
	heap_free(m, ORDER_2M);
	drain_scrub();
	for (; !heap_alloc(ORDER_2M, 0, 0, &m); n++)
		assert_int_equal(frame_at(m)->node, want[n / 4]);
	assert_int_equal(n, 12);
	assert_int_equal(heap_alloc(0, 1, HEAP_NODE_EXACT, &m), -ENOMEM);
}

/* Firmware's lies: overlapping, unaligned, empty and unknown ranges cost nothing but locality. */
static void hostile_numa(void **state)
{
	uint64_t sum = 0;

	(void)state;
	numa.node_count = 1000;
	numa.range_count = 0xffffffff;
	numa.range[0] = (struct numa_range){MIB(2) + 5, MIB(3), 1};
	numa.range[1] = (struct numa_range){MIB(3), ~0UL, 0xffffffff};
	numa.range[2] = (struct numa_range){0, 0, 2};
	numa.range[3] = (struct numa_range){MIB(1) + 0x3000, 0x1001, 63};
	fake_ram_simple(MIB(32));
	heap_init(&numa);
	heap_add(MIB(1), MIB(32), true);
	for (unsigned int n = 0; n < heap_nodes(); n++)
		for (int z = 0; z < HEAP_ZONES; z++)
			sum += heap_stats(n, (enum heap_zone)z).clean;
	assert_int_equal(heap_nodes(), NR_NODES);
	assert_int_equal(sum, MIB(32) >> PAGE_SHIFT);
	assert_int_equal(heap_stats(63, HEAP_ZONE_16M).total, 1);
	assert_int_equal(heap_stats(1, HEAP_ZONE_16M).total, MIB(3) >> PAGE_SHIFT);
}

/* 2.5 TiB in four nodes with holes: the entries are not walked, the blocks are whole. */
static void large_machine(void **state)
{
	static const struct e820_entry ram[] = {{MIB(1), GIB(2), E820_RAM}, {GIB(4), GIB(1000), E820_RAM},
		{TIB(1) + MIB(2), GIB(1000), E820_RAM}, {TIB(3), GIB(512), E820_RAM}};
	uint64_t frames = 0, touched;
	mfn_t m;

	(void)state;
	numa.node_count = 4;
	numa.range_count = 4;
	for (uint32_t i = 0; i < 4; i++) {
		numa.range[i] = (struct numa_range){ram[i].base, ram[i].bytes, i};
		frames += ram[i].bytes >> PAGE_SHIFT;
	}
	fake_ram_reset(ram, 4);
	heap_init(&numa);
	for (int i = 0; i < 4; i++)
		heap_add(ram[i].base, ram[i].bytes, false);
	assert_int_equal(heap_free_frames(), frames);
	assert_int_equal(heap_stats(2, HEAP_ZONE_HIGH).dirty, GIB(1000) >> PAGE_SHIFT);
	touched = fake_ram_table_touched();
	assert_true(touched < MIB(16)); /* of 80 GiB of entries */
	assert_int_equal(heap_alloc(ORDER_1G, 3, HEAP_NODE_EXACT | HEAP_ANY_CONTENT, &m), 0);
	assert_true(m.v >= TIB(3) >> PAGE_SHIFT);
	heap_free(m, ORDER_1G);
	assert_int_equal(heap_alloc(0, 2, HEAP_NODE_EXACT | HEAP_ANY_CONTENT, &m), 0);
	heap_free(m, 0);
	assert_int_equal(heap_free_frames(), frames);
	assert_int_equal(heap_alloc(ORDER_1G, 2, HEAP_NODE_EXACT | HEAP_ANY_CONTENT, &m), 0);
}

/* A hole that was kept back (the image, a module) is not merged over, and may be given later. */
static void late_part_merges(void **state)
{
	(void)state;
	fake_ram_simple(MIB(63));
	heap_init(NULL);
	heap_add(MIB(1), MIB(31), true);
	heap_add(MIB(36), MIB(28), true);
	assert_int_equal(count_order(13, 0), 0);
	heap_add(MIB(32), MIB(4), true);
	assert_int_equal(count_order(13, 0), 1); /* 32 .. 64 MiB */
	assert_int_equal(heap_free_frames(), MIB(63) >> PAGE_SHIFT);
}

static void double_free_panics(void **state)
{
	mfn_t m;

	(void)state;
	small_machine(MIB(4));
	assert_int_equal(heap_alloc(3, 0, 0, &m), 0);
	heap_free(m, 3);
	expect_assert_failure(heap_free(m, 3));
	expect_assert_failure(heap_free(mfn_add(m, 1), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(orders_and_alignment, setup),
		cmocka_unit_test_setup(merging_restores, setup),
		cmocka_unit_test_setup(random_no_overlap_no_loss, setup),
		cmocka_unit_test_setup(zones, setup),
		cmocka_unit_test_setup(nodes_by_distance, setup),
		cmocka_unit_test_setup(hostile_numa, setup),
		cmocka_unit_test_setup(large_machine, setup),
		cmocka_unit_test_setup(late_part_merges, setup),
		cmocka_unit_test_setup(double_free_panics, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
