/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's page tables: what is mapped, how, and what happens when there is no memory for it. */
#include "unit.h"
#include "unit_random.h"
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/map.h>
#include "hv_log.h"
#include "ram.h"

#define IMAGE_PHYS MIB(2)
#define MMIO	   0xfe000000UL

static const struct map_section sections[] = {
	{IMAGE_BASE, IMAGE_BASE + MIB(1), MAP_RX},
	{IMAGE_BASE + MIB(1), IMAGE_BASE + MIB(1) + 0x3000, MAP_RO},
	{IMAGE_BASE + MIB(1) + 0x3000, IMAGE_BASE + MIB(3), MAP_RW},
};
static struct map_config config;
static uint64_t flushes, flushed_bytes;

void map_flush_tlb(uintptr_t va, uint64_t bytes)
{
	(void)va;
	flushes++;
	flushed_bytes += bytes;
}

static void machine(const struct e820_entry *ram, uint32_t count, bool has_1g)
{
	fake_log_reset();
	fake_ram_reset(ram, count);
	heap_init(NULL);
	boot_alloc_init(&fake_ram);
	boot_reserve(IMAGE_PHYS, MIB(3));
	config = (struct map_config){&fake_ram, IMAGE_PHYS, IMAGE_BASE, IMAGE_BASE + MIB(3), sections,
		ARRAY_SIZE(sections), has_1g, 46};
}

static void heap_from_boot(void)
{
	const struct boot_range *r;
	uint32_t count = boot_ranges(&r);

	boot_alloc_close();
	for (uint32_t i = 0; i < count; i++)
		heap_add(r[i].base, r[i].bytes, true);
}

static int setup(void **state)
{
	static const struct e820_entry ram[] = {
		{0x1000, 0x9e000, E820_RAM}, {MIB(1), MIB(255), E820_RAM}, {MIB(300), PAGE_SIZE, E820_ACPI}};

	(void)state;
	machine(ram, ARRAY_SIZE(ram), true);
	assert_int_equal(map_init(&config), 0);
	heap_from_boot();
	return 0;
}

static void expect(uintptr_t va, paddr_t pa, unsigned int attr)
{
	unsigned int got_attr;
	paddr_t got;

	assert_int_equal(map_lookup(va, &got, &got_attr), 0);
	assert_int_equal(got, pa);
	assert_int_equal(got_attr, attr);
}

static bool mapped(uintptr_t va)
{
	unsigned int attr;
	paddr_t pa;

	return map_lookup(va, &pa, &attr) == 0;
}

static void everything_is_where_it_belongs(void **state)
{
	unsigned int attr;
	paddr_t pa;

	(void)state;
	expect(IMAGE_BASE + 5, IMAGE_PHYS + 5, MAP_RX);
	expect(IMAGE_BASE + MIB(1) + 0x2fff, IMAGE_PHYS + MIB(1) + 0x2fff, MAP_RO);
	expect(IMAGE_BASE + MIB(1) + 0x3000, IMAGE_PHYS + MIB(1) + 0x3000, MAP_RW);
	assert_false(mapped(IMAGE_BASE + MIB(3)));
	assert_false(mapped(IMAGE_BASE - 1));
	expect(DIRECTMAP_BASE + 0x1234, 0x1234, MAP_RW);
	expect(DIRECTMAP_BASE + MIB(256) - 1, MIB(256) - 1, MAP_RW);
	assert_false(mapped(DIRECTMAP_BASE)); /* frame 0 */
	assert_false(mapped(DIRECTMAP_BASE + 0x9f000));
	assert_false(mapped(DIRECTMAP_BASE + MIB(256)));
	assert_false(mapped(DIRECTMAP_BASE + MIB(300)));
	expect(DIRECTMAP_BASE + IMAGE_PHYS - 1, IMAGE_PHYS - 1, MAP_RW);
	for (uint64_t at = 0; at < MIB(3); at += PAGE_SIZE)
		assert_false(mapped(DIRECTMAP_BASE + IMAGE_PHYS + at));
	expect(DIRECTMAP_BASE + IMAGE_PHYS + MIB(3), IMAGE_PHYS + MIB(3), MAP_RW);
	for (uint64_t m = 1; m < MIB(256) >> PAGE_SHIFT; m += 1111) {
		assert_int_equal(map_lookup((uintptr_t)frame_at(MFN(m)), &pa, &attr), 0);
		assert_int_equal(attr, MAP_RW);
		assert_null(frame_get(paddr_to_mfn(pa), 0));
	}
	assert_int_equal(map_check_wx(), 0);
}

static void write_xor_execute_is_checked(void **state)
{
	(void)state;
	assert_int_equal(map_range(VMAP_BASE, IMAGE_PHYS + MIB(1), PAGE_SIZE, MAP_RW), 0);
	assert_int_equal(map_check_wx(), 0);
	map_unmap(VMAP_BASE, PAGE_SIZE);
	assert_int_equal(map_range(VMAP_BASE, IMAGE_PHYS, PAGE_SIZE, MAP_RW), 0);
	assert_int_equal(map_check_wx(), -EPERM);
	assert_true(fake_log_has("a writable alias of executable memory"));
	map_unmap(VMAP_BASE, PAGE_SIZE);
	assert_int_equal(map_check_wx(), 0);
	assert_int_equal(map_range(VMAP_BASE, MIB(64), PAGE_SIZE, MAP_RX), 0);
	assert_int_equal(map_check_wx(), -EPERM);
	map_unmap(VMAP_BASE, PAGE_SIZE);
}

static void writable_and_executable_is_found(void **state)
{
	uint64_t *root = mfn_to_va(paddr_to_mfn(map_root()));
	uint64_t old = root[0];
	uint64_t *table = heap_pages(0);

	(void)state;
	table[0] = MIB(512) | 0x80 | 0x3; /* 1 GiB, present, writable, executable */
	root[0] = mfn_to_paddr(va_to_mfn(table)) | 0x3;
	assert_int_equal(map_check_wx(), -EPERM);
	assert_true(fake_log_has("writable and executable"));
	table[0] |= 1UL << 63 | 0x4;
	assert_int_equal(map_check_wx(), -EPERM);
	assert_true(fake_log_has("for user mode"));
	root[0] = old;
	assert_int_equal(map_check_wx(), 0);
}

static void ranges(void **state)
{
	uint64_t tables;

	(void)state;
	assert_int_equal(map_range(VMAP_BASE, GIB(64), GIB(2), MAP_RW | MAP_WC), 0);
	expect(VMAP_BASE + GIB(1) + 5, GIB(65) + 5, MAP_RW | MAP_WC);
	assert_int_equal(map_range(VMAP_BASE + GIB(1), GIB(64), PAGE_SIZE, MAP_RW), -EEXIST);
	/* A collision in the middle takes back what was before it. */
	assert_int_equal(map_range(VMAP_BASE - 3 * PAGE_SIZE, GIB(70), 4 * PAGE_SIZE, MAP_RW), -EEXIST);
	assert_false(mapped(VMAP_BASE - PAGE_SIZE));
	map_unmap(VMAP_BASE, PAGE_SIZE); /* a part of a large page stays */
	assert_true(mapped(VMAP_BASE));
	map_unmap(VMAP_BASE - GIB(3), GIB(5));
	assert_false(mapped(VMAP_BASE));
	assert_false(mapped(VMAP_BASE + GIB(2) - 1));
	/* Small pages, gone again, leave a table: a large page's place is then filled with smaller ones. */
	assert_int_equal(map_range(VMAP_BASE, GIB(64), PAGE_SIZE, MAP_RW | MAP_UC), 0);
	expect(VMAP_BASE, GIB(64), MAP_RW | MAP_UC);
	map_unmap(VMAP_BASE, PAGE_SIZE);
	tables = map_table_count();
	assert_int_equal(map_range(VMAP_BASE, GIB(64), GIB(1), MAP_RO), 0);
	assert_int_equal(map_table_count(), tables);
	expect(VMAP_BASE + MIB(1), GIB(64) + MIB(1), MAP_RO);
	map_unmap(VMAP_BASE, GIB(1));
	assert_int_equal(map_range(VMAP_BASE + 1, 0, PAGE_SIZE, MAP_RW), -EINVAL);
	assert_int_equal(map_range(VMAP_BASE, 0, PAGE_SIZE, 0), -EINVAL);
	assert_int_equal(map_range(VMAP_BASE, 1UL << 46, PAGE_SIZE, MAP_RW), -EINVAL);
	assert_int_equal(map_range(VMAP_BASE, (1UL << 46) - PAGE_SIZE, 2 * PAGE_SIZE, MAP_RW), -EINVAL);
	assert_int_equal(map_range(VMAP_BASE, ~0UL & PAGE_MASK, PAGE_SIZE, MAP_RW), -EINVAL);
}

static void device_registers(void **state)
{
	uint64_t before = vmap_pages_used();
	volatile void *p = ioremap(MMIO + 0x10, 0x1000, MAP_UC), *q = ioremap(MMIO, 0x1000, MAP_WC), *big;

	(void)state;
	assert_non_null(p);
	assert_int_equal((uintptr_t)p & (PAGE_SIZE - 1), 0x10);
	expect((uintptr_t)p, MMIO + 0x10, MAP_RW | MAP_UC);
	expect((uintptr_t)p + 0xfff, MMIO + 0x100f, MAP_RW | MAP_UC);
	expect((uintptr_t)q, MMIO, MAP_RW | MAP_WC);
	assert_false(mapped((uintptr_t)p + 2 * PAGE_SIZE));
	assert_false(mapped((uintptr_t)p - PAGE_SIZE));
	assert_false(mapped((uintptr_t)q + PAGE_SIZE));
	flushes = 0;
	iounmap(p);
	assert_int_equal(flushes, 1);
	assert_false(mapped((uintptr_t)p));
	assert_true(mapped((uintptr_t)q));
	iounmap(q);
	big = ioremap(GIB(8) + MIB(2), MIB(256), MAP_UC);
	assert_non_null(big);
	assert_true(IS_ALIGNED((uintptr_t)big, MIB(2)));
	iounmap(big);
	iounmap(NULL);
	assert_int_equal(vmap_pages_used(), before);
}

static void refused(void **state)
{
	uint64_t before = vmap_pages_used();

	(void)state;
	assert_null(ioremap(MIB(64), 16, MAP_UC));
	assert_true(fake_log_has("RAM is not mapped as a device"));
	assert_null(ioremap(MIB(256), 0, MAP_UC));
	assert_null(ioremap(MIB(256) - 1, 2, MAP_UC));
	assert_null(ioremap(~0UL - 5, 100, MAP_UC));
	assert_null(ioremap(1UL << 46, 4096, MAP_UC));
	assert_null(ioremap(GIB(16), VMAP_BYTES, MAP_UC));
	assert_null(map_phys_ro(MIB(1), 0));
	assert_null(vmap_alloc(0));
	assert_null(vmap_alloc(~0UL));
	assert_int_equal(vmap_pages_used(), before);
}

static void firmware_tables(void **state)
{
	const char *ram = map_phys_ro(MIB(64) + 20, 100), *acpi = map_phys_ro(MIB(300), PAGE_SIZE);

	(void)state;
	expect((uintptr_t)ram, MIB(64) + 20, MAP_RO);
	expect((uintptr_t)acpi, MIB(300), MAP_RO);
	unmap_phys_ro(ram);
	unmap_phys_ro(acpi);
}

static void stacks_have_guards(void **state)
{
	uint64_t used = vmap_pages_used(), frames = heap_free_frames();
	uintptr_t top[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(top); i++) {
		top[i] = (uintptr_t)vmap_stack(STACK_BYTES);
		assert_true(mapped(top[i] - 1) && mapped(top[i] - STACK_BYTES));
		assert_false(mapped(top[i]));
		assert_false(mapped(top[i] - STACK_BYTES - 1));
	}
	assert_int_equal(map_check_wx(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(top); i++)
		vmap_stack_free((void *)top[i], STACK_BYTES);
	assert_int_equal(vmap_pages_used(), used);
	assert_true(frames - heap_free_frames() <= 3); /* page tables stay */
}

/* The heap has n frames left, for every n: nothing is lost, nothing stays half mapped. */
static void no_memory_is_undone(void **state)
{
	static mfn_t held[70000];
	uint64_t used = vmap_pages_used();
	unsigned int count = 0;

	(void)state;
	while (!heap_alloc(0, 0, 0, &held[count]))
		count++;
	for (unsigned int n = 0; n < 12; n++) {
		uint64_t tables = map_table_count(), left;
		void *p = vmap_alloc(6 * PAGE_SIZE);

		left = heap_free_frames();
		if (p)
			vmap_free(p);
		assert_int_equal(heap_free_frames(), n - (map_table_count() - tables));
		assert_true(p ? left < heap_free_frames() : left == heap_free_frames());
		assert_int_equal(vmap_pages_used(), used);
		while (heap_free_frames() <= n)
			heap_free(held[--count], 0);
	}
}

static void random_areas(void **state)
{
	enum { SLOTS = 300 };
	static volatile char *slot[SLOTS];
	static uint64_t bytes[SLOTS];
	uint64_t used = vmap_pages_used();
	uint32_t seed = 9;

	(void)state;
	for (int step = 0; step < 4000; step++) {
		unsigned int i = unit_random(&seed) % SLOTS;

		if (slot[i]) {
			assert_true(mapped((uintptr_t)slot[i]) && mapped((uintptr_t)slot[i] + bytes[i] - 1));
			assert_false(mapped((uintptr_t)slot[i] - PAGE_SIZE));
			assert_false(mapped((uintptr_t)slot[i] + bytes[i] + PAGE_SIZE - 1));
			iounmap(slot[i]);
			slot[i] = NULL;
			continue;
		}
		bytes[i] = 1 + unit_random(&seed) % (unit_random(&seed) % 9 ? 20000 : 6000000);
		slot[i] = ioremap(MMIO + unit_random(&seed) % MIB(16), bytes[i], MAP_UC);
		assert_non_null(slot[i]);
	}
	for (unsigned int i = 0; i < SLOTS; i++)
		iounmap(slot[i]);
	assert_int_equal(vmap_pages_used(), used);
}

/* 1.5 TiB with holes: 48 GiB of entries are mapped, not touched; with and without 1 GiB pages. */
static void large_machine(void **state)
{
	static const struct e820_entry ram[] = {
		{MIB(1), GIB(2), E820_RAM}, {GIB(4), GIB(766), E820_RAM}, {TIB(2), GIB(768), E820_RAM}};

	(void)state;
	for (int has_1g = 0; has_1g < 2; has_1g++) {
		machine(ram, ARRAY_SIZE(ram), has_1g);
		assert_int_equal(map_init(&config), 0);
		heap_from_boot();
		expect(DIRECTMAP_BASE + TIB(2) + GIB(768) - 1, TIB(2) + GIB(768) - 1, MAP_RW);
		assert_true(mapped((uintptr_t)frame_at(paddr_to_mfn(TIB(2) + GIB(700)))));
		assert_false(mapped((uintptr_t)frame_at(paddr_to_mfn(TIB(1)))));
		assert_int_equal(map_check_wx(), 0);
		assert_true(map_table_count() < (has_1g ? 100 : 1700));
		assert_true(fake_ram_table_touched() < MIB(16)); /* a page for each 1 GiB block */
		assert_true(heap_free_frames() > (GIB(1536) - GIB(49)) >> PAGE_SHIFT);
	}
}

static void boot_without_memory(void **state)
{
	static const struct e820_entry tiny[] = {{MIB(1), MIB(5), E820_RAM}};
	static const struct e820_entry high[] = {{GIB(4), GIB(4), E820_RAM}};

	(void)state;
	machine(tiny, 1, true);
	assert_int_equal(map_init(&config), -ENOMEM);
	machine(high, 1, true);
	assert_int_equal(map_init(&config), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(everything_is_where_it_belongs, setup),
		cmocka_unit_test_setup(write_xor_execute_is_checked, setup),
		cmocka_unit_test_setup(writable_and_executable_is_found, setup),
		cmocka_unit_test_setup(ranges, setup),
		cmocka_unit_test_setup(device_registers, setup),
		cmocka_unit_test_setup(refused, setup),
		cmocka_unit_test_setup(firmware_tables, setup),
		cmocka_unit_test_setup(stacks_have_guards, setup),
		cmocka_unit_test_setup(no_memory_is_undone, setup),
		cmocka_unit_test_setup(random_areas, setup),
		cmocka_unit_test_setup(large_machine, setup),
		cmocka_unit_test_setup(boot_without_memory, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
