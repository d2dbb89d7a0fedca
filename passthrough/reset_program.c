/* SPDX-License-Identifier: GPL-2.0-only */
/* The interpreter of device-specific resets: see pt/reset_program.h. */
#include <errno.h>
#include <pt/pci.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>
#include <pt/reset_program.h>
#include <pt/wait.h>

#define CFG_END	  4096U
#define CFG_RETRY 0x0001U /* PCIe 2.3.2: the vendor id that stands for "configuration request retry" */

#define LIMIT_FIELD_MAX 0xffffUL /* keeps the product of field and unit in 64 bits */

/* --- Rules. --- */

static bool op_polls(uint8_t op)
{
	return op == RESET_POLL || op == RESET_POLL_SOFT;
}

static bool op_waits(uint8_t op)
{
	return op_polls(op) || op == RESET_DELAY || op == RESET_READY;
}

static bool op_has_register(uint8_t op)
{
	return op != RESET_DELAY && op != RESET_READY;
}

/* A poll or condition whose value has bits outside of its mask can never hold. */
static bool step_condition_possible(const struct reset_step *step)
{
	switch (step->op) {
	case RESET_POLL:
	case RESET_POLL_SOFT:
	case RESET_REQUIRE:
	case RESET_SKIP:
		return (step->value & ~step->mask) == 0;
	case RESET_LIMIT:
		return step->mask != 0;
	default:
		return true;
	}
}

static bool step_register_good(const struct reset_program *program, const struct reset_step *step)
{
	bool bar = step->space == RESET_BAR || step->space == RESET_BAR_BE;
	uint32_t end = bar ? program->bar_bytes : CFG_END;

	if (step->space >= RESET_SPACES || (step->size != 4 && (bar || step->size != 2)))
		return false;
	if (step->size == 2 && ((step->mask | step->value) > 0xffff))
		return false;
	return step->offset % step->size == 0 && end >= step->size && step->offset <= end - step->size;
}

static bool step_good(const struct reset_program *program, uint32_t at)
{
	const struct reset_step *step = &program->step[at];

	if (step->op >= RESET_OPS || !step_condition_possible(step))
		return false;
	if (step->op == RESET_SKIP && (!step->arg || step->arg > program->steps - at - 1))
		return false;
	return !op_has_register(step->op) || step_register_good(program, step);
}

int reset_program_check(const struct reset_program *program, uint32_t *ret_ms)
{
	uint32_t ms = 0;

	if (program->steps > RESET_PROGRAM_STEPS_MAX || program->bar >= PCI_BAR_ROM_INDEX ||
		program->bar_bytes > RESET_PROGRAM_BAR_BYTES)
		return -EINVAL;
	for (uint32_t at = 0; at < program->steps; at++) {
		if (!step_good(program, at))
			return -EINVAL;
		if (op_waits(program->step[at].op))
			ms += program->step[at].arg;
	}
	if (ms > RESET_PROGRAM_MS_MAX)
		return -EINVAL;
	*ret_ms = ms;
	return 0;
}

/* --- Registers. --- */

/* Where a step's register is in configuration space; 0: the capability is missing, or too near to the end. */
static unsigned int step_cfg_reg(const struct reset_program_run *run, const struct reset_step *step)
{
	unsigned int base = 0;

	if (step->space == RESET_PCIE)
		base = pci_dev_cap(run->dev, PCI_CAP_PCIE);
	else if (step->space == RESET_MSIX)
		base = pci_dev_cap(run->dev, PCI_CAP_MSIX);
	if ((step->space != RESET_CFG && !base) || base + step->offset > CFG_END - step->size)
		return CFG_END;
	return base + step->offset;
}

static volatile void *step_mmio(const struct reset_program_run *run, const struct reset_step *step)
{
	return run->regs + step->offset;
}

static bool step_in_bar(const struct reset_step *step)
{
	return step->space == RESET_BAR || step->space == RESET_BAR_BE;
}

static uint32_t step_read(const struct reset_program_run *run, const struct reset_step *step)
{
	uint32_t value;

	if (!step_in_bar(step))
		return env_cfg_read(run->dev->sbdf, step_cfg_reg(run, step), step->size);
	value = env_read32(step_mmio(run, step));
	return step->space == RESET_BAR_BE ? __builtin_bswap32(value) : value;
}

static void step_write(const struct reset_program_run *run, const struct reset_step *step, uint32_t value)
{
	if (!step_in_bar(step))
		env_cfg_write(run->dev->sbdf, step_cfg_reg(run, step), step->size, value);
	else
		env_write32(
			step_mmio(run, step), step->space == RESET_BAR_BE ? __builtin_bswap32(value) : value);
}

static uint32_t step_ones(const struct reset_step *step)
{
	return step->size == 2 ? 0xffff : 0xffffffff;
}

/* --- Steps. --- */

/* All-ones is a device that does not answer, whatever the mask. */
static int step_holds(const struct reset_program_run *run, const struct reset_step *step, bool *ret_holds)
{
	uint32_t value = step_read(run, step);

	if (value == step_ones(step))
		return -ENODEV;
	*ret_holds = (value & step->mask) == step->value;
	return 0;
}

static bool device_ready(const struct pci_dev *dev)
{
	uint32_t ids = pci_cfg_read32(dev->sbdf, PCI_VENDOR);

	/* The vendor and device id of a VF read as all-ones (SR-IOV 1.1 section 3.4.1.1): look at its revision. */
	if (ids == 0xffffffff)
		return pci_cfg_read32(dev->sbdf, PCI_REVISION) != 0xffffffff;
	return (ids & 0xffff) != CFG_RETRY;
}

static bool wait_over(const struct reset_program_run *run, const struct reset_step *step)
{
	bool holds = false;

	if (step->op == RESET_DELAY)
		return false;
	if (step->op == RESET_READY)
		return device_ready(run->dev);
	return !step_holds(run, step, &holds) && holds;
}

static int wait_timed_out(struct reset_program_run *run, const struct reset_step *step)
{
	if (step->op == RESET_DELAY)
		return 0;
	if (step->op != RESET_POLL_SOFT)
		return -ETIMEDOUT;
	run->soft_timeouts++;
	return 0;
}

static void wait_begin(struct reset_program_run *run, const struct reset_step *step)
{
	uint64_t ns = WAIT_MS(step->arg);

	if (op_polls(step->op)) {
		ns = MIN(ns, run->limit_ns);
		run->limit_ns = ~0UL;
	}
	run->until_ns = env_now_ns() + ns;
	run->waiting = true;
}

/* The clock is read before the register, so that a late caller does not see a timeout that was not. */
static int step_wait(struct reset_program_run *run, const struct reset_step *step)
{
	uint64_t now;
	int err = 0;

	if (!run->waiting)
		wait_begin(run, step);
	now = env_now_ns();
	if (!wait_over(run, step)) {
		if (now < run->until_ns)
			return -EAGAIN;
		err = wait_timed_out(run, step);
	}
	run->waiting = false;
	return err;
}

static int step_update(const struct reset_program_run *run, const struct reset_step *step)
{
	uint32_t value = step_read(run, step);

	if (value == step_ones(step))
		return -ENODEV;
	step_write(run, step, (value & ~step->mask) | step->value);
	return 0;
}

static int step_branch(struct reset_program_run *run, const struct reset_step *step)
{
	bool holds;
	int err = step_holds(run, step, &holds);

	if (err)
		return err;
	if (step->op == RESET_REQUIRE)
		return holds ? 0 : -EOPNOTSUPP;
	if (holds)
		run->at += step->arg;
	return 0;
}

static void step_limit(struct reset_program_run *run, const struct reset_step *step)
{
	uint64_t field = (step_read(run, step) & step->mask) / (step->mask & -step->mask);

	run->limit_ns = WAIT_MS((MIN(field, LIMIT_FIELD_MAX) + 1) * step->arg);
}

static int step_do(struct reset_program_run *run, const struct reset_step *step)
{
	if (op_has_register(step->op) && !step_in_bar(step) && step_cfg_reg(run, step) == CFG_END)
		return -ENODEV;
	switch (step->op) {
	case RESET_WRITE:
		step_write(run, step, step->value);
		return 0;
	case RESET_UPDATE:
		return step_update(run, step);
	case RESET_REQUIRE:
	case RESET_SKIP:
		return step_branch(run, step);
	case RESET_LIMIT:
		step_limit(run, step);
		return 0;
	default:
		return step_wait(run, step);
	}
}

/* --- Runs. --- */

static int run_map(struct reset_program_run *run)
{
	const struct reset_program *program = run->program;
	const struct pci_bar *bar = &run->dev->bar[program->bar];

	if (!program->bar_bytes)
		return 0;
	if ((bar->kind != PCI_BAR_MEM32 && bar->kind != PCI_BAR_MEM64) || !bar->base ||
		bar->size < program->bar_bytes)
		return -ENODEV;
	run->regs = env_mmio_map(bar->base, program->bar_bytes);
	return run->regs ? 0 : -ENOMEM;
}

int reset_program_start(
	struct reset_program_run *run, const struct reset_program *program, const struct pci_dev *dev)
{
	uint32_t ms;
	int err = reset_program_check(program, &ms);

	*run = (struct reset_program_run){.program = program, .dev = dev, .limit_ns = ~0UL};
	if (!err)
		err = run_map(run);
	run->ended = err != 0;
	return err;
}

void reset_program_cancel(struct reset_program_run *run)
{
	if (run->regs)
		env_mmio_unmap(run->regs, run->program->bar_bytes);
	run->regs = NULL;
	run->ended = true;
}

int reset_program_step(struct reset_program_run *run)
{
	int err = 0;

	if (run->ended)
		return -EINVAL;
	while (!err && run->at < run->program->steps) {
		const struct reset_step *step = &run->program->step[run->at];

		err = step_do(run, step);
		if (!err)
			run->at++;
	}
	if (err != -EAGAIN)
		reset_program_cancel(run);
	return err;
}

int reset_program_run(
	const struct reset_program *program, const struct pci_dev *dev, uint32_t *ret_soft_timeouts)
{
	struct reset_program_run run;
	int err = reset_program_start(&run, program, dev);

	if (!err)
		while ((err = reset_program_step(&run)) == -EAGAIN)
			env_relax();
	*ret_soft_timeouts = run.soft_timeouts;
	return err;
}
