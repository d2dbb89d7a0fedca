/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/interrupts.h>
#include <hv/ioapic.h>
#include <hv/irq_bind.h>
#include <hv/lapic.h>
#include <hv/log.h>
#include <hv/rcu.h>
#include <hv/smp.h>
#include <hv/tasklet.h>
#include <hv/time.h>
#include <hv/timer.h>
#include <hv/vector.h>

#define PM_PORT_MAX 0xfffc

bool x2apic_wanted = true;

static void interrupts_apic_error(struct cpu_regs *regs)
{
	static uint64_t seen;
	uint64_t n = __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
	uint32_t status = lapic_errors();

	(void)regs;
	/* At 1, 2, 4, 8, ... */
	if ((n & (n - 1)) == 0)
		log_warn("lapic: cpu %u: error status %#x (%lu so far)", smp_cpu(), status, n);
}

/* ISA lines that conform to their bus: edge, active high. ACPI 6.5 section 5.2.12.5. */
static void interrupts_ioapics(const struct acpi_madt *madt)
{
	for (uint32_t i = 0; i < madt->ioapic_count; i++) {
		const struct acpi_ioapic *io = &madt->ioapic[i];

		/* Its error is said; the devices behind it will do without. */
		(void)!ioapic_add((uint8_t)io->id, io->base, io->gsi_base);
	}
	for (uint32_t i = 0; i < madt->override_count; i++) {
		const struct acpi_override *o = &madt->override[i];

		ioapic_set_isa(
			o->irq, o->gsi, o->trigger == ACPI_LOW_OR_LEVEL, o->polarity == ACPI_LOW_OR_LEVEL);
	}
}

int interrupts_init(void)
{
	unsigned int cpu;
	int err;

	pic_disable();
	err = lapic_init(x2apic_wanted);
	if (!err)
		err = lapic_init_cpu();
	if (!err)
		err = smp_number(lapic_id(), &cpu);
	if (err)
		return err;
	vector_set(VECTOR_APIC_ERROR, interrupts_apic_error);
	smp_init();
	rcu_init();
	tasklets_init();
	timers_init();
	guest_irq_init();
	if (acpi.has_madt)
		interrupts_ioapics(&acpi.madt);
	return 0;
}

int interrupts_time_init(void)
{
	struct time_sources s = {0};
	const struct acpi_gas *pm = &acpi.fadt.pm_timer;

	if (acpi.has_fadt && pm->space == ACPI_SPACE_IO && pm->address <= PM_PORT_MAX) {
		s.pm_port = (uint16_t)pm->address;
		s.pm_32bit = acpi.fadt.pm_timer_mask == 0xffffffff;
	}
	if (acpi.has_hpet)
		s.hpet = acpi.hpet.base;
	return time_init(&s);
}
