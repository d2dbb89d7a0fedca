/* SPDX-License-Identifier: GPL-2.0-only */
/* For verbs whose arguments are devices. */
#ifndef PTCTL_DEVICES_H
#define PTCTL_DEVICES_H

#include <jansson.h>

#include <pt/pci.h>

struct devices_answer {
	const char *verb;
	void (*print)(const struct pci_dev *dev);
	bool (*add)(json_t *answer, const struct pci_dev *dev); /* false: not enough memory */
};

/* Opens the machine, finds all arguments, then answers about each in text or JSON. An exit code. */
int devices_run(int argc, char **argv, const struct devices_answer *answer);

/* "0000:03:00.0 Ethernet controller: ...", a line. */
void devices_print_headline(const struct pci_dev *dev);

#endif
