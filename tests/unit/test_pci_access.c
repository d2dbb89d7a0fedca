/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's configuration space: ports, windows, and windows that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/acpi.h>
#include <hv/map.h>
#include <hv/pci_access.h>
#include <pt/pci.h>

#include "asm.h"
#include "hv_log.h"

#define ECAM_BASE 0xb0000000UL
#define BUSES	  2

/* The memory behind the windows, by segment 0 and 1; NULL until mapped. */
static uint8_t window[2][BUSES << 20];
static bool refuse_map;
static unsigned int mapped;
static struct acpi_mcfg mcfg;

/* What the ports reach: 256 bytes of each function of bus 0 and 1. */
static uint8_t compatible[BUSES][256][256];
static uint32_t selected;

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	assert_int_equal(cache, MAP_UC);
	assert_true(bytes <= sizeof(window[0]));
	if (refuse_map)
		return NULL;
	mapped++;
	return window[(base - ECAM_BASE) / 0x10000000];
}

void iounmap(volatile void *p)
{
	assert_non_null((void *)(uintptr_t)p);
	mapped--;
}

static uint8_t *port_bytes(uint16_t port)
{
	assert_true(selected & 0x80000000);
	assert_true(((selected >> 16) & 0xff) < BUSES);
	return &compatible[(selected >> 16) & 1][(selected >> 8) & 0xff][(selected & 0xfc) + (port & 3U)];
}

static uint32_t port_in(uint16_t port, uint32_t bytes)
{
	uint32_t v = 0;

	assert_false(fake.irqs_on);
	memcpy(&v, port_bytes(port), bytes);
	return v;
}

static void port_out(uint16_t port, uint32_t bytes, uint32_t value)
{
	assert_false(fake.irqs_on);
	if (port == 0xcf8)
		selected = value;
	else
		memcpy(port_bytes(port), &value, bytes);
}

static void ids_set(unsigned int bus, unsigned int devfn, uint32_t ids)
{
	memcpy(compatible[bus][devfn], &ids, 4);
	memcpy(&window[0][(bus << 20) + (devfn << 12)], &ids, 4);
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	fake.irqs_on = true;
	fake.on_in = port_in;
	fake.on_out = port_out;
	memset(window, 0xff, sizeof(window));
	memset(compatible, 0xff, sizeof(compatible));
	memset(&mcfg, 0, sizeof(mcfg));
	refuse_map = false;
	mapped = 0;
	ids_set(0, 0x00, 0x29c08086);
	ids_set(0, 0xf8, 0x29188086);
	return 0;
}

static void ecam_add(uint16_t segment, uint8_t first, uint8_t last)
{
	mcfg.ecam[mcfg.count++] = (struct acpi_ecam){
		.base = ECAM_BASE + segment * 0x10000000UL,
		.segment = segment,
		.first_bus = first,
		.last_bus = last,
	};
}

static void test_ports(void **state)
{
	(void)state;
	pci_access_init(&mcfg);
	compatible[1][0x1b][0x3d] = 0x02;
	assert_int_equal(pci_access_read(SBDF(0, 0, 0x1f, 0), 0, 4), 0x29188086);
	assert_int_equal(pci_access_read(SBDF(0, 0, 0x1f, 0), 2, 2), 0x2918);
	assert_int_equal(pci_access_read(SBDF(0, 1, 3, 3), 0x3d, 1), 0x02);
	pci_access_write(SBDF(0, 1, 3, 3), 0x3e, 1, 0x77);
	pci_access_write(SBDF(0, 1, 3, 3), 0x06, 2, 0xf900);
	pci_access_write(SBDF(0, 1, 3, 3), 0x10, 4, 0xfe000004);
	assert_int_equal(compatible[1][0x1b][0x3e], 0x77);
	assert_int_equal(compatible[1][0x1b][0x3f], 0xff);
	assert_int_equal(compatible[1][0x1b][0x07], 0xf9);
	assert_int_equal(compatible[1][0x1b][0x04], 0xff);
	assert_int_equal(compatible[1][0x1b][0x13], 0xfe);
	assert_true(fake.irqs_on);
}

static void test_beyond_the_ports_without_windows(void **state)
{
	(void)state;
	pci_access_init(&mcfg);
	fake.op_count = 0;
	assert_int_equal(pci_access_read(SBDF(0, 0, 0, 0), 0x100, 4), 0xffffffff);
	assert_int_equal(pci_access_read(SBDF(0, 0, 0, 0), 0xffe, 2), 0xffff);
	assert_int_equal(pci_access_read(SBDF(1, 0, 0, 0), 0, 1), 0xff);
	pci_access_write(SBDF(1, 0, 0, 0), 4, 2, 7);
	assert_int_equal(fake.op_count, 0);
}

static void test_window_of_segment_0(void **state)
{
	uint8_t *at = &window[0][(1 << 20) | (0x1b << 12) | 0x104];

	(void)state;
	ecam_add(0, 0, 1);
	pci_access_init(&mcfg);
	memcpy(at, "\x11\x22\x33\x44", 4);
	assert_int_equal(pci_access_read(SBDF(0, 1, 3, 3), 0x104, 4), 0x44332211);
	assert_int_equal(pci_access_read(SBDF(0, 1, 3, 3), 0x106, 2), 0x4433);
	assert_int_equal(pci_access_read(SBDF(0, 1, 3, 3), 0x105, 1), 0x22);
	pci_access_write(SBDF(0, 1, 3, 3), 0x105, 1, 0xaa);
	pci_access_write(SBDF(0, 1, 3, 3), 0x106, 2, 0xccbb);
	assert_memory_equal(at, "\x11\xaa\xbb\xcc", 4);
	pci_access_write(SBDF(0, 1, 3, 3), 0x104, 4, 0x01020304);
	assert_memory_equal(at, "\x04\x03\x02\x01", 4);
	/* The first 256 bytes still go through the ports. */
	window[0][0] = 0x12;
	assert_int_equal(pci_access_read(SBDF(0, 0, 0, 0), 0, 1), 0x86);
}

static void test_bus_outside_of_the_window(void **state)
{
	(void)state;
	ecam_add(0, 0, 0);
	pci_access_init(&mcfg);
	assert_int_equal(pci_access_read(SBDF(0, 1, 0, 0), 0x100, 4), 0xffffffff);
}

static void test_window_that_begins_later(void **state)
{
	(void)state;
	ecam_add(1, 0x40, 0x41);
	mcfg.ecam[0].base -= 0x40UL << 20; /* base is that of bus 0 */
	pci_access_init(&mcfg);
	window[1][(1 << 20) | (2 << 15) | 0x10] = 0x55;
	assert_int_equal(pci_access_read(SBDF(1, 0x41, 2, 0), 0x10, 1), 0x55);
	assert_int_equal(pci_access_read(SBDF(1, 0x3f, 2, 0), 0x10, 1), 0xff);
	assert_int_equal(pci_access_read(SBDF(1, 0x42, 2, 0), 0x10, 1), 0xff);
}

/* Firmware names some other memory: it must not be written to as if it were devices. */
static void test_window_that_is_something_else(void **state)
{
	(void)state;
	ecam_add(0, 0, 1);
	window[0][0xf8 << 12] = 0;
	pci_access_init(&mcfg);
	assert_int_equal(mapped, 0);
	assert_true(fake_log_has("is not configuration space"));
	assert_int_equal(pci_access_read(SBDF(0, 0, 0, 0), 0x100, 4), 0xffffffff);
	assert_int_equal(pci_access_read(SBDF(0, 0, 0, 0), 0, 4), 0x29c08086);
}

static void test_window_that_cannot_be_mapped(void **state)
{
	struct pci_scan_range ranges[PCI_ACCESS_RANGES_MAX];

	(void)state;
	ecam_add(1, 0, 1);
	refuse_map = true;
	pci_access_init(&mcfg);
	assert_true(fake_log_has("cannot be mapped"));
	assert_int_equal(pci_access_ranges(ranges), 1);
}

static void test_ranges(void **state)
{
	struct pci_scan_range ranges[PCI_ACCESS_RANGES_MAX];

	(void)state;
	ecam_add(0, 0, 1);
	ecam_add(1, 0, 1);
	pci_access_init(&mcfg);
	assert_int_equal(pci_access_ranges(ranges), 2);
	assert_int_equal(ranges[0].segment, 0);
	assert_int_equal(ranges[0].end_bus, 255); /* the ports reach them all */
	assert_int_equal(ranges[1].segment, 1);
	assert_int_equal(ranges[1].end_bus, 1);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_ports),
		CASE(test_beyond_the_ports_without_windows),
		CASE(test_window_of_segment_0),
		CASE(test_bus_outside_of_the_window),
		CASE(test_window_that_begins_later),
		CASE(test_window_that_is_something_else),
		CASE(test_window_that_cannot_be_mapped),
		CASE(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
