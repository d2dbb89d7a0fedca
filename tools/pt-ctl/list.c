/* SPDX-License-Identifier: GPL-2.0-only */
#include "json.h"
#include "ptctl.h"
#include "session.h"
#include "source.h"
#include "table.h"

#define COLUMNS 7

static bool row_add(struct table *table, const struct pci_dev *dev)
{
	char address[PTCTL_SBDF_BYTES], ids[16], class_code[16], revision[8], name[SOURCE_NAME_BYTES];
	const char *cells[COLUMNS] = {
		address, ids, class_code, revision, pci_pcie_type_name(dev->pcie_type), "-", name};
	struct source_facts facts;

	ptctl_format_sbdf(dev->sbdf, address);
	snprintf(ids, sizeof(ids), "%04x:%04x", dev->vendor, dev->device);
	snprintf(class_code, sizeof(class_code), "%06x", dev->class_code);
	snprintf(revision, sizeof(revision), "%02x", dev->revision);
	source_device_name(dev->vendor, dev->device, name);
	source_facts_get(dev->sbdf, &facts);
	if (facts.driver)
		cells[5] = facts.driver;
	return table_add(table, cells);
}

static int list_text(const struct pci_registry *registry)
{
	static const char *const heads[COLUMNS] = {"ADDRESS", "ID", "CLASS", "REV", "TYPE", "DRIVER", "NAME"};
	struct table table;
	struct pci_dev *dev;
	bool ok = table_init(&table, COLUMNS, heads);

	pci_for_each (dev, registry)
		ok = ok && row_add(&table, dev);
	if (ok)
		table_print(&table);
	else
		ptctl_error("not enough memory for the list");
	table_free(&table);
	return ok ? PTCTL_OK : PTCTL_FAILED;
}

static int list_json(const struct pci_registry *registry)
{
	json_t *answer = json_answer("list");
	struct pci_dev *dev;
	bool ok = true;

	pci_for_each (dev, registry)
		ok = ok && json_add_device(answer, dev);
	return json_finish(answer, ok);
}

int list_run(int argc, char **argv)
{
	struct pci_registry registry;
	int code;

	(void)argc;
	(void)argv;
	if (session_open(&registry))
		return PTCTL_FAILED;
	code = ptctl_options.json ? list_json(&registry) : list_text(&registry);
	session_close(&registry);
	return code;
}
