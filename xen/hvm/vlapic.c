/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: the virtual local APIC's requests and priorities. vlapic_pending() and
 * vlapic_accept() run on every entry, vlapic_request() for every interrupt.
 */
#include <errno.h>
#include <string.h>
#include <hv/cpu_policy.h>
#include <hv/mmio_trap.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include <hv/vcpu.h>
#include <hv/vioapic.h>
#include "vlapic_priv.h"

#define VECTOR_VALID_MIN 16

static bool vector_test(const uint64_t *words, uint8_t vector)
{
	return (READ_ONCE(words[vector / 64]) >> (vector % 64)) & 1;
}

/* -1 when there is none. */
static int vector_highest(const uint64_t *words)
{
	for (int w = VLAPIC_WORDS - 1; w >= 0; w--) {
		uint64_t bits = __atomic_load_n(&words[w], __ATOMIC_ACQUIRE);

		if (bits)
			return w * 64 + 63 - __builtin_clzll(bits);
	}
	return -1;
}

/* True when the bit was clear. */
static bool vector_set_atomic(uint64_t *words, uint8_t vector)
{
	uint64_t bit = 1UL << (vector % 64);

	return !(__atomic_fetch_or(&words[vector / 64], bit, __ATOMIC_SEQ_CST) & bit);
}

static void vector_clear_atomic(uint64_t *words, uint8_t vector)
{
	__atomic_fetch_and(&words[vector / 64], ~(1UL << (vector % 64)), __ATOMIC_SEQ_CST);
}

bool vlapic_post(struct vlapic *a, uint8_t vector, bool level)
{
	if (!vlapic_accepts(a))
		return false;
	if (vector < VECTOR_VALID_MIN) {
		vlapic_error(a, APIC_ESR_RECV_VECTOR);
		return false;
	}
	/* Before the request: who takes the vector must see how it came. */
	if (level)
		vector_set_atomic(a->tmr, vector);
	else if (vector_test(a->tmr, vector))
		vector_clear_atomic(a->tmr, vector);
	if (vector_set_atomic(a->irr, vector)) {
		vcpu_set_work(a->v, VCPU_WORK_INTERRUPT);
		vcpu_kick(a->v);
	}
	return true;
}

void vlapic_request(struct vcpu *v, uint8_t vector)
{
	vlapic_post(v->vlapic, vector, false);
}

void vlapic_error(struct vlapic *a, uint32_t bits)
{
	uint32_t entry = READ_ONCE(a->lvt[LVT_ERROR]);
	uint32_t old = __atomic_fetch_or(&a->errors, bits, __ATOMIC_SEQ_CST);

	/* With a bad vector of its own it would only report itself. */
	if ((old & bits) != bits && (entry & APIC_LVT_VECTOR) >= VECTOR_VALID_MIN)
		vlapic_local(a, LVT_ERROR);
}

void vlapic_local(struct vlapic *a, enum vlapic_lvt source)
{
	uint32_t entry = READ_ONCE(a->lvt[source]);

	if (!(entry & APIC_LVT_MASKED))
		vlapic_post(a, (uint8_t)(entry & APIC_LVT_VECTOR), false);
}

/* SDM volume 3A section 11.8.3.1. */
uint8_t vlapic_ppr(const struct vlapic *a)
{
	int highest = vector_highest(a->isr);
	uint8_t service = highest < 0 ? 0 : (uint8_t)(highest & 0xf0);

	return (a->tpr & 0xf0) >= service ? a->tpr : service;
}

int vlapic_pending(struct vcpu *v)
{
	const struct vlapic *a = v->vlapic;
	int vector = vector_highest(a->irr);

	if (vector < 0 || !vlapic_is_on(a))
		return -1;
	return (vector & 0xf0) > (vlapic_ppr(a) & 0xf0) ? vector : -1;
}

void vlapic_accept(struct vcpu *v, uint8_t vector)
{
	struct vlapic *a = v->vlapic;

	a->isr[vector / 64] |= 1UL << (vector % 64);
	vector_clear_atomic(a->irr, vector);
}

void vlapic_eoi(struct vlapic *a)
{
	int vector = vector_highest(a->isr);

	if (vector < 0)
		return;
	a->isr[vector / 64] &= ~(1UL << (vector % 64));
	if (vector_test(a->tmr, (uint8_t)vector) && a->v->domain->vioapic)
		vioapic_eoi(a->v->domain, (uint8_t)vector);
}

uint8_t vlapic_tpr(const struct vcpu *v)
{
	return v->vlapic->tpr;
}

void vlapic_tpr_set(struct vcpu *v, uint8_t tpr)
{
	v->vlapic->tpr = tpr;
}

uint64_t vlapic_base(const struct vcpu *v)
{
	return v->vlapic->base;
}

uint32_t vlapic_id(const struct vcpu *v)
{
	return vcpu_apic_id(v->id);
}

void vlapic_reset(struct vlapic *a, bool power_on)
{
	uint32_t ldr = a->ldr, dfr = a->dfr;
	bool xapic = vlapic_is_on(a) && !vlapic_is_x2(a);

	vlapic_timer_stop(a);
	memset(a->irr, 0, sizeof(a->irr));
	memset(a->tmr, 0, sizeof(a->tmr));
	memset(a->isr, 0, sizeof(a->isr));
	for (unsigned int i = 0; i < LVT_COUNT; i++)
		a->lvt[i] = APIC_LVT_MASKED;
	a->tpr = 0;
	a->svr = APIC_SVR_VECTOR;
	a->ldr = 0;
	a->dfr = APIC_DFR_FLAT | APIC_DFR_ONES;
	a->esr = a->errors = 0;
	a->icr = 0;
	a->timer_initial = a->timer_divide = 0;
	if (power_on)
		a->base = VLAPIC_BASE | APIC_BASE_ENABLE | (a->v->id == 0 ? APIC_BASE_BSP : 0);
	vlapic_logical_update(a, ldr, dfr, xapic);
}

/* Vcpu 0's brings what the domain has once. */
static int vlapic_domain_create(struct vlapic *a)
{
	struct domain *d = a->v->domain;
	int rc;

	a->logical = hv_alloc(sizeof(*a->logical));
	if (!a->logical)
		return -ENOMEM;
	rc = mmio_trap_add(d, VLAPIC_BASE, PAGE_SIZE, &vlapic_trap_ops, NULL);
	if (rc == 0)
		rc = p2m_set(d, GFN(VLAPIC_BASE >> PAGE_SHIFT), INVALID_MFN, ORDER_4K, P2M_MMIO_TRAP);
	return rc;
}

int vlapic_create(struct vcpu *v)
{
	struct vlapic *a = hv_alloc(sizeof(*a));
	int rc = 0;

	if (!a)
		return -ENOMEM;
	a->v = v;
	a->wait_startup = v->id != 0;
	v->vlapic = a;
	vlapic_timer_init(a);
	vlapic_start_init(a);
	if (v->id == 0)
		rc = vlapic_domain_create(a);
	else
		a->logical = v->domain->vcpu[0]->vlapic->logical;
	if (rc < 0) {
		vlapic_destroy(v);
		return rc;
	}
	vlapic_reset(a, true);
	return 0;
}

void vlapic_destroy(struct vcpu *v)
{
	struct vlapic *a = v->vlapic;

	if (!a)
		return;
	vlapic_timer_stop(a);
	tasklet_kill(&a->start);
	if (v->id == 0) {
		(void)mmio_trap_remove(v->domain, VLAPIC_BASE);
		hv_free(a->logical);
	}
	v->vlapic = NULL;
	hv_free(a);
}
