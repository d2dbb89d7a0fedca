/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static bool room_make(struct table *table)
{
	size_t room = table->room ? 2 * table->room : 64;
	char **cell;

	if (table->rows < table->room)
		return true;
	cell = realloc(table->cell, room * table->columns * sizeof(*cell));
	if (!cell)
		return false;
	table->cell = cell;
	table->room = room;
	return true;
}

bool table_add(struct table *table, const char *const *cells)
{
	char **row;

	if (!room_make(table))
		return false;
	row = table->cell + table->rows * table->columns;
	for (size_t c = 0; c < table->columns; c++) {
		row[c] = strdup(cells[c]);
		if (row[c])
			continue;
		while (c)
			free(row[--c]);
		return false;
	}
	table->rows++;
	return true;
}

bool table_init(struct table *table, size_t columns, const char *const *heads)
{
	memset(table, 0, sizeof(*table));
	table->columns = columns;
	return table_add(table, heads);
}

static int column_width(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t r = 0; r < table->rows; r++) {
		size_t length = strlen(table->cell[r * table->columns + column]);

		width = length > width ? length : width;
	}
	return (int)width;
}

void table_print(const struct table *table)
{
	int width[TABLE_COLUMNS];

	for (size_t c = 0; c < table->columns; c++)
		width[c] = column_width(table, c);
	for (size_t r = 0; r < table->rows; r++) {
		char **row = table->cell + r * table->columns;

		for (size_t c = 0; c + 1 < table->columns; c++)
			printf("%-*s  ", width[c], row[c]);
		puts(row[table->columns - 1]);
	}
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cell[i]);
	free(table->cell);
	memset(table, 0, sizeof(*table));
}
