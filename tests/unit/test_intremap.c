/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping over modelled units of both vendors, which cache every
 * entry until they are told to forget: who may send what, and where it arrives.
 */
#include "unit.h"
#include "fake_amdvi.h"
#include "fake_vtd.h"
#include <pt/intremap.h>
#include <pt/iommu.h>
#include <pt/pci.h>

#define NIC	 0x0300
#define IOAPIC	 0xf0f8
#define VTD_EIM	 (1UL << 4)
#define AMDVI_XT (1UL << 2 | 1UL << 7)

static struct fake_vtd vtd;
static struct fake_amdvi amdvi;
static struct iommu_fw_scope scopes[] = {
	{.kind = IOMMU_SCOPE_RANGE, .last = 0xffff, .resolved = true},
	{.kind = IOMMU_SCOPE_IOAPIC,
		.id = 2,
		.first = IOAPIC,
		.last = IOAPIC,
		.resolved = true,
		.settings = 0x07},
	{.kind = IOMMU_SCOPE_HPET, .id = 0, .first = 0x00f8, .last = 0x00f8, .resolved = true},
};
static struct iommu_fw_unit fw_unit;
static struct iommu_fw fw = {.scope = scopes, .scope_count = 3, .unit = &fw_unit, .unit_count = 1};
static struct pci_dev nic = {.sbdf = {NIC}};
static bool is_vtd, x2apic;

static void start(bool use_vtd, bool use_x2apic, bool caching)
{
	uint64_t cap = FAKE_VTD_CAP | (caching ? 1UL << 7 : 0);

	fake_reset();
	is_vtd = use_vtd;
	x2apic = use_x2apic;
	fw.vendor = is_vtd ? IOMMU_VTD : IOMMU_AMDVI;
	fw_unit = (struct iommu_fw_unit){.base = is_vtd ? FAKE_VTD_BASE : FAKE_AMDVI_BASE,
		.bytes = is_vtd ? 0x1000 : FAKE_AMDVI_BYTES,
		.sbdf = FAKE_AMDVI_SBDF,
		.capability = FAKE_AMDVI_CAP,
		.scopes = {0, 3}};
	if (is_vtd)
		fake_vtd_init(&vtd, FAKE_VTD_BASE, cap, FAKE_VTD_ECAP | (x2apic ? VTD_EIM : 0));
	else
		fake_amdvi_init(&amdvi, FAKE_AMDVI_EFR | (x2apic ? AMDVI_XT : 0), caching);
	assert_int_equal(iommu_start(&fw), 0);
}

static void stop(void)
{
	iommu_stop();
	assert_int_equal(fake_live_frames() + fake_live_allocs() + fake_live_maps(), 0);
}

/* Each case runs on every kind of unit. */
static void on_all(void (*body)(void))
{
	for (unsigned int i = 0; i < 8; i++) {
		start(i & 1, i & 2, i & 4);
		assert_int_equal(intremap_start(x2apic), 0);
		body();
		stop();
	}
}

static bool sends(uint16_t rid, const struct intremap_message *m, uint8_t *ret_vector, uint32_t *ret_dest)
{
	if (is_vtd)
		return fake_vtd_interrupt(&vtd, rid, m->address, m->data, ret_vector, ret_dest);
	return fake_amdvi_interrupt(&amdvi, rid, m->data, ret_vector, ret_dest);
}

static void assert_blocked(uint16_t rid, const struct intremap_message *m)
{
	uint32_t dest;
	uint8_t vector;

	assert_false(sends(rid, m, &vector, &dest));
}

static void assert_arrives(uint16_t rid, const struct intremap_message *m, const struct intremap_target *want)
{
	uint32_t dest;
	uint8_t vector;

	assert_true(sends(rid, m, &vector, &dest));
	assert_int_equal(vector, want->vector);
	assert_int_equal(dest, want->apic_id);
}

static struct intremap_message message(
	const struct intremap_range *range, unsigned int n, const struct intremap_target *target)
{
	struct intremap_message m;

	intremap_message(range, n, target, &m);
	return m;
}

static void msi_body(void)
{
	struct intremap_target a = {.apic_id = 3, .vector = 0x41},
			       b = {.apic_id = x2apic ? 0x12345678 : 5, .vector = 0x52};
	struct intremap_range range;
	struct intremap_message m = {0xfee00018, 0};

	assert_blocked(NIC, &m); /* the unit has seen the device before it gets entries */
	assert_int_equal(intremap_alloc(&nic, NIC, 4, &range), 0);
	assert_int_equal(range.first % 4, 0);
	m = message(&range, 2, &a);
	assert_blocked(NIC, &m);
	assert_int_equal(intremap_set(&range, 2, &a), 0);
	assert_arrives(NIC, &m, &a);
	assert_blocked(NIC + 1, &m); /* another device with the same message */
	assert_int_equal(intremap_set(&range, 2, &b), 0);
	assert_arrives(NIC, &m, &b);
	assert_int_equal(intremap_set(&range, 2, NULL), 0);
	assert_blocked(NIC, &m);
	assert_int_equal(intremap_set(&range, 2, &a), 0);
	assert_arrives(NIC, &m, &a);
	assert_int_equal(intremap_free(&range), 0);
	assert_blocked(NIC, &m);
}

static void an_entry_binds_device_and_target(void **state)
{
	(void)state;
	on_all(msi_body);
}

static void forged_body(void)
{
	struct intremap_message old = {0xfee00000 | 3 << 12, 0x41},
				beyond = {0xfee00018 | 0x7fff << 5, 0xffff};

	assert_blocked(NIC, &old);
	assert_blocked(NIC, &beyond);
	assert_blocked(0x1234, &old);
}

static void forged_messages_are_dropped(void **state)
{
	(void)state;
	on_all(forged_body);
}

static void ioapic_body(void)
{
	struct intremap_target t = {.apic_id = 1, .vector = 0x33, .level = true};
	struct intremap_range range;
	struct intremap_message m;
	uint32_t rte_high;

	assert_int_equal(intremap_alloc_ioapic(9, 24, &range), -ENODEV);
	assert_int_equal(intremap_alloc_ioapic(2, 24, &range), 0);
	assert_int_equal(range.rid, IOAPIC);
	assert_int_equal(intremap_set(&range, 23, &t), 0);
	m = message(&range, 23, &t);
	assert_int_equal(m.data & ~0xfffU, 0);
	if (is_vtd) {
		/* What the IOAPIC makes of its entry: handle from 63:49 and 11, the format bit, no sub-handle. */
		rte_high = (uint32_t)m.address;
		assert_true(rte_high & 1U << 16);
		assert_int_equal(m.data & 0xff, 0x33);
		m.address = 0xfee00010 | (rte_high >> 17) << 5 | (m.data >> 11 & 1) << 2;
	}
	assert_arrives(IOAPIC, &m, &t);
	assert_blocked(NIC, &m);
	assert_int_equal(intremap_free(&range), 0);
	assert_int_equal(intremap_alloc_hpet(0, 3, &range), 0);
	assert_int_equal(range.rid, 0xf8);
	assert_int_equal(intremap_free(&range), 0);
}

static void ioapic_and_hpet_have_their_own_source(void **state)
{
	(void)state;
	on_all(ioapic_body);
}

static void bad_body(void)
{
	struct intremap_target wide = {.apic_id = 0x100, .vector = 0x41}, low = {.vector = 15};
	struct intremap_range range;

	assert_int_equal(intremap_alloc(&nic, NIC, 0, &range), -EINVAL);
	assert_int_equal(intremap_alloc(&nic, NIC, 3, &range), -EINVAL);
	assert_int_equal(intremap_alloc(&nic, NIC, 64, &range), -EINVAL);
	assert_int_equal(intremap_alloc_ioapic(2, 241, &range), -EINVAL);
	assert_int_equal(intremap_alloc(&nic, NIC, 1, &range), 0);
	assert_int_equal(intremap_set(&range, 1, NULL), -EINVAL);
	assert_int_equal(intremap_set(&range, 0, &low), -EINVAL);
	assert_int_equal(intremap_set(&range, 0, &wide), x2apic ? 0 : -EINVAL);
	assert_int_equal(intremap_free(&range), 0);
}

static void bad_arguments_are_refused(void **state)
{
	(void)state;
	on_all(bad_body);
}

static void exhaust_body(void)
{
	unsigned int given = 0, all = is_vtd ? 65536 : 256;
	struct intremap_range range, last = {0};

	while (given <= all && intremap_alloc(&nic, NIC, 32, &range) == 0) {
		last = range;
		given += 32;
	}
	assert_int_equal(given, all);
	assert_int_equal(intremap_alloc(&nic, NIC, 1, &range), -ENOSPC);
	assert_int_equal(intremap_free(&last), 0);
	assert_int_equal(intremap_alloc(&nic, NIC, 16, &range), 0);
	assert_int_equal(range.first, last.first);
}

static void entries_run_out_and_come_back(void **state)
{
	(void)state;
	on_all(exhaust_body);
}

static void no_memory_body(void)
{
	struct intremap_range range;

	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		int err = intremap_alloc(&nic, NIC, 1, &range);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
	}
}

static void no_memory_for_entries(void **state)
{
	(void)state;
	on_all(no_memory_body);
	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int n = 1;; n++) {
			int err;

			start(i, false, false);
			fake_fail(FAKE_FAULT_ANY, n);
			err = intremap_start(false);
			stop();
			if (!err)
				break;
			assert_int_equal(err, -ENOMEM);
		}
	}
}

static void units_that_cannot_are_refused_first(void **state)
{
	struct intremap_range range;

	(void)state;
	start(true, false, false);
	assert_false(intremap_active());
	assert_int_equal(intremap_alloc(&nic, NIC, 1, &range), -ENODEV);
	assert_int_equal(intremap_start(true), -ENODEV);
	assert_int_equal(intremap_start(false), 0);
	assert_true(intremap_active());
	stop();
	start(false, false, false);
	assert_int_equal(intremap_start(true), -ENODEV);
	stop();
}

/* The firmware's settings for interrupts that pass unmapped survive (AMD-Vi): INIT, external, NMI of the IOAPIC. */
static void what_must_pass_still_passes(void **state)
{
	uint64_t dte[4], table;

	(void)state;
	start(false, false, false);
	assert_int_equal(intremap_start(false), 0);
	memcpy(&table, amdvi.regs, 8);
	memcpy(dte, fake_phys((table & ~0xfffUL) + 32UL * IOAPIC), sizeof(dte));
	assert_int_equal(dte[2], 1 | 7UL << 56);
	stop();
}

static void dead_body(void)
{
	struct intremap_target t = {.apic_id = 3, .vector = 0x41};
	struct intremap_range range;

	assert_int_equal(intremap_alloc(&nic, NIC, 1, &range), 0);
	assert_int_equal(intremap_set(&range, 0, &t), 0);
	vtd.stuck = amdvi.stuck = true;
	assert_int_equal(intremap_set(&range, 0, NULL), -EIO);
	assert_non_null(iommu_unit_isolated(0));
	assert_int_equal(intremap_free(&range), -EIO);
	assert_true(env_now_ns() < 1000000000);
}

static void a_dead_unit_gives_nothing_back(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		start(i, false, true);
		assert_int_equal(intremap_start(false), 0);
		dead_body();
		iommu_stop(); /* what it may still read is given up */
		assert_true(fake_live_frames() > 0);
		assert_int_equal(fake_live_maps(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_binds_device_and_target),
		cmocka_unit_test(forged_messages_are_dropped),
		cmocka_unit_test(ioapic_and_hpet_have_their_own_source),
		cmocka_unit_test(bad_arguments_are_refused),
		cmocka_unit_test(entries_run_out_and_come_back),
		cmocka_unit_test(no_memory_for_entries),
		cmocka_unit_test(units_that_cannot_are_refused_first),
		cmocka_unit_test(what_must_pass_still_passes),
		cmocka_unit_test(a_dead_unit_gives_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
