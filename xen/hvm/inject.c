/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions for the guest, and the two that meet: AMD64 APM volume 2 section
 * 8.2.9 and table 8-3.
 */
#include <hv/cpu_regs.h>
#include "hvm_priv.h"
#include "msr_regs.h"

/* #DE, #TS, #NP, #SS, #GP. */
#define CONTRIBUTORY ((1U << 0) | (1U << 10) | (1U << 11) | (1U << 12) | (1U << 13))

static bool event_contributory(const struct hvm_event *e)
{
	return e->kind == HVM_EVENT_EXCEPTION && e->vector < 32 && ((CONTRIBUTORY >> e->vector) & 1);
}

static bool event_is(const struct hvm_event *e, uint8_t vector)
{
	return e->kind == HVM_EVENT_EXCEPTION && e->vector == vector;
}

bool hvm_event_merge(
	const struct hvm_event *first, const struct hvm_event *second, struct hvm_event *ret_event)
{
	bool doubles;

	*ret_event = *second;
	if (second->kind != HVM_EVENT_EXCEPTION)
		return true;
	if (event_is(first, HVM_DF))
		return !(event_contributory(second) || event_is(second, HVM_PF));
	doubles = (event_contributory(first) && event_contributory(second)) ||
		  (event_is(first, HVM_PF) && (event_contributory(second) || event_is(second, HVM_PF)));
	if (doubles)
		*ret_event = (struct hvm_event){
			.kind = HVM_EVENT_EXCEPTION, .vector = HVM_DF, .has_error = true, .error = 0};
	return true;
}

void hvm_inject_exception(struct vcpu *v, uint8_t vector, int error)
{
	struct hvm_event first = v->hvm->entry.event;
	struct hvm_event e = {.kind = HVM_EVENT_EXCEPTION,
		.vector = vector,
		.has_error = error >= 0,
		.error = error >= 0 ? (uint32_t)error : 0};

	if (!hvm_event_merge(&first, &e, &v->hvm->entry.event))
		domain_crash(v, "triple fault: exception %u while a double fault was delivered", vector);
	/* A fault is seen with RF set, so that its handler's return does not hit the same breakpoint. */
	if (vector != HVM_DB)
		v->regs.rflags |= RFLAGS_RF;
}

void hvm_inject_page_fault(struct vcpu *v, uint64_t address, uint32_t error)
{
	hvm_ops->reg_set(v, HVM_CR2, address);
	hvm_inject_exception(v, HVM_PF, (int)error);
}

void hvm_inject_nmi(struct vcpu *v)
{
	vcpu_set_work(v, VCPU_WORK_NMI);
	vcpu_kick(v);
}
