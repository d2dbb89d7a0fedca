/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Base address registers: what they are, where they point and, by writing
 * all-ones and reading back the bits that stick, how large they are (PCIe
 * 7.5.1.2.1, implementation note "Sizing a 32-bit Base Address Register").
 */
#include <pt/pci.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>

#define DECODE (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)

/* A memory register decides on bit 31 at least, an I/O register on bit 15. */
#define TOP_BIT_MEMORY 31
#define TOP_BIT_IO     15

static const struct bar_layout {
	uint8_t count;
	uint8_t rom; /* its register, 0 for none */
} layouts[] = {
	[PCI_HEADER_NORMAL] = {.count = 6, .rom = PCI_ROM},
	[PCI_HEADER_BRIDGE] = {.count = 2, .rom = PCI_ROM_BRIDGE},
	[PCI_HEADER_CARDBUS] = {.count = 1, .rom = 0},
};

/* One read or sizing of a function's registers. */
struct bar_job {
	sbdf_t sbdf;
	const struct bar_layout *layout;
	struct pci_bar *bars;
	bool size;
	uint32_t problems;
};

/* What one 32-bit register holds and, when sizing, which bits of it can be written. */
struct bar_value {
	uint32_t value;
	uint32_t mask;
};

static struct bar_value register_read(struct bar_job *job, unsigned int reg, uint32_t ones)
{
	struct bar_value v = {.value = pci_cfg_read32(job->sbdf, reg)};

	if (!job->size)
		return v;
	pci_cfg_write32(job->sbdf, reg, ones);
	v.mask = pci_cfg_read32(job->sbdf, reg);
	pci_cfg_write32(job->sbdf, reg, v.value);
	if (pci_cfg_read32(job->sbdf, reg) != v.value)
		job->problems |= PCI_PROBLEM_BAR_RESTORE;
	return v;
}

/*
 * The lowest bit that can be written is the size. The writable bits must be one
 * run that reaches top_bit, or the register could not be placed: 0 then.
 */
static uint64_t mask_to_size(uint64_t mask, unsigned int top_bit)
{
	uint64_t size = mask & -mask, run = size ? mask / size : 0;

	return (run & (run + 1)) == 0 && mask >> top_bit ? size : 0;
}

static void bar_set_size(struct bar_job *job, struct pci_bar *bar, uint64_t mask, unsigned int top_bit)
{
	if (!job->size)
		return;
	bar->size = mask_to_size(mask, top_bit);
	if (!bar->size)
		job->problems |= PCI_PROBLEM_BAR_MASK;
}

static void bar_io(struct bar_job *job, struct pci_bar *bar, struct bar_value v)
{
	bar->kind = PCI_BAR_PORTS;
	bar->base = v.value & PCI_BAR_IO_MASK;
	bar_set_size(job, bar, v.mask & PCI_BAR_IO_MASK, TOP_BIT_IO);
}

static void bar_mem32(struct bar_job *job, struct pci_bar *bar, struct bar_value v)
{
	bar->kind = PCI_BAR_MEM32;
	bar->base = v.value & PCI_BAR_MEM_MASK;
	bar_set_size(job, bar, v.mask & PCI_BAR_MEM_MASK, TOP_BIT_MEMORY);
}

static void bar_mem64(struct bar_job *job, struct pci_bar *bar, struct bar_value low)
{
	struct bar_value high = register_read(job, bar->reg + 4U, 0xffffffff);

	bar->kind = PCI_BAR_MEM64;
	bar->base = ((uint64_t)high.value << 32) | (low.value & PCI_BAR_MEM_MASK);
	bar_set_size(job, bar, ((uint64_t)high.mask << 32) | (low.mask & PCI_BAR_MEM_MASK), TOP_BIT_MEMORY);
}

/* How many registers the one at this index takes. */
static unsigned int bar_decode(struct bar_job *job, unsigned int index)
{
	struct pci_bar *bar = &job->bars[index];
	struct bar_value v = register_read(job, bar->reg, 0xffffffff);
	uint32_t bits = job->size ? v.mask : v.value; /* the type bits are read-only */

	if (bits == 0)
		return 1;
	if (bits == 0xffffffff) { /* the function is gone: no register has all type bits set */
		job->problems |= PCI_PROBLEM_BAR_MASK;
		return 1;
	}
	if (bits & PCI_BAR_IO) {
		bar_io(job, bar, v);
		return 1;
	}
	bar->prefetch = (bits & PCI_BAR_MEM_PREFETCH) != 0;
	switch (bits & PCI_BAR_MEM_TYPE) {
	case PCI_BAR_MEM_32:
	case PCI_BAR_MEM_1M:
		bar_mem32(job, bar, v);
		return 1;
	case PCI_BAR_MEM_64:
		if (index + 1 < job->layout->count) {
			bar_mem64(job, bar, v);
			return 2;
		}
	}
	job->problems |= PCI_PROBLEM_BAR_TYPE;
	return 1;
}

static void rom_decode(struct bar_job *job)
{
	struct pci_bar *bar = &job->bars[PCI_BAR_ROM_INDEX];
	struct bar_value v;

	bar->reg = job->layout->rom;
	if (!bar->reg)
		return;
	v = register_read(job, bar->reg, PCI_ROM_MASK);
	if (v.value == 0xffffffff || !((job->size ? v.mask : v.value) & PCI_ROM_MASK))
		return;
	bar->kind = PCI_BAR_ROM;
	bar->base = v.value & PCI_ROM_MASK;
	bar->enabled = (v.value & PCI_ROM_ENABLE) != 0;
	bar_set_size(job, bar, v.mask & PCI_ROM_MASK, TOP_BIT_MEMORY);
}

static uint32_t bars_run(sbdf_t sbdf, uint8_t layout, struct pci_bar *bars, bool size)
{
	struct bar_job job = {.sbdf = sbdf, .bars = bars, .size = size};

	for (unsigned int i = 0; i < PCI_BARS; i++)
		bars[i] = (struct pci_bar){.kind = PCI_BAR_NONE, .reg = (uint8_t)(PCI_BAR0 + 4 * i)};
	if (layout >= ARRAY_SIZE(layouts))
		return 0;
	job.layout = &layouts[layout];
	for (unsigned int i = 0; i < job.layout->count;)
		i += bar_decode(&job, i);
	rom_decode(&job);
	return job.problems;
}

uint32_t pci_bars_read(sbdf_t sbdf, uint8_t layout, struct pci_bar *bars)
{
	return bars_run(sbdf, layout, bars, false);
}

uint32_t pci_bars_size(sbdf_t sbdf, uint8_t layout, struct pci_bar *bars)
{
	uint16_t command = pci_cfg_read16(sbdf, PCI_COMMAND);
	bool decoding = (command & DECODE) != 0, off = true;
	uint32_t problems;

	/* A half-written register must never decode: it could cover RAM or another device. */
	if (decoding) {
		pci_cfg_write16(sbdf, PCI_COMMAND, (uint16_t)(command & ~DECODE));
		off = !(pci_cfg_read16(sbdf, PCI_COMMAND) & DECODE);
	}
	problems = bars_run(sbdf, layout, bars, off);
	if (decoding)
		pci_cfg_write16(sbdf, PCI_COMMAND, command);
	return off ? problems : problems | PCI_PROBLEM_BAR_DECODE;
}
