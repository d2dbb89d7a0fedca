/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vpci_host.h"

struct range {
	paddr_t first, end;
	enum host_kind kind;
	struct vpci_dev *dev;
};

struct vpci_irq host_irq[HOST_IRQS];
unsigned int host_fail_irq, host_fail_trap, host_fail_map;
static struct range ranges[HOST_RANGES];

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fake vpci surroundings: %s\n", what);
	abort();
}

void host_reset(void)
{
	memset(host_irq, 0, sizeof(host_irq));
	memset(ranges, 0, sizeof(ranges));
	host_fail_irq = host_fail_trap = host_fail_map = 0;
}

static int fails(unsigned int *counter)
{
	return *counter && --*counter == 0 ? -ENOMEM : 0;
}

unsigned int host_live_irqs(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < HOST_IRQS; i++)
		n += host_irq[i].live;
	return n;
}

struct vpci_irq *host_irq_of(sbdf_t sbdf, unsigned int entry)
{
	for (unsigned int i = 0; i < HOST_IRQS; i++)
		if (host_irq[i].live && sbdf_eq(host_irq[i].source.sbdf, sbdf) &&
			host_irq[i].source.entry == entry)
			return &host_irq[i];
	return NULL;
}

int vpci_irq_create(struct domain *owner, const struct vpci_source *source, uint64_t address, uint32_t data,
	bool masked, struct vpci_irq **ret)
{
	(void)owner;
	require(!host_irq_of(source->sbdf, source->entry), "a second interrupt for one source");
	if (fails(&host_fail_irq))
		return -ENOMEM;
	for (unsigned int i = 0; i < HOST_IRQS; i++) {
		if (host_irq[i].live)
			continue;
		host_irq[i] = (struct vpci_irq){true, masked, *source, address, data};
		*ret = &host_irq[i];
		return 0;
	}
	return -ENOSPC;
}

void vpci_irq_destroy(struct vpci_irq *irq)
{
	require(irq->live, "an interrupt is destroyed twice");
	irq->live = false;
}

void vpci_irq_target(struct vpci_irq *irq, uint64_t address, uint32_t data)
{
	require(irq->live, "a dead interrupt is moved");
	irq->address = address;
	irq->data = data;
}

void vpci_irq_mask(struct vpci_irq *irq, bool masked)
{
	require(irq->live, "a dead interrupt is masked");
	irq->masked = masked;
}

enum host_kind host_at(paddr_t address, struct vpci_dev **ret_dev)
{
	enum host_kind kind = HOST_NOTHING;

	/* A trap lies over what is mapped around it. */
	for (unsigned int i = 0; i < HOST_RANGES; i++) {
		if (address < ranges[i].first || address >= ranges[i].end || ranges[i].kind <= kind)
			continue;
		kind = ranges[i].kind;
		if (ret_dev)
			*ret_dev = ranges[i].dev;
	}
	return kind;
}

static int range_add(paddr_t base, uint64_t bytes, enum host_kind kind, struct vpci_dev *dev)
{
	for (unsigned int i = 0; i < HOST_RANGES; i++) {
		if (ranges[i].kind != HOST_NOTHING)
			continue;
		ranges[i] = (struct range){base & PAGE_MASK, ALIGN_UP(base + bytes, PAGE_SIZE), kind, dev};
		return 0;
	}
	return -ENOSPC;
}

static void range_remove(paddr_t base, enum host_kind kind)
{
	for (unsigned int i = 0; i < HOST_RANGES; i++) {
		if (ranges[i].kind != kind || ranges[i].first != (base & PAGE_MASK))
			continue;
		ranges[i].kind = HOST_NOTHING;
		return;
	}
	require(false, "what is not there is removed");
}

int vpci_map(struct domain *owner, paddr_t base, uint64_t bytes)
{
	(void)owner;
	return fails(&host_fail_map) ? -ENOMEM : range_add(base, bytes, HOST_DIRECT, NULL);
}

void vpci_unmap(struct domain *owner, paddr_t base, uint64_t bytes)
{
	(void)owner;
	(void)bytes;
	range_remove(base, HOST_DIRECT);
}

int vpci_trap(struct domain *owner, paddr_t base, uint64_t bytes, struct vpci_dev *dev)
{
	(void)owner;
	require(IS_ALIGNED(base | bytes, PAGE_SIZE) && bytes, "a trap of no whole pages");
	return fails(&host_fail_trap) ? -ENOMEM : range_add(base, bytes, HOST_TRAP, dev);
}

void vpci_untrap(struct domain *owner, paddr_t base, uint64_t bytes)
{
	(void)owner;
	(void)bytes;
	range_remove(base, HOST_TRAP);
}
