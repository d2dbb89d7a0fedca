/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include "env_priv.h"
#include "fake_vtd.h"

#define CAP    0x08
#define ECAP   0x10
#define GCMD   0x18
#define GSTS   0x1c
#define RTADDR 0x20
#define FSTS   0x34
#define PMEN   0x64
#define IQH    0x80
#define IQT    0x88
#define IQA    0x90

#define TE    (1U << 31)
#define SRTP  (1U << 30)
#define WBF   (1U << 27)
#define IRE   (1U << 25)
#define SIRTP (1U << 24)
#define CFI   (1U << 23)
#define IRTA  0xb8
#define QIE   (1U << 26)
#define CM    (1UL << 7)
#define FRAME 0x000ffffffffff000UL

static uint32_t reg32(const struct fake_vtd *v, uint32_t reg)
{
	uint32_t value;

	memcpy(&value, v->regs + reg, 4);
	return value;
}

static uint64_t reg64(const struct fake_vtd *v, uint32_t reg)
{
	uint64_t value;

	memcpy(&value, v->regs + reg, 8);
	return value;
}

static void reg_set(struct fake_vtd *v, uint32_t reg, uint64_t value, size_t size)
{
	memcpy(v->regs + reg, &value, size);
}

static uint64_t phys64(paddr_t addr)
{
	const void *p = fake_phys(addr);
	uint64_t value;

	if (!p)
		fake_violation("hardware reads a frame that is not there: 0x%lx", addr);
	memcpy(&value, p, 8);
	return value;
}

/* --- The queue. --- */

static void context_drop(struct fake_vtd *v, uint64_t lo)
{
	unsigned int granule = (lo >> 4) & 3;

	if (granule == 0)
		fake_violation("context flush of no granularity");
	for (uint32_t i = 0; i < v->contexts; i++) {
		struct fake_vtd_context *c = &v->context[i];
		bool domain = c->domain == ((lo >> 16) & 0xffff), device = c->rid == ((lo >> 32) & 0xffff);

		if (granule == 1 || (granule == 2 && domain) || (granule == 3 && domain && device))
			c->live = false;
	}
}

static void iotlb_drop(struct fake_vtd *v, uint64_t lo, uint64_t hi)
{
	unsigned int granule = (lo >> 4) & 3, order = hi & 0x3f;
	uint16_t domain = (uint16_t)(lo >> 16);

	if (granule == 1)
		fake_tlb_drop_all(&v->tlb);
	else if (granule == 2)
		fake_tlb_drop_domain(&v->tlb, domain);
	else if (granule != 3 || order > ((reg64(v, CAP) >> 48) & 0x3f) || !(reg64(v, CAP) >> 39 & 1))
		fake_violation("IOTLB flush 0x%lx 0x%lx", lo, hi);
	else
		fake_tlb_drop_pages(&v->tlb, domain, hi >> 12 & ~((1UL << order) - 1), 1UL << order);
}

static void irte_drop(struct fake_vtd *v, uint64_t lo)
{
	for (uint32_t i = 0; i < v->irtes; i++)
		if (!(lo & 1U << 4) || v->irte[i].index == (uint16_t)(lo >> 32))
			v->irte[i].live = false;
}

static void desc_run(struct fake_vtd *v, uint64_t lo, uint64_t hi)
{
	switch (lo & 0xf) {
	case 1:
		context_drop(v, lo);
		break;
	case 2:
		iotlb_drop(v, lo, hi);
		break;
	case 4:
		irte_drop(v, lo);
		break;
	case 5:
		memcpy(fake_phys(hi), (const char *)&lo + 4, 4);
		break;
	default:
		fake_violation("descriptor 0x%lx 0x%lx", lo, hi);
	}
}

static void fsts_raise(struct fake_vtd *v, uint32_t bit)
{
	reg_set(v, FSTS, reg32(v, FSTS) | bit, 4);
}

static bool desc_misbehaves(struct fake_vtd *v, uint64_t lo)
{
	if (v->refuse_at && --v->refuse_at == 0) {
		fsts_raise(v, 1U << 4);
		return true;
	}
	if ((lo & 0xf) == 5 && v->timeout_at && --v->timeout_at == 0) {
		fsts_raise(v, 1U << 6);
		return true;
	}
	return false;
}

/* False when there is nothing (more) to do. */
static bool queue_step(struct fake_vtd *v)
{
	uint64_t head = reg64(v, IQH), tail = reg64(v, IQT), at = (reg64(v, IQA) & FRAME) + head, lo, hi;

	if (v->stuck || !(reg32(v, GSTS) & QIE) || (reg32(v, FSTS) & (1U << 4 | 1U << 6)) || head == tail)
		return false;
	if (tail >= 4096 || tail % 16)
		fake_violation("queue tail 0x%lx", tail);
	lo = phys64(at);
	hi = phys64(at + 8);
	if (desc_misbehaves(v, lo))
		return false;
	if (v->done_count < FAKE_VTD_HISTORY) {
		v->done[v->done_count][0] = lo;
		v->done[v->done_count++][1] = hi;
	}
	desc_run(v, lo, hi);
	reg_set(v, IQH, (head + 16) % 4096, 8);
	return true;
}

static void tick(void *ctx)
{
	struct fake_vtd *v = ctx;

	if (v->lazy)
		queue_step(v);
	else
		while (queue_step(v))
			;
}

/* --- Registers. --- */

static void command(struct fake_vtd *v, uint32_t value)
{
	uint32_t status = reg32(v, GSTS), held = TE | QIE | IRE | CFI;

	value = (value & ~v->deaf) | (status & v->deaf & held);
	if ((value & SRTP) && (value & TE & ~status))
		fake_violation("root pointer and translation in one command");
	status = (status & ~held) | (value & held);
	if (value & SRTP) {
		v->root = reg64(v, RTADDR) & FRAME;
		status |= SRTP;
	}
	if (value & SIRTP) {
		v->irta = reg64(v, IRTA);
		status |= SIRTP;
	}
	if ((status & IRE) && !(status & SIRTP))
		fake_violation("interrupt remapping without a table");
	if ((status & TE) && !(status & SRTP))
		fake_violation("translation without a root table");
	reg_set(v, GSTS, status, 4);
}

static void mmio_write(void *ctx, uint32_t offset, uint32_t size, uint64_t value)
{
	struct fake_vtd *v = ctx;

	switch (offset) {
	case GCMD:
		command(v, (uint32_t)value);
		break;
	case FSTS:
		reg_set(v, FSTS, reg32(v, FSTS) & ~(uint32_t)value, 4);
		break;
	case PMEN:
		reg_set(v, PMEN, (value & 1UL << 31) | value >> 31, 4);
		break;
	case IQA:
		reg_set(v, IQA, v->queue_forgets ? 0 : value, 8);
		break;
	case IQT:
		reg_set(v, IQT, value, 8);
		if (!v->lazy)
			tick(v);
		break;
	case CAP:
	case ECAP:
	case GSTS:
	case IQH:
		fake_violation("store to the read-only register 0x%x", offset);
	default:
		reg_set(v, offset, value, size);
	}
}

static uint64_t mmio_read(void *ctx, uint32_t offset, uint32_t size)
{
	const struct fake_vtd *v = ctx;

	if (offset == IQA && !(reg32(v, GSTS) & QIE))
		return 0; /* QEMU shows the address that is in use */
	return size == 8 ? reg64(v, offset) : reg32(v, offset);
}

void fake_vtd_init(struct fake_vtd *v, paddr_t base, uint64_t cap, uint64_t ecap)
{
	static const struct fake_mmio_ops ops = {mmio_read, mmio_write};

	memset(v, 0, sizeof(*v));
	v->base = base;
	v->regs = fake_mmio_add(base, FAKE_VTD_BYTES, &ops, v);
	reg_set(v, CAP, cap, 8);
	reg_set(v, ECAP, ecap, 8);
	fake_on_relax(tick, v);
}

/* --- Translation. --- */

static struct fake_vtd_context *context_find(struct fake_vtd *v, uint16_t rid)
{
	for (uint32_t i = 0; i < v->contexts; i++)
		if (v->context[i].live && v->context[i].rid == rid)
			return &v->context[i];
	return NULL;
}

/* What is not present is remembered only with caching mode, under domain 0. */
static struct fake_vtd_context *context_walk(struct fake_vtd *v, uint16_t rid)
{
	struct fake_vtd_context *c = context_find(v, rid);
	uint64_t root, lo = 0, hi = 0;

	if (c)
		return c;
	if (v->contexts == ARRAY_SIZE(v->context))
		fake_violation("more contexts than the model can remember");
	root = phys64(v->root + 16UL * (rid >> 8));
	if (root & 1) {
		lo = phys64((root & FRAME) + 16UL * (rid & 0xff));
		hi = phys64((root & FRAME) + 16UL * (rid & 0xff) + 8);
	}
	c = &v->context[v->contexts];
	*c = (struct fake_vtd_context){.rid = rid, .present = lo & 1, .root = lo & FRAME};
	c->domain = lo & 1 ? (uint16_t)(hi >> 8) : 0;
	c->levels = (uint32_t)(hi & 7) + 2;
	c->table[0] = v->root >> 12;
	c->table[1] = (root & FRAME) >> 12;
	c->live = c->present || (reg64(v, CAP) & CM);
	v->contexts += c->live;
	return c;
}

static bool table_walk(const struct fake_vtd_context *c, uint64_t at, struct fake_tlb_entry *t)
{
	paddr_t table = c->root;

	t->read = t->write = true;
	for (uint32_t level = c->levels; level > 0; level--) {
		uint64_t e = phys64(table + 8 * (at >> (9 * (level - 1)) & 511));

		t->table[t->tables++] = table >> 12;
		t->read = t->read && (e & 1);
		t->write = t->write && (e & 2);
		if (!(e & 3))
			return false;
		if (level == 1 || (e & 0x80)) {
			t->domain = c->domain;
			t->order = 9 * (level - 1);
			t->at = at & ~((1UL << t->order) - 1);
			t->mfn = (e & FRAME) >> 12;
			return true;
		}
		table = e & FRAME;
	}
	return false;
}

/* With caching mode what is not mapped is remembered too. */
static void absent_remember(struct fake_vtd *v, const struct fake_vtd_context *c, uint64_t at)
{
	struct fake_tlb_entry absent = {.domain = c->domain, .at = at, .mfn = ~0UL};

	if (reg64(v, CAP) & CM)
		fake_tlb_add(&v->tlb, &absent);
}

bool fake_vtd_dma(struct fake_vtd *v, uint16_t rid, uint64_t addr, bool write, uint64_t *ret_mfn)
{
	struct fake_vtd_context *c;
	struct fake_tlb_entry *t, walked = {0};

	*ret_mfn = addr >> 12;
	if (!(reg32(v, GSTS) & TE))
		return true;
	c = context_walk(v, rid);
	if (!c->present)
		return false;
	t = fake_tlb_find(&v->tlb, c->domain, addr >> 12);
	if (!t) {
		if (!table_walk(c, addr >> 12, &walked)) {
			absent_remember(v, c, addr >> 12);
			return false;
		}
		fake_tlb_add(&v->tlb, &walked);
		t = &walked;
	}
	*ret_mfn = t->mfn + ((addr >> 12) - t->at);
	return write ? t->write : t->read;
}

/* What is not present is remembered only with caching mode. */
static bool irte_walk(struct fake_vtd *v, uint32_t index, uint64_t *ret_lo, uint64_t *ret_hi)
{
	uint32_t i = 0;

	if (index >= 2U << (v->irta & 0xf))
		return false;
	while (i < v->irtes && !(v->irte[i].live && v->irte[i].index == index))
		i++;
	if (i == ARRAY_SIZE(v->irte))
		fake_violation("more interrupt entries than the model can remember");
	if (i == v->irtes) {
		v->irte[i].index = index;
		v->irte[i].lo = phys64((v->irta & FRAME) + 16UL * index);
		v->irte[i].hi = phys64((v->irta & FRAME) + 16UL * index + 8);
		v->irte[i].live = (v->irte[i].lo & 1) || (reg64(v, CAP) & CM);
		v->irtes += v->irte[i].live;
	}
	*ret_lo = v->irte[i].lo;
	*ret_hi = v->irte[i].hi;
	return *ret_lo & 1;
}

bool fake_vtd_interrupt(struct fake_vtd *v, uint16_t rid, uint64_t address, uint32_t data,
	uint8_t *ret_vector, uint32_t *ret_dest)
{
	uint32_t index = (uint32_t)((address >> 5 & 0x7fff) | (address >> 2 & 1) << 15);
	uint64_t lo, hi;

	*ret_vector = (uint8_t)data;
	*ret_dest = (uint32_t)(address >> 12 & 0xff);
	if (!(reg32(v, GSTS) & IRE))
		return true;
	if (!(address & 1U << 4)) /* the old format */
		return (reg32(v, GSTS) & CFI) != 0;
	index += address & 1U << 3 ? data & 0xffff : 0;
	if (!irte_walk(v, index, &lo, &hi))
		return false;
	if ((hi >> 18 & 3) == 1 && (uint16_t)hi != rid)
		return false;
	*ret_vector = (uint8_t)(lo >> 16);
	*ret_dest = v->irta & 1U << 11 ? (uint32_t)(lo >> 32) : (uint32_t)(lo >> 40 & 0xff);
	return true;
}

bool fake_vtd_holds(const struct fake_vtd *v, uint64_t mfn)
{
	if (!(reg32(v, GSTS) & TE))
		return false;
	for (uint32_t i = 0; i < v->contexts; i++) {
		const struct fake_vtd_context *c = &v->context[i];

		if (c->live && (c->table[0] == mfn || c->table[1] == mfn || c->root >> 12 == mfn))
			return true;
	}
	return fake_tlb_holds(&v->tlb, mfn);
}
