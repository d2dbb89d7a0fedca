/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include <pt/pci_regs.h>

#include "ptctl.h"
#include "session.h"
#include "source.h"

bool session_caps_readable(const struct pci_dev *dev)
{
	return source_readable(dev->sbdf, PCI_CFG_HEADER);
}

/* Linux sized the registers when it found the device; pt-ctl never does. */
static void bars_complete(struct pci_dev *dev)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		if (dev->bar[i].kind != PCI_BAR_NONE)
			dev->bar[i].size = source_bar_size(dev->sbdf, i);
		dev->bars_sized |= dev->bar[i].size != 0;
	}
}

/* All-ones beyond what could be read say nothing about the device. */
static void problems_correct(struct pci_dev *dev)
{
	if (!session_caps_readable(dev))
		dev->problems &= ~(uint32_t)(PCI_PROBLEM_CAP_ONES | PCI_PROBLEM_CAP_MISALIGNED);
}

static int segments_scan(struct pci_registry *registry)
{
	int rc = 0;

	for (uint32_t s = source_segment_from(0); !rc && s <= 0xffff; s = source_segment_from(s + 1)) {
		struct pci_scan_range range = {.segment = (uint16_t)s, .start_bus = 0, .end_bus = 255};

		rc = pci_scan(registry, &range, 1, PCI_SCAN_EVERY_FUNCTION);
	}
	return rc;
}

/* Linux or the dump names them, but nothing answers: gone, or asleep without power. */
static void silent_report(const struct pci_registry *registry)
{
	sbdf_t sbdf;

	for (uint64_t at = 0; source_find_from(at, &sbdf); at = sbdf.v + 1UL)
		if (!pci_find(registry, sbdf))
			ptctl_error(PRI_SBDF ": left out: it answers all-ones", SBDF_ARGS(sbdf));
}

int session_open(struct pci_registry *registry)
{
	const char *what = ptctl_options.dump ? ptctl_options.dump : "this machine";
	struct pci_dev *dev;
	int rc = source_open(ptctl_options.dump);

	memset(registry, 0, sizeof(*registry));
	if (rc) {
		ptctl_error("%s: %s", what, rc == -ENODATA ? "no PCI function in it" : strerror(-rc));
		return rc;
	}
	rc = segments_scan(registry);
	if (rc) {
		ptctl_error("%s: %s", what, strerror(-rc));
		session_close(registry);
		return rc;
	}
	silent_report(registry);
	pci_for_each (dev, registry) {
		bars_complete(dev);
		problems_correct(dev);
	}
	return 0;
}

void session_close(struct pci_registry *registry)
{
	pci_registry_clear(registry);
	source_close();
}
