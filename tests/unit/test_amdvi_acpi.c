/* SPDX-License-Identifier: GPL-2.0-only */
/* The IVRS parser: every table of real machines against an independent decoder's facts, and tables that lie. */
#include <stdlib.h>
#include "unit.h"
#include "env.h"
#include "fw_corpus.h"

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(fake_live_allocs(), 0);
	return 0;
}

/* --- Real tables. --- */

static void check(const struct corpus_table *t, const char *key, const char *item, unsigned long got)
{
	unsigned long want = item ? corpus_count(t, key, item) : corpus_fact(t, key);

	if (want != got)
		fail_msg("%s: %s %s is %lu, parsed %lu", t->name, key, item ? item : "", want, got);
}

static unsigned int scopes_of_type(const struct iommu_fw *fw, unsigned int raw_type)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < fw->scope_count; i++)
		n += fw->scope[i].raw_type == raw_type;
	return n;
}

static unsigned int units_of_type(const struct iommu_fw *fw, unsigned int raw_type)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < fw->unit_count; i++)
		n += fw->unit[i].raw_type == raw_type;
	return n;
}

static void entries_check(const struct corpus_table *t, const struct iommu_fw *fw)
{
	unsigned int padding = 0;

	for (uint32_t i = 0; i < fw->unit_count; i++)
		padding += fw->unit[i].padding;
	check(t, "ent", "pad", padding);
	check(t, "ent", "0x2", scopes_of_type(fw, 0x02));
	check(t, "ent", "0x3", scopes_of_type(fw, 0x03));
	check(t, "ent", "0x43", scopes_of_type(fw, 0x43));
	check(t, "ent", "0x4", scopes_of_type(fw, 0x03) + scopes_of_type(fw, 0x43));
	check(t, "ent", "0x48", scopes_of_type(fw, 0x48));
	check(t, "ent", "0xf0", scopes_of_type(fw, 0xf0));
}

static void blocks_check(const struct corpus_table *t, const struct iommu_fw *fw)
{
	unsigned int usable = 0;

	for (uint32_t i = 0; i < fw->unit_count; i++)
		usable += fw->unit[i].state == IOMMU_UNIT_USABLE;
	check(t, "types", "0x10", units_of_type(fw, 0x10));
	check(t, "types", "0x11", units_of_type(fw, 0x11));
	check(t, "types", "0x40", units_of_type(fw, 0x40));
	check(t, "types", "0x21", fw->region_count);
	check(t, "types", "0x51", problem_count(fw, FW_STRUCTURE_UNKNOWN));
	check(t, "iommus", NULL, usable);
}

static void table_check(const struct corpus_table *t, void *ctx)
{
	struct iommu_fw *fw;

	fprintf(ctx, "--- %s\n", t->name);
	assert_int_equal(corpus_fact(t, "len"), t->length);
	assert_int_equal(amdvi_acpi_parse(t->bytes, t->length, &fw), 0);
	check(t, "rev", NULL, fw->revision);
	check(t, "ivinfo", NULL, fw->flags);
	check(t, "ivmd", NULL, fw->region_count);
	blocks_check(t, fw);
	entries_check(t, fw);
	iommu_fw_log(fw);
	iommu_fw_free(fw);
}

static void real_tables_match_the_index_and_the_golden_text(void **state)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	(void)state;
	fake_log_to(out);
	assert_int_equal(corpus_each("ivrs", table_check, out), 45);
	fake_log_to(NULL);
	fclose(out);
	golden_compare("tests/fixtures/acpi/ivrs/golden.txt", text);
	free(text);
}

/* --- Tables that lie. --- */

static uint8_t lie[1024];
static size_t lie_bytes;

static void put(uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		lie[lie_bytes++] = (uint8_t)(value >> (8 * i));
}

static void length_set(void)
{
	lie[4] = (uint8_t)lie_bytes;
	lie[5] = (uint8_t)(lie_bytes >> 8);
}

static void lie_begin(void)
{
	memset(lie, 0, sizeof(lie));
	memcpy(lie, "IVRS", 4);
	lie[8] = 2;
	lie_bytes = 36;
	put(0x203000, 4); /* 48 physical, 64 virtual address bits */
	put(0, 8);
}

static void put_ivhd(unsigned int type, unsigned int device, uint64_t base, unsigned int entry_bytes)
{
	put(type, 1);
	put(0xb0, 1);
	put((type == 0x10 ? 24 : 40) + entry_bytes, 2);
	put(device, 2);
	put(0x40, 2);
	put(base, 8);
	put(0, 8);
	if (type != 0x10) {
		put(0x1122334455667788, 8);
		put(0, 8);
	}
}

static void put_ivmd(
	unsigned int type, unsigned int flags, unsigned int devices, uint64_t start, uint64_t bytes)
{
	put(type, 1);
	put(flags, 1);
	put(32, 2);
	put(devices, 4);
	put(0, 8);
	put(start, 8);
	put(bytes, 8);
}

static void put_entry(unsigned int type, unsigned int device)
{
	put(type, 1);
	put(device, 2);
	put(0xd7, 1);
}

static void put_entry8(unsigned int type, unsigned int device, uint32_t more)
{
	put_entry(type, device);
	put(more, 4);
}

static struct iommu_fw *lie_parse(void)
{
	struct iommu_fw *fw;

	length_set();
	assert_int_equal(amdvi_acpi_parse(lie, lie_bytes, &fw), 0);
	return fw;
}

static void assert_problem(const struct iommu_fw *fw, unsigned int n, unsigned int code, uint32_t offset)
{
	assert_true(n < fw->problem_count);
	assert_string_equal(iommu_fw_problem_what(fw->problem[n].code), iommu_fw_problem_what(code));
	assert_int_equal(fw->problem[n].offset, offset);
}

static void every_kind_of_entry(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_ivhd(0x11, 2, 0xfeb80000, 4 + 4 + 8 + 12 + 8 + 12 + 8 + 8);
	put_entry(0x01, 0);
	put_entry(0x02, 0x10);
	put_entry8(0x42, 0x20, 0x00050000);
	put_entry8(0x43, 0x100, 0x0000a500);
	put_entry(0x04, 0x1ff);
	put_entry8(0x46, 0x30, 0x80000000);
	put_entry8(0x47, 0x200, 0x40000000);
	put_entry(0x04, 0x207);
	put_entry8(0x48, 0, 0x0100a00c);
	put_entry8(0x48, 0, 0x0200a100);
	fw = lie_parse();
	assert_int_equal(fw->problem_count, 0);
	assert_int_equal(fw->address_width, 48);
	assert_int_equal(fw->unit[0].features[0], 0x1122334455667788);
	assert_int_equal(fw->scope_count, 8);
	assert_int_equal(fw->scope[0].kind, IOMMU_SCOPE_ALL);
	assert_int_equal(fw->scope[0].last, 0xffff);
	assert_int_equal(fw->scope[1].first, 0x10);
	assert_int_equal(fw->scope[1].settings, 0xd7);
	assert_true(fw->scope[2].aliased);
	assert_int_equal(fw->scope[2].alias, 0x500);
	assert_int_equal(fw->scope[3].kind, IOMMU_SCOPE_RANGE);
	assert_int_equal(fw->scope[3].first, 0x100);
	assert_int_equal(fw->scope[3].last, 0x1ff);
	assert_int_equal(fw->scope[3].alias, 0xa5);
	assert_int_equal(fw->scope[4].extended, 0x80000000);
	assert_int_equal(fw->scope[5].last, 0x207);
	assert_int_equal(fw->scope[5].extended, 0x40000000);
	assert_int_equal(fw->scope[6].kind, IOMMU_SCOPE_IOAPIC);
	assert_int_equal(fw->scope[6].id, 0x0c);
	assert_int_equal(fw->scope[6].first, 0xa0);
	assert_int_equal(fw->scope[7].kind, IOMMU_SCOPE_HPET);
	iommu_fw_free(fw);
}

static void ranges_that_lie(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_ivhd(0x10, 2, 0xfeb80000, 28);
	put_entry(0x04, 0x10); /* ends nothing */
	put_entry(0x03, 0x20); /* never ends */
	put_entry(0x03, 0x40);
	put_entry(0x04, 0x3f); /* inverted */
	put_entry(0x04, 0x50); /* ends nothing */
	put_entry(0x02, 0x60);
	put_entry(0x03, 0x70); /* ends with the block */
	fw = lie_parse();
	assert_int_equal(fw->scope_count, 1);
	assert_problem(fw, 0, FW_RANGE_NO_START, 72);
	assert_problem(fw, 1, FW_RANGE_OPEN, 76);
	assert_problem(fw, 2, FW_RANGE_INVERTED, 84);
	assert_problem(fw, 3, FW_RANGE_NO_START, 88);
	assert_problem(fw, 4, FW_RANGE_OPEN, 96);
	assert_int_equal(fw->problem_count, 5);
	iommu_fw_free(fw);
}

static void newest_block_of_a_unit_counts(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_ivhd(0x40, 2, 0xfeb80000, 4);
	put_entry(0x01, 0);
	put_ivhd(0x10, 2, 0xfeb80000, 4);
	put_entry(0x01, 0);
	put_ivhd(0x11, 2, 0xfeb80000, 4);
	put_entry(0x01, 0);
	put_ivhd(0x40, 2, 0xfeb80000, 4); /* the same again */
	put_entry(0x01, 0);
	put_ivhd(0x11, 0x102, 0xfeb80000, 4); /* another unit at the same registers */
	put_entry(0x01, 0);
	put_ivhd(0x10, 0x202, 0xfec80000, 4); /* superseded by the next */
	put_entry(0x01, 0);
	put_ivhd(0x11, 0x202, 0xfec80000, 4);
	put_entry(0x01, 0);
	fw = lie_parse();
	assert_int_equal(fw->unit_count, 7);
	assert_int_equal(fw->unit[0].state, IOMMU_UNIT_USABLE);
	assert_int_equal(fw->unit[1].state, IOMMU_UNIT_SUPERSEDED);
	assert_int_equal(fw->unit[2].state, IOMMU_UNIT_SUPERSEDED);
	assert_int_equal(fw->unit[3].state, IOMMU_UNIT_REFUSED);
	assert_int_equal(fw->unit[4].state, IOMMU_UNIT_REFUSED);
	assert_int_equal(fw->unit[5].state, IOMMU_UNIT_SUPERSEDED);
	assert_int_equal(fw->unit[6].state, IOMMU_UNIT_USABLE);
	assert_problem(fw, 0, FW_UNIT_TWICE, fw->unit[3].offset);
	assert_problem(fw, 1, FW_UNIT_TWICE, fw->unit[4].offset);
	assert_int_equal(fw->problem_count, 2);
	iommu_fw_free(fw);
}

static void region_case(unsigned int flags, uint64_t start, uint64_t bytes, bool usable, unsigned int code)
{
	struct iommu_fw *fw;

	lie_begin();
	put_ivmd(0x21, flags, 0x10, start, bytes);
	fw = lie_parse();
	assert_int_equal(fw->region[0].usable, usable);
	if (code < FW_PROBLEM_CODES)
		assert_problem(fw, 0, code, 48);
	assert_int_equal(fw->problem_count, code < FW_PROBLEM_CODES ? 1 : 0);
	iommu_fw_free(fw);
}

static void regions(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	region_case(0x07, 0x1000, 0x1000, true, FW_PROBLEM_CODES);
	region_case(0x08, 0x1000, 0x1000, true, FW_PROBLEM_CODES);
	region_case(0x06, 0x1000, 0x1000, false, FW_REGION_NO_ACCESS);
	region_case(0x07, 0x1000, 0, false, FW_REGION_INVERTED);
	region_case(0x07, 0, 0, false, FW_REGION_BEYOND);
	region_case(0x07, 0x1000, ~0UL, false, FW_REGION_INVERTED);
	region_case(0x07, 0x1008, 0x1000, true, FW_REGION_UNALIGNED);
	lie_begin();
	put_ivmd(0x20, 0x03, 0, 0x1000, 0x2000);
	put_ivmd(0x22, 0x05, 0x00200010, 0x4000, 0x1000);
	put_ivmd(0x22, 0x05, 0x00100020, 0x8000, 0x1000);
	fw = lie_parse();
	assert_int_equal(fw->scope[0].kind, IOMMU_SCOPE_ALL);
	assert_true(fw->region[0].read && !fw->region[0].write);
	assert_int_equal(fw->region[0].last, 0x2fff);
	assert_int_equal(fw->scope[1].first, 0x10);
	assert_int_equal(fw->scope[1].last, 0x20);
	assert_true(!fw->region[1].read && fw->region[1].write);
	assert_problem(fw, 0, FW_RANGE_INVERTED, 112);
	assert_false(fw->region[2].usable);
	iommu_fw_free(fw);
}

static void structure_case(unsigned int type, unsigned int length, unsigned int tail, unsigned int code)
{
	struct iommu_fw *fw;

	lie_begin();
	put(type, 1);
	put(0, 1);
	put(length, 2);
	for (unsigned int i = 4; i < tail; i++)
		put(0, 1);
	fw = lie_parse();
	assert_int_equal(fw->unit_count + fw->region_count, 0);
	assert_problem(fw, 0, code, 48);
	assert_int_equal(fw->problem_count, 1);
	iommu_fw_free(fw);
}

static void blocks_are_never_followed_out_of_the_table(void **state)
{
	(void)state;
	structure_case(0x10, 23, 23, FW_STRUCTURE_SHORT);
	structure_case(0x11, 39, 39, FW_STRUCTURE_SHORT);
	structure_case(0x40, 39, 39, FW_STRUCTURE_SHORT);
	structure_case(0x20, 31, 31, FW_STRUCTURE_SHORT);
	structure_case(0x51, 32, 32, FW_STRUCTURE_UNKNOWN);
	structure_case(0x10, 0, 64, FW_STRUCTURE_ZERO);
	structure_case(0x10, 25, 24, FW_STRUCTURE_CUT);
}

static void entry_case(unsigned int entry_bytes, unsigned int type, unsigned int code)
{
	struct iommu_fw *fw;

	lie_begin();
	put_ivhd(0x10, 2, 0xfeb80000, 4 + entry_bytes);
	put_entry(0x02, 0x10);
	put(type, 1);
	for (unsigned int i = 1; i < entry_bytes; i++)
		put(i == 21 ? 0xff : 0, 1);
	put_ivhd(0x10, 3, 0xfeb90000, 4); /* whatever is read too far is this */
	put_entry(0x02, 0x18);
	fw = lie_parse();
	assert_int_equal(fw->unit[0].scopes.count, 1);
	assert_int_equal(fw->unit[1].scopes.count, 1);
	assert_problem(fw, 0, code, 76);
	assert_int_equal(fw->problem_count, 1);
	iommu_fw_free(fw);
}

static void entries_stay_inside_their_block(void **state)
{
	(void)state;
	entry_case(3, 0x02, FW_SCOPE_CUT);
	entry_case(7, 0x48, FW_SCOPE_CUT);
	entry_case(15, 0x80, FW_SCOPE_CUT);
	entry_case(16, 0x80, FW_SCOPE_UNKNOWN);
	entry_case(32, 0xc0, FW_SCOPE_UNKNOWN);
	entry_case(21, 0xf0, FW_SCOPE_CUT);
	entry_case(22, 0xf0, FW_SCOPE_CUT); /* its name would be 255 bytes */
	entry_case(4, 0x05, FW_SCOPE_UNKNOWN);
	entry_case(8, 0x48, FW_SCOPE_UNKNOWN); /* variety 0 */
}

static void acpi_device(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_ivhd(0x40, 2, 0xfeb80000, 22 + 9 + 22 + 8);
	for (unsigned int text = 0; text < 2; text++) {
		put_entry(0xf0, 0xa5);
		memcpy(lie + lie_bytes, "AMDI0020", 8);
		lie_bytes += 16;
		put(text ? 1 : 2, 1);
		put(text ? 8 : 9, 1);
		memcpy(lie + lie_bytes, text ? "\1\2\3\4\5\6\7\0" : "\\_SB.FUR0", text ? 8 : 9);
		lie_bytes += text ? 8 : 9;
	}
	fw = lie_parse();
	assert_int_equal(fw->problem_count, 0);
	assert_int_equal(fw->scope_count, 2);
	assert_string_equal(fw->scope[0].name, "AMDI0020:\\_SB.FUR0");
	assert_int_equal(fw->scope[0].first, 0xa5);
	assert_string_equal(fw->scope[1].name, "AMDI0020");
	iommu_fw_free(fw);
}

static void every_allocation_may_fail(void **state)
{
	struct iommu_fw *fw = NULL;

	(void)state;
	lie_begin();
	put_ivhd(0x10, 2, 0xfeb80000, 9 * 4);
	for (unsigned int i = 0; i < 9; i++)
		put_entry(0x02, i);
	put_ivmd(0x20, 7, 0, 0x1000, 0x1000);
	length_set();
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ALLOC, n); n++) {
		int err = amdvi_acpi_parse(lie, lie_bytes, &fw);

		assert_int_equal(err, fake_fault_struck() ? -ENOMEM : 0);
		if (err)
			assert_int_equal(fake_live_allocs(), 0);
	}
	iommu_fw_free(fw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			real_tables_match_the_index_and_the_golden_text, setup, teardown),
		cmocka_unit_test_setup_teardown(every_kind_of_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(ranges_that_lie, setup, teardown),
		cmocka_unit_test_setup_teardown(newest_block_of_a_unit_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(regions, setup, teardown),
		cmocka_unit_test_setup_teardown(blocks_are_never_followed_out_of_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(entries_stay_inside_their_block, setup, teardown),
		cmocka_unit_test_setup_teardown(acpi_device, setup, teardown),
		cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
