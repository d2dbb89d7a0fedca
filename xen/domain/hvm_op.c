/* SPDX-License-Identifier: GPL-2.0-only */
/* HVMOP_*. Source: public/hvm/hvm_op.h, public/hvm/params.h. */
#include <errno.h>
#include <hv/event.h>
#include <hv/p2m.h>
#include <hv/time.h>
#include <hv/vlapic.h>
#include <xen/hvm/hvm_op.h>
#include "domain_priv.h"

/* What a parameter's own domain may do with it; whoever is privileged may do both. */
#define SELF_READ	0x1
#define SELF_WRITE	0x2
#define WRITE_ONCE_ONLY 0x4 /* -EEXIST for another value than the first */
#define FROZEN		0x8 /* not used by this hypervisor: refused */

static const uint8_t param_rights[HVM_NR_PARAMS] = {
	[HVM_PARAM_CALLBACK_IRQ] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_STORE_PFN] = SELF_READ,
	[HVM_PARAM_STORE_EVTCHN] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_VIRIDIAN] = FROZEN,
	[HVM_PARAM_ACPI_IOPORTS_LOCATION] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_VM86_TSS] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_CONSOLE_PFN] = SELF_READ,
	[HVM_PARAM_CONSOLE_EVTCHN] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_VM_GENERATION_ID_ADDR] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_NESTEDHVM] = FROZEN,
	[HVM_PARAM_ALTP2M] = FROZEN,
	[HVM_PARAM_IOREQ_SERVER_PFN] = WRITE_ONCE_ONLY,
	[HVM_PARAM_NR_IOREQ_SERVER_PAGES] = WRITE_ONCE_ONLY,
	[HVM_PARAM_X87_FIP_WIDTH] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_VM86_TSS_SIZED] = SELF_READ | SELF_WRITE,
	[HVM_PARAM_MCA_CAP] = FROZEN,
};

static int param_target(struct vcpu *v, const struct xen_hvm_param *a, uint8_t right, struct domain **ret)
{
	int rc;

	if (a->index >= HVM_NR_PARAMS)
		return -EINVAL;
	rc = domain_target(v, a->domid, ret);
	if (rc != 0)
		return rc;
	if (*ret == v->domain && (param_rights[a->index] & right) == 0) {
		domain_put(*ret);
		return -EPERM;
	}
	return 0;
}

static int hvm_op_param_set(struct domain *d, const struct xen_hvm_param *a)
{
	uint64_t *param = &d->abi->param[a->index], old = 0;
	uint8_t rights = param_rights[a->index];

	if ((rights & FROZEN) != 0)
		return a->value == 0 ? 0 : -EINVAL;
	if ((rights & WRITE_ONCE_ONLY) == 0)
		__atomic_store_n(param, a->value, __ATOMIC_SEQ_CST);
	else if (!__atomic_compare_exchange_n(
			 param, &old, a->value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
		 old != a->value)
		return -EEXIST;
	/* By another way from now on: who waits for an event is woken by it. */
	if (a->index == HVM_PARAM_CALLBACK_IRQ)
		for (uint32_t i = 0; i < d->vcpu_max; i++)
			vcpu_kick(d->vcpu[i]);
	return 0;
}

static int hvm_op_set_param(struct vcpu *v, void *arg)
{
	const struct xen_hvm_param *a = arg;
	struct domain *d;
	int rc = param_target(v, a, SELF_WRITE, &d);

	if (rc != 0)
		return rc;
	rc = hvm_op_param_set(d, a);
	domain_put(d);
	return rc;
}

static int hvm_op_get_param(struct vcpu *v, void *arg)
{
	struct xen_hvm_param *a = arg;
	struct domain *d;
	int rc = param_target(v, a, SELF_READ, &d);

	if (rc != 0)
		return rc;
	a->value = __atomic_load_n(&d->abi->param[a->index], __ATOMIC_RELAXED);
	domain_put(d);
	return 0;
}

#define UPCALL_VECTOR_MIN 0x10 /* those below are not for interrupts */

static int hvm_op_set_upcall_vector(struct vcpu *v, void *arg)
{
	const struct xen_hvm_evtchn_upcall_vector *a = arg;
	struct vcpu *target;

	if (a->vector < UPCALL_VECTOR_MIN)
		return -EINVAL;
	if (a->vcpu >= v->domain->vcpu_max)
		return -ENOENT;
	target = v->domain->vcpu[a->vcpu];
	__atomic_store_n(&target->upcall_vector, a->vector, __ATOMIC_SEQ_CST);
	if (event_upcall_pending(target))
		vlapic_request(target, a->vector);
	return 0;
}

static int hvm_op_get_time(struct vcpu *v, void *arg)
{
	(void)v;
	((struct xen_hvm_get_time *)arg)->now = now_ns();
	return 0;
}

static const uint8_t mem_types[P2M_TYPE_COUNT] = {
	[P2M_INVALID] = HVMMEM_mmio_dm,
	[P2M_RAM] = HVMMEM_ram_rw,
	[P2M_RAM_RO] = HVMMEM_ram_ro,
	[P2M_MMIO_DIRECT] = HVMMEM_mmio_dm,
	[P2M_MMIO_TRAP] = HVMMEM_mmio_dm,
	[P2M_FOREIGN] = HVMMEM_mmio_dm,
	[P2M_GRANT_RW] = HVMMEM_ram_rw,
	[P2M_GRANT_RO] = HVMMEM_ram_ro,
};

static int hvm_op_get_mem_type(struct vcpu *v, void *arg)
{
	struct xen_hvm_get_mem_type *a = arg;
	struct domain *d;
	int rc = domain_target(v, a->domid, &d);

	if (rc != 0)
		return rc;
	a->mem_type = mem_types[p2m_get(d, GFN(a->pfn)).type];
	domain_put(d);
	return 0;
}

static int hvm_op_no_altp2m(struct vcpu *v, void *arg)
{
	(void)v;
	(void)arg;
	return -EOPNOTSUPP;
}

static const struct sub_op hvm_ops_table[] = {
	[HVMOP_set_param] = {hvm_op_set_param, sizeof(struct xen_hvm_param), false, false},
	[HVMOP_get_param] = {hvm_op_get_param, sizeof(struct xen_hvm_param), true, false},
	[HVMOP_get_time] = {hvm_op_get_time, sizeof(struct xen_hvm_get_time), true, false},
	[HVMOP_get_mem_type] = {hvm_op_get_mem_type, sizeof(struct xen_hvm_get_mem_type), true, false},
	[HVMOP_set_evtchn_upcall_vector] = {hvm_op_set_upcall_vector,
		sizeof(struct xen_hvm_evtchn_upcall_vector), false, false},
	[HVMOP_altp2m] = {hvm_op_no_altp2m, sizeof(struct xen_hvm_altp2m_op), false, false},
};

long hvm_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	return sub_op_call(hvm_ops_table, ARRAY_SIZE(hvm_ops_table), v, args);
}
