/* SPDX-License-Identifier: GPL-2.0-only */
/* From a device's line over the machine's pin and the virtual IOAPIC to the message for the vlapics, and back by EOI. */
#include "unit.h"
#include <stdlib.h>
#include <hv/irq_bind.h>
#include <hv/vioapic.h>
#include "asm.h"
#include "guest.h"
#include "hv_log.h"
#include "machine_irq.h"

#define IO0 0xfec00000UL
#define IO1 0xfec10000UL

#define RTE_LOW	   0x2000u
#define RTE_RIRR   0x4000u
#define RTE_LEVEL  0x8000u
#define RTE_MASKED 0x10000u

static struct domain *d = &guest_domain;

static void reg(uint64_t base, uint32_t index, uint32_t value)
{
	guest_mmio_write(d->vcpu[0], base, 4, index);
	guest_mmio_write(d->vcpu[0], base + 0x10, 4, value);
}

static uint32_t get(uint64_t base, uint32_t index)
{
	guest_mmio_write(d->vcpu[0], base, 4, index);
	return (uint32_t)guest_mmio_read(d->vcpu[0], base + 0x10, 4);
}

static void rte(uint32_t pin, uint32_t low)
{
	reg(IO0, 0x11 + 2 * pin, 0);
	reg(IO0, 0x10 + 2 * pin, low);
}

static int prepare(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	guest_make(2);
	machine_irq_reset();
	d->privileged = true;
	guest_irq_init();
	assert_int_equal(vioapic_create(d), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	irq_bind_release(d);
	vioapic_destroy(d);
	machine_softirq();
	guest_end();
	for (uint32_t i = 0; i < 32; i++)
		assert_int_equal(irq_bind_permit(i, DOMID_HARDWARE), 0);
	return 0;
}

static void test_registers(void **state)
{
	uint64_t entry;

	(void)state;
	assert_int_equal(get(IO0, 0), 8u << 24);
	assert_int_equal(get(IO0, 1), 23u << 16 | 0x20);
	assert_int_equal(get(IO1, 1), 7u << 16 | 0x20);
	assert_int_equal(get(IO0, 0x10), RTE_MASKED);
	reg(IO1, 0x13, 0xffffffff);
	reg(IO1, 0x12, 0xffffffff);
	assert_int_equal(get(IO1, 0x13), 0xff000000);
	assert_int_equal(get(IO1, 0x12), 0x1afff);
	assert_true(vioapic_entry(d, 25, &entry));
	assert_int_equal(entry, 0xff0000000001afff);
	assert_false(vioapic_entry(d, 32, &entry));
	/* Beyond the pins, and odd accesses. */
	assert_int_equal(get(IO1, 0x20), ~0U);
	reg(IO1, 0x20, 0);
	assert_int_equal(get(IO0, 0xff), ~0U);
	guest_mmio_write(d->vcpu[0], IO0, 4, 0x10);
	guest_mmio_write(d->vcpu[0], IO0 + 0x10, 1, 0);
	assert_int_equal(get(IO0, 0x10), RTE_MASKED);
	reg(IO0, 0, 0x05000000);
	assert_int_equal(get(IO0, 0), 0x05000000);
	assert_int_equal(guest.p2m_sets, 2);
}

static void test_creation(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 2; n++) {
		vioapic_destroy(d);
		guest.fail_trap = n;
		assert_int_equal(vioapic_create(d), -ENOMEM);
		guest.fail_p2m = n;
		assert_int_equal(vioapic_create(d), -ENOMEM);
		assert_null(d->vioapic);
		assert_int_equal(guest.traps, 0);
	}
	guest.fail_alloc = 1;
	assert_int_equal(vioapic_create(d), -ENOMEM);
	/* A PVH guest has none; one with a device model has 48 pins of its own. */
	d->privileged = false;
	assert_int_equal(vioapic_create(d), 0);
	assert_null(d->vioapic);
	vioapic_assert(d, 3, true);
	vioapic_eoi(d, 0x40);
	d->mode = DOMAIN_HVM;
	assert_int_equal(vioapic_create(d), 0);
	assert_int_equal(get(IO0, 1) >> 16, 47);
}

static void test_edge(void **state)
{
	(void)state;
	rte(3, 0x0835);
	reg(IO0, 0x11 + 2 * 3, 0x03000000);
	vioapic_assert(d, 3, true);
	vioapic_assert(d, 3, true);
	assert_int_equal(machine_sent_count, 1);
	assert_int_equal(machine_sent[0].vector, 0x35);
	assert_int_equal(machine_sent[0].dest, 3);
	assert_true(machine_sent[0].logical);
	assert_false(machine_sent[0].level);
	vioapic_assert(d, 3, false);
	vioapic_assert(d, 3, true);
	assert_int_equal(machine_sent_count, 2);
	/* Masked: the edge is lost. */
	rte(3, 0x0835 | RTE_MASKED);
	vioapic_assert(d, 3, false);
	vioapic_assert(d, 3, true);
	rte(3, 0x0835);
	assert_int_equal(machine_sent_count, 2);
}

/* Without a device behind it: a line that the hypervisor drives. Pin 5 is another domain's. */
static void test_level(void **state)
{
	(void)state;
	assert_int_equal(irq_bind_permit(5, 7), 0);
	rte(5, 0x42 | RTE_LEVEL);
	assert_true(fake_log_has("GSI 5 stays with another domain"));
	vioapic_assert(d, 5, true);
	assert_int_equal(machine_sent_count, 1);
	assert_true(machine_sent[0].level);
	assert_int_equal(get(IO0, 0x1a), 0x42 | RTE_LEVEL | RTE_RIRR);
	/* Not again before the EOI of this vector; then again, while the line is up. */
	vioapic_assert(d, 5, true);
	vioapic_eoi(d, 0x41);
	assert_int_equal(machine_sent_count, 1);
	vioapic_eoi(d, 0x42);
	assert_int_equal(machine_sent_count, 2);
	vioapic_assert(d, 5, false);
	vioapic_eoi(d, 0x42);
	assert_int_equal(machine_sent_count, 2);
	assert_int_equal(get(IO0, 0x1a), 0x42 | RTE_LEVEL);
	/* Masked it waits. */
	rte(5, 0x42 | RTE_LEVEL | RTE_MASKED);
	vioapic_assert(d, 5, true);
	assert_int_equal(machine_sent_count, 2);
	rte(5, 0x42 | RTE_LEVEL);
	assert_int_equal(machine_sent_count, 3);
	/* The EOI register of its IOAPIC only, and the way over edge. */
	guest_mmio_write(d->vcpu[0], IO1 + 0x40, 4, 0x42);
	assert_int_equal(machine_sent_count, 3);
	guest_mmio_write(d->vcpu[0], IO0 + 0x40, 4, 0x42);
	assert_int_equal(machine_sent_count, 4);
	vioapic_assert(d, 5, false);
	rte(5, 0x42 | RTE_MASKED);
	assert_int_equal(get(IO0, 0x1a), 0x42 | RTE_MASKED);
}

/* Two pins may have one vector: one EOI is for both. */
static void test_shared_vector(void **state)
{
	(void)state;
	rte(16, 0x50 | RTE_LEVEL);
	reg(IO1, 0x15, 0);
	reg(IO1, 0x14, 0x50 | RTE_LEVEL);
	machine_line(16, true);
	machine_line(26, true);
	machine_softirq();
	assert_int_equal(machine_sent_count, 2);
	machine_line(16, false);
	machine_line(26, false);
	vioapic_eoi(d, 0x50);
	machine_softirq();
	assert_int_equal(machine_sent_count, 2);
	assert_false(machine_pin[16].masked);
	assert_false(machine_pin[26].masked);
}

static void test_physical_level(void **state)
{
	(void)state;
	assert_true(machine_pin[20].masked);
	rte(20, 0x61 | RTE_LEVEL | RTE_LOW);
	assert_false(machine_pin[20].masked);
	assert_true(machine_pin[20].level && machine_pin[20].low);
	machine_line(20, true);
	/* The handler has only masked it. */
	assert_true(machine_pin[20].masked);
	assert_int_equal(machine_sent_count, 0);
	machine_softirq();
	assert_int_equal(machine_sent_count, 1);
	/* The device is still not served: it comes again after the EOI, once. */
	vioapic_eoi(d, 0x61);
	machine_softirq();
	assert_int_equal(machine_sent_count, 2);
	assert_true(machine_pin[20].masked);
	machine_line(20, false);
	vioapic_eoi(d, 0x61);
	machine_softirq();
	assert_int_equal(machine_sent_count, 2);
	assert_false(machine_pin[20].masked);
	/* Masked by the guest: one interrupt, and the pin rests. */
	rte(20, 0x61 | RTE_LEVEL | RTE_LOW | RTE_MASKED);
	machine_line(20, true);
	machine_softirq();
	assert_true(machine_pin[20].masked);
	assert_int_equal(machine_sent_count, 2);
	rte(20, 0x61 | RTE_LEVEL | RTE_LOW);
	assert_int_equal(machine_sent_count, 3);
	machine_line(20, false);
	vioapic_eoi(d, 0x61);
	assert_false(machine_pin[20].masked);
}

static void test_physical_edge(void **state)
{
	(void)state;
	rte(8, 0x38);
	for (unsigned int i = 1; i <= 3; i++) {
		machine_line(8, true);
		machine_line(8, false);
		machine_softirq();
		assert_int_equal(machine_sent_count, i);
	}
	/* Two before the soft interrupt are one. */
	machine_raise(&machine_pin[8].irq);
	machine_raise(&machine_pin[8].irq);
	machine_softirq();
	assert_int_equal(machine_sent_count, 4);
	assert_false(machine_pin[8].masked);
}

static void test_rebind_other_trigger(void **state)
{
	(void)state;
	rte(9, 0x39 | RTE_MASKED);
	assert_int_equal(machine_pin[9].irq.vector, 0);
	rte(9, 0x39);
	assert_false(machine_pin[9].level);
	rte(9, 0x39 | RTE_LEVEL);
	assert_true(machine_pin[9].level);
	assert_false(machine_pin[9].masked);
	/* The hypercall that says the same changes nothing; another one does. */
	assert_int_equal(irq_bind_gsi(d, 9, true, false), 0);
	assert_int_equal(irq_bind_gsi(d, 9, true, true), 0);
	assert_true(machine_pin[9].low);
	machine_line(9, true);
	machine_softirq();
	assert_int_equal(machine_sent_count, 1);
	/* With the line up and waiting for an EOI: unbound means masked, whatever comes later. */
	irq_bind_release(d);
	assert_true(machine_pin[9].masked);
	vioapic_eoi(d, 0x39);
	assert_true(machine_pin[9].masked);
	assert_int_equal(machine_sent_count, 1);
}

static void test_refusals(void **state)
{
	struct irq_desc *com1 = &machine_pin[4].irq;

	(void)state;
	com1->vector = 0x31;
	rte(4, 0x34);
	assert_true(fake_log_has("GSI 4 stays with the hypervisor"));
	assert_int_equal(irq_bind_gsi(d, 4, false, false), -EBUSY);
	com1->vector = 0;
	assert_int_equal(irq_bind_gsi(d, 40, false, false), -ENODEV);
	assert_int_equal(irq_bind_gsi(d, ~0U, false, false), -ENODEV);
	assert_int_equal(irq_bind_permit(1024, 3), -EINVAL);
	assert_int_equal(irq_bind_permit(10, 3), 0);
	assert_int_equal(irq_bind_gsi(d, 10, false, false), -EPERM);
	rte(11, 0x34);
	assert_int_equal(irq_bind_permit(11, 3), -EBUSY);
	/* No vector on this processor: the next one. None at all: it can be tried again. */
	machine_fail_request = 1;
	machine_fail_error = -ENOSPC;
	assert_int_equal(irq_bind_gsi(d, 12, false, false), 0);
	machine_fail_request = 1;
	machine_fail_error = -EINVAL;
	assert_int_equal(irq_bind_gsi(d, 13, false, false), -EINVAL);
	assert_int_equal(irq_bind_gsi(d, 13, false, false), 0);
}

static void test_storm(void **state)
{
	unsigned int raised = 0;

	(void)state;
	rte(14, 0x3e);
	while (!machine_pin[14].masked && raised < 10000) {
		machine_raise(&machine_pin[14].irq);
		machine_softirq();
		raised++;
	}
	assert_in_range(raised, 200, 300);
	assert_true(fake_log_has("slowed down"));
	/* It rests, then one more so that none is lost, and it is open again. */
	machine_sent_count = 0;
	guest_time_to(fake_now + 1000000);
	machine_softirq();
	assert_false(machine_pin[14].masked);
	assert_int_equal(machine_sent_count, 1);
	/* Slower ones are never touched. */
	for (unsigned int i = 0; i < 10000; i++) {
		guest_time_to(fake_now + 10000);
		machine_raise(&machine_pin[14].irq);
		machine_softirq();
		assert_false(machine_pin[14].masked);
	}
}

/* Released while it rests: the timer must not open it again. */
static void test_release_in_storm(void **state)
{
	(void)state;
	rte(14, 0x3e);
	for (unsigned int i = 0; i < 400 && !machine_pin[14].masked; i++)
		machine_raise(&machine_pin[14].irq);
	machine_softirq();
	irq_bind_release(d);
	guest_time_to(fake_now + 10000000);
	machine_softirq();
	assert_true(machine_pin[14].masked);
}

/*
 * Random lines, entries and EOIs: whatever happened, a device whose level pin is
 * open to the guest gets through as soon as the guest ends what it took.
 */
static void random_step(void)
{
	static const uint32_t gsi[] = {16, 17, 18, 19};
	uint32_t i = gsi[rand() % 4], vector = 0x40 + i;

	switch (rand() % 5) {
	case 0:
		machine_line(i, rand() % 2);
		break;
	case 1:
		rte(i, vector | RTE_LEVEL | (rand() % 3 ? 0 : RTE_MASKED));
		break;
	case 2:
		rte(i, vector | (rand() % 8 ? RTE_LEVEL : 0));
		break;
	case 3:
		vioapic_eoi(d, (uint8_t)vector);
		break;
	default:
		machine_softirq();
		break;
	}
}

static void check_nothing_stuck(uint32_t gsi)
{
	unsigned int before;

	/* The guest resets the pin as Linux does and ends everything. */
	rte(gsi, RTE_MASKED);
	machine_line(gsi, false);
	rte(gsi, (0x40 + gsi) | RTE_LEVEL);
	for (unsigned int n = 0; n < 4; n++) {
		vioapic_eoi(d, (uint8_t)(0x40 + gsi));
		machine_softirq();
	}
	before = machine_sent_count;
	machine_line(gsi, true);
	machine_softirq();
	assert_int_equal(machine_sent_count, before + 1);
	machine_line(gsi, false);
	vioapic_eoi(d, (uint8_t)(0x40 + gsi));
	machine_softirq();
	assert_int_equal(machine_sent_count, before + 1);
}

static void test_random(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 50; seed++) {
		srand(seed);
		for (unsigned int i = 0; i < 500; i++)
			random_step();
		for (uint32_t gsi = 16; gsi < 20; gsi++)
			check_nothing_stuck(gsi);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_registers, prepare, end),
		cmocka_unit_test_setup_teardown(test_creation, prepare, end),
		cmocka_unit_test_setup_teardown(test_edge, prepare, end),
		cmocka_unit_test_setup_teardown(test_level, prepare, end),
		cmocka_unit_test_setup_teardown(test_shared_vector, prepare, end),
		cmocka_unit_test_setup_teardown(test_physical_level, prepare, end),
		cmocka_unit_test_setup_teardown(test_physical_edge, prepare, end),
		cmocka_unit_test_setup_teardown(test_rebind_other_trigger, prepare, end),
		cmocka_unit_test_setup_teardown(test_refusals, prepare, end),
		cmocka_unit_test_setup_teardown(test_storm, prepare, end),
		cmocka_unit_test_setup_teardown(test_release_in_storm, prepare, end),
		cmocka_unit_test_setup_teardown(test_random, prepare, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
