/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: every hypercall of every guest. */
#include <errno.h>
#include <string.h>
#include <hv/asm.h>
#include <hv/features.h>
#include <hv/guest_copy.h>
#include <hv/hvm.h>
#include <hv/hypercall.h>
#include <xen/xen.h>
#include "domain_priv.h"

/* By number; what is missing is -ENOSYS. */
static const struct hypercall_entry hypercalls[] = {
	[__HYPERVISOR_platform_op] = {platform_op, 1, HYPERCALL_PRIVILEGED},
	[__HYPERVISOR_memory_op] = {memory_op, 2, HYPERCALL_ANY},
	[__HYPERVISOR_set_timer_op] = {set_timer_op, 1, HYPERCALL_ANY},
	[__HYPERVISOR_xen_version] = {version_op, 2, HYPERCALL_ANY},
	[__HYPERVISOR_console_io] = {console_io, 3, HYPERCALL_ANY},
	[__HYPERVISOR_grant_table_op] = {grant_table_op, 3, HYPERCALL_ANY},
	[__HYPERVISOR_vm_assist] = {vm_assist, 2, HYPERCALL_ANY},
	[__HYPERVISOR_vcpu_op] = {vcpu_op, 3, HYPERCALL_ANY},
	[__HYPERVISOR_sched_op] = {sched_op, 2, HYPERCALL_ANY},
	[__HYPERVISOR_event_channel_op] = {event_channel_op, 2, HYPERCALL_ANY},
	[__HYPERVISOR_physdev_op] = {physdev_op, 2, HYPERCALL_ANY},
	[__HYPERVISOR_hvm_op] = {hvm_op, 2, HYPERCALL_ANY},
};

#define HYPERCALL_CODE_BITS 64u

/* A kernel in 64-bit mode only; no PVH kernel calls before it is there. */
static long hypercall_refusal(const struct vcpu *v, const struct hypercall_entry *e)
{
	if (hvm_reg(v, HVM_CPL) != 0)
		return -EPERM;
	if (hvm_code_bits(v) != HYPERCALL_CODE_BITS || e == NULL || e->fn == NULL)
		return -ENOSYS;
	if (e->permission == HYPERCALL_PRIVILEGED && !v->domain->privileged)
		return -EPERM;
	return 0;
}

static long hypercall_run(struct vcpu *v, const struct hypercall_entry *e)
{
	struct guest_regs *r = &v->regs;
	uint64_t args[HYPERCALL_ARGS] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8};
	uint64_t *reg[HYPERCALL_ARGS] = {&r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8};
	long rc;

	for (unsigned int i = e->args; i < HYPERCALL_ARGS; i++)
		args[i] = 0;
	rc = e->fn(v, args);
	if (rc == -ERESTART)
		for (unsigned int i = 0; i < e->args; i++)
			*reg[i] = args[i];
	return rc;
}

void hypercall_dispatch(struct vcpu *v)
{
	uint32_t number = (uint32_t)v->regs.rax;
	const struct hypercall_entry *e = number < ARRAY_SIZE(hypercalls) ? &hypercalls[number] : NULL;
	long rc = hypercall_refusal(v, e);

	if (rc == 0)
		rc = hypercall_run(v, e);
	if (rc == -ERESTART)
		return;
	v->regs.rax = (uint64_t)rc;
	hvm_skip(v);
}

/* Entries of 32 bytes: mov $number, %eax; vmcall or vmmcall; ret. PV's iret has no meaning here. */
#define HYPERCALL_STUB_BYTES 32u

void hypercall_page_fill(void *page)
{
	static const uint8_t ud2[] = {0x0f, 0x0b};
	const uint8_t call = cpu_features.vendor == VENDOR_INTEL ? 0xc1 : 0xd9;

	memset(page, 0xcc, PAGE_SIZE);
	for (uint32_t i = 0; i < PAGE_SIZE / HYPERCALL_STUB_BYTES; i++) {
		uint8_t *stub = (uint8_t *)page + i * HYPERCALL_STUB_BYTES;
		const uint8_t code[] = {0xb8, (uint8_t)i, 0, 0, 0, 0x0f, 0x01, call, 0xc3};

		if (i == __HYPERVISOR_iret)
			memcpy(stub, ud2, sizeof(ud2));
		else
			memcpy(stub, code, sizeof(code));
	}
}

int guest_read(void *dst, uint64_t from, size_t bytes)
{
	return copy_from_guest(dst, from, bytes) != 0 ? -EFAULT : 0;
}

int guest_write(uint64_t to, const void *src, size_t bytes)
{
	return copy_to_guest(to, src, bytes) != 0 ? -EFAULT : 0;
}

long sub_op_call(const struct sub_op *table, size_t count, struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint64_t buffer[SUB_OP_BYTES_MAX / sizeof(uint64_t)];
	const struct sub_op *op = args[0] < count ? &table[args[0]] : NULL;
	int rc;

	if (op == NULL || op->fn == NULL)
		return -ENOSYS;
	if (op->privileged && !v->domain->privileged)
		return -EPERM;
	rc = guest_read(buffer, args[1], op->bytes);
	if (rc == 0)
		rc = op->fn(v, buffer);
	if (rc >= 0 && op->out && guest_write(args[1], buffer, op->bytes) != 0)
		rc = -EFAULT;
	return rc;
}
