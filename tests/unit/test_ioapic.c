/* SPDX-License-Identifier: GPL-2.0-only */
/* IOAPICs against a model of the index and data registers that keeps every entry write. */
#include "unit.h"
#include <hv/ioapic.h>
#include <hv/lock_check.h>
#include <hv/map.h>
#include "asm.h"
#include "hv_log.h"

#define UNITS	 3
#define RTE_MASK (1U << 16)
#define WRITES	 1024

struct model {
	uint32_t index;
	uint32_t version;
	uint32_t rte[512];
};

static uint32_t window[UNITS][PAGE_SIZE / 4];
static struct model model[UNITS];
static unsigned int unmapped;

static struct {
	uint32_t unit, reg, value;
} written[WRITES];
static unsigned int write_count;

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	assert_int_equal(bytes, PAGE_SIZE);
	assert_int_equal(cache, MAP_UC);
	return base ? window[(base >> 12) - 1] : NULL;
}

void iounmap(volatile void *p)
{
	assert_non_null(p);
	unmapped++;
}

static unsigned int unit_of(const volatile void *addr, uint32_t *ret_offset)
{
	uintptr_t d = (uintptr_t)addr - (uintptr_t)window;

	*ret_offset = (uint32_t)(d % PAGE_SIZE);
	return (unsigned int)(d / PAGE_SIZE);
}

static uint64_t model_read(const volatile void *addr, uint32_t bytes)
{
	uint32_t offset;
	const struct model *m = &model[unit_of(addr, &offset)];

	assert_int_equal(bytes, 4);
	assert_int_equal(offset, 0x10);
	return m->index == 1 ? m->version : m->rte[m->index];
}

static void model_write(volatile void *addr, uint32_t bytes, uint64_t value)
{
	uint32_t offset;
	unsigned int u = unit_of(addr, &offset);

	assert_int_equal(bytes, 4);
	if (offset == 0) {
		model[u].index = (uint32_t)value;
		return;
	}
	model[u].rte[model[u].index] = (uint32_t)value;
	if (write_count < WRITES) {
		written[write_count].unit = u;
		written[write_count].reg = model[u].index;
		written[write_count++].value = (uint32_t)value;
	}
}

static int prepare(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	lock_check_reset();
	fake.on_mmio_read = model_read;
	fake.on_mmio_write = model_write;
	write_count = 0;
	return 0;
}

/* The tests run in order on one machine: two IOAPICs, then refusals. */
static void test_add_masks_everything(void **state)
{
	(void)state;
	model[0].version = 23U << 16;
	model[1].version = 7U << 16;
	memset(model[0].rte, 0, sizeof(model[0].rte));
	assert_int_equal(ioapic_add(1, 0x1000, 0), 0);
	for (uint32_t i = 0; i < 24; i++)
		assert_int_equal(model[0].rte[0x10 + 2 * i], RTE_MASK);
	assert_int_equal(ioapic_add(2, 0x2000, 24), 0);
	assert_non_null(ioapic_irq(0));
	assert_non_null(ioapic_irq(31));
	assert_null(ioapic_irq(32));
	assert_null(ioapic_irq(~0U));
}

static void test_refuses_what_is_no_ioapic(void **state)
{
	(void)state;
	assert_int_equal(ioapic_add(3, 0, 100), -ENOMEM);
	model[2].version = ~0U;
	assert_int_equal(ioapic_add(3, 0x3000, 100), -EINVAL);
	model[2].version = 250U << 16;
	assert_int_equal(ioapic_add(3, 0x3000, 100), -EINVAL);
	model[2].version = 23U << 16;
	assert_int_equal(ioapic_add(3, 0x3000, 1020), -EINVAL);
	assert_int_equal(ioapic_add(3, 0x3000, 0xfffffff8), -EINVAL);
	assert_int_equal(ioapic_add(3, 0x3000, 31), -EINVAL);
	assert_true(fake_log_has("GSI 31 belongs to another"));
	assert_int_equal(unmapped, 5);
	assert_int_equal(write_count, 0); /* refused before anything was changed */
	assert_null(ioapic_irq(40));
}

static void test_route_and_unmask(void **state)
{
	struct irq_desc *irq = ioapic_irq(25);

	(void)state;
	assert_int_equal(irq->chip->route(irq, 9, 0x55), 0);
	assert_int_equal(write_count, 2);
	assert_int_equal(written[0].unit, 1);
	assert_int_equal(written[0].reg, 0x13);
	assert_int_equal(written[0].value, 9U << 24);
	assert_int_equal(written[1].reg, 0x12);
	assert_int_equal(written[1].value, RTE_MASK | 0x55);
	irq->chip->unmask(irq);
	assert_int_equal(model[1].rte[0x12], 0x55);
}

/* A live entry is masked before its halves differ. */
static void test_reroute_masks_first(void **state)
{
	struct irq_desc *irq = ioapic_irq(25);

	(void)state;
	assert_int_equal(irq->chip->route(irq, 3, 0x66), 0);
	assert_int_equal(write_count, 3);
	assert_int_equal(written[0].reg, 0x12);
	assert_int_equal(written[0].value, RTE_MASK | 0x55);
	assert_int_equal(written[1].reg, 0x13);
	assert_int_equal(written[1].value, 3U << 24);
	assert_int_equal(written[2].reg, 0x12);
	assert_int_equal(written[2].value, 0x66);
	irq->chip->mask(irq);
	assert_int_equal(model[1].rte[0x12], RTE_MASK | 0x66);
	assert_int_equal(irq->chip->route(irq, 0x100, 0x66), -EINVAL);
}

static void test_overrides(void **state)
{
	(void)state;
	assert_int_equal(ioapic_isa_to_gsi(9), 9);
	ioapic_set_isa(0, 2, false, false);
	ioapic_set_isa(9, 20, true, true);
	assert_int_equal(ioapic_isa_to_gsi(0), 2);
	assert_int_equal(ioapic_isa_to_gsi(9), 20);
	assert_int_equal(model[0].rte[0x10 + 40], RTE_MASK | (1U << 15) | (1U << 13));
	ioapic_set_isa(4, 500, true, true);
	assert_true(fake_log_has("no such pin"));
	assert_int_equal(ioapic_isa_to_gsi(4), 4);
	ioapic_irq(20)->vector = 0x50;
	assert_int_equal(ioapic_set_trigger(20, false, false), -EBUSY);
	assert_int_equal(ioapic_set_trigger(500, false, false), -ENODEV);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_add_masks_everything, prepare),
		cmocka_unit_test_setup(test_refuses_what_is_no_ioapic, prepare),
		cmocka_unit_test_setup(test_route_and_unmask, prepare),
		cmocka_unit_test_setup(test_reroute_masks_first, prepare),
		cmocka_unit_test_setup(test_overrides, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
