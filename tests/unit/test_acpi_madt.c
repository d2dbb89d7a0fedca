/* SPDX-License-Identifier: GPL-2.0-only */
/* MADT entries one by one, good and bad; the header's checks, which all tables share. */
#include <stdlib.h>
#include "unit.h"
#include <hv/acpi.h>
#include "acpi_build.h"
#include "hv_log.h"
#include "phys.h"

static struct acpi_build b;
static struct acpi_madt m;

static void add_cpu(uint8_t uid, uint8_t apic_id, uint32_t flags)
{
	uint8_t *e = build_entry(&b, 0, 8);

	e[2] = uid;
	e[3] = apic_id;
	fake_put32(e + 4, flags);
}

static void add_x2apic(uint32_t apic_id, uint32_t flags, uint32_t uid)
{
	uint8_t *e = build_entry(&b, 9, 16);

	fake_put32(e + 4, apic_id);
	fake_put32(e + 8, flags);
	fake_put32(e + 12, uid);
}

static void add_ioapic(uint8_t id, uint32_t base, uint32_t gsi)
{
	uint8_t *e = build_entry(&b, 1, 12);

	e[2] = id;
	fake_put32(e + 4, base);
	fake_put32(e + 8, gsi);
}

static void add_override(uint8_t bus, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	uint8_t *e = build_entry(&b, 2, 10);

	e[2] = bus;
	e[3] = irq;
	fake_put32(e + 4, gsi);
	fake_put16(e + 8, flags);
}

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	build_start(&b, "APIC", 5, 44);
	fake_put32(b.data + 36, 0xfee00000);
	fake_put32(b.data + 40, 1);
	add_cpu(1, 0, 1);
	return 0;
}

/* The parser reads a block of exactly the table's size, so that ASan sees what is beyond. */
static int parse_bytes(size_t bytes)
{
	uint8_t *exact = malloc(bytes);
	int rc;

	assert_non_null(exact);
	memcpy(exact, b.data, bytes);
	rc = acpi_madt_parse(exact, bytes, &m);
	free(exact);
	return rc;
}

static int parse(void)
{
	build_finish(&b);
	return parse_bytes(b.bytes);
}

static void test_usual(void **state)
{
	uint8_t *e;

	(void)state;
	add_cpu(2, 1, 1);
	add_cpu(3, 2, 0);
	add_cpu(4, 0xff, 0);
	add_x2apic(0x100, 1, 0x204);
	add_ioapic(8, 0xfec00000, 0);
	add_ioapic(9, 0xfec01000, 24);
	add_override(0, 0, 2, 0);
	add_override(0, 9, 9, 0xd);
	e = build_entry(&b, 3, 8);
	fake_put16(e + 2, 7);
	fake_put32(e + 4, 30);
	e = build_entry(&b, 4, 6);
	e[2] = 0xff;
	fake_put16(e + 3, 5);
	e[5] = 1;
	e = build_entry(&b, 10, 12);
	fake_put16(e + 2, 0);
	fake_put32(e + 4, 0x204);
	e[8] = 0;
	build_entry(&b, 0x10, 16); /* multiprocessor wakeup: not ours */
	assert_int_equal(parse(), 0);
	assert_int_equal(fake_log_count, 0);
	assert_int_equal(m.lapic_base, 0xfee00000);
	assert_true(m.has_8259);
	assert_int_equal(m.cpu_count, 3);
	assert_int_equal(m.cpus_disabled, 2);
	assert_int_equal(m.cpu[1].apic_id, 1);
	assert_int_equal(m.cpu[1].uid, 2);
	assert_int_equal(m.cpu[2].apic_id, 0x100);
	assert_int_equal(m.cpu[2].uid, 0x204);
	assert_int_equal(m.ioapic_count, 2);
	assert_int_equal(m.ioapic[1].id, 9);
	assert_int_equal(m.ioapic[1].base, 0xfec01000);
	assert_int_equal(m.ioapic[1].gsi_base, 24);
	assert_int_equal(m.override_count, 2);
	assert_int_equal(m.override[0].gsi, 2);
	assert_int_equal(m.override[0].trigger, ACPI_CONFORMS);
	assert_int_equal(m.override[1].polarity, ACPI_HIGH_OR_EDGE);
	assert_int_equal(m.override[1].trigger, ACPI_LOW_OR_LEVEL);
	assert_int_equal(m.nmi_count, 1);
	assert_int_equal(m.nmi[0].gsi, 30);
	assert_int_equal(m.nmi[0].polarity, ACPI_LOW_OR_LEVEL);
	assert_int_equal(m.lapic_nmi_count, 2);
	assert_int_equal(m.lapic_nmi[0].uid, ACPI_ALL_CPUS);
	assert_int_equal(m.lapic_nmi[0].lint, 1);
	assert_int_equal(m.lapic_nmi[1].uid, 0x204);
	assert_int_equal(m.entries_other, 1);
	assert_int_equal(m.entries_ignored, 0);
}

static void test_lapic_base(void **state)
{
	uint8_t *e = build_entry(&b, 5, 12);

	(void)state;
	fake_put64(e + 4, 0x1fee00000);
	assert_int_equal(parse(), 0);
	assert_int_equal(m.lapic_base, 0x1fee00000);
	fake_put64(e + 4, 0x1fee00010);
	assert_int_equal(parse(), 0);
	assert_int_equal(m.lapic_base, 0xfee00000);
	assert_true(fake_log_has("acpi: MADT: offset 0x34: APIC address: impossible address: ignored"));
}

static void test_bad_entries(void **state)
{
	static const char *const want[] = {
		"offset 0x34: processor: this APIC id stands there already",
		"offset 0x3c: processor: APIC id 255 is the broadcast",
		"offset 0x44: x2APIC processor: this APIC id stands there already",
		"offset 0x54: x2APIC processor: APIC id 0xffffffff is the broadcast",
		"offset 0x64: IOAPIC: impossible address",
		"offset 0x7c: IOAPIC: this address stands there already",
		"offset 0x88: IOAPIC: this first interrupt stands there already",
	};

	(void)state;
	add_cpu(2, 0, 1);
	add_cpu(3, 0xff, 1);
	add_x2apic(0, 1, 9);
	add_x2apic(0xffffffff, 1, 9);
	add_ioapic(1, 0, 0);
	add_ioapic(1, 0xfec00000, 0);
	add_ioapic(2, 0xfec00000, 24);
	add_ioapic(3, 0xfec01000, 0);
	assert_int_equal(parse(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		if (!fake_log_has(want[i]))
			fail_msg("no line: %s", want[i]);
	}
	assert_int_equal(m.entries_ignored, ARRAY_SIZE(want));
	assert_int_equal(m.cpu_count, 1);
	assert_int_equal(m.ioapic_count, 1);
}

static void test_bad_lines(void **state)
{
	uint8_t *e;

	(void)state;
	add_override(1, 0, 2, 0);  /* 0x34 */
	add_override(0, 16, 2, 0); /* 0x3e */
	add_override(0, 5, 5, 2);  /* 0x48 */
	add_override(0, 5, 5, 8);  /* 0x52 */
	add_override(0, 5, 5, 0);
	add_override(0, 5, 6, 0);  /* 0x66 */
	e = build_entry(&b, 4, 6); /* 0x70 */
	e[5] = 2;
	assert_int_equal(parse(), 0);
	assert_int_equal(m.override_count, 1);
	assert_int_equal(m.override[0].gsi, 5);
	assert_int_equal(m.entries_ignored, 6);
	assert_true(fake_log_has("offset 0x34: interrupt override: not of the ISA bus"));
	assert_true(fake_log_has("offset 0x3e: interrupt override: not an ISA interrupt"));
	assert_true(fake_log_has("offset 0x48: interrupt override: reserved polarity"));
	assert_true(fake_log_has("offset 0x52: interrupt override: reserved polarity"));
	assert_true(fake_log_has("offset 0x66: interrupt override: this interrupt stands there already"));
	assert_true(fake_log_has("offset 0x70: processor NMI: not LINT0 or LINT1"));
}

static void test_short_entries(void **state)
{
	static const uint8_t types[] = {0, 1, 2, 3, 4, 5, 9, 10};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		build_entry(&b, types[i], 2);
	assert_int_equal(parse(), 0);
	assert_int_equal(m.entries_ignored, ARRAY_SIZE(types));
	assert_true(fake_log_has("offset 0x36: IOAPIC: too short"));
}

static void test_entry_length_zero(void **state)
{
	(void)state;
	build_entry(&b, 0, 8)[1] = 0;
	assert_int_equal(parse(), 0);
	assert_int_equal(m.cpu_count, 1);
	assert_true(fake_log_has("acpi: MADT: offset 0x34: entry of 0 bytes, 8 left: rest ignored"));
}

static void test_entry_beyond_end(void **state)
{
	(void)state;
	build_entry(&b, 0, 8)[1] = 9;
	assert_int_equal(parse(), 0);
	assert_true(fake_log_has("offset 0x34: entry of 9 bytes, 8 left: rest ignored"));
	/* Half of an entry's own header. */
	setup(NULL);
	b.bytes++;
	assert_int_equal(parse(), 0);
	assert_true(fake_log_has("offset 0x34: entry of 0 bytes, 1 left: rest ignored"));
}

/* More processors than fit: counted, with a few lines only. */
static void test_too_many(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < NR_CPUS + 20; i++)
		add_x2apic(i, 1, i);
	assert_int_equal(parse(), 0);
	assert_int_equal(m.cpu_count, NR_CPUS);
	assert_int_equal(m.entries_ignored, 20);
	assert_int_equal(fake_log_count, 9);
	assert_true(fake_log_has("more processors than supported"));
	assert_true(fake_log_has("acpi: MADT: 12 more entries ignored"));
}

static void test_too_many_others(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ACPI_IOAPIC_MAX + 1; i++)
		add_ioapic((uint8_t)i, 0xfec00000 + i * 0x1000, i * 24);
	for (uint32_t i = 0; i < ACPI_NMI_MAX + 1; i++)
		build_entry(&b, 3, 8);
	for (uint32_t i = 0; i < NR_CPUS + 1; i++)
		build_entry(&b, 4, 6);
	assert_int_equal(parse(), 0);
	assert_int_equal(m.ioapic_count, ACPI_IOAPIC_MAX);
	assert_int_equal(m.nmi_count, ACPI_NMI_MAX);
	assert_int_equal(m.lapic_nmi_count, NR_CPUS);
	assert_int_equal(m.entries_ignored, 3);
}

static void test_no_cpu(void **state)
{
	(void)state;
	fake_put32(b.data + 48, 0);
	assert_int_equal(parse(), -EINVAL);
	assert_int_equal(m.cpus_disabled, 0); /* empty after an error */
	assert_true(fake_log_has("acpi: MADT: no enabled processor in 52 bytes: ignored"));
}

static void test_header(void **state)
{
	(void)state;
	build_finish(&b);
	assert_int_equal(parse_bytes(b.bytes), 0);
	assert_int_equal(parse_bytes(35), -EINVAL);
	assert_true(fake_log_has("acpi: APIC: 35 bytes are no table"));
	assert_int_equal(parse_bytes(b.bytes - 1), -EINVAL);
	assert_true(fake_log_has("acpi: APIC: offset 0x4: length 52, must be 44 to 51"));
	b.data[50] ^= 1;
	assert_int_equal(parse_bytes(b.bytes), -EINVAL);
	assert_true(fake_log_has("acpi: APIC: offset 0x9: checksum 0x"));
	b.data[0] = 'X';
	assert_int_equal(parse_bytes(b.bytes), -EINVAL);
	assert_true(fake_log_has("acpi: APIC: offset 0x0: another signature"));
	build_start(&b, "APIC", 5, 43);
	assert_int_equal(parse_bytes(b.bytes), -EINVAL);
	assert_true(fake_log_has("length 43, must be 44 to 43"));
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_usual),
		T(test_lapic_base),
		T(test_bad_entries),
		T(test_bad_lines),
		T(test_short_entries),
		T(test_entry_length_zero),
		T(test_entry_beyond_end),
		T(test_too_many),
		T(test_too_many_others),
		T(test_no_cpu),
		T(test_header),
	};

	return cmocka_run_group_tests_name("acpi_madt", tests, NULL, NULL);
}
