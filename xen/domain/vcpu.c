/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/asm.h>
#include <hv/event.h>
#include <hv/hvm.h>
#include <hv/sched.h>
#include <hv/slab.h>
#include <hv/smp.h>
#include <hv/vcpu.h>
#include <hv/vcpu_time.h>
#include <hv/vlapic.h>
#include "domain_priv.h"

static int vcpu_create(struct domain *d, uint32_t id)
{
	struct vcpu *v = hv_alloc(sizeof(*v));
	int rc;

	if (v == NULL)
		return -ENOMEM;
	v->id = id;
	v->domain = d;
	v->flags = VCPU_DOWN | VCPU_DOMAIN_PAUSED;
	d->vcpu[id] = v;
	rc = vcpu_abi_create(v);
	if (rc == 0)
		rc = sched_vcpu_create(v);
	if (rc == 0)
		rc = vcpu_time_create(v);
	if (rc == 0)
		rc = vlapic_create(v);
	if (rc == 0)
		rc = hvm_vcpu_create(v);
	return rc;
}

static void vcpu_destroy(struct vcpu *v)
{
	hvm_vcpu_destroy(v);
	vlapic_destroy(v);
	vcpu_time_destroy(v);
	sched_vcpu_destroy(v);
	vcpu_abi_destroy(v);
	v->domain->vcpu[v->id] = NULL;
	hv_free(v);
}

int vcpu_create_all(struct domain *d)
{
	for (uint32_t id = 0; id < d->vcpu_max; id++) {
		int rc = vcpu_create(d, id);

		if (rc != 0)
			return rc;
	}
	return 0;
}

int vcpu_destroy_all(struct domain *d)
{
	for (uint32_t id = 0; id < d->vcpu_max; id++)
		if (d->vcpu[id] != NULL)
			vcpu_destroy(d->vcpu[id]);
	return 0;
}

void vcpu_flag_set(struct vcpu *v, uint32_t flag)
{
	if (__atomic_fetch_or(&v->flags, flag, __ATOMIC_SEQ_CST) == 0)
		sched_update(v);
}

void vcpu_flag_clear(struct vcpu *v, uint32_t flag)
{
	uint32_t before = __atomic_fetch_and(&v->flags, ~flag, __ATOMIC_SEQ_CST);

	if ((before & flag) != 0 && (before & ~flag) == 0)
		sched_update(v);
}

void vcpu_pause(struct vcpu *v)
{
	if (__atomic_fetch_add(&v->pause_count, 1, __ATOMIC_SEQ_CST) == 0)
		vcpu_flag_set(v, VCPU_PAUSED);
	sched_sync(v);
}

void vcpu_unpause(struct vcpu *v)
{
	if (__atomic_sub_fetch(&v->pause_count, 1, __ATOMIC_SEQ_CST) == 0)
		vcpu_flag_clear(v, VCPU_PAUSED);
}

bool vcpu_up(struct vcpu *v)
{
	if ((__atomic_load_n(&v->flags, __ATOMIC_SEQ_CST) & VCPU_DOWN) == 0)
		return false;
	vcpu_flag_clear(v, VCPU_DOWN);
	return true;
}

bool vcpu_down(struct vcpu *v)
{
	uint32_t before = __atomic_fetch_or(&v->flags, VCPU_DOWN, __ATOMIC_SEQ_CST);

	if (before == 0)
		sched_update(v);
	return (before & VCPU_DOWN) == 0;
}

/* Order: the work bit is set by the caller first; a vcpu that is about to block looks at it after it set the flag. */
void vcpu_kick(struct vcpu *v)
{
	vcpu_flag_clear(v, VCPU_BLOCKED);
	if (v != vcpu_current() && __atomic_load_n(&v->in_guest, __ATOMIC_SEQ_CST))
		smp_kick(__atomic_load_n(&v->cpu, __ATOMIC_RELAXED));
}

static bool vcpu_wanted(struct vcpu *v)
{
	if (__atomic_load_n(&v->work, __ATOMIC_SEQ_CST) != 0)
		return true;
	return (v->regs.rflags & EFLAGS_IF) && (vlapic_pending(v) >= 0 || event_callback_vector(v) >= 0);
}

void vcpu_block(struct vcpu *v)
{
	__atomic_fetch_or(&v->flags, VCPU_BLOCKED, __ATOMIC_SEQ_CST);
	if (vcpu_wanted(v))
		__atomic_fetch_and(&v->flags, ~VCPU_BLOCKED, __ATOMIC_SEQ_CST);
}
