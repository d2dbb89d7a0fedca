/* SPDX-License-Identifier: GPL-2.0-only */
/* VCPUOP_*, set_timer_op and vm_assist. Source: public/vcpu.h, public/xen.h. */
#include <errno.h>
#include <hv/asm.h>
#include <hv/hvm.h>
#include <hv/time.h>
#include <hv/vcpu.h>
#include <hv/vcpu_time.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "domain_priv.h"

static int vcpu_op_up(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	(void)v;
	(void)arg;
	if (!__atomic_load_n(&target->abi->initialised, __ATOMIC_ACQUIRE))
		return -EINVAL;
	(void)vcpu_up(target);
	return 0;
}

/* The last one of a domain takes the domain with it. */
static int vcpu_op_down(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	struct domain *d = v->domain;

	(void)arg;
	for (uint32_t i = 0; i < d->vcpu_max; i++) {
		if (d->vcpu[i] == target ||
			(__atomic_load_n(&d->vcpu[i]->flags, __ATOMIC_SEQ_CST) & VCPU_DOWN) != 0)
			continue;
		__atomic_store_n(&target->abi->initialised, true, __ATOMIC_RELEASE);
		(void)vcpu_down(target);
		return 0;
	}
	domain_shutdown(d, SHUTDOWN_poweroff);
	return 0;
}

static int vcpu_op_is_up(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	(void)v;
	(void)arg;
	return (__atomic_load_n(&target->flags, __ATOMIC_SEQ_CST) & VCPU_DOWN) == 0;
}

static int vcpu_op_runstate_get(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	const struct vcpu_runstate *r = &target->runstate;
	struct vcpu_runstate_info info = {.state = (int)r->state, .state_entry_time = r->since_ns};
	uint64_t now = now_ns();

	(void)v;
	for (size_t i = 0; i < ARRAY_SIZE(info.time); i++)
		info.time[i] = r->time_ns[i];
	if (now > info.state_entry_time)
		info.time[info.state & 3] += now - info.state_entry_time;
	return guest_write(arg, &info, sizeof(info));
}

/* The vcpu's old area is let go of, under the lock that its writers take. */
static void vcpu_op_pin_set(struct vcpu *target, struct guest_pin *where, struct guest_pin *pin)
{
	struct guest_pin old;
	uint64_t flags = spin_lock_irq(&target->abi->pin_lock);

	old = *where;
	*where = *pin;
	spin_unlock_irq(&target->abi->pin_lock, flags);
	guest_pin_put(&old);
}

/* An address of 0 ends it, where it is a guest-physical one: ~0. */
static int vcpu_op_pin(
	struct vcpu *v, struct vcpu *target, uint64_t arg, uint32_t bytes, bool phys, struct guest_pin *where)
{
	struct guest_pin pin = {.bytes = 0};
	uint64_t address, none = phys ? ~0UL : 0;
	int rc = guest_read(&address, arg, sizeof(address));

	if (rc == 0 && address != none)
		rc = phys ? guest_pin_phys(v->domain, address, bytes, &pin)
			  : guest_pin_linear(v, address, bytes, &pin);
	if (rc != 0)
		return rc;
	vcpu_op_pin_set(target, where, &pin);
	return 0;
}

static int vcpu_op_runstate_pin(struct vcpu *v, struct vcpu *target, uint64_t arg, bool phys)
{
	int rc = vcpu_op_pin(v, target, arg, sizeof(struct vcpu_runstate_info), phys, &target->abi->runstate);

	if (rc == 0)
		vcpu_runstate_publish(target);
	return rc;
}

static int vcpu_op_runstate_area(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	return vcpu_op_runstate_pin(v, target, arg, false);
}

static int vcpu_op_runstate_phys(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	return vcpu_op_runstate_pin(v, target, arg, true);
}

/* Another vcpu's is written when it runs next. */
static int vcpu_op_time_pin(struct vcpu *v, struct vcpu *target, uint64_t arg, bool phys)
{
	int rc = vcpu_op_pin(v, target, arg, sizeof(struct vcpu_time_info), phys, &target->abi->time);

	if (rc != 0)
		return rc;
	if (v == target)
		vcpu_time_update(v);
	else
		__atomic_store_n(&target->abi->time_cpu, UINT32_MAX, __ATOMIC_SEQ_CST);
	return 0;
}

static int vcpu_op_time_area(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	return vcpu_op_time_pin(v, target, arg, false);
}

static int vcpu_op_time_phys(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	return vcpu_op_time_pin(v, target, arg, true);
}

static int vcpu_op_register_info(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	struct vcpu_register_vcpu_info a;
	int rc = guest_read(&a, arg, sizeof(a));

	if (rc == 0)
		rc = vcpu_info_register(target, a.mfn, a.offset);
	if (rc != 0)
		return rc;
	if (v == target)
		vcpu_time_update(v);
	else
		__atomic_store_n(&target->abi->time_cpu, UINT32_MAX, __ATOMIC_SEQ_CST);
	return 0;
}

/* --- Timers: those of the caller, so that they are on its own processor. --- */

static void vcpu_timer_set(struct vcpu *v, struct timer *t, uint64_t deadline)
{
	if (t->cpu != v->cpu)
		timer_move(t, v->cpu);
	timer_set(t, deadline);
}

static int vcpu_op_singleshot_set(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	struct vcpu_set_singleshot_timer a;
	int rc;

	if (v != target)
		return -EINVAL;
	rc = guest_read(&a, arg, sizeof(a));
	if (rc != 0)
		return rc;
	if ((a.flags & VCPU_SSHOTTMR_future) != 0 && a.timeout_abs_ns < now_ns())
		return -ETIME;
	vcpu_timer_set(v, &v->singleshot, a.timeout_abs_ns);
	return 0;
}

static int vcpu_op_singleshot_stop(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	(void)arg;
	if (v != target)
		return -EINVAL;
	timer_stop(&v->singleshot);
	return 0;
}

#define PERIOD_MIN_NS NSEC_PER_MSEC
#define PERIOD_MAX_NS (NSEC_PER_SEC << 24)

static int vcpu_op_periodic_set(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	struct vcpu_set_periodic_timer a;
	int rc;

	if (v != target)
		return -EINVAL;
	rc = guest_read(&a, arg, sizeof(a));
	if (rc != 0)
		return rc;
	if (a.period_ns < PERIOD_MIN_NS || a.period_ns > PERIOD_MAX_NS)
		return -EINVAL;
	__atomic_store_n(&v->abi->period_ns, a.period_ns, __ATOMIC_SEQ_CST);
	vcpu_timer_set(v, &v->abi->periodic, now_ns() + a.period_ns);
	return 0;
}

static int vcpu_op_periodic_stop(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	(void)v;
	(void)arg;
	__atomic_store_n(&target->abi->period_ns, 0, __ATOMIC_SEQ_CST);
	return 0;
}

/* Absolute, in system time; 0 stops it. */
long set_timer_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	if (args[0] == 0)
		timer_stop(&v->singleshot);
	else
		vcpu_timer_set(v, &v->singleshot, args[0]);
	return 0;
}

static int vcpu_op_nmi(struct vcpu *v, struct vcpu *target, uint64_t arg)
{
	(void)v;
	if (arg != 0)
		return -EINVAL;
	hvm_inject_nmi(target);
	return 0;
}

typedef int (*vcpu_op_fn)(struct vcpu *v, struct vcpu *target, uint64_t arg);

static const vcpu_op_fn vcpu_ops[] = {
	[VCPUOP_up] = vcpu_op_up,
	[VCPUOP_down] = vcpu_op_down,
	[VCPUOP_is_up] = vcpu_op_is_up,
	[VCPUOP_get_runstate_info] = vcpu_op_runstate_get,
	[VCPUOP_register_runstate_memory_area] = vcpu_op_runstate_area,
	[VCPUOP_set_periodic_timer] = vcpu_op_periodic_set,
	[VCPUOP_stop_periodic_timer] = vcpu_op_periodic_stop,
	[VCPUOP_set_singleshot_timer] = vcpu_op_singleshot_set,
	[VCPUOP_stop_singleshot_timer] = vcpu_op_singleshot_stop,
	[VCPUOP_register_vcpu_info] = vcpu_op_register_info,
	[VCPUOP_send_nmi] = vcpu_op_nmi,
	[VCPUOP_register_vcpu_time_memory_area] = vcpu_op_time_area,
	[VCPUOP_register_runstate_phys_area] = vcpu_op_runstate_phys,
	[VCPUOP_register_vcpu_time_phys_area] = vcpu_op_time_phys,
};

long vcpu_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint32_t id = (uint32_t)args[1];

	if (id >= v->domain->vcpu_max)
		return -ENOENT;
	if (args[0] >= ARRAY_SIZE(vcpu_ops) || vcpu_ops[args[0]] == NULL)
		return -ENOSYS;
	return vcpu_ops[args[0]](v, v->domain->vcpu[id], args[2]);
}

/* All others are for PV guests. */
long vm_assist(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint64_t bit = 1UL << VMASST_TYPE_runstate_update_flag;

	if (args[1] != VMASST_TYPE_runstate_update_flag)
		return -EINVAL;
	switch (args[0]) {
	case VMASST_CMD_enable:
		__atomic_fetch_or(&v->domain->abi->assist, bit, __ATOMIC_SEQ_CST);
		return 0;
	case VMASST_CMD_disable:
		__atomic_fetch_and(&v->domain->abi->assist, ~bit, __ATOMIC_SEQ_CST);
		return 0;
	default:
		return -ENOSYS;
	}
}
