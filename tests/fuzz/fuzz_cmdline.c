/* SPDX-License-Identifier: GPL-2.0-only */
/* Any command line against a table with every kind of option; limits and strings must hold. */
#include <stdlib.h>
#include <string.h>
#include <hv/cmdline.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool flag, sub_flag;
static uint32_t number, choice, sub_number;
static uint64_t bytes, sub_bytes;
static struct {
	char text[8];
	uint64_t behind;
} box;

static const char *const choices[] = {"one", "two", NULL};

static int call(const char *value)
{
	return strlen(value) > 3 ? -1 : 0;
}

static void call_bool(bool on)
{
	flag = on;
}

static const struct boot_option sub_rows[] = {
	OPT_SIZE("", sub_bytes, "size"),
	OPT_UINT("n", sub_number, 1, 5, "1 to 5"),
	OPT_BOOL("s", sub_flag, "flag"),
};

static const struct boot_option rows[] = {
	OPT_CALL("call", call, "call"),
	OPT_CHOICE("choice", choice, choices, "one or two"),
	OPT_CALL_BOOL("cb", call_bool, "call"),
	OPT_BOOL("flag", flag, "flag"),
	OPT_LIST("list", sub_rows, "list"),
	OPT_UINT("n", number, 3, 9, "3 to 9"),
	OPT_SIZE("size", bytes, "size"),
	OPT_STRING("text", box.text, "text"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	const char *rest;

	number = 3;
	sub_number = 1;
	box.behind = 0x1122334455667788;
	memcpy(line, data, size);
	line[size] = '\0';
	rest = cmdline_parse(line, rows, ARRAY_SIZE(rows));
	if (rest != NULL && strlen(rest) > size)
		abort();
	if (number < 3 || number > 9 || sub_number < 1 || sub_number > 5 || choice > 1)
		abort();
	if (box.behind != 0x1122334455667788 || strnlen(box.text, sizeof(box.text)) == sizeof(box.text))
		abort();
	free(line);
	return 0;
}
