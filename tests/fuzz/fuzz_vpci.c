/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A function with any configuration space, and any accesses of dom0 to it and to its
 * trapped pages. The input is 256 bytes of space, then seven bytes for each access.
 */
#include <stdlib.h>
#include <string.h>
#include <pt/pci_regs.h>
#include <pt/vpci.h>
#include "env.h"
#include "pci.h"
#include "vpci_host.h"

#define STEPS_MAX 300
#define BAR	  0xc0000000UL
#define BAR_BYTES 0x4000

static struct fake_fn *function(const uint8_t space[256])
{
	struct fake_fn *fn = fake_cfg_add(SBDF(0, 0, 1, 0), 4096);

	for (unsigned int i = 0; i < 256; i++) {
		fn->reg[i] = space[i];
		fn->wmask[i] = i < 0x10 || i >= 0x40 ? 0xff : 0;
	}
	fake_cfg_set16(fn, PCI_VENDOR, 0x8086);
	fake_cfg_set8(fn, PCI_HEADER_TYPE, space[PCI_HEADER_TYPE] & 1);
	fake_cfg_bar(fn, PCI_BAR0, BAR, BAR_BYTES, 0);
	fake_mmio_add(BAR, BAR_BYTES, NULL, NULL);
	/* It can have virtual functions, by its own numbers; the registers are the input's to write. */
	fake_pci_ecap_raw(fn, 0x100, PCI_ECAP_SRIOV, 1, 0);
	fake_cfg_set32(fn, 0x114, 0x00010007);
	fake_cfg_set16(fn, 0x110, 3);
	for (unsigned int reg = 0x108; reg < 0x124; reg += 4)
		fake_cfg_wmask32(fn, reg, ~0U);
	fake_cfg_bar(fn, 0x124, BAR, 0x1000, PCI_BAR_MEM_64);
	return fn;
}

/* One of them: the same space without a vendor. */
static void virtual_function(const struct fake_fn *pf)
{
	struct fake_fn *vf = fake_cfg_add(SBDF(0, 0, 1, 7), 4096);

	memcpy(vf->reg, pf->reg, 256);
	memset(vf->wmask + 4, 0xff, 252);
	fake_cfg_set32(vf, PCI_VENDOR, ~0U);
	fake_cfg_set8(vf, PCI_HEADER_TYPE, 0);
}

static void step(struct vpci *v, sbdf_t sbdf, const uint8_t *p)
{
	unsigned int size = 1u << p[0] % 3, reg = ((p[1] << 8 | p[2]) & 0xfff) & ~(size - 1);
	struct vpci_dev *dev = NULL;
	paddr_t at = BAR + (((unsigned int)p[1] << 8 | p[2]) & (BAR_BYTES - 1));
	uint32_t value;

	memcpy(&value, p + 3, sizeof(value));
	switch (p[0] >> 6) {
	case 0:
		vpci_cfg_write(v, sbdf, reg, size, value);
		break;
	case 1:
		(void)vpci_cfg_read(v, sbdf, reg, size);
		break;
	case 2:
		if (host_at(at, &dev) == HOST_TRAP)
			vpci_mem_write(dev, at, 1u << (p[0] & 3), value);
		break;
	default:
		if (host_at(at, &dev) == HOST_TRAP)
			(void)vpci_mem_read(dev, at, 1u << (p[0] & 3));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pci_scan_range range = {0, 0, 0};
	struct pci_registry registry = {.count = 0};
	struct vpci *v = NULL;
	struct fake_fn *fn;

	if (size < 256)
		return 0;
	fake_reset();
	host_reset();
	fn = function(data);
	virtual_function(fn);
	if (pci_scan(&registry, &range, 1, PCI_SCAN_SIZE_BARS) < 0 || vpci_create(NULL, &registry, &v) < 0)
		abort();
	for (size_t n = 0; n < STEPS_MAX && 256 + (n + 1) * 7 <= size; n++)
		step(v, data[256 + n * 7] & 0x20 ? SBDF(0, 0, 1, 7) : fn->sbdf, data + 256 + n * 7);
	vpci_destroy(v);
	pci_registry_clear(&registry);
	if (host_live_irqs() || fake_live_allocs() || fake_live_maps())
		abort();
	return 0;
}
