/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: who gets an interrupt: destinations of the command register, of the
 * IOAPIC and of messages; and INIT and STARTUP, which a tasklet does, because
 * they wait until the vcpu has left its processor.
 */
#include <errno.h>
#include <hv/hvm.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/vcpu.h>
#include "vlapic_priv.h"

#define DEST_ALL_X1 0xffU
#define DEST_ALL_X2 0xffffffffU

static void set_or(struct vcpu_set *to, const struct vcpu_set *from)
{
	for (unsigned int w = 0; w < VCPU_WORDS; w++)
		to->word[w] |= __atomic_load_n(&from->word[w], __ATOMIC_ACQUIRE);
}

static void set_all(const struct domain *d, struct vcpu_set *to)
{
	for (unsigned int w = 0; w < VCPU_WORDS; w++) {
		uint32_t left = d->vcpu_max > w * 64 ? d->vcpu_max - w * 64 : 0;

		to->word[w] = left >= 64 ? ~0UL : (1UL << left) - 1;
	}
}

static void set_atomic(struct vcpu_set *s, uint32_t id, bool in)
{
	uint64_t bit = 1UL << (id % 64);

	if (in)
		__atomic_fetch_or(&s->word[id / 64], bit, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&s->word[id / 64], ~bit, __ATOMIC_SEQ_CST);
}

/* In or out of the sets that these register values name: SDM volume 3A section 11.6.2.2. */
static void logical_apply(struct vlapic *a, uint32_t ldr, uint32_t dfr, bool in)
{
	uint32_t id = ldr >> APIC_LDR_SHIFT;

	for (unsigned int b = 0; b < 8; b++) {
		if (!((id >> b) & 1))
			continue;
		if ((dfr & APIC_DFR_MODEL) == APIC_DFR_FLAT)
			set_atomic(&a->logical->flat[b], a->v->id, in);
		else if ((dfr & APIC_DFR_MODEL) == APIC_DFR_CLUSTER && b < 4)
			set_atomic(&a->logical->cluster[id >> 4][b], a->v->id, in);
	}
}

void vlapic_logical_update(struct vlapic *a, uint32_t old_ldr, uint32_t old_dfr, bool old_xapic)
{
	if (old_xapic)
		logical_apply(a, old_ldr, old_dfr, false);
	if (vlapic_is_on(a) && !vlapic_is_x2(a))
		logical_apply(a, a->ldr, a->dfr, true);
}

/* Logical ids of x2APIC mode follow from the APIC ids: cluster 31:16, one bit for each of sixteen. */
static void logical_x2(const struct domain *d, uint32_t dest, struct vcpu_set *ret)
{
	uint32_t base = dest >> 16 << 4;

	for (unsigned int b = 0; b < 16; b++) {
		uint32_t id = base + b;

		if (((dest >> b) & 1) && id < d->vcpu_max && vlapic_is_x2(d->vcpu[id]->vlapic))
			vcpu_set_add(ret, id);
	}
}

static void logical_x1(const struct domain *d, uint32_t dest, struct vcpu_set *ret)
{
	const struct vlapic_logical *l = d->vcpu[0]->vlapic->logical;

	for (unsigned int b = 0; b < 8; b++)
		if ((dest >> b) & 1)
			set_or(ret, &l->flat[b]);
	for (unsigned int b = 0; b < 4; b++)
		if ((dest >> b) & 1)
			set_or(ret, &l->cluster[dest >> 4][b]);
	/* Those in x2APIC mode see it as of cluster 0. */
	logical_x2(d, dest, ret);
}

/* wide: an x2APIC's 32-bit destination. APIC ids are vcpu numbers (hv/cpu_policy.h). */
static void vlapic_targets(
	const struct domain *d, uint32_t dest, bool wide, bool logical, struct vcpu_set *ret)
{
	*ret = (struct vcpu_set){{0}};
	if (dest == (wide ? DEST_ALL_X2 : DEST_ALL_X1))
		set_all(d, ret);
	else if (logical && wide)
		logical_x2(d, dest, ret);
	else if (logical)
		logical_x1(d, dest, ret);
	else if (dest < d->vcpu_max)
		vcpu_set_add(ret, dest);
}

/* Replaces the work of an earlier INIT or STARTUP: INIT makes both void, the first STARTUP counts. */
static void start_work_add(struct vlapic *a, uint32_t work)
{
	uint32_t old = __atomic_load_n(&a->start_work, __ATOMIC_SEQ_CST), next;

	do {
		if ((work & VLAPIC_WORK_STARTUP) && (old & VLAPIC_WORK_STARTUP))
			return;
		next = work & VLAPIC_WORK_INIT ? work : old | work;
	} while (!__atomic_compare_exchange_n(
		&a->start_work, &old, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	tasklet_schedule(&a->start);
}

static void start_init(struct vlapic *a)
{
	vcpu_down(a->v);
	sched_sync(a->v);
	vlapic_reset(a, false);
	a->wait_startup = true;
}

/* STARTUP counts only between INIT and the first one: SDM volume 3A section 9.4.3. */
static void start_startup(struct vlapic *a, uint8_t page)
{
	struct vcpu *v = a->v;

	if (!a->wait_startup || !(__atomic_load_n(&v->flags, __ATOMIC_SEQ_CST) & VCPU_DOWN))
		return;
	sched_sync(v);
	a->wait_startup = false;
	hvm_vcpu_start_sipi(v, page);
	vcpu_up(v);
}

static void start_tasklet(void *arg)
{
	struct vlapic *a = arg;
	uint32_t work = __atomic_exchange_n(&a->start_work, 0, __ATOMIC_SEQ_CST);

	if (work & VLAPIC_WORK_INIT)
		start_init(a);
	if (work & VLAPIC_WORK_STARTUP)
		start_startup(a, (uint8_t)work);
}

void vlapic_start_init(struct vlapic *a)
{
	tasklet_init(&a->start, smp_cpu(), start_tasklet, a);
}

static void vlapic_deliver(struct vlapic *a, const struct vlapic_message *m)
{
	if (!vlapic_is_on(a))
		return;
	switch (m->mode) {
	case VLAPIC_FIXED:
	case VLAPIC_LOWEST:
		vlapic_post(a, m->vector, m->level);
		break;
	case VLAPIC_NMI:
		hvm_inject_nmi(a->v);
		break;
	case VLAPIC_INIT:
		start_work_add(a, VLAPIC_WORK_INIT);
		break;
	case VLAPIC_STARTUP:
		start_work_add(a, VLAPIC_WORK_STARTUP | m->vector);
		break;
	default:
		break;
	}
}

/* The first that accepts, at or after `from`, around the end. */
static struct vlapic *vlapic_choose(const struct domain *d, const struct vcpu_set *set, uint32_t from)
{
	for (uint32_t n = 0; n < d->vcpu_max; n++) {
		uint32_t id = (from + n) % d->vcpu_max;

		if (vcpu_set_test(set, id) && vlapic_accepts(d->vcpu[id]->vlapic))
			return d->vcpu[id]->vlapic;
	}
	return NULL;
}

/* Which of several equal processors is not specified: by vector, so that a device stays with one. */
static void vlapic_deliver_lowest(
	const struct domain *d, const struct vcpu_set *set, const struct vlapic_message *m)
{
	struct vlapic *a = vlapic_choose(d, set, m->vector);

	if (a)
		vlapic_deliver(a, m);
}

static void vlapic_deliver_set(
	const struct domain *d, const struct vcpu_set *set, const struct vlapic_message *m)
{
	if (m->mode == VLAPIC_LOWEST) {
		vlapic_deliver_lowest(d, set, m);
		return;
	}
	for (unsigned int w = 0; w < VCPU_WORDS; w++)
		for (uint64_t bits = set->word[w]; bits; bits &= bits - 1)
			vlapic_deliver(d->vcpu[w * 64 + (unsigned int)__builtin_ctzll(bits)]->vlapic, m);
}

void vlapic_send(struct domain *d, const struct vlapic_message *m)
{
	struct vcpu_set set;

	vlapic_targets(d, m->dest, false, m->logical, &set);
	if (m->mode != VLAPIC_STARTUP)
		vlapic_deliver_set(d, &set, m);
}

int vlapic_msi(struct domain *d, uint64_t address, uint32_t data)
{
	struct vlapic_message m = {
		.vector = (uint8_t)(data & MSI_DATA_VECTOR),
		.mode = MSI_DATA_MODE(data),
		.level = (data & MSI_DATA_LEVEL) && (data & MSI_DATA_ASSERT),
		/* Whatever the redirection hint says: systems set logical destinations without it. */
		.logical = (address & MSI_ADDRESS_LOGICAL) != 0,
		.dest = MSI_ADDRESS_DEST(address),
	};

	if ((address & MSI_ADDRESS_BASE_MASK) != MSI_ADDRESS_BASE)
		return -EINVAL;
	vlapic_send(d, &m);
	return 0;
}

static void command_targets(const struct vlapic *a, struct vcpu_set *ret)
{
	const struct domain *d = a->v->domain;
	uint32_t high = (uint32_t)(a->icr >> 32), id = a->v->id;
	bool x2 = vlapic_is_x2(a);

	switch ((a->icr >> APIC_ICR_HAND_SHIFT) & APIC_ICR_HAND_MASK) {
	case APIC_HAND_NONE:
		vlapic_targets(d, x2 ? high : high >> APIC_ICR_DEST_SHIFT, x2,
			(a->icr & APIC_ICR_LOGICAL) != 0, ret);
		break;
	case APIC_HAND_SELF:
		*ret = (struct vcpu_set){{0}};
		vcpu_set_add(ret, id);
		break;
	case APIC_HAND_ALL:
		set_all(d, ret);
		break;
	default:
		set_all(d, ret);
		ret->word[id / 64] &= ~(1UL << (id % 64));
		break;
	}
}

void vlapic_command(struct vlapic *a)
{
	struct vlapic_message m = {
		.vector = (uint8_t)(a->icr & APIC_ICR_VECTOR),
		.mode = (a->icr >> APIC_ICR_MODE_SHIFT) & APIC_ICR_MODE_MASK,
	};
	struct vcpu_set set;

	/* INIT with level and no assert only sets arbitration ids, of old. */
	if (m.mode == VLAPIC_INIT && (a->icr & APIC_ICR_LEVEL) && !(a->icr & APIC_ICR_ASSERT))
		return;
	if (m.mode <= VLAPIC_LOWEST && m.vector < 16) {
		vlapic_error(a, APIC_ESR_SEND_VECTOR);
		return;
	}
	command_targets(a, &set);
	vlapic_deliver_set(a->v->domain, &set, &m);
}
