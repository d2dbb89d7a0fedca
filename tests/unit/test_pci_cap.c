/* SPDX-License-Identifier: GPL-2.0-only */
/* Capability walks against every kind of broken list. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <pt/pci.h>
#include <pt/pci_regs.h>

#include "pci.h"

static struct pci_cap_list list;
static struct fake_fn *fn;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&list, 0, sizeof(list));
	fn = fake_pci_endpoint(SBDF(0, 1, 0, 0), 0x8086, 0x10c9);
	return 0;
}

static void walk(void)
{
	pci_caps_walk(fn->sbdf, PCI_HEADER_NORMAL, &list);
}

static void ext_walk(void)
{
	pci_ecaps_walk(fn->sbdf, &list);
}

static void assert_cap(uint32_t index, uint16_t id, uint16_t offset)
{
	assert_true(index < list.count);
	assert_int_equal(list.cap[index].id, id);
	assert_int_equal(list.cap[index].offset, offset);
}

static void test_list_order(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0xa0, PCI_CAP_PCIE);
	fake_pci_cap(fn, 0x70, PCI_CAP_MSIX);
	fake_pci_cap(fn, 0x40, PCI_CAP_PM);
	walk();
	assert_int_equal(list.count, 3);
	assert_cap(0, PCI_CAP_PM, 0x40);
	assert_cap(1, PCI_CAP_MSIX, 0x70);
	assert_cap(2, PCI_CAP_PCIE, 0xa0);
	assert_int_equal(list.problems, 0);
	assert_false(list.cap[0].extended);
}

static void test_no_list_bit(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0x40, PCI_CAP_PM);
	fn->reg[PCI_STATUS] = 0;
	walk();
	assert_int_equal(list.count, 0);
	assert_int_equal(list.problems, 0);
}

static void test_null_pointer_is_an_empty_list(void **state)
{
	(void)state;
	fn->reg[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	walk();
	assert_int_equal(list.count, 0);
	assert_int_equal(list.problems, 0);
}

static void test_loop_to_itself(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0x50, PCI_CAP_PM, 0x50);
	fn->reg[PCI_CAP_POINTER] = 0x50;
	walk();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.problems, PCI_PROBLEM_CAP_LOOP);
}

static void test_loop_to_the_middle(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0x40, PCI_CAP_PM, 0x50);
	fake_pci_cap_raw(fn, 0x50, PCI_CAP_MSI, 0x60);
	fake_pci_cap_raw(fn, 0x60, PCI_CAP_MSIX, 0x50);
	fn->reg[PCI_CAP_POINTER] = 0x40;
	walk();
	assert_int_equal(list.count, 3);
	assert_int_equal(list.problems, PCI_PROBLEM_CAP_LOOP);
}

static void test_pointer_into_the_header(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0x40, PCI_CAP_PM, 0x10);
	fn->reg[PCI_CAP_POINTER] = 0x40;
	walk();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.problems, PCI_PROBLEM_CAP_HEADER);
}

static void test_all_ones_entry(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0x40, PCI_CAP_PM, 0x80);
	fn->reg[PCI_CAP_POINTER] = 0x40;
	fake_cfg_set32(fn, 0x80, 0xffffffff);
	walk();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.problems, PCI_PROBLEM_CAP_ONES);
}

static void test_dead_device(void **state)
{
	(void)state;
	fn->dead = true;
	walk();
	assert_int_equal(list.count, 0);
	assert_true(list.problems & PCI_PROBLEM_CAP_ONES);
}

/* PCI 6.7: software masks the two low bits. */
static void test_misaligned_is_masked(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0x40, PCI_CAP_PM, 0x53);
	fake_pci_cap_raw(fn, 0x50, PCI_CAP_MSI, 0);
	fn->reg[PCI_CAP_POINTER] = 0x42;
	walk();
	assert_int_equal(list.count, 2);
	assert_cap(1, PCI_CAP_MSI, 0x50);
	assert_int_equal(list.problems, PCI_PROBLEM_CAP_MISALIGNED);
}

/* Only reserved bits set: the end of the list, and no step into the header. */
static void test_misaligned_end(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0x40, PCI_CAP_PM, 0x03);
	fn->reg[PCI_CAP_POINTER] = 0x40;
	walk();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.problems, PCI_PROBLEM_CAP_MISALIGNED);
}

static void test_longest_list(void **state)
{
	(void)state;
	for (unsigned int at = 0xfc; at >= 0x40; at -= 4)
		fake_pci_cap(fn, (uint8_t)at, 0x09);
	walk();
	assert_int_equal(list.count, PCI_CAPS_MAX);
	assert_cap(PCI_CAPS_MAX - 1, 0x09, 0xfc);
	assert_int_equal(list.problems, 0);
}

static void test_null_capability_is_passed(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0x60, PCI_CAP_MSI);
	fake_pci_cap(fn, 0x50, 0x00);
	walk();
	assert_int_equal(list.count, 2);
	assert_cap(1, PCI_CAP_MSI, 0x60);
}

/* A CardBus bridge keeps its pointer where others have BAR 1. */
static void test_cardbus_pointer(void **state)
{
	(void)state;
	fake_pci_cap_raw(fn, 0xa0, PCI_CAP_PM, 0);
	fn->reg[PCI_CARDBUS_CAP_POINTER] = 0xa0;
	pci_caps_walk(fn->sbdf, PCI_HEADER_CARDBUS, &list);
	assert_int_equal(list.count, 1);
	assert_cap(0, PCI_CAP_PM, 0xa0);
}

static void test_unknown_layout_has_no_list(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0x40, PCI_CAP_PM);
	pci_caps_walk(fn->sbdf, 0x7f, &list);
	assert_int_equal(list.count, 0);
}

/* Answers each link with another random place: a device that lies differently each time. */
static void random_read(void *ctx, struct fake_fn *f, unsigned int reg, unsigned int size, uint32_t *value)
{
	uint32_t *seed = ctx;

	(void)f;
	(void)size;
	*seed = *seed * 1664525 + 1013904223;
	if (reg >= PCI_CAP_POINTER)
		*value = *seed >> 8;
}

static void test_changing_answers_end(void **state)
{
	static const struct fake_cfg_ops ops = {.read = random_read};
	uint32_t seed = 1;

	(void)state;
	fn->ops = &ops;
	fn->ctx = &seed;
	fn->reg[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	for (unsigned int round = 0; round < 500; round++) {
		memset(&list, 0, sizeof(list));
		fn->reads = 0;
		walk();
		ext_walk();
		assert_true(list.count <= ARRAY_SIZE(list.cap));
		assert_true(fn->reads <= 2 + PCI_CAPS_MAX + 1 + ARRAY_SIZE(list.cap) + 1);
	}
}

/* --- Extended capabilities. --- */

static void test_ext_order_and_version(void **state)
{
	(void)state;
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 2, 0x148);
	fake_pci_ecap_raw(fn, 0x148, PCI_ECAP_DSN, 1, 0xffc);
	fake_pci_ecap_raw(fn, 0xffc, PCI_ECAP_ACS, 15, 0);
	ext_walk();
	assert_int_equal(list.count, 3);
	assert_cap(0, PCI_ECAP_AER, 0x100);
	assert_int_equal(list.cap[0].version, 2);
	assert_cap(2, PCI_ECAP_ACS, 0xffc);
	assert_int_equal(list.cap[2].version, 15);
	assert_true(list.cap[2].extended);
	assert_int_equal(list.problems, 0);
}

static void test_ext_none(void **state)
{
	(void)state;
	ext_walk();
	assert_int_equal(list.count, 0);
	fake_cfg_set32(fn, 0x100, 0xffffffff);
	ext_walk();
	assert_int_equal(list.count, 0);
	assert_int_equal(list.problems, 0);
}

static void test_ext_loop(void **state)
{
	(void)state;
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0x200);
	fake_pci_ecap_raw(fn, 0x200, PCI_ECAP_DSN, 1, 0x100);
	ext_walk();
	assert_int_equal(list.count, 2);
	assert_int_equal(list.problems, PCI_PROBLEM_ECAP_LOOP);
}

static void test_ext_into_header(void **state)
{
	(void)state;
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0x0fc);
	ext_walk();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.problems, PCI_PROBLEM_ECAP_HEADER);
}

static void test_ext_all_ones(void **state)
{
	(void)state;
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0x300);
	fake_cfg_set32(fn, 0x300, 0xffffffff);
	ext_walk();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.problems, PCI_PROBLEM_ECAP_ONES);
}

static void test_ext_misaligned(void **state)
{
	(void)state;
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0x203);
	fake_pci_ecap_raw(fn, 0x200, PCI_ECAP_ATS, 1, 0x002);
	ext_walk();
	assert_int_equal(list.count, 2);
	assert_cap(1, PCI_ECAP_ATS, 0x200);
	assert_int_equal(list.problems, PCI_PROBLEM_ECAP_MISALIGNED);
}

static void test_ext_too_many(void **state)
{
	(void)state;
	for (uint16_t at = 0x100; at < 0xff8; at = (uint16_t)(at + 4))
		fake_pci_ecap_raw(fn, at, PCI_ECAP_AER, 1, (uint16_t)(at + 4));
	list.count = PCI_CAPS_MAX; /* the compatible list is full, too */
	ext_walk();
	assert_int_equal(list.count, PCI_CAPS_MAX + PCI_ECAPS_MAX);
	assert_int_equal(list.problems, PCI_PROBLEM_ECAP_TOO_MANY);
}

static void test_walks_write_nothing(void **state)
{
	(void)state;
	fake_pci_cap(fn, 0x40, PCI_CAP_PCIE);
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_AER, 1, 0);
	walk();
	ext_walk();
	assert_int_equal(fake_event_count(), 0);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_list_order),
		CASE(test_no_list_bit),
		CASE(test_null_pointer_is_an_empty_list),
		CASE(test_loop_to_itself),
		CASE(test_loop_to_the_middle),
		CASE(test_pointer_into_the_header),
		CASE(test_all_ones_entry),
		CASE(test_dead_device),
		CASE(test_misaligned_is_masked),
		CASE(test_misaligned_end),
		CASE(test_longest_list),
		CASE(test_null_capability_is_passed),
		CASE(test_cardbus_pointer),
		CASE(test_unknown_layout_has_no_list),
		CASE(test_changing_answers_end),
		CASE(test_ext_order_and_version),
		CASE(test_ext_none),
		CASE(test_ext_loop),
		CASE(test_ext_into_header),
		CASE(test_ext_all_ones),
		CASE(test_ext_misaligned),
		CASE(test_ext_too_many),
		CASE(test_walks_write_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
