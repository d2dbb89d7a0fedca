/* SPDX-License-Identifier: GPL-2.0-only */
/* The facade over two modelled VT-d units: who reaches what, what is freed when, and units that die. */
#include "unit.h"
#include "fake_vtd.h"
#include <pt/iommu.h>
#include <pt/pci.h>

#define OTHER_BASE 0xfed91000UL
#define FRAME	   0x12345UL

static struct fake_vtd hw[2];
static struct iommu_fw_scope scope = {
	.kind = IOMMU_SCOPE_ENDPOINT, .first = 0x10, .last = 0x10, .resolved = true};
static struct iommu_fw_unit units[2];
static struct iommu_fw fw = {
	.vendor = IOMMU_VTD, .scope = &scope, .scope_count = 1, .unit = units, .unit_count = 2};
static struct pci_dev graphics, nic; /* 00:02.0 on the first unit, 03:00.0 on the second */
static struct iommu_domain *domain;

static void free_observe(void *ctx, const struct fake_event *event)
{
	(void)ctx;
	if (event->kind != FAKE_FRAMES_FREE)
		return;
	assert_false(fake_vtd_holds(&hw[0], event->where));
	assert_false(fake_vtd_holds(&hw[1], event->where));
}

static void machine(uint64_t cap0, uint64_t cap1)
{
	fake_reset();
	fake_vtd_init(&hw[0], FAKE_VTD_BASE, cap0, FAKE_VTD_ECAP);
	fake_vtd_init(&hw[1], OTHER_BASE, cap1, FAKE_VTD_ECAP);
	units[0] = (struct iommu_fw_unit){.base = FAKE_VTD_BASE, .bytes = 0x1000, .scopes = {0, 1}};
	units[1] = (struct iommu_fw_unit){.base = OTHER_BASE, .bytes = 0x1000, .all = true};
	graphics.sbdf = SBDF(0, 0, 2, 0);
	nic.sbdf = SBDF(0, 3, 0, 0);
}

static int setup(void **state)
{
	(void)state;
	machine(FAKE_VTD_CAP, FAKE_VTD_CAP);
	assert_int_equal(iommu_start(&fw), 0);
	fake_observe(free_observe, NULL);
	assert_int_equal(iommu_domain_create(&domain), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(iommu_domain_destroy(domain), 0);
	iommu_stop();
	assert_int_equal(fake_live_frames() + fake_live_allocs() + fake_live_maps(), 0);
	return 0;
}

static int set(const struct pci_dev *dev, struct iommu_domain *d)
{
	return iommu_device_set(dev, (uint16_t)sbdf_rid(dev->sbdf), d);
}

static bool reaches(const struct pci_dev *dev, uint64_t frame, uint64_t mfn)
{
	struct fake_vtd *v = dev == &nic ? &hw[1] : &hw[0];
	uint64_t got;

	return fake_vtd_dma(v, (uint16_t)sbdf_rid(dev->sbdf), frame << 12, true, &got) && got == mfn;
}

static void map_now(uint64_t at, uint64_t mfn, uint64_t count)
{
	struct ptab_range range = {at, MFN(mfn), count, PTAB_RW};
	struct iommu_batch batch = IOMMU_BATCH_NONE;

	assert_int_equal(iommu_map(domain, &range, &batch), 0);
	assert_int_equal(iommu_flush(domain, &batch), 0);
}

static void start_takes_the_least_of_all_units(void **state)
{
	(void)state;
	machine(FAKE_VTD_CAP & ~(1UL << 35), (FAKE_VTD_CAP & ~(0x7UL | 1UL << 10)) | 1UL << 7 | 2);
	assert_int_equal(iommu_start(&fw), 0);
	assert_int_equal(iommu_unit_count(), 2);
	assert_string_equal(iommu_unit_name(1), "vtd1");
	assert_int_equal(iommu_caps()->superpages, PTAB_2M);
	assert_int_equal(iommu_caps()->levels, 3);
	assert_int_equal(iommu_caps()->domain_ids, 256);
	assert_true(iommu_caps()->caching && iommu_caps()->coherent);
	iommu_stop();
	assert_int_equal(iommu_unit_count(), 0);
	assert_int_equal(iommu_caps()->levels, 0);
	assert_int_equal(iommu_domain_create(&domain), -ENODEV);
	assert_int_equal(fake_live_frames() + fake_live_allocs() + fake_live_maps(), 0);
}

static void units_that_fail_are_left_out(void **state)
{
	(void)state;
	machine(FAKE_VTD_CAP, FAKE_VTD_CAP);
	hw[0].stuck = true;
	assert_int_equal(iommu_start(&fw), 0);
	assert_int_equal(iommu_unit_count(), 1);
	assert_true(fake_log_has("iommu: the unit at 0xfed90000 is not used"));
	assert_false(iommu_device_served(&graphics));
	assert_true(iommu_device_served(&nic));
	assert_int_equal(set(&graphics, NULL), -ENODEV);
	iommu_stop();
	machine(~0UL, FAKE_VTD_CAP);
	units[1].state = IOMMU_UNIT_REFUSED;
	assert_int_equal(iommu_start(&fw), -ENODEV);
	assert_int_equal(iommu_unit_count(), 0);
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
}

static void no_memory_to_start(void **state)
{
	(void)state;
	machine(FAKE_VTD_CAP, FAKE_VTD_CAP);
	units[0].state = IOMMU_UNIT_REFUSED;
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = iommu_start(&fw);

		if (err)
			assert_int_equal(fake_live_frames() + fake_live_allocs() + fake_live_maps(), 0);
		else
			assert_false(fake_fault_struck());
	}
	iommu_stop();
}

static void everything_is_blocked_until_given(void **state)
{
	(void)state;
	map_now(FRAME, 0x777, 1);
	assert_false(reaches(&graphics, FRAME, 0x777) || reaches(&nic, FRAME, 0x777));
	assert_int_equal(set(&nic, domain), 0);
	assert_true(reaches(&nic, FRAME, 0x777));
	assert_false(reaches(&graphics, FRAME, 0x777));
	assert_ptr_equal(iommu_device_domain(&nic, 0x300), domain);
	assert_null(iommu_device_domain(&graphics, 0x10));
	assert_int_equal(iommu_domain_destroy(domain), -EBUSY);
	assert_int_equal(set(&nic, NULL), 0);
	assert_false(reaches(&nic, FRAME, 0x777));
	assert_null(iommu_device_domain(&nic, 0x300));
}

static void aliases_count_too(void **state)
{
	(void)state;
	assert_int_equal(set(&nic, domain), 0);
	assert_int_equal(iommu_device_set(&nic, 0x200, domain), 0);
	assert_int_equal(set(&nic, NULL), 0);
	assert_int_equal(iommu_domain_destroy(domain), -EBUSY);
	assert_int_equal(iommu_device_set(&nic, 0x200, NULL), 0);
}

static void one_flush_for_a_batch_on_each_unit_in_use(void **state)
{
	struct iommu_batch batch = IOMMU_BATCH_NONE;
	uint32_t done[2];

	(void)state;
	map_now(0x1000, 0x4000, 0x400);
	assert_int_equal(set(&nic, domain), 0);
	assert_true(reaches(&nic, 0x1001, 0x4001));
	done[0] = hw[0].done_count;
	done[1] = hw[1].done_count;
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(iommu_unmap(domain, 0x1000 + i, 1, &batch), 0);
	assert_true(reaches(&nic, 0x1001, 0x4001)); /* not flushed yet: that is why frames must wait */
	assert_int_equal(iommu_flush(domain, &batch), 0);
	assert_false(reaches(&nic, 0x1001, 0x4001));
	assert_int_equal(hw[0].done_count, done[0]);
	assert_int_equal(hw[1].done_count, done[1] + 2);
	assert_int_equal(set(&graphics, domain), 0);
	assert_true(reaches(&graphics, 0x1100, 0x4100) && reaches(&nic, 0x1100, 0x4100));
	assert_int_equal(iommu_unmap(domain, 0, 1UL << 27, &batch), 0); /* tables too */
	assert_int_equal(iommu_flush(domain, &batch), 0);
	assert_false(reaches(&graphics, 0x1100, 0x4100) || reaches(&nic, 0x1100, 0x4100));
	assert_int_equal(set(&nic, NULL) | set(&graphics, NULL), 0);
}

static void lookup_sees_the_mapping(void **state)
{
	struct ptab_entry e;

	(void)state;
	map_now(0x200, 0x400, 0x200);
	assert_int_equal(iommu_lookup(domain, 0x234, &e), 0);
	assert_int_equal(e.mfn.v, 0x434);
	assert_int_equal(e.order, 9);
	assert_int_equal(iommu_lookup(domain, 0x400, &e), -ENOENT);
}

static void no_memory_for_a_domain(void **state)
{
	struct iommu_domain *d = NULL;

	(void)state;
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = iommu_domain_create(&d);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
	}
	assert_int_equal(iommu_domain_destroy(d), 0);
}

static void no_memory_for_a_device(void **state)
{
	(void)state;
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = set(&nic, domain);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
		assert_ptr_equal(iommu_device_domain(&nic, 0x300), err ? NULL : domain);
	}
	assert_int_equal(set(&nic, NULL), 0);
}

/* A dead unit: its flushes fail, what they would have freed is kept, the other unit goes on. */
static void a_dead_unit_frees_nothing_and_stops_nobody(void **state)
{
	struct iommu_batch batch = IOMMU_BATCH_NONE;
	size_t frames;

	(void)state;
	map_now(FRAME, 0x777, 1);
	assert_int_equal(set(&nic, domain), 0);
	assert_int_equal(set(&graphics, domain), 0);
	assert_true(reaches(&nic, FRAME, 0x777) && reaches(&graphics, FRAME, 0x777));
	hw[1].stuck = true;
	frames = fake_live_frames();
	assert_int_equal(iommu_unmap(domain, 0, 1UL << 27, &batch), 0);
	assert_int_equal(iommu_flush(domain, &batch), -EIO);
	assert_int_equal(fake_live_frames(), frames);
	assert_false(ptab_flush_needed(&batch.flush));
	assert_true(fake_log_has("vtd1: isolated"));
	assert_string_equal(iommu_unit_isolated(1), "the invalidation queue does not answer");
	assert_null(iommu_unit_isolated(0));
	assert_false(reaches(&graphics, FRAME, 0x777)); /* the living unit was flushed */
	assert_false(iommu_device_served(&nic));
	assert_int_equal(set(&nic, NULL), -EIO);
	assert_int_equal(set(&graphics, NULL), 0);
	assert_int_equal(
		iommu_domain_destroy(domain), -EBUSY); /* for ever: the dead unit may still walk it */
}

static int teardown_dead(void **state)
{
	(void)state;
	fake_observe(NULL, NULL);
	iommu_stop();
	env_free(domain);
	assert_int_equal(fake_live_allocs() + fake_live_maps(), 0);
	return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_takes_the_least_of_all_units),
		cmocka_unit_test(units_that_fail_are_left_out),
		cmocka_unit_test(no_memory_to_start),
		T(everything_is_blocked_until_given),
		T(aliases_count_too),
		T(one_flush_for_a_batch_on_each_unit_in_use),
		T(lookup_sees_the_mapping),
		T(no_memory_for_a_domain),
		T(no_memory_for_a_device),
		cmocka_unit_test_setup_teardown(
			a_dead_unit_frees_nothing_and_stops_nobody, setup, teardown_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
