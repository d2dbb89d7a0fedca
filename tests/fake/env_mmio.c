/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "env_priv.h"

#define BLOCKS 64

struct block {
	paddr_t base;
	uint32_t bytes;
	uint8_t *store;
	uint8_t *window; /* what the code under test gets: no access */
	const struct fake_mmio_ops *ops;
	void *ctx;
};

static struct block blocks[BLOCKS];
static unsigned int block_count;
static size_t live_maps;

void fake_mmio_reset(void)
{
	for (unsigned int i = 0; i < block_count; i++) {
		free(blocks[i].store);
		munmap(blocks[i].window, blocks[i].bytes);
	}
	memset(blocks, 0, sizeof(blocks));
	block_count = 0;
	live_maps = 0;
}

uint8_t *fake_mmio_add(paddr_t base, uint32_t bytes, const struct fake_mmio_ops *ops, void *ctx)
{
	struct block *b = &blocks[block_count];

	if (block_count == BLOCKS)
		fake_violation("more than %d register blocks", BLOCKS);
	b->store = calloc(1, bytes);
	b->window = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!b->store || b->window == MAP_FAILED)
		fake_violation("no memory for registers");
	b->base = base;
	b->bytes = bytes;
	b->ops = ops;
	b->ctx = ctx;
	block_count++;
	return b->store;
}

volatile void *env_mmio_map(paddr_t base, size_t bytes)
{
	if (fake_fault_now(FAKE_FAULT_MAP))
		return NULL;
	for (unsigned int i = 0; i < block_count; i++) {
		struct block *b = &blocks[i];

		if (base >= b->base && base - b->base <= b->bytes && bytes <= b->bytes - (base - b->base)) {
			live_maps++;
			return b->window + (base - b->base);
		}
	}
	return NULL;
}

void env_mmio_unmap(volatile void *regs, size_t bytes)
{
	(void)bytes;
	if (!regs || !live_maps)
		fake_violation("env_mmio_unmap of what is not mapped");
	live_maps--;
}

size_t fake_live_maps(void)
{
	return live_maps;
}

static struct block *block_of(const volatile void *addr, uint32_t size, uint32_t *ret_offset)
{
	uintptr_t a = (uintptr_t)addr;

	for (unsigned int i = 0; i < block_count; i++) {
		uintptr_t off = a - (uintptr_t)blocks[i].window;

		if (off >= blocks[i].bytes)
			continue;
		if (off % size || off + size > blocks[i].bytes)
			fake_violation("%u-byte access at register 0x%lx", size, off);
		*ret_offset = (uint32_t)off;
		return &blocks[i];
	}
	fake_violation("register access outside of a mapping");
}

static uint64_t block_read(const volatile void *addr, uint32_t size)
{
	uint32_t off;
	struct block *b = block_of(addr, size, &off);
	uint64_t v = 0;

	if (b->ops && b->ops->read)
		return b->ops->read(b->ctx, off, size);
	memcpy(&v, b->store + off, size);
	return v;
}

static void block_write(volatile void *addr, uint32_t size, uint64_t value)
{
	uint32_t off;
	struct block *b = block_of(addr, size, &off);

	fake_record(FAKE_MMIO_WRITE, b->base + off, 0, size, value);
	if (b->ops && b->ops->write)
		b->ops->write(b->ctx, off, size, value);
	else
		memcpy(b->store + off, &value, size);
}

uint32_t env_read32(const volatile void *addr)
{
	return (uint32_t)block_read(addr, 4);
}

uint64_t env_read64(const volatile void *addr)
{
	return block_read(addr, 8);
}

void env_write32(volatile void *addr, uint32_t value)
{
	block_write(addr, 4, value);
}

void env_write64(volatile void *addr, uint64_t value)
{
	block_write(addr, 8, value);
}
