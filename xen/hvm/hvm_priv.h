/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of hvm/ share: a vcpu's and a domain's state above the vendors' seam. */
#ifndef HVM_PRIV_H
#define HVM_PRIV_H

#include <hv/cpu_policy.h>
#include <hv/descriptors.h>
#include <hv/hvm.h>
#include <hv/mmio_trap.h>
#include <hv/portio.h>
#include <hv/trap.h>

struct insn;

/* Fixed-range and variable MTRRs as the guest sees them: kept, and without effect (nested paging rules). */
#define GUEST_MTRR_VARIABLE 8
#define GUEST_MTRR_FIXED    11

struct guest_mtrr {
	uint64_t def_type;
	uint64_t variable[2 * GUEST_MTRR_VARIABLE];
	uint64_t fixed[GUEST_MTRR_FIXED];
};

struct hvm_vcpu {
	void *vendor; /* struct svm_vcpu */
	struct hvm_entry entry;
	struct hvm_exit exit;
	bool nmi_masked; /* from its delivery to IRET */
	bool from_apic;	 /* what entry.vector offers is the vlapic's */
	bool flush_tlb;
	uint64_t dr[4]; /* while entry.dr_access is clear */
	uint64_t xcr0;
	uint64_t tsc_aux;
	uint64_t hwcr;
	struct guest_mtrr mtrr;
	void *fpu; /* the XSAVE or FXSAVE image while no processor runs the vcpu */
};

struct hvm_domain {
	struct trap_table mmio;
	struct trap_table ports;
	uint8_t *port_bitmap; /* NULL: the one that traps all */
};

extern const struct hvm_ops hvm_svm_ops;

/* exits.c */
void hvm_exit_handle(struct vcpu *v);

/* inject.c: pure. What comes of a second event while the first was being delivered; false: shut down. */
bool hvm_event_merge(
	const struct hvm_event *first, const struct hvm_event *second, struct hvm_event *ret_event);

/* memory.c: a nested page fault.  emulate.c: the access of the current exit, to emulated memory. */
void hvm_memory_exit(struct vcpu *v);
void hvm_emulate(struct vcpu *v);

/* portio.c */
void hvm_port_exit(struct vcpu *v);
int portio_create(struct domain *d) __must_check;
void portio_destroy(struct domain *d);
paddr_t portio_bitmap_pa(const struct domain *d);

/* msr.c. -EINVAL: #GP. */
int hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *ret_value) __must_check;
int hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value) __must_check;

/* control.c. -EINVAL: #GP. */
int hvm_cr4_write(struct vcpu *v, uint64_t value) __must_check;
int hvm_efer_write(struct vcpu *v, uint64_t value) __must_check;
void hvm_cr_exit(struct vcpu *v);

/* fpu.c */
void fpu_init(void);	     /* boot processor */
uint64_t fpu_xcr0_all(void); /* what is switched; 0: no XSAVE */
int fpu_create(struct vcpu *v) __must_check;
void fpu_destroy(struct vcpu *v);
void fpu_load(struct vcpu *v);
void fpu_save(struct vcpu *v);
/* XSETBV. -EINVAL: #GP. */
int fpu_xcr0_write(struct vcpu *v, uint32_t index, uint64_t value) __must_check;
bool fpu_xcr0_valid(uint64_t allowed, uint64_t value);
/* Of the states in xcr0, for CPUID leaf 0xd. */
uint32_t fpu_xsave_bytes(uint64_t xcr0);

/* switch.S. The image is 64-byte aligned; the mask is XCR0's. */
void hvm_xsave(void *image, uint64_t mask);
void hvm_xrstor(const void *image, uint64_t mask);
void hvm_fxsave(void *image);
void hvm_fxrstor(const void *image);
void hvm_dr_load(const uint64_t dr[4]);
void hvm_dr_store(uint64_t dr[4]);
/* The machine check that was intercepted, to the hypervisor's own handler. */
void hvm_machine_check(void);

#endif
