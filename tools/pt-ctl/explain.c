/* SPDX-License-Identifier: GPL-2.0-only */
/* What the quirk database says about a function, and what of its resets that leaves. */
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>
#include <pt/reset_program.h>
#include <quirks.h>

#include "devices.h"
#include "json.h"
#include "ptctl.h"
#include "session.h"

/* Name of the line, then the value. */
#define LINE "    %-13s "

/* Where a function says how it can be reset: PCIe 6.0 sections 7.5.3.3 and 7.5.2.2, PCI Advanced Features. */
#define PCIE_DEVICE_CAPS 0x04
#define DEVICE_CAPS_FLR	 0x10000000
#define AF_CAPS		 0x03
#define AF_CAPS_FLR	 0x02
#define PM_CONTROL	 0x04
#define PM_KEEPS_STATE	 0x08

#define ALIASES_SHOWN 8

/* By bit number of enum quirk_method. */
static const char *const method_names[] = {"flr", "pm", "bus", "program"};

/* --- What is to be said. --- */

struct verdict {
	struct quirk_id id;
	struct quirk_set set;
	struct quirk_aliases aliases;
	bool methods_known; /* capabilities could be read */
	uint32_t methods, left, contradictions;
};

static bool has_flr(const struct pci_dev *dev)
{
	unsigned int pcie = pci_dev_cap(dev, PCI_CAP_PCIE), af = pci_dev_cap(dev, PCI_CAP_AF);

	return (pcie && pci_cfg_read32(dev->sbdf, pcie + PCIE_DEVICE_CAPS) & DEVICE_CAPS_FLR) ||
	       (af && pci_cfg_read8(dev->sbdf, af + AF_CAPS) & AF_CAPS_FLR);
}

static bool has_pm_reset(const struct pci_dev *dev)
{
	unsigned int pm = pci_dev_cap(dev, PCI_CAP_PM);

	return pm && !(pci_cfg_read16(dev->sbdf, pm + PM_CONTROL) & PM_KEEPS_STATE);
}

static bool has_bus_reset(const struct pci_dev *dev)
{
	struct quirk_id id;
	struct quirk_set set;

	if (!dev->parent)
		return false;
	quirk_id_of(dev->parent, &id);
	quirk_lookup(&id, &set);
	return !quirk_has(&set, QUIRK_NO_SBR_BELOW);
}

static uint32_t methods_of(const struct pci_dev *dev)
{
	return (has_flr(dev) ? QUIRK_BY_FLR : 0U) | (has_pm_reset(dev) ? QUIRK_BY_PM : 0U) |
	       (has_bus_reset(dev) ? QUIRK_BY_SBR : 0U);
}

static void verdict_find(const struct pci_dev *dev, struct verdict *v)
{
	*v = (struct verdict){.methods_known = session_caps_readable(dev)};
	quirk_id_of(dev, &v->id);
	quirk_lookup(&v->id, &v->set);
	quirk_aliases(&v->id, (uint8_t)sbdf_devfn(dev->sbdf), &v->aliases);
	if (v->methods_known)
		v->methods = methods_of(dev);
	v->left = quirk_methods_left(&v->set, v->methods);
	v->contradictions = quirk_contradictions(&v->set, v->methods);
}

static bool alias_is(const struct verdict *v, unsigned int devfn)
{
	return v->aliases.devfn[devfn / 32] & 1U << devfn % 32;
}

static sbdf_t alias_sbdf(const struct pci_dev *dev, unsigned int devfn)
{
	return SBDF(sbdf_seg(dev->sbdf), sbdf_bus(dev->sbdf), devfn >> 3, devfn & 7);
}

/* NULL: the row is about something else. */
static const char *row_program(const struct quirk *row)
{
	const struct reset_program *program =
		quirk_program(row->action == QUIRK_PROGRAM ? row->value : QUIRK_PROGRAMS);

	return program ? program->name : NULL;
}

/* --- Text. --- */

static void print_row(const struct quirk *row)
{
	printf(LINE "%s", quirk_kind_name(quirk_kind_of(row->action)), quirk_action_name(row->action));
	if (row_program(row))
		printf(" %s", row_program(row));
	else if (row->value)
		printf(" 0x%x", row->value);
	if (row->condition != QUIRK_ALWAYS)
		printf(" (%s)", quirk_condition_name(row->condition));
	printf("\n" LINE "%s\n" LINE "[%s]\n", "", row->reason, "", row->source);
}

static void print_rows(const struct verdict *v)
{
	struct quirk_iter iter;
	const struct quirk *row;
	bool any = false;

	quirk_start(&iter, &v->id, QUIRK_ALL_KINDS);
	while ((row = quirk_next(&iter))) {
		print_row(row);
		any = true;
	}
	if (!any)
		printf(LINE "nothing out of the ordinary\n", "known");
}

static void print_aliases(const struct pci_dev *dev, const struct verdict *v)
{
	char address[PTCTL_SBDF_BYTES];

	if (v->aliases.count > ALIASES_SHOWN) {
		printf(LINE "%u others on its bus\n", "also acts as", v->aliases.count);
		return;
	}
	for (unsigned int devfn = 0; devfn < 256; devfn++)
		if (alias_is(v, devfn))
			printf(LINE "%s\n", "also acts as",
				ptctl_format_sbdf(alias_sbdf(dev, devfn), address));
}

static void print_methods(const char *label, uint32_t methods)
{
	const char *between = "";

	printf(LINE, label);
	for (size_t i = 0; i < ARRAY_SIZE(method_names); i++)
		if (methods & 1U << i) {
			printf("%s%s", between, method_names[i]);
			between = ", ";
		}
	puts(methods ? "" : "none");
}

static void explain_print(const struct pci_dev *dev)
{
	struct verdict v;

	verdict_find(dev, &v);
	devices_print_headline(dev);
	print_rows(&v);
	print_aliases(dev, &v);
	if (v.methods_known) {
		print_methods("resets", v.methods);
		print_methods("usable", v.left);
	} else {
		printf(LINE "not known: capabilities cannot be read\n", "resets");
	}
	for (uint32_t bit = 1; bit < QUIRK_CONTRADICTIONS_END; bit <<= 1)
		if (v.contradictions & bit)
			printf(LINE "%s\n", "contradiction", quirk_contradiction_text(bit));
}

/* --- JSON. --- */

/* A NULL array, for want of memory, stays one: setting it as a member then fails. */
static void array_add(json_t **all, json_t *value)
{
	if (!json_array_append_new(*all, value))
		return;
	json_decref(*all);
	*all = NULL;
}

static json_t *row_json(const struct quirk *row)
{
	return json_pack("{s:s, s:s, s:i, s:s?, s:s, s:s, s:s}", "kind",
		quirk_kind_name(quirk_kind_of(row->action)), "action", quirk_action_name(row->action),
		"value", (int)row->value, "program", row_program(row), "condition",
		quirk_condition_name(row->condition), "reason", row->reason, "source", row->source);
}

static json_t *rows_json(const struct verdict *v)
{
	json_t *all = json_array();
	struct quirk_iter iter;
	const struct quirk *row;

	quirk_start(&iter, &v->id, QUIRK_ALL_KINDS);
	while ((row = quirk_next(&iter)))
		array_add(&all, row_json(row));
	return all;
}

static json_t *aliases_json(const struct pci_dev *dev, const struct verdict *v)
{
	json_t *all = json_array();
	char address[PTCTL_SBDF_BYTES];

	for (unsigned int devfn = 0; devfn < 256; devfn++)
		if (alias_is(v, devfn))
			array_add(&all, json_string(ptctl_format_sbdf(alias_sbdf(dev, devfn), address)));
	return all;
}

static json_t *methods_json(const struct verdict *v, uint32_t methods)
{
	json_t *all = v->methods_known ? json_array() : json_null();

	for (size_t i = 0; v->methods_known && i < ARRAY_SIZE(method_names); i++)
		if (methods & 1U << i)
			array_add(&all, json_string(method_names[i]));
	return all;
}

static json_t *contradictions_json(const struct verdict *v)
{
	json_t *all = json_array();

	for (uint32_t bit = 1; bit < QUIRK_CONTRADICTIONS_END; bit <<= 1)
		if (v->contradictions & bit)
			array_add(&all, json_string(quirk_contradiction_text(bit)));
	return all;
}

static bool explain_add(json_t *answer, const struct pci_dev *dev)
{
	json_t *devices = json_object_get(answer, "devices"), *o;
	struct verdict v;

	if (!json_add_device(answer, dev))
		return false;
	o = json_array_get(devices, json_array_size(devices) - 1);
	verdict_find(dev, &v);
	return !json_object_set_new(o, "quirks", rows_json(&v)) &&
	       !json_object_set_new(o, "aliases", aliases_json(dev, &v)) &&
	       !json_object_set_new(o, "resets", methods_json(&v, v.methods)) &&
	       !json_object_set_new(o, "resets_usable", methods_json(&v, v.left)) &&
	       !json_object_set_new(o, "contradictions", contradictions_json(&v));
}

int explain_run(int argc, char **argv)
{
	static const struct devices_answer answer = {"explain", explain_print, explain_add};

	return devices_run(argc, argv, &answer);
}
