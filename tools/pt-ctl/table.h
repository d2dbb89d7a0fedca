/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in columns, each as wide as its widest cell. */
#ifndef PTCTL_TABLE_H
#define PTCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS 8

struct table {
	size_t columns;
	size_t rows, room; /* in rows */
	char **cell;	   /* rows x columns, owned */
};

/* heads: the first row, which fixes the number of columns. False when memory is short, as below. */
bool table_init(struct table *table, size_t columns, const char *const *heads);
/* Copies the cells. */
bool table_add(struct table *table, const char *const *cells);
void table_print(const struct table *table);
void table_free(struct table *table);

#endif
