/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks: ioapic.lock (LOCK_RANK_DEVICE) covers one IOAPIC's index and data
 * registers and the copies of its redirection entries. No other lock is taken
 * inside.
 */
#include <errno.h>
#include <hv/ioapic.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include <hv/spinlock.h>

#define IOAPIC_INDEX	       0x00
#define IOAPIC_DATA	       0x10
#define IOAPIC_REG_VERSION     0x01
#define IOAPIC_VERSION_PINS(v) ((((v) >> 16) & 0xff) + 1)
#define IOAPIC_REG_RTE(pin)    (0x10 + 2 * (pin)) /* low half; the high half follows */

#define RTE_ACTIVE_LOW (1UL << 13)
#define RTE_LEVEL      (1UL << 15)
#define RTE_MASKED     (1UL << 16)
#define RTE_VECTOR     0xffUL
#define RTE_DEST_SHIFT 56
#define RTE_DEST_MAX   0xff

struct ioapic {
	struct spinlock lock;
	volatile uint8_t *regs;
	uint32_t gsi_base;
	uint32_t pins;
};

struct ioapic_pin {
	struct irq_desc irq;
	struct ioapic *unit; /* NULL: no such pin */
	uint64_t rte;
};

static struct ioapic ioapics[IOAPIC_MAX];
static unsigned int ioapic_count;
static struct ioapic_pin ioapic_pins[IOAPIC_GSI_MAX];
/* Identity until an override says otherwise; stored as the difference, so that zero is right. */
static int32_t ioapic_isa_shift[IOAPIC_ISA_IRQS];

static uint32_t ioapic_read(struct ioapic *u, uint32_t reg)
{
	mmio_write32(u->regs + IOAPIC_INDEX, reg);
	return mmio_read32(u->regs + IOAPIC_DATA);
}

static void ioapic_write(struct ioapic *u, uint32_t reg, uint32_t v)
{
	mmio_write32(u->regs + IOAPIC_INDEX, reg);
	mmio_write32(u->regs + IOAPIC_DATA, v);
}

/* The mask is in the low half: it goes on first and comes off last, so no half-written entry is ever live. */
static void ioapic_rte_write(struct ioapic_pin *p, uint64_t rte)
{
	uint32_t reg = IOAPIC_REG_RTE(p->irq.source - p->unit->gsi_base);
	bool dest_changes = (p->rte >> 32) != (rte >> 32);

	if (dest_changes && !(p->rte & RTE_MASKED))
		ioapic_write(p->unit, reg, (uint32_t)(p->rte | RTE_MASKED));
	if (dest_changes)
		ioapic_write(p->unit, reg + 1, (uint32_t)(rte >> 32));
	ioapic_write(p->unit, reg, (uint32_t)rte);
	p->rte = rte;
}

static void ioapic_rte_update(struct ioapic_pin *p, uint64_t clear, uint64_t set)
{
	uint64_t flags = spin_lock_irq(&p->unit->lock);

	ioapic_rte_write(p, (p->rte & ~clear) | set);
	spin_unlock_irq(&p->unit->lock, flags);
}

static struct ioapic_pin *ioapic_pin_of(struct irq_desc *irq)
{
	return container_of(irq, struct ioapic_pin, irq);
}

static void ioapic_mask(struct irq_desc *irq)
{
	ioapic_rte_update(ioapic_pin_of(irq), 0, RTE_MASKED);
}

static void ioapic_unmask(struct irq_desc *irq)
{
	ioapic_rte_update(ioapic_pin_of(irq), RTE_MASKED, 0);
}

static int ioapic_route(struct irq_desc *irq, uint32_t apic_id, uint8_t vector)
{
	if (apic_id > RTE_DEST_MAX) {
		log_err("ioapic: GSI %u cannot reach APIC id %#x without interrupt remapping", irq->source,
			apic_id);
		return -EINVAL;
	}
	ioapic_rte_update(ioapic_pin_of(irq), RTE_VECTOR | (0xffUL << RTE_DEST_SHIFT),
		((uint64_t)apic_id << RTE_DEST_SHIFT) | vector);
	return 0;
}

static const struct irq_chip ioapic_chip = {
	.name = "ioapic GSI",
	.mask = ioapic_mask,
	.unmask = ioapic_unmask,
	.route = ioapic_route,
};

static int ioapic_check_range(uint8_t id, uint32_t gsi_base, uint32_t pins)
{
	if (pins > IOAPIC_MAX_PINS || gsi_base >= IOAPIC_GSI_MAX || pins > IOAPIC_GSI_MAX - gsi_base) {
		log_err("ioapic %u: %u pins from GSI %u on: not believable, ignored", id, pins, gsi_base);
		return -EINVAL;
	}
	for (uint32_t gsi = gsi_base; gsi < gsi_base + pins; gsi++) {
		if (!ioapic_pins[gsi].unit)
			continue;
		log_err("ioapic %u: GSI %u belongs to another IOAPIC already, ignored", id, gsi);
		return -EINVAL;
	}
	return 0;
}

static void ioapic_pins_mask_all(struct ioapic *u)
{
	for (uint32_t i = 0; i < u->pins; i++) {
		struct ioapic_pin *p = &ioapic_pins[u->gsi_base + i];

		p->unit = u;
		p->irq.chip = &ioapic_chip;
		p->irq.source = u->gsi_base + i;
		ioapic_write(u, IOAPIC_REG_RTE(i), (uint32_t)RTE_MASKED);
		ioapic_write(u, IOAPIC_REG_RTE(i) + 1, 0);
		p->rte = RTE_MASKED;
	}
}

int ioapic_add(uint8_t id, paddr_t base, uint32_t gsi_base)
{
	struct ioapic *u = &ioapics[ioapic_count];
	uint32_t version;
	int err;

	if (ioapic_count >= IOAPIC_MAX) {
		log_err("ioapic %u: more than %u IOAPICs, ignored", id, IOAPIC_MAX);
		return -ENOSPC;
	}
	u->regs = ioremap(base, PAGE_SIZE, MAP_UC);
	if (!u->regs) {
		log_err("ioapic %u: no mapping for the registers at %#lx", id, base);
		return -ENOMEM;
	}
	spin_init(&u->lock, "ioapic", LOCK_RANK_DEVICE);
	version = ioapic_read(u, IOAPIC_REG_VERSION);
	u->pins = IOAPIC_VERSION_PINS(version);
	u->gsi_base = gsi_base;
	err = version == ~0U ? -EINVAL : ioapic_check_range(id, gsi_base, u->pins);
	if (err) {
		log_err("ioapic %u: at %#lx refused, version register %#x", id, base, version);
		iounmap(u->regs);
		return err;
	}
	ioapic_pins_mask_all(u);
	ioapic_count++;
	log_info("ioapic %u: at %#lx, GSI %u-%u", id, base, gsi_base, gsi_base + u->pins - 1);
	return 0;
}

uint32_t ioapic_isa_to_gsi(uint8_t isa_irq)
{
	return isa_irq < IOAPIC_ISA_IRQS ? (uint32_t)(isa_irq + ioapic_isa_shift[isa_irq]) : isa_irq;
}

int ioapic_set_trigger(uint32_t gsi, bool level, bool low)
{
	struct irq_desc *irq = ioapic_irq(gsi);

	if (!irq)
		return -ENODEV;
	if (irq->vector)
		return -EBUSY;
	ioapic_rte_update(ioapic_pin_of(irq), RTE_LEVEL | RTE_ACTIVE_LOW,
		(level ? RTE_LEVEL : 0) | (low ? RTE_ACTIVE_LOW : 0));
	return 0;
}

void ioapic_set_isa(uint8_t isa_irq, uint32_t gsi, bool level, bool low)
{
	if (isa_irq >= IOAPIC_ISA_IRQS || ioapic_set_trigger(gsi, level, low)) {
		log_warn("ioapic: override of ISA line %u to GSI %u ignored: no such pin", isa_irq, gsi);
		return;
	}
	ioapic_isa_shift[isa_irq] = (int32_t)gsi - isa_irq;
}

struct irq_desc *ioapic_irq(uint32_t gsi)
{
	return gsi < IOAPIC_GSI_MAX && ioapic_pins[gsi].unit ? &ioapic_pins[gsi].irq : NULL;
}
