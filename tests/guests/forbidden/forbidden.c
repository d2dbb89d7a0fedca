/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's memory and devices are out of reach, and the virtual interrupt controllers answer. */
#include <stdint.h>
#include "../pvh.h"

const char guest_name[] = "forbidden";

/* xen/start/undercroft.lds: where the image is loaded. */
#define IMAGE_START 0x200000UL
#define IMAGE_END   0x300000UL
#define LAPIC	    0xfee00000UL
#define LAPIC_TPR   (LAPIC + 0x80)
#define LAPIC_VER   (LAPIC + 0x30)
#define IOAPIC	    0xfec00000UL
#define IOAPIC_DATA (IOAPIC + 0x10)

static uint32_t port_read(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void port_write(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static void check_image(void)
{
	for (uint64_t at = IMAGE_START; at < IMAGE_END; at += GUEST_PAGE) {
		guest_equal(guest_mmio_read(at), UINT32_MAX, "the hypervisor's memory is readable");
		guest_mmio_write(at, 0);
		guest_equal(guest_mmio_read(at + 4), UINT32_MAX, "the hypervisor's memory is writable");
	}
	guest_equal((uint64_t)hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, 16, IMAGE_START, 0),
		(uint64_t)-14L, "the hypervisor reads its own memory for the guest");
	guest_equal((uint64_t)hypercall(__HYPERVISOR_xen_version, 1, IMAGE_START, 0, 0), (uint64_t)-14L,
		"the hypervisor writes its own memory for the guest");
}

/* The hypervisor's serial port; the interrupt controllers that dom0 does not have. */
static void check_ports(void)
{
	static const uint16_t forbidden[] = {0x3f8, 0x3fc, 0x20, 0xa0};

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		guest_equal(port_read(forbidden[i]), UINT32_MAX, "a forbidden port is readable");
		port_write(forbidden[i], 0);
		guest_equal(port_read(forbidden[i]), UINT32_MAX, "a forbidden port answers after a write");
	}
}

/* The same register by instructions of different lengths and kinds. */
static void check_lapic(void)
{
	uint32_t value = 0x30;

	guest_check(guest_mmio_read(LAPIC_VER) != UINT32_MAX, "no local APIC");
	guest_mmio_write(LAPIC_TPR, 0x10);
	guest_equal(guest_mmio_read(LAPIC_TPR), 0x10, "MOV to the task priority");
	__asm__ volatile("movl $0x20, (%0)" : : "r"(LAPIC_TPR) : "memory");
	guest_equal(guest_mmio_read(LAPIC_TPR), 0x20, "MOV of an immediate");
	__asm__ volatile("xchgl %0, (%1)" : "+r"(value) : "r"(LAPIC_TPR) : "memory");
	guest_equal(value, 0x20, "XCHG reads");
	guest_equal(guest_mmio_read(LAPIC_TPR), 0x30, "XCHG writes");
	__asm__ volatile("orl $0x40, (%0)" : : "r"(LAPIC_TPR) : "memory", "cc");
	guest_equal(guest_mmio_read(LAPIC_TPR), 0x70, "OR in memory");
	__asm__ volatile("movl 8(%1,%2,8), %0" : "=r"(value) : "r"(LAPIC_TPR - 24), "r"(2UL));
	guest_equal(value, 0x70, "MOV with a scaled index");
	__asm__ volatile("movl $0, (%0)" : : "r"(LAPIC_TPR) : "memory");
}

static void check_ioapic(void)
{
	guest_mmio_write(IOAPIC, 1);
	guest_equal(guest_mmio_read(IOAPIC), 1, "the IOAPIC's index");
	guest_check(guest_mmio_read(IOAPIC_DATA) >> 16 >= 23, "the IOAPIC's version");
	guest_mmio_write(IOAPIC, 0x10);
	guest_check(guest_mmio_read(IOAPIC_DATA) & 1u << 16, "a pin is not masked");
	guest_mmio_write(IOAPIC_DATA, 1u << 16 | 0x44);
	guest_equal(guest_mmio_read(IOAPIC_DATA), 1u << 16 | 0x44, "a redirection entry");
}

void guest_main(uint64_t start_info)
{
	(void)start_info;
	check_image();
	check_ports();
	check_lapic();
	check_ioapic();
}
