/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state behind tests/fake/include/hv/asm.h and hv/mmio.h.
 *
 * fake_asm_reset() before each test; set what reads shall answer, run the code
 * under test, then look at fake.op[]: every store in program order.
 */
#ifndef FAKE_ASM_H
#define FAKE_ASM_H

#include <hv/asm.h>

#define FAKE_OPS_MAX	8192
#define FAKE_MSRS_MAX	256
#define FAKE_CPUIDS_MAX 64

enum fake_op_kind {
	FAKE_OUT,    /* addr: port */
	FAKE_WRMSR,  /* addr: MSR */
	FAKE_CR,     /* addr: number */
	FAKE_MMIO,   /* addr: pointer */
	FAKE_INVLPG, /* addr: address */
	FAKE_XCR,
	FAKE_WBINVD,
	FAKE_TRIPLE_FAULT,
};

struct fake_op {
	enum fake_op_kind kind;
	uint64_t addr;
	uint64_t value;
	uint32_t bytes;
};

struct fake_msr {
	uint32_t msr;
	uint64_t value;
};

struct fake_cpuid {
	uint32_t leaf, subleaf;
	struct cpuid_regs regs;
};

struct fake_asm {
	bool irqs_on;
	uint64_t cr[16];
	uint64_t tsc;
	uint64_t tsc_step; /* added at each rdtsc */
	uint64_t relaxes;
	uint64_t halts;
	unsigned int op_count; /* stops at FAKE_OPS_MAX */
	struct fake_op op[FAKE_OPS_MAX];
	unsigned int msr_count;
	struct fake_msr msr[FAKE_MSRS_MAX];
	unsigned int cpuid_count;
	struct fake_cpuid cpuid[FAKE_CPUIDS_MAX];
	uint32_t port[0x10000]; /* what a read answers, unless on_in is set */

	/* Models; each may be NULL. */
	uint32_t (*on_in)(uint16_t port, uint32_t bytes);
	void (*on_out)(uint16_t port, uint32_t bytes, uint32_t value);
	uint64_t (*on_mmio_read)(const volatile void *addr, uint32_t bytes);
	void (*on_mmio_write)(volatile void *addr, uint32_t bytes, uint64_t value);
	uint64_t (*on_rdmsr)(uint32_t msr);
	void (*on_wrmsr)(uint32_t msr, uint64_t value);
	void (*on_relax)(void); /* what "the other processors" do meanwhile */
	void (*on_halt)(void);
};

extern struct fake_asm fake;

void fake_asm_reset(void);
void fake_op_add(enum fake_op_kind kind, uint64_t addr, uint64_t value, uint32_t bytes);
void fake_msr_set(uint32_t msr, uint64_t value);
uint64_t fake_msr_get(uint32_t msr);
void fake_cpuid_set(uint32_t leaf, uint32_t subleaf, struct cpuid_regs regs);

#endif
