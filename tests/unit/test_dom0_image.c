/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's image: what is found in it, and every way to lie about it. */
#include "unit.h"
#include <stdlib.h>
#include <hv/log.h>
#include "hv_log.h"
#include "xen/domain/dom0_priv.h"

static uint8_t file[0x4000];

static void put(uint32_t at, uint64_t v, unsigned int bytes)
{
	memcpy(file + at, &v, bytes);
}

/* --- bzImage. --- */

static void bz(uint32_t payload_offset, uint32_t payload_bytes, uint32_t unpacked)
{
	memset(file, 0, sizeof(file));
	put(0x1f1, 1, 1);
	put(0x1fe, 0xaa55, 2);
	memcpy(file + 0x202, "HdrS", 4);
	put(0x206, 0x20f, 2);
	put(0x248, payload_offset, 4);
	put(0x24c, payload_bytes, 4);
	memcpy(file + 1024 + 0x100, "\x28\xb5\x2f\xfd", 4);
	put(1024 + 0x100 + 0x200 - 4, unpacked, 4);
}

static int image(uint64_t bytes, struct dom0_image *ret)
{
	uint8_t *exact = malloc(bytes ? bytes : 1);
	int rc;

	memcpy(exact, file, bytes);
	rc = dom0_image_parse(exact, bytes, ret);
	if (rc == 0)
		ret->data = file + (ret->data - exact);
	free(exact);
	return rc;
}

static void bz_image(void **state)
{
	struct dom0_image i;

	(void)state;
	bz(0x100, 0x200, 0x12345);
	assert_int_equal(image(sizeof(file), &i), 0);
	assert_ptr_equal(i.data, file + 1024 + 0x100);
	assert_int_equal(i.bytes, 0x200);
	assert_int_equal(i.unpacked_bytes, 0x12345);
	assert_int_equal(i.packing, DOM0_ZSTD);
	/* It may end with the module, not behind it. */
	assert_int_equal(image(1024 + 0x300, &i), 0);
	assert_int_equal(image(1024 + 0x2ff, &i), -ENOEXEC);
	bz(0xffffffff, 0x200, 1);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	bz(0x100, 0xffffffff, 1);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	bz(0x100, 7, 1);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	bz(0x100, 0x200, 0);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	bz(0x100, 0x200, (1U << 30) + 1);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	bz(0x100, 0x200, 100);
	put(0x206, 0x207, 2);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	assert_int_equal(image(0, &i), -ENOEXEC);
	assert_int_equal(image(0x267, &i), -ENOEXEC);
}

static void packings(void **state)
{
	struct dom0_image i;

	(void)state;
	bz(0x100, 0x200, 100);
	memcpy(file + 1024 + 0x100, "\x1f\x8b\x08", 3);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	assert_true(fake_log_has("gzip"));
	memcpy(file + 1024 + 0x100, "abcdef", 6);
	assert_int_equal(image(sizeof(file), &i), -ENOEXEC);
	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF", 4);
	assert_int_equal(image(100, &i), 0);
	assert_int_equal(i.packing, DOM0_PLAIN);
	assert_int_equal(i.unpacked_bytes, 100);
}

/* --- ELF. --- */

#define PH(n) (64U + 56U * (n))

static void ph(unsigned int n, uint32_t type, uint64_t offset, uint64_t phys, uint64_t filesz, uint64_t memsz)
{
	put(PH(n), type, 4);
	put(PH(n) + 8, offset, 8);
	put(PH(n) + 24, phys, 8);
	put(PH(n) + 32, filesz, 8);
	put(PH(n) + 40, memsz, 8);
	put(PH(n) + 48, 0x200000, 8);
}

static uint32_t note(uint32_t at, uint32_t type, const uint32_t *words, uint32_t count)
{
	put(at, 4, 4);
	put(at + 4, count * 4, 4);
	put(at + 8, type, 4);
	memcpy(file + at + 12, "Xen", 4);
	memcpy(file + at + 16, words, count * 4);
	return at + 16 + count * 4;
}

/* Two segments at 16 MiB, a note of each kind. */
static void elf64(void)
{
	const uint32_t entry[] = {0x1000c40}, reloc[] = {0x200000, 0x1000000, 0x3fffffff};

	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF\2\1\1", 7);
	put(18, 62, 2);
	put(32, 64, 8);
	put(54, 56, 2);
	put(56, 3, 2);
	ph(0, 1, 0x1000, 0x1000000, 0x1800, 0x1800);
	ph(1, 1, 0x2800, 0x1801800, 0x100, 0x3000);
	ph(2, 4, 0x3000, 0, note(note(0x3000, 18, entry, 1), 19, reloc, 3) - 0x3000, 0);
}

static int elf(struct dom0_elf *ret)
{
	uint8_t *exact = malloc(sizeof(file));
	int rc;

	memcpy(exact, file, sizeof(file));
	rc = dom0_elf_parse(exact, sizeof(file), ret);
	free(exact);
	return rc;
}

static void elf_file(void **state)
{
	struct dom0_elf e;

	(void)state;
	elf64();
	assert_int_equal(elf(&e), 0);
	assert_int_equal(e.entry, 0x1000c40);
	assert_int_equal(e.start, 0x1000000);
	assert_int_equal(e.end, 0x1805000);
	assert_int_equal(e.segment_count, 2);
	assert_int_equal(e.segment[1].file_bytes, 0x100);
	assert_int_equal(e.segment[1].bytes, 0x3000);
	assert_true(e.relocatable);
	assert_int_equal(e.align, 0x200000);
	assert_int_equal(e.min, 0x1000000);
	assert_int_equal(e.max, 0x3fffffff);
}

static void elf_32_bits(void **state)
{
	const uint32_t entry[] = {0x100010};
	struct dom0_elf e;

	(void)state;
	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF\1\1\1", 7);
	put(18, 3, 2);
	put(28, 52, 4);
	put(42, 32, 2);
	put(44, 2, 2);
	put(52, 1, 4);
	put(56, 0x1000, 4);
	put(64, 0x100000, 4);
	put(68, 0x20, 4);
	put(72, 0x40, 4);
	put(84, 4, 4);
	put(88, 0x2000, 4);
	put(100, note(0x2000, 18, entry, 1) - 0x2000, 4);
	assert_int_equal(elf(&e), 0);
	assert_int_equal(e.entry, 0x100010);
	assert_int_equal(e.end, 0x101000);
	assert_false(e.relocatable);
}

static void elf_lies(void **state)
{
	static const struct {
		uint32_t at, bytes;
		uint64_t value;
		const char *what;
	} lie[] = {
		{0, 4, 0, "not an ELF file"},
		{4, 1, 3, "not an ELF file"},
		{5, 1, 2, "not an ELF file"},
		{18, 2, 40, "not an ELF file"},
		{54, 2, 55, "not an ELF file"},
		{56, 2, 65, "program headers"},
		{56, 2, 0, "no segment"},
		{56, 2, 2, "no note of a PVH entry"},
		{32, 8, ~0UL, "program headers"},
		{32, 8, sizeof(file) - 100, "program headers"},
		{PH(0) + 8, 8, ~0UL, "leaves the file"},
		{PH(0) + 8, 8, sizeof(file), "leaves the file"},
		{PH(0) + 32, 8, 0x1801, "leaves the file"},
		{PH(0) + 24, 8, 0xffffffff, "beyond 4 GiB"},
		{PH(0) + 24, 8, ~0UL, "beyond 4 GiB"},
		{PH(1) + 40, 8, ~0UL, "beyond 4 GiB"},
		{PH(2) + 32, 8, ~0UL, "notes that leave"},
		{PH(2) + 8, 8, sizeof(file) - 4, "notes that leave"},
		{0x3000, 4, 0xfffffffc, "a note that leaves"},
		{0x3004, 4, 0xffffffff, "a note that leaves"},
		{0x3010, 4, 0x1805000, "an entry outside"},
		{0x3010, 4, 0xfffff, "an entry outside"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lie); i++) {
		struct dom0_elf e;

		fake_log_reset();
		elf64();
		put(lie[i].at, lie[i].value, lie[i].bytes);
		assert_int_equal(elf(&e), -ENOEXEC);
		if (!fake_log_has(lie[i].what))
			fail_msg("lie %zu: %s", i, fake_log_last());
	}
}

static void relocation_rules(void **state)
{
	const uint32_t odd[] = {0x300000}, small[] = {16}, none[] = {0};
	struct dom0_elf e;

	(void)state;
	elf64();
	note(0x3014, 19, odd, 1);
	put(PH(2) + 32, 0x28, 8);
	assert_int_equal(elf(&e), 0);
	assert_false(e.relocatable);
	note(0x3014, 19, small, 1);
	assert_int_equal(elf(&e), 0);
	assert_false(e.relocatable);
	/* Without a word for it: the segments' own alignment, or the default. */
	note(0x3014, 19, none, 1);
	assert_int_equal(elf(&e), 0);
	assert_true(e.relocatable);
	assert_int_equal(e.align, 0x200000);
	assert_int_equal(e.max, ~0U);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bz_image),
		cmocka_unit_test(packings),
		cmocka_unit_test(elf_file),
		cmocka_unit_test(elf_32_bits),
		cmocka_unit_test(elf_lies),
		cmocka_unit_test(relocation_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
