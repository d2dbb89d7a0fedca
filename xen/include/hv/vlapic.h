/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual local APIC: xAPIC registers in memory and x2APIC registers as
 * MSRs, one for each vcpu.
 * Sources: AMD64 APM volume 2 chapter 16, Intel SDM volume 3A chapter 11.
 *
 * No lock: the request and trigger-mode registers, the error status and the
 * domain's table of logical destinations are changed atomically, so that any
 * processor can post; everything else is touched by the vcpu's own processor
 * only, or while the vcpu is down.
 *
 * Context: the vcpu's own processor, out of guest mode, unless said otherwise.
 */
#ifndef HV_VLAPIC_H
#define HV_VLAPIC_H

#include <hv/domain.h>

#define VLAPIC_BASE 0xfee00000UL /* fixed: a guest that moves it gets #GP */

/*
 * After p2m_create() and hvm_domain_create(), in the order of the vcpu numbers: vcpu 0's
 * also makes the page of registers trap. -ENOMEM, or the error of p2m_set() or mmio_trap_add().
 */
int vlapic_create(struct vcpu *v) __must_check;
/* Once the vcpu runs no more; vcpu 0's last. */
void vlapic_destroy(struct vcpu *v);

/* Requests a vector, edge; wakes or kicks the vcpu when it is new. Dropped while the APIC is disabled. Any context. */
void vlapic_request(struct vcpu *v, uint8_t vector);

/* The highest requested vector above the processor priority, or -1. Any processor, as a hint. */
int vlapic_pending(struct vcpu *v);

/* The processor took it: from requested to in service. */
void vlapic_accept(struct vcpu *v, uint8_t vector);

uint8_t vlapic_tpr(const struct vcpu *v);
void vlapic_tpr_set(struct vcpu *v, uint8_t tpr);

uint64_t vlapic_base(const struct vcpu *v); /* MSR_APIC_BASE */
uint32_t vlapic_id(const struct vcpu *v);   /* the x2APIC id */

/* APIC_BASE, TSC_DEADLINE and the x2APIC registers 0x800 to 0x8ff. -EINVAL: #GP for the guest. */
int vlapic_msr_read(struct vcpu *v, uint32_t msr, uint64_t *ret_value) __must_check;
int vlapic_msr_write(struct vcpu *v, uint32_t msr, uint64_t value) __must_check;

/* Delivery modes of the command register, of messages and of redirection entries. */
enum vlapic_mode {
	VLAPIC_FIXED = 0,
	VLAPIC_LOWEST = 1,
	VLAPIC_SMI = 2, /* dropped */
	VLAPIC_NMI = 4,
	VLAPIC_INIT = 5,
	VLAPIC_STARTUP = 6, /* between processors only */
	VLAPIC_EXTINT = 7,  /* dropped: there is no 8259 */
};

/* One interrupt on its way, as the IOAPIC and devices send it. */
struct vlapic_message {
	uint8_t vector;
	uint8_t mode; /* enum vlapic_mode */
	bool logical;
	bool level;
	uint32_t dest; /* 8 bits; 0xff: all */
};

/* Any context. Nobody who listens: dropped. */
void vlapic_send(struct domain *d, const struct vlapic_message *m);

/*
 * A message signalled interrupt by the address and data that the guest wrote to its device.
 * -EINVAL when the address is not the APICs' (SDM section 11.11). Any context.
 */
int vlapic_msi(struct domain *d, uint64_t address, uint32_t data);

#endif
