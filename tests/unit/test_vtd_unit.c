/* SPDX-License-Identifier: GPL-2.0-only */
/* The VT-d driver against a modelled unit that caches everything until it is told to forget. */
#include "unit.h"
#include "fake_vtd.h"
#include "passthrough/iommu-vtd/vtd_priv.h"

#define RID	  0x0310
#define DMA_FRAME 0x12345UL /* an input frame that the tests map */
#define CM	  (1UL << 7)
#define RWBF	  (1UL << 4)

static struct fake_vtd hw;
static struct iommu_unit *unit;
static struct iommu_domain domain[2];
static struct iommu_fw_unit fw = {.base = FAKE_VTD_BASE, .bytes = 0x1000};

/* Hardware must have forgotten a frame before it is freed. */
static void free_observe(void *ctx, const struct fake_event *event)
{
	(void)ctx;
	if (event->kind == FAKE_FRAMES_FREE)
		assert_false(fake_vtd_holds(&hw, event->where));
}

static void start(uint64_t cap, uint64_t ecap)
{
	fake_reset();
	fake_vtd_init(&hw, FAKE_VTD_BASE, cap, ecap);
	fake_observe(free_observe, NULL);
	assert_int_equal(vtd_ops.probe(NULL, &fw, 0, &unit), 0);
	assert_int_equal(vtd_ops.enable(unit), 0);
	for (unsigned int i = 0; i < 2; i++) {
		domain[i].id = (uint16_t)(7 + i);
		assert_int_equal(ptab_init(&domain[i].pt, vtd_ops.format, 4, unit->caps.superpages,
					 unit->caps.coherent),
			0);
	}
}

static int setup(void **state)
{
	(void)state;
	start(FAKE_VTD_CAP, FAKE_VTD_ECAP);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vtd_ops.destroy(unit);
	for (unsigned int i = 0; i < 2; i++)
		ptab_destroy(&domain[i].pt);
	assert_int_equal(fake_live_frames(), 0);
	assert_int_equal(fake_live_allocs(), 0);
	assert_int_equal(fake_live_maps(), 0);
	return 0;
}

static bool dma(uint16_t rid, uint64_t frame, uint64_t *ret_mfn)
{
	return fake_vtd_dma(&hw, rid, frame << 12 | 0x10, true, ret_mfn);
}

static void assert_reaches(uint16_t rid, uint64_t frame, uint64_t mfn)
{
	uint64_t got;

	assert_true(dma(rid, frame, &got));
	assert_int_equal(got, mfn);
}

static void assert_blocked(uint16_t rid, uint64_t frame)
{
	uint64_t got;

	assert_false(dma(rid, frame, &got));
}

static void map(struct iommu_domain *d, uint64_t at, uint64_t mfn, uint64_t count, struct ptab_flush *flush)
{
	struct ptab_range range = {at, MFN(mfn), count, PTAB_RW};

	assert_int_equal(ptab_map(&d->pt, &range, flush), 0);
}

static void flush_now(struct iommu_domain *d, struct ptab_flush *flush)
{
	iommu_ticket_t ticket;

	assert_int_equal(vtd_ops.flush(unit, d->id, flush, &ticket), 0);
	assert_int_equal(vtd_ops.wait(unit, ticket), 0);
	ptab_flush_done(flush);
}

static void map_now(struct iommu_domain *d, uint64_t at, uint64_t mfn, uint64_t count)
{
	struct ptab_flush flush = PTAB_FLUSH_NONE;

	map(d, at, mfn, count, &flush);
	flush_now(d, &flush);
}

static void unmap_now(struct iommu_domain *d, uint64_t at, uint64_t count)
{
	struct ptab_flush flush = PTAB_FLUSH_NONE;

	assert_int_equal(ptab_unmap(&d->pt, at, count, &flush), 0);
	flush_now(d, &flush);
}

/* --- Probe and enable. --- */

static void probe_case(uint64_t cap, uint64_t ecap, const char *why)
{
	fake_reset();
	fake_vtd_init(&hw, FAKE_VTD_BASE, cap, ecap);
	assert_int_equal(vtd_ops.probe(NULL, &fw, 12, &unit), -EOPNOTSUPP);
	assert_true(fake_log_has("vtd12: not used"));
	assert_true(fake_log_has(why));
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
}

static void probe_changes_nothing_and_refuses_with_a_reason(void **state)
{
	struct vtd_unit *vtd;

	(void)state;
	probe_case(~0UL, ~0UL, "do not answer");
	probe_case(FAKE_VTD_CAP, FAKE_VTD_ECAP & ~VTD_ECAP_QI, "no invalidation queue");
	probe_case(FAKE_VTD_CAP & ~(0x1fUL << 8), FAKE_VTD_ECAP, "neither 3 nor 4 levels");
	fake_reset();
	fake_vtd_init(&hw, FAKE_VTD_BASE, FAKE_VTD_CAP, FAKE_VTD_ECAP);
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = vtd_ops.probe(NULL, &fw, 3, &unit);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
	}
	assert_int_equal(fake_event_count(), 0);
	assert_string_equal(unit->name, "vtd3");
	assert_int_equal(unit->caps.levels, 4);
	assert_int_equal(unit->caps.superpages, PTAB_2M | PTAB_1G);
	assert_int_equal(unit->caps.domain_ids, 65536);
	assert_true(unit->caps.coherent && unit->caps.intremap && !unit->caps.caching);
	vtd = vtd_of(unit);
	assert_false(mfn_valid(vtd->root));
	vtd_ops.destroy(unit);
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
}

static void assert_store(size_t *at, uint32_t reg, uint64_t value)
{
	const struct fake_event *e;

	while ((e = fake_event(*at)) && e->kind != FAKE_MMIO_WRITE)
		(*at)++;
	assert_non_null(e);
	assert_int_equal(e->where, FAKE_VTD_BASE + reg);
	assert_int_equal(e->value, value);
	(*at)++;
}

static void enable_follows_the_manual(void **state)
{
	struct vtd_unit *vtd = vtd_of(unit);
	size_t at = 0;

	(void)state;
	assert_store(&at, VTD_FECTL, VTD_FECTL_IM);
	assert_store(&at, 0x220 + 12, 1U << 31);
	assert_store(&at, VTD_FSTS, VTD_FSTS_CLEAR);
	assert_store(&at, VTD_IQT, 0);
	assert_store(&at, VTD_IQA, mfn_to_paddr(vtd->queue.frame));
	assert_store(&at, VTD_GCMD, VTD_GCMD_QIE);
	assert_store(&at, VTD_RTADDR, mfn_to_paddr(vtd->root));
	assert_store(&at, VTD_GCMD, VTD_GCMD_QIE | VTD_GCMD_SRTP);
	assert_store(&at, VTD_IQT, 4 * 16);
	assert_store(&at, VTD_GCMD, VTD_GCMD_QIE | VTD_GCMD_TE);
	assert_int_equal(fake_event_find(at, FAKE_MMIO_WRITE, FAKE_VTD_BASE + VTD_GCMD), SIZE_MAX);
	assert_int_equal(hw.done_count, 4);
	assert_int_equal(hw.done[0][0], 0x11); /* context, global */
	assert_int_equal(hw.done[1][0], 0xd2); /* IOTLB, global, drained */
	assert_int_equal(hw.done[2][0] & 0xf, 4);
	assert_int_equal(unit->health, IOMMU_UNIT_ON);
	assert_blocked(RID, 0);
	assert_blocked(0xffff, 0x12345);
}

static void what_the_firmware_left_on_is_switched_off(void **state)
{
	uint32_t on = VTD_GCMD_TE | VTD_GCMD_SRTP | VTD_GCMD_QIE, regions = VTD_PMEN_EPM | VTD_PMEN_PRS;
	size_t at = 0;

	(void)state;
	fake_reset();
	fake_vtd_init(&hw, FAKE_VTD_BASE, FAKE_VTD_CAP | VTD_CAP_PLMR, FAKE_VTD_ECAP);
	memcpy(hw.regs + VTD_GSTS, &on, 4);
	memcpy(hw.regs + VTD_PMEN, &regions, 4);
	assert_int_equal(vtd_ops.probe(NULL, &fw, 0, &unit), 0);
	assert_int_equal(vtd_ops.enable(unit), 0);
	assert_store(&at, VTD_GCMD, VTD_GCMD_QIE); /* translation off, the queue last */
	assert_store(&at, VTD_GCMD, 0);
	memcpy(&regions, hw.regs + VTD_PMEN, 4);
	assert_int_equal(regions, 0);
	vtd_ops.destroy(unit);
	assert_int_equal(fake_live_frames(), 0);
}

static void enable_case(uint32_t deaf, bool stuck, bool forgets, const char *step)
{
	fake_reset();
	fake_vtd_init(&hw, FAKE_VTD_BASE, FAKE_VTD_CAP, FAKE_VTD_ECAP);
	assert_int_equal(vtd_ops.probe(NULL, &fw, 0, &unit), 0);
	hw.deaf = deaf;
	hw.stuck = stuck;
	hw.queue_forgets = forgets;
	assert_int_equal(vtd_ops.enable(unit), -EIO);
	assert_true(fake_log_has(step));
	assert_true(env_now_ns() < 1000000000);
	assert_int_not_equal(unit->health, IOMMU_UNIT_ON);
	vtd_ops.destroy(unit);
}

static void hardware_that_does_not_come_up_is_named(void **state)
{
	(void)state;
	enable_case(VTD_GCMD_QIE, false, false, "vtd0: enable: invalidation queue: error 5");
	enable_case(VTD_GCMD_SRTP, false, false, "vtd0: enable: root table: error 5");
	enable_case(VTD_GCMD_TE, false, false, "vtd0: enable: translation: error 5");
	enable_case(0, true, false, "vtd0: enable: first flush: error 5");
	enable_case(0, false, true, "vtd0: enable: invalidation queue: error 5");
}

static void no_memory_for_enable(void **state)
{
	(void)state;
	fake_reset();
	fake_vtd_init(&hw, FAKE_VTD_BASE, FAKE_VTD_CAP, FAKE_VTD_ECAP);
	assert_int_equal(vtd_ops.probe(NULL, &fw, 0, &unit), 0);
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = vtd_ops.enable(unit);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
		if (err)
			assert_int_equal(fake_live_frames(), 0);
	}
	vtd_ops.destroy(unit);
}

/* --- Devices. --- */

static void a_device_reaches_its_domain_only(void **state)
{
	(void)state;
	map_now(&domain[0], DMA_FRAME, 0x777, 1);
	map_now(&domain[1], DMA_FRAME, 0x888, 1);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
	assert_reaches(RID, DMA_FRAME, 0x777);
	assert_blocked(RID, DMA_FRAME + 1);
	assert_blocked(RID + 1, DMA_FRAME);
	assert_blocked(RID ^ 0x100, DMA_FRAME);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[1]), 0);
	assert_reaches(RID, DMA_FRAME, 0x888);
	assert_int_equal(vtd_ops.device_set(unit, RID, NULL), 0);
	assert_blocked(RID, DMA_FRAME);
}

static void caching_mode_is_told_of_what_is_new(void **state)
{
	(void)state;
	vtd_ops.destroy(unit);
	ptab_destroy(&domain[0].pt);
	ptab_destroy(&domain[1].pt);
	start(FAKE_VTD_CAP | CM, FAKE_VTD_ECAP);
	assert_blocked(RID, DMA_FRAME);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
	assert_blocked(RID, DMA_FRAME);
	map_now(&domain[0], DMA_FRAME, 0x777, 1);
	assert_reaches(RID, DMA_FRAME, 0x777);
	assert_int_equal(vtd_ops.device_set(unit, RID, NULL), 0);
	assert_blocked(RID, DMA_FRAME);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
	assert_reaches(RID, DMA_FRAME, 0x777);
}

static void domains_that_the_unit_cannot_walk_are_refused(void **state)
{
	struct iommu_domain deep = domain[0];

	(void)state;
	deep.pt.levels = 5;
	assert_int_equal(vtd_ops.device_set(unit, RID, &deep), -EOPNOTSUPP);
	deep.pt.levels = 2;
	assert_int_equal(vtd_ops.device_set(unit, RID, &deep), -EOPNOTSUPP);
	assert_blocked(RID, DMA_FRAME);
}

/* The context entry, whenever hardware could look: absent, or one of the two in full. */
static uint64_t seen[2][2];

static void entry_observe(void *ctx, const struct fake_event *event)
{
	struct vtd_unit *vtd = vtd_of(unit);
	const struct vtd_entry *root =
		(const struct vtd_entry *)fake_phys(mfn_to_paddr(vtd->root)) + (RID >> 8);
	const struct vtd_entry *e;

	(void)ctx;
	(void)event;
	if (!(root->lo & 1))
		return;
	e = (const struct vtd_entry *)fake_phys(root->lo & ~0xfffUL) + (RID & 0xff);
	if (!(e->lo & 1))
		return;
	assert_true(
		(e->lo == seen[0][0] && e->hi == seen[0][1]) || (e->lo == seen[1][0] && e->hi == seen[1][1]));
}

static void entries_appear_whole(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		seen[i][0] = mfn_to_paddr(domain[i].pt.root) | 1;
		seen[i][1] = 2UL | (uint64_t)domain[i].id << 8;
	}
	fake_observe(entry_observe, NULL);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[1]), 0);
	assert_int_equal(vtd_ops.device_set(unit, RID, NULL), 0);
	fake_observe(NULL, NULL);
}

static void no_memory_for_a_device(void **state)
{
	(void)state;
	fake_fail(FAKE_FAULT_FRAMES, 1);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), -ENOMEM);
	assert_blocked(RID, DMA_FRAME);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
}

/* --- Flushes. --- */

static void unmapped_is_flushed_before_it_is_freed(void **state)
{
	mfn_t page = env_frames_alloc(0);

	(void)state;
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
	for (unsigned int i = 0; i < 40; i++) {
		map_now(&domain[0], DMA_FRAME, page.v, 1);
		assert_reaches(RID, DMA_FRAME, page.v);
		unmap_now(&domain[0], 0, 1UL << 18); /* tables go too */
		assert_blocked(RID, DMA_FRAME);
	}
	map_now(&domain[0], DMA_FRAME & ~0x1ffUL, 0x400, 0x200);
	assert_reaches(RID, DMA_FRAME, 0x400 + (DMA_FRAME & 0x1ff));
	unmap_now(&domain[0], DMA_FRAME, 1); /* splits the page that is cached */
	assert_blocked(RID, DMA_FRAME);
	assert_reaches(RID, DMA_FRAME + 1, 0x401 + (DMA_FRAME & 0x1ff));
	env_frames_free(page, 0);
}

static uint64_t last_desc(unsigned int back, unsigned int half)
{
	return hw.done[hw.done_count - 1 - back][half];
}

static void flush_size_decides_how(void **state)
{
	struct ptab_flush f = {.first = 0x1000, .last = 0x11ff, .stale = true, .freed = INVALID_MFN};
	uint32_t before = hw.done_count;
	iommu_ticket_t ticket;

	(void)state;
	flush_now(&domain[0], &f);
	assert_int_equal(hw.done_count, before + 2);
	assert_int_equal(last_desc(1, 0), 0xf2 | 7 << 16); /* page-selective, drained, domain 7 */
	assert_int_equal(last_desc(1, 1), 0x1000UL << 12 | 1 << 6 | 9);
	f = (struct ptab_flush){
		.first = 0x1001, .last = 0x1003, .stale = true, .tables = true, .freed = INVALID_MFN};
	flush_now(&domain[0], &f);
	assert_int_equal(last_desc(2, 1), 0x1001UL << 12);
	assert_int_equal(last_desc(1, 1), 0x1002UL << 12 | 1);
	f = (struct ptab_flush){.first = 1, .last = 0x3fffe, .stale = true, .freed = INVALID_MFN};
	flush_now(&domain[0], &f);
	assert_int_equal(last_desc(1, 0), 0xe2 | 7 << 16); /* the whole domain */
	before = hw.done_count;
	f = (struct ptab_flush){.first = 1, .last = 5, .freed = INVALID_MFN};
	flush_now(&domain[0], &f); /* only new translations: nothing is cached */
	f = PTAB_FLUSH_NONE;
	flush_now(&domain[0], &f);
	assert_int_equal(hw.done_count, before);
	assert_int_equal(vtd_ops.flush(unit, 9, NULL, &ticket), 0);
	assert_int_equal(vtd_ops.wait(unit, ticket), 0);
	assert_int_equal(last_desc(1, 0), 0xe2 | 9 << 16);
}

static void write_buffers_are_flushed_where_needed(void **state)
{
	size_t from;

	(void)state;
	vtd_ops.destroy(unit);
	ptab_destroy(&domain[0].pt);
	ptab_destroy(&domain[1].pt);
	start(FAKE_VTD_CAP | RWBF, FAKE_VTD_ECAP & ~1UL);
	from = fake_event_count();
	map_now(&domain[0], 1, 2, 3);
	from = fake_event_find(from, FAKE_MMIO_WRITE, FAKE_VTD_BASE + VTD_GCMD);
	assert_int_not_equal(from, SIZE_MAX);
	assert_int_equal(fake_event(from)->value, VTD_GCMD_TE | VTD_GCMD_QIE | VTD_GCMD_WBF);
	/* Not coherent: a context entry is written back before it counts as published. */
	from = fake_event_count();
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0);
	assert_int_equal(fake_event(fake_event_count() - 1)->where, FAKE_VTD_BASE + VTD_GCMD);
	for (size_t i = from, cleaned = 0; i < fake_event_count(); i++) {
		cleaned += fake_event(i)->kind == FAKE_CACHE_CLEAN;
		if (i + 1 == fake_event_count())
			assert_int_equal(cleaned, 1 + 2 + 2); /* new table, root entry, context entry */
	}
}

/* --- The queue. --- */

static void queue_wraps_and_fills(void **state)
{
	struct ptab_flush f = {.first = 1, .last = 0x35, .stale = true, .freed = INVALID_MFN};
	iommu_ticket_t ticket = 0;

	(void)state;
	vtd_of(unit)->queue.ticket = 0xfffffff0;
	*(uint32_t *)fake_phys(mfn_to_paddr(vtd_of(unit)->queue.status_frame)) = 0xfffffff0;
	hw.lazy = true;
	for (unsigned int i = 0; i < 300; i++)
		assert_int_equal(vtd_ops.flush(unit, 7, &f, &ticket), 0);
	assert_int_equal(ticket, 0xfffffff0 + 300);
	assert_int_equal(vtd_ops.wait(unit, ticket), 0);
	assert_int_equal(vtd_ops.wait(unit, ticket - 299), 0);
	hw.lazy = false;
	for (unsigned int i = 0; i < 1000; i++)
		flush_now(&domain[0], &(struct ptab_flush){1, 9, true, false, 0, INVALID_MFN});
	assert_int_equal(unit->health, IOMMU_UNIT_ON);
}

static void assert_isolated(uint64_t started, const char *why)
{
	uint64_t dead_at = env_now_ns();
	iommu_ticket_t ticket;

	assert_true(dead_at - started < 1000000000);
	assert_int_equal(unit->health, IOMMU_UNIT_DEAD);
	assert_non_null(strstr(unit->isolated_why, why));
	assert_int_equal(fake_log_count(ENV_LOG_ERR), 1);
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), -EIO);
	assert_int_equal(vtd_ops.flush(unit, 7, NULL, &ticket), -EIO);
	assert_int_equal(env_now_ns(), dead_at); /* at once */
	assert_int_equal(fake_log_count(ENV_LOG_ERR), 1);
}

/* A dead unit may still walk its tables: they are given up. Its registers and its structure are not needed. */
static int teardown_dead(void **state)
{
	(void)state;
	vtd_ops.destroy(unit);
	assert_true(fake_live_frames() > 0);
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
	return 0;
}

static void stuck_queue_isolates_the_unit(void **state)
{
	uint64_t started = env_now_ns();
	iommu_ticket_t ticket;

	(void)state;
	hw.stuck = true;
	assert_int_equal(vtd_ops.flush(unit, 7, NULL, &ticket), 0);
	assert_int_equal(vtd_ops.wait(unit, ticket), -EIO);
	assert_isolated(started, "does not answer");
}

static void full_queue_isolates_the_unit(void **state)
{
	uint64_t started = env_now_ns();
	iommu_ticket_t ticket;
	unsigned int queued = 0;

	(void)state;
	hw.stuck = true;
	while (queued < 1000 && vtd_ops.flush(unit, 7, NULL, &ticket) == 0)
		queued++;
	assert_int_equal(queued, 127);
	assert_isolated(started, "stays full");
}

static void refused_descriptor_isolates_the_unit(void **state)
{
	uint64_t started = env_now_ns();

	(void)state;
	hw.refuse_at = 1;
	assert_int_equal(vtd_ops.device_set(unit, RID, &domain[0]), 0); /* was absent: nothing to flush */
	assert_int_equal(vtd_ops.device_set(unit, RID, NULL), -EIO);
	assert_isolated(started, "refused a descriptor");
	assert_true(fake_log_has("vtd0: isolated: the invalidation queue refused a descriptor"));
}

static void silent_device_isolates_the_unit(void **state)
{
	iommu_ticket_t ticket;
	uint64_t started = env_now_ns();

	(void)state;
	hw.timeout_at = 1;
	assert_int_equal(vtd_ops.flush(unit, 7, NULL, &ticket), 0);
	assert_int_equal(vtd_ops.wait(unit, ticket), -EIO);
	assert_isolated(started, "did not answer the flush");
}

#define T(f)	  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define T_DEAD(f) cmocka_unit_test_setup_teardown(f, setup, teardown_dead)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_changes_nothing_and_refuses_with_a_reason),
		T(enable_follows_the_manual),
		cmocka_unit_test(what_the_firmware_left_on_is_switched_off),
		cmocka_unit_test(hardware_that_does_not_come_up_is_named),
		cmocka_unit_test(no_memory_for_enable),
		T(a_device_reaches_its_domain_only),
		T(caching_mode_is_told_of_what_is_new),
		T(domains_that_the_unit_cannot_walk_are_refused),
		T(entries_appear_whole),
		T(no_memory_for_a_device),
		T(unmapped_is_flushed_before_it_is_freed),
		T(flush_size_decides_how),
		T(write_buffers_are_flushed_where_needed),
		T(queue_wraps_and_fills),
		T_DEAD(stuck_queue_isolates_the_unit),
		T_DEAD(full_queue_isolates_the_unit),
		T_DEAD(refused_descriptor_isolates_the_unit),
		T_DEAD(silent_device_isolates_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
