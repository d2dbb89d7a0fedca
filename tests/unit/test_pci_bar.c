/* SPDX-License-Identifier: GPL-2.0-only */
/* Base address registers: kinds, sizes, and that sizing leaves no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <pt/pci.h>
#include <pt/pci_regs.h>

#include "pci.h"

#define PREFETCH_64 (PCI_BAR_MEM_64 | PCI_BAR_MEM_PREFETCH)

static struct pci_bar bars[PCI_BARS];
static struct fake_fn *fn;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(bars, 0xa5, sizeof(bars));
	fn = fake_pci_endpoint(SBDF(0, 1, 0, 0), 0x8086, 0x10c9);
	return 0;
}

static void set_command(uint16_t value)
{
	fake_cfg_set16(fn, PCI_COMMAND, value);
}

static uint32_t size_all(void)
{
	return pci_bars_size(fn->sbdf, PCI_HEADER_NORMAL, bars);
}

static void assert_bar(unsigned int index, enum pci_bar_kind kind, uint64_t base, uint64_t size)
{
	assert_int_equal(bars[index].kind, kind);
	assert_int_equal(bars[index].base, base);
	assert_int_equal(bars[index].size, size);
}

static void test_mem32(void **state)
{
	(void)state;
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x20000, 0);
	assert_int_equal(size_all(), 0);
	assert_bar(0, PCI_BAR_MEM32, 0xfe000000, 0x20000);
	assert_false(bars[0].prefetch);
	assert_bar(1, PCI_BAR_NONE, 0, 0);
	assert_int_equal(bars[0].reg, 0x10);
}

static void test_smallest_and_largest(void **state)
{
	(void)state;
	fake_cfg_bar(fn, 0x10, 0xfe000010, 16, 0);
	fake_cfg_bar(fn, 0x14, 0x80000000, 0x80000000, PCI_BAR_MEM_PREFETCH);
	fake_cfg_bar(fn, 0x18, 0xe004, 4, PCI_BAR_IO);
	assert_int_equal(size_all(), 0);
	assert_bar(0, PCI_BAR_MEM32, 0xfe000010, 16);
	assert_bar(1, PCI_BAR_MEM32, 0x80000000, 0x80000000);
	assert_true(bars[1].prefetch);
	assert_bar(2, PCI_BAR_PORTS, 0xe004, 4);
}

static void test_mem64_low_and_high(void **state)
{
	(void)state;
	fake_cfg_bar(fn, 0x10, 0x3800000000, 0x10000000, PREFETCH_64);
	fake_cfg_bar(fn, 0x18, 0x4000000000, 0x800000000, PREFETCH_64);
	fake_cfg_bar(fn, 0x20, 0xfb000000, 0x4000, PCI_BAR_MEM_64);
	assert_int_equal(size_all(), 0);
	assert_bar(0, PCI_BAR_MEM64, 0x3800000000, 0x10000000);
	assert_bar(1, PCI_BAR_NONE, 0, 0);
	assert_bar(2, PCI_BAR_MEM64, 0x4000000000, 0x800000000);
	assert_bar(4, PCI_BAR_MEM64, 0xfb000000, 0x4000);
	assert_true(bars[2].prefetch);
	assert_false(bars[4].prefetch);
}

/* PCIe 7.5.1.2.1: the upper 16 bits of an I/O register may be hardwired to 0. */
static void test_io_with_16_bits(void **state)
{
	(void)state;
	fake_cfg_set32(fn, 0x10, 0xe001);
	fake_cfg_wmask32(fn, 0x10, 0x0000ffe0);
	assert_int_equal(size_all(), 0);
	assert_bar(0, PCI_BAR_PORTS, 0xe000, 32);
}

/* Some functions decode fewer address bits than 64; the size is still clear. */
static void test_mem64_with_40_bits(void **state)
{
	(void)state;
	fake_cfg_bar(fn, 0x10, 0, 0x100000, PCI_BAR_MEM_64);
	fake_cfg_wmask32(fn, 0x14, 0xff);
	assert_int_equal(size_all(), 0);
	assert_bar(0, PCI_BAR_MEM64, 0, 0x100000);
}

static void test_rom(void **state)
{
	(void)state;
	fake_cfg_set32(fn, PCI_ROM, 0xfea00000 | PCI_ROM_ENABLE);
	fake_cfg_wmask32(fn, PCI_ROM, 0xfffc0000 | PCI_ROM_ENABLE);
	assert_int_equal(size_all(), 0);
	assert_bar(PCI_BAR_ROM_INDEX, PCI_BAR_ROM, 0xfea00000, 0x40000);
	assert_true(bars[PCI_BAR_ROM_INDEX].enabled);
	assert_int_equal(fake_cfg_get32(fn, PCI_ROM), 0xfea00000 | PCI_ROM_ENABLE);
}

static void test_bridge_has_two_and_a_rom(void **state)
{
	(void)state;
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x1000, 0);
	fake_cfg_bar(fn, 0x14, 0xfe001000, 0x1000, 0);
	fake_cfg_bar(fn, 0x18, 0xfe002000, 0x1000, 0); /* in a bridge: the bus numbers */
	fake_cfg_set32(fn, PCI_ROM_BRIDGE, 0);
	fake_cfg_wmask32(fn, PCI_ROM_BRIDGE, 0xfffff800);
	assert_int_equal(pci_bars_size(fn->sbdf, PCI_HEADER_BRIDGE, bars), 0);
	assert_bar(1, PCI_BAR_MEM32, 0xfe001000, 0x1000);
	assert_bar(2, PCI_BAR_NONE, 0, 0);
	assert_bar(PCI_BAR_ROM_INDEX, PCI_BAR_ROM, 0, 0x800);
	for (size_t i = 0; i < fake_event_count(); i++)
		assert_true(fake_event(i)->reg < 0x18 || fake_event(i)->reg == PCI_ROM_BRIDGE);
}

static void test_unknown_layout_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(pci_bars_size(fn->sbdf, 0x33, bars), 0);
	for (unsigned int i = 0; i < PCI_BARS; i++)
		assert_bar(i, PCI_BAR_NONE, 0, 0);
	assert_int_equal(fake_event_count(), 0);
}

/* --- Strange masks. --- */

static void assert_bad_mask(uint32_t value, uint32_t wmask)
{
	fake_cfg_set32(fn, 0x10, value);
	fake_cfg_wmask32(fn, 0x10, wmask);
	assert_int_equal(size_all(), PCI_PROBLEM_BAR_MASK);
	assert_int_equal(bars[0].size, 0);
	assert_int_equal(fake_cfg_get32(fn, 0x10), value);
}

static void test_mask_with_holes(void **state)
{
	(void)state;
	assert_bad_mask(0, 0xff0ff000);
}

static void test_mask_that_cannot_be_placed(void **state)
{
	(void)state;
	assert_bad_mask(0, 0x000ff000);
}

static void test_hardwired_address(void **state)
{
	(void)state;
	assert_bad_mask(0xfed04000, 0);
}

static void test_all_ones_for_ever(void **state)
{
	(void)state;
	assert_bad_mask(0xffffffff, 0);
	assert_bar(0, PCI_BAR_NONE, 0, 0);
}

static void test_reserved_type(void **state)
{
	(void)state;
	fake_cfg_set32(fn, 0x10, 0xfe000006);
	fake_cfg_wmask32(fn, 0x10, 0xfffff000);
	fake_cfg_bar(fn, 0x14, 0xfd000000, 0x1000, 0);
	assert_int_equal(size_all(), PCI_PROBLEM_BAR_TYPE);
	assert_bar(0, PCI_BAR_NONE, 0, 0);
	assert_bar(1, PCI_BAR_MEM32, 0xfd000000, 0x1000);
}

static void test_64_bits_without_an_upper_half(void **state)
{
	(void)state;
	fake_cfg_set32(fn, 0x24, 0xfe000004);
	fake_cfg_wmask32(fn, 0x24, 0xfffff000);
	assert_int_equal(size_all(), PCI_PROBLEM_BAR_TYPE);
	assert_bar(5, PCI_BAR_NONE, 0, 0);
	assert_int_equal(fake_event_find(0, FAKE_CFG_WRITE, 0), SIZE_MAX);
	for (size_t i = 0; i < fake_event_count(); i++)
		assert_int_not_equal(fake_event(i)->reg, 0x28);
}

static void test_dead_device(void **state)
{
	(void)state;
	fn->dead = true;
	(void)size_all();
	for (unsigned int i = 0; i < PCI_BARS; i++)
		assert_int_equal(bars[i].size, 0);
}

/* --- Nothing is left behind. --- */

static void test_everything_is_restored(void **state)
{
	uint8_t before[sizeof(fn->reg)];

	(void)state;
	set_command(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x20000, 0);
	fake_cfg_bar(fn, 0x14, 0xe000, 0x20, PCI_BAR_IO);
	fake_cfg_bar(fn, 0x18, 0x4000000000, 0x200000000, PREFETCH_64);
	fake_cfg_wmask32(fn, PCI_ROM, 0xffff0001);
	memcpy(before, fn->reg, sizeof(before));
	assert_int_equal(size_all(), 0);
	assert_memory_equal(before, fn->reg, sizeof(before));
}

static void assert_not_decoding(void *ctx, const struct fake_event *event)
{
	(void)ctx;
	if (event->reg != PCI_COMMAND)
		assert_int_equal(fn->reg[PCI_COMMAND] & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY), 0);
}

static void test_decoding_is_off_between(void **state)
{
	size_t last;

	(void)state;
	set_command(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x20000, 0);
	fake_cfg_bar(fn, 0x18, 0x4000000000, 0x200000000, PREFETCH_64);
	fake_observe(assert_not_decoding, NULL);
	assert_int_equal(size_all(), 0);
	last = fake_event_count() - 1;
	assert_int_equal(fake_event(0)->reg, PCI_COMMAND);
	assert_int_equal(fake_event(0)->value, PCI_COMMAND_MASTER);
	assert_int_equal(fake_event(0)->size, 2); /* the status register beside it clears on ones */
	assert_int_equal(fake_event(last)->reg, PCI_COMMAND);
	assert_int_equal(fake_event(last)->value, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void test_decode_that_stays_on(void **state)
{
	(void)state;
	set_command(PCI_COMMAND_MEMORY);
	fake_cfg_wmask16(fn, PCI_COMMAND, 0);
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x20000, 0);
	assert_int_equal(size_all(), PCI_PROBLEM_BAR_DECODE);
	assert_bar(0, PCI_BAR_MEM32, 0xfe000000, 0);
	for (size_t i = 0; i < fake_event_count(); i++)
		assert_int_equal(fake_event(i)->reg, PCI_COMMAND);
}

static void test_command_untouched_when_not_decoding(void **state)
{
	(void)state;
	set_command(PCI_COMMAND_MASTER);
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x20000, 0);
	assert_int_equal(size_all(), 0);
	for (size_t i = 0; i < fake_event_count(); i++)
		assert_int_not_equal(fake_event(i)->reg, PCI_COMMAND);
}

/* Takes the first write and then sticks. */
static bool write_once(void *ctx, struct fake_fn *f, unsigned int reg, unsigned int size, uint32_t value)
{
	unsigned int *writes = ctx;

	(void)size;
	if (reg != 0x10)
		return false;
	if (!*writes)
		fake_cfg_set32(f, reg, value & 0xfffff000);
	*writes += 1;
	return true;
}

static void test_failed_restore_is_told(void **state)
{
	static const struct fake_cfg_ops ops = {.write = write_once};
	unsigned int writes = 0;

	(void)state;
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x1000, 0);
	fn->ops = &ops;
	fn->ctx = &writes;
	assert_int_equal(size_all(), PCI_PROBLEM_BAR_RESTORE);
}

/* --- Without writing. --- */

static void test_read_writes_nothing(void **state)
{
	(void)state;
	set_command(PCI_COMMAND_MEMORY);
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x20000, 0);
	fake_cfg_bar(fn, 0x14, 0xe000, 0x20, PCI_BAR_IO);
	fake_cfg_bar(fn, 0x18, 0x4000000000, 0x200000000, PREFETCH_64);
	fake_cfg_set32(fn, PCI_ROM, 0xfea00000);
	assert_int_equal(pci_bars_read(fn->sbdf, PCI_HEADER_NORMAL, bars), 0);
	assert_bar(0, PCI_BAR_MEM32, 0xfe000000, 0);
	assert_bar(1, PCI_BAR_PORTS, 0xe000, 0);
	assert_bar(2, PCI_BAR_MEM64, 0x4000000000, 0);
	assert_bar(3, PCI_BAR_NONE, 0, 0);
	assert_bar(PCI_BAR_ROM_INDEX, PCI_BAR_ROM, 0xfea00000, 0);
	assert_false(bars[PCI_BAR_ROM_INDEX].enabled);
	assert_int_equal(fake_event_count(), 0);
}

/* Every combination of size and type against the model, 64-bit ones in full. */
static void test_every_size(void **state)
{
	(void)state;
	for (unsigned int shift = 4; shift < 64; shift++) {
		fake_cfg_bar(fn, 0x10, 0, 1UL << shift, PCI_BAR_MEM_64);
		assert_int_equal(size_all(), 0);
		assert_bar(0, PCI_BAR_MEM64, 0, 1UL << shift);
	}
	for (unsigned int shift = 2; shift < 32; shift++) {
		fake_cfg_bar(fn, 0x10, 0, 1UL << shift, PCI_BAR_IO);
		fake_cfg_wmask32(fn, 0x14, 0);
		fake_cfg_set32(fn, 0x14, 0);
		assert_int_equal(size_all(), 0);
		assert_bar(0, PCI_BAR_PORTS, 0, 1UL << shift);
	}
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_mem32),
		CASE(test_smallest_and_largest),
		CASE(test_mem64_low_and_high),
		CASE(test_io_with_16_bits),
		CASE(test_mem64_with_40_bits),
		CASE(test_rom),
		CASE(test_bridge_has_two_and_a_rom),
		CASE(test_unknown_layout_is_left_alone),
		CASE(test_mask_with_holes),
		CASE(test_mask_that_cannot_be_placed),
		CASE(test_hardwired_address),
		CASE(test_all_ones_for_ever),
		CASE(test_reserved_type),
		CASE(test_64_bits_without_an_upper_half),
		CASE(test_dead_device),
		CASE(test_everything_is_restored),
		CASE(test_decoding_is_off_between),
		CASE(test_decode_that_stays_on),
		CASE(test_command_untouched_when_not_decoding),
		CASE(test_failed_restore_is_told),
		CASE(test_read_writes_nothing),
		CASE(test_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
