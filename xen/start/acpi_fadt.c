/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed ACPI Description Table, ACPI 6.5 section 5.2.9.
 *
 * The table has grown: ACPI 1.0 ends at 116 bytes. A field that the table's
 * length does not reach reads as zero, whatever its revision says. Where an
 * old and an extended field say the same thing, the extended one counts if it
 * is there and not zero.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

#define FADT_FACS	   36
#define FADT_DSDT	   40
#define FADT_PROFILE	   45
#define FADT_SCI_INT	   46
#define FADT_SMI_CMD	   48
#define FADT_ACPI_ENABLE   52
#define FADT_ACPI_DISABLE  53
#define FADT_PM1A_EVT	   56
#define FADT_PM1B_EVT	   60
#define FADT_PM1A_CNT	   64
#define FADT_PM1B_CNT	   68
#define FADT_PM_TMR	   76
#define FADT_PM1_EVT_LEN   88
#define FADT_PM1_CNT_LEN   89
#define FADT_PM_TMR_LEN	   91
#define FADT_CENTURY	   108
#define FADT_BOOT_ARCH	   109
#define FADT_FLAGS	   112
#define FADT_BYTES_MIN	   116
#define FADT_RESET_REG	   116
#define FADT_RESET_VALUE   128
#define FADT_X_FACS	   132
#define FADT_X_DSDT	   140
#define FADT_X_PM1A_EVT	   148
#define FADT_X_PM1B_EVT	   160
#define FADT_X_PM1A_CNT	   172
#define FADT_X_PM1B_CNT	   184
#define FADT_X_PM_TMR	   208
#define FADT_SLEEP_CONTROL 244
#define FADT_SLEEP_STATUS  256
#define FADT_BYTES_KNOWN   268

#define GAS_BYTES 12

/* Registers with two fields: the port and its length in bytes, and the extended address. */
struct fadt_register {
	uint16_t port, length, extended;
	size_t to; /* offset in struct acpi_fadt */
};

static const struct fadt_register fadt_registers[] = {
	{FADT_PM1A_EVT, FADT_PM1_EVT_LEN, FADT_X_PM1A_EVT, offsetof(struct acpi_fadt, pm1a_event)},
	{FADT_PM1B_EVT, FADT_PM1_EVT_LEN, FADT_X_PM1B_EVT, offsetof(struct acpi_fadt, pm1b_event)},
	{FADT_PM1A_CNT, FADT_PM1_CNT_LEN, FADT_X_PM1A_CNT, offsetof(struct acpi_fadt, pm1a_control)},
	{FADT_PM1B_CNT, FADT_PM1_CNT_LEN, FADT_X_PM1B_CNT, offsetof(struct acpi_fadt, pm1b_control)},
	{FADT_PM_TMR, FADT_PM_TMR_LEN, FADT_X_PM_TMR, offsetof(struct acpi_fadt, pm_timer)},
};

/* A register is in memory or at an I/O port that exists; anything else counts as none. */
static struct acpi_gas register_check(struct acpi_gas gas, uint32_t at)
{
	bool good = gas.space == ACPI_SPACE_MEMORY || (gas.space == ACPI_SPACE_IO && gas.address <= 0xffff);

	if (good || gas.address == 0)
		return gas;
	log_warn("acpi: FADT: offset 0x%x: register in space %u at 0x%lx: ignored", at, gas.space,
		gas.address);
	return (struct acpi_gas){0};
}

static struct acpi_gas register_read(const uint8_t *fadt, const struct fadt_register *r)
{
	struct acpi_gas gas = register_check(acpi_gas_read(fadt + r->extended), r->extended);

	if (gas.address != 0)
		return gas;
	gas.space = ACPI_SPACE_IO;
	gas.bits = (uint8_t)(fadt[r->length] * 8);
	gas.address = acpi_read32(fadt + r->port);
	return register_check(gas, r->port);
}

/* Two addresses of one table. */
static paddr_t address_read(const uint8_t *fadt, uint32_t old, uint32_t extended, const char *name)
{
	paddr_t a32 = acpi_read32(fadt + old);
	paddr_t a64 = acpi_read64(fadt + extended);

	if (a32 != 0 && a64 != 0 && a32 != a64)
		log_warn(
			"acpi: FADT: offset 0x%x: %s at 0x%lx, but offset 0x%x says 0x%lx: the former is used",
			extended, name, a64, old, a32);
	return a64 != 0 ? a64 : a32;
}

static void registers_read(const uint8_t *fadt, struct acpi_fadt *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(fadt_registers); i++) {
		struct acpi_gas gas = register_read(fadt, &fadt_registers[i]);

		memcpy((uint8_t *)ret + fadt_registers[i].to, &gas, sizeof(gas));
	}
	if (ret->flags & ACPI_FADT_RESET_REG_SUP) {
		ret->reset = register_check(acpi_gas_read(fadt + FADT_RESET_REG), FADT_RESET_REG);
		ret->reset_value = fadt[FADT_RESET_VALUE];
	}
	ret->sleep_control = register_check(acpi_gas_read(fadt + FADT_SLEEP_CONTROL), FADT_SLEEP_CONTROL);
	ret->sleep_status = register_check(acpi_gas_read(fadt + FADT_SLEEP_STATUS), FADT_SLEEP_STATUS);
	ret->pm_timer_mask = (ret->flags & ACPI_FADT_TMR_VAL_EXT) ? 0xffffffff : 0xffffff;
}

int acpi_fadt_parse(const void *table, size_t bytes, struct acpi_fadt *ret)
{
	uint8_t f[FADT_BYTES_KNOWN] = {0};
	uint32_t length;

	memset(ret, 0, sizeof(*ret));
	length = acpi_header_check(table, bytes, "FACP", FADT_BYTES_MIN);
	if (length == 0)
		return -EINVAL;
	memcpy(f, table, MIN(length, (uint32_t)sizeof(f)));
	ret->revision = f[ACPI_REVISION];
	ret->profile = f[FADT_PROFILE];
	ret->sci_irq = acpi_read16(f + FADT_SCI_INT);
	ret->smi_cmd = acpi_read32(f + FADT_SMI_CMD);
	ret->acpi_enable = f[FADT_ACPI_ENABLE];
	ret->acpi_disable = f[FADT_ACPI_DISABLE];
	ret->century = f[FADT_CENTURY];
	ret->flags = acpi_read32(f + FADT_FLAGS);
	if (ret->revision >= 2)
		ret->boot_arch = acpi_read16(f + FADT_BOOT_ARCH);
	ret->facs = address_read(f, FADT_FACS, FADT_X_FACS, "FACS");
	ret->dsdt = address_read(f, FADT_DSDT, FADT_X_DSDT, "DSDT");
	registers_read(f, ret);
	return 0;
}
