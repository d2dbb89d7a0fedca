/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding the functions. Every bus number of a range is looked at once, in
 * increasing order, so there is no recursion and no loop to fall into, and root
 * buses that no bridge leads to are found as well. Bridges only say who is whose
 * parent: a bridge's buses have higher numbers than its own, so it has been seen
 * when its buses are.
 */
#include <errno.h>

#include <pt/pci.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>

#define BUSES	  256
#define SLOTS	  32
#define FUNCTIONS 8

struct scan {
	struct pci_registry *registry;
	unsigned int flags;
	const struct pci_scan_range *range;
	struct pci_dev *owner[BUSES]; /* the innermost bridge whose range holds the bus */
};

/* --- Bridges. --- */

/* PCIe 7.5.1.3.3 and 7.5.1.3.4: the buses below are numbered higher, and are a part of the parent's. */
static uint32_t bridge_check(const struct scan *scan, const struct pci_dev *bridge)
{
	unsigned int bus = sbdf_bus(bridge->sbdf);

	if (bridge->secondary <= bus || bridge->subordinate < bridge->secondary)
		return PCI_PROBLEM_BUS_ORDER;
	for (unsigned int b = bridge->secondary; b <= bridge->subordinate; b++)
		if (scan->owner[b] != scan->owner[bus])
			return PCI_PROBLEM_BUS_OVERLAP;
	return 0;
}

/* A bridge that firmware has not set up has no buses, and that is no problem. */
static bool bridge_configured(const struct pci_dev *dev)
{
	return pci_dev_is_bridge(dev) && (dev->secondary || dev->subordinate);
}

static void bridge_claim(struct scan *scan, struct pci_dev *bridge)
{
	for (unsigned int b = bridge->secondary; b <= bridge->subordinate; b++)
		scan->owner[b] = bridge;
}

static void bridge_judge(struct scan *scan, struct pci_dev *dev)
{
	uint32_t problem;

	if (!bridge_configured(dev))
		return;
	problem = bridge_check(scan, dev);
	dev->problems |= problem;
	dev->followed = !problem;
	if (problem)
		env_log(ENV_LOG_WARN, "pci: " PRI_SBDF ": bridge to buses 0x%02x-0x%02x not followed",
			SBDF_ARGS(dev->sbdf), dev->secondary, dev->subordinate);
}

/* --- Functions. --- */

static void problems_log(const struct pci_dev *dev)
{
	for (unsigned int i = 0; i < PCI_PROBLEMS; i++)
		if (dev->problems & (1U << i))
			env_log(ENV_LOG_WARN, "pci: " PRI_SBDF ": %s", SBDF_ARGS(dev->sbdf),
				pci_problem_name(i));
}

static int function_add(struct scan *scan, sbdf_t sbdf, struct pci_dev **ret_dev)
{
	struct pci_dev *dev;
	int rc = pci_probe(sbdf, scan->flags, &dev);

	if (rc)
		return rc;
	dev->parent = scan->owner[sbdf_bus(sbdf)];
	bridge_judge(scan, dev);
	rc = pci_registry_add(scan->registry, dev);
	if (rc) {
		pci_dev_free(dev);
		return rc;
	}
	problems_log(dev);
	*ret_dev = dev;
	return 0;
}

/* *ret_dev is NULL when there is no such function; that is no error. */
static int function_scan(struct scan *scan, sbdf_t sbdf, struct pci_dev **ret_dev)
{
	int rc = 0;

	*ret_dev = pci_find(scan->registry, sbdf);
	if (!*ret_dev)
		rc = function_add(scan, sbdf, ret_dev);
	if (*ret_dev && (*ret_dev)->followed)
		bridge_claim(scan, *ret_dev);
	return rc == -ENODEV ? 0 : rc;
}

/* --- Buses. --- */

static int slot_scan(struct scan *scan, unsigned int bus, unsigned int slot)
{
	unsigned int segment = scan->range->segment, count;
	struct pci_dev *dev;
	int rc = function_scan(scan, SBDF(segment, bus, slot, 0), &dev);

	count = (scan->flags & PCI_SCAN_EVERY_FUNCTION) || (dev && dev->multifunction) ? FUNCTIONS : 1;
	for (unsigned int fn = 1; !rc && fn < count; fn++)
		rc = function_scan(scan, SBDF(segment, bus, slot, fn), &dev);
	return rc;
}

static bool ari_forwarding(const struct pci_dev *bridge)
{
	unsigned int at = bridge ? pci_dev_cap(bridge, PCI_CAP_PCIE) : 0;

	if (!at || at + PCI_PCIE_DEVCTL2 >= PCI_CFG_BYTES)
		return false;
	return (pci_cfg_read16(bridge->sbdf, at + PCI_PCIE_DEVCTL2) & PCI_PCIE_DEVCTL2_ARI) != 0;
}

/* The number of the next function of an ARI device; 0 at the end of the chain. */
static unsigned int ari_next(const struct pci_dev *dev)
{
	unsigned int at = pci_dev_ecap(dev, PCI_ECAP_ARI);

	if (!at || at + PCI_ARI_CAPS >= PCI_CFG_EXT_BYTES)
		return 0;
	return PCI_ARI_CAPS_NEXT(pci_cfg_read16(dev->sbdf, at + PCI_ARI_CAPS));
}

/* PCIe 6.13: function numbers of eight bits, chained. The chain must rise, so it ends. */
static int ari_scan(struct scan *scan, unsigned int bus)
{
	uint32_t first = SBDF(scan->range->segment, bus, 0, 0).v;
	struct pci_dev *dev = pci_find(scan->registry, (sbdf_t){first});
	int rc = 0;

	if (!dev || !ari_forwarding(scan->owner[bus]))
		return 0;
	while (!rc && dev) {
		unsigned int next = ari_next(dev);

		if (next <= sbdf_devfn(dev->sbdf))
			break;
		rc = function_scan(scan, (sbdf_t){first + next}, &dev);
	}
	return rc;
}

static int bus_scan(struct scan *scan, unsigned int bus)
{
	int rc = 0;

	for (unsigned int slot = 0; !rc && slot < SLOTS; slot++)
		rc = slot_scan(scan, bus, slot);
	return rc ? rc : ari_scan(scan, bus);
}

static int range_scan(struct scan *scan)
{
	int rc = 0;

	if (scan->range->end_bus < scan->range->start_bus)
		return -EINVAL;
	for (unsigned int bus = scan->range->start_bus; !rc && bus <= scan->range->end_bus; bus++)
		rc = bus_scan(scan, bus);
	return rc;
}

int pci_scan(struct pci_registry *registry, const struct pci_scan_range *ranges, size_t range_count,
	unsigned int flags)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < range_count; i++) {
		struct scan *scan = env_alloc(sizeof(*scan));

		if (!scan)
			return -ENOMEM;
		scan->registry = registry;
		scan->flags = flags;
		scan->range = &ranges[i];
		rc = range_scan(scan);
		env_free(scan);
	}
	return rc;
}
