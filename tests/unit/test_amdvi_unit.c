/* SPDX-License-Identifier: GPL-2.0-only */
/* The AMD-Vi driver against a modelled unit that caches everything until it is told to forget. */
#include "unit.h"
#include "fake_amdvi.h"
#include "passthrough/iommu-amdvi/amdvi_priv.h"

#define RID	  0x0310
#define IOAPIC	  0x00a0
#define DMA_FRAME 0x12345UL /* an input frame that the tests map */

static struct fake_amdvi hw;
static struct iommu_unit *unit;
static struct iommu_domain domain[2];
static struct iommu_fw_scope scope = {
	.kind = IOMMU_SCOPE_IOAPIC, .first = IOAPIC, .last = IOAPIC, .settings = 0xd7};
static struct iommu_fw fw = {.vendor = IOMMU_AMDVI, .scope = &scope, .scope_count = 1};
static struct iommu_fw_unit fw_unit = {.base = FAKE_AMDVI_BASE,
	.bytes = FAKE_AMDVI_BYTES,
	.sbdf = FAKE_AMDVI_SBDF,
	.capability = FAKE_AMDVI_CAP,
	.raw_flags = AMDVI_IVHD_COHERENT | AMDVI_IVHD_ISOC,
	.scopes = {0, 1}};

/* Hardware must have forgotten a frame before it is freed. */
static void free_observe(void *ctx, const struct fake_event *event)
{
	(void)ctx;
	if (event->kind == FAKE_FRAMES_FREE)
		assert_false(fake_amdvi_holds(&hw, event->where));
}

static void probe(uint64_t efr, bool np_cache)
{
	fake_reset();
	fake_amdvi_init(&hw, efr, np_cache);
	assert_int_equal(amdvi_ops.probe(&fw, &fw_unit, 0, &unit), 0);
}

static void start(uint64_t efr, bool np_cache)
{
	probe(efr, np_cache);
	fake_observe(free_observe, NULL);
	assert_int_equal(amdvi_ops.enable(unit), 0);
	for (unsigned int i = 0; i < 2; i++) {
		domain[i].id = (uint16_t)(7 + i);
		assert_int_equal(
			ptab_init(&domain[i].pt, amdvi_ops.format, 4, unit->caps.superpages, true), 0);
	}
}

static void stop(void)
{
	amdvi_ops.destroy(unit);
	for (unsigned int i = 0; i < 2; i++)
		ptab_destroy(&domain[i].pt);
}

static int setup(void **state)
{
	(void)state;
	start(FAKE_AMDVI_EFR, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stop();
	assert_int_equal(fake_live_frames() + fake_live_allocs() + fake_live_maps(), 0);
	return 0;
}

static void assert_reaches(uint16_t rid, uint64_t frame, uint64_t mfn)
{
	uint64_t got;

	assert_true(fake_amdvi_dma(&hw, rid, frame << 12 | 0x10, true, &got));
	assert_int_equal(got, mfn);
	assert_true(fake_amdvi_dma(&hw, rid, frame << 12 | 0x10, false, &got));
}

static void assert_blocked(uint16_t rid, uint64_t frame)
{
	uint64_t got;

	assert_false(fake_amdvi_dma(&hw, rid, frame << 12, true, &got));
	assert_false(fake_amdvi_dma(&hw, rid, frame << 12, false, &got));
}

static void flush_now(struct iommu_domain *d, struct ptab_flush *flush)
{
	iommu_ticket_t ticket;

	assert_int_equal(amdvi_ops.flush(unit, d->id, flush, &ticket), 0);
	assert_int_equal(amdvi_ops.wait(unit, ticket), 0);
	ptab_flush_done(flush);
}

static void map_now(struct iommu_domain *d, uint64_t at, uint64_t mfn, uint64_t count)
{
	struct ptab_flush flush = PTAB_FLUSH_NONE;
	struct ptab_range range = {at, MFN(mfn), count, PTAB_RW};

	assert_int_equal(ptab_map(&d->pt, &range, &flush), 0);
	flush_now(d, &flush);
}

static void unmap_now(struct iommu_domain *d, uint64_t at, uint64_t count)
{
	struct ptab_flush flush = PTAB_FLUSH_NONE;

	assert_int_equal(ptab_unmap(&d->pt, at, count, &flush), 0);
	flush_now(d, &flush);
}

/* --- Probe and enable. --- */

static void probe_changes_nothing_and_refuses_with_a_reason(void **state)
{
	(void)state;
	fake_reset();
	fake_amdvi_init(&hw, ~0UL, false);
	assert_int_equal(amdvi_ops.probe(&fw, &fw_unit, 4, &unit), -EOPNOTSUPP);
	assert_true(fake_log_has("amdvi4: not used: its registers do not answer"));
	fake_reset();
	fake_amdvi_init(&hw, 3UL << 10, false);
	assert_int_equal(amdvi_ops.probe(&fw, &fw_unit, 0, &unit), -EOPNOTSUPP);
	assert_true(fake_log_has("does not walk host tables"));
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
	fake_reset();
	fake_amdvi_init(&hw, AMDVI_EFR_XT | AMDVI_EFR_GA, false);
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = amdvi_ops.probe(&fw, &fw_unit, 0, &unit);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
	}
	assert_int_equal(fake_event_count(), 0);
	assert_int_equal(unit->caps.levels, 4);
	assert_true(unit->caps.x2apic && unit->caps.coherent && !unit->caps.caching);
	amdvi_ops.destroy(unit);
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
}

static void assert_store(size_t *at, uint32_t reg, uint64_t value)
{
	const struct fake_event *e;

	while ((e = fake_event(*at)) && e->kind != FAKE_MMIO_WRITE)
		(*at)++;
	assert_non_null(e);
	assert_int_equal(e->where, FAKE_AMDVI_BASE + reg);
	assert_int_equal(e->value, value);
	(*at)++;
}

static void enable_follows_the_manual(void **state)
{
	uint64_t wiring = AMDVI_CTL_COHERENT | AMDVI_CTL_ISOC;
	struct amdvi_unit *amd = amdvi_of(unit);
	const uint64_t *dte;
	size_t at = 0;

	(void)state;
	assert_store(&at, AMDVI_CONTROL, 0);
	assert_store(&at, AMDVI_CONTROL, 0);
	assert_store(&at, AMDVI_DEVTAB, mfn_to_paddr(amd->devtab) | 0x1ff);
	assert_store(&at, AMDVI_CMDBUF, mfn_to_paddr(amd->queue.frame) | 8UL << 56);
	assert_store(&at, AMDVI_CMD_HEAD, 0);
	assert_store(&at, AMDVI_CMD_TAIL, 0);
	assert_store(&at, AMDVI_EVTLOG, mfn_to_paddr(amd->events) | 8UL << 56);
	assert_store(&at, AMDVI_EVT_HEAD, 0);
	assert_store(&at, AMDVI_EVT_TAIL, 0);
	assert_store(&at, AMDVI_STATUS, 1);
	assert_store(&at, AMDVI_EXCLUSION, 0);
	assert_store(&at, AMDVI_CONTROL, wiring);
	assert_store(&at, AMDVI_CONTROL, wiring | 1UL << 12 | 1UL << 2 | 1);
	assert_store(&at, AMDVI_CMD_TAIL, 2 * 16);
	assert_int_equal(hw.done_count, 2);
	assert_int_equal(hw.done[0][0], 8UL << 60);
	for (uint32_t rid = 0; rid < 0x10000; rid += 0x101)
		assert_blocked((uint16_t)rid, 0), hw.devices = 0;
	/* The firmware's settings: 0xd7 is INIT, external, NMI, system management 1, LINT0 and LINT1. */
	dte = fake_phys(mfn_to_paddr(amd->devtab) + 32 * IOAPIC);
	assert_int_equal(dte[0], 3);
	assert_int_equal(dte[1], 1UL << 40);
	assert_int_equal(dte[2], 7UL << 56 | 3UL << 62);
	assert_int_equal(dte[-2], 0);
}

static void what_the_firmware_left_on_is_switched_off(void **state)
{
	uint64_t on = 1UL << 12 | 1UL << 2 | 1UL << 1 | 1, run = 0x18;
	size_t at = 0;

	(void)state;
	probe(FAKE_AMDVI_EFR, false);
	memcpy(hw.regs + AMDVI_CONTROL, &on, 8);
	memcpy(hw.regs + AMDVI_STATUS, &run, 8);
	on = 0x1ff;
	memcpy(hw.regs + AMDVI_DEVTAB, &on, 8);
	assert_int_equal(amdvi_ops.enable(unit), 0);
	assert_store(&at, AMDVI_CONTROL, 3); /* the buffers before the unit */
	assert_store(&at, AMDVI_CONTROL, 2);
	amdvi_ops.destroy(unit);
	assert_int_equal(fake_live_frames(), 0);
}

static void flush_of_each_device_where_there_is_none_for_all(void **state)
{
	(void)state;
	probe(0, false);
	assert_int_equal(amdvi_ops.enable(unit), 0);
	assert_int_equal(hw.done_total, 65536 + 65536 / 16);
	assert_int_equal(hw.done[15][0], 2UL << 60 | 15);
	amdvi_ops.destroy(unit);
}

static void enable_case(uint64_t deaf, bool stuck, uint32_t forgets, const char *step)
{
	probe(FAKE_AMDVI_EFR, false);
	hw.deaf = deaf;
	hw.stuck = stuck;
	hw.forgets = forgets;
	assert_int_equal(amdvi_ops.enable(unit), -EIO);
	assert_true(fake_log_has(step));
	assert_true(env_now_ns() < 1000000000);
	assert_int_not_equal(unit->health, IOMMU_UNIT_ON);
	amdvi_ops.destroy(unit);
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
}

static void hardware_that_does_not_come_up_is_named(void **state)
{
	(void)state;
	enable_case(1, false, 0, "amdvi0: enable: translation: error 5");
	enable_case(1UL << 12, false, 0, "amdvi0: enable: translation: error 5");
	enable_case(0, false, AMDVI_CMDBUF, "amdvi0: enable: command buffer: error 5");
	enable_case(0, false, AMDVI_EVTLOG, "amdvi0: enable: event log: error 5");
	enable_case(0, true, 0, "amdvi0: enable: first flush: error 5");
}

static void no_memory_for_enable(void **state)
{
	(void)state;
	probe(FAKE_AMDVI_EFR, false);
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = amdvi_ops.enable(unit);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
		if (err)
			assert_int_equal(fake_live_frames(), 0);
	}
	amdvi_ops.destroy(unit);
}

/* --- Devices. --- */

static void device_case(bool np_cache)
{
	start(FAKE_AMDVI_EFR, np_cache);
	assert_blocked(RID, DMA_FRAME);
	map_now(&domain[0], DMA_FRAME, 0x777, 1);
	map_now(&domain[1], DMA_FRAME, 0x888, 1);
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[0]), 0);
	assert_reaches(RID, DMA_FRAME, 0x777);
	assert_blocked(RID, DMA_FRAME + 1);
	assert_blocked(RID + 1, DMA_FRAME);
	map_now(&domain[0], DMA_FRAME + 1, 0x999, 1); /* was asked for when it was absent */
	assert_reaches(RID, DMA_FRAME + 1, 0x999);
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[1]), 0);
	assert_reaches(RID, DMA_FRAME, 0x888);
	assert_int_equal(amdvi_ops.device_set(unit, RID, NULL), 0);
	assert_blocked(RID, DMA_FRAME);
	stop();
}

static void a_device_reaches_its_domain_only(void **state)
{
	(void)state;
	device_case(true);
	device_case(false);
}

static void settings_survive_assignment(void **state)
{
	const uint64_t *dte = fake_phys(mfn_to_paddr(amdvi_of(unit)->devtab) + 32 * IOAPIC);

	(void)state;
	assert_int_equal(amdvi_ops.device_set(unit, IOAPIC, &domain[1]), 0);
	assert_int_equal(dte[1], 1UL << 40 | 8);
	assert_int_equal(dte[2], 7UL << 56 | 3UL << 62);
	assert_int_equal(amdvi_ops.device_set(unit, IOAPIC, NULL), 0);
	assert_int_equal(dte[0], 3);
}

static void domains_that_the_unit_cannot_walk_are_refused(void **state)
{
	struct iommu_domain deep = domain[0];

	(void)state;
	deep.pt.levels = 5;
	assert_int_equal(amdvi_ops.device_set(unit, RID, &deep), -EOPNOTSUPP);
	assert_blocked(RID, DMA_FRAME);
}

/* The device's entry, whenever hardware could look: without rights, or one of the two in full. */
static void entry_observe(void *ctx, const struct fake_event *event)
{
	const uint64_t *dte = fake_phys(mfn_to_paddr(amdvi_of(unit)->devtab) + 32 * RID);

	(void)ctx;
	(void)event;
	assert_int_equal(dte[0] & 3, 3);
	if (!(dte[0] >> 61 & 3))
		return;
	assert_true((dte[0] & 0x000ffffffffff000UL) == mfn_to_paddr(domain[(uint16_t)dte[1] - 7].pt.root));
}

static void entries_appear_whole(void **state)
{
	(void)state;
	fake_observe(entry_observe, NULL);
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[0]), 0);
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[1]), 0);
	assert_int_equal(amdvi_ops.device_set(unit, RID, NULL), 0);
	fake_observe(NULL, NULL);
}

/* --- Flushes. --- */

static void unmapped_is_flushed_before_it_is_freed(void **state)
{
	mfn_t page = env_frames_alloc(0);

	(void)state;
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[0]), 0);
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

static uint64_t last_cmd(unsigned int back, unsigned int half)
{
	return hw.done[hw.done_count - 1 - back][half];
}

static void flush_size_decides_how(void **state)
{
	struct ptab_flush f = {.first = 0x1000, .last = 0x11ff, .stale = true, .freed = INVALID_MFN};
	iommu_ticket_t ticket;
	uint32_t before;

	(void)state;
	flush_now(&domain[0], &f);
	assert_int_equal(last_cmd(1, 0), 3UL << 60 | 7UL << 32);
	assert_int_equal(
		last_cmd(1, 1), 0x10ffUL << 12 | 1); /* bit 8 of the page is the lowest 0: 512 pages */
	f = (struct ptab_flush){
		.first = 0x1001, .last = 0x1003, .stale = true, .tables = true, .freed = INVALID_MFN};
	flush_now(&domain[0], &f);
	assert_int_equal(last_cmd(2, 1), 0x1001UL << 12 | 2);
	assert_int_equal(last_cmd(1, 1), 0x1002UL << 12 | 3); /* two pages */
	f = (struct ptab_flush){.first = 1, .last = 0x3fffe, .stale = true, .freed = INVALID_MFN};
	flush_now(&domain[0], &f);
	assert_int_equal(last_cmd(1, 1), 0x7ffffffffffff003UL); /* the whole domain */
	assert_int_equal(amdvi_ops.flush(unit, 9, NULL, &ticket), 0);
	assert_int_equal(last_cmd(1, 0), 3UL << 60 | 9UL << 32);
	stop();
	start(FAKE_AMDVI_EFR, false);
	before = hw.done_count;
	f = (struct ptab_flush){.first = 1, .last = 5, .freed = INVALID_MFN};
	flush_now(&domain[0], &f); /* only new translations: nothing is cached */
	f = PTAB_FLUSH_NONE;
	flush_now(&domain[0], &f);
	assert_int_equal(hw.done_count, before);
}

/* --- The queue. --- */

static void queue_wraps_and_fills(void **state)
{
	struct ptab_flush f = {.first = 1, .last = 0x35, .stale = true, .freed = INVALID_MFN};
	iommu_ticket_t ticket = 0;

	(void)state;
	amdvi_of(unit)->queue.ticket = 0xfffffff0;
	*(uint32_t *)fake_phys(mfn_to_paddr(amdvi_of(unit)->queue.status_frame)) = 0xfffffff0;
	hw.lazy = true;
	for (unsigned int i = 0; i < 300; i++)
		assert_int_equal(amdvi_ops.flush(unit, 7, &f, &ticket), 0);
	assert_int_equal(ticket, 0xfffffff0 + 300);
	assert_int_equal(amdvi_ops.wait(unit, ticket), 0);
	assert_int_equal(amdvi_ops.wait(unit, ticket - 299), 0);
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
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[0]), -EIO);
	assert_int_equal(amdvi_ops.flush(unit, 7, NULL, &ticket), -EIO);
	assert_int_equal(env_now_ns(), dead_at); /* at once */
	assert_int_equal(fake_log_count(ENV_LOG_ERR), 1);
}

/* A dead unit may still walk its tables: they are given up. Its registers and its structure are not needed. */
static int teardown_dead(void **state)
{
	(void)state;
	amdvi_ops.destroy(unit);
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
	assert_int_equal(amdvi_ops.flush(unit, 7, NULL, &ticket), 0);
	assert_int_equal(amdvi_ops.wait(unit, ticket), -EIO);
	assert_isolated(started, "does not answer");
}

static void full_queue_isolates_the_unit(void **state)
{
	uint64_t started = env_now_ns();
	iommu_ticket_t ticket;
	unsigned int queued = 0;

	(void)state;
	hw.stuck = true;
	while (queued < 1000 && amdvi_ops.flush(unit, 7, NULL, &ticket) == 0)
		queued++;
	assert_int_equal(queued, 127);
	assert_isolated(started, "stays full");
}

static void refused_command_isolates_the_unit(void **state)
{
	uint64_t started = env_now_ns();

	(void)state;
	hw.refuse_at = 1;
	assert_int_equal(amdvi_ops.device_set(unit, RID, &domain[0]), -EIO);
	assert_isolated(started, "refused a command");
	assert_true(fake_log_has("amdvi0: isolated: the command buffer refused a command"));
}

#define T(f)	  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define T_DEAD(f) cmocka_unit_test_setup_teardown(f, setup, teardown_dead)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_changes_nothing_and_refuses_with_a_reason),
		T(enable_follows_the_manual),
		cmocka_unit_test(what_the_firmware_left_on_is_switched_off),
		cmocka_unit_test(flush_of_each_device_where_there_is_none_for_all),
		cmocka_unit_test(hardware_that_does_not_come_up_is_named),
		cmocka_unit_test(no_memory_for_enable),
		cmocka_unit_test(a_device_reaches_its_domain_only),
		T(settings_survive_assignment),
		T(domains_that_the_unit_cannot_walk_are_refused),
		T(entries_appear_whole),
		T(unmapped_is_flushed_before_it_is_freed),
		T(flush_size_decides_how),
		T(queue_wraps_and_fills),
		T_DEAD(stuck_queue_isolates_the_unit),
		T_DEAD(full_queue_isolates_the_unit),
		T_DEAD(refused_command_isolates_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
