/* SPDX-License-Identifier: GPL-2.0-only */
/* Multiboot 1: what QEMU, GRUB 2 and a broken or hostile loader hand over. */
#include "unit.h"
#include <hv/boot_info.h>
#include "hv_log.h"
#include "phys.h"

#define INFO	0x9500
#define CMDLINE 0x9700
#define MODS	0xa000
#define MMAP	0x9000
#define STRINGS 0xb000

static uint8_t *info, *mods, *mmap, *strings;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_phys_reset();
	info = fake_phys_add(INFO, 116);
	mods = fake_phys_add(MODS, 64);
	mmap = fake_phys_add(MMAP, 72);
	strings = fake_phys_add(STRINGS, 64);
	fake_put32(info + 0, (1u << 6) | (1u << 2) | (1u << 3) | (1u << 9));
	fake_put32(info + 16, CMDLINE);
	fake_put32(info + 24, MODS);
	fake_put32(info + 44, 72);
	fake_put32(info + 48, MMAP);
	fake_put32(info + 64, STRINGS);
	strcpy((char *)strings, "qemu");
	strcpy((char *)strings + 16, "/boot/vmlinuz console=hvc0");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_phys_reset();
	return 0;
}

static void cmdline(const char *text)
{
	fake_phys_copy(CMDLINE, text, strlen(text) + 1);
}

static void module(unsigned int i, uint32_t start, uint32_t end, uint32_t string)
{
	fake_put32(mods + 16 * i, start);
	fake_put32(mods + 16 * i + 4, end);
	fake_put32(mods + 16 * i + 8, string);
	fake_put32(info + 20, i + 1);
}

static void map_entry(unsigned int i, uint64_t base, uint64_t bytes, uint32_t type)
{
	uint8_t *e = mmap + 24 * i;

	fake_put32(e, 20);
	fake_put64(e + 4, base);
	fake_put64(e + 12, bytes);
	fake_put32(e + 20, type);
}

static void map_usual(void)
{
	map_entry(0, 0, 0x9fc00, 1);
	map_entry(1, 0x100000, 0x7ff00000, 1);
	map_entry(2, 0xfffc0000, 0x40000, 2);
}

static int parse(void)
{
	return boot_info_parse(MULTIBOOT1_MAGIC, INFO);
}

static void test_qemu(void **state)
{
	(void)state;
	cmdline("build/undercroft loglvl=all noreboot");
	module(0, 0x200000, 0x300000, STRINGS + 16);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.loader, "qemu");
	assert_string_equal(boot_info.cmdline, "loglvl=all noreboot");
	assert_int_equal(boot_info.module_count, 1);
	assert_int_equal(boot_info.module[0].base, 0x200000);
	assert_int_equal(boot_info.module[0].bytes, 0x100000);
	assert_string_equal(boot_info.module[0].cmdline, "console=hvc0");
	assert_int_equal(boot_info.map.count, 3);
	assert_int_equal(boot_info.map.entry[2].base, 0xfffc0000);
	assert_int_equal(boot_info.map.entry[2].bytes, 0x40000);
	assert_int_equal(boot_info.map.entry[2].type, E820_RESERVED);
	assert_int_equal(fake_log_count, 1);
	assert_string_equal(fake_log_last(), "boot: module 0x200000-0x300000 \"console=hvc0\"");
}

/* GRUB 2 writes no path, in the kernel's line and in the modules'. */
static void test_grub2_keeps_first_word(void **state)
{
	(void)state;
	strcpy((char *)strings, "GRUB 2.06-13");
	strcpy((char *)strings + 16, "placeholder root=/dev/sda1");
	cmdline("noreboot maxcpus=2");
	module(0, 0x200000, 0x300000, STRINGS + 16);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "noreboot maxcpus=2");
	assert_string_equal(boot_info.module[0].cmdline, "root=/dev/sda1");
}

static void test_path_alone(void **state)
{
	(void)state;
	cmdline("  /boot/undercroft");
	map_usual();
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "");
}

static void test_unprintable_bytes(void **state)
{
	(void)state;
	cmdline("x a\x1b[2Jb\xff=\n1");
	map_usual();
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "a?[2Jb?=?1");
}

static void test_magic(void **state)
{
	(void)state;
	assert_int_equal(boot_info_parse(0x1234, INFO), -EINVAL);
	assert_true(fake_log_has("magic 0x1234 is neither"));
}

static void test_info_unreachable(void **state)
{
	(void)state;
	assert_int_equal(boot_info_parse(MULTIBOOT1_MAGIC, INFO + 100), -EINVAL);
	assert_true(fake_log_has("information structure at 0x9564 cannot be read"));
}

static void test_no_map(void **state)
{
	(void)state;
	cmdline("x");
	fake_put32(info, 1u << 2);
	assert_int_equal(parse(), -EINVAL);
	assert_true(fake_log_has("no memory map"));
}

static void test_basic_memory_only(void **state)
{
	(void)state;
	fake_put32(info, 1);
	fake_put32(info + 4, 70000);
	fake_put32(info + 8, 0x100000);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 2);
	assert_int_equal(boot_info.map.entry[0].bytes, 640 * 1024);
	assert_int_equal(boot_info.map.entry[1].base, 0x100000);
	assert_int_equal(boot_info.map.entry[1].bytes, 1ull << 30);
}

static void test_cmdline_unterminated(void **state)
{
	(void)state;
	fake_phys_copy(CMDLINE, "x abcd", 6);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "abcd");
	assert_true(fake_log_has("command line at 0x9700 has no end in its first 6 bytes: cut"));
}

static void test_cmdline_too_long(void **state)
{
	uint8_t *p = fake_phys_add(CMDLINE, 0x700);
	uint8_t *long_line = fake_phys_add(0x20000, BOOT_CMDLINE_MAX + 64);

	(void)state;
	(void)p;
	fake_put32(info + 16, 0x20000);
	memset(long_line, 'a', BOOT_CMDLINE_MAX + 63);
	long_line[1] = ' ';
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(strlen(boot_info.cmdline), BOOT_CMDLINE_MAX - 3);
	assert_true(fake_log_has("has no end in its first 2048 bytes"));
	/* The longest line that fits is not cut. */
	fake_log_reset();
	long_line[BOOT_CMDLINE_MAX - 1] = '\0';
	assert_int_equal(parse(), 0);
	assert_int_equal(strlen(boot_info.cmdline), BOOT_CMDLINE_MAX - 3);
	assert_int_equal(fake_log_count, 0);
}

static void test_module_empty_reversed(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x200000, 0x200000, 0);
	module(1, 0x300000, 0x200000, 0);
	module(2, 0x400000, 0x400010, 0);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 1);
	assert_int_equal(boot_info.module[0].base, 0x400000);
	assert_true(fake_log_has("module 0: empty or reversed range 0x200000-0x200000"));
	assert_true(fake_log_has("module 1: empty or reversed range 0x300000-0x200000"));
}

static void test_module_overlap(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x200000, 0x300000, 0);
	module(1, 0x2fffff, 0x300001, 0);
	module(2, 0x300000, 0x300001, 0); /* adjacent is fine */
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 2);
	assert_int_equal(boot_info.module[1].base, 0x300000);
	assert_true(fake_log_has("module 1: 0x2fffff-0x300001 overlaps the module at 0x200000"));
}

static void test_module_not_in_ram(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x7ffff000, 0x80001000, 0);
	module(1, 0x200000, 0x201000, 0);
	module(2, 0xffff0000, 0xffff8000, 0);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 1);
	assert_int_equal(boot_info.module[0].base, 0x200000);
	assert_true(fake_log_has("module 0x7ffff000-0x80001000 is not in RAM"));
	assert_true(fake_log_has("module 0xffff0000-0xffff8000 is not in RAM"));
}

/* RAM that the map gives in two adjacent pieces, in the wrong order. */
static void test_module_across_entries(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x1ff000, 0x202000, 0);
	map_entry(0, 0x200000, 0x100000, 1);
	map_entry(1, 0x100000, 0x100000, 1);
	map_entry(2, 0, 0, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 1);
}

static void test_module_count_lies(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x200000, 0x201000, 0);
	fake_put32(info + 20, 0xffffffff);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 1);
	assert_true(fake_log_has("4294967295 modules claimed"));
	assert_true(fake_log_has("module list entry 4 at 0xa040 cannot be read: 60 modules ignored"));
}

static void test_module_list_unreachable(void **state)
{
	(void)state;
	cmdline("x");
	fake_put32(info + 20, 3);
	fake_put32(info + 24, 0xfffffff8);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 0);
	assert_true(fake_log_has("module list entry 0 at 0xfffffff8 cannot be read: 3 modules"));
}

static void test_too_many_modules(void **state)
{
	uint8_t *list = fake_phys_add(0x30000, 16 * 20);

	(void)state;
	cmdline("x");
	for (uint32_t i = 0; i < 20; i++) {
		fake_put32(list + 16 * i, 0x200000 + i * 0x1000);
		fake_put32(list + 16 * i + 4, 0x201000 + i * 0x1000);
	}
	fake_put32(info + 20, 20);
	fake_put32(info + 24, 0x30000);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, BOOT_MODULES_MAX);
	assert_true(fake_log_has("module 16: more than 16 modules"));
}

static void test_module_string_unreachable(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x200000, 0x201000, 0xdead0000);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 1);
	assert_string_equal(boot_info.module[0].cmdline, "");
	assert_true(fake_log_has("a module's command line at 0xdead0000 has no end in its first 0 bytes"));
}

static void test_modules_exclude(void **state)
{
	(void)state;
	cmdline("x");
	module(0, 0x200000, 0x201000, 0);
	module(1, 0x300000, 0x301000, 0);
	map_usual();
	assert_int_equal(parse(), 0);
	boot_modules_exclude(0x100000, 0x100000, "the hypervisor");
	assert_int_equal(boot_info.module_count, 2);
	boot_modules_exclude(0x100000, 0x100001, "the hypervisor");
	assert_int_equal(boot_info.module_count, 1);
	assert_int_equal(boot_info.module[0].base, 0x300000);
	assert_true(fake_log_has("module 0x200000-0x201000 overlaps the hypervisor: ignored"));
}

static void test_map_entry_size(void **state)
{
	(void)state;
	cmdline("x");
	map_usual();
	fake_put32(mmap + 24, 4);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 1);
	assert_true(fake_log_has("memory map offset 0x18: entry of 4 bytes: rest ignored"));
	fake_put32(mmap + 24, 0xfffffffc);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 1);
	assert_true(fake_log_has("memory map offset 0x18: entry of 4294967292 bytes: rest ignored"));
}

static void test_map_length(void **state)
{
	(void)state;
	cmdline("x");
	map_usual();
	fake_put32(info + 44, 60);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 2);
	assert_true(fake_log_has("12 bytes left over"));
	fake_put32(info + 44, 0xffffffff);
	assert_int_equal(parse(), -EINVAL);
	assert_true(fake_log_has("memory map of 4294967295 bytes: cut"));
	assert_true(fake_log_has("memory map 0x9000+0x10000 cannot be read"));
}

static void test_map_entries(void **state)
{
	(void)state;
	cmdline("x");
	map_entry(0, 0xfffffffffffff000, 0x2000, 1); /* wraps */
	map_entry(1, 0x10000000000, 0x1000, 1);	     /* 1 TiB */
	map_entry(2, 0x1000, 0x1000, 99);	     /* unknown is reserved */
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 2);
	assert_int_equal(boot_info.map.entry[0].base, 0x10000000000);
	assert_int_equal(boot_info.map.entry[1].type, E820_RESERVED);
	assert_true(fake_log_has("0xfffffffffffff000+0x2000 wraps around"));
}

static void test_map_full(void **state)
{
	uint8_t *big = fake_phys_add(0x40000, 24 * (E820_MAX + 2));

	(void)state;
	cmdline("x");
	for (uint32_t i = 0; i < E820_MAX + 2; i++) {
		fake_put32(big + 24 * i, 20);
		fake_put64(big + 24 * i + 4, i * 0x1000ull);
		fake_put64(big + 24 * i + 12, 0x1000);
		fake_put32(big + 24 * i + 20, 1);
	}
	fake_put32(info + 44, 24 * (E820_MAX + 2));
	fake_put32(info + 48, 0x40000);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, E820_MAX);
	assert_true(fake_log_has("memory map is full, entry 0x101000+0x1000"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_qemu),
		T(test_grub2_keeps_first_word),
		T(test_path_alone),
		T(test_unprintable_bytes),
		T(test_magic),
		T(test_info_unreachable),
		T(test_no_map),
		T(test_basic_memory_only),
		T(test_cmdline_unterminated),
		T(test_cmdline_too_long),
		T(test_module_empty_reversed),
		T(test_module_overlap),
		T(test_module_not_in_ram),
		T(test_module_across_entries),
		T(test_module_count_lies),
		T(test_module_list_unreachable),
		T(test_too_many_modules),
		T(test_module_string_unreachable),
		T(test_modules_exclude),
		T(test_map_entry_size),
		T(test_map_length),
		T(test_map_entries),
		T(test_map_full),
	};

	return cmocka_run_group_tests_name("multiboot1", tests, NULL, NULL);
}
