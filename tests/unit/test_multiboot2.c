/* SPDX-License-Identifier: GPL-2.0-only */
/* Multiboot 2: tags as GRUB 2 writes them, and what a broken loader may write. */
#include "unit.h"
#include <hv/boot_info.h>
#include "hv_log.h"
#include "phys.h"

#define INFO	  0x100000
#define BLOCK_MAX 4096

static uint8_t block[BLOCK_MAX];
static uint32_t used;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_phys_reset();
	memset(block, 0, sizeof(block));
	used = 8;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_phys_reset();
	return 0;
}

/* A tag with payload bytes behind its header; returns the payload. */
static uint8_t *tag(uint32_t type, uint32_t payload)
{
	uint8_t *t = block + used;

	fake_put32(t, type);
	fake_put32(t + 4, 8 + payload);
	used = (used + 8 + payload + 7) & ~7u;
	return t + 8;
}

static void tag_string(uint32_t type, const char *text)
{
	strcpy((char *)tag(type, (uint32_t)strlen(text) + 1), text);
}

static void tag_module(uint32_t start, uint32_t end, const char *text)
{
	uint8_t *p = tag(3, 8 + (uint32_t)strlen(text) + 1);

	fake_put32(p, start);
	fake_put32(p + 4, end);
	strcpy((char *)p + 8, text);
}

static uint8_t *tag_map(uint32_t entries)
{
	uint8_t *p = tag(6, 8 + 24 * entries);

	fake_put32(p, 24);
	return p + 8;
}

static void map_entry(uint8_t *p, uint64_t base, uint64_t bytes, uint32_t type)
{
	fake_put64(p, base);
	fake_put64(p + 8, bytes);
	fake_put32(p + 16, type);
}

static void map_usual(void)
{
	uint8_t *p = tag_map(2);

	map_entry(p, 0, 0xa0000, 1);
	map_entry(p + 24, 0x100000, 0x7ff00000, 1);
}

static int parse_total(uint32_t total, size_t bytes)
{
	fake_put32(block, total);
	fake_phys_copy(INFO, block, bytes);
	return boot_info_parse(MULTIBOOT2_MAGIC, INFO);
}

static int parse(void)
{
	tag(0, 0);
	return parse_total(used, used);
}

static void test_grub(void **state)
{
	uint8_t *p;

	(void)state;
	tag_string(1, "placeholder loglvl=all");
	tag_string(2, "GRUB 2.06");
	tag_module(0x200000, 0x300000, "root=/dev/sda");
	tag_module(0x300000, 0x300800, "");
	map_usual();
	fake_put64(tag(12, 8), 0x7f00d018);
	fake_put64(tag(20, 8), 0x7e001298);
	fake_put32(tag(21, 4), 0x400000);
	p = tag(15, 36);
	memcpy(p, "RSD PTR new", 11);
	p[35] = 0x55;
	memcpy(tag(14, 20), "RSD PTR old", 11);
	tag(99, 5);
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "loglvl=all");
	assert_string_equal(boot_info.loader, "GRUB 2.06");
	assert_int_equal(boot_info.module_count, 2);
	assert_int_equal(boot_info.module[0].base, 0x200000);
	assert_int_equal(boot_info.module[0].bytes, 0x100000);
	assert_string_equal(boot_info.module[0].cmdline, "root=/dev/sda");
	assert_int_equal(boot_info.module[1].bytes, 0x800);
	assert_int_equal(boot_info.map.count, 2);
	assert_int_equal(boot_info.efi_system_table, 0x7f00d018);
	assert_int_equal(boot_info.efi_image_handle, 0x7e001298);
	assert_int_equal(boot_info.load_base, 0x400000);
	assert_memory_equal(boot_info.rsdp, "RSD PTR new", 11);
	assert_int_equal(boot_info.rsdp[35], 0x55);
	assert_int_equal(fake_log_count, 2); /* the modules */
}

static void test_rsdp_old(void **state)
{
	(void)state;
	map_usual();
	memcpy(tag(14, 20), "RSD PTR old_________", 20);
	assert_int_equal(parse(), 0);
	assert_memory_equal(boot_info.rsdp, "RSD PTR old_________\0\0\0\0", 24);
}

static void efi_entry(uint8_t *p, uint32_t type, uint64_t base, uint64_t pages)
{
	fake_put32(p, type);
	fake_put64(p + 8, base);
	fake_put64(p + 24, pages);
}

static void test_efi_map(void **state)
{
	static const uint8_t types[16] = {2, 1, 1, 1, 1, 2, 2, 1, 5, 3, 4, 2, 2, 2, 7, 2};
	uint8_t *p = tag(17, 8 + 48 * 17);

	(void)state;
	fake_put32(p, 48);
	fake_put32(p + 4, 1);
	for (uint32_t i = 0; i < 16; i++)
		efi_entry(p + 8 + 48 * i, i, 0x100000ull * (i + 1), i + 1);
	efi_entry(p + 8 + 48 * 16, 7, 0x1000, 1ull << 53);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 16);
	for (uint32_t i = 0; i < 16; i++) {
		assert_int_equal(boot_info.map.entry[i].type, types[i]);
		assert_int_equal(boot_info.map.entry[i].base, 0x100000ull * (i + 1));
		assert_int_equal(boot_info.map.entry[i].bytes, 0x1000 * (i + 1));
	}
	assert_true(fake_log_has("EFI memory map: 0x20000000000000 pages at 0x1000: ignored"));
}

/* The EFI map is used only when there is no other. */
static void test_map_order(void **state)
{
	uint8_t *p = tag(17, 8 + 40);

	(void)state;
	fake_put32(p, 40);
	efi_entry(p + 8, 7, 0x5000, 1);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 2);
	assert_int_equal(boot_info.map.entry[1].base, 0x100000);
}

static void test_basic_memory(void **state)
{
	uint8_t *p = tag(4, 8);

	(void)state;
	fake_put32(p, 639);
	fake_put32(p + 4, 1024);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 2);
	assert_int_equal(boot_info.map.entry[0].bytes, 639 * 1024);
	assert_int_equal(boot_info.map.entry[1].bytes, 1024 * 1024);
}

static void test_map_bad_entry_size(void **state)
{
	(void)state;
	fake_put32(tag(6, 8 + 48), 8);
	fake_put32(tag(17, 8 + 48), 0);
	assert_int_equal(parse(), -EINVAL);
	assert_true(fake_log_has("memory map with entries of 8 bytes"));
	assert_true(fake_log_has("EFI memory map with descriptors of 0 bytes"));
	assert_true(fake_log_has("no memory map"));
}

/* Entries that do not divide the tag: the rest is not an entry. */
static void test_map_partial_entry(void **state)
{
	uint8_t *p = tag(6, 8 + 24 + 10);

	(void)state;
	fake_put32(p, 24);
	map_entry(p + 8, 0x1000, 0x1000, 1);
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.map.count, 1);
}

static void test_tag_size_zero(void **state)
{
	(void)state;
	map_usual();
	fake_put32(block + used + 4, 0);
	fake_put32(block + used, 1);
	used += 64;
	assert_int_equal(parse(), 0);
	assert_true(fake_log_has("offset 0x48: tag of 0 bytes in a block of 144: rest ignored"));
}

static void test_tag_beyond_end(void **state)
{
	uint32_t at;

	(void)state;
	map_usual();
	at = used;
	tag_string(1, "noreboot");
	fake_put32(block + at + 4, 0xfffffff9);
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "");
	assert_true(fake_log_has("tag of 4294967289 bytes"));
}

static void test_no_end_tag(void **state)
{
	(void)state;
	map_usual();
	assert_int_equal(parse_total(used, used), 0);
	assert_true(fake_log_has("has no end tag"));
}

/* The last tag's padding is not in the block. */
static void test_unpadded_end(void **state)
{
	(void)state;
	map_usual();
	tag_string(1, "ab");
	assert_int_equal(parse_total(used - 5, used - 5), 0);
	assert_string_equal(boot_info.cmdline, "ab");
	assert_true(fake_log_has("has no end tag"));
}

static void test_short_tags(void **state)
{
	static const uint32_t types[] = {1, 2, 3, 4, 6, 12, 14, 15, 17, 20, 21};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		tag(types[i], 0);
	map_usual();
	assert_int_equal(parse(), 0);
	assert_int_equal(fake_log_count, 11);
	assert_true(fake_log_has("module tag of 8 bytes, at least 17 needed"));
	assert_true(fake_log_has("RSDP (new) tag of 8 bytes, at least 44 needed"));
}

static void test_unterminated_strings(void **state)
{
	(void)state;
	map_usual();
	memcpy(tag(1, 4), "abcd", 4);
	memcpy(tag(3, 8 + 4), "\0\0\x20\0\0\0\x30\0wxyz", 12);
	assert_int_equal(parse(), 0);
	assert_string_equal(boot_info.cmdline, "abcd");
	assert_string_equal(boot_info.module[0].cmdline, "wxyz");
	assert_true(fake_log_has("command line has no end in its first 4 bytes"));
	assert_true(fake_log_has("a module's command line has no end in its first 4 bytes"));
}

static void test_modules_bad(void **state)
{
	(void)state;
	map_usual();
	tag_module(0x200000, 0x200000, "empty");
	tag_module(0x200000, 0x210000, "first");
	tag_module(0x208000, 0x218000, "overlap");
	tag_module(0x90000000, 0x90001000, "outside");
	assert_int_equal(parse(), 0);
	assert_int_equal(boot_info.module_count, 1);
	assert_string_equal(boot_info.module[0].cmdline, "first");
	assert_true(fake_log_has("module 0: empty"));
	assert_true(fake_log_has("module 2: 0x208000-0x218000 overlaps"));
	assert_true(fake_log_has("module 0x90000000-0x90001000 is not in RAM"));
}

static void test_total_size(void **state)
{
	(void)state;
	map_usual();
	assert_int_equal(parse_total(4, used), -EINVAL);
	assert_true(fake_log_has("size 4 is not possible"));
	fake_phys_reset();
	assert_int_equal(parse_total(0xffffffff, used), -EINVAL);
	assert_true(fake_log_has("size 4294967295 is not possible"));
	fake_phys_reset();
	assert_int_equal(parse_total(used + 8, used), -EINVAL);
	assert_true(fake_log_has("cannot be read"));
}

static void test_unreachable(void **state)
{
	(void)state;
	assert_int_equal(boot_info_parse(MULTIBOOT2_MAGIC, INFO), -EINVAL);
	assert_true(fake_log_has("information block at 0x100000"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_grub),
		T(test_rsdp_old),
		T(test_efi_map),
		T(test_map_order),
		T(test_basic_memory),
		T(test_map_bad_entry_size),
		T(test_map_partial_entry),
		T(test_tag_size_zero),
		T(test_tag_beyond_end),
		T(test_no_end_tag),
		T(test_unpadded_end),
		T(test_short_tags),
		T(test_unterminated_strings),
		T(test_modules_bad),
		T(test_total_size),
		T(test_unreachable),
	};

	return cmocka_run_group_tests_name("multiboot2", tests, NULL, NULL);
}
