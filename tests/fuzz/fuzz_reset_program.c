/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reset programs as a mistaken table would have them, run on a device that
 * answers what it likes. Eleven bytes make a step; the first byte of the input
 * says how many there are, the second how the device behaves; what is left over
 * is what its registers read, again and again.
 *
 * Whatever comes: it ends, within the time that the check has promised, with
 * every mapping released, and a program that is refused writes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pt/pci.h>
#include <pt/pci_regs.h>
#include <pt/reset_program.h>

#include "pci.h"

#define BAR_BASE   0xe0000000UL
#define BAR_BYTES  0x2000U
#define STEP_BYTES 11
#define MS	   1000000UL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *answers;
static size_t answers_left, answers_at;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static uint64_t answer(void *ctx, uint32_t offset, uint32_t size)
{
	uint64_t value = 0;

	(void)ctx;
	(void)offset;
	for (uint32_t i = 0; i < size && answers_left; i++)
		value |= (uint64_t)answers[answers_at++ % answers_left] << 8 * i;
	return value;
}

static void answer_cfg(void *ctx, struct fake_fn *fn, unsigned int reg, unsigned int size, uint32_t *value)
{
	(void)fn;
	*value = (uint32_t)answer(ctx, reg, size);
}

static const struct fake_mmio_ops mmio_ops = {.read = answer};
static const struct fake_cfg_ops cfg_ops = {.read = answer_cfg};

static struct reset_step step_of(const uint8_t *p)
{
	struct reset_step step = {.op = p[0] % (RESET_OPS + 1), .space = p[1] % (RESET_SPACES + 1)};

	step.size = p[2] & 1 ? 4 : p[2] & 6;
	step.arg = (uint16_t)(p[3] | p[4] << 8);
	step.offset = (uint32_t)(p[5] | p[6] << 8 | (p[2] & 0x80 ? 0xffff0000 : 0));
	step.mask = (uint32_t)p[7] << (p[8] & 31);
	step.value = (uint32_t)p[9] << (p[10] & 31);
	return step;
}

static struct pci_dev *device_new(uint8_t behaviour)
{
	struct fake_fn *fn = fake_pci_endpoint(SBDF(0, 3, 0, 0), 0x8086, 0x10ed);
	struct pci_dev *dev;

	if (behaviour & 1)
		fake_pci_express(fn, 0x70, PCI_PCIE_ENDPOINT);
	if (behaviour & 2)
		fake_pci_cap(fn, 0xfc, PCI_CAP_MSIX);
	fake_cfg_bar(fn, PCI_BAR0, BAR_BASE, BAR_BYTES, PCI_BAR_MEM_32);
	fake_mmio_add(BAR_BASE, BAR_BYTES, behaviour & 4 ? &mmio_ops : NULL, NULL);
	check(pci_probe(fn->sbdf, PCI_SCAN_SIZE_BARS, &dev) == 0);
	fn->ops = behaviour & 8 ? &cfg_ops : NULL;
	fn->dead = behaviour & 16;
	return dev;
}

static void run(const struct reset_program *program, uint8_t behaviour)
{
	struct pci_dev *dev = device_new(behaviour);
	uint32_t ms = 0, soft;
	int bad = reset_program_check(program, &ms), err;

	fake_events_clear();
	err = reset_program_run(program, dev, &soft);
	check(err == 0 || err == -EINVAL || err == -ENODEV || err == -EOPNOTSUPP || err == -ETIMEDOUT);
	check((bad == -EINVAL) == (err == -EINVAL));
	check(!bad || fake_event_count() == 0);
	check(ms <= RESET_PROGRAM_MS_MAX);
	check(env_now_ns() <= (ms + 50UL * (program->steps + 1)) * MS);
	check(soft <= program->steps);
	check(fake_live_maps() == 0);
	pci_dev_free(dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reset_step step[RESET_PROGRAM_STEPS_MAX + 1];
	struct reset_program program = {.name = "fuzz", .step = step, .bar_bytes = BAR_BYTES};
	const uint8_t *p = data + 2;

	if (size < 2)
		return 0;
	size -= 2;
	while (program.steps < data[0] % (RESET_PROGRAM_STEPS_MAX + 2U) && size >= STEP_BYTES) {
		step[program.steps++] = step_of(p);
		p += STEP_BYTES;
		size -= STEP_BYTES;
	}
	answers = p;
	answers_left = size;
	answers_at = 0;
	fake_reset();
	fake_relax_step(50 * MS);
	program.bar_bytes = data[1] & 32 ? 0 : BAR_BYTES;
	program.bar = data[1] >> 6;
	run(&program, data[1]);
	return 0;
}
