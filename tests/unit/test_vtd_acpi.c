/* SPDX-License-Identifier: GPL-2.0-only */
/* The DMAR parser: every table of real machines against an independent decoder's facts, and tables that lie. */
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

static unsigned int scopes_of_kind(const struct iommu_fw *fw, unsigned int kind)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < fw->scope_count; i++)
		n += fw->scope[i].kind == kind;
	return n;
}

static unsigned int lists_of_kind(const struct iommu_fw *fw, unsigned int kind)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < fw->list_count; i++)
		n += fw->list[i].kind == kind;
	return n;
}

static void check(const struct corpus_table *t, const char *key, unsigned long got)
{
	if (corpus_fact(t, key) != got)
		fail_msg("%s: %s is %lu, parsed %lu", t->name, key, corpus_fact(t, key), got);
}

static void facts_check_units(const struct corpus_table *t, const struct iommu_fw *fw)
{
	unsigned int all = 0, base0 = 0, sized = 0;

	for (uint32_t i = 0; i < fw->unit_count; i++) {
		all += fw->unit[i].raw_flags & 1;
		base0 += fw->unit[i].base == 0;
		sized += fw->unit[i].bytes != PAGE_SIZE;
	}
	check(t, "drhd", fw->unit_count);
	check(t, "incl", all);
	check(t, "drhd_size", sized != 0);
	assert_int_equal(base0 != 0, strstr(t->facts, "FLAGS:drhd-base-0") != NULL);
	assert_int_equal(problem_count(fw, FW_UNIT_BASE), base0);
}

static void facts_check_scopes(const struct corpus_table *t, const struct iommu_fw *fw)
{
	unsigned int multi_hop = 0, multi_scope = 0;

	for (uint32_t i = 0; i < fw->scope_count; i++)
		multi_hop += fw->scope[i].hops > 1;
	for (uint32_t i = 0; i < fw->region_count; i++)
		multi_scope += fw->region[i].scopes.count > 1;
	check(t, "ioapic", scopes_of_kind(fw, IOMMU_SCOPE_IOAPIC));
	check(t, "hpet", scopes_of_kind(fw, IOMMU_SCOPE_HPET));
	check(t, "acpins", scopes_of_kind(fw, IOMMU_SCOPE_ACPI));
	check(t, "multipath", multi_hop != 0);
	check(t, "rmrr_multi", multi_scope);
}

static void table_check(const struct corpus_table *t, void *ctx)
{
	struct iommu_fw *fw;

	fprintf(ctx, "--- %s\n", t->name);
	assert_int_equal(corpus_fact(t, "len"), t->length);
	assert_int_equal(vtd_acpi_parse(t->bytes, t->length, &fw), 0);
	check(t, "rev", fw->revision);
	check(t, "width", fw->address_width);
	check(t, "dflags", fw->flags);
	check(t, "rmrr", fw->region_count);
	check(t, "rhsa", fw->affinity_count);
	check(t, "andd", fw->acpi_count);
	check(t, "atsr", lists_of_kind(fw, IOMMU_LIST_ATSR));
	check(t, "satc", lists_of_kind(fw, IOMMU_LIST_SATC));
	check(t, "sidp", lists_of_kind(fw, IOMMU_LIST_SIDP));
	facts_check_units(t, fw);
	facts_check_scopes(t, fw);
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
	assert_int_equal(corpus_each("dmar", table_check, out), 128);
	fake_log_to(NULL);
	fclose(out);
	golden_compare("tests/fixtures/acpi/dmar/golden.txt", text);
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
	memcpy(lie, "DMAR", 4);
	lie[8] = 1;
	lie[36] = 38;
	lie_bytes = 48;
	length_set();
}

static void put_drhd(uint64_t base, unsigned int flags, unsigned int scope_bytes)
{
	put(0, 2);
	put(16 + scope_bytes, 2);
	put(flags, 2);
	put(0, 2);
	put(base, 8);
}

static void put_rmrr(uint64_t base, uint64_t limit, unsigned int scope_bytes)
{
	put(1, 2);
	put(24 + scope_bytes, 2);
	put(0, 4);
	put(base, 8);
	put(limit, 8);
}

static void put_scope(unsigned int type, unsigned int length, unsigned int dev, unsigned int fn)
{
	put(type, 1);
	put(length, 1);
	put(0, 4);
	put(dev, 1);
	put(fn, 1);
}

static struct iommu_fw *lie_parse(void)
{
	struct iommu_fw *fw;

	length_set();
	assert_int_equal(vtd_acpi_parse(lie, lie_bytes, &fw), 0);
	return fw;
}

static void assert_problem(const struct iommu_fw *fw, unsigned int n, unsigned int code, uint32_t offset)
{
	assert_true(n < fw->problem_count);
	assert_string_equal(iommu_fw_problem_what(fw->problem[n].code), iommu_fw_problem_what(code));
	assert_int_equal(fw->problem[n].offset, offset);
}

static void bad_bases_are_refused(void **state)
{
	static const uint64_t bases[] = {0, ~0UL, 0xfed90010, 1UL << 52};
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
		put_drhd(bases[i], 1, 0);
	put_drhd(0xfed91000, 1, 0);
	fw = lie_parse();
	assert_int_equal(fw->unit_count, 5);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(fw->unit[i].state, IOMMU_UNIT_REFUSED);
		assert_problem(fw, i, FW_UNIT_BASE, 48 + 16 * i);
	}
	assert_int_equal(fw->problem_count, 4);
	assert_int_equal(fw->unit[4].state, IOMMU_UNIT_USABLE);
	assert_true(fw->unit[4].all);
	assert_true(fake_log_has("iommu: DMAR offset 0x30: impossible register base (0x0): unit ignored"));
	iommu_fw_free(fw);
}

static void twins_are_refused(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_drhd(0xfed90000, 1, 0);
	put_drhd(0xfed90000, 0, 8);
	put_scope(1, 8, 2, 0);
	put_drhd(0xfed92000, 1, 0);
	put_drhd(0xfed93000, 0, 0);
	fw = lie_parse();
	assert_int_equal(fw->unit[1].state, IOMMU_UNIT_REFUSED);
	assert_problem(fw, 0, FW_UNIT_TWICE, 64);
	assert_problem(fw, 1, FW_UNIT_ALL_TWICE, 88);
	assert_false(fw->unit[2].all);
	assert_problem(fw, 2, FW_SCOPE_NONE, 88);
	assert_problem(fw, 3, FW_SCOPE_NONE, 104);
	assert_int_equal(fw->problem_count, 4);
	iommu_fw_free(fw);
}

static void region_case(uint64_t base, uint64_t limit, bool usable, unsigned int code)
{
	struct iommu_fw *fw;

	lie_begin();
	put_rmrr(base, limit, 8);
	put_scope(1, 8, 0x1d, 0);
	fw = lie_parse();
	assert_int_equal(fw->region_count, 1);
	assert_int_equal(fw->region[0].usable, usable);
	if (code < FW_PROBLEM_CODES)
		assert_problem(fw, 0, code, 48);
	assert_int_equal(fw->problem_count, code < FW_PROBLEM_CODES ? 1 : 0);
	iommu_fw_free(fw);
}

static void regions_that_lie_are_ignored_or_widened(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	region_case(0x8a68a000, 0x8a6a9fff, true, FW_PROBLEM_CODES);
	region_case(0x8a6aa000, 0x8a68afff, false, FW_REGION_INVERTED);
	region_case(0, 0, false, FW_REGION_INVERTED);
	region_case(0x8a68a010, 0x8a6a9fff, true, FW_REGION_UNALIGNED);
	region_case(0x8a68a000, 0x8a6a9ff0, true, FW_REGION_UNALIGNED);
	region_case(0x8a68a000, ~0UL, false, FW_REGION_BEYOND);
	region_case(0x8a68a000, (1UL << 52) | 0xfff, false, FW_REGION_BEYOND);
	lie_begin();
	put_rmrr(0x1010, 0x2ff0, 0);
	fw = lie_parse();
	assert_int_equal(fw->region[0].base, 0x1000);
	assert_int_equal(fw->region[0].last, 0x2fff);
	assert_false(fw->region[0].usable);
	assert_problem(fw, 1, FW_SCOPE_NONE, 48);
	iommu_fw_free(fw);
}

static void scopes_stay_inside_their_structure(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_drhd(0xfed90000, 1, 24);
	put_scope(1, 8, 2, 0);
	put_scope(1, 16, 3, 0); /* reaches into the next structure's first 8 bytes */
	put_scope(1, 0, 4, 0);
	put_drhd(0xfed91000, 0, 8);
	put_scope(1, 16, 5, 0);
	put_drhd(0xfed92000, 0, 8);
	put_scope(1, 0, 6, 0);
	put_drhd(0xfed93000, 0, 1);
	put(1, 1);
	fw = lie_parse();
	assert_int_equal(fw->unit_count, 4);
	assert_int_equal(fw->unit[0].scopes.count, 2); /* the second swallowed the third */
	assert_int_equal(fw->scope[1].hops, 5);
	assert_false(fw->scope[1].resolved);
	assert_int_equal(fw->scope[0].first, 2 << 3);
	assert_int_equal(fw->unit[1].scopes.count, 0);
	assert_problem(fw, 0, FW_SCOPE_CUT, 48 + 40 + 16);
	assert_problem(fw, 1, FW_SCOPE_SHORT, 48 + 40 + 24 + 16);
	assert_problem(fw, 2, FW_SCOPE_SHORT, 48 + 40 + 24 + 24 + 16);
	iommu_fw_free(fw);
}

static void scopes_that_no_device_can_have(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_drhd(0xfed90000, 1, 8 * 5 + 9 + 40);
	put_scope(1, 8, 32, 0);
	put_scope(1, 8, 0, 8);
	put_scope(0, 8, 1, 0);
	put_scope(6, 8, 1, 0);
	put_scope(3, 8, 0x1f, 7);
	put_scope(1, 9, 1, 0);
	put(0, 1);
	put_scope(2, 40, 1, 0); /* 17 hops */
	for (unsigned int i = 0; i < 16; i++)
		put(0, 2);
	fw = lie_parse();
	assert_int_equal(fw->scope_count, 1);
	assert_int_equal(fw->scope[0].kind, IOMMU_SCOPE_IOAPIC);
	assert_int_equal(fw->scope[0].first, 0xff);
	assert_problem(fw, 0, FW_SCOPE_PATH, 64);
	assert_problem(fw, 1, FW_SCOPE_PATH, 72);
	assert_problem(fw, 2, FW_SCOPE_UNKNOWN, 80);
	assert_problem(fw, 3, FW_SCOPE_UNKNOWN, 88);
	assert_problem(fw, 4, FW_SCOPE_PATH, 104);
	assert_problem(fw, 5, FW_SCOPE_PATH, 113);
	assert_int_equal(fw->problem_count, 6);
	iommu_fw_free(fw);
}

static void structure_case(unsigned int type, unsigned int length, unsigned int tail, unsigned int code)
{
	struct iommu_fw *fw;

	lie_begin();
	put_drhd(0xfed90000, 1, 0);
	put(type, 2);
	put(length, 2);
	for (unsigned int i = 4; i < tail; i++)
		put(0, 1);
	fw = lie_parse();
	assert_int_equal(fw->unit_count, 1);
	assert_problem(fw, 0, code, 64);
	assert_int_equal(fw->problem_count, 1);
	iommu_fw_free(fw);
}

static void structures_are_never_followed_out_of_the_table(void **state)
{
	static const uint8_t minimum[] = {16, 24, 8, 20, 8, 8, 8};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(minimum); i++)
		structure_case(i, minimum[i] - 1U, minimum[i] - 1U, FW_STRUCTURE_SHORT);
	structure_case(7, 12, 12, FW_STRUCTURE_UNKNOWN);
	structure_case(0, 0, 32, FW_STRUCTURE_ZERO);
	structure_case(0, 3, 32, FW_STRUCTURE_ZERO);
	structure_case(0, 64, 63, FW_STRUCTURE_CUT);
	structure_case(0, 0xffff, 16, FW_STRUCTURE_CUT);
}

static void odd_tail_and_cut_table(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	put_drhd(0xfed90000, 1, 0);
	put(0, 3);
	fw = lie_parse();
	assert_problem(fw, 0, FW_STRUCTURE_ZERO, 64);
	iommu_fw_free(fw);
	lie[4] = 200;
	assert_int_equal(vtd_acpi_parse(lie, 64, &fw), 0);
	assert_problem(fw, 0, FW_TABLE_CUT, 4);
	assert_int_equal(fw->unit_count, 1);
	iommu_fw_free(fw);
}

static void not_a_table(void **state)
{
	struct iommu_fw *fw = NULL;

	(void)state;
	lie_begin();
	assert_int_equal(vtd_acpi_parse(lie, 47, &fw), -EINVAL);
	lie[4] = 47;
	assert_int_equal(vtd_acpi_parse(lie, 48, &fw), -EINVAL);
	lie_begin();
	lie[0] = 'X';
	assert_int_equal(vtd_acpi_parse(lie, 48, &fw), -EINVAL);
	assert_null(fw);
}

static void width_name_and_affinity(void **state)
{
	static const char longest[] = "\\_SB.PCI0.A123456789.B123456789.C123456789.D";
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	lie[36] = 200;
	put(4, 2);
	put(8 + sizeof(longest), 2);
	put(0x03000000, 4);
	for (size_t i = 0; i < sizeof(longest); i++)
		put((uint8_t)longest[i], 1);
	put(4, 2);
	put(10, 2);
	put(0x04000000, 4);
	put(0x0741, 2);
	put(3, 2);
	put(20, 2);
	put(0, 4);
	put(0xfed90000, 8);
	put(1, 4);
	fw = lie_parse();
	assert_int_equal(fw->address_width, 0);
	assert_problem(fw, 0, FW_WIDTH, 36);
	assert_problem(fw, 1, FW_NAME, 48);
	assert_int_equal(strlen(fw->acpi[0].name), IOMMU_FW_NAME_MAX - 1);
	assert_int_equal(fw->acpi[0].number, 3);
	assert_problem(fw, 2, FW_NAME, 48 + 8 + sizeof(longest));
	assert_string_equal(fw->acpi[1].name, "A");
	assert_problem(fw, 3, FW_AFFINITY_UNMATCHED, 48 + 8 + sizeof(longest) + 10);
	iommu_fw_free(fw);
}

static void problems_beyond_the_list_are_counted(void **state)
{
	struct iommu_fw *fw;

	(void)state;
	lie_begin();
	for (unsigned int i = 0; i < 100; i++)
		put(0x00040009, 4);
	fw = lie_parse();
	assert_int_equal(fw->problem_count, 100);
	assert_int_equal(fake_log_count(ENV_LOG_WARN), IOMMU_FW_PROBLEMS_MAX);
	iommu_fw_free(fw);
}

static void every_allocation_may_fail(void **state)
{
	struct iommu_fw *fw = NULL;

	(void)state;
	lie_begin();
	put_drhd(0xfed90000, 1, 9 * 8);
	for (unsigned int i = 0; i < 9; i++)
		put_scope(1, 8, i, 0);
	put_rmrr(0x1000, 0x1fff, 8);
	put_scope(1, 8, 2, 0);
	length_set();
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ALLOC, n); n++) {
		int err = vtd_acpi_parse(lie, lie_bytes, &fw);

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
		cmocka_unit_test_setup_teardown(bad_bases_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(twins_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(regions_that_lie_are_ignored_or_widened, setup, teardown),
		cmocka_unit_test_setup_teardown(scopes_stay_inside_their_structure, setup, teardown),
		cmocka_unit_test_setup_teardown(scopes_that_no_device_can_have, setup, teardown),
		cmocka_unit_test_setup_teardown(
			structures_are_never_followed_out_of_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_tail_and_cut_table, setup, teardown),
		cmocka_unit_test_setup_teardown(not_a_table, setup, teardown),
		cmocka_unit_test_setup_teardown(width_name_and_affinity, setup, teardown),
		cmocka_unit_test_setup_teardown(problems_beyond_the_list_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
