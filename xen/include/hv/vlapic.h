/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual local APIC, as the entry path and the MSR policy use it.
 * Sources: AMD64 APM volume 2 chapter 16, Intel SDM volume 3A chapter 11.
 *
 * Context: the vcpu's own processor, out of guest mode, unless said otherwise.
 */
#ifndef HV_VLAPIC_H
#define HV_VLAPIC_H

#include <hv/domain.h>

int vlapic_create(struct vcpu *v) __must_check;
void vlapic_destroy(struct vcpu *v);

/* Requests a vector; wakes or kicks the vcpu when it is new. Any context. */
void vlapic_request(struct vcpu *v, uint8_t vector);

/* The highest requested vector above the processor priority, or -1. */
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

#endif
