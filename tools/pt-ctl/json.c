/* SPDX-License-Identifier: GPL-2.0-only */
#include "json.h"
#include "ptctl.h"
#include "session.h"
#include "source.h"
#include "words.h"

static json_t *hex(uint64_t value, int digits)
{
	return json_sprintf("%0*lx", digits, value);
}

static json_t *string_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *address_or_null(const struct pci_dev *dev)
{
	char text[PTCTL_SBDF_BYTES];

	return dev ? json_string(ptctl_format_sbdf(dev->sbdf, text)) : json_null();
}

static json_t *subsystem(const struct pci_dev *dev, uint16_t id)
{
	return dev->subvendor || dev->subdevice ? hex(id, 4) : json_null();
}

static json_t *bridge(const struct pci_dev *dev)
{
	if (!pci_dev_is_bridge(dev))
		return json_null();
	return json_pack("{s:i, s:i, s:b}", "secondary", dev->secondary, "subordinate", dev->subordinate,
		"followed", dev->followed);
}

static json_t *bars(const struct pci_dev *dev)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &dev->bar[i];

		if (bar->kind == PCI_BAR_NONE)
			continue;
		json_array_append_new(list,
			json_pack("{s:i, s:s, s:o, s:o, s:b, s:b}", "index", i, "kind", words_bar(bar->kind),
				"base", json_sprintf("0x%lx", bar->base), "size",
				bar->size ? json_integer((json_int_t)bar->size) : json_null(), "prefetchable",
				bar->prefetch, "enabled", bar->enabled || bar->kind != PCI_BAR_ROM));
	}
	return list;
}

static json_t *capabilities(const struct pci_dev *dev)
{
	json_t *list;

	if (!session_caps_readable(dev))
		return json_null();
	list = json_array();
	for (uint32_t i = 0; i < dev->cap_count; i++) {
		const struct pci_cap *cap = &dev->cap[i];

		json_array_append_new(list,
			json_pack("{s:o, s:o, s:b, s:i, s:o}", "id", hex(cap->id, cap->extended ? 4 : 2),
				"offset", hex(cap->offset, 3), "extended", cap->extended, "version",
				cap->version, "name", string_or_null(words_cap(cap))));
	}
	return list;
}

static json_t *problems(const struct pci_dev *dev)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < PCI_PROBLEMS; i++)
		if (dev->problems & (1U << i))
			json_array_append_new(list, json_string(pci_problem_name(i)));
	return list;
}

static json_t *host(const struct pci_dev *dev)
{
	struct source_facts facts;

	if (ptctl_options.dump)
		return json_null();
	source_facts_get(dev->sbdf, &facts);
	return json_pack("{s:o, s:o, s:o}", "driver", string_or_null(facts.driver), "iommu_group",
		string_or_null(facts.iommu_group), "numa_node",
		facts.numa_node < 0 ? json_null() : json_integer(facts.numa_node));
}

static void identity_set(json_t *o, const struct pci_dev *dev)
{
	char name[SOURCE_NAME_BYTES];

	json_object_set_new(o, "address", address_or_null(dev));
	json_object_set_new(o, "vendor", hex(dev->vendor, 4));
	json_object_set_new(o, "device", hex(dev->device, 4));
	json_object_set_new(o, "subvendor", subsystem(dev, dev->subvendor));
	json_object_set_new(o, "subdevice", subsystem(dev, dev->subdevice));
	json_object_set_new(o, "class", hex(dev->class_code, 6));
	json_object_set_new(o, "revision", hex(dev->revision, 2));
	source_class_name((uint16_t)(dev->class_code >> 8), name);
	json_object_set_new(o, "class_name", string_or_null(name));
	source_device_name(dev->vendor, dev->device, name);
	json_object_set_new(o, "name", string_or_null(name));
}

static void nature_set(json_t *o, const struct pci_dev *dev)
{
	static const char *const pins[] = {NULL, "A", "B", "C", "D"};
	char serial[WORDS_SERIAL_BYTES];

	json_object_set_new(o, "type", json_string(pci_pcie_type_name(dev->pcie_type)));
	json_object_set_new(o, "header", json_string(words_header(dev->layout)));
	json_object_set_new(o, "multifunction", json_boolean(dev->multifunction));
	json_object_set_new(o, "config_bytes", json_integer(dev->cfg_bytes));
	json_object_set_new(o, "interrupt_pin", string_or_null(pins[dev->interrupt_pin]));
	json_object_set_new(
		o, "serial", dev->has_serial ? json_string(words_serial(dev->serial, serial)) : json_null());
	json_object_set_new(o, "parent", address_or_null(dev->parent));
	json_object_set_new(o, "bridge", bridge(dev));
}

bool json_add_device(json_t *answer, const struct pci_dev *dev)
{
	json_t *o = json_object();

	identity_set(o, dev);
	nature_set(o, dev);
	json_object_set_new(o, "bars", bars(dev));
	json_object_set_new(o, "capabilities", capabilities(dev));
	json_object_set_new(o, "problems", problems(dev));
	json_object_set_new(o, "host", host(dev));
	return json_array_append_new(json_object_get(answer, "devices"), o) == 0;
}

json_t *json_answer(const char *verb)
{
	return json_pack("{s:i, s:s, s:{s:s, s:o}, s:[]}", "schema_version", JSON_SCHEMA_VERSION, "verb",
		verb, "source", "kind", ptctl_options.dump ? "dump" : "linux", "file",
		string_or_null(ptctl_options.dump), "devices");
}

int json_finish(json_t *answer, bool complete)
{
	if (!answer || !complete) {
		ptctl_error("not enough memory for the answer");
		json_decref(answer);
		return PTCTL_FAILED;
	}
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
	return PTCTL_OK;
}
