/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include <hv/reboot.h>

/* Keyboard controller: IBM PC AT technical reference, "8042 commands". */
#define KBC_STATUS	      0x64
#define KBC_STATUS_INPUT_FULL 0x02
#define KBC_COMMAND	      0x64
#define KBC_PULSE_RESET	      0xfe
#define KBC_POLLS	      10000
#define KBC_TRIES	      10

/* Reset control register of the PCI host bridge: Intel ICH9 data sheet section 13.7.5. */
#define RESET_CONTROL	   0xcf9
#define RESET_CONTROL_HARD 0x02
#define RESET_CONTROL_GO   0x06

/* A reset that was accepted takes effect within this many port readings of about 1 us. */
#define RESET_SETTLE_POLLS 50000
#define POST_PORT	   0x80

/* The FADT's reset register; mapped when it is in memory. */
static struct {
	bool valid;
	uint8_t value;
	uint16_t port;
	volatile uint8_t *reg;
} reboot_reg;
static bool reboot_halt_on_panic;

/* ACPI 6.5 section 4.8.3.6: eight bits wide, in I/O, memory or configuration space. */
void reboot_use_fadt(const struct acpi_fadt *fadt)
{
	const struct acpi_gas *gas = &fadt->reset;

	reboot_reg.valid = false;
	reboot_reg.reg = NULL;
	if (gas->address == 0)
		return;
	if (gas->space == ACPI_SPACE_MEMORY) {
		reboot_reg.reg = ioremap(gas->address, 1, MAP_UC);
		reboot_reg.valid = reboot_reg.reg != NULL;
	} else if (gas->space == ACPI_SPACE_IO && gas->address <= UINT16_MAX) {
		reboot_reg.port = (uint16_t)gas->address;
		reboot_reg.valid = true;
	}
	reboot_reg.value = fadt->reset_value;
	if (!reboot_reg.valid)
		log_warn("reboot: FADT: the reset register in space %u at %#lx cannot be reached; not used",
			gas->space, gas->address);
}

void reboot_option_noreboot(bool on)
{
	reboot_halt_on_panic = on;
}

static void reboot_settle(void)
{
	for (unsigned int i = 0; i < RESET_SETTLE_POLLS; i++)
		(void)inb(POST_PORT);
}

static void reboot_by_register(void)
{
	if (!reboot_reg.valid)
		return;
	if (reboot_reg.reg != NULL)
		mmio_write8(reboot_reg.reg, reboot_reg.value);
	else
		outb(reboot_reg.port, reboot_reg.value);
	reboot_settle();
}

static void reboot_by_keyboard(void)
{
	for (unsigned int i = 0; i < KBC_TRIES; i++) {
		for (unsigned int polls = 0; polls < KBC_POLLS; polls++)
			if (!(inb(KBC_STATUS) & KBC_STATUS_INPUT_FULL))
				break;
		outb(KBC_COMMAND, KBC_PULSE_RESET);
		reboot_settle();
	}
}

static void reboot_by_chipset(void)
{
	outb(RESET_CONTROL, RESET_CONTROL_HARD);
	outb(RESET_CONTROL, RESET_CONTROL_GO);
	reboot_settle();
}

void machine_reboot(void)
{
	irq_disable();
	reboot_by_register();
	reboot_by_keyboard();
	reboot_by_chipset();
	triple_fault();
	machine_halt();
}

void machine_halt(void)
{
	irq_disable();
	for (;;)
		halt();
}

void machine_end_of_panic(void)
{
	if (reboot_halt_on_panic)
		machine_halt();
	machine_reboot();
}
