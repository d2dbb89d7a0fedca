/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include "unit.h"
#include "fw_corpus.h"

#define FIXTURES "tests/fixtures/acpi/"

static void table_load(struct corpus_table *table)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), FIXTURES "%s", table->name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	table->length = fread(table->bytes, 1, sizeof(table->bytes), f);
	fclose(f);
}

/* file, source, facts: separated by tabs. */
static bool line_split(const char *line, struct corpus_table *table)
{
	const char *source = strchr(line, '\t'), *facts = source ? strchr(source + 1, '\t') : NULL;

	if (!facts || strncmp(line, "file\t", 5) == 0)
		return false;
	snprintf(table->name, sizeof(table->name), "%.*s", (int)(source - line), line);
	snprintf(table->facts, sizeof(table->facts), " %.*s", (int)strcspn(facts + 1, "\n"), facts + 1);
	return true;
}

size_t corpus_each(const char *kind, void (*check)(const struct corpus_table *table, void *ctx), void *ctx)
{
	struct corpus_table *table = malloc(sizeof(*table));
	char path[128], line[2048];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), FIXTURES "%s/index.tsv", kind);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(table);
	while (fgets(line, sizeof(line), f)) {
		if (!line_split(line, table))
			continue;
		table_load(table);
		check(table, ctx);
		n++;
	}
	fclose(f);
	free(table);
	return n;
}

static const char *fact_find(const struct corpus_table *table, const char *key)
{
	char word[64];
	const char *at;

	snprintf(word, sizeof(word), " %s=", key);
	at = strstr(table->facts, word);
	return at ? at + strlen(word) : NULL;
}

unsigned long corpus_fact(const struct corpus_table *table, const char *key)
{
	const char *at = fact_find(table, key);

	if (!at)
		return 0;
	return strncmp(at, "True", 4) == 0 ? 1 : strtoul(at, NULL, 0);
}

unsigned long corpus_count(const struct corpus_table *table, const char *key, const char *item)
{
	const char *at = fact_find(table, key), *end = at ? strchr(at, '}') : NULL, *hit;
	char word[64];

	snprintf(word, sizeof(word), "'%s': ", item);
	hit = at ? strstr(at, word) : NULL;
	return hit && hit < end ? strtoul(hit + strlen(word), NULL, 10) : 0;
}

static void golden_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

void golden_compare(const char *path, const char *text)
{
	char want[512];
	unsigned int line = 0;
	FILE *f;

	if (getenv("UPDATE_GOLDEN"))
		golden_write(path, text);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	while (fgets(want, sizeof(want), f)) {
		size_t n = strlen(want);

		line++;
		if (strncmp(want, text, n) != 0)
			fail_msg("%s:%u: want %sgot  %.*s", path, line, want, (int)strcspn(text, "\n"), text);
		text += n;
	}
	fclose(f);
	if (*text)
		fail_msg("%s ends, but there is more: %.*s", path, (int)strcspn(text, "\n"), text);
}

unsigned int problem_count(const struct iommu_fw *fw, unsigned int code)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < MIN(fw->problem_count, (uint32_t)IOMMU_FW_PROBLEMS_MAX); i++)
		n += fw->problem[i].code == code;
	return n;
}
