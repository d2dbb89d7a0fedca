/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>

#include <pt/pci_regs.h>

#include "words.h"

struct cap_word {
	uint16_t id;
	const char *name;
};

/* PCI Code and ID Assignment 1.17 section 2. Sorted by id. */
static const struct cap_word caps[] = {
	{0x00, "Null"},
	{0x01, "Power Management"},
	{0x02, "AGP"},
	{0x03, "Vital Product Data"},
	{0x04, "Slot Identification"},
	{0x05, "MSI"},
	{0x06, "CompactPCI Hot Swap"},
	{0x07, "PCI-X"},
	{0x08, "HyperTransport"},
	{0x09, "Vendor Specific"},
	{0x0a, "Debug Port"},
	{0x0b, "CompactPCI Resource Control"},
	{0x0c, "Hot-Plug"},
	{0x0d, "Subsystem"},
	{0x0e, "AGP 8x"},
	{0x0f, "Secure Device"},
	{0x10, "PCI Express"},
	{0x11, "MSI-X"},
	{0x12, "SATA"},
	{0x13, "Advanced Features"},
	{0x14, "Enhanced Allocation"},
	{0x15, "Flattening Portal Bridge"},
};

/* The same, section 3. Sorted by id. */
static const struct cap_word ecaps[] = {
	{0x0000, "Null"},
	{0x0001, "Advanced Error Reporting"},
	{0x0002, "Virtual Channel"},
	{0x0003, "Device Serial Number"},
	{0x0004, "Power Budgeting"},
	{0x0005, "Root Complex Link Declaration"},
	{0x0006, "Root Complex Internal Link Control"},
	{0x0007, "Root Complex Event Collector"},
	{0x0008, "Multi-Function Virtual Channel"},
	{0x0009, "Virtual Channel (with MFVC)"},
	{0x000a, "Root Complex Register Block"},
	{0x000b, "Vendor Specific"},
	{0x000d, "Access Control Services"},
	{0x000e, "Alternative Routing-ID"},
	{0x000f, "Address Translation Services"},
	{0x0010, "SR-IOV"},
	{0x0011, "MR-IOV"},
	{0x0012, "Multicast"},
	{0x0013, "Page Request Interface"},
	{0x0015, "Resizable BAR"},
	{0x0016, "Dynamic Power Allocation"},
	{0x0017, "TPH Requester"},
	{0x0018, "Latency Tolerance Reporting"},
	{0x0019, "Secondary PCI Express"},
	{0x001a, "Protocol Multiplexing"},
	{0x001b, "Process Address Space ID"},
	{0x001c, "LN Requester"},
	{0x001d, "Downstream Port Containment"},
	{0x001e, "L1 PM Substates"},
	{0x001f, "Precision Time Measurement"},
	{0x0020, "M-PCIe"},
	{0x0021, "FRS Queueing"},
	{0x0022, "Readiness Time Reporting"},
	{0x0023, "Designated Vendor Specific"},
	{0x0024, "VF Resizable BAR"},
	{0x0025, "Data Link Feature"},
	{0x0026, "Physical Layer 16.0 GT/s"},
	{0x0027, "Lane Margining"},
	{0x0028, "Hierarchy ID"},
	{0x0029, "Native PCIe Enclosure Management"},
	{0x002a, "Physical Layer 32.0 GT/s"},
	{0x002b, "Alternate Protocol"},
	{0x002c, "System Firmware Intermediary"},
	{0x002d, "Shadow Functions"},
	{0x002e, "Data Object Exchange"},
	{0x002f, "Device 3"},
	{0x0030, "Integrity and Data Encryption"},
	{0x0031, "Physical Layer 64.0 GT/s"},
};

static int cap_word_compare(const void *key, const void *row)
{
	return *(const uint16_t *)key - ((const struct cap_word *)row)->id;
}

const char *words_cap(const struct pci_cap *cap)
{
	const struct cap_word *table = cap->extended ? ecaps : caps;
	size_t count = cap->extended ? ARRAY_SIZE(ecaps) : ARRAY_SIZE(caps);
	const struct cap_word *word = bsearch(&cap->id, table, count, sizeof(*table), cap_word_compare);

	return word ? word->name : NULL;
}

const char *words_bar(enum pci_bar_kind kind)
{
	static const char *const names[] = {
		[PCI_BAR_PORTS] = "io",
		[PCI_BAR_MEM32] = "mem32",
		[PCI_BAR_MEM64] = "mem64",
		[PCI_BAR_ROM] = "rom",
	};

	return kind < ARRAY_SIZE(names) ? names[kind] : NULL;
}

const char *words_header(uint8_t layout)
{
	static const char *const names[] = {
		[PCI_HEADER_NORMAL] = "normal",
		[PCI_HEADER_BRIDGE] = "bridge",
		[PCI_HEADER_CARDBUS] = "cardbus",
	};

	return layout < ARRAY_SIZE(names) ? names[layout] : "unknown";
}

const char *words_serial(uint64_t serial, char text[WORDS_SERIAL_BYTES])
{
	for (int i = 0; i < 8; i++)
		snprintf(text + 3 * i, 4, "%02x%s", (unsigned int)(serial >> (56 - 8 * i)) & 0xff,
			i < 7 ? "-" : "");
	return text;
}

const char *words_size(uint64_t bytes, char text[WORDS_SIZE_BYTES])
{
	static const char units[] = {'B', 'K', 'M', 'G', 'T', 'P', 'E'};
	unsigned int unit = 0;

	while (bytes && bytes % 1024 == 0 && unit + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, WORDS_SIZE_BYTES, "%lu%c", bytes, units[unit]);
	return text;
}
