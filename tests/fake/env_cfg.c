/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "env_priv.h"

#define BUCKETS 1024

struct entry {
	struct fake_fn fn;
	struct entry *next;
};

static struct entry *buckets[BUCKETS];
static unsigned int entry_count;
static uint8_t segments_used[65536 / 8];

static struct entry **bucket_of(sbdf_t sbdf)
{
	return &buckets[(sbdf.v ^ (sbdf.v >> 10)) % BUCKETS];
}

static void bucket_free(struct entry **bucket)
{
	while (*bucket) {
		struct entry *e = *bucket;

		*bucket = e->next;
		free(e);
	}
}

void fake_cfg_forget(void)
{
	if (!entry_count)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		bucket_free(&buckets[i]);
	entry_count = 0;
	memset(segments_used, 0, sizeof(segments_used));
}

struct fake_fn *fake_cfg_add(sbdf_t sbdf, uint32_t bytes)
{
	struct entry **bucket = bucket_of(sbdf), *e = calloc(1, sizeof(*e));

	if (!e || (bytes != 256 && bytes != 4096))
		fake_violation("fake_cfg_add: %u bytes", bytes);
	e->fn.sbdf = sbdf;
	e->fn.bytes = bytes;
	e->next = *bucket;
	*bucket = e;
	entry_count++;
	segments_used[sbdf_seg(sbdf) / 8] |= (uint8_t)(1U << (sbdf_seg(sbdf) % 8));
	return &e->fn;
}

struct fake_fn *fake_cfg_find(sbdf_t sbdf)
{
	for (struct entry *e = *bucket_of(sbdf); e; e = e->next)
		if (sbdf_eq(e->fn.sbdf, sbdf))
			return &e->fn;
	return NULL;
}

bool fake_cfg_segment_used(uint16_t segment)
{
	return (segments_used[segment / 8] & (1U << (segment % 8))) != 0;
}

/* --- Set up by the test. --- */

static void bytes_put(uint8_t *to, uint32_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t bytes_get(const uint8_t *from, unsigned int size)
{
	uint32_t v = 0;

	for (unsigned int i = 0; i < size; i++)
		v |= (uint32_t)from[i] << (8 * i);
	return v;
}

void fake_cfg_set8(struct fake_fn *fn, unsigned int reg, uint8_t value)
{
	fn->reg[reg] = value;
}

void fake_cfg_set16(struct fake_fn *fn, unsigned int reg, uint16_t value)
{
	bytes_put(fn->reg + reg, value, 2);
}

void fake_cfg_set32(struct fake_fn *fn, unsigned int reg, uint32_t value)
{
	bytes_put(fn->reg + reg, value, 4);
}

uint32_t fake_cfg_get32(const struct fake_fn *fn, unsigned int reg)
{
	return bytes_get(fn->reg + reg, 4);
}

void fake_cfg_wmask16(struct fake_fn *fn, unsigned int reg, uint16_t mask)
{
	bytes_put(fn->wmask + reg, mask, 2);
}

void fake_cfg_wmask32(struct fake_fn *fn, unsigned int reg, uint32_t mask)
{
	bytes_put(fn->wmask + reg, mask, 4);
}

void fake_cfg_bar(struct fake_fn *fn, unsigned int reg, uint64_t base, uint64_t size, uint32_t type)
{
	bool wide = (type & 0x7) == 0x4;
	uint64_t mask = ~(size - 1);

	fake_cfg_set32(fn, reg, (uint32_t)base | type);
	fake_cfg_wmask32(fn, reg, (uint32_t)mask & ~(type & 1 ? 0x3U : 0xfU));
	if (!wide)
		return;
	fake_cfg_set32(fn, reg + 4, (uint32_t)(base >> 32));
	fake_cfg_wmask32(fn, reg + 4, (uint32_t)(mask >> 32));
}

/* --- Access by the code under test. --- */

static void access_check(const char *what, unsigned int reg, unsigned int size)
{
	if ((size != 1 && size != 2 && size != 4) || reg >= 4096 || reg % size)
		fake_violation("%s of %u bytes at 0x%x", what, size, reg);
}

static uint32_t all_ones(unsigned int size)
{
	return 0xffffffffU >> (32 - 8 * size);
}

uint32_t env_cfg_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	struct fake_fn *fn = fake_cfg_find(sbdf);
	uint32_t value;

	access_check("env_cfg_read", reg, size);
	if (!fn || fn->dead || reg >= fn->bytes)
		return all_ones(size);
	fn->reads++;
	value = bytes_get(fn->reg + reg, size);
	if (fn->ops && fn->ops->read)
		fn->ops->read(fn->ctx, fn, reg, size, &value);
	return value & all_ones(size);
}

static void masked_write(struct fake_fn *fn, unsigned int reg, unsigned int size, uint32_t value)
{
	for (unsigned int i = reg; i < reg + size; i++, value >>= 8) {
		uint8_t v = (uint8_t)value;

		fn->reg[i] = (uint8_t)((fn->reg[i] & ~fn->wmask[i]) | (v & fn->wmask[i]));
		fn->reg[i] = (uint8_t)(fn->reg[i] & ~(v & fn->w1c[i]));
	}
}

void env_cfg_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	struct fake_fn *fn = fake_cfg_find(sbdf);

	access_check("env_cfg_write", reg, size);
	if (value & ~all_ones(size))
		fake_violation("env_cfg_write of 0x%x in %u bytes", value, size);
	fake_record(FAKE_CFG_WRITE, sbdf.v, reg, size, value);
	if (!fn || fn->dead || reg >= fn->bytes)
		return;
	fn->writes++;
	if (fn->ops && fn->ops->write && fn->ops->write(fn->ctx, fn, reg, size, value))
		return;
	masked_write(fn, reg, size, value);
}
