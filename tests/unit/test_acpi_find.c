/* SPDX-License-Identifier: GPL-2.0-only */
/* From the root pointer to the tables: where it may stand, and all that may be wrong on the way. */
#include "unit.h"
#include <hv/acpi.h>
#include "acpi_build.h"
#include "hv_log.h"
#include "phys.h"

#define XSDT   0x7ff00000
#define RSDT   0x7ff10000
#define TABLES 0x7ff20000

static const uint8_t no_copy[36];
static struct acpi_build b;
static uint8_t rsdp[36];
static paddr_t next_table;
static paddr_t listed[8];
static uint32_t listed_count;

static uint8_t sum(const uint8_t *p, size_t n)
{
	uint8_t s = 0;

	while (n-- > 0)
		s = (uint8_t)(s + *p++);
	return s;
}

static void rsdp_checksums(void)
{
	rsdp[8] = 0;
	rsdp[8] = (uint8_t)-sum(rsdp, 20);
	rsdp[32] = 0;
	rsdp[32] = (uint8_t)-sum(rsdp, 36);
}

static void rsdp_make(uint8_t revision, uint32_t rsdt, uint64_t xsdt)
{
	memset(rsdp, 0, sizeof(rsdp));
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	fake_put32(rsdp + 16, rsdt);
	fake_put32(rsdp + 20, 36);
	fake_put64(rsdp + 24, xsdt);
	rsdp_checksums();
}

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_phys_reset();
	acpi_wanted = true;
	next_table = TABLES;
	listed_count = 0;
	rsdp_make(2, RSDT, XSDT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(fake_acpi_mapped, 0);
	fake_phys_reset();
	return 0;
}

/* The table in b gets an address, and a place in the list. */
static paddr_t place(void)
{
	paddr_t at = next_table;

	fake_phys_copy(at, b.data, b.bytes);
	listed[listed_count++] = at;
	next_table += 0x1000;
	return at;
}

static paddr_t place_simple(const char *signature)
{
	build_start(&b, signature, 1, 44);
	return place();
}

static paddr_t place_madt(uint8_t apic_id)
{
	uint8_t *e;

	build_start(&b, "APIC", 1, 44);
	e = build_entry(&b, 0, 8);
	e[3] = apic_id;
	e[4] = 1;
	build_finish(&b);
	return place();
}

static void root_make(const char *signature, paddr_t at, uint32_t width)
{
	build_start(&b, signature, 1, 36 + width * listed_count);
	for (uint32_t i = 0; i < listed_count; i++)
		memcpy(b.data + 36 + width * i, &listed[i], width);
	build_finish(&b);
	fake_phys_copy(at, b.data, b.bytes);
}

static void test_copy_and_xsdt(void **state)
{
	struct acpi_table t;
	paddr_t dmar;

	(void)state;
	place_madt(3);
	dmar = place_simple("DMAR");
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_true(acpi.has_madt);
	assert_false(acpi.has_mcfg);
	assert_int_equal(acpi.madt.cpu[0].apic_id, 3);
	assert_int_equal(acpi_table_get("DMAR", &t), 0);
	assert_string_equal(t.signature, "DMAR");
	assert_int_equal(t.base, dmar);
	assert_int_equal(t.bytes, 44);
	assert_memory_equal(t.data, "DMAR", 4);
	acpi_table_put(&t);
	assert_null(t.data);
	assert_int_equal(acpi_table_get("IVRS", &t), -ENOENT);
	assert_string_equal(acpi_table_at(0)->signature, "APIC");
	assert_string_equal(acpi_table_at(1)->signature, "DMAR");
	assert_null(acpi_table_at(2));
	assert_true(fake_log_has("acpi: 2 tables in the XSDT at 0x7ff00000"));
}

static void test_rsdt_of_old_machine(void **state)
{
	(void)state;
	rsdp_make(0, RSDT, 0x1234567812345678);
	place_madt(1);
	root_make("RSDT", RSDT, 4);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_true(acpi.has_madt);
}

static void test_bios_area(void **state)
{
	uint8_t *area = fake_phys_add(0xe0000, 0x20000);

	(void)state;
	place_madt(1);
	root_make("XSDT", XSDT, 8);
	memcpy(area + 0x100, "RSD PTR ", 8); /* not one: its checksum is wrong */
	memcpy(area + 0x14650, rsdp, 36);
	assert_int_equal(acpi_init(no_copy), 0);
	assert_true(acpi.has_madt);
	assert_true(fake_log_has("acpi: RSDP at 0xe0100: bad checksum or length: ignored"));
}

/* An old one in the last 20 bytes that can hold it. */
static void test_bios_area_end(void **state)
{
	uint8_t *area = fake_phys_add(0xe0000, 0x20000);

	(void)state;
	rsdp_make(0, RSDT, 0);
	place_madt(1);
	root_make("RSDT", RSDT, 4);
	memcpy(area + 0x1ffe0, rsdp, 20);
	assert_int_equal(acpi_init(no_copy), 0);
	/* The last 16 bytes hold none. */
	memset(area + 0x1ffe0, 0, 20);
	memcpy(area + 0x1fff0, rsdp, 16);
	assert_int_equal(acpi_init(no_copy), -ENOENT);
}

static void test_ebda(void **state)
{
	uint8_t *pointer = fake_phys_add(0x40e, 2);
	uint8_t *ebda = fake_phys_add(0x9fc00, 0x400);

	(void)state;
	fake_put16(pointer, 0x9fc0);
	memcpy(ebda + 0x3d0, rsdp, 36);
	place_madt(1);
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(no_copy), 0);
	assert_true(acpi.has_madt);
	/* A pointer that is none: the EBDA is below 640 KiB. */
	fake_phys_copy(0xa0000, ebda, 0x400);
	fake_put16(pointer, 0xa000);
	assert_int_equal(acpi_init(no_copy), -ENOENT);
	fake_put16(pointer, 0);
	assert_int_equal(acpi_init(no_copy), -ENOENT);
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(acpi_init(no_copy), -ENOENT);
	assert_false(acpi.has_madt);
	assert_null(acpi_table_at(0));
	assert_true(fake_log_has("acpi: no RSDP"));
}

static void test_off(void **state)
{
	(void)state;
	place_madt(1);
	root_make("XSDT", XSDT, 8);
	acpi_wanted = false;
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_false(acpi.has_madt);
	assert_true(fake_log_has("acpi: not used: acpi=off"));
}

/* acpi=off after nothing; a second call forgets the first. */
static void test_again(void **state)
{
	(void)state;
	place_madt(1);
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_int_equal(acpi_init(no_copy), -ENOENT);
	assert_false(acpi.has_madt);
	assert_null(acpi_table_at(0));
}

static void test_rsdp_bad(void **state)
{
	(void)state;
	rsdp[33] ^= 1; /* only the extended checksum sees it */
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_true(fake_log_has("the loader's RSDP has a bad signature, checksum or length"));
	rsdp_make(2, RSDT, XSDT);
	fake_put32(rsdp + 20, 40);
	rsdp_checksums();
	fake_log_reset();
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_true(fake_log_has("the loader's RSDP has a bad signature, checksum or length"));
}

/* A bad XSDT: the RSDT is used. */
static void test_xsdt_bad(void **state)
{
	(void)state;
	place_madt(7);
	root_make("RSDT", RSDT, 4);
	b.data[40] ^= 1;
	memcpy(b.data, "XSDT", 4);
	fake_phys_copy(XSDT, b.data, b.bytes);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_int_equal(acpi.madt.cpu[0].apic_id, 7);
	assert_true(fake_log_has("acpi: XSDT: offset 0x9: checksum"));
	assert_true(fake_log_has("tables in the RSDT"));
}

static void test_no_root(void **state)
{
	(void)state;
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_true(fake_log_has("acpi: XSDT at 0x7ff00000: cannot be read"));
	assert_true(fake_log_has("acpi: RSDT at 0x7ff10000: cannot be read"));
	assert_true(fake_log_has("neither the XSDT at 0x7ff00000 nor the RSDT at 0x7ff10000 is usable"));
}

static void test_root_lengths(void **state)
{
	uint8_t *p = fake_phys_add(XSDT, 64);

	(void)state;
	memcpy(p, "XSDT", 4);
	fake_put32(p + 4, 35);
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_true(fake_log_has("acpi: XSDT at 0x7ff00000: offset 0x4: length 35 is impossible"));
	fake_put32(p + 4, 0xffffffff);
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_true(fake_log_has("length 4294967295 is impossible"));
	fake_put32(p + 4, 65);
	assert_int_equal(acpi_init(rsdp), -ENOENT);
	assert_true(fake_log_has("its 65 bytes cannot be read"));
}

static void test_table_entries_bad(void **state)
{
	paddr_t first;

	(void)state;
	first = place_madt(1);
	listed[listed_count++] = first;
	listed[listed_count++] = 0;
	listed[listed_count++] = 0xffffffffffffff00;
	build_start(&b, "MCFG", 1, 44);
	b.data[9] ^= 1;
	place();
	place_simple("SSDT");
	place_simple("SSDT");
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_true(acpi.has_madt);
	assert_null(acpi_table_at(3));
	assert_true(fake_log_has("acpi: APIC at 0x7ff20000 is listed twice"));
	assert_true(fake_log_has("acpi: XSDT: 1 empty entries"));
	assert_true(fake_log_has("acpi: table at 0xffffffffffffff00: cannot be read"));
	assert_true(fake_log_has("acpi: MCFG: offset 0x9: checksum 0x"));
}

static void test_second_madt(void **state)
{
	(void)state;
	place_madt(1);
	place_madt(2);
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_int_equal(acpi.madt.cpu[0].apic_id, 1);
	assert_true(fake_log_has("acpi: APIC at 0x7ff21000: ignored, the first one is at 0x7ff20000"));
}

static void test_unprintable_signature(void **state)
{
	struct acpi_table t;

	(void)state;
	place_simple("A\x01\xff ");
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_null(acpi_table_at(0));
	assert_int_equal(acpi_table_get("A???", &t), -ENOENT);
	assert_true(fake_log_has("acpi: A???"));
}

/* Somebody has overwritten a table since it was found. */
static void test_table_changed(void **state)
{
	struct acpi_table t;
	uint8_t *p;

	(void)state;
	build_start(&b, "DMAR", 1, 48);
	p = fake_phys_copy(TABLES, b.data, b.bytes);
	listed[listed_count++] = TABLES;
	root_make("XSDT", XSDT, 8);
	assert_int_equal(acpi_init(rsdp), 0);
	p[44] = 1;
	assert_int_equal(acpi_table_get("DMAR", &t), -EINVAL);
	p[44] = 0;
	p[0] = 'X';
	p[9]--;
	assert_int_equal(acpi_table_get("DMAR", &t), -EINVAL);
	assert_true(fake_log_has("acpi: DMAR: offset 0x0: another signature"));
}

static void test_too_many(void **state)
{
	(void)state;
	build_start(&b, "XSDT", 1, 36 + 8 * 600);
	build_finish(&b);
	fake_phys_copy(XSDT, b.data, b.bytes);
	assert_int_equal(acpi_init(rsdp), 0);
	assert_true(fake_log_has("acpi: XSDT: 600 entries: only the first 512 are looked at"));
	assert_true(fake_log_has("acpi: XSDT: 512 empty entries"));
	assert_true(fake_log_has("acpi: 0 tables in the XSDT"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_copy_and_xsdt),
		T(test_rsdt_of_old_machine),
		T(test_bios_area),
		T(test_bios_area_end),
		T(test_ebda),
		T(test_none),
		T(test_off),
		T(test_again),
		T(test_rsdp_bad),
		T(test_xsdt_bad),
		T(test_no_root),
		T(test_root_lengths),
		T(test_table_entries_bad),
		T(test_second_madt),
		T(test_unprintable_signature),
		T(test_table_changed),
		T(test_too_many),
	};

	return cmocka_run_group_tests_name("acpi_find", tests, NULL, NULL);
}
