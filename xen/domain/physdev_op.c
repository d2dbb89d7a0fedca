/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PHYSDEVOP_* for a PVH dom0. Source: public/physdev.h. No guest has physical
 * interrupts of its own (pirqs): they come through the virtual IOAPIC and vPCI, so
 * the calls that map them do not exist.
 */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/irq_bind.h>
#include <hv/pci.h>
#include <xen/physdev.h>
#include "domain_priv.h"

static int physdev_setup_gsi(struct vcpu *v, void *arg)
{
	const struct physdev_setup_gsi *a = arg;

	if (a->gsi < 0)
		return -EINVAL;
	return irq_bind_gsi(v->domain, (uint32_t)a->gsi, a->triggering != 0, a->polarity != 0);
}

static int physdev_mmcfg_reserved(struct vcpu *v, void *arg)
{
	const struct physdev_pci_mmcfg_reserved *a = arg;

	(void)v;
	for (uint32_t i = 0; acpi.has_mcfg && i < acpi.mcfg.count; i++) {
		const struct acpi_ecam *e = &acpi.mcfg.ecam[i];

		if (e->base == a->address && e->segment == a->segment)
			return 0;
	}
	return -ENODEV;
}

/* Functions are found by the hypervisor itself, at boot and when VFs are made: dom0 is told whether it was. */
static int physdev_known(uint16_t segment, uint8_t bus, uint8_t devfn)
{
	sbdf_t sbdf = SBDF(segment, bus, devfn >> 3, devfn & 7);

	return pci_find(&pci_machine, sbdf) != NULL ? 0 : -ENODEV;
}

static int physdev_device_add(struct vcpu *v, void *arg)
{
	const struct physdev_pci_device_add *a = arg;

	(void)v;
	return physdev_known(a->seg, a->bus, a->devfn);
}

static int physdev_device_remove(struct vcpu *v, void *arg)
{
	const struct physdev_pci_device *a = arg;

	(void)v;
	return physdev_known(a->seg, a->bus, a->devfn);
}

/* Dom0 says that it has reset a function. */
static int physdev_device_reset(struct vcpu *v, void *arg)
{
	const struct pci_device_reset *a = arg;

	(void)v;
	if ((a->flags & ~(uint32_t)PCI_DEVICE_RESET_MASK) != 0)
		return -EINVAL;
	return physdev_known(a->dev.seg, a->dev.bus, a->dev.devfn);
}

/* The hypervisor uses no EHCI debug port. */
static int physdev_dbgp(struct vcpu *v, void *arg)
{
	(void)v;
	(void)arg;
	return 0;
}

static const struct sub_op physdev_ops[] = {
	[PHYSDEVOP_setup_gsi] = {physdev_setup_gsi, sizeof(struct physdev_setup_gsi), false, true},
	[PHYSDEVOP_pci_mmcfg_reserved] = {physdev_mmcfg_reserved, sizeof(struct physdev_pci_mmcfg_reserved),
		false, true},
	[PHYSDEVOP_pci_device_add] = {physdev_device_add, sizeof(struct physdev_pci_device_add), false, true},
	[PHYSDEVOP_pci_device_remove] = {physdev_device_remove, sizeof(struct physdev_pci_device), false,
		true},
	[PHYSDEVOP_dbgp_op] = {physdev_dbgp, sizeof(struct physdev_dbgp_op), false, true},
	[PHYSDEVOP_pci_device_reset] = {physdev_device_reset, sizeof(struct pci_device_reset), false, true},
};

long physdev_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	return sub_op_call(physdev_ops, ARRAY_SIZE(physdev_ops), v, args);
}
