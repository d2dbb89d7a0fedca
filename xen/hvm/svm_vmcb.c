/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control block of a guest: its first contents, the registers in it, what is
 * injected and what the processor says became of it. AMD64 APM volume 2 chapter 15.
 *
 * The clean bits (section 15.15.3): every function that changes a cached group
 * clears the group's bit.
 */
#include <errno.h>
#include <hv/cpu_regs.h>
#include "msr_regs.h"
#include "svm_priv.h"

/* #DB and #AC can keep the processor in event delivery for ever; #MC is the machine's. */
#define SVM_EXCEPTIONS ((1U << 1) | (1U << 17) | (1U << 18))

#define SVM_INTERCEPTS3                                                                                    \
	(SVM_I3_INTR | SVM_I3_NMI | SVM_I3_INIT | SVM_I3_RDPMC | SVM_I3_CPUID | SVM_I3_RSM | SVM_I3_INVD | \
		SVM_I3_HLT | SVM_I3_INVLPGA | SVM_I3_IOIO | SVM_I3_MSR | SVM_I3_SHUTDOWN)

#define SVM_INTERCEPTS4                                                                              \
	(SVM_I4_VMRUN | SVM_I4_VMMCALL | SVM_I4_VMLOAD | SVM_I4_VMSAVE | SVM_I4_STGI | SVM_I4_CLGI | \
		SVM_I4_SKINIT | SVM_I4_WBINVD | SVM_I4_MONITOR | SVM_I4_MWAIT | SVM_I4_XSETBV |      \
		SVM_I4_RDPRU)

#define SVM_PAUSE_COUNT	    3000
#define SVM_PAUSE_THRESHOLD 128

#define PAT_RESET 0x0007040600070406UL /* section 7.8.1 */
#define DR6_RESET 0xffff0ff0UL
#define DR7_RESET 0x400UL

static void svm_dirty(struct svm_vcpu *s, uint32_t groups)
{
	s->vmcb->clean &= ~groups;
}

void svm_vmcb_init(struct svm_vcpu *s, paddr_t msr_bitmap, paddr_t port_bitmap)
{
	struct vmcb *b = s->vmcb;

	b->intercept_cr = SVM_CR_READ(4) | SVM_CR_WRITE(4) | SVM_CR_WRITE(8);
	b->intercept_dr = SVM_DR_ALL;
	b->intercept_exceptions = SVM_EXCEPTIONS;
	b->intercept3 = SVM_INTERCEPTS3;
	b->intercept4 = SVM_INTERCEPTS4;
	if (svm_features.edx & SVM_EDX_PAUSE) {
		b->intercept3 |= SVM_I3_PAUSE;
		b->pause_count = SVM_PAUSE_COUNT;
		b->pause_threshold = SVM_PAUSE_THRESHOLD;
	}
	b->msrpm_base = msr_bitmap;
	b->iopm_base = port_bitmap;
	b->v_intr = SVM_V_MASKING | SVM_V_IGN_TPR;
	b->np_enable = 1;
	b->g_pat = PAT_RESET;
	b->efer = EFER_SVME;
	b->rflags = RFLAGS_ONE;
	b->dr6 = DR6_RESET;
	b->dr7 = DR7_RESET;
	b->clean = 0;
}

static struct hvm_segment svm_segment_decode(const struct vmcb_segment *in)
{
	return (struct hvm_segment){
		.selector = in->selector, .attr = in->attr & 0xfff, .limit = in->limit, .base = in->base};
}

static struct vmcb_segment svm_segment_encode(const struct hvm_segment *in)
{
	return (struct vmcb_segment){
		.selector = in->selector, .attr = in->attr & 0xfff, .limit = in->limit, .base = in->base};
}

static struct vmcb_segment *svm_segment(struct vmcb *b, enum hvm_segment_name name)
{
	if (name == HVM_LDTR)
		return &b->ldtr;
	if (name == HVM_TR)
		return &b->tr;
	return &b->segment[name];
}

void svm_segment_get(const struct svm_vcpu *s, enum hvm_segment_name name, struct hvm_segment *ret_segment)
{
	*ret_segment = svm_segment_decode(svm_segment(s->vmcb, name));
}

void svm_state_get(const struct svm_vcpu *s, struct hvm_cpu_state *ret_state)
{
	const struct vmcb *b = s->vmcb;
	struct hvm_cpu_state *c = ret_state;

	*c = (struct hvm_cpu_state){
		.gdtr = {.base = b->gdtr.base, .limit = (uint16_t)b->gdtr.limit},
		.idtr = {.base = b->idtr.base, .limit = (uint16_t)b->idtr.limit},
		.cr0 = b->cr0,
		.cr2 = b->cr2,
		.cr3 = b->cr3,
		.cr4 = s->cr4,
		.efer = b->efer & ~EFER_SVME,
		.dr6 = b->dr6,
		.dr7 = b->dr7,
		.star = b->star,
		.lstar = b->lstar,
		.cstar = b->cstar,
		.sfmask = b->sfmask,
		.kernel_gs_base = b->kernel_gs_base,
		.sysenter_cs = b->sysenter_cs,
		.sysenter_esp = b->sysenter_esp,
		.sysenter_eip = b->sysenter_eip,
		.pat = b->g_pat,
		.interrupt_shadow = b->shadow & SVM_SHADOW,
	};
	for (unsigned int n = 0; n < HVM_SEGMENTS; n++)
		svm_segment_get(s, n, &c->segment[n]);
}

static void svm_cr4_set(struct svm_vcpu *s, uint64_t cr4)
{
	s->cr4 = cr4;
	/* A machine check that meets a clear CR4.MCE shuts the processor down, guest mode or not (section 15.14). */
	s->vmcb->cr4 = cr4 | (svm_features.mce ? CR4_MCE : 0);
}

void svm_state_set(struct svm_vcpu *s, const struct hvm_cpu_state *c)
{
	struct vmcb *b = s->vmcb;

	for (unsigned int n = 0; n < HVM_SEGMENTS; n++)
		*svm_segment(b, n) = svm_segment_encode(&c->segment[n]);
	b->cpl = SEGMENT_DPL(c->segment[HVM_SS].attr);
	b->gdtr = (struct vmcb_segment){.base = c->gdtr.base, .limit = c->gdtr.limit};
	b->idtr = (struct vmcb_segment){.base = c->idtr.base, .limit = c->idtr.limit};
	b->cr0 = c->cr0;
	b->cr2 = c->cr2;
	b->cr3 = c->cr3;
	svm_cr4_set(s, c->cr4);
	b->efer = c->efer | EFER_SVME;
	b->dr6 = c->dr6;
	b->dr7 = c->dr7;
	b->star = c->star;
	b->lstar = c->lstar;
	b->cstar = c->cstar;
	b->sfmask = c->sfmask;
	b->kernel_gs_base = c->kernel_gs_base;
	b->sysenter_cs = c->sysenter_cs;
	b->sysenter_esp = c->sysenter_esp;
	b->sysenter_eip = c->sysenter_eip;
	b->g_pat = c->pat;
	b->shadow = c->interrupt_shadow & SVM_SHADOW;
	svm_dirty(s, SVM_CLEAN_ALL);
}

uint64_t svm_reg_get(const struct svm_vcpu *s, enum hvm_reg reg)
{
	const struct vmcb *b = s->vmcb;

	switch (reg) {
	case HVM_CR0:
		return b->cr0;
	case HVM_CR2:
		return b->cr2;
	case HVM_CR3:
		return b->cr3;
	case HVM_CR4:
		return s->cr4;
	case HVM_EFER:
		return b->efer & ~EFER_SVME;
	case HVM_DR6:
		return b->dr6;
	case HVM_DR7:
		return b->dr7;
	case HVM_PAT:
		return b->g_pat;
	case HVM_CPL:
		return b->cpl;
	case HVM_SHADOW:
		return b->shadow & SVM_SHADOW;
	case HVM_TSC_OFFSET:
		return b->tsc_offset;
	case HVM_REGS:
		break;
	}
	return 0;
}

/* Sets one field and says that its group is no longer what the processor has cached. */
static void svm_field_set(struct svm_vcpu *s, uint64_t *field, uint64_t value, uint32_t group)
{
	*field = value;
	svm_dirty(s, group);
}

void svm_reg_set(struct svm_vcpu *s, enum hvm_reg reg, uint64_t value)
{
	struct vmcb *b = s->vmcb;

	switch (reg) {
	case HVM_CR0:
		svm_field_set(s, &b->cr0, value, SVM_CLEAN_CR);
		break;
	case HVM_CR2:
		svm_field_set(s, &b->cr2, value, SVM_CLEAN_CR2);
		break;
	case HVM_CR3:
		svm_field_set(s, &b->cr3, value, SVM_CLEAN_CR);
		break;
	case HVM_CR4:
		svm_cr4_set(s, value);
		svm_dirty(s, SVM_CLEAN_CR);
		break;
	case HVM_EFER:
		svm_field_set(s, &b->efer, value | EFER_SVME, SVM_CLEAN_CR);
		break;
	case HVM_DR6:
		svm_field_set(s, &b->dr6, value, SVM_CLEAN_DR);
		break;
	case HVM_DR7:
		svm_field_set(s, &b->dr7, value, SVM_CLEAN_DR);
		break;
	case HVM_PAT:
		svm_field_set(s, &b->g_pat, value, SVM_CLEAN_NP);
		break;
	case HVM_SHADOW:
		b->shadow = value & SVM_SHADOW;
		break;
	case HVM_TSC_OFFSET:
		svm_field_set(s, &b->tsc_offset, value, SVM_CLEAN_INTERCEPTS);
		break;
	case HVM_CPL:
	case HVM_REGS:
		break;
	}
}

static uint64_t svm_event_encode(const struct hvm_event *e)
{
	uint64_t type = e->kind == HVM_EVENT_NMI ? SVM_EVENT_NMI : SVM_EVENT_EXCEPTION;

	if (e->kind == HVM_EVENT_NONE)
		return 0;
	return SVM_EVENT_VALID | (type << SVM_EVENT_TYPE_SHIFT) | e->vector |
	       (e->has_error ? SVM_EVENT_ERROR | ((uint64_t)e->error << SVM_EVENT_ERROR_SHIFT) : 0);
}

/*
 * An external interrupt goes in as a virtual one: the processor takes it as soon as
 * the guest's RFLAGS.IF and shadow allow and clears V_IRQ (section 15.21.4). So it needs
 * no window, and is replaced or withdrawn on each entry. Not by EVENTINJ: see docs/testing.md.
 */
static void svm_offer(struct svm_vcpu *s, int vector)
{
	struct vmcb *b = s->vmcb;
	uint64_t v = b->v_intr & ~(SVM_V_IRQ | SVM_V_PRIO_MASK | SVM_V_VECTOR_MASK);

	if (vector >= 0)
		v |= SVM_V_IRQ | ((uint64_t)(vector >> 4) << SVM_V_PRIO_SHIFT) |
		     ((uint64_t)vector << SVM_V_VECTOR_SHIFT);
	if (v != b->v_intr)
		svm_field_set(s, &b->v_intr, v, SVM_CLEAN_TPR);
}

static void svm_intercepts(struct svm_vcpu *s, const struct hvm_entry *entry)
{
	struct vmcb *b = s->vmcb;
	uint32_t dr = entry->dr_access ? 0 : SVM_DR_ALL;
	uint32_t i3 = (b->intercept3 & ~SVM_I3_IRET) | (entry->nmi_window ? SVM_I3_IRET : 0);

	if (dr == b->intercept_dr && i3 == b->intercept3)
		return;
	b->intercept_dr = dr;
	b->intercept3 = i3;
	svm_dirty(s, SVM_CLEAN_INTERCEPTS);
}

void svm_vmcb_before(struct svm_vcpu *s, const struct guest_regs *regs, const struct hvm_entry *entry)
{
	struct vmcb *b = s->vmcb;

	b->rax = regs->rax;
	b->rsp = regs->rsp;
	b->rip = regs->rip;
	b->rflags = regs->rflags;
	b->v_intr = (b->v_intr & ~SVM_V_TPR_MASK) | (entry->tpr >> 4);
	b->event_inject = svm_event_encode(&entry->event);
	svm_offer(s, entry->vector);
	svm_intercepts(s, entry);
}

/*
 * What was being delivered when the guest was left. An external interrupt stays
 * requested in the vlapic. A software interrupt, INT3 and INTO are not noted: RIP is still at
 * the instruction, which is executed again.
 */
static void svm_undelivered(uint64_t info, struct hvm_entry *entry)
{
	uint64_t type = (info & SVM_EVENT_TYPE_MASK) >> SVM_EVENT_TYPE_SHIFT;
	uint8_t vector = (uint8_t)(info & SVM_EVENT_VECTOR);

	entry->event = (struct hvm_event){.kind = HVM_EVENT_NONE};
	if (!(info & SVM_EVENT_VALID))
		return;
	if (type == SVM_EVENT_EXTERNAL && entry->vector == vector)
		entry->accepted = false;
	if (type == SVM_EVENT_NMI)
		entry->event = (struct hvm_event){.kind = HVM_EVENT_NMI, .vector = vector};
	if (type == SVM_EVENT_EXCEPTION && vector != 3 && vector != 4)
		entry->event = (struct hvm_event){.kind = HVM_EVENT_EXCEPTION,
			.vector = vector,
			.has_error = (info & SVM_EVENT_ERROR) != 0,
			.error = (uint32_t)(info >> SVM_EVENT_ERROR_SHIFT)};
}

void svm_vmcb_after(struct svm_vcpu *s, struct guest_regs *regs, struct hvm_entry *entry)
{
	struct vmcb *b = s->vmcb;

	regs->rax = b->rax;
	regs->rsp = b->rsp;
	regs->rip = b->rip;
	regs->rflags = b->rflags;
	entry->accepted = entry->vector >= 0 && !(b->v_intr & SVM_V_IRQ);
	svm_undelivered(b->exit_int_info, entry);
	b->event_inject = 0;
	b->tlb_control = SVM_TLB_KEEP;
	b->clean = svm_features.edx & SVM_EDX_VMCB_CLEAN ? SVM_CLEAN_ALL : 0;
}
