/* SPDX-License-Identifier: GPL-2.0-only */
/* Any accesses of two vcpus and any messages, six bytes each, to the virtual local APIC; what is offered is legal. */
#include <stdlib.h>
#include <string.h>
#include <hv/cpu_regs.h>
#include <hv/vioapic.h>
#include <hv/vlapic.h>
#include "asm.h"
#include "guest.h"

#define VCPUS	  17
#define STEPS_MAX 400

void vioapic_eoi(struct domain *d, uint8_t vector)
{
	(void)d;
	if (vector < 16)
		abort();
}

static void step_take(struct vcpu *v)
{
	int vector = vlapic_pending(v);

	if (vector < 0)
		return;
	if (vector < 16 || vector > 255 || vector >> 4 <= vlapic_tpr(v) >> 4)
		abort();
	vlapic_accept(v, (uint8_t)vector);
}

static void step(struct vcpu *v, unsigned int op, uint32_t where, uint32_t value)
{
	uint64_t out;

	switch (op) {
	case 0:
		guest_mmio_write(v, VLAPIC_BASE + (where & 0xff) * 16, 4, value);
		break;
	case 1:
		(void)guest_mmio_read(
			v, VLAPIC_BASE + (where & 0xff) * 16 + (value & 3), 1u << (value >> 4 & 3));
		break;
	case 2:
		if (vlapic_msr_write(v, 0x800 + (where & 0xff), value) == 0 &&
			vlapic_msr_write(v, 0x800 + (where & 0xff), (uint64_t)value << 32 | value) == 0)
			(void)!vlapic_msr_read(v, 0x800 + (where & 0xff), &out);
		break;
	case 3:
		(void)!vlapic_msr_write(v, MSR_APIC_BASE, VLAPIC_BASE | (value & 0xfff));
		break;
	case 4:
		(void)!vlapic_msr_write(v, MSR_TSC_DEADLINE, fake_now + value);
		break;
	case 5:
		(void)!vlapic_msi(&guest_domain, VLAPIC_BASE | where << 12 | (value & 0xc), value >> 8);
		break;
	case 6:
		guest_time_to(fake_now + (value & 0xffff));
		guest_tasklets();
		break;
	default:
		step_take(v);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	guest_make(VCPUS);
	guest_domain.vioapic = (struct vioapic *)&guest_domain;
	for (unsigned int i = 0; i < VCPUS; i++)
		if (vlapic_create(guest_domain.vcpu[i]) < 0)
			abort();
	for (size_t n = 0; n < STEPS_MAX && (n + 1) * 6 <= size; n++) {
		const uint8_t *p = data + n * 6;
		uint32_t value;

		memcpy(&value, p + 2, sizeof(value));
		step(guest_domain.vcpu[p[0] >> 7 ? 16 : 0], p[0] & 7, p[1], value);
	}
	for (unsigned int i = VCPUS; i-- > 0;)
		vlapic_destroy(guest_domain.vcpu[i]);
	guest_end();
	return 0;
}
