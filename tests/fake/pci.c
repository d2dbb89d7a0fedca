/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <string.h>

#include <pt/pci_regs.h>

#include "env_priv.h"
#include "pci.h"

#define LINE_BYTES 1024

static struct fake_fn *header_new(sbdf_t sbdf, uint16_t vendor, uint16_t device, uint8_t layout)
{
	struct fake_fn *fn = fake_cfg_add(sbdf, PCI_CFG_EXT_BYTES);

	fake_cfg_set16(fn, PCI_VENDOR, vendor);
	fake_cfg_set16(fn, PCI_DEVICE, device);
	fake_cfg_set8(fn, PCI_HEADER_TYPE, layout);
	fake_cfg_wmask16(fn, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	return fn;
}

struct fake_fn *fake_pci_endpoint(sbdf_t sbdf, uint16_t vendor, uint16_t device)
{
	struct fake_fn *fn = header_new(sbdf, vendor, device, PCI_HEADER_NORMAL);

	fake_cfg_set32(fn, PCI_REVISION, 0x02000003); /* Ethernet, revision 3 */
	return fn;
}

struct fake_fn *fake_pci_bridge(sbdf_t sbdf, uint8_t secondary, uint8_t subordinate)
{
	struct fake_fn *fn = header_new(sbdf, 0x8086, 0x3420, PCI_HEADER_BRIDGE);

	fake_cfg_set32(fn, PCI_REVISION, 0x06040000);
	fake_cfg_set8(fn, PCI_PRIMARY_BUS, (uint8_t)sbdf_bus(sbdf));
	fake_cfg_set8(fn, PCI_SECONDARY_BUS, secondary);
	fake_cfg_set8(fn, PCI_SUBORDINATE_BUS, subordinate);
	return fn;
}

void fake_pci_multifunction(struct fake_fn *fn)
{
	fn->reg[PCI_HEADER_TYPE] |= PCI_HEADER_MULTI;
}

void fake_pci_cap_raw(struct fake_fn *fn, uint8_t offset, uint8_t id, uint8_t next)
{
	fn->reg[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	fn->reg[offset] = id;
	fn->reg[offset + 1U] = next;
}

void fake_pci_cap(struct fake_fn *fn, uint8_t offset, uint8_t id)
{
	fake_pci_cap_raw(fn, offset, id, fn->reg[PCI_CAP_POINTER]);
	fn->reg[PCI_CAP_POINTER] = offset;
}

void fake_pci_ecap_raw(struct fake_fn *fn, uint16_t offset, uint16_t id, uint8_t version, uint16_t next)
{
	fake_cfg_set32(fn, offset, id | ((uint32_t)version << 16) | ((uint32_t)next << 20));
}

void fake_pci_express(struct fake_fn *fn, uint8_t offset, uint8_t type)
{
	fake_pci_cap(fn, offset, PCI_CAP_PCIE);
	fake_cfg_set16(fn, offset + PCI_PCIE_CAPS, (uint16_t)(2 | (type << PCI_PCIE_TYPE_SHIFT)));
}

/* --- Recorded functions. --- */

bool fake_pci_parse_slot(const char *line, sbdf_t *ret_sbdf)
{
	unsigned int seg = 0, bus, dev, fn;
	int end = 0;

	if (sscanf(line, "%4x:%2x:%2x.%1x%n", &seg, &bus, &dev, &fn, &end) != 4) {
		seg = 0;
		if (sscanf(line, "%2x:%2x.%1x%n", &bus, &dev, &fn, &end) != 3)
			return false;
	}
	if (!isxdigit((unsigned char)line[0]) || (line[end] != ' ' && line[end] != '\n') || dev > 31 ||
		fn > 7)
		return false;
	*ret_sbdf = SBDF(seg, bus, dev, fn);
	return true;
}

/* "1f0: 00 11 ..." : sixteen bytes. */
static bool parse_hex(const char *line, unsigned int *ret_reg, uint8_t bytes[16])
{
	int end = 0;

	if (!isxdigit((unsigned char)line[0]) || sscanf(line, "%x:%n", ret_reg, &end) != 1 || !end)
		return false;
	line += end;
	for (unsigned int i = 0; i < 16; i++, line += end) {
		unsigned int v;

		if (sscanf(line, " %2x%n", &v, &end) != 1 || end != 3)
			return false;
		bytes[i] = (uint8_t)v;
	}
	return *ret_reg % 16 == 0 && *ret_reg < PCI_CFG_EXT_BYTES;
}

static struct fake_fn *recorded_new(sbdf_t sbdf)
{
	struct fake_fn *fn = fake_cfg_add(sbdf, PCI_CFG_EXT_BYTES);

	memset(fn->reg, 0xff, sizeof(fn->reg));
	return fn;
}

size_t fake_pci_load_dump(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[LINE_BYTES];
	struct fake_fn *fn = NULL;
	size_t count = 0;

	if (!f)
		fake_violation("%s cannot be read", path);
	while (fgets(line, sizeof(line), f)) {
		uint8_t bytes[16];
		unsigned int reg;
		sbdf_t sbdf;

		if (fake_pci_parse_slot(line, &sbdf)) {
			fn = recorded_new(sbdf);
			count++;
		} else if (line[0] == '\n') {
			fn = NULL;
		} else if (fn && parse_hex(line, &reg, bytes)) {
			memcpy(fn->reg + reg, bytes, sizeof(bytes));
		}
	}
	fclose(f);
	return count;
}

struct fake_fn *fake_pci_load_image(sbdf_t sbdf, const char *path)
{
	struct fake_fn *fn = recorded_new(sbdf);
	FILE *f = fopen(path, "rb");

	if (!f || !fread(fn->reg, 1, sizeof(fn->reg), f))
		fake_violation("%s cannot be read", path);
	fclose(f);
	return fn;
}
