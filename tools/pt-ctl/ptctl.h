/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of pt-ctl share. */
#ifndef PTCTL_H
#define PTCTL_H

#include <stdarg.h>
#include <stdio.h>

#include <pt/types.h>

/* Exit codes, documented in pt-ctl(8). */
enum ptctl_exit {
	PTCTL_OK = 0,
	PTCTL_FAILED = 1,
	PTCTL_USAGE = 2,
	PTCTL_REFUSED = 3,
};

struct ptctl_options {
	const char *dump; /* a recorded machine instead of the running one, or NULL */
	bool json;
	bool verbose;
};

extern struct ptctl_options ptctl_options;

/* One line on stderr, with the program's name. */
__printf(1, 2) void ptctl_error(const char *fmt, ...);
__printf(1, 0) void ptctl_verror(const char *fmt, va_list ap);

/* "[SEGMENT:]BUS:DEVICE.FUNCTION" in hexadecimal, nothing before or after it. */
bool ptctl_parse_sbdf(const char *text, sbdf_t *ret_sbdf);
#define PTCTL_SBDF_BYTES 16
const char *ptctl_format_sbdf(sbdf_t sbdf, char text[PTCTL_SBDF_BYTES]);

/* --- Verbs: arguments without the verb's name. Return an exit code. --- */
int explain_run(int argc, char **argv);
int list_run(int argc, char **argv);
int show_run(int argc, char **argv);

#endif
