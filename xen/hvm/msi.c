/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of devices that a guest drives: the device is given the hypervisor's own
 * vector, the guest its own. Intel SDM volume 3A section 11.11, PCI Local Bus 3.0 section 6.8.
 *
 * Lock order: msi lock (LOCK_RANK_MSI, taken by interrupt handlers) -> the ports of
 * configuration space.
 */
#include <errno.h>
#include <hv/irq_bind.h>
#include <hv/log.h>
#include <hv/mmio.h>
#include <hv/pci_access.h>
#include <hv/rcu.h>
#include <hv/slab.h>
#include <hv/vlapic.h>
#include <pt/vpci.h>

#define MESSAGE_ADDRESS	    0xfee00000U
#define MESSAGE_DEST_SHIFT  12
#define MESSAGE_APIC_ID_MAX 0xff
#define MSI_ADDRESS	    4
#define MSI_ADDRESS_HIGH    8
#define MSI_DATA(wide)	    ((wide) ? 12U : 8U)
#define MSI_MASK(wide)	    ((wide) ? 16U : 12U)
#define MSIX_ADDRESS	    0
#define MSIX_ADDRESS_HIGH   4
#define MSIX_DATA	    8
#define MSIX_CONTROL	    12

struct vpci_irq {
	struct irq_desc irq;
	struct guest_irq guest;
	struct spinlock lock; /* the masks */
	struct vpci_source source;
	bool masked_by_us, masked_by_guest;
	uint64_t address; /* with guest.lock */
	uint32_t data;
	struct rcu_head rcu;
};

static struct vpci_irq *msi_of(struct irq_desc *irq)
{
	return container_of(irq, struct vpci_irq, irq);
}

/* Lock held. Without a mask of its own a message cannot be held back: it is only not given on. */
static void msi_mask_apply(const struct vpci_irq *m)
{
	const struct vpci_source *s = &m->source;
	uint32_t mask = m->masked_by_us || m->masked_by_guest;

	if (s->slot)
		mmio_write32(s->slot + MSIX_CONTROL, mask);
	else if (s->maskable)
		pci_access_write(s->sbdf, s->cap + MSI_MASK(s->wide), 4, mask);
}

static void msi_mask_set(struct vpci_irq *m, bool *which, bool masked)
{
	uint64_t flags = spin_lock_irq(&m->lock);

	*which = masked;
	msi_mask_apply(m);
	spin_unlock_irq(&m->lock, flags);
}

static void msi_mask(struct irq_desc *irq)
{
	msi_mask_set(msi_of(irq), &msi_of(irq)->masked_by_us, true);
}

static void msi_unmask(struct irq_desc *irq)
{
	msi_mask_set(msi_of(irq), &msi_of(irq)->masked_by_us, false);
}

static void msix_program(const struct vpci_source *s, uint32_t address, uint32_t data)
{
	mmio_write32(s->slot + MSIX_ADDRESS, address);
	mmio_write32(s->slot + MSIX_ADDRESS_HIGH, 0);
	mmio_write32(s->slot + MSIX_DATA, data);
}

static void msi_program(const struct vpci_source *s, uint32_t address, uint32_t data)
{
	pci_access_write(s->sbdf, s->cap + MSI_ADDRESS, 4, address);
	if (s->wide)
		pci_access_write(s->sbdf, s->cap + MSI_ADDRESS_HIGH, 4, 0);
	pci_access_write(s->sbdf, s->cap + MSI_DATA(s->wide), 2, data);
}

/* Masked, or not enabled yet: irq_request() and the portable code see to it. Fixed, edge, physical. */
static int msi_route(struct irq_desc *irq, uint32_t apic_id, uint8_t vector)
{
	const struct vpci_source *s = &msi_of(irq)->source;
	uint32_t address = MESSAGE_ADDRESS | apic_id << MESSAGE_DEST_SHIFT;

	if (apic_id > MESSAGE_APIC_ID_MAX) {
		log_err(PRI_SBDF ": a message cannot reach APIC id %#x without interrupt remapping",
			SBDF_ARGS(s->sbdf), apic_id);
		return -EINVAL;
	}
	if (s->slot)
		msix_program(s, address, vector);
	else
		msi_program(s, address, vector);
	return 0;
}

static const struct irq_chip msi_chip = {
	.name = "message of device",
	.mask = msi_mask,
	.unmask = msi_unmask,
	.route = msi_route,
};

/* guest.lock held. An address that is not the APICs' raises nothing; the guest's own memory is not written. */
static void msi_deliver(struct guest_irq *g, struct domain *d)
{
	const struct vpci_irq *m = container_of(g, struct vpci_irq, guest);

	(void)vlapic_msi(d, m->address, m->data);
}

int vpci_irq_create(struct domain *owner, const struct vpci_source *source, uint64_t address, uint32_t data,
	bool masked, struct vpci_irq **ret)
{
	struct vpci_irq *m = hv_alloc(sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	m->source = *source;
	m->address = address;
	m->data = data;
	m->masked_by_guest = masked;
	m->irq.chip = &msi_chip;
	m->irq.source = sbdf_rid(source->sbdf);
	spin_init(&m->lock, "message", LOCK_RANK_MSI);
	rc = guest_irq_bind(&m->guest, &m->irq, "guest", owner, false, msi_deliver);
	if (rc < 0) {
		hv_free(m);
		return rc;
	}
	*ret = m;
	return 0;
}

/* From a soft interrupt, when no queue holds it any more: without the lock under which it was destroyed. */
static void msi_free(struct rcu_head *head)
{
	struct vpci_irq *m = container_of(head, struct vpci_irq, rcu);

	guest_irq_end(&m->guest);
	hv_free(m);
}

void vpci_irq_destroy(struct vpci_irq *irq)
{
	guest_irq_unbind(&irq->guest);
	rcu_call(&irq->rcu, msi_free);
}

void vpci_irq_target(struct vpci_irq *irq, uint64_t address, uint32_t data)
{
	spin_lock(&irq->guest.lock);
	irq->address = address;
	irq->data = data;
	spin_unlock(&irq->guest.lock);
}

void vpci_irq_mask(struct vpci_irq *irq, bool masked)
{
	msi_mask_set(irq, &irq->masked_by_guest, masked);
}
