/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The symbol table, made by tools/build/symbols.py from the linked image: the
 * functions' offsets from the base, ascending, and one for the end of the text;
 * where the name of each stands in the pool of NUL-terminated names.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <pt/compiler.h>

extern const uint64_t symbols_base;
extern const uint32_t symbols_count;
extern const uint32_t symbols_offset[];	 /* count + 1 */
extern const uint32_t symbols_name_at[]; /* count + 1 */
extern const char symbols_names[];

#endif
