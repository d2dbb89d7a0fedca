/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of devices: what is programmed, in which order, and where an interrupt goes. */
#include "unit.h"
#include <hv/irq_bind.h>
#include <hv/pci_access.h>
#include <hv/rcu.h>
#include <hv/smp.h>
#include <pt/vpci.h>
#include "asm.h"
#include "guest.h"
#include "hv_log.h"
#include "machine_irq.h"

#define DEV SBDF(0, 3, 0, 1)
#define CAP 0x50

static struct {
	unsigned int reg, size;
	uint32_t value;
} written[64];
static unsigned int write_count;
static uint32_t slot[4];
static struct rcu_head *later[8];
static unsigned int later_count;
static uint64_t msi_address;
static uint32_t msi_data;
static unsigned int msi_count;

void pci_access_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	assert_true(sbdf_eq(sbdf, DEV));
	written[write_count].reg = reg;
	written[write_count].size = size;
	written[write_count++ % 64].value = value;
}

int vlapic_msi(struct domain *d, uint64_t address, uint32_t data)
{
	assert_ptr_equal(d, &guest_domain);
	msi_address = address;
	msi_data = data;
	msi_count++;
	return 0;
}

void rcu_call(struct rcu_head *head, rcu_fn fn)
{
	head->fn = fn;
	later[later_count++] = head;
}

static void grace_period(void)
{
	machine_softirq();
	while (later_count) {
		struct rcu_head *head = later[--later_count];

		head->fn(head);
	}
}

static int prepare(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	guest_make(1);
	machine_irq_reset();
	guest_irq_init();
	write_count = msi_count = later_count = 0;
	memset(slot, 0, sizeof(slot));
	return 0;
}

static int end(void **state)
{
	(void)state;
	grace_period();
	guest_end();
	return 0;
}

static struct vpci_irq *create(const struct vpci_source *source, bool masked)
{
	struct vpci_irq *irq = NULL;

	assert_int_equal(vpci_irq_create(&guest_domain, source, 0xfee01000, 0x4041, masked, &irq), 0);
	return irq;
}

static struct irq_desc *desc(void)
{
	assert_non_null(machine_requested);
	return machine_requested;
}

static void test_msix(void **state)
{
	struct vpci_source source = {.sbdf = DEV, .slot = (volatile uint8_t *)slot, .maskable = true};
	struct vpci_irq *irq = create(&source, false);

	(void)state;
	/* Masked first, opened last, with the hypervisor's own message. */
	assert_ptr_equal(fake.op[0].addr, &slot[3]);
	assert_int_equal(fake.op[0].value, 1);
	assert_ptr_equal(fake.op[fake.op_count - 1].addr, &slot[3]);
	assert_int_equal(slot[0], 0xfee00000 | MACHINE_APIC_ID << 12);
	assert_int_equal(slot[1], 0);
	assert_int_equal(slot[2], MACHINE_VECTOR);
	assert_int_equal(slot[3], 0);
	machine_raise(desc());
	assert_int_equal(msi_count, 0);
	machine_softirq();
	assert_int_equal(msi_count, 1);
	assert_int_equal(msi_address, 0xfee01000);
	assert_int_equal(msi_data, 0x4041);
	vpci_irq_target(irq, 0xfee02000, 0x42);
	machine_raise(desc());
	machine_softirq();
	assert_int_equal(msi_address, 0xfee02000);
	assert_int_equal(msi_data, 0x42);
	assert_int_equal(slot[2], MACHINE_VECTOR);
	vpci_irq_mask(irq, true);
	assert_int_equal(slot[3], 1);
	vpci_irq_mask(irq, false);
	assert_int_equal(slot[3], 0);
	vpci_irq_destroy(irq);
	assert_int_equal(slot[3], 1);
	assert_int_equal(write_count, 0);
}

/* Slowed down and masked by the guest: it opens when neither wants it closed. */
static void test_two_masks(void **state)
{
	struct vpci_source source = {.sbdf = DEV, .slot = (volatile uint8_t *)slot, .maskable = true};
	struct vpci_irq *irq = create(&source, false);

	(void)state;
	for (unsigned int i = 0; i < 300 && !slot[3]; i++)
		machine_raise(desc());
	machine_softirq();
	assert_int_equal(slot[3], 1);
	vpci_irq_mask(irq, false);
	assert_int_equal(slot[3], 1);
	vpci_irq_mask(irq, true);
	guest_time_to(fake_now + 2000000);
	assert_int_equal(slot[3], 1);
	vpci_irq_mask(irq, false);
	assert_int_equal(slot[3], 0);
	/* Given back while it rests: its timer does nothing to it. */
	for (unsigned int i = 0; i < 300 && !slot[3]; i++)
		machine_raise(desc());
	machine_softirq();
	vpci_irq_destroy(irq);
	assert_int_equal(slot[3], 1);
	guest_time_to(fake_now + 2000000);
	assert_int_equal(slot[3], 1);
}

static void check_written(unsigned int i, unsigned int reg, unsigned int size, uint32_t value)
{
	assert_int_equal(written[i].reg, reg);
	assert_int_equal(written[i].size, size);
	assert_int_equal(written[i].value, value);
}

static void test_msi_layouts(void **state)
{
	struct vpci_source wide = {.sbdf = DEV, .cap = CAP, .wide = true, .maskable = true};
	struct vpci_source narrow = {.sbdf = DEV, .cap = CAP};
	struct vpci_irq *irq = create(&wide, true);

	(void)state;
	assert_int_equal(write_count, 5);
	check_written(0, CAP + 16, 4, 1);
	check_written(1, CAP + 4, 4, 0xfee00000 | MACHINE_APIC_ID << 12);
	check_written(2, CAP + 8, 4, 0);
	check_written(3, CAP + 12, 2, MACHINE_VECTOR);
	/* The guest wants it masked. */
	check_written(4, CAP + 16, 4, 1);
	vpci_irq_destroy(irq);
	grace_period();
	write_count = 0;
	irq = create(&narrow, false);
	assert_int_equal(write_count, 2);
	check_written(0, CAP + 4, 4, 0xfee00000 | MACHINE_APIC_ID << 12);
	check_written(1, CAP + 8, 2, MACHINE_VECTOR);
	vpci_irq_destroy(irq);
	assert_int_equal(write_count, 2);
}

/* What is queued when it is given back is dropped, and the memory outlives the queue. */
static void test_destroyed_in_queue(void **state)
{
	struct vpci_source source = {.sbdf = DEV, .slot = (volatile uint8_t *)slot, .maskable = true};
	struct vpci_irq *irq = create(&source, false);
	uint64_t stops;

	(void)state;
	machine_raise(desc());
	stops = guest.timer_stops;
	vpci_irq_destroy(irq);
	/* The caller holds a lock: no waiting for a timer's function. */
	assert_int_equal(guest.timer_stops, stops);
	machine_softirq();
	assert_int_equal(msi_count, 0);
}

static void test_failures(void **state)
{
	struct vpci_source source = {.sbdf = DEV, .cap = CAP};
	struct vpci_irq *irq;

	(void)state;
	guest.fail_alloc = 1;
	assert_int_equal(vpci_irq_create(&guest_domain, &source, 0, 0, false, &irq), -ENOMEM);
	machine_fail_request = 1;
	machine_fail_error = -EINVAL;
	assert_int_equal(vpci_irq_create(&guest_domain, &source, 0, 0, false, &irq), -EINVAL);
	assert_int_equal(guest.allocs, 0);
	machine_apic_id = 0x100;
	assert_int_equal(vpci_irq_create(&guest_domain, &source, 0, 0, false, &irq), -EINVAL);
	assert_true(fake_log_has("0000:03:00.1: a message cannot reach APIC id 0x100"));
	assert_int_equal(guest.allocs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_msix, prepare, end),
		cmocka_unit_test_setup_teardown(test_two_masks, prepare, end),
		cmocka_unit_test_setup_teardown(test_msi_layouts, prepare, end),
		cmocka_unit_test_setup_teardown(test_destroyed_in_queue, prepare, end),
		cmocka_unit_test_setup_teardown(test_failures, prepare, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
