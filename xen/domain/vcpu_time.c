/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: vcpu_time_switch_in(), vcpu_runstate_publish().
 * Locks: pin_lock of the vcpu around its pinned areas, with interrupts off.
 */
#include <hv/asm.h>
#include <hv/event.h>
#include <hv/hvm.h>
#include <hv/percpu.h>
#include <hv/time.h>
#include <hv/vcpu_time.h>
#include <xen/vcpu.h>
#include "domain_priv.h"

/* The parameters drift from the hypervisor's own clock by rounding only: less than 1 ns in this time. */
#define TIME_FRESH_NS NSEC_PER_SEC

void vcpu_time_scale(uint64_t hz, uint32_t *ret_mul, int8_t *ret_shift)
{
	int8_t shift = 0;

	/* ns = (ticks << shift) * mul / 2^32, so the shifted frequency must lie in (1 GHz, 2 GHz]. */
	while (hz > 2 * NSEC_PER_SEC) {
		hz >>= 1;
		shift--;
	}
	while (hz <= NSEC_PER_SEC) {
		hz <<= 1;
		shift++;
	}
	*ret_mul = (uint32_t)((NSEC_PER_SEC << 32) / hz);
	*ret_shift = shift;
}

static void vcpu_time_sample(const struct vcpu *v, struct vcpu_time_info *t)
{
	uint64_t flags = irq_save();

	t->tsc_timestamp = rdtsc() + hvm_reg(v, HVM_TSC_OFFSET);
	t->system_time = now_ns();
	irq_restore(flags);
	vcpu_time_scale(time_tsc_hz(), &t->tsc_to_system_mul, &t->tsc_shift);
	t->flags = time_tsc_common() ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
}

/* Odd while the rest changes (public/xen.h). */
static void vcpu_time_store(struct vcpu_time_info *to, const struct vcpu_time_info *t)
{
	uint32_t version = __atomic_load_n(&to->version, __ATOMIC_RELAXED) | 1;

	__atomic_store_n(&to->version, version, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->tsc_timestamp, t->tsc_timestamp, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->system_time, t->system_time, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->tsc_to_system_mul, t->tsc_to_system_mul, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->tsc_shift, t->tsc_shift, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->flags, t->flags, __ATOMIC_SEQ_CST);
	__atomic_store_n(&to->version, version + 1, __ATOMIC_SEQ_CST);
}

/* The same into a pinned area, whose versions are counted here: nothing of it is read. */
static void vcpu_time_pin_write(struct vcpu_abi *abi, struct vcpu_time_info *t)
{
	const uint32_t body = offsetof(struct vcpu_time_info, tsc_timestamp);
	uint64_t flags = spin_lock_irq(&abi->pin_lock);

	t->version = abi->time_version | 1;
	guest_pin_write(&abi->time, 0, t, sizeof(t->version));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	guest_pin_write(&abi->time, body, &t->tsc_timestamp, sizeof(*t) - body);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	abi->time_version = ++t->version;
	guest_pin_write(&abi->time, 0, t, sizeof(t->version));
	spin_unlock_irq(&abi->pin_lock, flags);
}

void vcpu_time_update(struct vcpu *v)
{
	struct vcpu_info *info = __atomic_load_n((struct vcpu_info **)&v->info, __ATOMIC_SEQ_CST);
	struct vcpu_time_info t = {.version = 0};

	vcpu_time_sample(v, &t);
	v->abi->time_ns = t.system_time;
	v->abi->time_cpu = smp_cpu();
	if (info != NULL)
		vcpu_time_store(&info->time, &t);
	if (v->abi->time.bytes != 0)
		vcpu_time_pin_write(v->abi, &t);
}

void vcpu_time_switch_in(struct vcpu *v)
{
	struct vcpu_abi *abi = v->abi;

	if (abi->time_cpu != smp_cpu() || now_ns() - abi->time_ns > TIME_FRESH_NS)
		vcpu_time_update(v);
	vcpu_runstate_publish(v);
}

/* --- Runstates. --- */

static void vcpu_runstate_fill(const struct vcpu *v, struct vcpu_runstate_info *r)
{
	*r = (struct vcpu_runstate_info){
		.state = (int)v->runstate.state,
		.state_entry_time = v->runstate.since_ns,
	};
	for (size_t i = 0; i < ARRAY_SIZE(r->time); i++)
		r->time[i] = v->runstate.time_ns[i];
}

void vcpu_runstate_publish(struct vcpu *v)
{
	struct vcpu_abi *abi = v->abi;
	const uint32_t entry = offsetof(struct vcpu_runstate_info, state_entry_time);
	bool flagged = (__atomic_load_n(&v->domain->abi->assist, __ATOMIC_RELAXED) >>
			       VMASST_TYPE_runstate_update_flag) &
		       1;
	struct vcpu_runstate_info r;
	uint64_t mark, flags;

	if (READ_ONCE(abi->runstate.bytes) == 0)
		return;
	vcpu_runstate_fill(v, &r);
	flags = spin_lock_irq(&abi->pin_lock);
	if (flagged) {
		mark = r.state_entry_time | XEN_RUNSTATE_UPDATE;
		guest_pin_write(&abi->runstate, entry, &mark, sizeof(mark));
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
	guest_pin_write(&abi->runstate, 0, &r, entry);
	guest_pin_write(&abi->runstate, entry + 8, r.time, sizeof(r.time));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	guest_pin_write(&abi->runstate, entry, &r.state_entry_time, sizeof(r.state_entry_time));
	spin_unlock_irq(&abi->pin_lock, flags);
}

/* --- Timers. --- */

static void vcpu_singleshot_due(void *arg)
{
	event_send_virq(arg, VIRQ_TIMER);
}

static void vcpu_periodic_due(void *arg)
{
	struct vcpu *v = arg;
	uint64_t period = __atomic_load_n(&v->abi->period_ns, __ATOMIC_SEQ_CST);

	if (period == 0)
		return;
	event_send_virq(v, VIRQ_TIMER);
	timer_set(&v->abi->periodic, now_ns() + period);
}

int vcpu_time_create(struct vcpu *v)
{
	timer_init(&v->singleshot, v->cpu, vcpu_singleshot_due, v);
	timer_init(&v->abi->periodic, v->cpu, vcpu_periodic_due, v);
	timer_init(&v->abi->poll_timer, v->cpu, sched_op_poll_timeout, v);
	v->abi->time_cpu = UINT32_MAX;
	return 0;
}

void vcpu_time_destroy(struct vcpu *v)
{
	if (v->abi == NULL || v->singleshot.fn == NULL)
		return;
	__atomic_store_n(&v->abi->period_ns, 0, __ATOMIC_SEQ_CST);
	timer_stop(&v->singleshot);
	timer_stop(&v->abi->periodic);
	timer_stop(&v->abi->poll_timer);
}
