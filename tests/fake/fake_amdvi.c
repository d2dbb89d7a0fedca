/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include "env_priv.h"
#include "fake_amdvi.h"

#define DEVTAB	 0x0000
#define CMDBUF	 0x0008
#define CONTROL	 0x0018
#define EFR	 0x0030
#define CMD_HEAD 0x2000
#define CMD_TAIL 0x2008
#define STATUS	 0x2020

#define IOMMU_EN  1UL
#define EVTLOG_EN (1UL << 2)
#define CMDBUF_EN (1UL << 12)
#define EVT_RUN	  (1U << 3)
#define CMD_RUN	  (1U << 4)
#define FRAME	  0x000ffffffffff000UL

static uint64_t reg64(const struct fake_amdvi *a, uint32_t reg)
{
	uint64_t value;

	memcpy(&value, a->regs + reg, 8);
	return value;
}

static void reg_set(struct fake_amdvi *a, uint32_t reg, uint64_t value, size_t size)
{
	memcpy(a->regs + reg, &value, size);
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

/* --- The command buffer. --- */

static void device_drop(struct fake_amdvi *a, uint16_t rid)
{
	for (uint32_t i = 0; i < a->devices; i++)
		if (a->device[i].rid == rid)
			a->device[i].live = false;
}

static void pages_drop(struct fake_amdvi *a, uint64_t lo, uint64_t hi)
{
	uint16_t domain = (uint16_t)(lo >> 32);
	uint64_t page = hi >> 12, pages = 1;

	if ((hi & 1) && page == 0x7ffffffffffffUL) {
		fake_tlb_drop_domain(&a->tlb, domain);
		return;
	}
	if (hi & 1)
		for (pages = 2; page & (pages >> 1); pages <<= 1)
			;
	fake_tlb_drop_pages(&a->tlb, domain, page & ~(pages - 1), pages);
}

static void irtes_drop(struct fake_amdvi *a, uint16_t rid)
{
	for (uint32_t i = 0; i < a->irtes; i++)
		if (a->irte[i].rid == rid)
			a->irte[i].live = false;
}

static void cmd_run(struct fake_amdvi *a, uint64_t lo, uint64_t hi)
{
	switch (lo >> 60) {
	case 1:
		if (!(lo & 1) || !fake_phys(lo & 0x000ffffffffffff8UL))
			fake_violation("completion wait 0x%lx", lo);
		memcpy(fake_phys(lo & 0x000ffffffffffff8UL), &hi, 8);
		break;
	case 2:
		device_drop(a, (uint16_t)lo);
		break;
	case 3:
		pages_drop(a, lo, hi);
		break;
	case 5:
		irtes_drop(a, (uint16_t)lo);
		break;
	case 8:
		a->devices = 0;
		a->irtes = 0;
		fake_tlb_drop_all(&a->tlb);
		break;
	default:
		fake_violation("command 0x%lx 0x%lx", lo, hi);
	}
}

/* False when there is nothing (more) to do. */
static bool queue_step(struct fake_amdvi *a)
{
	uint64_t head = reg64(a, CMD_HEAD), tail = reg64(a, CMD_TAIL), at = (reg64(a, CMDBUF) & FRAME) + head,
		 lo, hi;

	if (a->stuck || !(reg64(a, STATUS) & CMD_RUN) || head == tail)
		return false;
	if (tail >= 4096 || tail % 16 || reg64(a, CMDBUF) >> 56 != 8)
		fake_violation("command tail 0x%lx", tail);
	if (a->refuse_at && --a->refuse_at == 0) {
		reg_set(a, STATUS, reg64(a, STATUS) & ~(uint64_t)CMD_RUN, 4);
		return false;
	}
	lo = phys64(at);
	hi = phys64(at + 8);
	a->done_total++;
	if (a->done_count < FAKE_AMDVI_HISTORY) {
		a->done[a->done_count][0] = lo;
		a->done[a->done_count++][1] = hi;
	}
	cmd_run(a, lo, hi);
	reg_set(a, CMD_HEAD, (head + 16) % 4096, 8);
	return true;
}

static void tick(void *ctx)
{
	struct fake_amdvi *a = ctx;

	if (a->lazy)
		queue_step(a);
	else
		while (queue_step(a))
			;
}

/* --- Registers. --- */

static void control(struct fake_amdvi *a, uint64_t value)
{
	uint32_t run = 0;

	value = (value & ~a->deaf) | (reg64(a, CONTROL) & a->deaf);
	if ((value & IOMMU_EN) && (reg64(a, DEVTAB) & 0x1ff) != 0x1ff)
		fake_violation("translation without a whole device table");
	if ((reg64(a, CONTROL) & value & IOMMU_EN) && ((reg64(a, CONTROL) ^ value) & (1UL << 17 | 1UL << 50)))
		fake_violation("the format of interrupt entries changes while the unit is on");
	reg_set(a, CONTROL, value, 8);
	if (value & IOMMU_EN) {
		run |= value & CMDBUF_EN ? CMD_RUN : 0;
		run |= value & EVTLOG_EN ? EVT_RUN : 0;
	}
	reg_set(a, STATUS, run, 4);
}

static void mmio_write(void *ctx, uint32_t offset, uint32_t size, uint64_t value)
{
	struct fake_amdvi *a = ctx;

	if (offset == a->forgets && offset)
		return;
	switch (offset) {
	case CONTROL:
		control(a, value);
		break;
	case CMD_TAIL:
		reg_set(a, offset, value, 8);
		if (!a->lazy)
			tick(a);
		break;
	case STATUS: /* the run bits are read-only, the rest is cleared by a 1 */
		reg_set(a, STATUS, reg64(a, STATUS) & ~(value & ~(uint64_t)(EVT_RUN | CMD_RUN)), 4);
		break;
	case EFR:
		fake_violation("store to the read-only register 0x%x", offset);
	default:
		reg_set(a, offset, value, size);
	}
}

static uint64_t mmio_read(void *ctx, uint32_t offset, uint32_t size)
{
	const struct fake_amdvi *a = ctx;

	return size == 8 ? reg64(a, offset) : (uint32_t)reg64(a, offset);
}

void fake_amdvi_init(struct fake_amdvi *a, uint64_t efr, bool np_cache)
{
	static const struct fake_mmio_ops ops = {mmio_read, mmio_write};

	memset(a, 0, sizeof(*a));
	a->regs = fake_mmio_add(FAKE_AMDVI_BASE, FAKE_AMDVI_BYTES, &ops, a);
	reg_set(a, EFR, efr, 8);
	fake_cfg_set32(fake_cfg_add(FAKE_AMDVI_SBDF, 256), FAKE_AMDVI_CAP, np_cache ? 1U << 26 : 0);
	a->not_cached = !np_cache;
	fake_on_relax(tick, a);
}

/* --- Translation. --- */

static struct fake_amdvi_device *device_walk(struct fake_amdvi *a, uint16_t rid)
{
	struct fake_amdvi_device *d;

	for (uint32_t i = 0; i < a->devices; i++)
		if (a->device[i].live && a->device[i].rid == rid)
			return &a->device[i];
	if (a->devices == ARRAY_SIZE(a->device))
		fake_violation("more devices than the model can remember");
	d = &a->device[a->devices++];
	*d = (struct fake_amdvi_device){.live = true, .rid = rid};
	for (unsigned int i = 0; i < 4; i++)
		d->q[i] = phys64((reg64(a, DEVTAB) & FRAME) + 32UL * rid + 8UL * i);
	return d;
}

static bool table_walk(const struct fake_amdvi_device *d, uint64_t at, struct fake_tlb_entry *t)
{
	paddr_t table = d->q[0] & FRAME;

	t->read = d->q[0] >> 61 & 1;
	t->write = d->q[0] >> 62 & 1;
	for (uint32_t level = d->q[0] >> 9 & 7; level > 0; level--) {
		uint64_t e = phys64(table + 8 * (at >> (9 * (level - 1)) & 511));

		t->table[t->tables++] = table >> 12;
		if (!(e & 1))
			return false;
		t->read = t->read && (e >> 61 & 1);
		t->write = t->write && (e >> 62 & 1);
		if ((e >> 9 & 7) == 0) {
			t->domain = (uint16_t)d->q[1];
			t->order = 9 * (level - 1);
			t->at = at & ~((1UL << t->order) - 1);
			t->mfn = (e & FRAME) >> 12;
			return true;
		}
		if ((e >> 9 & 7) != level - 1)
			fake_violation("a table of level %lu below one of %u", e >> 9 & 7, level);
		table = e & FRAME;
	}
	return false;
}

/* NpCache: what is not mapped is remembered too. */
static void absent_remember(struct fake_amdvi *a, uint16_t domain, uint64_t at)
{
	struct fake_tlb_entry absent = {.domain = domain, .at = at, .mfn = ~0UL};

	if (!a->not_cached)
		fake_tlb_add(&a->tlb, &absent);
}

bool fake_amdvi_dma(struct fake_amdvi *a, uint16_t rid, uint64_t addr, bool write, uint64_t *ret_mfn)
{
	struct fake_tlb_entry *t, walked = {0};
	struct fake_amdvi_device *d;

	*ret_mfn = addr >> 12;
	if (!(reg64(a, CONTROL) & IOMMU_EN))
		return true;
	d = device_walk(a, rid);
	if (!(d->q[0] & 1))
		return true; /* not valid: everything passes */
	if (!(d->q[0] & 2) || !(d->q[0] >> 9 & 7))
		return d->q[0] >> (write ? 62 : 61) & 1;
	t = fake_tlb_find(&a->tlb, (uint16_t)d->q[1], addr >> 12);
	if (!t) {
		if (!table_walk(d, addr >> 12, &walked)) {
			absent_remember(a, (uint16_t)d->q[1], addr >> 12);
			return false;
		}
		fake_tlb_add(&a->tlb, &walked);
		t = &walked;
	}
	*ret_mfn = t->mfn + ((addr >> 12) - t->at);
	return write ? t->write : t->read;
}

/* Everything is remembered, until it is flushed. */
static void irte_walk(struct fake_amdvi *a, const struct fake_amdvi_device *d, uint32_t index,
	uint64_t *ret_lo, uint64_t *ret_hi)
{
	bool wide = (reg64(a, CONTROL) >> 17 & 1) != 0;
	paddr_t table = d->q[2] & 0x000fffffffffffc0UL;
	uint32_t i = 0;

	while (i < a->irtes && !(a->irte[i].live && a->irte[i].rid == d->rid && a->irte[i].index == index))
		i++;
	if (i == ARRAY_SIZE(a->irte))
		fake_violation("more interrupt entries than the model can remember");
	if (i == a->irtes) {
		a->irte[i].live = true;
		a->irte[i].rid = d->rid;
		a->irte[i].index = index;
		a->irte[i].lo = phys64(wide ? table + 16UL * index : (table + 4UL * index) & ~7UL);
		a->irte[i].hi = wide ? phys64(table + 16UL * index + 8) : 0;
		if (!wide)
			a->irte[i].lo = index & 1 ? a->irte[i].lo >> 32 : a->irte[i].lo & 0xffffffff;
		a->irtes++;
	}
	*ret_lo = a->irte[i].lo;
	*ret_hi = a->irte[i].hi;
}

bool fake_amdvi_interrupt(
	struct fake_amdvi *a, uint16_t rid, uint32_t data, uint8_t *ret_vector, uint32_t *ret_dest)
{
	bool wide = (reg64(a, CONTROL) >> 17 & 1) != 0;
	const struct fake_amdvi_device *d;
	uint32_t index = data & 0x7ff;
	uint64_t lo, hi;

	*ret_vector = (uint8_t)data;
	*ret_dest = 0;
	if (!(reg64(a, CONTROL) & IOMMU_EN))
		return true;
	d = device_walk(a, rid);
	if (!(d->q[2] & 1))
		return true; /* not valid: everything passes */
	if ((d->q[2] >> 60 & 3) != 2)
		return (d->q[2] >> 60 & 3) == 1;
	if (index >= 1U << (d->q[2] >> 1 & 0xf))
		return false;
	irte_walk(a, d, index, &lo, &hi);
	if (!(lo & 1))
		return false;
	*ret_vector = (uint8_t)(wide ? hi : lo >> 16);
	*ret_dest = wide ? (uint32_t)(lo >> 8 & 0xffffff) | (uint32_t)(hi >> 56) << 24
			 : (uint32_t)(lo >> 8 & 0xff);
	return true;
}

bool fake_amdvi_holds(const struct fake_amdvi *a, uint64_t mfn)
{
	if (!(reg64(a, CONTROL) & IOMMU_EN))
		return false;
	for (uint32_t i = 0; i < a->devices; i++)
		if (a->device[i].live && (a->device[i].q[0] >> 9 & 7) &&
			(a->device[i].q[0] & FRAME) >> 12 == mfn)
			return true;
	return fake_tlb_holds(&a->tlb, mfn) || mfn - ((reg64(a, DEVTAB) & FRAME) >> 12) < 512;
}
