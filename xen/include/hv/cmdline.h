/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's command line, with Xen's spellings (Xen's xen-command-line
 * document, sections "Boolean", "Integer", "Size" and "List"):
 *
 *   name  name=yes|on|true|enable|1      a boolean set
 *   no-name  name=no|off|false|disable|0 a boolean cleared
 *   name=12  name=0x1f                   a number
 *   name=512M                            a size: B, K, M, G, T; KiB when nothing is said
 *   name=a,no-b,c=1,d:2                  a list, each element against a table of its own
 *
 * '-' and '_' in names are the same. When an option stands twice the last one
 * counts. "--" ends the hypervisor's options: the rest is dom0's. A word that
 * is unknown or malformed costs one warning and itself, never the boot.
 *
 * A subsystem owns the variables of its options; the rows stand in
 * start/options.c, sorted by name. An option that has no effect has no row.
 * Context: boot processor, once, after the log works; logs.
 */
#ifndef HV_CMDLINE_H
#define HV_CMDLINE_H

#include <hv/types.h>

enum boot_option_kind {
	BOOT_OPT_BOOL,
	BOOT_OPT_UINT,
	BOOT_OPT_SIZE,
	BOOT_OPT_STRING,
	BOOT_OPT_CHOICE,
	BOOT_OPT_LIST,
	BOOT_OPT_CALL,
	BOOT_OPT_CALL_BOOL,
	BOOT_OPT_KINDS,
};

struct boot_option {
	const char *name; /* in a list's table: "" takes the elements that no other row names */
	enum boot_option_kind kind;
	union {
		bool *boolean;
		uint32_t *uint;	 /* UINT: the number; CHOICE: the index in choices */
		uint64_t *bytes; /* SIZE */
		char *string;
		const struct boot_option *rows; /* LIST */
		/* The subsystem's own parser: 0 or a negative errno; value is "" when there is none. */
		int (*call)(const char *value);
		void (*call_bool)(bool on);
	} to;
	uint32_t min,
		max; /* UINT: both allowed; STRING: max is the array's size; LIST: max is the number of rows */
	const char *const *choices; /* CHOICE: ends with NULL */
	const char *help;	    /* with the values and their range: warnings quote it */
};

#define OPT_BOOL(n, var, text)                                                           \
	{                                                                                \
		.name = (n), .kind = BOOT_OPT_BOOL, .to.boolean = &(var), .help = (text) \
	}
#define OPT_UINT(n, var, lo, hi, text)                                                           \
	{                                                                                        \
		.name = (n), .kind = BOOT_OPT_UINT, .to.uint = &(var), .min = (lo), .max = (hi), \
		.help = (text)                                                                   \
	}
#define OPT_SIZE(n, var, text)                                                         \
	{                                                                              \
		.name = (n), .kind = BOOT_OPT_SIZE, .to.bytes = &(var), .help = (text) \
	}
#define OPT_STRING(n, array, text)                                                                \
	{                                                                                         \
		.name = (n), .kind = BOOT_OPT_STRING, .to.string = (array), .max = sizeof(array), \
		.help = (text)                                                                    \
	}
#define OPT_CHOICE(n, var, names, text)                                                                     \
	{                                                                                                   \
		.name = (n), .kind = BOOT_OPT_CHOICE, .to.uint = &(var), .choices = (names), .help = (text) \
	}
#define OPT_LIST(n, table, text)                                                                  \
	{                                                                                         \
		.name = (n), .kind = BOOT_OPT_LIST, .to.rows = (table), .max = ARRAY_SIZE(table), \
		.help = (text)                                                                    \
	}
#define OPT_CALL(n, parser, text)                                                       \
	{                                                                               \
		.name = (n), .kind = BOOT_OPT_CALL, .to.call = (parser), .help = (text) \
	}
#define OPT_CALL_BOOL(n, setter, text)                                                            \
	{                                                                                         \
		.name = (n), .kind = BOOT_OPT_CALL_BOOL, .to.call_bool = (setter), .help = (text) \
	}

extern const struct boot_option boot_options[];
extern const size_t boot_option_count;

/* Returns what follows "--", without leading spaces, or NULL when there is no "--". */
const char *cmdline_parse(const char *line, const struct boot_option *table, size_t count);

/* The table as log lines. */
void cmdline_help_log(const struct boot_option *table, size_t count);

/* For a subsystem's own parser: the whole string must be the value. 0, -EINVAL, or -ERANGE beyond 64 bits. */
int cmdline_bool_parse(const char *s, bool *ret) __must_check;
int cmdline_uint_parse(const char *s, uint64_t *ret) __must_check;
int cmdline_size_parse(const char *s, uint64_t *ret_bytes) __must_check;

#endif
