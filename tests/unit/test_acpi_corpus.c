/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MADT, MCFG, SRAT and SLIT of real machines: each parses or is refused with
 * the reason in golden.txt, and what it holds agrees with what an independent
 * decoder saw (index.tsv).
 */
#include <stdlib.h>
#include "unit.h"
#include <hv/acpi.h>
#include "fw_corpus.h"
#include "hv_log.h"

#define TEXT_MAX 131072

static char text[TEXT_MAX];
static size_t text_len;

static struct acpi_madt madt;
static struct acpi_mcfg mcfg;
static struct acpi_srat srat;
static struct acpi_slit slit;

__printf(1, 2) static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_len += (size_t)vsnprintf(text + text_len, sizeof(text) - text_len, fmt, ap);
	va_end(ap);
	assert_true(text_len < sizeof(text));
}

static int setup(void **state)
{
	(void)state;
	text[0] = '\0';
	text_len = 0;
	return 0;
}

/* How much the parser logged, and what last. */
static void say_end(void)
{
	if (fake_log_count > 0)
		say(" | %u lines, last: %s", fake_log_count, fake_log_last());
	say("\n");
}

/* The number N of TYPE:N within subtypes={...}. */
static unsigned long subtypes(const struct corpus_table *t, unsigned int type)
{
	const char *p = strstr(t->facts, "subtypes={");

	assert_non_null(p);
	for (p += strlen("subtypes="); *p != '}' && *p != '\0';) {
		char *end;
		unsigned long have = strtoul(p + 1, &end, 10);
		unsigned long n = strtoul(end + 1, &end, 10);

		if (have == type)
			return n;
		p = end;
	}
	return 0;
}

static unsigned long subtypes_all(const struct corpus_table *t)
{
	unsigned long sum = 0;

	for (unsigned int type = 0; type < 256; type++)
		sum += subtypes(t, type);
	return sum;
}

static void check_madt(const struct corpus_table *t, void *ctx)
{
	int rc;

	(void)ctx;
	fake_log_reset();
	rc = acpi_madt_parse(t->bytes, t->length, &madt);
	say("%s: %d cpus=%u disabled=%u ioapics=%u overrides=%u nmis=%u lapic_nmis=%u other=%u ignored=%u",
		t->name, rc, madt.cpu_count, madt.cpus_disabled, madt.ioapic_count, madt.override_count,
		madt.nmi_count, madt.lapic_nmi_count, madt.entries_other, madt.entries_ignored);
	say_end();
	if (rc != 0)
		return;
	assert_int_equal(madt.cpu_count + madt.cpus_disabled + madt.ioapic_count + madt.override_count +
				 madt.nmi_count + madt.lapic_nmi_count + madt.entries_other +
				 madt.entries_ignored + subtypes(t, 5),
		subtypes_all(t));
	if (madt.entries_ignored > 0)
		return;
	assert_int_equal(madt.cpu_count + madt.cpus_disabled, subtypes(t, 0) + subtypes(t, 9));
	assert_int_equal(madt.ioapic_count, subtypes(t, 1));
	assert_int_equal(madt.override_count, subtypes(t, 2));
	assert_int_equal(madt.nmi_count, subtypes(t, 3));
	assert_int_equal(madt.lapic_nmi_count, subtypes(t, 4) + subtypes(t, 10));
	assert_int_equal(madt.lapic_base, 0xfee00000);
}

static void test_madt(void **state)
{
	(void)state;
	assert_int_equal(corpus_each("madt", check_madt, NULL), 190);
	golden_compare("tests/fixtures/acpi/madt/golden.txt", text);
}

/* seg0:e0000000 bus00-ff */
static void check_mcfg(const struct corpus_table *t, void *ctx)
{
	const char *p = strstr(t->facts, " seg");
	uint32_t found = 0;
	int rc;

	(void)ctx;
	fake_log_reset();
	rc = acpi_mcfg_parse(t->bytes, t->length, &mcfg);
	say("%s: %d entries=%u ignored=%u", t->name, rc, mcfg.count, mcfg.entries_ignored);
	say_end();
	for (; p != NULL; p = strstr(p + 1, " seg")) {
		unsigned int seg, first, last;
		unsigned long base;

		assert_int_equal(sscanf(p, " seg%u:%lx bus%x-%x", &seg, &base, &first, &last), 4);
		for (uint32_t i = 0; i < mcfg.count; i++) {
			const struct acpi_ecam *e = &mcfg.ecam[i];

			found += e->segment == seg && e->base == base && e->first_bus == first &&
				 e->last_bus == last;
		}
	}
	if (rc == 0)
		assert_int_equal(found, mcfg.count);
}

static void test_mcfg(void **state)
{
	(void)state;
	assert_int_equal(corpus_each("mcfg", check_mcfg, NULL), 123);
	golden_compare("tests/fixtures/acpi/mcfg/golden.txt", text);
}

static void check_srat(const struct corpus_table *t, void *ctx)
{
	int rc;

	(void)ctx;
	fake_log_reset();
	rc = acpi_srat_parse(t->bytes, t->length, &srat);
	say("%s: %d cpus=%u memory=%u disabled=%u other=%u ignored=%u", t->name, rc, srat.cpu_count,
		srat.memory_count, srat.disabled, srat.entries_other, srat.entries_ignored);
	for (uint32_t i = 0; i < srat.memory_count; i++)
		say(" %lx+%lx@%u%s%s", srat.memory[i].base, srat.memory[i].bytes, srat.memory[i].domain,
			srat.memory[i].hotplug ? "h" : "", srat.memory[i].nonvolatile ? "n" : "");
	say_end();
	assert_int_equal(srat.cpu_count + srat.memory_count + srat.disabled + srat.entries_other +
				 srat.entries_ignored,
		subtypes_all(t));
	assert_int_equal(srat.entries_other, subtypes(t, 5) + subtypes(t, 6));
}

static void test_srat(void **state)
{
	(void)state;
	assert_int_equal(corpus_each("srat", check_srat, NULL), 17);
	golden_compare("tests/fixtures/acpi/srat/golden.txt", text);
}

static void check_slit(const struct corpus_table *t, void *ctx)
{
	int rc;

	(void)ctx;
	fake_log_reset();
	rc = acpi_slit_parse(t->bytes, t->length, &slit);
	say("%s: %d localities=%u", t->name, rc, slit.count);
	for (uint32_t i = 0; i < slit.count * slit.count; i++)
		say("%s%u", i % slit.count == 0 ? " / " : " ", slit.distance[i / slit.count][i % slit.count]);
	say_end();
	if (rc == 0)
		assert_true(44 + slit.count * slit.count <= corpus_fact(t, "len"));
}

static void test_slit(void **state)
{
	(void)state;
	assert_int_equal(corpus_each("slit", check_slit, NULL), 5);
	golden_compare("tests/fixtures/acpi/slit/golden.txt", text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_madt, setup),
		cmocka_unit_test_setup(test_mcfg, setup),
		cmocka_unit_test_setup(test_srat, setup),
		cmocka_unit_test_setup(test_slit, setup),
	};

	return cmocka_run_group_tests_name("acpi_corpus", tests, NULL, NULL);
}
