/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exception table: instructions that are expected to fault, each with the
 * address to go on at (read by cpu/traps.c).
 * Use: EX_TABLE("1b", "2b") behind the instruction at label 1, in inline assembly.
 */
#ifndef HV_EX_TABLE_H
#define HV_EX_TABLE_H

#include <pt/compiler.h>

struct ex_entry {
	uint64_t at;
	uint64_t fixup;
};

extern const struct ex_entry __ex_table_start[], __ex_table_end[];

#define EX_TABLE(at, fixup)                 \
	".pushsection .ex_table, \"a\"\n\t" \
	".balign 8\n\t"                     \
	".quad " at ", " fixup "\n\t"       \
	".popsection\n\t"

#endif
