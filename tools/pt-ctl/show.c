/* SPDX-License-Identifier: GPL-2.0-only */
#include "devices.h"
#include "json.h"
#include "ptctl.h"
#include "session.h"
#include "source.h"
#include "words.h"

/* Name of the line, then the value. */
#define LINE "    %-12s "

static void print_identity(const struct pci_dev *dev)
{
	char serial[WORDS_SERIAL_BYTES];

	printf(LINE "%04x:%04x, revision %02x, class %06x\n", "ids", dev->vendor, dev->device, dev->revision,
		dev->class_code);
	if (dev->subvendor || dev->subdevice)
		printf(LINE "%04x:%04x\n", "subsystem", dev->subvendor, dev->subdevice);
	if (dev->has_serial)
		printf(LINE "%s\n", "serial", words_serial(dev->serial, serial));
}

static void print_nature(const struct pci_dev *dev)
{
	printf(LINE "%s, %s header%s, %u bytes of configuration space\n", "kind",
		pci_pcie_type_name(dev->pcie_type), words_header(dev->layout),
		dev->multifunction ? ", multifunction" : "", dev->cfg_bytes);
	if (dev->interrupt_pin)
		printf(LINE "INT%c\n", "interrupt", 'A' + dev->interrupt_pin - 1);
}

static void print_place(const struct pci_dev *dev)
{
	char address[PTCTL_SBDF_BYTES];

	printf(LINE "%s\n", "parent",
		dev->parent ? ptctl_format_sbdf(dev->parent->sbdf, address) : "none (root bus)");
	if (pci_dev_is_bridge(dev))
		printf(LINE "%02x-%02x%s\n", "buses", dev->secondary, dev->subordinate,
			dev->followed ? "" : " (not followed)");
}

static void print_bars(const struct pci_dev *dev)
{
	char size[WORDS_SIZE_BYTES], label[16];

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &dev->bar[i];

		if (bar->kind == PCI_BAR_NONE)
			continue;
		snprintf(label, sizeof(label), bar->kind == PCI_BAR_ROM ? "rom" : "bar %u", i);
		printf(LINE "%-5s 0x%lx", label, words_bar(bar->kind), bar->base);
		printf(", %s%s", bar->size ? words_size(bar->size, size) : "size not known",
			bar->prefetch ? ", prefetchable" : "");
		puts(bar->kind == PCI_BAR_ROM && !bar->enabled ? ", off" : "");
	}
}

static void print_caps(const struct pci_dev *dev)
{
	if (!session_caps_readable(dev)) {
		printf(LINE "not readable: %s\n", "capabilities",
			ptctl_options.dump ? "not recorded (lspci -xxxx as root)" : "only for root");
		return;
	}
	for (uint32_t i = 0; i < dev->cap_count; i++) {
		const struct pci_cap *cap = &dev->cap[i];
		const char *name = words_cap(cap);

		if (cap->extended)
			printf(LINE "%03x  id %04x v%u  %s\n", "extended", cap->offset, cap->id, cap->version,
				name ? name : "?");
		else
			printf(LINE "%03x  id %02x       %s\n", "capability", cap->offset, cap->id,
				name ? name : "?");
	}
}

static void print_problems(const struct pci_dev *dev)
{
	for (unsigned int i = 0; i < PCI_PROBLEMS; i++)
		if (dev->problems & (1U << i))
			printf(LINE "%s\n", "problem", pci_problem_name(i));
}

static void print_host(const struct pci_dev *dev)
{
	struct source_facts facts;

	source_facts_get(dev->sbdf, &facts);
	if (facts.driver)
		printf(LINE "%s\n", "driver", facts.driver);
	if (facts.iommu_group)
		printf(LINE "%s\n", "iommu group", facts.iommu_group);
	if (facts.numa_node >= 0)
		printf(LINE "%d\n", "numa node", facts.numa_node);
}

static void print_device(const struct pci_dev *dev)
{
	static void (*const parts[])(const struct pci_dev *) = {
		devices_print_headline,
		print_identity,
		print_nature,
		print_place,
		print_bars,
		print_caps,
		print_host,
		print_problems,
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i](dev);
}

int show_run(int argc, char **argv)
{
	static const struct devices_answer answer = {"show", print_device, json_add_device};

	return devices_run(argc, argv, &answer);
}
