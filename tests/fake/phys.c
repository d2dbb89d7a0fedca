/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <hv/acpi.h>
#include <hv/boot_info.h>
#include "phys.h"

#define REGIONS_MAX 64

struct block {
	struct block *next;
	uint8_t bytes[];
};

struct region {
	paddr_t base;
	size_t bytes;
	struct block *block;
};

static struct region regions[REGIONS_MAX];
static size_t region_count;
static struct block *copies;

unsigned int fake_acpi_mapped;

static struct block *block_new(size_t bytes)
{
	struct block *b = calloc(1, sizeof(*b) + bytes);

	if (b == NULL)
		abort();
	return b;
}

void fake_phys_reset(void)
{
	while (copies != NULL) {
		struct block *next = copies->next;

		free(copies);
		copies = next;
	}
	while (region_count > 0)
		free(regions[--region_count].block);
	fake_acpi_mapped = 0;
}

uint8_t *fake_phys_add(paddr_t base, size_t bytes)
{
	struct region *r = &regions[region_count++];

	if (region_count > REGIONS_MAX)
		abort();
	*r = (struct region){base, bytes, block_new(bytes)};
	return r->block->bytes;
}

uint8_t *fake_phys_copy(paddr_t base, const void *src, size_t bytes)
{
	return memcpy(fake_phys_add(base, bytes), src, bytes);
}

void fake_put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

void fake_put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

void fake_put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

const void *boot_mem(paddr_t base, size_t bytes)
{
	for (size_t i = 0; i < region_count; i++) {
		const struct region *r = &regions[i];
		struct block *b;

		if (base < r->base || base - r->base >= r->bytes || bytes > r->bytes - (base - r->base))
			continue;
		b = block_new(bytes);
		b->next = copies;
		copies = b;
		return memcpy(b->bytes, r->block->bytes + (base - r->base), bytes);
	}
	return NULL;
}

/* A copy unmapped is freed, so that its later use is seen. */
const void *acpi_map(paddr_t base, size_t bytes)
{
	const void *p = boot_mem(base, bytes);

	if (p != NULL)
		fake_acpi_mapped++;
	return p;
}

void acpi_unmap(const void *p, size_t bytes)
{
	(void)bytes;
	for (struct block **b = &copies; *b != NULL; b = &(*b)->next) {
		struct block *found = *b;

		if (found->bytes != p)
			continue;
		*b = found->next;
		free(found);
		fake_acpi_mapped--;
		return;
	}
	fprintf(stderr, "acpi_unmap of what acpi_map did not give\n");
	abort();
}
