/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hardware virtual machines, above the vendors' seam: choosing the vendor, the
 * parts of domains and vcpus, start states, and one turn of a vcpu.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/decode.h>
#include <hv/event.h>
#include <hv/features.h>
#include <hv/guest_copy.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/slab.h>
#include <hv/smp.h>
#include <hv/vlapic.h>
#include "hvm_priv.h"
#include "msr_regs.h"

const struct hvm_ops *hvm_ops;

static const struct hvm_ops *const hvm_candidates[] = {&hvm_svm_ops};

static const struct hvm_ops *hvm_choose(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(hvm_candidates); i++)
		if (hvm_candidates[i]->probe() == 0)
			return hvm_candidates[i];
	return NULL;
}

static void hvm_cpu_enable(void *arg)
{
	const struct hvm_ops *ops = arg;

	ops->cpu_enable();
}

int hvm_start(void)
{
	const struct hvm_ops *ops = hvm_choose();

	if (!ops) {
		log_err("hvm: this processor has neither SVM nor VMX that can be used: no guests");
		return 0;
	}
	for_each_online_cpu (cpu) {
		int rc = ops->cpu_prepare(cpu);

		if (rc < 0)
			return rc;
	}
	fpu_init();
	smp_call_all(hvm_cpu_enable, (void *)ops);
	hvm_ops = ops;
	log_info("hvm: %s, FPU state %lx", ops->name, fpu_xcr0_all());
	return 0;
}

int hvm_domain_create(struct domain *d)
{
	int rc;

	if (!hvm_ops)
		return -EOPNOTSUPP;
	d->hvm = hv_alloc(sizeof(*d->hvm));
	if (!d->hvm)
		return -ENOMEM;
	*d->hvm = (struct hvm_domain){.port_bitmap = NULL};
	trap_init(&d->hvm->mmio, "mmio");
	rc = portio_create(d);
	if (rc == 0)
		rc = cpu_policy_create(d);
	if (rc < 0)
		hvm_domain_destroy(d);
	return rc;
}

void hvm_domain_destroy(struct domain *d)
{
	if (!d->hvm)
		return;
	cpu_policy_destroy(d);
	portio_destroy(d);
	trap_destroy(&d->hvm->mmio);
	hv_free(d->hvm);
	d->hvm = NULL;
}

int mmio_trap_add(struct domain *d, uint64_t gpa, uint64_t bytes, const struct trap_ops *ops, void *ctx)
{
	return trap_add(&d->hvm->mmio, gpa, bytes, ops, ctx);
}

int mmio_trap_remove(struct domain *d, uint64_t gpa)
{
	return trap_remove(&d->hvm->mmio, gpa);
}

int hvm_vcpu_create(struct vcpu *v)
{
	struct hvm_vcpu *h = hv_alloc(sizeof(*h));
	int rc;

	if (!h)
		return -ENOMEM;
	*h = (struct hvm_vcpu){.entry.vector = HVM_NO_VECTOR, .hwcr = HWCR_TSC_FREQ_SEL};
	/* Write-back for all memory: with nested paging the guest's MTRRs have no effect anyway. */
	h->mtrr.def_type = MTRR_DEF_TYPE_ENABLE | MTRR_TYPE_WB;
	v->hvm = h;
	rc = fpu_create(v);
	if (rc == 0)
		rc = hvm_ops->vcpu_create(v);
	if (rc < 0) {
		hvm_vcpu_destroy(v);
		return rc;
	}
	hvm_ops->port_bitmap_set(v, portio_bitmap_pa(v->domain));
	return 0;
}

void hvm_vcpu_destroy(struct vcpu *v)
{
	if (!v->hvm)
		return;
	hvm_ops->vcpu_destroy(v);
	fpu_destroy(v);
	hv_free(v->hvm);
	v->hvm = NULL;
}

#define CODE_32	  (SEGMENT_GRAIN | SEGMENT_BIG | SEGMENT_PRESENT | SEGMENT_S | 0xb)
#define DATA_32	  (SEGMENT_GRAIN | SEGMENT_BIG | SEGMENT_PRESENT | SEGMENT_S | 0x3)
#define CODE_16	  (SEGMENT_PRESENT | SEGMENT_S | 0xb)
#define DATA_16	  (SEGMENT_PRESENT | SEGMENT_S | 0x3)
#define TSS_BUSY  (SEGMENT_PRESENT | 0xb)
#define LDT	  (SEGMENT_PRESENT | 0x2)
#define DR6_RESET 0xffff0ff0UL
#define DR7_RESET 0x400UL
#define PAT_RESET 0x0007040600070406UL

static void hvm_state_reset(struct hvm_cpu_state *c, uint16_t code, uint16_t data, uint32_t limit)
{
	*c = (struct hvm_cpu_state){.cr0 = CR0_ET, .dr6 = DR6_RESET, .dr7 = DR7_RESET, .pat = PAT_RESET};
	for (unsigned int n = HVM_ES; n <= HVM_GS; n++)
		c->segment[n] = (struct hvm_segment){.attr = n == HVM_CS ? code : data, .limit = limit};
	c->segment[HVM_TR] = (struct hvm_segment){.attr = TSS_BUSY, .limit = 0x67};
	c->segment[HVM_LDTR] = (struct hvm_segment){.attr = LDT, .limit = 0xffff};
	c->gdtr.limit = c->idtr.limit = 0xffff;
}

static void hvm_event_reset(struct vcpu *v)
{
	v->hvm->entry = (struct hvm_entry){.vector = HVM_NO_VECTOR};
	v->hvm->nmi_masked = false;
	v->hvm->flush_tlb = true;
}

void hvm_vcpu_start_pvh(struct vcpu *v, uint32_t entry, uint32_t start_info)
{
	struct hvm_cpu_state c;

	hvm_state_reset(&c, CODE_32, DATA_32, 0xffffffff);
	c.cr0 |= CR0_PE;
	c.gdtr.limit = c.idtr.limit = 0;
	hvm_ops->state_set(v, &c);
	hvm_event_reset(v);
	v->regs = (struct guest_regs){.rip = entry, .rbx = start_info, .rflags = RFLAGS_ONE};
}

void hvm_vcpu_start_sipi(struct vcpu *v, uint8_t vector)
{
	struct hvm_cpu_state c;

	hvm_state_reset(&c, CODE_16, DATA_16, 0xffff);
	c.segment[HVM_CS].selector = (uint16_t)(vector << 8);
	c.segment[HVM_CS].base = (uint64_t)vector << 12;
	hvm_ops->state_set(v, &c);
	hvm_event_reset(v);
	v->regs = (struct guest_regs){.rflags = RFLAGS_ONE};
}

void hvm_vcpu_load(struct vcpu *v)
{
	fpu_load(v);
	if (v->domain->policy->tsc_aux)
		wrmsr(MSR_TSC_AUX, v->hvm->tsc_aux);
}

void hvm_vcpu_save(struct vcpu *v)
{
	struct hvm_vcpu *h = v->hvm;

	fpu_save(v);
	if (h->entry.dr_access)
		hvm_dr_store(h->dr);
	h->entry.dr_access = false;
}

uint64_t hvm_segment_base(const struct vcpu *v, enum hvm_segment_name name)
{
	struct hvm_segment s;

	if (hvm_code_bits(v) == 64 && name != HVM_FS && name != HVM_GS)
		return 0;
	hvm_ops->segment_get(v, name, &s);
	return s.base;
}

unsigned int hvm_code_bits(const struct vcpu *v)
{
	struct hvm_segment cs;

	hvm_ops->segment_get(v, HVM_CS, &cs);
	if ((cs.attr & SEGMENT_LONG) && (hvm_reg(v, HVM_EFER) & EFER_LMA))
		return 64;
	return cs.attr & SEGMENT_BIG ? 32 : 16;
}

/* Fetched by the processor, or now, up to where the guest's mapping ends. */
static unsigned int hvm_fetch(struct vcpu *v, uint64_t linear, uint8_t code[INSN_MAX])
{
	const struct hvm_exit *e = &v->hvm->exit;

	if (!e->insn_bytes)
		return INSN_MAX - (unsigned int)copy_from_guest(code, linear, INSN_MAX);
	for (unsigned int i = 0; i < e->insn_bytes; i++)
		code[i] = e->insn[i];
	return e->insn_bytes;
}

/* What a person needs to add the instruction to the tables. A user program must not crash its kernel, so gets #UD. */
static void hvm_decode_failed(struct vcpu *v, const uint8_t *code, unsigned int count)
{
	if (hvm_reg(v, HVM_CPL) == 3 || count < 4)
		hvm_inject_exception(v, HVM_UD, -1);
	else
		domain_crash(v, "instruction %02x %02x %02x %02x %02x %02x at %lx is not emulated (exit %lx)",
			code[0], code[1], code[2], code[3], code[4], code[5], v->regs.rip, v->hvm->exit.raw);
}

int hvm_decode(struct vcpu *v, struct insn *ret_insn)
{
	uint64_t linear = hvm_segment_base(v, HVM_CS) + v->regs.rip;
	uint8_t code[INSN_MAX] = {0};
	unsigned int count = hvm_fetch(v, linear, code);
	int rc = insn_decode(code, count, hvm_code_bits(v), ret_insn);

	if (rc == 0)
		return 0;
	if (rc == -ENODATA)
		hvm_inject_page_fault(v, linear + count, HVM_PF_FETCH);
	else
		hvm_decode_failed(v, code, count);
	return -EFAULT;
}

/* 0 when the guest's instruction could not be read again: a fault was injected. */
static uint64_t hvm_next_rip(struct vcpu *v)
{
	struct insn insn;

	if (v->hvm->exit.next_rip)
		return v->hvm->exit.next_rip;
	if (hvm_decode(v, &insn) < 0)
		return 0;
	return v->regs.rip + insn.length;
}

#define DR6_BS (1UL << 14)

void hvm_skip(struct vcpu *v)
{
	uint64_t next = hvm_next_rip(v);

	if (!next)
		return;
	v->regs.rip = hvm_code_bits(v) == 64 ? next : (uint32_t)next;
	hvm_ops->reg_set(v, HVM_SHADOW, 0);
	v->regs.rflags &= ~RFLAGS_RF;
	if (unlikely(v->regs.rflags & RFLAGS_TF)) {
		hvm_ops->reg_set(v, HVM_DR6, hvm_reg(v, HVM_DR6) | DR6_BS);
		hvm_inject_exception(v, HVM_DB, -1);
	}
}

/* An NMI goes in when none is being handled and nothing else is being delivered. */
static void hvm_offer_nmi(struct vcpu *v)
{
	struct hvm_vcpu *h = v->hvm;

	if (h->nmi_masked || h->entry.event.kind != HVM_EVENT_NONE || hvm_reg(v, HVM_SHADOW))
		return;
	__atomic_fetch_and(&v->work, ~VCPU_WORK_NMI, __ATOMIC_SEQ_CST);
	h->entry.event = (struct hvm_event){.kind = HVM_EVENT_NMI, .vector = 2};
	h->nmi_masked = true;
}

#define HVM_WORK (VCPU_WORK_EVENT | VCPU_WORK_INTERRUPT | VCPU_WORK_NMI | VCPU_WORK_TLB)

/* An upcall by way of the local APIC that was asked for while that was off. */
static void hvm_upcall_again(struct vcpu *v)
{
	if (v->upcall_vector != 0 && event_upcall_pending(v))
		vlapic_request(v, v->upcall_vector);
}

/* The callback vector is not the APIC's: offered while an event is pending, first of all, and without an EOI. */
static void hvm_offer_interrupt(struct vcpu *v)
{
	struct hvm_vcpu *h = v->hvm;

	h->entry.vector = event_callback_vector(v);
	h->from_apic = h->entry.vector < 0;
	if (h->from_apic)
		h->entry.vector = vlapic_pending(v);
	h->entry.tpr = vlapic_tpr(v);
}

/* False: the loop has something to do first. */
static bool hvm_prepare(struct vcpu *v)
{
	struct hvm_vcpu *h = v->hvm;
	uint32_t work = __atomic_load_n(&v->work, __ATOMIC_SEQ_CST);

	if ((work & ~HVM_WORK) || __atomic_load_n(&v->flags, __ATOMIC_SEQ_CST))
		return false;
	if (work & ~VCPU_WORK_NMI)
		__atomic_fetch_and(&v->work, VCPU_WORK_NMI, __ATOMIC_SEQ_CST);
	if (work & VCPU_WORK_EVENT)
		hvm_upcall_again(v);
	if (work & VCPU_WORK_NMI)
		hvm_offer_nmi(v);
	h->entry.flush_tlb = h->flush_tlb || (work & VCPU_WORK_TLB);
	h->flush_tlb = false;
	h->entry.nmi_window = h->nmi_masked;
	hvm_offer_interrupt(v);
	return true;
}

void hvm_run(struct vcpu *v)
{
	struct hvm_vcpu *h = v->hvm;

	/* Before the last look at v->work: who sets a bit after it sees the flag and sends an interrupt. */
	__atomic_store_n(&v->in_guest, true, __ATOMIC_SEQ_CST);
	if (!hvm_prepare(v)) {
		__atomic_store_n(&v->in_guest, false, __ATOMIC_SEQ_CST);
		irq_enable();
		return;
	}
	hvm_ops->enter(v, &h->entry, &h->exit);
	__atomic_store_n(&v->in_guest, false, __ATOMIC_SEQ_CST);
	if (h->entry.accepted && h->from_apic)
		vlapic_accept(v, (uint8_t)h->entry.vector);
	irq_enable();
	hvm_exit_handle(v);
}

static void hvm_dump_state(const struct vcpu *v, const char *who)
{
	struct hvm_segment cs;

	hvm_ops->segment_get(v, HVM_CS, &cs);
	log_err("%s: cr0 %lx cr2 %lx cr3 %lx cr4 %lx efer %lx cs %04x:%03x base %lx", who,
		hvm_reg(v, HVM_CR0), hvm_reg(v, HVM_CR2), hvm_reg(v, HVM_CR3), hvm_reg(v, HVM_CR4),
		hvm_reg(v, HVM_EFER), cs.selector, cs.attr, cs.base);
}

void hvm_dump(const struct vcpu *v)
{
	const struct guest_regs *r = &v->regs;
	const struct hvm_exit *e;

	log_err("d%uv%u: rip %lx rsp %lx rflags %lx rax %lx rbx %lx rcx %lx rdx %lx", v->domain->id, v->id,
		r->rip, r->rsp, r->rflags, r->rax, r->rbx, r->rcx, r->rdx);
	log_err("d%uv%u: rbp %lx rsi %lx rdi %lx r8 %lx r9 %lx r10 %lx r11 %lx r12 %lx r13 %lx r14 %lx r15 %lx",
		v->domain->id, v->id, r->rbp, r->rsi, r->rdi, r->r8, r->r9, r->r10, r->r11, r->r12, r->r13,
		r->r14, r->r15);
	if (!v->hvm || !v->hvm->vendor)
		return;
	e = &v->hvm->exit;
	log_err("d%uv%u: last exit %lx info %lx %lx", v->domain->id, v->id, e->raw, e->info1, e->info2);
	hvm_dump_state(v, "vcpu");
}
