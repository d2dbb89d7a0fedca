/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SVM on the machine: probing, switching it on, vcpus, address space identifiers
 * and the entry itself. AMD64 APM volume 2 chapter 15.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/features.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include <hv/percpu.h>
#include <hv/slab.h>
#include "hvm_priv.h"
#include "msr_regs.h"
#include "svm_priv.h"

struct svm_features svm_features;

/* What a processor needs to run guests. */
struct svm_cpu {
	void *hsave;	   /* the processor's own, VM_HSAVE_PA */
	struct vmcb *host; /* what VMLOAD brings back */
	paddr_t host_pa;
	uint64_t turn; /* of handing out identifiers; a vcpu's from an earlier turn is void */
	uint32_t asid; /* the last one handed out in this turn */
};

static DEFINE_PER_CPU(struct svm_cpu, svm_cpu);

/* Two bits for each MSR: read and write exit (section 15.11). One for all guests. */
#define SVM_MSRPM_ORDER 1
#define SVM_MSRPM_BYTES 0x2000
static uint8_t *svm_msr_bitmap;

static paddr_t svm_pa(const void *p)
{
	return mfn_to_paddr(va_to_mfn(p));
}

int svm_probe(void)
{
	struct svm_features f = {.mce = feature_has(FEAT_MCE)};
	struct cpuid_regs r;

	if (!feature_has(FEAT_SVM) || cpu_features.max_ext_leaf < CPUID_SVM)
		return -ENODEV;
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) {
		log_err("svm: switched off by the firmware (VM_CR.SVMDIS)");
		return -EACCES;
	}
	r = cpuid(CPUID_SVM, 0);
	f.edx = r.edx;
	f.asids = r.ebx;
	if (!(f.edx & SVM_EDX_NP) || f.asids < 2) {
		log_err("svm: no nested paging, or no address space identifiers: not usable");
		return -ENODEV;
	}
	svm_features = f;
	return 0;
}

static void svm_msr_allow(uint32_t msr)
{
	uint32_t bit = (msr & 0x1fff) * 2 + (msr >= 0xc0010000 ? 0x8000 : msr >= 0xc0000000 ? 0x4000 : 0);

	svm_msr_bitmap[bit / 8] &= (uint8_t) ~(3u << (bit % 8));
}

/* Those that VMLOAD, VMSAVE and VMRUN switch. */
static const uint32_t svm_own_msrs[] = {
	MSR_FS_BASE,
	MSR_GS_BASE,
	MSR_KERNEL_GS_BASE,
	MSR_STAR,
	MSR_LSTAR,
	MSR_CSTAR,
	MSR_SFMASK,
	MSR_SYSENTER_CS,
	MSR_SYSENTER_ESP,
	MSR_SYSENTER_EIP,
};

static int svm_msr_bitmap_create(void)
{
	if (svm_msr_bitmap)
		return 0;
	svm_msr_bitmap = heap_pages(SVM_MSRPM_ORDER);
	if (!svm_msr_bitmap)
		return -ENOMEM;
	for (size_t i = 0; i < SVM_MSRPM_BYTES; i++)
		svm_msr_bitmap[i] = 0xff;
	for (size_t i = 0; i < ARRAY_SIZE(svm_own_msrs); i++)
		svm_msr_allow(svm_own_msrs[i]);
	return 0;
}

int svm_cpu_prepare(unsigned int cpu)
{
	struct svm_cpu *c = &per_cpu(svm_cpu, cpu);
	int rc = svm_msr_bitmap_create();

	if (rc < 0)
		return rc;
	if (!c->hsave)
		c->hsave = heap_pages(0);
	if (!c->host)
		c->host = heap_pages(0);
	if (!c->hsave || !c->host)
		return -ENOMEM;
	c->host_pa = svm_pa(c->host);
	c->turn = 1;
	return 0;
}

void svm_cpu_enable(void)
{
	struct svm_cpu *c = &this_cpu(svm_cpu);

	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, svm_pa(c->hsave));
	/* FS, GS, TR, LDTR and the system call registers stay what they are now for ever. */
	svm_vmsave(c->host_pa);
}

void svm_cpu_disable(void)
{
	wrmsr(MSR_VM_HSAVE_PA, 0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~EFER_SVME);
}

int svm_vcpu_create(struct vcpu *v)
{
	struct svm_vcpu *s = hv_alloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct svm_vcpu){.vmcb = heap_pages(0)};
	if (!s->vmcb) {
		hv_free(s);
		return -ENOMEM;
	}
	s->pa = svm_pa(s->vmcb);
	svm_vmcb_init(s, svm_pa(svm_msr_bitmap), 0);
	v->hvm->vendor = s;
	return 0;
}

void svm_vcpu_destroy(struct vcpu *v)
{
	struct svm_vcpu *s = v->hvm->vendor;

	if (!s)
		return;
	heap_pages_free(s->vmcb, 0);
	hv_free(s);
	v->hvm->vendor = NULL;
}

void svm_port_bitmap_set(struct vcpu *v, paddr_t bitmap)
{
	struct svm_vcpu *s = v->hvm->vendor;

	s->vmcb->iopm_base = bitmap;
	s->vmcb->clean &= ~SVM_CLEAN_IOMSRPM;
}

/*
 * An identifier names this vcpu's translations on this processor. A new one leaves the old
 * translations behind; when none is left, all are flushed and a new turn begins (section 15.15.2).
 */
static void svm_asid_new(struct svm_vcpu *s, struct svm_cpu *c)
{
	if (++c->asid >= svm_features.asids) {
		c->asid = 1;
		c->turn++;
		s->vmcb->tlb_control = SVM_TLB_FLUSH_ALL;
	}
	s->asid_cpu = smp_cpu();
	s->asid_turn = c->turn;
	s->vmcb->asid = c->asid;
	s->vmcb->clean &= ~SVM_CLEAN_ASID;
}

static void svm_asid_prepare(struct svm_vcpu *s, struct svm_cpu *c, bool flush)
{
	/* The cached parts of the block belong to the processor that ran it last. */
	if (s->asid_cpu != smp_cpu())
		s->vmcb->clean = 0;
	if (s->asid_cpu != smp_cpu() || s->asid_turn != c->turn)
		svm_asid_new(s, c);
	else if (flush && (svm_features.edx & SVM_EDX_FLUSH_ASID))
		s->vmcb->tlb_control = SVM_TLB_FLUSH_ASID;
	else if (flush)
		svm_asid_new(s, c);
}

void svm_enter(struct vcpu *v, struct hvm_entry *entry, struct hvm_exit *ret_exit)
{
	struct svm_vcpu *s = v->hvm->vendor;
	struct svm_cpu *c = &this_cpu(svm_cpu);
	uint64_t root = p2m_root(v->domain);

	svm_asid_prepare(s, c, entry->flush_tlb);
	if (s->vmcb->n_cr3 != root) {
		s->vmcb->n_cr3 = root;
		s->vmcb->clean &= ~SVM_CLEAN_NP;
	}
	svm_vmcb_before(s, &v->regs, entry);
	svm_vmrun(s->pa, &v->regs, c->host_pa);
	svm_vmcb_after(s, &v->regs, entry);
	svm_exit_decode(s->vmcb, ret_exit);
}
