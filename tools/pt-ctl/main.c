/* SPDX-License-Identifier: GPL-2.0-only */
#include <getopt.h>
#include <string.h>

#include "ptctl.h"

struct ptctl_options ptctl_options;

#define ANY_NUMBER -1

/* Sorted by name. */
static const struct verb {
	const char *name;
	const char *arguments;
	const char *help;
	int least, most; /* number of arguments */
	int (*run)(int argc, char **argv);
} verbs[] = {
	{"explain", "DEVICE...", "what is known to be wrong with these functions", 1, ANY_NUMBER,
		explain_run},
	{"list", "", "one line for each PCI function", 0, 0, list_run},
	{"show", "DEVICE...", "all about these functions", 1, ANY_NUMBER, show_run},
};

static void option_dump(const char *value)
{
	ptctl_options.dump = value;
}

static void option_json(const char *value)
{
	(void)value;
	ptctl_options.json = true;
}

static void option_verbose(const char *value)
{
	(void)value;
	ptctl_options.verbose = true;
}

/* Sorted by name. */
static const struct option_row {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
	char letter;
	void (*set)(const char *value); /* NULL: --help */
} options[] = {
	{"dump", "FILE", "a recorded `lspci -xxxx` text instead of this machine", 'd', option_dump},
	{"help", NULL, "this text", 'h', NULL},
	{"json", NULL, "output for programs", 'j', option_json},
	{"verbose", NULL, "what the scan has to say, on stderr", 'v', option_verbose},
};

void ptctl_verror(const char *fmt, va_list ap)
{
	fputs("pt-ctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void ptctl_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ptctl_verror(fmt, ap);
	va_end(ap);
}

static void usage(FILE *out)
{
	char left[64];

	fputs("usage: pt-ctl [OPTION]... VERB [ARGUMENT]...\n\nverbs:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		snprintf(left, sizeof(left), "%s %s", verbs[i].name, verbs[i].arguments);
		fprintf(out, "  %-20s %s\n", left, verbs[i].help);
	}
	fputs("\noptions:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		snprintf(left, sizeof(left), "-%c, --%s %s", options[i].letter, options[i].name,
			options[i].argument ? options[i].argument : "");
		fprintf(out, "  %-20s %s\n", left, options[i].help);
	}
	fputs("\nDEVICE is [SEGMENT:]BUS:DEVICE.FUNCTION in hexadecimal.\n"
	      "exit status: 0 done, 1 failed, 2 wrong usage, 3 refused; see pt-ctl(8)\n",
		out);
}

/* getopt's two forms of the option table. */
static void options_convert(struct option *longs, char *letters)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		bool argument = options[i].argument != NULL;

		longs[i] = (struct option){options[i].name, argument, NULL, options[i].letter};
		*letters++ = options[i].letter;
		if (argument)
			*letters++ = ':';
	}
}

static const struct option_row *option_find(int letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* An exit code, or -1 to go on with the verb at optind. */
static int options_parse(int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(options) + 1] = {0};
	char letters[2 * ARRAY_SIZE(options) + 1] = {0};
	int letter;

	options_convert(longs, letters);
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_row *row = option_find(letter);

		if (!row)
			return PTCTL_USAGE; /* getopt has said why */
		if (!row->set) {
			usage(stdout);
			return PTCTL_OK;
		}
		row->set(optarg);
	}
	return -1;
}

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int verb_run(int argc, char **argv)
{
	const struct verb *verb = verb_find(argv[0]);

	if (!verb) {
		ptctl_error("no verb '%s'; see pt-ctl --help", argv[0]);
		return PTCTL_USAGE;
	}
	if (argc - 1 < verb->least || (verb->most != ANY_NUMBER && argc - 1 > verb->most)) {
		ptctl_error("usage: pt-ctl %s %s", verb->name, verb->arguments);
		return PTCTL_USAGE;
	}
	return verb->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int code;

	argv[0] = (char *)"pt-ctl"; /* getopt's messages begin with it */
	code = options_parse(argc, argv);
	if (code >= 0)
		return code;
	if (optind == argc) {
		usage(stderr);
		return PTCTL_USAGE;
	}
	code = verb_run(argc - optind, argv + optind);
	if (fflush(stdout) || ferror(stdout)) {
		ptctl_error("output: write error");
		return PTCTL_FAILED;
	}
	return code;
}
