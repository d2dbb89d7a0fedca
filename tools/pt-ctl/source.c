/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "dump.h"
#include "ptctl.h"
#include "source.h"

#define FILL                                                                                         \
	(PCI_FILL_IDENT | PCI_FILL_SIZES | PCI_FILL_BASES | PCI_FILL_ROM_BASE | PCI_FILL_NUMA_NODE | \
		PCI_FILL_IOMMU_GROUP | PCI_FILL_DRIVER)

/* Sorted by sbdf, so that a read finds its device in a few steps. */
struct entry {
	uint32_t sbdf;
	struct pci_dev *dev;
};

static struct pci_access *access_state;
static struct entry *entries;
static size_t entry_count;

/* --- libpci's messages. --- */

static __noreturn void libpci_fail(char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ptctl_verror(fmt, ap);
	va_end(ap);
	exit(PTCTL_FAILED);
}

static void libpci_warn(char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ptctl_verror(fmt, ap);
	va_end(ap);
}

/* --- The index. --- */

static int entry_compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->sbdf > y->sbdf) - (x->sbdf < y->sbdf);
}

static struct pci_dev *device_find(sbdf_t sbdf)
{
	struct entry key = {.sbdf = sbdf.v};
	struct entry *e = bsearch(&key, entries, entry_count, sizeof(*entries), entry_compare);

	return e ? e->dev : NULL;
}

/* Segments of 16 bits are all that PCI Express knows; Linux invents larger ones behind VMD controllers. */
static bool device_usable(const struct pci_dev *dev)
{
	if (dev->domain >= 0 && dev->domain <= 0xffff)
		return true;
	ptctl_error("%x:%02x:%02x.%x: left out: a segment above ffff", (unsigned int)dev->domain, dev->bus,
		dev->dev, dev->func);
	return false;
}

static size_t devices_count(void)
{
	size_t count = 0;

	for (struct pci_dev *d = access_state->devices; d; d = d->next)
		count++;
	return count;
}

static int index_build(void)
{
	size_t count = devices_count();

	if (!count)
		return -ENODATA;
	entries = calloc(count, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	for (struct pci_dev *d = access_state->devices; d; d = d->next) {
		if (!device_usable(d))
			continue;
		entries[entry_count].sbdf = SBDF(d->domain, d->bus, d->dev, d->func).v;
		entries[entry_count++].dev = d;
		pci_fill_info(d, FILL);
	}
	qsort(entries, entry_count, sizeof(*entries), entry_compare);
	return 0;
}

static void access_open(int dump_fd)
{
	char path[32];

	access_state = pci_alloc();
	access_state->error = libpci_fail;
	access_state->warning = libpci_warn;
	if (dump_fd >= 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", dump_fd);
		access_state->method = PCI_ACCESS_DUMP;
		pci_set_param(access_state, (char *)"dump.name", path);
	}
	pci_init(access_state);
	pci_scan_bus(access_state);
}

int source_open(const char *dump)
{
	int rc, fd = dump ? dump_open(dump) : -1;

	if (dump && fd < 0)
		return fd;
	access_open(fd);
	if (fd >= 0)
		close(fd); /* libpci has read all of it */
	rc = index_build();
	if (rc)
		source_close();
	return rc;
}

void source_close(void)
{
	free(entries);
	entries = NULL;
	entry_count = 0;
	if (access_state)
		pci_cleanup(access_state);
	access_state = NULL;
}

uint32_t source_segment_from(uint32_t segment)
{
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].sbdf >> 16 >= segment)
			return entries[i].sbdf >> 16;
	return 0x10000;
}

bool source_find_from(uint64_t sbdf, sbdf_t *ret_sbdf)
{
	for (size_t i = 0; i < entry_count; i++) {
		if (entries[i].sbdf < sbdf)
			continue;
		ret_sbdf->v = entries[i].sbdf;
		return true;
	}
	return false;
}

/* --- Reading. --- */

static uint32_t config_read(struct pci_dev *dev, unsigned int reg, unsigned int size)
{
	switch (size) {
	case 1:
		return pci_read_byte(dev, (int)reg);
	case 2:
		return pci_read_word(dev, (int)reg);
	default:
		return pci_read_long(dev, (int)reg);
	}
}

/* The ids of a virtual function read as all-ones (SR-IOV, PCIe 9.3.4.1.1); Linux knows better. */
static bool ids_hidden(struct pci_dev *dev, unsigned int reg)
{
	return reg < 4 && dev->vendor_id != 0xffff && pci_read_word(dev, 0) == 0xffff;
}

uint32_t source_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	struct pci_dev *dev = device_find(sbdf);
	uint32_t ones = 0xffffffffU >> (32 - 8 * size);

	if (!dev)
		return ones;
	if (ids_hidden(dev, reg))
		return ((dev->vendor_id | (uint32_t)dev->device_id << 16) >> (8 * reg)) & ones;
	return config_read(dev, reg, size);
}

bool source_readable(sbdf_t sbdf, unsigned int reg)
{
	struct pci_dev *dev = device_find(sbdf);
	u8 byte;

	return dev && pci_read_block(dev, (int)reg, &byte, 1) != 0;
}

/* --- What Linux knows. --- */

void source_facts_get(sbdf_t sbdf, struct source_facts *facts)
{
	struct pci_dev *dev = device_find(sbdf);

	*facts = (struct source_facts){.numa_node = -1};
	if (!dev || access_state->method == PCI_ACCESS_DUMP)
		return;
	facts->driver = pci_get_string_property(dev, PCI_FILL_DRIVER);
	facts->iommu_group = pci_get_string_property(dev, PCI_FILL_IOMMU_GROUP);
	facts->numa_node = dev->numa_node;
}

uint64_t source_bar_size(sbdf_t sbdf, unsigned int index)
{
	struct pci_dev *dev = device_find(sbdf);

	if (!dev)
		return 0;
	return index < ARRAY_SIZE(dev->size) ? dev->size[index] : dev->rom_size;
}

/* From pci.ids alone: the same on every machine that has the same file. */
#define LOOKUP(what) ((what) | PCI_LOOKUP_NO_HWDB)

void source_device_name(uint16_t vendor, uint16_t device, char name[SOURCE_NAME_BYTES])
{
	if (!pci_lookup_name(access_state, name, SOURCE_NAME_BYTES,
		    LOOKUP(PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE), vendor, device))
		name[0] = '\0';
}

void source_class_name(uint16_t class_code, char name[SOURCE_NAME_BYTES])
{
	if (!pci_lookup_name(access_state, name, SOURCE_NAME_BYTES, LOOKUP(PCI_LOOKUP_CLASS), class_code))
		name[0] = '\0';
}
