/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>

#include "devices.h"
#include "json.h"
#include "ptctl.h"
#include "session.h"
#include "source.h"

void devices_print_headline(const struct pci_dev *dev)
{
	char address[PTCTL_SBDF_BYTES], class_name[SOURCE_NAME_BYTES], name[SOURCE_NAME_BYTES];

	source_class_name((uint16_t)(dev->class_code >> 8), class_name);
	source_device_name(dev->vendor, dev->device, name);
	printf("%s %s: %s\n", ptctl_format_sbdf(dev->sbdf, address), class_name, name);
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

static int answer_text(const struct devices_answer *answer, const struct pci_dev **devs, int count)
{
	for (int i = 0; i < count; i++) {
		if (i)
			putchar('\n');
		answer->print(devs[i]);
	}
	return PTCTL_OK;
}

static int answer_json(const struct devices_answer *answer, const struct pci_dev **devs, int count)
{
	json_t *whole = json_answer(answer->verb);
	bool ok = true;

	for (int i = 0; ok && i < count; i++)
		ok = answer->add(whole, devs[i]);
	return json_finish(whole, ok);
}

int devices_run(int argc, char **argv, const struct devices_answer *answer)
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
		code = ptctl_options.json ? answer_json(answer, devs, argc) : answer_text(answer, devs, argc);
	session_close(&registry);
free_devs:
	free(devs);
	return code;
}
