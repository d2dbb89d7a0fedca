/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line's parser, on a table of its own. */
#include "unit.h"
#include <hv/cmdline.h>
#include "hv_log.h"

static bool flag, sub_flag, sub_enable, called_on;
static uint32_t cpus, choice, sub_uint;
static uint64_t mem, sub_max, sub_rest;
static char text[8];
static char called_with[64];
static unsigned int calls;

static const char *const schedulers[] = {"credit2", "null", NULL};

static int call(const char *value)
{
	strcpy(called_with, value);
	calls++;
	return strcmp(value, "bad") == 0 ? -EINVAL : 0;
}

static void call_bool(bool on)
{
	called_on = on;
	calls++;
}

static const struct boot_option mem_rows[] = {
	OPT_SIZE("", sub_rest, "SIZE[,max:SIZE]"),
	OPT_SIZE("max", sub_max, "SIZE"),
};

static const struct boot_option iommu_rows[] = {
	OPT_BOOL("", sub_enable, "yes or no"),
	OPT_UINT("debug", sub_uint, 0, 3, "0 to 3"),
	OPT_BOOL("intremap", sub_flag, "interrupt remapping"),
};

static const struct boot_option strict_rows[] = {
	OPT_BOOL("smt", sub_flag, "threads"),
};

static const struct boot_option rows[] = {
	OPT_CALL("com1", call, "a serial port"),
	OPT_SIZE("dom0_max", mem, "a size"),
	OPT_LIST("dom0_mem", mem_rows, "sizes"),
	OPT_LIST("iommu", iommu_rows, "list"),
	OPT_UINT("maxcpus", cpus, 1, 256, "processors, 1 to 256"),
	OPT_CALL_BOOL("no-idle", call_bool, "calls"),
	OPT_BOOL("noreboot", flag, "halts"),
	OPT_CHOICE("sched", choice, schedulers, "credit2 or null"),
	OPT_LIST("strict", strict_rows, "list without other words"),
	OPT_STRING("text", text, "up to 7 characters"),
};

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	flag = sub_flag = sub_enable = called_on = false;
	cpus = choice = sub_uint = 77;
	mem = sub_max = sub_rest = 77;
	strcpy(text, "before");
	called_with[0] = '\0';
	calls = 0;
	return 0;
}

static const char *parse(const char *line)
{
	return cmdline_parse(line, rows, ARRAY_SIZE(rows));
}

static void test_bool_spellings(void **state)
{
	static const struct {
		const char *word;
		bool want;
	} cases[] = {
		{"noreboot", true},
		{"noreboot=yes", true},
		{"noreboot=on", true},
		{"noreboot=true", true},
		{"noreboot=1", true},
		{"noreboot=enable", true},
		{"no-noreboot", false},
		{"noreboot=no", false},
		{"noreboot=off", false},
		{"noreboot=false", false},
		{"noreboot=0", false},
		{"noreboot=disable", false},
		{"noreboot no-noreboot", false},
		{"noreboot=0 noreboot", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		flag = !cases[i].want;
		assert_null(parse(cases[i].word));
		assert_int_equal(flag, cases[i].want);
	}
	assert_int_equal(fake_log_count, 0);
}

static void test_bool_bad(void **state)
{
	(void)state;
	parse("noreboot=2 no-noreboot=yes noreboot=");
	assert_false(flag);
	assert_true(fake_log_has("\"noreboot=2\" ignored: neither yes nor no; halts"));
	assert_true(fake_log_has("\"no-noreboot=yes\" ignored: a no- form takes no value"));
	assert_true(fake_log_has("\"noreboot=\" ignored: neither yes nor no"));
}

static void test_uint(void **state)
{
	(void)state;
	parse("maxcpus=4");
	assert_int_equal(cpus, 4);
	parse("maxcpus=0x20");
	assert_int_equal(cpus, 32);
	parse("maxcpus=256");
	assert_int_equal(cpus, 256);
	assert_int_equal(fake_log_count, 0);
}

static void test_uint_bad(void **state)
{
	static const char *const bad[] = {"maxcpus=0", "maxcpus=257", "maxcpus=99999999999999999999999",
		"maxcpus=", "maxcpus", "maxcpus=4x", "maxcpus=-1", "maxcpus=0x", "maxcpus=a", "no-maxcpus",
		"maxcpus=4294967297"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		parse(bad[i]);
	assert_int_equal(cpus, 77);
	assert_int_equal(fake_log_count, ARRAY_SIZE(bad));
	assert_true(fake_log_has("\"maxcpus=257\" ignored: out of range; processors, 1 to 256"));
	assert_true(fake_log_has("\"maxcpus=99999999999999999999999\" ignored: out of range"));
	assert_true(fake_log_has("\"maxcpus=4x\" ignored: not a number"));
	assert_true(fake_log_has("\"no-maxcpus\" ignored: has no no- form"));
}

static void test_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} cases[] = {
		{"512", 512 * 1024},
		{"5b", 5},
		{"3K", 3 * 1024},
		{"2m", 2 << 20},
		{"7G", 7ull << 30},
		{"1T", 1ull << 40},
		{"0x10M", 16 << 20},
		{"16777215T", 16777215ull << 40},
		{"18446744073709551615B", UINT64_MAX},
	};
	uint64_t v = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(cmdline_size_parse(cases[i].text, &v), 0);
		assert_int_equal(v, cases[i].want);
	}
	assert_int_equal(cmdline_size_parse("16777216T", &v), -ERANGE);
	assert_int_equal(cmdline_size_parse("18446744073709551616", &v), -ERANGE);
	assert_int_equal(cmdline_size_parse("1MB", &v), -EINVAL);
	assert_int_equal(cmdline_size_parse("1P", &v), -EINVAL);
	assert_int_equal(cmdline_size_parse("1 ", &v), -EINVAL);
	assert_int_equal(cmdline_size_parse("M", &v), -EINVAL);
	assert_int_equal(cmdline_size_parse("", &v), -EINVAL);
	assert_int_equal(v, UINT64_MAX);
	parse("dom0_max=1M dom0_max=x");
	assert_int_equal(mem, 1 << 20);
	assert_true(fake_log_has("\"dom0_max=x\" ignored: not a size"));
}

static void test_string_choice(void **state)
{
	(void)state;
	parse("text=1234567 sched=null");
	assert_string_equal(text, "1234567");
	assert_int_equal(choice, 1);
	parse("text=12345678 sched=credit sched text");
	assert_string_equal(text, "1234567");
	assert_int_equal(choice, 1);
	assert_int_equal(fake_log_count, 4);
	assert_true(fake_log_has("\"text=12345678\" ignored: too long"));
	assert_true(fake_log_has("\"sched=credit\" ignored: not one of the values; credit2 or null"));
	assert_true(fake_log_has("\"sched\" ignored: needs a value"));
	parse("text=");
	assert_string_equal(text, "");
}

static void test_list(void **state)
{
	(void)state;
	parse("iommu=on,intremap,debug=3 dom0_mem=512M,max:1G");
	assert_true(sub_enable);
	assert_true(sub_flag);
	assert_int_equal(sub_uint, 3);
	assert_int_equal(sub_rest, 512 << 20);
	assert_int_equal(sub_max, 1 << 30);
	parse("iommu=,,no-intremap,,");
	assert_false(sub_flag);
	parse("no-iommu");
	assert_false(sub_enable);
	parse("iommu");
	assert_true(sub_enable);
	parse("strict=no-smt");
	assert_int_equal(fake_log_count, 0);
}

/* A bad element costs itself, not its neighbours. */
static void test_list_bad(void **state)
{
	(void)state;
	parse("iommu=on,debug=9,intremap strict=smtt,cores");
	assert_true(sub_enable);
	assert_true(sub_flag);
	assert_int_equal(sub_uint, 77);
	assert_true(fake_log_has("cmdline: iommu: \"debug=9\" ignored: out of range; 0 to 3"));
	assert_true(fake_log_has("cmdline: strict: unknown option \"smtt\" ignored; did you mean smt?"));
	assert_true(fake_log_has("cmdline: strict: unknown option \"cores\" ignored"));
	parse("iommu=perhaps");
	assert_true(fake_log_has("cmdline: iommu: \"perhaps\" ignored: neither yes nor no"));
}

static void test_calls(void **state)
{
	(void)state;
	parse("com1=115200,8n1,0x3f8");
	assert_string_equal(called_with, "115200,8n1,0x3f8");
	parse("com1");
	assert_string_equal(called_with, "");
	parse("com1=bad");
	assert_true(fake_log_has("\"com1=bad\" ignored: not understood; a serial port"));
	assert_int_equal(calls, 3);
	parse("no-com1");
	assert_int_equal(calls, 3);
	parse("no-idle");
	assert_true(called_on);
	parse("no-no-idle");
	assert_false(called_on);
	parse("no-idle=maybe");
	assert_int_equal(calls, 5);
}

static void test_dash_is_underscore(void **state)
{
	(void)state;
	parse("dom0-mem=max:2M dom0_max=3M no_idle");
	assert_int_equal(sub_max, 2 << 20);
	assert_int_equal(mem, 3 << 20);
	assert_true(called_on);
}

static void test_unknown(void **state)
{
	(void)state;
	parse("maxcpu=3");
	assert_true(fake_log_has("cmdline: unknown option \"maxcpu=3\" ignored; did you mean maxcpus?"));
	parse("dom0=1");
	assert_true(fake_log_has("\"dom0=1\" ignored; did you mean dom0_max, dom0_mem?"));
	parse("quite-different");
	assert_true(fake_log_has("unknown option \"quite-different\" ignored"));
	assert_int_equal(fake_log_count, 3);
	parse("=5 no-=5 no-");
	assert_int_equal(fake_log_count, 6);
}

static void test_long_word(void **state)
{
	char line[600];

	(void)state;
	memset(line, 'a', sizeof(line));
	line[300] = ' ';
	strcpy(line + 557, " maxcpus=9");
	parse(line);
	assert_int_equal(cpus, 9);
	assert_true(fake_log_has("a word of 300 characters is longer than any option"));
	assert_true(fake_log_has("a word of 256 characters"));
	line[557 - 1] = ' '; /* 255: looked at, and unknown */
	parse(line + 301);
	assert_false(fake_log_has("a word of 255 characters"));
	assert_true(fake_log_has("unknown option \"aaa"));
}

static void test_rest(void **state)
{
	(void)state;
	assert_string_equal(parse("noreboot --  maxcpus=3 x"), "maxcpus=3 x");
	assert_true(flag);
	assert_int_equal(cpus, 77);
	assert_string_equal(parse("--"), "");
	assert_null(parse(""));
	assert_null(parse("    noreboot   "));
	assert_int_equal(fake_log_count, 0);
}

static void test_help(void **state)
{
	(void)state;
	cmdline_help_log(rows, ARRAY_SIZE(rows));
	assert_int_equal(fake_log_count, ARRAY_SIZE(rows));
	assert_true(fake_log_has("maxcpus: processors, 1 to 256"));
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_bool_spellings),
		T(test_bool_bad),
		T(test_uint),
		T(test_uint_bad),
		T(test_size),
		T(test_string_choice),
		T(test_list),
		T(test_list_bad),
		T(test_calls),
		T(test_dash_is_underscore),
		T(test_unknown),
		T(test_long_word),
		T(test_rest),
		T(test_help),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
