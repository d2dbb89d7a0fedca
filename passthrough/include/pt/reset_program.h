/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device-specific resets as data, and the small interpreter that runs them.
 *
 * A program is a list of steps: change a register, wait for one, wait for a
 * time, look and skip ahead. Steps only go forward, so each is done at most
 * once; every wait has a bound, and their sum is at most RESET_PROGRAM_MS_MAX.
 * reset_program_start refuses a program that breaks these rules, so that a
 * mistake in a table cannot do harm either. What the device answers is not
 * trusted: all-ones is never what a program waits for.
 *
 * The interpreter neither saves nor restores configuration space and leaves
 * verifying to its caller: it is one reset method of several. The owner of the
 * device has stopped it, and the IOMMU blocks its DMA, before it is started.
 *
 * Waiting is the caller's: reset_program_step returns -EAGAIN and is called
 * again later, without a lock.
 *
 * Errors: -EINVAL: a bad program; -ENODEV: no such BAR or capability, or the
 * device does not answer; -ENOMEM: registers cannot be mapped; -EOPNOTSUPP: the
 * device (its firmware) does not have what the program needs, nothing but what
 * stands before that step was written; -ETIMEDOUT.
 */
#ifndef PT_RESET_PROGRAM_H
#define PT_RESET_PROGRAM_H

#include <pt/types.h>

struct pci_dev;

#define RESET_PROGRAM_STEPS_MAX 32
#define RESET_PROGRAM_MS_MAX	60000
#define RESET_PROGRAM_BAR_BYTES 0x100000 /* of a BAR, at most, that a program reaches */

enum reset_step_op {
	RESET_WRITE,	 /* register = value */
	RESET_UPDATE,	 /* register = (register without mask) | value */
	RESET_POLL,	 /* until (register & mask) == value, at most arg ms, else -ETIMEDOUT */
	RESET_POLL_SOFT, /* the same, but goes on when the time is up, and counts it */
	RESET_REQUIRE,	 /* (register & mask) == value, else -EOPNOTSUPP */
	RESET_SKIP,	 /* (register & mask) == value: leave out the next arg steps */
	RESET_LIMIT, /* the next poll takes at most (field under mask + 1) * arg ms, if that is less than its own */
	RESET_DELAY, /* arg ms */
	RESET_READY, /* until configuration space answers, at most arg ms, else -ETIMEDOUT */
	RESET_OPS,
};

enum reset_step_space {
	RESET_CFG,    /* offset in configuration space */
	RESET_PCIE,   /* offset in the PCI Express capability */
	RESET_MSIX,   /* offset in the MSI-X capability */
	RESET_BAR,    /* offset in the program's BAR, little-endian */
	RESET_BAR_BE, /* the same, big-endian */
	RESET_SPACES,
};

struct reset_step {
	uint8_t op;	 /* enum reset_step_op */
	uint8_t space;	 /* enum reset_step_space */
	uint8_t size;	 /* bytes: 2 or 4; 4 for a BAR */
	uint16_t arg;	 /* ms, or steps */
	uint32_t offset; /* multiple of size */
	uint32_t mask, value;
};

struct reset_program {
	const char *name;
	const struct reset_step *step;
	uint32_t steps;
	uint32_t bar_bytes; /* of the BAR that it reaches; 0: none */
	uint8_t bar;	    /* 0 to 5 */
	bool flr;	    /* what resets the function is a function-level reset */
};

/* Only the interpreter looks inside; ended and soft_timeouts are for the caller to read. */
struct reset_program_run {
	const struct reset_program *program;
	const struct pci_dev *dev;
	volatile uint8_t *regs;
	uint64_t until_ns; /* end of the wait of the step that is under way */
	uint64_t limit_ns; /* what RESET_LIMIT left for the next wait */
	uint32_t at;
	uint32_t soft_timeouts;
	bool waiting;
	bool ended;
};

/* Whether a program keeps the rules: 0 and the longest time that it can take, or -EINVAL. */
int reset_program_check(const struct reset_program *program, uint32_t *ret_ms) __must_check;

/* Maps registers, writes nothing. dev must have its BARs sized if the program has one, and outlive the run. */
int reset_program_start(struct reset_program_run *run, const struct reset_program *program,
	const struct pci_dev *dev) __must_check;

/* Goes on until a wait is not over: -EAGAIN. Anything else is the end, with everything released. */
int reset_program_step(struct reset_program_run *run) __must_check;

/* Gives up on a run that has not ended. Harmless on one that has. */
void reset_program_cancel(struct reset_program_run *run);

/* From start to end, with env_relax between: for callers that may wait. *ret_soft_timeouts is always written. */
int reset_program_run(const struct reset_program *program, const struct pci_dev *dev,
	uint32_t *ret_soft_timeouts) __must_check;

#endif
