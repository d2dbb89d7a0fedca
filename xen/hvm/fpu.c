/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's FPU: switched eagerly with the vcpu. The hypervisor itself uses no
 * FPU register, so between two guests the last one's are just there.
 * AMD64 APM volume 2 section 11.5, volume 4.
 *
 * XCR0 stays the guest's while its vcpu is on the processor; it is widened to all
 * that the hypervisor switches only for XSAVE and XRSTOR themselves.
 */
#include <errno.h>
#include <string.h>
#include <hv/asm.h>
#include <hv/features.h>
#include <hv/heap.h>
#include "hvm_priv.h"
#include "msr_regs.h"

#define CPUID_XSAVE	0xd
#define FXSAVE_BYTES	512
#define XSAVE_HEADER	64
#define FPU_IMAGE_ORDER 0 /* all of XCR0_SUPPORTED is 2696 bytes */
#define FCW_RESET	0x37f
#define MXCSR_RESET	0x1f80
#define FXSAVE_MXCSR	24

static uint64_t fpu_mask; /* what is switched; 0: by FXSAVE */

uint32_t fpu_xsave_bytes(uint64_t xcr0)
{
	uint32_t bytes = FXSAVE_BYTES + XSAVE_HEADER;

	for (unsigned int n = 2; n < 63; n++) {
		struct cpuid_regs r;

		if (!(xcr0 & (1UL << n)))
			continue;
		r = cpuid(CPUID_XSAVE, n);
		bytes = MAX(bytes, r.ebx + r.eax);
	}
	return bytes;
}

void fpu_init(void)
{
	struct cpuid_regs r;

	fpu_mask = 0;
	if (!feature_has(FEAT_XSAVE))
		return;
	r = cpuid(CPUID_XSAVE, 0);
	fpu_mask = (r.eax | ((uint64_t)r.edx << 32)) & XCR0_SUPPORTED;
	if (fpu_xsave_bytes(fpu_mask) > PAGE_SIZE << FPU_IMAGE_ORDER)
		fpu_mask &= XCR0_X87 | XCR0_SSE | XCR0_AVX;
}

uint64_t fpu_xcr0_all(void)
{
	return fpu_mask;
}

int fpu_create(struct vcpu *v)
{
	uint8_t *image = heap_pages(FPU_IMAGE_ORDER);
	uint16_t fcw = FCW_RESET;
	uint32_t mxcsr = MXCSR_RESET;

	if (!image)
		return -ENOMEM;
	/* An XSAVE header of zeroes: every state is its initial one (volume 4, XRSTOR). */
	memcpy(image, &fcw, sizeof(fcw));
	memcpy(image + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
	v->hvm->fpu = image;
	v->hvm->xcr0 = XCR0_X87;
	return 0;
}

void fpu_destroy(struct vcpu *v)
{
	if (v->hvm->fpu)
		heap_pages_free(v->hvm->fpu, FPU_IMAGE_ORDER);
	v->hvm->fpu = NULL;
}

void fpu_load(struct vcpu *v)
{
	if (!fpu_mask) {
		hvm_fxrstor(v->hvm->fpu);
		return;
	}
	xsetbv(XCR0, fpu_mask);
	hvm_xrstor(v->hvm->fpu, fpu_mask);
	if (v->hvm->xcr0 != fpu_mask)
		xsetbv(XCR0, v->hvm->xcr0);
}

void fpu_save(struct vcpu *v)
{
	if (!fpu_mask) {
		hvm_fxsave(v->hvm->fpu);
		return;
	}
	if (v->hvm->xcr0 != fpu_mask)
		xsetbv(XCR0, fpu_mask);
	hvm_xsave(v->hvm->fpu, fpu_mask);
}

/* AMD64 APM volume 2 section 11.5.2; Intel SDM volume 1 section 13.3. */
bool fpu_xcr0_valid(uint64_t allowed, uint64_t value)
{
	if ((value & ~allowed) || !(value & XCR0_X87))
		return false;
	if ((value & XCR0_AVX) && !(value & XCR0_SSE))
		return false;
	if ((value & XCR0_AVX512) && ((value & XCR0_AVX512) != XCR0_AVX512 || !(value & XCR0_AVX)))
		return false;
	return true;
}

int fpu_xcr0_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	if (index != XCR0 || !fpu_xcr0_valid(v->domain->policy->xcr0, value))
		return -EINVAL;
	v->hvm->xcr0 = value;
	xsetbv(XCR0, value);
	return 0;
}
