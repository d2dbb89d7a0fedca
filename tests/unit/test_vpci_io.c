/* SPDX-License-Identifier: GPL-2.0-only */
/* Dom0's ports and windows: which function and register an access means, and how it is split. */
#include "unit.h"
#include <hv/acpi.h>
#include <hv/pci.h>
#include <hv/portio.h>
#include <hv/uart.h>
#include <hv/vpci_io.h>
#include <pt/vpci.h>
#include "asm.h"
#include "guest.h"
#include "hv_log.h"

struct acpi_tables acpi;
struct pci_registry pci_machine;

static const struct trap_ops *ports;
static struct {
	sbdf_t sbdf;
	unsigned int reg, size;
	uint32_t value;
} seen[16];
static unsigned int seen_count;
static sbdf_t hidden[4];
static unsigned int hidden_count;
static int port_error;
static bool has_uart;
static struct uart_params uart = {.io_base = 0xd008};

static struct pci_dev nic = {.sbdf = {0x0100}, .class_code = 0x020000};
static struct pci_dev iommu = {.sbdf = {0x0010}, .class_code = 0x080600};
static struct pci_dev serial = {.sbdf = {0x0200},
	.class_code = 0x070002,
	.bar = {{.base = 0xd000, .size = 0x20, .kind = PCI_BAR_PORTS, .reg = 0x10}}};

struct pci_dev *pci_find_from(const struct pci_registry *registry, uint64_t sbdf)
{
	assert_ptr_equal(registry, &pci_machine);
	return sbdf <= 0x10 ? &iommu : sbdf <= 0x100 ? &nic : sbdf <= 0x200 ? &serial : NULL;
}

int vpci_create(struct domain *owner, const struct pci_registry *machine, struct vpci **ret)
{
	assert_ptr_equal(machine, &pci_machine);
	*ret = (struct vpci *)owner;
	return 0;
}

void vpci_destroy(struct vpci *v)
{
	assert_non_null(v);
}

int vpci_hide(struct vpci *v, sbdf_t sbdf)
{
	(void)v;
	hidden[hidden_count++] = sbdf;
	return 0;
}

static void record(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	assert_int_equal(reg % size, 0);
	assert_in_range(size, 1, 4);
	assert_true(reg + size <= 4096);
	seen[seen_count].sbdf = sbdf;
	seen[seen_count].reg = reg;
	seen[seen_count].size = size;
	seen[seen_count++].value = value;
}

/* Each byte reads as the low byte of its number, plus one. */
uint32_t vpci_cfg_read(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	uint32_t value = 0;

	(void)v;
	record(sbdf, reg, size, 0);
	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)((reg + i + 1) & 0xff) << i * 8;
	return value;
}

void vpci_cfg_write(struct vpci *v, sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	(void)v;
	record(sbdf, reg, size, value);
}

int portio_add(struct domain *d, uint16_t first, uint32_t count, const struct trap_ops *ops, void *ctx)
{
	(void)d;
	assert_null(ctx);
	assert_int_equal(first, 0xcf8);
	assert_int_equal(count, 8);
	ports = port_error ? ports : ops;
	return port_error;
}

int portio_remove(struct domain *d, uint16_t first)
{
	(void)d;
	(void)first;
	ports = NULL;
	return 0;
}

bool uart_present(void)
{
	return has_uart;
}

const struct uart_params *uart_params(void)
{
	return &uart;
}

static struct vcpu *v;

static uint64_t in(uint16_t port, unsigned int bytes)
{
	return ports->read(v, NULL, port, bytes);
}

static void out(uint16_t port, unsigned int bytes, uint32_t value)
{
	ports->write(v, NULL, port, bytes, value);
}

static int prepare(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	guest_make(1);
	v = guest_domain.vcpu[0];
	acpi.mcfg.count = 1;
	acpi.mcfg.ecam[0] =
		(struct acpi_ecam){.base = 0xb0000000, .segment = 2, .first_bus = 1, .last_bus = 3};
	seen_count = hidden_count = 0;
	port_error = 0;
	has_uart = false;
	assert_int_equal(vpci_io_create(&guest_domain), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	vpci_io_destroy(&guest_domain);
	assert_null(guest_domain.vpci);
	vpci_io_destroy(&guest_domain);
	guest_end();
	return 0;
}

static void check(unsigned int i, uint32_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	assert_true(i < seen_count);
	assert_int_equal(seen[i].sbdf.v, sbdf);
	assert_int_equal(seen[i].reg, reg);
	assert_int_equal(seen[i].size, size);
	assert_int_equal(seen[i].value, value);
}

static void test_ports(void **state)
{
	(void)state;
	out(0xcf8, 4, 0xff123456);
	assert_int_equal(in(0xcf8, 4), 0x80123454);
	assert_int_equal(in(0xcfc, 4), 0x58575655);
	check(0, 0x1234, 0x54, 4, 0);
	assert_int_equal(in(0xcfe, 2) & 0xffff, 0x5857);
	check(1, 0x1234, 0x56, 2, 0);
	out(0xcff, 1, 0xab);
	check(2, 0x1234, 0x57, 1, 0xab);
	/* Odd, but the hardware takes it. */
	out(0xcfd, 2, 0x1122);
	check(3, 0x1234, 0x55, 1, 0x22);
	check(4, 0x1234, 0x56, 1, 0x11);
	/* Not an access to configuration space. */
	assert_int_equal(in(0xcfe, 4), ~0UL);
	assert_int_equal(in(0xcf8, 2), ~0UL);
	out(0xcf9, 1, 6);
	out(0xcf8, 2, 0);
	assert_int_equal(in(0xcf8, 4), 0x80123454);
	out(0xcf8, 4, 0x00123454);
	assert_int_equal(in(0xcfc, 4), ~0UL);
	out(0xcfc, 4, 1);
	assert_int_equal(seen_count, 5);
}

static void test_windows(void **state)
{
	(void)state;
	/* The base is bus 0's, though the window begins at bus 1. */
	assert_int_equal(guest_mmio_read(v, 0xb0000000, 4), 0xffffffff);
	assert_int_equal(guest_mmio_read(v, 0xb0100ffc, 4), 0x00fffefd);
	check(0, 0x20100, 0xffc, 4, 0);
	guest_mmio_write(v, 0xb03ff102, 2, 0xbeef);
	check(1, 0x203ff, 0x102, 2, 0xbeef);
	guest_mmio_write(v, 0xb0200010, 8, 0x1122334455667788);
	check(2, 0x20200, 0x10, 4, 0x55667788);
	check(3, 0x20200, 0x14, 4, 0x11223344);
	assert_int_equal(guest_mmio_read(v, 0xb0200011, 4), 0x15141312);
	assert_int_equal(seen_count, 8);
	/* Over the end of the function. */
	assert_int_equal(guest_mmio_read(v, 0xb0200ffe, 4), 0xffffffff);
	guest_mmio_write(v, 0xb0200fff, 2, 0);
	assert_int_equal(seen_count, 8);
}

static void test_withheld(void **state)
{
	(void)state;
	assert_int_equal(hidden_count, 1);
	assert_int_equal(hidden[0].v, 0x10);
	assert_true(fake_log_has("withheld: an IOMMU"));
	vpci_io_destroy(&guest_domain);
	has_uart = true;
	hidden_count = 0;
	assert_int_equal(vpci_io_create(&guest_domain), 0);
	assert_int_equal(hidden_count, 2);
	assert_int_equal(hidden[1].v, 0x200);
}

static void test_failures(void **state)
{
	(void)state;
	vpci_io_destroy(&guest_domain);
	guest.fail_trap = 1;
	assert_int_equal(vpci_io_create(&guest_domain), -ENOMEM);
	assert_null(guest_domain.vpci);
	assert_null(ports);
	port_error = -ENOSPC;
	assert_int_equal(vpci_io_create(&guest_domain), -ENOSPC);
	assert_null(guest_domain.vpci);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ports, prepare, end),
		cmocka_unit_test_setup_teardown(test_windows, prepare, end),
		cmocka_unit_test_setup_teardown(test_withheld, prepare, end),
		cmocka_unit_test_setup_teardown(test_failures, prepare, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
