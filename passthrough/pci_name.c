/* SPDX-License-Identifier: GPL-2.0-only */
/* Stable names, the same in logs, text and JSON. */
#include <pt/pci.h>

/* By bit number of enum pci_problem. */
static const char *const problem_names[PCI_PROBLEMS] = {
	"cap-loop",
	"cap-all-ones",
	"cap-misaligned",
	"cap-in-header",
	"ecap-loop",
	"ecap-all-ones",
	"ecap-misaligned",
	"ecap-in-header",
	"ecap-too-many",
	"config-aliased",
	"header-type",
	"bar-type",
	"bar-mask",
	"bar-decode",
	"bar-restore",
	"bridge-bus-order",
	"bridge-bus-overlap",
};

BUILD_ASSERT(PCI_PROBLEM_BUS_OVERLAP == 1U << (PCI_PROBLEMS - 1));

static const char *const pcie_type_names[] = {
	[PCI_PCIE_ENDPOINT] = "endpoint",
	[PCI_PCIE_LEGACY] = "legacy-endpoint",
	[PCI_PCIE_ROOT_PORT] = "root-port",
	[PCI_PCIE_UPSTREAM] = "upstream-port",
	[PCI_PCIE_DOWNSTREAM] = "downstream-port",
	[PCI_PCIE_TO_PCI] = "pcie-to-pci-bridge",
	[PCI_PCIE_FROM_PCI] = "pci-to-pcie-bridge",
	[PCI_PCIE_RC_ENDPOINT] = "rc-endpoint",
	[PCI_PCIE_RC_COLLECTOR] = "rc-event-collector",
};

const char *pci_problem_name(unsigned int bit_number)
{
	return bit_number < PCI_PROBLEMS ? problem_names[bit_number] : NULL;
}

const char *pci_pcie_type_name(uint8_t type)
{
	if (type == PCI_PCIE_NONE)
		return "pci";
	if (type >= ARRAY_SIZE(pcie_type_names) || !pcie_type_names[type])
		return "reserved";
	return pcie_type_names[type];
}
