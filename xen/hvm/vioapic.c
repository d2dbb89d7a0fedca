/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual IOAPICs: Intel 82093AA data sheet section 3.
 *
 * Lock order: vioapic (LOCK_RANK_VIOAPIC) -> the scheduler's (a vlapic is posted to) and
 * the IOAPIC's own (a physical pin is unmasked at the guest's EOI). Binding a
 * physical pin may wait for other processors, so it is done after the lock.
 */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/ioapic.h>
#include <hv/irq_bind.h>
#include <hv/log.h>
#include <hv/mmio_trap.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include <hv/vioapic.h>
#include <hv/vlapic.h>

#define VIOAPIC_VERSION 0x20u

#define VIOAPIC_SELECT 0x00
#define VIOAPIC_WINDOW 0x10
#define VIOAPIC_EOI    0x40

#define REG_ID	       0x00
#define REG_ID_SHIFT   24
#define REG_ID_MASK    0x0f000000u
#define REG_VERSION    0x01
#define REG_ARBITRATE  0x02
#define REG_RTE	       0x10
#define REG_PINS_SHIFT 16

/* Redirection entries, section 3.2.4. */
#define RTE_VECTOR(rte)	 ((uint8_t)(rte))
#define RTE_MODE(rte)	 ((uint8_t)(((rte) >> 8) & 7))
#define RTE_LOGICAL	 (1UL << 11)
#define RTE_LOW		 (1UL << 13)
#define RTE_REMOTE_IRR	 (1UL << 14)
#define RTE_LEVEL	 (1UL << 15)
#define RTE_MASKED	 (1UL << 16)
#define RTE_DEST(rte)	 ((uint32_t)((rte) >> 56))
#define RTE_WRITABLE_LOW 0x0001afffUL
#define RTE_WRITABLE_TOP 0xff000000UL

/* The one of a guest whose devices are emulated elsewhere: public/arch-x86/hvm. */
#define GUEST_PINS 48
#define GUEST_BASE 0xfec00000UL

struct vioapic_unit {
	struct vioapic *owner;
	paddr_t base;
	uint32_t id, gsi_base, pins;
	uint32_t select;
};

struct vioapic_pin {
	uint64_t rte;
	bool line;
	bool exists;
};

struct vioapic {
	struct spinlock lock;
	struct domain *domain;
	uint32_t units;
	struct vioapic_unit unit[IOAPIC_MAX];
	/* Pins by GSI; those that wait for an EOI, so that an EOI looks at no others. */
	struct vioapic_pin pin[IOAPIC_GSI_MAX];
	uint64_t waiting[IOAPIC_GSI_MAX / 64];
};

static struct vioapic_pin *pin_find(struct vioapic *io, uint32_t gsi)
{
	return io && gsi < IOAPIC_GSI_MAX && io->pin[gsi].exists ? &io->pin[gsi] : NULL;
}

static void pin_waits(struct vioapic *io, uint32_t gsi, bool waits)
{
	uint64_t bit = 1UL << (gsi % 64);

	if (waits) {
		io->pin[gsi].rte |= RTE_REMOTE_IRR;
		io->waiting[gsi / 64] |= bit;
	} else {
		io->pin[gsi].rte &= ~RTE_REMOTE_IRR;
		io->waiting[gsi / 64] &= ~bit;
	}
}

static void pin_send(struct vioapic *io, uint32_t gsi)
{
	uint64_t rte = io->pin[gsi].rte;
	struct vlapic_message m = {
		.vector = RTE_VECTOR(rte),
		.mode = RTE_MODE(rte),
		.logical = (rte & RTE_LOGICAL) != 0,
		/* The trigger counts for what has a vector; the others are edges. */
		.level = (rte & RTE_LEVEL) && RTE_MODE(rte) <= VLAPIC_LOWEST,
		.dest = RTE_DEST(rte),
	};

	if (m.level)
		pin_waits(io, gsi, true);
	vlapic_send(io->domain, &m);
}

/* A level pin interrupts while its line is up, it is not masked, and the last one was ended. */
static void pin_evaluate(struct vioapic *io, uint32_t gsi)
{
	const struct vioapic_pin *p = &io->pin[gsi];

	if (p->line && (p->rte & RTE_LEVEL) && !(p->rte & (RTE_MASKED | RTE_REMOTE_IRR)))
		pin_send(io, gsi);
}

void vioapic_assert(struct domain *d, uint32_t gsi, bool level)
{
	struct vioapic *io = d->vioapic;
	struct vioapic_pin *p = pin_find(io, gsi);
	bool rises;

	if (!p)
		return;
	spin_lock(&io->lock);
	rises = level && !p->line;
	p->line = level;
	if (p->rte & RTE_LEVEL)
		pin_evaluate(io, gsi);
	else if (rises && !(p->rte & RTE_MASKED))
		pin_send(io, gsi);
	spin_unlock(&io->lock);
}

/* A line that a physical pin holds up falls: if the device still wants, it comes again. */
static void pin_eoi(struct vioapic *io, uint32_t gsi)
{
	pin_waits(io, gsi, false);
	if (irq_bind_eoi(io->domain, gsi))
		io->pin[gsi].line = false;
	pin_evaluate(io, gsi);
}

/* Of the pins [first, end) that wait for this vector. */
static void vioapic_eoi_range(struct vioapic *io, uint8_t vector, uint32_t first, uint32_t end)
{
	spin_lock(&io->lock);
	for (uint32_t w = first / 64; w * 64 < end; w++) {
		for (uint64_t bits = io->waiting[w]; bits; bits &= bits - 1) {
			uint32_t gsi = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (gsi >= first && gsi < end && RTE_VECTOR(io->pin[gsi].rte) == vector)
				pin_eoi(io, gsi);
		}
	}
	spin_unlock(&io->lock);
}

void vioapic_eoi(struct domain *d, uint8_t vector)
{
	if (d->vioapic)
		vioapic_eoi_range(d->vioapic, vector, 0, IOAPIC_GSI_MAX);
}

bool vioapic_entry(struct domain *d, uint32_t gsi, uint64_t *ret_entry)
{
	struct vioapic_pin *p = pin_find(d->vioapic, gsi);

	if (!p)
		return false;
	*ret_entry = READ_ONCE(p->rte);
	return true;
}

/* --- Registers. --- */

static uint32_t unit_reg_read(const struct vioapic_unit *u)
{
	uint32_t index = u->select - REG_RTE;

	switch (u->select) {
	case REG_ID:
	case REG_ARBITRATE:
		return u->id << REG_ID_SHIFT & REG_ID_MASK;
	case REG_VERSION:
		return VIOAPIC_VERSION | (u->pins - 1) << REG_PINS_SHIFT;
	default:
		if (u->select < REG_RTE || index / 2 >= u->pins)
			return ~0U;
		return (uint32_t)(u->owner->pin[u->gsi_base + index / 2].rte >> (index % 2 * 32));
	}
}

static uint64_t rte_merge(uint64_t old, bool top, uint32_t value)
{
	if (top)
		return (uint32_t)old | (uint64_t)(value & RTE_WRITABLE_TOP) << 32;
	return (old & ~RTE_WRITABLE_LOW) | (value & RTE_WRITABLE_LOW);
}

/* True when the pin may interrupt from now on and could not, or not in this way. */
static bool rte_write(struct vioapic *io, uint32_t gsi, bool top, uint32_t value)
{
	struct vioapic_pin *p = &io->pin[gsi];
	uint64_t old = p->rte;

	p->rte = rte_merge(old, top, value);
	/* Systems end a level interrupt for which the EOI was lost by making the pin edge for a moment. */
	if (!(p->rte & RTE_LEVEL))
		pin_waits(io, gsi, false);
	pin_evaluate(io, gsi);
	return !(p->rte & RTE_MASKED) &&
	       ((old & RTE_MASKED) || ((old ^ p->rte) & (RTE_LEVEL | RTE_LOW)) != 0);
}

static void unit_reg_write(struct vioapic_unit *u, uint32_t value)
{
	struct vioapic *io = u->owner;
	uint32_t index = u->select - REG_RTE, gsi = u->gsi_base + index / 2;
	bool listens = false;
	uint64_t rte = 0;

	spin_lock(&io->lock);
	if (u->select == REG_ID) {
		u->id = (value & REG_ID_MASK) >> REG_ID_SHIFT;
	} else if (u->select >= REG_RTE && index / 2 < u->pins) {
		listens = rte_write(io, gsi, index % 2, value);
		rte = io->pin[gsi].rte;
	}
	spin_unlock(&io->lock);
	if (listens)
		irq_bind_listen(io->domain, gsi, (rte & RTE_LEVEL) != 0, (rte & RTE_LOW) != 0);
}

static uint64_t vioapic_read(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes)
{
	struct vioapic_unit *u = ctx;
	uint64_t value = 0;

	(void)v;
	spin_lock(&u->owner->lock);
	switch (address - u->base) {
	case VIOAPIC_SELECT:
		value = u->select;
		break;
	case VIOAPIC_WINDOW:
		value = unit_reg_read(u);
		break;
	default:
		break;
	}
	spin_unlock(&u->owner->lock);
	return bytes < 4 ? value & ((1UL << (bytes * 8)) - 1) : value;
}

static void vioapic_write(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes, uint64_t value)
{
	struct vioapic_unit *u = ctx;

	(void)v;
	switch (address - u->base) {
	case VIOAPIC_SELECT:
		WRITE_ONCE(u->select, (uint32_t)value & 0xff);
		break;
	case VIOAPIC_WINDOW:
		if (bytes == 4)
			unit_reg_write(u, (uint32_t)value);
		break;
	case VIOAPIC_EOI:
		vioapic_eoi_range(u->owner, (uint8_t)value, u->gsi_base, u->gsi_base + u->pins);
		break;
	default:
		break;
	}
}

static const struct trap_ops vioapic_trap_ops = {.read = vioapic_read, .write = vioapic_write};

/* --- Life. --- */

static int unit_create(struct vioapic *io, uint32_t id, paddr_t base, uint32_t gsi_base, uint32_t pins)
{
	struct vioapic_unit *u = &io->unit[io->units];
	int rc;

	*u = (struct vioapic_unit){
		.owner = io, .base = base, .id = id, .gsi_base = gsi_base, .pins = pins, .select = 0};
	rc = mmio_trap_add(io->domain, base, PAGE_SIZE, &vioapic_trap_ops, u);
	if (rc == 0)
		io->units++;
	if (rc == 0)
		rc = p2m_set(io->domain, GFN(base >> PAGE_SHIFT), INVALID_MFN, ORDER_4K, P2M_MMIO_TRAP);
	if (rc < 0) {
		log_err("d%u: vioapic at %#lx: no room in its memory map (error %d)", io->domain->id, base,
			-rc);
		return rc;
	}
	for (uint32_t gsi = gsi_base; gsi < gsi_base + pins; gsi++)
		io->pin[gsi] = (struct vioapic_pin){.exists = true, .rte = RTE_MASKED};
	return 0;
}

/* The pins that the hypervisor found and uses: those of a unit it refused are not there. */
static uint32_t machine_pins(uint32_t gsi_base)
{
	const struct acpi_madt *m = &acpi.madt;
	uint32_t pins = 0, end = IOAPIC_GSI_MAX;

	for (uint32_t i = 0; i < m->ioapic_count; i++)
		if (m->ioapic[i].gsi_base > gsi_base && m->ioapic[i].gsi_base < end)
			end = m->ioapic[i].gsi_base;
	while (gsi_base + pins < end && pins < IOAPIC_MAX_PINS && ioapic_irq(gsi_base + pins))
		pins++;
	return pins;
}

static int vioapic_create_machine(struct vioapic *io)
{
	const struct acpi_madt *m = &acpi.madt;
	int rc = 0;

	for (uint32_t i = 0; i < m->ioapic_count && io->units < IOAPIC_MAX && rc == 0; i++) {
		uint32_t pins =
			m->ioapic[i].gsi_base < IOAPIC_GSI_MAX ? machine_pins(m->ioapic[i].gsi_base) : 0;

		if (pins)
			rc = unit_create(io, m->ioapic[i].id, m->ioapic[i].base & PAGE_MASK,
				m->ioapic[i].gsi_base, pins);
	}
	return rc;
}

int vioapic_create(struct domain *d)
{
	struct vioapic *io;
	int rc;

	if (!d->privileged && d->mode != DOMAIN_HVM)
		return 0;
	io = hv_alloc(sizeof(*io));
	if (!io)
		return -ENOMEM;
	spin_init(&io->lock, "vioapic", LOCK_RANK_VIOAPIC);
	io->domain = d;
	d->vioapic = io;
	rc = d->privileged ? vioapic_create_machine(io) : unit_create(io, 0, GUEST_BASE, 0, GUEST_PINS);
	if (rc < 0)
		vioapic_destroy(d);
	return rc;
}

void vioapic_destroy(struct domain *d)
{
	struct vioapic *io = d->vioapic;

	if (!io)
		return;
	for (uint32_t i = 0; i < io->units; i++)
		(void)mmio_trap_remove(d, io->unit[i].base);
	d->vioapic = NULL;
	hv_free(io);
}
