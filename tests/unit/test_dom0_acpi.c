/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables that are made for dom0, read back by the hypervisor's own parser. */
#include "unit.h"
#include <stdlib.h>
#include <hv/acpi.h>
#include <hv/domain.h>
#include "hv_log.h"
#include "xen/domain/dom0_priv.h"

#define AT 0x7fe00000UL

static struct acpi_madt machine, parsed;
static uint32_t apic_id[VCPU_MAX];
static const uint64_t table[] = {0x7ff01000, 0x1234567890};

static bool sums_to_zero(const uint8_t *p, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0;
}

static uint64_t read(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

static struct dom0_acpi_input input(uint32_t vcpus)
{
	memset(&machine, 0, sizeof(machine));
	machine.lapic_base = 0xfee00000;
	machine.has_8259 = true;
	machine.ioapic_count = 2;
	machine.ioapic[0] = (struct acpi_ioapic){8, 0, 0xfec00000};
	machine.ioapic[1] = (struct acpi_ioapic){9, 24, 0xfec01000};
	machine.override_count = 2;
	machine.override[0] = (struct acpi_override){.irq = 0, .gsi = 2};
	machine.override[1] = (struct acpi_override){
		.irq = 9, .gsi = 20, .polarity = ACPI_LOW_OR_LEVEL, .trigger = ACPI_LOW_OR_LEVEL};
	for (uint32_t i = 0; i < VCPU_MAX; i++)
		apic_id[i] = 2 * i;
	return (struct dom0_acpi_input){
		.madt = &machine, .table = table, .table_count = 2, .vcpus = vcpus, .apic_id = apic_id};
}

static void tables_read_back(void **state)
{
	static const uint32_t counts[] = {1, 2, 128};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(counts); n++) {
		const struct dom0_acpi_input in = input(counts[n]);
		uint64_t bytes = dom0_acpi_bytes(&in);
		uint8_t *p = malloc(bytes), *xsdt, *madt;

		memset(p, 0xee, bytes);
		dom0_acpi_fill(&in, p, AT);
		assert_memory_equal(p, "RSD PTR ", 8);
		assert_true(sums_to_zero(p, 20) && sums_to_zero(p, 36));
		assert_int_equal(p[15], 2);
		xsdt = p + (read(p + 24, 8) - AT);
		assert_memory_equal(xsdt, "XSDT", 4);
		assert_int_equal(read(xsdt + 4, 4), 36 + 8 * 3);
		assert_true(sums_to_zero(xsdt, 60));
		assert_int_equal(read(xsdt + 44, 8), table[0]);
		assert_int_equal(read(xsdt + 52, 8), table[1]);
		madt = p + (read(xsdt + 36, 8) - AT);
		assert_true(sums_to_zero(madt, read(madt + 4, 4)));
		assert_int_equal(acpi_madt_parse(madt, read(madt + 4, 4), &parsed), 0);
		assert_int_equal(parsed.entries_ignored, 0);
		assert_int_equal(parsed.lapic_base, 0xfee00000);
		assert_false(parsed.has_8259);
		assert_int_equal(parsed.cpu_count, counts[n]);
		for (uint32_t i = 0; i < counts[n]; i++) {
			assert_int_equal(parsed.cpu[i].apic_id, 2 * i);
			assert_int_equal(parsed.cpu[i].uid, i);
		}
		assert_int_equal(parsed.ioapic_count, 2);
		assert_memory_equal(parsed.ioapic, machine.ioapic, 2 * sizeof(machine.ioapic[0]));
		assert_int_equal(parsed.override_count, 2);
		assert_int_equal(parsed.override[1].gsi, 20);
		assert_int_equal(parsed.override[1].polarity, ACPI_LOW_OR_LEVEL);
		assert_int_equal(parsed.override[1].trigger, ACPI_LOW_OR_LEVEL);
		free(p);
	}
}

static void hidden_tables(void **state)
{
	(void)state;
	for (const char *const *s =
			(const char *const[]){"APIC", "DMAR", "IVRS", "SRAT", "SLIT", "HPET", "SPCR", NULL};
		*s; s++)
		assert_false(dom0_acpi_wanted(*s));
	for (const char *const *s =
			(const char *const[]){"FACP", "MCFG", "SSDT", "WAET", "TPM2", "BGRT", NULL};
		*s; s++)
		assert_true(dom0_acpi_wanted(*s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_read_back),
		cmocka_unit_test(hidden_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
