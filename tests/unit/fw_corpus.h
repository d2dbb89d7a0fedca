/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of real machines: tests/fixtures/acpi/KIND/ with index.tsv, which says
 * for each file where it comes from and what an independent decoder saw in it.
 */
#ifndef FW_CORPUS_H
#define FW_CORPUS_H

#include <stdio.h>
#include <pt/iommu_fw.h>

struct corpus_table {
	char name[256];
	char facts[1024];
	uint8_t bytes[8192];
	size_t length;
};

/* Calls for every table of the index; returns how many there were. */
size_t corpus_each(const char *kind, void (*check)(const struct corpus_table *table, void *ctx), void *ctx);

/* The number behind KEY= (decimal, hexadecimal, True), 0 when the key is not there. */
unsigned long corpus_fact(const struct corpus_table *table, const char *key);

/* The number of 'ITEM': N within KEY={...}, 0 when not there. */
unsigned long corpus_count(const struct corpus_table *table, const char *key, const char *item);

/* Fails the test at the first line that differs from the file; UPDATE_GOLDEN=1 writes the file instead. */
void golden_compare(const char *path, const char *text);

/* All problems of the description; 0 when it has none of this code. */
unsigned int problem_count(const struct iommu_fw *fw, unsigned int code);

#endif
