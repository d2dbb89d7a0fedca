/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: what an exit means: one const table from its reason to its handler. Called by hvm_run(). */
#include <errno.h>
#include <hv/asm.h>
#include <hv/hypercall.h>
#include <hv/sched.h>
#include "hvm_priv.h"
#include "msr_regs.h"

#define VECTOR_AC 17

typedef void (*exit_fn)(struct vcpu *v, struct hvm_exit *e);

static void exit_unknown(struct vcpu *v, struct hvm_exit *e)
{
	domain_crash(v, "exit %lx, info %lx %lx: not known", e->raw, e->info1, e->info2);
}

/* What ended the guest is taken by the host, or was only a reason to look. */
static void exit_nothing(struct vcpu *v, struct hvm_exit *e)
{
	(void)v;
	(void)e;
}

/* The instruction is IRET: one more until an NMI may go in, so a shadow hides it for as long. */
static void exit_nmi_window(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	v->hvm->nmi_masked = false;
	hvm_ops->reg_set(v, HVM_SHADOW, 1);
}

static void exit_exception(struct vcpu *v, struct hvm_exit *e)
{
	if (e->u.exception.vector == VECTOR_MC)
		hvm_machine_check();
	else
		hvm_inject_exception(
			v, e->u.exception.vector, e->u.exception.has_error ? (int)e->u.exception.error : -1);
}

static void exit_cpuid(struct vcpu *v, struct hvm_exit *e)
{
	struct cpuid_regs r = cpu_policy_read(v, (uint32_t)v->regs.rax, (uint32_t)v->regs.rcx);

	(void)e;
	v->regs.rax = r.eax;
	v->regs.rbx = r.ebx;
	v->regs.rcx = r.ecx;
	v->regs.rdx = r.edx;
	hvm_skip(v);
}

/* vcpu_block() looks for interrupts and work itself; what is about to be injected is not known to it. */
static void exit_hlt(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_skip(v);
	vcpu_block(v);
	if (v->hvm->entry.event.kind != HVM_EVENT_NONE)
		vcpu_kick(v);
}

/* The dispatcher ends the instruction, or leaves it to be made again. */
static void exit_hypercall(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hypercall_dispatch(v);
}

static void exit_port(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_port_exit(v);
}

static void exit_rdmsr(struct vcpu *v, struct hvm_exit *e)
{
	uint64_t value = 0;

	(void)e;
	if (hvm_msr_read(v, (uint32_t)v->regs.rcx, &value) < 0) {
		hvm_inject_exception(v, HVM_GP, 0);
		return;
	}
	v->regs.rax = (uint32_t)value;
	v->regs.rdx = value >> 32;
	hvm_skip(v);
}

static void exit_wrmsr(struct vcpu *v, struct hvm_exit *e)
{
	uint64_t value = (uint32_t)v->regs.rax | (v->regs.rdx << 32);

	(void)e;
	if (hvm_msr_write(v, (uint32_t)v->regs.rcx, value) < 0)
		hvm_inject_exception(v, HVM_GP, 0);
	else
		hvm_skip(v);
}

static void exit_cr(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_cr_exit(v);
}

/* From its first use until the vcpu leaves the processor the guest has its debug registers itself. */
static void exit_dr(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_dr_load(v->hvm->dr);
	v->hvm->entry.dr_access = true;
}

static void exit_xsetbv(struct vcpu *v, struct hvm_exit *e)
{
	uint64_t value = (uint32_t)v->regs.rax | (v->regs.rdx << 32);

	(void)e;
	if (hvm_reg(v, HVM_CPL) != 0 || fpu_xcr0_write(v, (uint32_t)v->regs.rcx, value) < 0)
		hvm_inject_exception(v, HVM_GP, 0);
	else
		hvm_skip(v);
}

/* Only who drives devices needs it; it would slow the machine for the others. INVD loses no data here. */
static void exit_cache(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	if (v->domain->privileged)
		wbinvd();
	hvm_skip(v);
}

static void exit_pause(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_skip(v);
	sched_yield(v);
}

static void exit_rdtsc(struct vcpu *v, struct hvm_exit *e)
{
	uint64_t tsc = rdtsc() + hvm_reg(v, HVM_TSC_OFFSET);

	(void)e;
	v->regs.rax = (uint32_t)tsc;
	v->regs.rdx = tsc >> 32;
	hvm_skip(v);
}

static void exit_refused(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_inject_exception(v, HVM_GP, 0);
}

static void exit_memory(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_memory_exit(v);
}

static void exit_undefined(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	hvm_inject_exception(v, HVM_UD, -1);
}

static void exit_shutdown(struct vcpu *v, struct hvm_exit *e)
{
	(void)e;
	domain_crash(v, "triple fault at %lx", v->regs.rip);
}

static void exit_invalid(struct vcpu *v, struct hvm_exit *e)
{
	domain_crash(v, "the processor refused the guest's state (exit %lx, info %lx %lx)", e->raw, e->info1,
		e->info2);
}

static const exit_fn exit_table[HVM_EXIT_COUNT] = {
	[HVM_EXIT_UNKNOWN] = exit_unknown,
	[HVM_EXIT_NONE] = exit_nothing,
	[HVM_EXIT_INTERRUPT_WINDOW] = exit_nothing,
	[HVM_EXIT_NMI_WINDOW] = exit_nmi_window,
	[HVM_EXIT_EXCEPTION] = exit_exception,
	[HVM_EXIT_CPUID] = exit_cpuid,
	[HVM_EXIT_HLT] = exit_hlt,
	[HVM_EXIT_HYPERCALL] = exit_hypercall,
	[HVM_EXIT_PORT] = exit_port,
	[HVM_EXIT_RDMSR] = exit_rdmsr,
	[HVM_EXIT_WRMSR] = exit_wrmsr,
	[HVM_EXIT_CR] = exit_cr,
	[HVM_EXIT_DR] = exit_dr,
	[HVM_EXIT_XSETBV] = exit_xsetbv,
	[HVM_EXIT_CACHE] = exit_cache,
	[HVM_EXIT_PAUSE] = exit_pause,
	[HVM_EXIT_RDPMC] = exit_refused,
	[HVM_EXIT_RDTSC] = exit_rdtsc,
	[HVM_EXIT_MEMORY] = exit_memory,
	[HVM_EXIT_UNDEFINED] = exit_undefined,
	[HVM_EXIT_SHUTDOWN] = exit_shutdown,
	[HVM_EXIT_INVALID] = exit_invalid,
};

void hvm_exit_handle(struct vcpu *v)
{
	struct hvm_exit *e = &v->hvm->exit;

	exit_table[e->reason < HVM_EXIT_COUNT ? e->reason : HVM_EXIT_UNKNOWN](v, e);
}
