/* SPDX-License-Identifier: GPL-2.0-only */
/* MCFG, HPET, FADT, SRAT and SLIT, made by hand. */
#include "unit.h"
#include <hv/acpi.h>
#include "acpi_build.h"
#include "hv_log.h"
#include "phys.h"

static struct acpi_build b;

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	return 0;
}

/* --- MCFG --- */

static struct acpi_mcfg mcfg;

static void mcfg_entry(uint64_t base, uint16_t segment, uint8_t first, uint8_t last)
{
	uint8_t *p = b.data + b.bytes;

	fake_put64(p, base);
	fake_put16(p + 8, segment);
	p[10] = first;
	p[11] = last;
	b.bytes += 16;
}

static int mcfg_parse(void)
{
	build_finish(&b);
	return acpi_mcfg_parse(b.data, b.bytes, &mcfg);
}

static void test_mcfg(void **state)
{
	(void)state;
	build_start(&b, "MCFG", 1, 44);
	mcfg_entry(0xe0000000, 0, 0, 0x7f);
	mcfg_entry(0xe0000000, 0, 0x80, 0xff);
	mcfg_entry(0x4000000000, 1, 0, 0xff);
	assert_int_equal(mcfg_parse(), 0);
	assert_int_equal(mcfg.count, 3);
	assert_int_equal(mcfg.ecam[1].first_bus, 0x80);
	assert_int_equal(mcfg.ecam[2].base, 0x4000000000);
	assert_int_equal(mcfg.ecam[2].segment, 1);
	assert_int_equal(fake_log_count, 0);
}

static void test_mcfg_bad(void **state)
{
	(void)state;
	build_start(&b, "MCFG", 1, 44);
	mcfg_entry(0xe0000000, 0, 5, 4);
	mcfg_entry(0, 0, 0, 4);
	mcfg_entry(0xe0001000, 0, 0, 4);
	mcfg_entry(0xfffffffffff00000, 0, 0, 0);
	assert_int_equal(mcfg_parse(), -EINVAL);
	assert_int_equal(mcfg.entries_ignored, 4);
	assert_true(fake_log_has("MCFG: offset 0x2c: segment 0 buses 05-04 at 0xe0000000: last bus before"));
	assert_true(fake_log_has("MCFG: offset 0x3c: segment 0 buses 00-04 at 0x0: impossible address"));
	assert_true(
		fake_log_has("MCFG: offset 0x4c: segment 0 buses 00-04 at 0xe0001000: impossible address"));
	assert_true(fake_log_has("MCFG: offset 0x5c: segment 0 buses 00-00 at 0xfffffffffff00000: wraps"));
	assert_true(fake_log_has("MCFG: no usable entry in 108 bytes"));
}

static void test_mcfg_overlap_leftover_full(void **state)
{
	(void)state;
	build_start(&b, "MCFG", 1, 44);
	mcfg_entry(0xe0000000, 0, 0, 0x3f);
	mcfg_entry(0xf0000000, 0, 0x3f, 0x50);
	for (uint16_t i = 1; i <= ACPI_MCFG_MAX; i++)
		mcfg_entry(0x4000000000, i, 0, 1);
	b.bytes += 7;
	assert_int_equal(mcfg_parse(), 0);
	assert_int_equal(mcfg.count, ACPI_MCFG_MAX);
	assert_true(
		fake_log_has("offset 0x3c: segment 0 buses 3f-50 at 0xf0000000: these buses stand there"));
	assert_true(fake_log_has("more entries than supported"));
	assert_true(fake_log_has("MCFG: offset 0x44c: 7 bytes left over"));
}

/* --- HPET --- */

static struct acpi_hpet hpet;

static void test_hpet(void **state)
{
	(void)state;
	build_start(&b, "HPET", 1, 56);
	fake_put32(b.data + 36, 0x8086a201);
	fake_put64(b.data + 44, 0xfed00000);
	b.data[52] = 1;
	fake_put16(b.data + 53, 0x80);
	build_finish(&b);
	assert_int_equal(acpi_hpet_parse(b.data, b.bytes, &hpet), 0);
	assert_int_equal(hpet.base, 0xfed00000);
	assert_int_equal(hpet.block_id, 0x8086a201);
	assert_int_equal(hpet.number, 1);
	assert_int_equal(hpet.min_tick, 0x80);
}

static void test_hpet_bad(void **state)
{
	(void)state;
	build_start(&b, "HPET", 1, 56);
	assert_int_equal(acpi_hpet_parse(b.data, b.bytes, &hpet), -EINVAL);
	assert_true(fake_log_has("HPET: offset 0x28: space 0 address 0x0 is impossible"));
	fake_put64(b.data + 44, 0xfed00000);
	b.data[40] = 1;
	build_finish(&b);
	assert_int_equal(acpi_hpet_parse(b.data, b.bytes, &hpet), -EINVAL);
	assert_true(fake_log_has("space 1 address 0xfed00000 is impossible"));
	assert_int_equal(hpet.base, 0);
	build_start(&b, "HPET", 1, 55);
	assert_int_equal(acpi_hpet_parse(b.data, b.bytes, &hpet), -EINVAL);
	assert_true(fake_log_has("HPET: offset 0x4: length 55, must be 56"));
}

/* --- FADT --- */

static struct acpi_fadt fadt;

static void gas(uint32_t at, uint8_t space, uint8_t bits, uint64_t address)
{
	b.data[at] = space;
	b.data[at + 1] = bits;
	fake_put64(b.data + at + 4, address);
}

static int fadt_parse(void)
{
	build_finish(&b);
	return acpi_fadt_parse(b.data, b.bytes, &fadt);
}

/* As QEMU's q35: revision 3. */
static void fadt_start(uint32_t bytes)
{
	build_start(&b, "FACP", 3, bytes);
	fake_put32(b.data + 36, 0x7ffe0000);
	fake_put32(b.data + 40, 0x7ffe0040);
	fake_put16(b.data + 46, 9);
	fake_put32(b.data + 48, 0xb2);
	b.data[52] = 2;
	b.data[53] = 3;
	fake_put32(b.data + 56, 0x600);
	fake_put32(b.data + 64, 0x604);
	fake_put32(b.data + 76, 0x608);
	b.data[88] = 4;
	b.data[89] = 2;
	b.data[91] = 4;
	b.data[108] = 0x32;
	fake_put16(b.data + 109, ACPI_BOOT_ARCH_8042);
	fake_put32(b.data + 112, 0x80a5);
}

static void test_fadt_acpi1(void **state)
{
	(void)state;
	fadt_start(116);
	b.data[8] = 1;
	assert_int_equal(fadt_parse(), 0);
	assert_int_equal(fadt.pm_timer.space, ACPI_SPACE_IO);
	assert_int_equal(fadt.pm_timer.address, 0x608);
	assert_int_equal(fadt.pm_timer.bits, 32);
	assert_int_equal(fadt.pm_timer_mask, 0xffffff);
	assert_int_equal(fadt.pm1a_event.address, 0x600);
	assert_int_equal(fadt.pm1b_event.address, 0);
	assert_int_equal(fadt.pm1a_control.address, 0x604);
	assert_int_equal(fadt.pm1a_control.bits, 16);
	assert_int_equal(fadt.sci_irq, 9);
	assert_int_equal(fadt.smi_cmd, 0xb2);
	assert_int_equal(fadt.acpi_enable, 2);
	assert_int_equal(fadt.acpi_disable, 3);
	assert_int_equal(fadt.century, 0x32);
	assert_int_equal(fadt.boot_arch, 0); /* reserved bytes in ACPI 1.0 */
	assert_int_equal(fadt.dsdt, 0x7ffe0040);
	assert_int_equal(fadt.facs, 0x7ffe0000);
	assert_int_equal(fadt.reset.address, 0);
	assert_int_equal(fake_log_count, 0);
}

static void test_fadt_extended(void **state)
{
	(void)state;
	fadt_start(276);
	fake_put32(b.data + 112, ACPI_FADT_RESET_REG_SUP | ACPI_FADT_TMR_VAL_EXT);
	gas(116, ACPI_SPACE_IO, 8, 0xcf9);
	b.data[128] = 0xf;
	fake_put64(b.data + 140, 0x17ffe0040);
	gas(208, ACPI_SPACE_IO, 32, 0x1808);
	gas(172, ACPI_SPACE_MEMORY, 16, 0xfe000000);
	gas(244, ACPI_SPACE_IO, 8, 0x700);
	gas(256, ACPI_SPACE_IO, 8, 0x701);
	assert_int_equal(fadt_parse(), 0);
	assert_int_equal(fadt.pm_timer.address, 0x1808);
	assert_int_equal(fadt.pm_timer_mask, 0xffffffff);
	assert_int_equal(fadt.pm1a_control.space, ACPI_SPACE_MEMORY);
	assert_int_equal(fadt.pm1a_control.address, 0xfe000000);
	assert_int_equal(fadt.pm1a_event.address, 0x600); /* no extended one */
	assert_int_equal(fadt.reset.address, 0xcf9);
	assert_int_equal(fadt.reset_value, 0xf);
	assert_int_equal(fadt.sleep_control.address, 0x700);
	assert_int_equal(fadt.sleep_status.address, 0x701);
	assert_int_equal(fadt.boot_arch, ACPI_BOOT_ARCH_8042);
	assert_int_equal(fadt.dsdt, 0x17ffe0040);
	assert_true(fake_log_has("FADT: offset 0x8c: DSDT at 0x17ffe0040, but offset 0x28 says 0x7ffe0040"));
}

/* The flag decides, not the register. */
static void test_fadt_no_reset_flag(void **state)
{
	(void)state;
	fadt_start(276);
	gas(116, ACPI_SPACE_IO, 8, 0xcf9);
	assert_int_equal(fadt_parse(), 0);
	assert_int_equal(fadt.reset.address, 0);
}

static void test_fadt_bad_registers(void **state)
{
	(void)state;
	fadt_start(276);
	fake_put32(b.data + 112, ACPI_FADT_RESET_REG_SUP);
	gas(116, 2, 8, 0xcf9); /* PCI configuration space: allowed for resets, but not supported */
	gas(208, ACPI_SPACE_IO, 32, 0x12345678);
	fake_put32(b.data + 56, 0x10000);
	assert_int_equal(fadt_parse(), 0);
	assert_int_equal(fadt.reset.address, 0);
	assert_int_equal(fadt.pm_timer.address, 0x608);
	assert_int_equal(fadt.pm1a_event.address, 0);
	assert_true(fake_log_has("FADT: offset 0x74: register in space 2 at 0xcf9: ignored"));
	assert_true(fake_log_has("FADT: offset 0xd0: register in space 1 at 0x12345678: ignored"));
	assert_true(fake_log_has("FADT: offset 0x38: register in space 1 at 0x10000: ignored"));
}

/* A length in the middle of a field: what the table does not reach is zero. */
static void test_fadt_short(void **state)
{
	(void)state;
	fadt_start(116);
	b.bytes = 118;
	fake_put32(b.data + 112, ACPI_FADT_RESET_REG_SUP);
	gas(116, ACPI_SPACE_IO, 8, 0xcf9);
	build_finish(&b);
	assert_int_equal(acpi_fadt_parse(b.data, 118, &fadt), 0);
	assert_int_equal(fadt.reset.address, 0);
	fadt_start(115);
	assert_int_equal(fadt_parse(), -EINVAL);
	assert_true(fake_log_has("FACP: offset 0x4: length 115, must be 116"));
}

/* --- SRAT --- */

static struct acpi_srat srat;

static void srat_memory(uint32_t domain, uint64_t base, uint64_t bytes, uint32_t flags)
{
	uint8_t *e = build_entry(&b, 1, 40);

	fake_put32(e + 2, domain);
	fake_put64(e + 8, base);
	fake_put64(e + 16, bytes);
	fake_put32(e + 28, flags);
}

static void srat_cpu(uint8_t apic_id, uint32_t domain, uint32_t flags)
{
	uint8_t *e = build_entry(&b, 0, 16);

	e[2] = (uint8_t)domain;
	e[3] = apic_id;
	fake_put32(e + 4, flags);
	e[9] = (uint8_t)(domain >> 8);
	e[10] = (uint8_t)(domain >> 16);
	e[11] = (uint8_t)(domain >> 24);
}

static void srat_x2apic(uint32_t apic_id, uint32_t domain, uint32_t flags)
{
	uint8_t *e = build_entry(&b, 2, 24);

	fake_put32(e + 4, domain);
	fake_put32(e + 8, apic_id);
	fake_put32(e + 12, flags);
}

static int srat_parse(void)
{
	build_finish(&b);
	return acpi_srat_parse(b.data, b.bytes, &srat);
}

static void srat_fill(uint8_t revision)
{
	build_start(&b, "SRAT", revision, 48);
	srat_cpu(4, 0x12345678, 1);
	srat_cpu(5, 1, 0);
	srat_x2apic(0x1000, 0x101, 1);
	srat_memory(0x102, 0, 0x80000000, 1);
	srat_memory(1, 0x100000000, 0x80000000, 3);
	srat_memory(1, 0x200000000, 0x80000000, 5);
	srat_memory(1, 0x300000000, 0, 0);
}

static void test_srat(void **state)
{
	(void)state;
	srat_fill(3);
	assert_int_equal(srat_parse(), 0);
	assert_int_equal(srat.cpu_count, 2);
	assert_int_equal(srat.cpu[0].apic_id, 4);
	assert_int_equal(srat.cpu[0].domain, 0x12345678);
	assert_int_equal(srat.cpu[1].apic_id, 0x1000);
	assert_int_equal(srat.cpu[1].domain, 0x101);
	assert_int_equal(srat.memory_count, 3);
	assert_int_equal(srat.memory[0].domain, 0x102);
	assert_int_equal(srat.memory[0].bytes, 0x80000000);
	assert_true(srat.memory[1].hotplug && !srat.memory[1].nonvolatile);
	assert_true(srat.memory[2].nonvolatile && !srat.memory[2].hotplug);
	assert_int_equal(srat.disabled, 2);
	assert_int_equal(fake_log_count, 0);
}

/* Revision 1: a domain has 8 bits. */
static void test_srat_revision1(void **state)
{
	(void)state;
	srat_fill(1);
	assert_int_equal(srat_parse(), 0);
	assert_int_equal(srat.cpu[0].domain, 0x78);
	assert_int_equal(srat.cpu[1].domain, 1);
	assert_int_equal(srat.memory[0].domain, 2);
}

static void test_srat_bad(void **state)
{
	(void)state;
	build_start(&b, "SRAT", 3, 48);
	srat_cpu(1, 0, 1);
	srat_cpu(1, 1, 1);			   /* 0x40 */
	srat_memory(0, 0x1000, 0x2000, 1);	   /* 0x50 */
	srat_memory(1, 0x2fff, 0x1000, 1);	   /* 0x78 */
	srat_memory(0, 0x2000, 0x2000, 1);	   /* its own domain: fine */
	srat_memory(1, 0x4000, 0, 1);		   /* 0xc8 */
	srat_memory(1, UINT64_MAX - 5, 0x1000, 1); /* 0xf0 */
	srat_memory(1, 0, 0x100000, 3);		   /* a hotplug range may cover others */
	assert_int_equal(srat_parse(), 0);
	assert_int_equal(srat.cpu_count, 1);
	assert_int_equal(srat.memory_count, 3);
	assert_int_equal(srat.entries_ignored, 4);
	assert_true(fake_log_has("SRAT: offset 0x40: processor: this APIC id stands there already"));
	assert_true(fake_log_has("SRAT: offset 0x78: memory: range is in another domain already"));
	assert_true(fake_log_has("SRAT: offset 0xc8: memory: empty range"));
	assert_true(fake_log_has("SRAT: offset 0xf0: memory: range wraps around"));
}

static void test_srat_full(void **state)
{
	(void)state;
	build_start(&b, "SRAT", 3, 48);
	for (uint32_t i = 0; i < ACPI_MEMORY_MAX + 2; i++)
		srat_memory(0, i * 0x1000ull, 0x1000, 1);
	assert_int_equal(srat_parse(), 0);
	assert_int_equal(srat.memory_count, ACPI_MEMORY_MAX);
	assert_int_equal(srat.entries_ignored, 2);
}

/* --- SLIT --- */

static struct acpi_slit slit;

static int slit_parse(uint64_t n, const char *matrix, size_t bytes)
{
	build_start(&b, "SLIT", 1, 44 + (uint32_t)bytes);
	fake_put64(b.data + 36, n);
	memcpy(b.data + 44, matrix, bytes);
	build_finish(&b);
	return acpi_slit_parse(b.data, b.bytes, &slit);
}

static void test_slit(void **state)
{
	(void)state;
	assert_int_equal(slit_parse(2, "\x0a\x14\xff\x0a\0\0", 6), 0);
	assert_int_equal(slit.count, 2);
	assert_int_equal(slit.distance[0][1], 20);
	assert_int_equal(slit.distance[1][0], 255);
	assert_int_equal(slit.distance[1][1], 10);
	assert_int_equal(fake_log_count, 0);
}

static void test_slit_bad(void **state)
{
	(void)state;
	assert_int_equal(slit_parse(2, "\x0a\x14\x14\x0b", 4), -EINVAL);
	assert_int_equal(slit.count, 0);
	assert_int_equal(slit.distance[0][0], 0);
	assert_true(fake_log_has("SLIT: offset 0x2f: distance 11 from 1 to 1 is impossible"));
	assert_int_equal(slit_parse(2, "\x0a\x0a\x14\x0a", 4), -EINVAL);
	assert_true(fake_log_has("SLIT: offset 0x2d: distance 10 from 0 to 1 is impossible"));
	assert_int_equal(slit_parse(2, "\x0a\x14\x14", 3), -EINVAL);
	assert_true(fake_log_has("SLIT: offset 0x24: 2 localities in 47 bytes"));
	assert_int_equal(slit_parse(0, "\x0a", 1), -EINVAL);
	assert_int_equal(slit_parse(65, "\x0a", 1), -EINVAL);
	assert_int_equal(slit_parse(1ull << 32, "\x0a", 1), -EINVAL); /* its square is 0 in 64 bits */
	assert_true(fake_log_has("4294967296 localities in 45 bytes"));
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_mcfg),
		T(test_mcfg_bad),
		T(test_mcfg_overlap_leftover_full),
		T(test_hpet),
		T(test_hpet_bad),
		T(test_fadt_acpi1),
		T(test_fadt_extended),
		T(test_fadt_no_reset_flag),
		T(test_fadt_bad_registers),
		T(test_fadt_short),
		T(test_srat),
		T(test_srat_revision1),
		T(test_srat_bad),
		T(test_srat_full),
		T(test_slit),
		T(test_slit_bad),
	};

	return cmocka_run_group_tests_name("acpi_tables", tests, NULL, NULL);
}
