/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hardware virtual machines: what SVM and VMX do for the rest of the
 * hypervisor, and what is common to both.
 *
 * The seam is struct hvm_ops. Below it: the processor's control structures,
 * entering and leaving guest mode, decoding an exit. Above it, and written once:
 * what an exit means (hvm/exits.c), CPUID and MSR policy, instruction decoding,
 * MMIO and port handlers, the FPU.
 *
 * An exit handler either finishes the instruction (hvm_skip) or injects an
 * exception; there is no third way out but domain_crash().
 *
 * Context, unless said otherwise: the vcpu's own processor, out of guest mode,
 * or the vcpu is not running at all. No locks are taken.
 */
#ifndef HV_HVM_H
#define HV_HVM_H

#include <hv/domain.h>

enum hvm_exit_reason {
	HVM_EXIT_UNKNOWN,
	HVM_EXIT_NONE,		   /* a host interrupt, NMI or machine check: already taken */
	HVM_EXIT_INTERRUPT_WINDOW, /* the guest can take an interrupt now */
	HVM_EXIT_NMI_WINDOW,	   /* the guest's NMI handler is about to return */
	HVM_EXIT_EXCEPTION,	   /* u.exception */
	HVM_EXIT_CPUID,
	HVM_EXIT_HLT,
	HVM_EXIT_HYPERCALL, /* VMMCALL or VMCALL */
	HVM_EXIT_PORT,	    /* u.port */
	HVM_EXIT_RDMSR,
	HVM_EXIT_WRMSR,
	HVM_EXIT_CR, /* u.cr */
	HVM_EXIT_DR, /* the guest wants its debug registers loaded */
	HVM_EXIT_XSETBV,
	HVM_EXIT_CACHE, /* INVD, WBINVD */
	HVM_EXIT_PAUSE, /* it spins */
	HVM_EXIT_RDPMC,
	HVM_EXIT_RDTSC,	    /* also RDTSCP */
	HVM_EXIT_MEMORY,    /* u.memory: a nested page fault */
	HVM_EXIT_UNDEFINED, /* an instruction that CPUID does not offer: #UD */
	HVM_EXIT_SHUTDOWN,  /* triple fault */
	HVM_EXIT_INVALID,   /* the processor refused the guest's state */
	HVM_EXIT_COUNT,
};

struct hvm_exit {
	uint8_t reason;	    /* enum hvm_exit_reason */
	uint8_t insn_bytes; /* what the processor fetched of the instruction; 0: fetch it yourself */
	uint8_t insn[15];
	uint64_t raw, info1, info2; /* the vendor's own words, for the log only */
	uint64_t next_rip;	    /* 0: not known, decode */
	union {
		struct {
			uint8_t vector;
			bool has_error;
			uint32_t error;
		} exception;
		struct {
			uint16_t port;
			uint8_t bytes;	 /* 1, 2, 4 */
			uint8_t address; /* size of the index registers for string forms: 2, 4, 8; 0: decode */
			bool in, string, rep;
		} port;
		struct {
			uint8_t number, gpr;
			bool write, decoded; /* decoded: gpr and write are known */
		} cr;
		struct {
			uint64_t gpa;
			bool write, fetch, present;
			bool walk; /* by the guest's own page table, not by its access */
		} memory;
	} u;
};

/* Bits of attr: those of a descriptor, 47:40 in 7:0 and 55:52 in 11:8 (AMD64 APM volume 2 section 4.7). */
#define SEGMENT_TYPE	0x00f
#define SEGMENT_S	0x010
#define SEGMENT_DPL(a)	(((a) >> 5) & 3)
#define SEGMENT_PRESENT 0x080
#define SEGMENT_AVL	0x100
#define SEGMENT_LONG	0x200
#define SEGMENT_BIG	0x400
#define SEGMENT_GRAIN	0x800

struct hvm_segment {
	uint16_t selector;
	uint16_t attr;
	uint32_t limit; /* in bytes, expanded */
	uint64_t base;
};

/* In instruction encoding order; then the two system segments. */
enum hvm_segment_name {
	HVM_ES,
	HVM_CS,
	HVM_SS,
	HVM_DS,
	HVM_FS,
	HVM_GS,
	HVM_LDTR,
	HVM_TR,
	HVM_SEGMENTS,
};

/* All that makes up a vcpu beside struct guest_regs, the FPU and its APIC. */
struct hvm_cpu_state {
	struct hvm_segment segment[HVM_SEGMENTS];
	struct {
		uint64_t base;
		uint16_t limit;
	} gdtr, idtr;
	uint64_t cr0, cr2, cr3, cr4;
	uint64_t efer;
	uint64_t dr6, dr7;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t pat;
	uint64_t interrupt_shadow; /* 1 in the instruction after STI or MOV SS */
};

/* Single registers, for what need not copy the whole state. */
enum hvm_reg {
	HVM_CR0,
	HVM_CR2,
	HVM_CR3,
	HVM_CR4,
	HVM_EFER,
	HVM_DR6,
	HVM_DR7,
	HVM_PAT,
	HVM_CPL,
	HVM_SHADOW,	/* interrupt_shadow */
	HVM_TSC_OFFSET, /* guest TSC = host TSC + this */
	HVM_REGS,
};

enum hvm_event_kind {
	HVM_EVENT_NONE,
	HVM_EVENT_NMI,
	HVM_EVENT_EXCEPTION,
};

struct hvm_event {
	uint8_t kind;
	uint8_t vector;
	bool has_error;
	uint32_t error;
};

#define HVM_NO_VECTOR (-1)

/* What an entry shall do beside running the guest, and what became of it. */
struct hvm_entry {
	int vector;		/* in: the external interrupt to offer, or HVM_NO_VECTOR */
	bool accepted;		/* out: the guest took it */
	bool nmi_window;	/* in: exit when the guest can take an NMI */
	bool dr_access;		/* in: the guest may use its debug registers without an exit */
	bool flush_tlb;		/* in: forget this vcpu's translations */
	uint8_t tpr;		/* in: task priority, 7:4 is what reading CR8 gives */
	struct hvm_event event; /* in: to inject; out: was not delivered, inject again */
};

/* One static const instance for each vendor; every slot is mandatory. */
struct hvm_ops {
	const char *name;

	/* Can this processor do it? Changes nothing; -ENODEV or -EACCES (locked by firmware), with a line. */
	int (*probe)(void);

	/* What the processor will need, from any processor; may be called again. -ENOMEM. */
	int (*cpu_prepare)(unsigned int cpu);
	/* Each processor, on itself, interrupts off: into root mode and out of it. */
	void (*cpu_enable)(void);
	void (*cpu_disable)(void);

	/* The vendor's part of a vcpu, stopped at the reset state that hvm_vcpu_reset describes. */
	int (*vcpu_create)(struct vcpu *v);
	void (*vcpu_destroy)(struct vcpu *v);

	/*
	 * Runs the guest until the next exit. Interrupts are off before and after;
	 * one that is pending, or comes, ends it at once. v->regs goes in and out.
	 */
	void (*enter)(struct vcpu *v, struct hvm_entry *entry, struct hvm_exit *ret_exit);

	void (*state_get)(const struct vcpu *v, struct hvm_cpu_state *ret_state);
	void (*state_set)(struct vcpu *v, const struct hvm_cpu_state *state);
	uint64_t (*reg_get)(const struct vcpu *v, enum hvm_reg reg);
	void (*reg_set)(struct vcpu *v, enum hvm_reg reg, uint64_t value);
	void (*segment_get)(
		const struct vcpu *v, enum hvm_segment_name name, struct hvm_segment *ret_segment);

	/* Ports without an exit, by the domain's bitmap (hv/portio.h): called when it was made or replaced. */
	void (*port_bitmap_set)(struct vcpu *v, paddr_t bitmap);
};

/* The chosen vendor's, after hvm_start(); NULL when there is none. */
extern const struct hvm_ops *hvm_ops;

/*
 * Boot list, when all processors run: chooses, and enables each of them. A machine without
 * an extension that can be used starts too, with a line; then hvm_ops is NULL and no
 * domain can be created. -ENOMEM.
 */
int hvm_start(void) __must_check;

/* -EOPNOTSUPP without hvm_ops, -ENOMEM. */
int hvm_domain_create(struct domain *d) __must_check;
void hvm_domain_destroy(struct domain *d);
int hvm_vcpu_create(struct vcpu *v) __must_check;
void hvm_vcpu_destroy(struct vcpu *v);

/*
 * The PVH start state (public/arch-x86/hvm/start_info.h): 32-bit flat protected
 * mode, paging off, EBX = start_info's guest-physical address.
 */
void hvm_vcpu_start_pvh(struct vcpu *v, uint32_t entry, uint32_t start_info);
/* After INIT and STARTUP: real mode at vector << 12 (APM volume 2 section 14.1.3). */
void hvm_vcpu_start_sipi(struct vcpu *v, uint8_t vector);

/* A processor begins or ends to run v: FPU and debug registers. Interrupts on or off. */
void hvm_vcpu_load(struct vcpu *v);
void hvm_vcpu_save(struct vcpu *v);

/*
 * One turn: offers what interrupts there are, enters, handles the exit. Called with
 * interrupts off, after the loop's last look at softirqs; returns with interrupts on,
 * and without having entered when v->flags is set: v->in_guest is set before flags and
 * work are read here, so a kick is never lost between the loop's look and the entry.
 */
void hvm_run(struct vcpu *v);

/* Ends the instruction of the current exit: RIP to the next one, no interrupt shadow, single-step trap. */
void hvm_skip(struct vcpu *v);

/* error < 0: the exception pushes none. Two that meet become #DF as the manual says; a third crashes. */
void hvm_inject_exception(struct vcpu *v, uint8_t vector, int error);
void hvm_inject_page_fault(struct vcpu *v, uint64_t address, uint32_t error);
/* Any context. */
void hvm_inject_nmi(struct vcpu *v);

#define HVM_DB 1
#define HVM_UD 6
#define HVM_DF 8
#define HVM_GP 13
#define HVM_PF 14

/* Page fault error code: APM volume 2 section 8.4.2. */
#define HVM_PF_WRITE 0x2
#define HVM_PF_USER  0x4
#define HVM_PF_FETCH 0x10

/* 16, 32 or 64: how the code at CS is decoded. */
unsigned int hvm_code_bits(const struct vcpu *v);

/* What a logical address is added to: 0 in 64-bit mode but for FS and GS. */
uint64_t hvm_segment_base(const struct vcpu *v, enum hvm_segment_name name);

static inline uint64_t hvm_reg(const struct vcpu *v, enum hvm_reg reg)
{
	return hvm_ops->reg_get(v, reg);
}

/* The instruction of the current exit. 0, or -EFAULT (and a fault for the guest is injected). */
struct insn;
int hvm_decode(struct vcpu *v, struct insn *ret_insn) __must_check;

/* One line of log for each: the vcpu's registers and its last exit. Any processor once it is stopped. */
void hvm_dump(const struct vcpu *v);

#endif
