/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: dom0's accesses to configuration space, by port or by address, as registers of functions. */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/log.h>
#include <hv/mmio_trap.h>
#include <hv/pci.h>
#include <hv/portio.h>
#include <hv/uart.h>
#include <hv/vpci_io.h>
#include <pt/vpci.h>

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define PORT_COUNT   8
#define ADDRESS_ON   0x80000000U

/* PCI Code and ID Assignment 1.17 section 1.9: system peripheral, IOMMU. */
#define CLASS_IOMMU 0x0806

/* Dom0 is the only domain with the machine's functions. */
static uint32_t vpci_io_address;

/* Not aligned to its size: by bytes, as the hardware would split it. */
static uint64_t cfg_read(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int bytes)
{
	unsigned int step = bytes <= 4 && IS_ALIGNED(reg, bytes) ? bytes
			    : IS_ALIGNED(reg | bytes, 4U)	 ? 4
								 : 1;
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i += step)
		value |= (uint64_t)vpci_cfg_read(v, sbdf, reg + i, step) << i * 8;
	return value;
}

static void cfg_write(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int bytes, uint64_t value)
{
	unsigned int step = bytes <= 4 && IS_ALIGNED(reg, bytes) ? bytes
			    : IS_ALIGNED(reg | bytes, 4U)	 ? 4
								 : 1;
	uint64_t mask = step == 4 ? 0xffffffffUL : (1UL << step * 8) - 1;

	for (unsigned int i = 0; i < bytes; i += step)
		vpci_cfg_write(v, sbdf, reg + i, step, (uint32_t)(value >> i * 8 & mask));
}

/* --- Ports: segment 0, the first 256 bytes. --- */

static sbdf_t port_sbdf(void)
{
	uint32_t a = READ_ONCE(vpci_io_address);

	return SBDF(0, (a >> 16) & 0xff, (a >> 11) & 0x1f, (a >> 8) & 7);
}

static unsigned int port_reg(uint64_t port)
{
	return (READ_ONCE(vpci_io_address) & 0xfc) + (unsigned int)(port - PORT_DATA);
}

static bool port_is_data(uint64_t port, unsigned int bytes)
{
	return port >= PORT_DATA && port - PORT_DATA + bytes <= 4 &&
	       (READ_ONCE(vpci_io_address) & ADDRESS_ON);
}

static uint64_t port_read(struct vcpu *v, void *ctx, uint64_t port, unsigned int bytes)
{
	(void)ctx;
	if (port == PORT_ADDRESS && bytes == 4)
		return READ_ONCE(vpci_io_address);
	return port_is_data(port, bytes) ? cfg_read(v->domain->vpci, port_sbdf(), port_reg(port), bytes)
					 : ~0UL;
}

/* 0xcf9 is the machine's reset register on most chipsets: not dom0's, which has a hypercall for it. */
static void port_write(struct vcpu *v, void *ctx, uint64_t port, unsigned int bytes, uint64_t value)
{
	(void)ctx;
	if (port == PORT_ADDRESS && bytes == 4)
		WRITE_ONCE(vpci_io_address, (uint32_t)value & 0x80fffffc);
	else if (port_is_data(port, bytes))
		cfg_write(v->domain->vpci, port_sbdf(), port_reg(port), bytes, value);
}

static const struct trap_ops port_ops = {.read = port_read, .write = port_write};

/* --- Windows: PCIe 7.2.2. --- */

static sbdf_t ecam_sbdf(const struct acpi_ecam *c, uint64_t address)
{
	uint64_t offset = address - c->base;

	return SBDF(c->segment, (offset >> 20) & 0xff, (offset >> 15) & 0x1f, (offset >> 12) & 7);
}

static uint64_t ecam_read(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes)
{
	unsigned int reg = address & 0xfff;

	if (reg + bytes > 0x1000)
		return ~0UL;
	return cfg_read(v->domain->vpci, ecam_sbdf(ctx, address), reg, bytes);
}

static void ecam_write(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes, uint64_t value)
{
	unsigned int reg = address & 0xfff;

	if (reg + bytes <= 0x1000)
		cfg_write(v->domain->vpci, ecam_sbdf(ctx, address), reg, bytes, value);
}

static const struct trap_ops ecam_ops = {.read = ecam_read, .write = ecam_write};

static paddr_t ecam_first(const struct acpi_ecam *c)
{
	return c->base + MIB(c->first_bus);
}

static int ecam_create(struct domain *d)
{
	int rc = 0;

	for (uint32_t i = 0; i < acpi.mcfg.count && rc == 0; i++) {
		struct acpi_ecam *c = &acpi.mcfg.ecam[i];

		rc = mmio_trap_add(d, ecam_first(c), MIB(c->last_bus - c->first_bus + 1), &ecam_ops, c);
	}
	return rc;
}

/* --- What dom0 does not have. --- */

static bool dev_is_console(const struct pci_dev *dev)
{
	const struct uart_params *uart = uart_present() ? uart_params() : NULL;

	for (unsigned int i = 0; uart && i < PCI_BARS; i++)
		if (dev->bar[i].kind != PCI_BAR_NONE && uart->io_base >= dev->bar[i].base &&
			uart->io_base - dev->bar[i].base < dev->bar[i].size)
			return true;
	return false;
}

static int vpci_io_withhold(struct domain *d)
{
	struct pci_dev *dev;
	int rc = 0;

	pci_for_each (dev, &pci_machine) {
		bool console = dev_is_console(dev);

		if (dev->class_code >> 8 != CLASS_IOMMU && !console)
			continue;
		rc = vpci_hide(d->vpci, dev->sbdf);
		if (rc < 0)
			break;
		log_info("dom0: " PRI_SBDF " withheld: %s", SBDF_ARGS(dev->sbdf),
			console ? "the console's" : "an IOMMU");
	}
	return rc;
}

int vpci_io_create(struct domain *d)
{
	int rc = vpci_create(d, &pci_machine, &d->vpci);

	if (rc == 0)
		rc = vpci_io_withhold(d);
	if (rc == 0)
		rc = portio_add(d, PORT_ADDRESS, PORT_COUNT, &port_ops, NULL);
	if (rc == 0)
		rc = ecam_create(d);
	if (rc < 0)
		vpci_io_destroy(d);
	return rc;
}

void vpci_io_destroy(struct domain *d)
{
	if (!d->vpci)
		return;
	(void)portio_remove(d, PORT_ADDRESS);
	for (uint32_t i = 0; i < acpi.mcfg.count; i++)
		(void)mmio_trap_remove(d, ecam_first(&acpi.mcfg.ecam[i]));
	vpci_destroy(d->vpci);
	d->vpci = NULL;
}
