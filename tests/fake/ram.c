/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <hv/frame.h>
#include "ram.h"

struct e820_map fake_ram;
static uint8_t *states;

static void window(uintptr_t base, uint64_t bytes)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;

	if (mmap((void *)base, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) {
		perror("fake ram");
		abort();
	}
}

/* Small machines get garbage in their entries; for large ones it would cost what is not there. */
static void garbage(const struct e820_entry *e)
{
	if (e->bytes <= GIB(1))
		memset(&frame_table[e->base >> PAGE_SHIFT], 0xff,
			(e->bytes >> PAGE_SHIFT) * sizeof(struct frame));
}

void fake_ram_reset(const struct e820_entry *entry, uint32_t count)
{
	window(FRAMETABLE_BASE, DIRECTMAP_BYTES / PAGE_SIZE * sizeof(struct frame));
	window(DIRECTMAP_BASE, DIRECTMAP_BYTES);
	fake_ram.count = count;
	memcpy(fake_ram.entry, entry, count * sizeof(*entry));
	for (uint32_t i = 0; i < count; i++)
		garbage(&entry[i]);
	free(states);
	states = malloc(frame_states_bytes(&fake_ram));
	frame_init(&fake_ram, states);
}

void fake_ram_simple(uint64_t bytes)
{
	const struct e820_entry one = {MIB(1), bytes, E820_RAM};

	fake_ram_reset(&one, 1);
}

uint64_t fake_ram_table_touched(void)
{
	static unsigned char in_core[1 << 16];
	uint64_t sum = 0, step = sizeof(in_core) * PAGE_SIZE;

	for (uint64_t at = 0; at < DIRECTMAP_BYTES / PAGE_SIZE * sizeof(struct frame); at += step) {
		if (mincore((void *)(FRAMETABLE_BASE + at), step, in_core))
			continue;
		for (size_t i = 0; i < sizeof(in_core); i++)
			sum += (in_core[i] & 1) * PAGE_SIZE;
	}
	return sum;
}
