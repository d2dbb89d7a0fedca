/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>

#include "json.h"
#include "ptctl.h"
#include "session.h"
#include "source.h"
#include "words.h"

/* Name of the line, then the value. */
#define LINE "    %-12s "

static void print_headline(const struct pci_dev *dev)
{
	char address[PTCTL_SBDF_BYTES], class_name[SOURCE_NAME_BYTES], name[SOURCE_NAME_BYTES];

	source_class_name((uint16_t)(dev->class_code >> 8), class_name);
	source_device_name(dev->vendor, dev->device, name);
	printf("%s %s: %s\n", ptctl_format_sbdf(dev->sbdf, address), class_name, name);
}

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
		print_headline,
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

/* All arguments before anything is printed: half an answer helps nobody. */
static int devices_find(
	const struct pci_registry *registry, int argc, char **argv, const struct pci_dev **devs)
{
	for (int i = 0; i < argc; i++) {
		sbdf_t sbdf;

		if (!ptctl_parse_sbdf(argv[i], &sbdf)) {
			ptctl_error("'%s' is not [SEGMENT:]BUS:DEVICE.FUNCTION", argv[i]);
			return PTCTL_USAGE;
		}
		devs[i] = pci_find(registry, sbdf);
		if (!devs[i]) {
			ptctl_error("%s: no such function", argv[i]);
			return PTCTL_FAILED;
		}
	}
	return PTCTL_OK;
}

static int show_text(const struct pci_dev **devs, int count)
{
	for (int i = 0; i < count; i++) {
		if (i)
			putchar('\n');
		print_device(devs[i]);
	}
	return PTCTL_OK;
}

static int show_json(const struct pci_dev **devs, int count)
{
	json_t *answer = json_answer("show");
	bool ok = true;

	for (int i = 0; ok && i < count; i++)
		ok = json_add_device(answer, devs[i]);
	return json_finish(answer, ok);
}

int show_run(int argc, char **argv)
{
	const struct pci_dev **devs = calloc((size_t)argc, sizeof(struct pci_dev *));
	struct pci_registry registry;
	int code = PTCTL_FAILED;

	if (!devs) {
		ptctl_error("not enough memory");
		return code;
	}
	if (session_open(&registry))
		goto free_devs;
	code = devices_find(&registry, argc, argv, devs);
	if (code == PTCTL_OK)
		code = ptctl_options.json ? show_json(devs, argc) : show_text(devs, argc);
	session_close(&registry);
free_devs:
	free(devs);
	return code;
}
