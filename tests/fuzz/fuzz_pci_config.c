/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration space as a hostile device would fill it. The first byte is the
 * scan's flags and, in bit 7, the form of the rest: an image of one function, or
 * records that set a register, or its write mask, of one of eight functions
 * on four buses.
 */
#include <stdlib.h>
#include <string.h>

#include <pt/pci.h>
#include <pt/pci_regs.h>

#include "env.h"

#define FUNCTIONS    8
#define RECORD	     8
#define READS_MAX    2000 /* of one function: it is read a bounded number of times */
#define FORM_IMAGE   0x80
#define RECORD_WMASK 0x80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fake_fn *functions[FUNCTIONS];

static void functions_add(void)
{
	static const uint16_t place[FUNCTIONS] = {
		0x0000, 0x0008, 0x0009, 0x0010, 0x0100, 0x0101, 0x0200, 0x0308};

	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		functions[i] = fake_cfg_add((sbdf_t){place[i]}, 4096);
		fake_cfg_set32(functions[i], PCI_VENDOR, 0x10c98086);
		fake_cfg_set16(functions[i], PCI_STATUS, PCI_STATUS_CAP_LIST);
	}
}

/* function and kind, register (two bytes), filler, value (four bytes) */
static void record_apply(const uint8_t *r)
{
	struct fake_fn *fn = functions[r[0] % FUNCTIONS];
	uint8_t *bytes = r[0] & RECORD_WMASK ? fn->wmask : fn->reg;

	memcpy(bytes + ((r[1] | r[2] << 8) & 0xffc), r + 4, 4);
}

static void config_fill(const uint8_t *data, size_t size, bool image)
{
	if (image) {
		memcpy(functions[0]->reg, data, MIN(size, sizeof(functions[0]->reg)));
		memset(functions[0]->wmask + 4, 0xff, 0x40);
		return;
	}
	for (; size >= RECORD; size -= RECORD, data += RECORD)
		record_apply(data);
}

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void registry_check(struct pci_registry *registry)
{
	struct pci_dev *dev;
	size_t count = 0;

	pci_for_each (dev, registry) {
		count++;
		check(dev == pci_find(registry, dev->sbdf));
		check(dev->cap_count <= PCI_CAPS_MAX + PCI_ECAPS_MAX);
		check(!dev->parent || sbdf_bus(dev->parent->sbdf) < sbdf_bus(dev->sbdf));
		for (unsigned int i = 0; i < PCI_BARS; i++)
			check((dev->bar[i].size & (dev->bar[i].size - 1)) == 0);
	}
	check(count == registry->count);
}

/* Plain registers: every one is as before, whatever was written between. */
static void functions_check(uint8_t before[FUNCTIONS][4096])
{
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		check(functions[i]->reads < READS_MAX);
		check(memcmp(before[i], functions[i]->reg, sizeof(before[i])) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t before[FUNCTIONS][4096];
	static const struct pci_scan_range range = {.segment = 0, .start_bus = 0, .end_bus = 3};
	struct pci_registry registry = {0};

	if (size < 1)
		return 0;
	fake_reset();
	functions_add();
	config_fill(data + 1, size - 1, data[0] & FORM_IMAGE);
	for (unsigned int i = 0; i < FUNCTIONS; i++)
		memcpy(before[i], functions[i]->reg, sizeof(before[i]));
	if (data[0] & 0x40)
		fake_fail(FAKE_FAULT_ALLOC, (data[0] >> 2) & 15);
	(void)!pci_scan(&registry, &range, 1, data[0] & (PCI_SCAN_SIZE_BARS | PCI_SCAN_EVERY_FUNCTION));
	registry_check(&registry);
	functions_check(before);
	pci_registry_clear(&registry);
	check(fake_live_allocs() == 0);
	return 0;
}
