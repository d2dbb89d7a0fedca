/* SPDX-License-Identifier: GPL-2.0-only */
/* What dom0 gets of the machine's memory, and the map it is shown of it. */
#include "unit.h"
#include "unit_random.h"
#include <hv/acpi.h>
#include <hv/boot_alloc.h>
#include <hv/boot_info.h>
#include <hv/dom0.h>
#include <hv/domain_frames.h>
#include <hv/heap.h>
#include <hv/mm_start.h>
#include <hv/p2m.h>
#include "e820_check.h"
#include "p2m_domain.h"
#include "ram.h"
#include "xen/domain/dom0_priv.h"

struct boot_info boot_info;
struct acpi_tables acpi;

#define IMAGE_AT    MIB(2)
#define IMAGE_BYTES MIB(1)
#define INITRD	    MIB(20)

static const struct e820_entry pc[] = {
	{0x1000, 0x9e000, E820_RAM},
	{0xf0000, 0x10000, E820_RESERVED},
	{MIB(1), MIB(511), E820_RAM},
	{MIB(512), MIB(1), E820_ACPI},
	{0xb0000000, MIB(256), E820_RESERVED},
	{0xfffc0000, 0x40000, E820_RESERVED},
	{GIB(4), MIB(512), E820_RAM},
};

static void machine(uint32_t entries)
{
	p2m_machine();
	fake_ram_reset(pc, entries);
	e820 = fake_ram;
	memset(&dom0_ram, 0, sizeof(dom0_ram));
	memset(&acpi, 0, sizeof(acpi));
	boot_info.module_count = 1;
	boot_alloc_init(&e820);
	boot_reserve(IMAGE_AT, IMAGE_BYTES);
	boot_reserve(MIB(4), INITRD);
	assert_int_equal(dom0_option_mem("max:1T"), 0);
}

static bool is_in(const struct dom0_space *space, paddr_t at)
{
	for (uint32_t i = 0; i < space->count; i++)
		if (at >= space->range[i].base && at < space->range[i].base + space->range[i].bytes)
			return true;
	return false;
}

static uint32_t type_at(const struct e820_map *map, paddr_t at)
{
	for (uint32_t i = 0; i < map->count; i++)
		if (at >= map->entry[i].base && at < map->entry[i].base + map->entry[i].bytes)
			return map->entry[i].type;
	return 0;
}

static void nothing_of_others(void **state)
{
	const struct boot_range *range;
	uint32_t count;

	(void)state;
	machine(ARRAY_SIZE(pc));
	assert_int_equal(dom0_memory_reserve(), 0);
	assert_true(is_in(&dom0_ram, 0x1000));
	assert_false(is_in(&dom0_ram, 0));
	assert_false(is_in(&dom0_ram, 0xf0000));
	for (paddr_t at = IMAGE_AT; at < IMAGE_AT + IMAGE_BYTES; at += PAGE_SIZE)
		assert_false(is_in(&dom0_ram, at));
	for (paddr_t at = MIB(4); at < MIB(4) + INITRD; at += PAGE_SIZE)
		assert_false(is_in(&dom0_ram, at));
	/* Nor what is left for the heap, some of which is below 4 GiB. */
	count = boot_ranges(&range);
	assert_true(count > 0 && range[0].base < GIB(4) && range[0].bytes >= MIB(32));
	for (uint32_t i = 0; i < count; i++)
		for (paddr_t at = range[i].base; at < range[i].base + range[i].bytes; at += PAGE_SIZE)
			assert_false(is_in(&dom0_ram, at));
	assert_true(dom0_space_bytes(&dom0_ram) > MIB(900));
}

static void as_much_as_wanted(void **state)
{
	(void)state;
	machine(ARRAY_SIZE(pc));
	assert_int_equal(dom0_option_mem("256M"), 0);
	assert_int_equal(dom0_memory_reserve(), 0);
	assert_int_equal(dom0_space_bytes(&dom0_ram), MIB(256));
	/* Without a kernel, nothing. */
	machine(ARRAY_SIZE(pc));
	boot_info.module_count = 0;
	assert_int_equal(dom0_memory_reserve(), 0);
	assert_int_equal(dom0_ram.count, 0);
}

static void owned_and_mapped_at_its_own_place(void **state)
{
	struct domain *d;
	uint64_t frames;

	(void)state;
	machine(ARRAY_SIZE(pc));
	assert_int_equal(dom0_memory_reserve(), 0);
	mm_heap_start(NULL);
	frames = dom0_space_bytes(&dom0_ram) >> PAGE_SHIFT;
	d = p2m_domain(0);
	d->frame_max = frames;
	assert_int_equal(dom0_memory_map(d), 0);
	assert_int_equal(d->frame_count, frames);
	for (uint32_t i = 0; i < dom0_ram.count; i++) {
		const struct dom0_range *r = &dom0_ram.range[i];

		for (paddr_t at = r->base; at < r->base + r->bytes; at += PAGE_SIZE) {
			struct p2m_entry e = p2m_get(d, GFN(at >> PAGE_SHIFT));

			assert_int_equal(e.type, P2M_RAM);
			assert_int_equal(e.mfn.v, at >> PAGE_SHIFT);
		}
	}
	assert_int_equal(p2m_get(d, GFN(IMAGE_AT >> PAGE_SHIFT)).type, P2M_INVALID);
	assert_true(p2m_table_count(d) < 16);
	p2m_domain_end(d);
}

static void map_that_it_sees(void **state)
{
	struct dom0_range tables = {MIB(300), 2 * PAGE_SIZE};
	static struct e820_map map;

	(void)state;
	machine(ARRAY_SIZE(pc));
	acpi.mcfg.count = 1;
	acpi.mcfg.ecam[0] = (struct acpi_ecam){.base = 0xe0000000, .first_bus = 1, .last_bus = 2};
	assert_int_equal(dom0_memory_reserve(), 0);
	dom0_e820(&e820, &dom0_ram, &tables, &map);
	assert_true(e820_check_sane(&map));
	for (uint64_t at = 0; at < GIB(5); at += PAGE_SIZE) {
		uint32_t is = type_at(&e820, at), seen = type_at(&map, at);

		if (at >= tables.base && at < tables.base + tables.bytes)
			assert_int_equal(seen, E820_ACPI);
		else if (at >= 0xe0000000 + MIB(1) && at < 0xe0000000 + MIB(3))
			assert_int_equal(seen, E820_RESERVED);
		else if (is == E820_RAM)
			assert_int_equal(seen, is_in(&dom0_ram, at) ? E820_RAM : E820_UNUSABLE);
		else
			assert_int_equal(seen, is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_others),
		cmocka_unit_test(as_much_as_wanted),
		cmocka_unit_test(owned_and_mapped_at_its_own_place),
		cmocka_unit_test(map_that_it_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
