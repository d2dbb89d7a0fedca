/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table walker against a flat model, in every format. What hardware
 * would see is decoded here from the raw entries, by the manuals' bit numbers
 * and not by the descriptors under test.
 */
#include <stdlib.h>
#include "unit.h"
#include "env.h"
#include <pt/ptab.h>

#define BIT(n)	(1ULL << (n))
#define NOTHING (~0ULL)

/* The model: a window of input frames that crosses a 512 GiB boundary. */
#define WINDOW	      0x90000UL /* 2.25 GiB */
#define WINDOW_BASE   (0x8000000UL - 0x48000UL)
#define OUTPUT_FRAMES 0x200000UL

static const struct ptab_format *const formats[] = {&ptab_vtd, &ptab_amdvi, &ptab_ept, &ptab_npt};

struct cell {
	uint64_t mfn; /* NOTHING: empty */
	ptab_attr_t attr;
};

static struct cell *model;
static uint64_t seed;

static uint64_t random_next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t random_below(uint64_t n)
{
	return random_next() % n;
}

/* --- What hardware sees. --- */

/* Non-coherent hardware sees only what was cleaned; before that, rubbish. */
struct shadow {
	const uint8_t *page;
	uint8_t bytes[4096];
	struct shadow *next;
};

static struct shadow *shadows[1024];
static bool through_shadow;

static struct shadow *shadow_find(const uint8_t *page)
{
	struct shadow **bucket = &shadows[((uintptr_t)page >> 12) % ARRAY_SIZE(shadows)], *s;

	for (s = *bucket; s; s = s->next)
		if (s->page == page)
			return s;
	s = malloc(sizeof(*s));
	assert_non_null(s);
	s->page = page;
	memset(s->bytes, 0xff, sizeof(s->bytes));
	s->next = *bucket;
	*bucket = s;
	return s;
}

static void shadows_free(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shadows); i++) {
		while (shadows[i]) {
			struct shadow *s = shadows[i];

			shadows[i] = s->next;
			free(s);
		}
	}
}

static void shadow_observe(void *ctx, const struct fake_event *event)
{
	const uint8_t *from = (const uint8_t *)(uintptr_t)event->where;
	uintptr_t in = event->where & 0xfff;

	(void)ctx;
	if (event->kind != FAKE_CACHE_CLEAN)
		return;
	assert_true(in + event->value <= 4096);
	memcpy(shadow_find(from - in)->bytes + in, from, event->value);
}

static uint64_t hw_read(paddr_t addr)
{
	const uint8_t *p = fake_phys(addr);
	uint64_t e;

	assert_non_null(p);
	if (through_shadow)
		p = shadow_find(p - (addr & 0xfff))->bytes + (addr & 0xfff);
	memcpy(&e, p, 8);
	return e;
}

struct hw {
	bool r, w, x;
	uint64_t mfn;
	unsigned int order;
};

enum hw_step { HW_TABLE, HW_LEAF, HW_FAULT };

static enum hw_step hw_decode(const struct ptab_format *f, uint64_t e, unsigned int level, struct hw *hw)
{
	bool leaf = level == 1 || (e & BIT(7)) != 0;

	*hw = (struct hw){.mfn = (e & 0x000ffffffffff000ULL) >> 12, .order = 9 * (level - 1)};
	if (f == &ptab_npt) {
		hw->r = (e & BIT(0)) && (e & BIT(2));
		hw->w = hw->r && (e & BIT(1));
		hw->x = hw->r && !(e & BIT(63));
		if (leaf && level > 1)
			hw->mfn &= ~1ULL; /* bit 12 is PAT */
	} else if (f == &ptab_ept) {
		hw->r = (e & BIT(0)) != 0;
		hw->w = (e & BIT(1)) != 0;
		hw->x = (e & BIT(2)) != 0;
		assert_false(hw->w && !hw->r); /* a misconfiguration */
	} else if (f == &ptab_vtd) {
		hw->r = (e & BIT(0)) != 0;
		hw->w = (e & BIT(1)) != 0;
		assert_false(e & BIT(62)); /* transient mapping */
	} else {
		hw->r = (e & BIT(0)) && (e & BIT(61));
		hw->w = (e & BIT(0)) && (e & BIT(62));
		leaf = ((e >> 9) & 7) == 0;
		if (!leaf)
			assert_int_equal((e >> 9) & 7, level - 1);
	}
	if (!hw->r && !hw->w && !hw->x)
		return HW_FAULT;
	if (leaf)
		assert_int_equal(hw->mfn & (BIT(hw->order) - 1), 0);
	return leaf ? HW_LEAF : HW_TABLE;
}

/* False: the access faults. */
static bool hw_walk(const struct ptab *pt, uint64_t at, struct hw *hw)
{
	paddr_t table = mfn_to_paddr(pt->root);
	bool r = true, w = true, x = true;

	for (unsigned int level = pt->levels; level > 0; level--) {
		uint64_t e = hw_read(table + 8 * ((at >> (9 * (level - 1))) & 511));
		enum hw_step step = hw_decode(pt->format, e, level, hw);

		if (step == HW_FAULT)
			return false;
		r = hw->r = hw->r && r;
		w = hw->w = hw->w && w;
		x = hw->x = hw->x && x;
		if (step == HW_LEAF) {
			hw->mfn += at & (BIT(hw->order) - 1);
			return true;
		}
		table = hw->mfn << 12;
	}
	fail_msg("no leaf");
	return false;
}

/* --- The model. --- */

/* What the format makes of an access. */
static ptab_attr_t access_seen(const struct ptab_format *f, ptab_attr_t attr)
{
	ptab_attr_t access = attr & PTAB_RWX;

	if (f == &ptab_vtd || f == &ptab_amdvi) {
		access &= PTAB_RW;
		if ((attr & PTAB_RWX) == PTAB_X || (attr & PTAB_RWX) == (PTAB_X | PTAB_R))
			access = PTAB_R;
		return attr & PTAB_X && attr & PTAB_W ? PTAB_RW : access;
	}
	return access ? access | PTAB_R : 0;
}

static void cell_check(const struct ptab *pt, uint64_t at)
{
	const struct cell *c = &model[at - WINDOW_BASE];
	struct ptab_entry entry;
	struct hw hw;
	bool found = ptab_lookup(pt, at, &entry) == 0, seen = hw_walk(pt, at, &hw);
	ptab_attr_t access;

	assert_int_equal(found, c->mfn != NOTHING);
	if (!found) {
		assert_false(seen);
		return;
	}
	access = access_seen(pt->format, c->attr);
	assert_int_equal(entry.mfn.v, c->mfn);
	assert_int_equal(entry.attr & PTAB_RWX, access);
	assert_int_equal(PTAB_SOFT_OF(entry.attr), PTAB_SOFT_OF(c->attr));
	assert_int_equal(seen, access != 0);
	if (!seen)
		return;
	assert_int_equal(hw.mfn, c->mfn);
	assert_int_equal(hw.r, (access & PTAB_R) != 0);
	assert_int_equal(hw.w, (access & PTAB_W) != 0);
	if (pt->format == &ptab_npt || pt->format == &ptab_ept)
		assert_int_equal(hw.x, (access & PTAB_X) != 0);
	assert_int_equal(hw.order, entry.order);
}

static void model_set(uint64_t at, uint64_t count, uint64_t mfn, ptab_attr_t attr)
{
	for (uint64_t i = 0; i < count; i++) {
		struct cell *c = &model[at - WINDOW_BASE + i];

		c->mfn = mfn == NOTHING ? NOTHING : mfn + i;
		c->attr = attr;
	}
}

static void model_reset(void)
{
	free(model);
	model = calloc(WINDOW, sizeof(*model));
	assert_non_null(model);
	model_set(WINDOW_BASE, WINDOW, NOTHING, 0);
}

static uint64_t clamp(uint64_t at)
{
	return MAX(MIN(at, WINDOW_BASE + WINDOW - 1), WINDOW_BASE);
}

/* Both sides of both ends, of the pages there, and anywhere. */
static void samples_check(const struct ptab *pt, uint64_t at, uint64_t count)
{
	static const uint64_t sizes[] = {1, 0x200, 0x40000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t s = sizes[i];

		cell_check(pt, clamp(at - at % s));
		cell_check(pt, clamp(at - at % s - 1));
		cell_check(pt, clamp(at + count - 1));
		cell_check(pt, clamp(at + count));
		cell_check(pt, clamp((at + count) / s * s + s));
	}
	for (int i = 0; i < 20; i++)
		cell_check(pt, WINDOW_BASE + random_below(WINDOW));
}

/* --- Random work. --- */

/* What hardware sees while a change is under way: old or new inside the range, unchanged outside. */
struct watch {
	const struct ptab *pt;
	uint64_t at, count, mfn;
};

static void midway_check(const struct watch *w, uint64_t at)
{
	const struct cell *c = &model[at - WINDOW_BASE];
	bool inside = at >= w->at && at - w->at < w->count;
	struct hw hw;
	bool seen = hw_walk(w->pt, at, &hw), old = c->mfn != NOTHING && (c->attr & PTAB_RWX) != 0;

	if (!inside)
		assert_int_equal(seen, old);
	if (!seen)
		return;
	if (inside && w->mfn != NOTHING && hw.mfn == w->mfn + at - w->at)
		return;
	assert_true(old);
	assert_int_equal(hw.mfn, c->mfn);
}

static void midway_observe(void *ctx, const struct fake_event *event)
{
	const struct watch *w = ctx;

	if (event->kind != FAKE_WMB && event->kind != FAKE_CACHE_CLEAN)
		return;
	midway_check(w, clamp(w->at));
	midway_check(w, clamp(w->at - 1));
	midway_check(w, clamp(w->at + w->count - 1));
	midway_check(w, clamp(w->at + w->count));
	midway_check(w, clamp(w->at ^ 0x155));
}

static uint64_t random_align(void)
{
	static const uint64_t masks[] = {0, 0, 0x1ff, 0x1ff, 0x3ffff};

	return ~masks[random_below(ARRAY_SIZE(masks))];
}

static void random_range(struct ptab_range *range)
{
	uint64_t align = random_align();

	range->at = WINDOW_BASE + (random_below(WINDOW) & align);
	range->count = 1 + (random_below(3) ? random_below(0x1200) : random_below(0x50000));
	range->count = ((range->count + ~align) & align) ? ((range->count + ~align) & align) : 1;
	range->count = MIN(range->count, WINDOW_BASE + WINDOW - range->at);
	range->mfn = MFN((random_below(OUTPUT_FRAMES) & align) + (range->at & ~align));
	range->attr = (ptab_attr_t)random_below(8) | PTAB_WB | PTAB_SOFT(1 + random_below(15));
}

static void random_step(struct ptab *pt, struct ptab_flush *flush, bool watched)
{
	struct ptab_range range;
	struct watch watch;
	bool unmap = random_below(3) == 0;
	int err;

	random_range(&range);
	watch = (struct watch){pt, range.at, range.count, unmap ? NOTHING : range.mfn.v};
	if (watched)
		fake_observe(midway_observe, &watch);
	err = unmap ? ptab_unmap(pt, range.at, range.count, flush) : ptab_map(pt, &range, flush);
	assert_int_equal(err, 0);
	if (watched)
		fake_observe(NULL, NULL);
	model_set(range.at, range.count, unmap ? NOTHING : range.mfn.v, range.attr);
	assert_true(flush->first <= range.at && flush->last >= range.at + range.count - 1);
	samples_check(pt, range.at, range.count);
}

static void random_run(
	const struct ptab_format *f, unsigned int superpages, bool coherent, unsigned int steps)
{
	struct ptab_flush flush = PTAB_FLUSH_NONE;
	struct ptab pt;

	fake_reset();
	model_reset();
	seed = 0x9e3779b97f4a7c15 + superpages;
	through_shadow = !coherent;
	if (!coherent)
		fake_observe(shadow_observe, NULL);
	assert_int_equal(ptab_init(&pt, f, 4, superpages, coherent), 0);
	for (unsigned int i = 0; i < steps; i++) {
		random_step(&pt, &flush, coherent);
		if (i % 8 == 7)
			ptab_flush_done(&flush);
		assert_int_equal(fake_live_frames(), pt.tables + flush.freed_count);
		fake_events_clear();
	}
	ptab_flush_done(&flush);
	ptab_destroy(&pt);
	assert_int_equal(fake_live_frames(), 0);
	through_shadow = false;
	shadows_free();
}

static void random_work_matches_the_model(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		for (unsigned int superpages = 0; superpages < 4; superpages++)
			random_run(formats[i], superpages, true, superpages ? 150 : 40);
}

static void non_coherent_hardware_sees_every_store(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		random_run(formats[i], PTAB_2M | PTAB_1G, false, 60);
}

/* --- Single properties. --- */

static struct ptab pt;
static struct ptab_flush flush;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	model_reset();
	flush = PTAB_FLUSH_NONE;
	assert_int_equal(ptab_init(&pt, &ptab_vtd, 4, PTAB_2M | PTAB_1G, true), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ptab_flush_done(&flush);
	ptab_destroy(&pt);
	assert_int_equal(fake_live_frames(), 0);
	free(model);
	model = NULL;
	return 0;
}

static void map(uint64_t at, uint64_t mfn, uint64_t count)
{
	struct ptab_range range = {at, MFN(mfn), count, PTAB_RW | PTAB_WB};

	assert_int_equal(ptab_map(&pt, &range, &flush), 0);
}

static unsigned int order_at(uint64_t at)
{
	struct ptab_entry e;

	assert_int_equal(ptab_lookup(&pt, at, &e), 0);
	return e.order;
}

static void largest_pages_are_used(void **state)
{
	(void)state;
	map(0x40000 - 0x201, 0x80000 - 0x201, 0x80000 + 0x201 + 0x203);
	assert_int_equal(order_at(0x40000 - 0x201), 0);
	assert_int_equal(order_at(0x40000 - 0x200), 9);
	assert_int_equal(order_at(0x40000), 18);
	assert_int_equal(order_at(0xbffff), 18);
	assert_int_equal(order_at(0xc0000), 9);
	assert_int_equal(order_at(0xc0202), 0);
	assert_int_equal(pt.tables, 1 + 1 + 2 + 2);
}

static void misaligned_output_forbids_large_pages(void **state)
{
	(void)state;
	map(0, 0x200, 0x40000);
	assert_int_equal(order_at(0), 9);
	map(0x40000, 1, 0x400);
	assert_int_equal(order_at(0x40200), 0);
}

static void split_keeps_the_rest(void **state)
{
	struct ptab_entry e;

	(void)state;
	map(0x40000, 0x80000, 0x40000);
	assert_false(flush.stale);
	flush = PTAB_FLUSH_NONE;
	assert_int_equal(ptab_unmap(&pt, 0x40201, 1, &flush), 0);
	assert_true(flush.stale);
	assert_false(flush.tables);
	assert_int_equal(flush.first, 0x40000);
	assert_int_equal(flush.last, 0x7ffff);
	assert_int_equal(order_at(0x40000), 9);
	assert_int_equal(order_at(0x40200), 0);
	assert_int_equal(order_at(0x40202), 0);
	assert_int_equal(ptab_lookup(&pt, 0x40201, &e), -ENOENT);
	assert_int_equal(order_at(0x7ffff), 9);
	assert_int_equal(ptab_lookup(&pt, 0x7ffff, &e), 0);
	assert_int_equal(e.mfn.v, 0xbffff);
}

static void unlinked_tables_live_until_the_flush(void **state)
{
	uint64_t *table;

	(void)state;
	map(0x200, 1, 0x200);
	table = fake_phys((FAKE_FRAME_BASE + 3) << 12); /* root, 1 GiB, 2 MiB, 4 KiB levels in this order */
	assert_non_null(table);
	assert_int_equal(pt.tables, 4);
	fake_events_clear();
	map(0, 0x200, 0x40000);
	assert_true(flush.tables && flush.stale);
	assert_int_equal(flush.freed_count, 1);
	for (size_t i = 0; i < fake_event_count(); i++)
		assert_int_not_equal(fake_event(i)->kind, FAKE_FRAMES_FREE);
	assert_int_equal(fake_live_frames(), pt.tables + 1);
	ptab_flush_done(&flush);
	assert_false(ptab_flush_needed(&flush));
	assert_int_equal(fake_live_frames(), pt.tables);
}

/* A whole tree is unlinked; each of its tables still reads as it was, but for the link in the first entry. */
static void unlinked_trees_still_walk(void **state)
{
	uint64_t before[8][512], *table;
	unsigned int tables = 0;

	(void)state;
	map(0, 1, 0x400);
	assert_int_equal(pt.tables, 5);
	for (unsigned int i = 0; i < 5; i++)
		memcpy(before[tables++], fake_phys((FAKE_FRAME_BASE + i) << 12), 4096);
	assert_int_equal(ptab_unmap(&pt, 0, 1UL << 27, &flush), 0);
	assert_int_equal(flush.freed_count, 4);
	for (unsigned int i = 1; i < tables; i++) {
		table = fake_phys((FAKE_FRAME_BASE + i) << 12);
		assert_memory_equal(table + 1, before[i] + 1, 4096 - 8);
		assert_int_equal(table[0] & 3, 0);
	}
}

static void new_tables_are_ordered_before_their_link(void **state)
{
	(void)state;
	fake_events_clear();
	map(5, 7, 1);
	/* Three tables, innermost first: each followed by a barrier; one more after the last store. */
	assert_int_equal(fake_event_count(), 3 + 3 + 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fake_event(i)->kind, FAKE_FRAMES_ALLOC);
	for (size_t i = 3; i < 7; i++)
		assert_int_equal(fake_event(i)->kind, FAKE_WMB);
}

static void attributes_round_trip(void **state)
{
	static const ptab_attr_t types[] = {PTAB_UC, PTAB_WC, PTAB_WT, PTAB_WP, PTAB_WB};
	struct ptab_entry e;

	(void)state;
	ptab_destroy(&pt);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		bool typed = formats[i] == &ptab_ept || formats[i] == &ptab_npt;

		assert_int_equal(ptab_init(&pt, formats[i], 4, PTAB_2M, true), 0);
		for (unsigned int n = 0; n < 5 * 16 * 2; n++) {
			ptab_attr_t soft = PTAB_SOFT(n % 16), type = types[n / 16 % 5];
			struct ptab_range r = {0x400, MFN(0x800), 0x200, PTAB_RW | PTAB_FORCE | type | soft};

			assert_int_equal(ptab_map(&pt, &r, &flush), 0);
			if (n >= 80) /* through a split */
				assert_int_equal(ptab_unmap(&pt, 0x400, 1, &flush), 0);
			assert_int_equal(ptab_lookup(&pt, 0x410, &e), 0);
			assert_int_equal(e.mfn.v, 0x810);
			assert_int_equal(e.order, n >= 80 ? 0 : 9);
			assert_int_equal(e.attr & (PTAB_RWX | PTAB_SOFT(0x3f)), PTAB_RW | soft);
			assert_int_equal(PTAB_TYPE_OF(e.attr), PTAB_TYPE_OF(typed ? type : PTAB_WB));
			assert_int_equal((e.attr & PTAB_FORCE) != 0, formats[i] != &ptab_npt);
		}
		ptab_flush_done(&flush);
		if (i + 1 < ARRAY_SIZE(formats))
			ptab_destroy(&pt);
	}
}

static void ranges_out_of_bounds_are_refused(void **state)
{
	struct ptab_range range = {0, MFN(0), 0, PTAB_RW};
	struct ptab_entry e;
	struct ptab bad;

	(void)state;
	assert_int_equal(ptab_map(&pt, &range, &flush), -EINVAL);
	range.count = 2;
	range.at = (1UL << 36) - 1;
	assert_int_equal(ptab_map(&pt, &range, &flush), -EINVAL);
	range.at = ~0UL;
	assert_int_equal(ptab_map(&pt, &range, &flush), -EINVAL);
	range.at = 0;
	range.mfn = MFN((1UL << 40) - 1);
	assert_int_equal(ptab_map(&pt, &range, &flush), -EINVAL);
	range.mfn = INVALID_MFN;
	assert_int_equal(ptab_map(&pt, &range, &flush), -EINVAL);
	assert_int_equal(ptab_unmap(&pt, 1, ~0UL, &flush), -EINVAL);
	assert_int_equal(ptab_lookup(&pt, 1UL << 36, &e), -ENOENT);
	assert_int_equal(ptab_next(&pt, 1UL << 36, &e), -ENOENT);
	assert_int_equal(ptab_init(&bad, &ptab_vtd, 1, 0, true), -EINVAL);
	assert_int_equal(ptab_init(&bad, &ptab_vtd, 7, 0, true), -EINVAL);
	assert_int_equal(pt.tables, 1);
	map((1UL << 36) - 1, (1UL << 40) - 1, 1);
	assert_int_equal(order_at((1UL << 36) - 1), 0);
}

static void leaves_are_found_in_order(void **state)
{
	static const uint64_t want[][2] = {{0x1ff, 0}, {0x200, 9}, {0x400, 0}, {0x80000, 18}, {0x7ffffff, 0}};
	struct ptab_entry e = {0};
	uint64_t at = 0;

	(void)state;
	map(0x1ff, 0x1ff, 0x202);
	map(0x80000, 0, 0x40000);
	map(0x7ffffff, 5, 1);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(ptab_next(&pt, at, &e), 0);
		assert_int_equal(e.at, want[i][0]);
		assert_int_equal(e.order, want[i][1]);
		at = e.at + (1UL << e.order);
	}
	assert_int_equal(ptab_next(&pt, at, &e), -ENOENT);
	assert_int_equal(ptab_next(&pt, 0x9abcd, &e), 0); /* from inside a page: that page */
	assert_int_equal(e.at, 0x80000);
	assert_int_equal(e.mfn.v, 0);
}

static void lists_stop_at_the_first_failure(void **state)
{
	struct ptab_range r[3] = {{0x200, MFN(0x400), 0x200, PTAB_RW}, {0, MFN(0), 0, PTAB_RW},
		{0x800, MFN(0x800), 1, PTAB_RW}};
	struct ptab_entry e;
	size_t done;

	(void)state;
	assert_int_equal(ptab_map_list(&pt, r, 3, &flush, &done), -EINVAL);
	assert_int_equal(done, 1);
	assert_int_equal(order_at(0x200), 9);
	assert_int_equal(ptab_lookup(&pt, 0x800, &e), -ENOENT);
	r[1] = r[2];
	assert_int_equal(ptab_map_list(&pt, r, 3, &flush, &done), 0);
	assert_int_equal(done, 3);
	assert_int_equal(flush.first, 0x200);
	assert_int_equal(flush.last, 0x800);
}

/* --- No memory: nothing has changed. --- */

static int oom_map(void)
{
	struct ptab_range range = {0x3fdff, MFN(0xbfdff), 0x80000, PTAB_RW};

	return ptab_map(&pt, &range, &flush);
}

static int oom_unmap(void)
{
	return ptab_unmap(&pt, 0x80001, 0x3fffe, &flush);
}

static void oom_case(int (*change)(void))
{
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_FRAMES, n); n++) {
		uint32_t tables = pt.tables;
		struct ptab_entry e;

		if (change() == 0)
			continue;
		assert_true(fake_fault_struck());
		assert_int_equal(pt.tables, tables);
		assert_int_equal(fake_live_frames(), tables);
		assert_int_equal(flush.first, ~0UL);
		assert_int_equal(ptab_next(&pt, 0, &e), 0);
		assert_int_equal(e.at, 0x80000);
		assert_int_equal(e.order, 18);
		assert_int_equal(ptab_next(&pt, 0xc0000, &e), -ENOENT);
	}
	fake_fail(FAKE_FAULT_FRAMES, 0);
}

static void no_memory_changes_nothing(void **state)
{
	(void)state;
	map(0x80000, 0x40000, 0x40000);
	flush = PTAB_FLUSH_NONE;
	oom_case(oom_map);
	assert_int_equal(order_at(0x3fdff), 0);
	assert_int_equal(order_at(0x3fe00), 9);
	assert_int_equal(ptab_unmap(&pt, 0, 1UL << 30, &flush), 0);
	ptab_flush_done(&flush);
	map(0x80000, 0x40000, 0x40000);
	flush = PTAB_FLUSH_NONE;
	oom_case(oom_unmap);
	assert_int_equal(order_at(0x80000), 0);
	assert_int_equal(order_at(0xbffff), 0);
	fake_fail(FAKE_FAULT_FRAMES, 1);
	assert_int_equal(ptab_init(&(struct ptab){0}, &ptab_vtd, 4, 0, true), -ENOMEM);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_work_matches_the_model),
		cmocka_unit_test(non_coherent_hardware_sees_every_store),
		T(largest_pages_are_used),
		T(misaligned_output_forbids_large_pages),
		T(split_keeps_the_rest),
		T(unlinked_tables_live_until_the_flush),
		T(unlinked_trees_still_walk),
		T(new_tables_are_ordered_before_their_link),
		T(attributes_round_trip),
		T(ranges_out_of_bounds_are_refused),
		T(leaves_are_found_in_order),
		T(lists_stop_at_the_first_failure),
		T(no_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
