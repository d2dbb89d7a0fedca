/* SPDX-License-Identifier: GPL-2.0-only */
/* pt-ctl as its users meet it: arguments in, two texts and an exit code out. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#define DUMPS	 "tests/fixtures/pci/dumps"
#define ONE	 DUMPS "/pciutils-cap-pcie-2.txt"
#define MACHINE	 DUMPS "/coreboot-thinkpad-t400.txt"
#define LAPTOP	 DUMPS "/coreboot-dell-e6430-nvidia.txt"
#define HEADERS	 DUMPS "/hwloc-2pa-pcidomain32bits.txt"
#define GOLDEN	 "tests/fixtures/pci/golden/pciutils-cap-pcie-2.json"
#define ARGS_MAX 8

int ptctl_main(int argc, char **argv);

/* --- One run. --- */
static struct {
	int code;
	char *out, *err;
} ran;

static char *all_of(FILE *f)
{
	long bytes;
	char *text;

	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	bytes = ftell(f);
	assert_true(bytes >= 0);
	rewind(f);
	text = calloc(1, (size_t)bytes + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)bytes, f), bytes);
	fclose(f);
	return text;
}

static void forget(void)
{
	free(ran.out);
	free(ran.err);
	memset(&ran, 0, sizeof(ran));
}

/* In a process of its own: libpci ends the program when it cannot go on. */
static void run_child(const char *const *args, FILE *out, FILE *err)
{
	char *argv[ARGS_MAX + 2] = {(char *)"pt-ctl"};
	int argc = 1;

	while (args[argc - 1]) {
		argv[argc] = (char *)args[argc - 1];
		argc++;
	}
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	exit(ptctl_main(argc, argv));
}

static void run(const char *const *args)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status;
	pid_t child;

	assert_non_null(out);
	assert_non_null(err);
	forget();
	fflush(NULL);
	child = fork();
	if (!child)
		run_child(args, out, err);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	ran.code = WEXITSTATUS(status);
	ran.out = all_of(out);
	ran.err = all_of(err);
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void assert_error(int code, const char *message)
{
	assert_int_equal(ran.code, code);
	assert_string_equal(ran.err, message);
	assert_string_equal(ran.out, "");
}

static void assert_done(void)
{
	if (ran.code != 0)
		fail_msg("exit code %d: %s", ran.code, ran.err);
}

static int teardown(void **state)
{
	(void)state;
	forget();
	return 0;
}

/* --- Arguments. --- */

static void test_help(void **state)
{
	(void)state;
	RUN("--help");
	assert_done();
	assert_string_equal(ran.err, "");
	assert_non_null(strstr(ran.out, "usage: pt-ctl [OPTION]... VERB [ARGUMENT]..."));
	assert_non_null(strstr(ran.out, "  show DEVICE..."));
	assert_non_null(strstr(ran.out, "  -d, --dump FILE"));
}

static void test_no_verb(void **state)
{
	(void)state;
	run((const char *const[]){NULL});
	assert_int_equal(ran.code, 2);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, "usage: pt-ctl"));
}

static void test_wrong_usage(void **state)
{
	(void)state;
	RUN("frob");
	assert_error(2, "pt-ctl: no verb 'frob'; see pt-ctl --help\n");
	RUN("show");
	assert_error(2, "pt-ctl: usage: pt-ctl show DEVICE...\n");
	RUN("--nonsense", "list");
	assert_error(2, "pt-ctl: unrecognized option '--nonsense'\n");
	RUN("list", "--dump");
	assert_int_equal(ran.code, 2);
	RUN("list", "more");
	assert_int_equal(ran.code, 2);
}

static void test_files_that_are_none(void **state)
{
	(void)state;
	RUN("--dump", "/no/such/file", "list");
	assert_error(1, "pt-ctl: /no/such/file: No such file or directory\n");
	RUN("--dump", "/dev/null", "list", "--json");
	assert_error(1, "pt-ctl: /dev/null: no PCI function in it\n");
}

static void test_addresses(void **state)
{
	static const char *const bad[] = {"00:00", "0:0.8", "00:20.0", "00:000.0", "000:00.0",
		"00000:00:00.0", "00:00.00", "1:00:00.0.0", "10000:00:00.0", "100:00.0", " 00:00.0",
		"00:00.0 ", "00:00.0x", "", ":00:00.0", "0x0:00.0", "zz:00.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		RUN("-d", MACHINE, "show", bad[i]);
		assert_int_equal(ran.code, 2);
		assert_non_null(strstr(ran.err, "is not [SEGMENT:]BUS:DEVICE.FUNCTION"));
	}
	RUN("-d", MACHINE, "show", "00:00.0", "00:1c.7");
	assert_error(1, "pt-ctl: 00:1c.7: no such function\n");
	RUN("-d", MACHINE, "show", "0:0.0", "0000:00:1C.1");
	assert_done();
}

/* --- Text. --- */

static void test_list_text(void **state)
{
	const char *head = "ADDRESS       ID         CLASS   REV  TYPE         DRIVER  NAME\n";

	(void)state;
	RUN("list", "--dump", MACHINE);
	assert_done();
	assert_string_equal(ran.err, "");
	assert_memory_equal(ran.out, head, strlen(head));
	assert_non_null(strstr(ran.out, "\n0000:00:1c.1  8086:2942  060400  03   root-port    -       "));
	assert_non_null(strstr(ran.out, "\n0000:15:00.0  1180:0476  060700  ba   pci          -       "));
}

static void test_show_text(void **state)
{
	(void)state;
	RUN("-d", ONE, "show", "01:00.0");
	assert_done();
	assert_non_null(strstr(ran.out, "    ids          8086:10c9, revision 01, class 020000\n"));
	assert_non_null(strstr(ran.out, "    serial       00-1b-21-ff-ff-2b-46-e0\n"));
	assert_non_null(strstr(ran.out, "    parent       none (root bus)\n"));
	assert_non_null(strstr(ran.out, "    bar 2        io    0x1020, size not known\n"));
	assert_non_null(strstr(ran.out, "    rom          rom   0xc7800000, size not known, off\n"));
	assert_non_null(strstr(ran.out, "    capability   0a0  id 10       PCI Express\n"));
	assert_non_null(strstr(ran.out, "    extended     160  id 0010 v1  SR-IOV\n"));
}

/* Only the header was recorded: that is said, and is no problem of the device. */
static void test_show_without_capabilities(void **state)
{
	(void)state;
	RUN("-d", HEADERS, "show", "00:01.1");
	assert_done();
	assert_non_null(strstr(ran.out, "    capabilities not readable: not recorded"));
	assert_null(strstr(ran.out, "problem"));
}

/* --- JSON. --- */

static json_t *answer_parse(const char *verb, const char *file)
{
	json_error_t error;
	json_t *answer = json_loads(ran.out, 0, &error), *source;

	if (!answer)
		fail_msg("%s: line %d: %s", file, error.line, error.text);
	source = json_object_get(answer, "source");
	assert_int_equal(json_integer_value(json_object_get(answer, "schema_version")), 1);
	assert_string_equal(json_string_value(json_object_get(answer, "verb")), verb);
	assert_string_equal(json_string_value(json_object_get(source, "kind")), "dump");
	assert_string_equal(json_string_value(json_object_get(source, "file")), file);
	return answer;
}

/* s: string, i: integer, b: boolean, a: array, o: object; capital: or null. */
static bool type_fits(char type, const json_t *value)
{
	if (type >= 'A' && type <= 'Z') {
		if (json_is_null(value))
			return true;
		type = (char)(type - 'A' + 'a');
	}
	switch (type) {
	case 's':
		return json_is_string(value);
	case 'i':
		return json_is_integer(value);
	case 'b':
		return json_is_boolean(value);
	case 'a':
		return json_is_array(value);
	default:
		return json_is_object(value);
	}
}

/* All fields that pt-ctl(8) names, and no others. */
static void assert_schema(const json_t *device)
{
	static const struct {
		const char *name;
		char type;
	} fields[] = {
		{"address", 's'},
		{"vendor", 's'},
		{"device", 's'},
		{"subvendor", 'S'},
		{"subdevice", 'S'},
		{"class", 's'},
		{"revision", 's'},
		{"class_name", 'S'},
		{"name", 'S'},
		{"type", 's'},
		{"header", 's'},
		{"multifunction", 'b'},
		{"config_bytes", 'i'},
		{"interrupt_pin", 'S'},
		{"serial", 'S'},
		{"parent", 'S'},
		{"bridge", 'O'},
		{"bars", 'a'},
		{"capabilities", 'A'},
		{"problems", 'a'},
		{"host", 'O'},
	};

	assert_int_equal(json_object_size(device), sizeof(fields) / sizeof(fields[0]));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const json_t *value = json_object_get(device, fields[i].name);

		if (!value || !type_fits(fields[i].type, value))
			fail_msg("field %s", fields[i].name);
	}
}

/* What was not recorded is not the device's fault. */
static void assert_no_false_problem(const json_t *device)
{
	const json_t *problem;
	size_t i;

	if (!json_is_null(json_object_get(device, "capabilities")))
		return;
	json_array_foreach(json_object_get(device, "problems"), i,
		problem) if (strncmp(json_string_value(problem), "cap-", 4) == 0)
		fail_msg("%s", json_string_value(problem));
}

static unsigned int devices_expected(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[2048];
	unsigned int count = 0;
	bool segment_fits = true;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] != '\t' && strchr(line, '.') && strchr(line, ':'))
			segment_fits = strspn(line, "0123456789abcdef") < 5;
		if (strncmp(line, "00: ", 4) == 0 && strncmp(line, "00: ff ff", 9) != 0)
			count += segment_fits;
	}
	fclose(f);
	return count;
}

static void check_dump(const char *path)
{
	const char *last = "";
	json_t *answer, *device;
	size_t i;

	RUN("--json", "list", "--dump", path);
	assert_done();
	answer = answer_parse("list", path);
	assert_int_equal(json_array_size(json_object_get(answer, "devices")), devices_expected(path));
	json_array_foreach(json_object_get(answer, "devices"), i, device)
	{
		const char *address = json_string_value(json_object_get(device, "address"));

		assert_schema(device);
		assert_no_false_problem(device);
		assert_true(strcmp(last, address) < 0);
		last = address;
	}
	json_decref(answer);
}

static void test_json_of_every_dump(void **state)
{
	DIR *d = opendir(DUMPS);
	unsigned int count = 0;
	char path[512];

	(void)state;
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", DUMPS, e->d_name);
		check_dump(path);
		count++;
	}
	closedir(d);
	assert_int_equal(count, 41);
}

/* Names come from the machine's data base, so they are no part of it. */
static void test_json_golden(void **state)
{
	json_t *answer, *golden = json_load_file(GOLDEN, 0, NULL), *device;
	size_t i;

	(void)state;
	assert_non_null(golden);
	RUN("-j", "-d", ONE, "list");
	answer = answer_parse("list", ONE);
	json_array_foreach(json_object_get(answer, "devices"), i, device)
	{
		json_object_del(device, "name");
		json_object_del(device, "class_name");
	}
	if (!json_equal(answer, golden))
		fail_msg("the answer is not that of " GOLDEN ":\n%s", ran.out);
	json_decref(answer);
	json_decref(golden);
}

/* --- What is known to be wrong. --- */

static void test_explain_text(void **state)
{
	(void)state;
	RUN("-d", LAPTOP, "explain", "00:19.0", "00:02.0");
	assert_done();
	assert_non_null(strstr(ran.out, "    reset         no-flr\n"
					"                  82579 Ethernet hangs on a function-level reset\n"
					"                  [linux drivers/pci/quirks.c: quirk_no_flr]\n"));
	assert_non_null(strstr(ran.out, "    reset         program ivb-graphics\n"));
	assert_non_null(strstr(ran.out, "    usable        flr, pm, program\n"));
	RUN("-d", MACHINE, "explain", "00:19.0");
	assert_non_null(strstr(ran.out, "    known         nothing out of the ordinary\n"));
	RUN("-d", MACHINE, "explain", "03:00.0");
	assert_non_null(strstr(ran.out, "alias-phantom 0x1f (if-cantiga)\n"));
	RUN("-d", HEADERS, "explain", "00:01.1");
	assert_non_null(strstr(ran.out, "    resets        not known: capabilities cannot be read\n"));
	RUN("-d", MACHINE, "explain", "00:1c.7");
	assert_error(1, "pt-ctl: 00:1c.7: no such function\n");
}

static void test_explain_json(void **state)
{
	json_t *answer, *device, *row;

	(void)state;
	RUN("-j", "-d", LAPTOP, "explain", "00:19.0");
	assert_done();
	answer = answer_parse("explain", LAPTOP);
	device = json_array_get(json_object_get(answer, "devices"), 0);
	row = json_array_get(json_object_get(device, "quirks"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "kind")), "reset");
	assert_string_equal(json_string_value(json_object_get(row, "action")), "no-flr");
	assert_string_equal(json_string_value(json_object_get(row, "condition")), "always");
	assert_true(json_is_null(json_object_get(row, "program")));
	assert_int_equal(json_array_size(json_object_get(device, "aliases")), 0);
	assert_int_equal(json_array_size(json_object_get(device, "contradictions")), 0);
	assert_string_equal(json_string_value(json_array_get(json_object_get(device, "resets"), 0)), "flr");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(device, "resets_usable"), 0)), "pm");
	json_decref(answer);
	RUN("-j", "-d", HEADERS, "explain", "00:01.1");
	answer = answer_parse("explain", HEADERS);
	device = json_array_get(json_object_get(answer, "devices"), 0);
	assert_true(json_is_null(json_object_get(device, "resets")));
	json_decref(answer);
}

static void test_json_show_in_the_order_asked(void **state)
{
	json_t *answer, *devices, *bridge;

	(void)state;
	RUN("-j", "-d", MACHINE, "show", "15:00.0", "00:1e.0");
	answer = answer_parse("show", MACHINE);
	devices = json_object_get(answer, "devices");
	assert_int_equal(json_array_size(devices), 2);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(devices, 0), "parent")), "0000:00:1e.0");
	bridge = json_object_get(json_array_get(devices, 1), "bridge");
	assert_int_equal(json_integer_value(json_object_get(bridge, "secondary")), 0x15);
	assert_true(json_is_true(json_object_get(bridge, "followed")));
	json_decref(answer);
}

static void test_json_header_only(void **state)
{
	json_t *answer, *device;

	(void)state;
	RUN("-j", "-d", HEADERS, "show", "00:01.0");
	answer = answer_parse("show", HEADERS);
	device = json_array_get(json_object_get(answer, "devices"), 0);
	assert_true(json_is_null(json_object_get(device, "capabilities")));
	assert_int_equal(json_array_size(json_object_get(device, "problems")), 0);
	json_decref(answer);
}

/* --- Dumps as they come in bug reports. --- */

static void run_text(const char *text, size_t bytes)
{
	char path[] = "/tmp/test_ptctl.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, bytes), bytes);
	close(fd);
	RUN("-d", path, "list");
	unlink(path);
}

static void test_disturbed_dump(void **state)
{
	static const char text[] = "Some log:\n00: no address before these bytes\n"
				   "00:02.0 Thing [0200]: (rev 01)\n"
				   "\tCapabilities: [40] x\n"
				   "00: 86 80 c9 10 06 00 00 00 01 00 00 02 00 00 00 00\n"
				   "pcilib: read failed\n"
				   "10: 00 00 00 00 00 00 pcilib: sysfs_read_vpd: failed\n"
				   "\n"
				   "0001:03:1f.7 Other\n"
				   "00: 86 80 34 12 06 00 00 00 01 00 00 02 00 00 00 00\n"
				   "ff0: 0\n";

	(void)state;
	run_text(text, sizeof(text) - 1);
	assert_done();
	assert_string_equal(ran.err, "");
	assert_non_null(strstr(ran.out, "\n0000:00:02.0  8086:10c9  020000  01 "));
	assert_non_null(strstr(ran.out, "\n0001:03:1f.7  8086:1234  020000  01 "));
}

static void test_bytes_of_no_meaning(void **state)
{
	static const char text[] = "00:02.0 x\n00: 86 80\0\0\0\n\0\n\xff\xfe:\n00:02.0\n00: gg\n";

	(void)state;
	run_text(text, sizeof(text) - 1);
	assert_done();
	assert_null(strchr(ran.out, '\xff'));
}

static void test_endless_lines(void **state)
{
	size_t bytes = 100000;
	char *text = malloc(bytes);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', bytes);
	memcpy(text + 50000, "\n00:02.0 x", 10);
	run_text(text, bytes);
	free(text);
	assert_done();
	assert_string_equal(ran.err, "pt-ctl: 0000:00:02.0: left out: it answers all-ones\n");
}

/* The rest of a line that is too long is no line of its own. */
static void test_address_inside_of_a_long_line(void **state)
{
	static const char tail[] = "00:02.0 x\n00: 86 80 c9 10 06 00 00 00 01 00 00 02 00 00 00 00\n";
	static const char head[] = "00:01.0 x\n00: 86 80 c9 10 06 00 00 00 01 00 00 02 00 00 00 00\n\n";
	char text[sizeof(head) + 4095 + sizeof(tail)];

	(void)state;
	memcpy(text, head, sizeof(head) - 1);
	memset(text + sizeof(head) - 1, 'x', 4095);
	memcpy(text + sizeof(head) - 1 + 4095, tail, sizeof(tail));
	run_text(text, strlen(text));
	assert_done();
	assert_non_null(strstr(ran.out, "\n0000:00:01.0 "));
	assert_null(strstr(ran.out, "\n0000:00:02.0 "));
}

/* --- What is written elsewhere about the verbs. --- */

static bool file_has(const char *path, const char *text)
{
	FILE *f = fopen(path, "r");
	char *all;
	bool has;

	assert_non_null(f);
	all = all_of(f);
	has = strstr(all, text) != NULL;
	free(all);
	return has;
}

static void assert_documented(const char *verb)
{
	char manual[64];

	snprintf(manual, sizeof(manual), "\n.B %s\n", verb);
	if (!file_has("tools/pt-ctl/pt-ctl.8", manual)) {
		snprintf(manual, sizeof(manual), "\n.BI %s ", verb);
		if (!file_has("tools/pt-ctl/pt-ctl.8", manual))
			fail_msg("%s is not in pt-ctl.8", verb);
	}
}

static void test_manual_and_completion_know_the_verbs(void **state)
{
	char wanted[256] = "verbs=\"", verb[32];
	const char *line;
	int end;

	(void)state;
	RUN("-h");
	line = strstr(ran.out, "verbs:\n");
	assert_non_null(line);
	line += strlen("verbs:\n");
	while (sscanf(line, "  %31s %*[^\n]%n", verb, &end) == 1 && line[0] == ' ') {
		assert_documented(verb);
		strcat(wanted, verb);
		strcat(wanted, " ");
		line += end + 1;
	}
	wanted[strlen(wanted) - 1] = '"';
	if (!file_has("tools/pt-ctl/pt-ctl.bash", wanted))
		fail_msg("pt-ctl.bash does not have %s", wanted);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_help),
		CASE(test_no_verb),
		CASE(test_wrong_usage),
		CASE(test_files_that_are_none),
		CASE(test_addresses),
		CASE(test_list_text),
		CASE(test_show_text),
		CASE(test_show_without_capabilities),
		CASE(test_json_of_every_dump),
		CASE(test_json_golden),
		CASE(test_explain_text),
		CASE(test_explain_json),
		CASE(test_json_show_in_the_order_asked),
		CASE(test_json_header_only),
		CASE(test_disturbed_dump),
		CASE(test_bytes_of_no_meaning),
		CASE(test_endless_lines),
		CASE(test_address_inside_of_a_long_line),
		CASE(test_manual_and_completion_know_the_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
