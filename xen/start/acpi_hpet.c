/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * High Precision Event Timer, IA-PC HPET 1.0a section 3.2.4.
 */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include "acpi_priv.h"

#define HPET_BLOCK_ID 36
#define HPET_ADDRESS  40
#define HPET_NUMBER   52
#define HPET_MIN_TICK 53
#define HPET_BYTES    56

int acpi_hpet_parse(const void *table, size_t bytes, struct acpi_hpet *ret)
{
	const uint8_t *t = table;
	struct acpi_gas gas;

	memset(ret, 0, sizeof(*ret));
	if (acpi_header_check(t, bytes, "HPET", HPET_BYTES) == 0)
		return -EINVAL;
	gas = acpi_gas_read(t + HPET_ADDRESS);
	if (gas.space != ACPI_SPACE_MEMORY || gas.address == 0 || !IS_ALIGNED(gas.address, 8u)) {
		log_err("acpi: HPET: offset 0x%x: space %u address 0x%lx is impossible: ignored",
			HPET_ADDRESS, gas.space, gas.address);
		return -EINVAL;
	}
	ret->base = gas.address;
	ret->block_id = acpi_read32(t + HPET_BLOCK_ID);
	ret->number = t[HPET_NUMBER];
	ret->min_tick = acpi_read16(t + HPET_MIN_TICK);
	return 0;
}
