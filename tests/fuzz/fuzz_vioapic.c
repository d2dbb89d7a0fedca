/* SPDX-License-Identifier: GPL-2.0-only */
/* Any accesses to the virtual IOAPICs, device lines, EOIs and releases: nothing is sent with a bad vector, all ends. */
#include <stdlib.h>
#include <string.h>
#include <hv/irq_bind.h>
#include <hv/vioapic.h>
#include "asm.h"
#include "guest.h"
#include "machine_irq.h"

#define STEPS_MAX 500

static void step(unsigned int op, uint32_t where, uint32_t value)
{
	struct domain *d = &guest_domain;
	struct vcpu *v = d->vcpu[0];

	switch (op) {
	case 0:
		guest_mmio_write(v, 0xfec00000, 4, where);
		guest_mmio_write(v, 0xfec00010, 4, value);
		break;
	case 1:
		guest_mmio_write(v, 0xfec10000, 4, where & 0x3f);
		guest_mmio_write(v, 0xfec10010, 4, value);
		break;
	case 2:
		(void)guest_mmio_read(v, 0xfec00000 + where, 1u << (value & 3));
		guest_mmio_write(v, 0xfec00000 + where * 4, 1u << (value & 3), value);
		break;
	case 3:
		machine_line(where & 31, value & 1);
		break;
	case 4:
		vioapic_eoi(d, (uint8_t)value);
		break;
	case 5:
		guest_time_to(fake_now + (value & 0xffffff));
		machine_softirq();
		break;
	case 6:
		(void)!irq_bind_gsi(d, where, value & 1, value & 2);
		break;
	default:
		if (machine_pin[where & 31].irq.vector)
			machine_raise(&machine_pin[where & 31].irq);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	guest_make(1);
	machine_irq_reset();
	guest_domain.privileged = true;
	guest_irq_init();
	if (vioapic_create(&guest_domain) < 0)
		abort();
	for (size_t n = 0; n < STEPS_MAX && (n + 1) * 6 <= size; n++) {
		const uint8_t *p = data + n * 6;
		uint32_t value;

		memcpy(&value, p + 2, sizeof(value));
		step(p[0] & 7, p[1], value);
	}
	irq_bind_release(&guest_domain);
	for (unsigned int i = 0; i < 32; i++)
		if (machine_pin[i].irq.vector || !machine_pin[i].masked)
			abort();
	vioapic_destroy(&guest_domain);
	machine_softirq();
	guest_end();
	return 0;
}
