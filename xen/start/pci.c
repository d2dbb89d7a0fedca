/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/acpi.h>
#include <hv/log.h>
#include <hv/pci.h>
#include <hv/pci_access.h>

struct pci_registry pci_machine;

static void function_log(enum log_level level, const struct pci_dev *dev)
{
	log_line(level, "pci: " PRI_SBDF ": %04x:%04x class %06x, %s, %u bytes, %u capabilities",
		SBDF_ARGS(dev->sbdf), dev->vendor, dev->device, dev->class_code,
		pci_pcie_type_name(dev->pcie_type), dev->cfg_bytes, dev->cap_count);
}

static void summary_log(size_t range_count)
{
	unsigned int bridges = 0, express = 0, problems = 0;
	struct pci_dev *dev;

	pci_for_each (dev, &pci_machine) {
		function_log(LOG_DEBUG, dev);
		bridges += pci_dev_is_bridge(dev);
		express += dev->pcie_type != PCI_PCIE_NONE;
		problems += dev->problems != 0;
	}
	log_info("pci: %zu functions in %zu bus ranges: %u bridges, %u PCI Express, %u with problems",
		pci_machine.count, range_count, bridges, express, problems);
}

int pci_init(void)
{
	struct pci_scan_range ranges[PCI_ACCESS_RANGES_MAX];
	size_t count;
	int rc;

	pci_access_init(&acpi.mcfg);
	count = pci_access_ranges(ranges);
	rc = pci_scan(&pci_machine, ranges, count, PCI_SCAN_SIZE_BARS);
	summary_log(count);
	return rc;
}

void pci_show(void)
{
	struct pci_dev *dev;

	pci_for_each (dev, &pci_machine) {
		function_log(LOG_INFO, dev);
	}
}
