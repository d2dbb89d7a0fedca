/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's memory map: what it maps and refuses, its references, nothing freed before the flush. */
#include "unit.h"
#include "unit_random.h"
#include <hv/domain_frames.h>
#include <hv/features.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/iomem.h>
#include <hv/p2m.h>
#include "env_heap.h"
#include "hv_log.h"
#include "iommu_domain.h"
#include "p2m_domain.h"
#include "p2m_tlb.h"

#define DEVICE MFN(0x100000) /* 4 GiB: no RAM there */

static struct domain *d;

static int start(void **state)
{
	(void)state;
	p2m_machine();
	d = p2m_domain(1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	p2m_domain_end(d);
	assert_int_equal(fake_heap_frames, 0);
	assert_int_equal(fake_iommu_domains, 0);
	return 0;
}

static mfn_t own(unsigned int order)
{
	mfn_t mfn = INVALID_MFN;

	assert_int_equal(domain_frames_alloc(d, order, HEAP_ANY_NODE, 0, &mfn), 0);
	return mfn;
}

static uint32_t refs(mfn_t mfn)
{
	return frame_at(mfn)->refs;
}

static void assert_maps(uint64_t gfn, mfn_t mfn, enum p2m_type type, unsigned int order)
{
	struct p2m_entry e = p2m_get(d, GFN(gfn));

	assert_int_equal(e.type, type);
	assert_int_equal(e.mfn.v, mfn.v);
	assert_int_equal(e.order, order);
}

static void assert_nothing(uint64_t gfn)
{
	assert_maps(gfn, INVALID_MFN, P2M_INVALID, 0);
}

static void types_and_rights(void **state)
{
	static const struct {
		enum p2m_type type;
		bool ram, write;
	} row[] = {
		{P2M_RAM, true, true},
		{P2M_RAM_RO, true, false},
		{P2M_MMIO_DIRECT, false, false},
		{P2M_MMIO_TRAP, false, false},
		{P2M_FIRMWARE, false, false},
		{P2M_FIRMWARE_RO, false, false},
		{P2M_FOREIGN, true, true},
		{P2M_GRANT_RW, true, true},
		{P2M_GRANT_RO, true, false},
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(row), P2M_TYPE_COUNT - 1);
	for (uint64_t i = 0; i < ARRAY_SIZE(row); i++) {
		mfn_t mfn = row[i].ram ? own(ORDER_4K) : mfn_add(DEVICE, i), got;

		assert_int_equal(p2m_set(d, GFN(i), mfn, ORDER_4K, row[i].type), 0);
		assert_maps(i, row[i].type == P2M_MMIO_TRAP ? INVALID_MFN : mfn, row[i].type, 0);
		assert_int_equal(p2m_get_frame(d, GFN(i), false, &got), row[i].ram ? 0 : -ENOENT);
		if (!row[i].ram)
			continue;
		assert_int_equal(got.v, mfn.v);
		assert_int_equal(refs(mfn), 3);
		p2m_put_frame(got);
		assert_int_equal(p2m_get_frame(d, GFN(i), true, &got), row[i].write ? 0 : -EACCES);
		if (row[i].write)
			p2m_put_frame(got);
		assert_int_equal(refs(mfn), 2);
	}
	assert_int_equal(p2m_get_frame(d, GFN(99), false, &(mfn_t){0}), -ENOENT);
}

static void large_pages(void **state)
{
	mfn_t mfn = own(ORDER_2M);

	(void)state;
	assert_int_equal(p2m_set(d, GFN(512), mfn, ORDER_2M, P2M_RAM), 0);
	assert_maps(512 + 37, mfn_add(mfn, 37), P2M_RAM, ORDER_2M);
	assert_int_equal(p2m_remove(d, GFN(512 + 37), ORDER_4K), 0);
	p2m_flush(d);
	assert_nothing(512 + 37);
	assert_maps(512 + 38, mfn_add(mfn, 38), P2M_RAM, ORDER_4K);
	assert_int_equal(refs(mfn_add(mfn, 37)), 1);
	assert_int_equal(refs(mfn_add(mfn, 38)), 2);
	/* A hole of 1 GiB, and one of the machine's end, cost one entry each. */
	assert_int_equal(
		p2m_set_range(d, GFN(1UL << 30), MFN(1UL << 30), 4UL << ORDER_1G, P2M_MMIO_DIRECT), 0);
	assert_maps((1UL << 30) + 5, MFN((1UL << 30) + 5), P2M_MMIO_DIRECT, ORDER_1G);
	assert_true(p2m_table_count(d) < 10);
}

static void refusals(void **state)
{
	struct domain *other = p2m_domain(2);
	mfn_t mfn = own(ORDER_2M), theirs = INVALID_MFN, hv = INVALID_MFN;
	uint64_t top = 1UL << 36;

	(void)state;
	assert_int_equal(domain_frames_alloc(other, 0, HEAP_ANY_NODE, 0, &theirs), 0);
	assert_int_equal(heap_alloc(0, HEAP_ANY_NODE, 0, &hv), 0);
	assert_int_equal(p2m_set(d, GFN(1), mfn, ORDER_2M, P2M_RAM), -EINVAL);
	assert_int_equal(p2m_set(d, GFN(0), mfn_add(mfn, 1), ORDER_2M, P2M_RAM), -EINVAL);
	assert_int_equal(p2m_set(d, GFN(0), mfn, 3, P2M_RAM), -EINVAL);
	assert_int_equal(p2m_set(d, GFN(0), mfn, 0, P2M_INVALID), -EINVAL);
	assert_int_equal(p2m_set(d, GFN(0), mfn, 0, P2M_TYPE_COUNT), -EINVAL);
	assert_int_equal(p2m_set(d, GFN(top), mfn, 0, P2M_RAM), -ENXIO);
	assert_int_equal(p2m_set_range(d, GFN(top - 1), mfn, 2, P2M_RAM), -ENXIO);
	assert_int_equal(p2m_set_range(d, GFN(0), mfn, ~0UL, P2M_RAM), -ENXIO);
	assert_int_equal(p2m_set(d, GFN(0), MFN(top), 0, P2M_MMIO_DIRECT), -ENXIO);
	assert_int_equal(p2m_remove(d, GFN(5), ORDER_2M), -EINVAL);
	assert_int_equal(p2m_remove_range(d, GFN(top - 1), 2), -ENXIO);
	/* Whose frames. */
	assert_int_equal(p2m_set(d, GFN(0), theirs, 0, P2M_RAM), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), hv, 0, P2M_RAM), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), hv, 0, P2M_FOREIGN), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), DEVICE, 0, P2M_RAM), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), DEVICE, 0, P2M_FOREIGN), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), theirs, 0, P2M_MMIO_DIRECT), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), mfn, 0, P2M_FIRMWARE), -EPERM);
	/* The last frame of a run is not ours: nothing keeps a reference. */
	assert_int_equal(p2m_set_range(d, GFN(0), mfn_add(mfn, 500), 600, P2M_RAM), -EPERM);
	for (uint64_t i = 0; i < 512; i++)
		assert_int_equal(refs(mfn_add(mfn, i)), 1);
	assert_nothing(0);
	/* What is shared on purpose may be mapped. */
	assert_int_equal(frame_type_get(frame_at(hv), FRAME_TYPE_SHARED), 0);
	assert_int_equal(p2m_set(d, GFN(0), hv, 0, P2M_FOREIGN), 0);
	assert_int_equal(p2m_remove(d, GFN(0), 0), 0);
	p2m_flush(d);
	frame_type_put(frame_at(hv));
	heap_free(hv, 0);
	p2m_domain_end(other);
}

static void protected_addresses(void **state)
{
	(void)state;
	assert_int_equal(iomem_protect(0xfee00000, 1, "LAPIC"), 0);
	assert_int_equal(iomem_protect(0xfec00800, 0x1000, "IOAPIC"), 0);
	assert_int_equal(iomem_protect(0x1000, 0, "nothing"), -EINVAL);
	assert_int_equal(iomem_protect(~0UL, 2, "wraps"), -EINVAL);
	assert_int_equal(p2m_set(d, GFN(0), MFN(0xfee00), 0, P2M_MMIO_DIRECT), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), MFN(0xfec00), 0, P2M_FIRMWARE), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), MFN(0xfec01), 0, P2M_MMIO_DIRECT), -EPERM);
	assert_int_equal(p2m_set(d, GFN(0), MFN(0xfec02), 0, P2M_MMIO_DIRECT), 0);
	assert_int_equal(p2m_set_range(d, GFN(0xfe000), MFN(0xfe000), 0x2000, P2M_MMIO_DIRECT), -EPERM);
	assert_string_equal(iomem_protected(MFN(0), ~0UL)->what, "IOAPIC");
	assert_string_equal(iomem_protected(MFN(0xfec02), ~0UL)->what, "LAPIC");
	assert_null(iomem_protected(MFN(0xfec02), 0x1fe));
	assert_null(iomem_protected(MFN(0xfee01), ~0UL));
	for (unsigned int i = 2; i < IOMEM_PROTECTED_MAX; i++)
		assert_int_equal(iomem_protect(0, 1, "more"), 0);
	assert_int_equal(iomem_protect(0, 1, "one too many"), -ENOSPC);
}

static void taken_places(void **state)
{
	mfn_t mfn = own(ORDER_2M), single = own(ORDER_4K);

	(void)state;
	assert_int_equal(p2m_set(d, GFN(512), mfn, ORDER_2M, P2M_RAM), 0);
	assert_int_equal(p2m_set(d, GFN(600), single, ORDER_4K, P2M_RAM), -EEXIST);
	assert_int_equal(p2m_set(d, GFN(600), INVALID_MFN, ORDER_4K, P2M_MMIO_TRAP), -EEXIST);
	assert_int_equal(refs(single), 1);
	/* The same frames may change their rights, as a whole or in part, and keep their references. */
	assert_int_equal(p2m_set_range(d, GFN(512), mfn, 512, P2M_RAM_RO), 0);
	assert_maps(600, mfn_add(mfn, 88), P2M_RAM_RO, ORDER_2M);
	assert_int_equal(p2m_set(d, GFN(600), mfn_add(mfn, 88), 0, P2M_RAM), 0);
	assert_maps(600, mfn_add(mfn, 88), P2M_RAM, ORDER_4K);
	assert_maps(601, mfn_add(mfn, 89), P2M_RAM_RO, ORDER_4K);
	assert_int_equal(p2m_set_range(d, GFN(512), mfn, 512, P2M_RAM), 0);
	assert_maps(601, mfn_add(mfn, 89), P2M_RAM, ORDER_2M);
	p2m_flush(d);
	for (uint64_t i = 0; i < 512; i++)
		assert_int_equal(refs(mfn_add(mfn, i)), 2);
	/* Not with a hole in it, not shifted, not as another kind. */
	assert_int_equal(p2m_remove(d, GFN(700), 0), 0);
	assert_int_equal(p2m_set_range(d, GFN(512), mfn, 512, P2M_RAM_RO), -EEXIST);
	assert_int_equal(p2m_set_range(d, GFN(512), mfn, 513, P2M_RAM_RO), -EEXIST);
	assert_int_equal(p2m_set_range(d, GFN(513), mfn, 8, P2M_RAM_RO), -EEXIST);
	assert_int_equal(p2m_set(d, GFN(512), mfn, 0, P2M_GRANT_RW), -EEXIST);
}

/* --- Nothing is freed before the flush. --- */

static mfn_t watched;
static bool watched_alive;

static void on_flush(struct domain *dom)
{
	(void)dom;
	watched_alive = refs(watched) > 0;
}

static void flush_before_free(void **state)
{
	uint64_t before;

	(void)state;
	watched = own(ORDER_4K);
	assert_int_equal(p2m_set(d, GFN(7), watched, 0, P2M_RAM), 0);
	p2m_flush(d);
	assert_int_equal(fake_p2m_flushes, 0); /* what was not there is in no cache */
	assert_int_equal(p2m_remove(d, GFN(7), 0), 0);
	assert_int_equal(domain_frame_free(d, watched), 0);
	assert_int_equal(refs(watched), 1);
	before = heap_free_frames();
	fake_p2m_on_flush = on_flush;
	p2m_flush(d);
	assert_true(watched_alive);
	assert_int_equal(fake_p2m_flushes, 1);
	assert_int_equal(refs(watched), 0);
	assert_int_equal(heap_free_frames(), before + 1);
}

/* A batch longer than the list flushes by itself. */
static void long_batch(void **state)
{
	enum { PAGES = 5000 };
	static mfn_t mfn[PAGES];

	(void)state;
	for (uint64_t i = 0; i < PAGES; i++) {
		mfn[i] = own(ORDER_4K);
		assert_int_equal(p2m_set(d, GFN(PAGES - i), mfn[i], 0, P2M_RAM), 0);
	}
	for (uint64_t i = 1; i <= PAGES; i += 2)
		assert_int_equal(p2m_remove(d, GFN(i), 0), 0);
	assert_true(fake_p2m_flushes >= 2 && fake_p2m_flushes < 10);
	assert_int_equal(p2m_remove_range(d, GFN(0), 1UL << 36), 0);
	p2m_flush(d);
	for (unsigned int i = 0; i < PAGES; i++)
		assert_int_equal(refs(mfn[i]), 1);
}

static void destroy_in_steps(void **state)
{
	struct domain *e = p2m_domain(3);
	uint64_t before;
	unsigned int steps = 0;
	mfn_t mfn = INVALID_MFN;
	int rc;

	(void)state;
	for (uint64_t i = 0; i < 40; i++) {
		assert_int_equal(domain_frames_alloc(e, ORDER_2M, HEAP_ANY_NODE, 0, &mfn), 0);
		assert_int_equal(p2m_set(e, GFN(i << 9), mfn, ORDER_2M, P2M_RAM), 0);
	}
	assert_int_equal(p2m_set_range(e, GFN(1UL << 20), DEVICE, 1000, P2M_MMIO_DIRECT), 0);
	before = heap_free_frames();
	while ((rc = p2m_destroy(e)) == -ERESTART) {
		assert_int_equal(p2m_set(e, GFN(0), DEVICE, 0, P2M_MMIO_DIRECT), -EBUSY);
		assert_int_equal(p2m_get_frame(e, GFN(39 << 9), false, &mfn), -EBUSY);
		steps++;
	}
	assert_int_equal(rc, 0);
	assert_true(steps >= 40 * 512 / 4096 - 1);
	assert_int_equal(p2m_destroy(e), 0);
	assert_null(e->p2m);
	assert_true(heap_free_frames() > before);
	p2m_domain_end(e);
}

static void no_memory(void **state)
{
	mfn_t mfn = own(ORDER_2M), stray;
	struct domain e = {.id = 9};
	struct p2m_entry entry;

	(void)state;
	for (unsigned int n = 1; n <= 3; n++) {
		fake_heap_fail_at = n;
		assert_int_equal(p2m_set(d, GFN(1UL << 30), mfn, 0, P2M_RAM), -ENOMEM);
		assert_int_equal(refs(mfn), 1);
		assert_nothing(1UL << 30);
	}
	fake_heap_fail_at = 0;
	assert_int_equal(p2m_set(d, GFN(512), mfn, ORDER_2M, P2M_RAM), 0);
	fake_heap_fail_at = 1;
	assert_int_equal(p2m_remove(d, GFN(513), 0), -ENOMEM);
	entry = p2m_get(d, GFN(513));
	assert_int_equal(entry.order, ORDER_2M);
	p2m_flush(d);
	assert_int_equal(refs(mfn_add(mfn, 1)), 2);
	fake_heap_fail_at = 1;
	assert_int_equal(p2m_create(&e), -ENOMEM);
	assert_null(e.p2m);
	while (heap_alloc(0, HEAP_ANY_NODE, HEAP_ANY_CONTENT, &stray) == 0)
		;
	assert_int_equal(p2m_create(&e), -ENOMEM);
	/* The end needs no memory. */
	p2m_domain_end(d);
	p2m_machine();
	d = p2m_domain(1);
}

static void processor_formats(void **state)
{
	uint64_t npt = p2m_root(d);
	struct domain *e;

	(void)state;
	assert_int_equal(npt & ~PAGE_MASK, 0);
	assert_int_equal(p2m_gfn_end(d), 1UL << 36);
	cpu_features.word[FW_E1C] = 0;
	cpu_features.phys_bits = 39;
	e = p2m_domain(2);
	assert_int_equal(p2m_root(e) & ~PAGE_MASK, 0x1e);
	assert_int_equal(p2m_gfn_end(e), 1UL << 27);
	assert_int_equal(p2m_set(e, GFN(1UL << 27), DEVICE, 0, P2M_MMIO_DIRECT), -ENXIO);
	p2m_domain_end(e);
}

/* --- Against a model: what each gfn maps, and how often each frame is mapped. --- */

enum { MODEL_GFNS = 8192, MODEL_BLOCKS = 6, MODEL_SINGLES = 64 };

static struct {
	uint64_t mfn;
	enum p2m_type type;
} model[MODEL_GFNS];
static mfn_t model_block[MODEL_BLOCKS], model_single[MODEL_SINGLES];

static const enum p2m_type model_types[] = {
	P2M_RAM, P2M_RAM_RO, P2M_MMIO_DIRECT, P2M_FIRMWARE, P2M_MMIO_TRAP};

static unsigned int model_kind(enum p2m_type type)
{
	return type == P2M_RAM || type == P2M_RAM_RO ? 1 : type == P2M_MMIO_TRAP ? 2 : 3;
}

static int model_set(uint64_t gfn, uint64_t mfn, uint64_t count, enum p2m_type type)
{
	uint64_t same = 0, empty = 0;

	for (uint64_t i = 0; i < count; i++) {
		if (model[gfn + i].type == P2M_INVALID)
			empty++;
		else if (model[gfn + i].mfn == mfn + i && model_kind(model[gfn + i].type) == model_kind(type))
			same++;
	}
	if (empty != count && same != count)
		return -EEXIST;
	for (uint64_t i = 0; i < count; i++) {
		model[gfn + i].mfn = mfn + i;
		model[gfn + i].type = type;
	}
	return 0;
}

static mfn_t model_frame(enum p2m_type type, unsigned int order, uint64_t gfn, uint32_t *seed)
{
	uint32_t r = unit_random(seed);

	if (type == P2M_MMIO_TRAP)
		return MFN(gfn);
	if (model_kind(type) == 3)
		return mfn_add(DEVICE, r % 2 ? gfn : ALIGN_DOWN(r % MODEL_GFNS, 1U << order));
	if (order)
		return model_block[r % MODEL_BLOCKS];
	return r % 2 ? model_single[(r >> 4) % MODEL_SINGLES]
		     : mfn_add(model_block[(r >> 4) % MODEL_BLOCKS], (r >> 12) % 512);
}

/* Devices reach RAM as the processors do, and nothing else. */
static void assert_devices_agree(uint64_t gfn, const struct p2m_entry *e)
{
	struct iommu_domain *iommu = p2m_iommu(d);
	struct ptab_entry device = {0};

	if (!iommu)
		return;
	if (e->type != P2M_RAM && e->type != P2M_RAM_RO) {
		assert_int_equal(iommu_lookup(iommu, gfn, &device), -ENOENT);
		return;
	}
	assert_int_equal(iommu_lookup(iommu, gfn, &device), 0);
	assert_int_equal(device.mfn.v, e->mfn.v);
	assert_int_equal(device.attr & PTAB_RW, e->type == P2M_RAM ? PTAB_RW : PTAB_R);
}

static void model_compare(void)
{
	static uint32_t count[(TEST_RAM + MIB(1)) >> PAGE_SHIFT];

	p2m_flush(d);
	memset(count, 0, sizeof(count));
	for (uint64_t i = 0; i < MODEL_GFNS; i++) {
		struct p2m_entry e = p2m_get(d, GFN(i));
		enum p2m_type type = model[i].type;

		assert_int_equal(e.type, type);
		if (type != P2M_INVALID && type != P2M_MMIO_TRAP)
			assert_int_equal(e.mfn.v, model[i].mfn);
		if (model_kind(type) == 1 && type != P2M_INVALID)
			count[e.mfn.v]++;
		assert_devices_agree(i, &e);
	}
	for (unsigned int i = 0; i < MODEL_BLOCKS * 512; i++) {
		mfn_t mfn = mfn_add(model_block[i / 512], i % 512);

		assert_int_equal(refs(mfn), 1 + count[mfn.v]);
	}
	for (unsigned int i = 0; i < MODEL_SINGLES; i++)
		assert_int_equal(refs(model_single[i]), 1 + count[model_single[i].v]);
}

static void model_step(uint32_t *seed)
{
	unsigned int order = unit_random(seed) % 4 == 0 ? ORDER_2M : ORDER_4K;
	uint64_t gfn = ALIGN_DOWN(unit_random(seed) % MODEL_GFNS, 1U << order), count = 1UL << order;
	enum p2m_type type = model_types[unit_random(seed) % ARRAY_SIZE(model_types)];
	mfn_t mfn = model_frame(type, order, gfn, seed);

	if (unit_random(seed) % 3 == 0) {
		count = MIN((uint64_t)unit_random(seed) % 1500, MODEL_GFNS - gfn);
		assert_int_equal(p2m_remove_range(d, GFN(gfn), count), 0);
		for (uint64_t i = 0; i < count; i++)
			model[gfn + i].type = P2M_INVALID;
		return;
	}
	if (model[gfn].type != P2M_INVALID && unit_random(seed) % 2)
		mfn = MFN(model[gfn].mfn);
	if (order && !IS_ALIGNED(mfn.v, 512U))
		return;
	if (order && model_kind(type) == 1 && mfn.v >= DEVICE.v)
		return;
	if (order && model_kind(type) == 1 && frame_at(mfn_add(mfn, 511))->owner != d->id)
		return;
	if (model_kind(type) == 3 && mfn.v < DEVICE.v)
		return;
	if (model_kind(type) == 1 &&
		(mfn.v >= DEVICE.v || !frame_lookup(mfn) || frame_at(mfn)->owner != d->id))
		return;
	if (type == P2M_MMIO_TRAP)
		mfn = MFN(gfn);
	assert_int_equal(p2m_set(d, GFN(gfn), mfn, order, type), model_set(gfn, mfn.v, count, type));
}

static void model_run(unsigned int steps, uint32_t *seed)
{
	for (unsigned int step = 1; step <= steps; step++) {
		model_step(seed);
		if (step % 500 == 0)
			model_compare();
	}
}

static void against_a_model(void **state)
{
	uint32_t seed = 20261123;
	int rc;

	(void)state;
	memset(model, 0, sizeof(model));
	for (unsigned int i = 0; i < MODEL_BLOCKS; i++)
		model_block[i] = own(ORDER_2M);
	for (unsigned int i = 0; i < MODEL_SINGLES; i++)
		model_single[i] = own(ORDER_4K);
	model_run(10000, &seed);
	/* Devices come in the middle, in steps, and the guest goes on meanwhile. */
	while ((rc = p2m_iommu_enable(d)) == -ERESTART)
		model_step(&seed);
	assert_int_equal(rc, 0);
	model_compare();
	model_run(10000, &seed);
}

/* --- Devices. --- */

static void watch_iommu_flush(void)
{
	watched_alive = refs(watched) > 0;
}

static void devices_forget_before_frames_are_freed(void **state)
{
	(void)state;
	watched = own(ORDER_4K);
	assert_int_equal(p2m_set(d, GFN(7), watched, 0, P2M_RAM), 0);
	assert_int_equal(p2m_iommu_enable(d), 0);
	assert_int_equal(p2m_remove(d, GFN(7), 0), 0);
	assert_int_equal(domain_frame_free(d, watched), 0);
	fake_iommu_on_flush = watch_iommu_flush;
	watched_alive = false;
	p2m_flush(d);
	assert_true(watched_alive);
	assert_int_equal(refs(watched), 0);
}

/* A unit that is dead may still write: what it may reach is nobody's any more. */
static void dead_iommu_keeps_its_frames(void **state)
{
	mfn_t mfn = own(ORDER_4K);

	(void)state;
	assert_int_equal(p2m_iommu_enable(d), 0);
	assert_int_equal(p2m_set(d, GFN(7), mfn, 0, P2M_RAM), 0);
	assert_int_equal(p2m_remove(d, GFN(7), 0), 0);
	assert_int_equal(domain_frame_free(d, mfn), 0);
	fake_iommu_flush_rc = -EIO;
	p2m_flush(d);
	assert_int_equal(refs(mfn), 1);
	assert_true(fake_log_has("did not answer"));
}

static void devices_without_memory(void **state)
{
	/* Three nested tables, then three of the devices'; the nested ones stay when the others fail. */
	static const unsigned int fail_at[] = {1, 2, 3, 4, 2, 3};
	mfn_t mfn = own(ORDER_2M);
	struct ptab_entry e;

	(void)state;
	fake_heap_fail_at = 1;
	assert_int_equal(p2m_iommu_enable(d), -ENOMEM);
	assert_null(p2m_iommu(d));
	assert_int_equal(p2m_iommu_enable(d), 0);
	for (unsigned int n = 0; n < ARRAY_SIZE(fail_at); n++) {
		fake_heap_fail_at = fail_at[n];
		assert_int_equal(p2m_set(d, GFN(1UL << 30), mfn, 0, P2M_RAM), -ENOMEM);
		p2m_flush(d);
		assert_nothing(1UL << 30);
		assert_int_equal(iommu_lookup(p2m_iommu(d), 1UL << 30, &e), -ENOENT);
		assert_int_equal(refs(mfn), 1);
	}
	fake_heap_fail_at = 0;
	assert_int_equal(p2m_set(d, GFN(512), mfn, ORDER_2M, P2M_RAM), 0);
	fake_heap_fail_at = 1;
	assert_int_equal(p2m_remove(d, GFN(513), 0), -ENOMEM);
	fake_heap_fail_at = 2;
	assert_int_equal(p2m_remove(d, GFN(513), 0), -ENOMEM);
	p2m_flush(d);
	assert_int_equal(refs(mfn_add(mfn, 1)), 2);
	assert_int_equal(p2m_get(d, GFN(513)).type, P2M_RAM);
	/* They have less than the processors then, never more. */
	assert_int_equal(iommu_lookup(p2m_iommu(d), 513, &e), -ENOENT);
}

static void narrow_iommu(void **state)
{
	mfn_t mfn = own(ORDER_4K);

	(void)state;
	fake_iommu_caps.levels = 3;
	assert_int_equal(p2m_iommu_enable(d), 0);
	assert_int_equal(p2m_set(d, GFN(1UL << 27), mfn, 0, P2M_RAM), -ENXIO);
	assert_int_equal(refs(mfn), 1);
	assert_int_equal(p2m_set_range(d, GFN(1UL << 27), MFN(1UL << 27), 1000, P2M_MMIO_DIRECT), 0);
	assert_int_equal(p2m_remove_range(d, GFN((1UL << 27) - 1000), 2000), 0);
	assert_int_equal(p2m_set(d, GFN((1UL << 27) - 1), mfn, 0, P2M_RAM), 0);
	assert_int_equal(p2m_remove_range(d, GFN((1UL << 27) - 1000), 2000), 0);
	p2m_flush(d);
	assert_int_equal(refs(mfn), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(types_and_rights),
		TEST(large_pages),
		TEST(refusals),
		TEST(protected_addresses),
		TEST(taken_places),
		TEST(flush_before_free),
		TEST(long_batch),
		TEST(destroy_in_steps),
		TEST(no_memory),
		TEST(processor_formats),
		TEST(against_a_model),
		TEST(devices_forget_before_frames_are_freed),
		TEST(dead_iommu_keeps_its_frames),
		TEST(devices_without_memory),
		TEST(narrow_iommu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
