/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: the virtual local APIC's registers, in memory (xAPIC) and as MSRs (x2APIC):
 * one const table by register number. Every EOI and every IPI of a guest is here.
 */
#include <errno.h>
#include <hv/cpu_policy.h>
#include <hv/log.h>
#include <hv/trap.h>
#include "vlapic_priv.h"

#define REG(offset)	((offset) >> 4)
#define REG_OFFSET(reg) ((reg) << 4)
#define REGS		REG(0x400)

/* Where a register exists. */
#define IN_X1 1
#define IN_X2 2

struct vlapic_reg {
	uint8_t read_in, write_in; /* IN_* */
	uint32_t x2_writable;	   /* other bits: #GP */
	uint32_t (*read)(const struct vlapic *a, unsigned int reg);
	void (*write)(struct vlapic *a, unsigned int reg, uint32_t value);
};

static uint32_t read_zero(const struct vlapic *a, unsigned int reg)
{
	(void)a;
	(void)reg;
	return 0;
}

static uint32_t read_id(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return vlapic_is_x2(a) ? vlapic_id(a->v) : vlapic_id(a->v) << APIC_ID_SHIFT;
}

static uint32_t read_version(const struct vlapic *a, unsigned int reg)
{
	(void)a;
	(void)reg;
	return APIC_VERSION_VALUE | ((LVT_COUNT - 1) << APIC_VERSION_LVTS);
}

static uint32_t read_tpr(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return a->tpr;
}

static void write_tpr(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	a->tpr = (uint8_t)value;
}

static uint32_t read_ppr(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return vlapic_ppr(a);
}

static void write_eoi(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	(void)value;
	vlapic_eoi(a);
}

/* In x2APIC mode it follows from the id: SDM section 11.12.10.2. */
static uint32_t read_ldr(const struct vlapic *a, unsigned int reg)
{
	uint32_t id = vlapic_id(a->v);

	(void)reg;
	return vlapic_is_x2(a) ? (id >> 4) << 16 | 1u << (id & 0xf) : a->ldr;
}

static void write_ldr(struct vlapic *a, unsigned int reg, uint32_t value)
{
	uint32_t old = a->ldr;

	(void)reg;
	a->ldr = value & APIC_LDR_MASK;
	vlapic_logical_update(a, old, a->dfr, true);
}

static uint32_t read_dfr(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return a->dfr;
}

static void write_dfr(struct vlapic *a, unsigned int reg, uint32_t value)
{
	uint32_t old = a->dfr;

	(void)reg;
	a->dfr = value | APIC_DFR_ONES;
	vlapic_logical_update(a, a->ldr, old, true);
}

static uint32_t read_svr(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return a->svr;
}

/* Off: all local sources are masked. On: an upcall that was refused meanwhile is looked at again. */
static void write_svr(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	WRITE_ONCE(a->svr, value & (APIC_SVR_VECTOR | APIC_SVR_ENABLE | APIC_SVR_FOCUS_OFF));
	if (value & APIC_SVR_ENABLE) {
		vcpu_set_work(a->v, VCPU_WORK_EVENT);
		return;
	}
	for (unsigned int i = 0; i < LVT_COUNT; i++)
		WRITE_ONCE(a->lvt[i], a->lvt[i] | APIC_LVT_MASKED);
}

static uint32_t vector_word(const uint64_t *words, unsigned int i)
{
	return (uint32_t)(READ_ONCE(words[i / 2]) >> (i % 2 * 32));
}

static uint32_t read_isr(const struct vlapic *a, unsigned int reg)
{
	return vector_word(a->isr, reg - REG(APIC_ISR));
}

static uint32_t read_tmr(const struct vlapic *a, unsigned int reg)
{
	return vector_word(a->tmr, reg - REG(APIC_TMR));
}

static uint32_t read_irr(const struct vlapic *a, unsigned int reg)
{
	return vector_word(a->irr, reg - REG(APIC_IRR));
}

static uint32_t read_esr(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return a->esr;
}

/* A write shows what came since the last one. */
static void write_esr(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	(void)value;
	a->esr = __atomic_exchange_n(&a->errors, 0, __ATOMIC_SEQ_CST);
}

static uint32_t read_icr(const struct vlapic *a, unsigned int reg)
{
	return (uint32_t)(reg == REG(APIC_ICR) ? a->icr : a->icr >> 32);
}

#define ICR_WRITABLE (APIC_ICR_WRITABLE | (APIC_ICR_HAND_MASK << APIC_ICR_HAND_SHIFT))

static void write_icr(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	a->icr = (a->icr & ~0xffffffffUL) | (value & ICR_WRITABLE);
	vlapic_command(a);
}

static void write_icr_high(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	a->icr = (uint32_t)a->icr | (uint64_t)(value & (0xffU << APIC_ICR_DEST_SHIFT)) << 32;
}

static void write_self(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	vlapic_post(a, (uint8_t)value, false);
}

#define LVT_LINT_BITS \
	(APIC_LVT_VECTOR | APIC_LVT_MODE | APIC_LVT_POLARITY | APIC_LVT_TRIGGER | APIC_LVT_MASKED)
#define LVT_PLAIN (APIC_LVT_VECTOR | APIC_LVT_MODE | APIC_LVT_MASKED)

static const uint32_t lvt_writable[LVT_COUNT] = {
	[LVT_TIMER] = APIC_LVT_VECTOR | APIC_LVT_MASKED | APIC_LVT_TIMER_MODE,
	[LVT_THERMAL] = LVT_PLAIN,
	[LVT_PERF] = LVT_PLAIN,
	[LVT_LINT0] = LVT_LINT_BITS,
	[LVT_LINT1] = LVT_LINT_BITS,
	[LVT_ERROR] = APIC_LVT_VECTOR | APIC_LVT_MASKED,
};

static uint32_t read_lvt(const struct vlapic *a, unsigned int reg)
{
	return a->lvt[reg - REG(APIC_LVT_TIMER)];
}

static void write_lvt(struct vlapic *a, unsigned int reg, uint32_t value)
{
	unsigned int i = reg - REG(APIC_LVT_TIMER);
	uint32_t old = a->lvt[i];

	value &= lvt_writable[i];
	if (!(a->svr & APIC_SVR_ENABLE))
		value |= APIC_LVT_MASKED;
	WRITE_ONCE(a->lvt[i], value);
	if (i == LVT_TIMER)
		vlapic_timer_mode_changed(a, old);
}

static uint32_t read_timer_initial(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return a->timer_initial;
}

static void write_timer_initial(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	vlapic_timer_set_initial(a, value);
}

static uint32_t read_timer_current(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return vlapic_timer_current(a);
}

static uint32_t read_timer_divide(const struct vlapic *a, unsigned int reg)
{
	(void)reg;
	return a->timer_divide;
}

static void write_timer_divide(struct vlapic *a, unsigned int reg, uint32_t value)
{
	(void)reg;
	vlapic_timer_set_divide(a, value);
}

#define BOTH (IN_X1 | IN_X2)
/* clang-format off */
static const struct vlapic_reg vlapic_regs[REGS] = {
	[REG(APIC_ID)]      = {BOTH, 0, 0, read_id, NULL},
	[REG(APIC_VERSION)] = {BOTH, 0, 0, read_version, NULL},
	[REG(APIC_TPR)]     = {BOTH, BOTH, 0xff, read_tpr, write_tpr},
	[REG(APIC_APR)]     = {IN_X1, 0, 0, read_zero, NULL},
	[REG(APIC_PPR)]     = {BOTH, 0, 0, read_ppr, NULL},
	[REG(APIC_EOI)]     = {0, BOTH, 0, NULL, write_eoi},
	[REG(APIC_RRD)]     = {IN_X1, 0, 0, read_zero, NULL},
	[REG(APIC_LDR)]     = {BOTH, IN_X1, 0, read_ldr, write_ldr},
	[REG(APIC_DFR)]     = {IN_X1, IN_X1, 0, read_dfr, write_dfr},
	[REG(APIC_SVR)]     = {BOTH, BOTH, 0x3ff, read_svr, write_svr},
	[REG(APIC_ISR) ... REG(APIC_ISR) + 7] = {BOTH, 0, 0, read_isr, NULL},
	[REG(APIC_TMR) ... REG(APIC_TMR) + 7] = {BOTH, 0, 0, read_tmr, NULL},
	[REG(APIC_IRR) ... REG(APIC_IRR) + 7] = {BOTH, 0, 0, read_irr, NULL},
	[REG(APIC_ESR)]     = {BOTH, BOTH, 0, read_esr, write_esr},
	[REG(APIC_ICR)]     = {BOTH, BOTH, ICR_WRITABLE, read_icr, write_icr},
	[REG(APIC_ICR_HIGH)] = {IN_X1, IN_X1, 0, read_icr, write_icr_high},
	[REG(APIC_LVT_TIMER) ... REG(APIC_LVT_ERROR)] = {BOTH, BOTH, 0x7ffff, read_lvt, write_lvt},
	[REG(APIC_TIMER_INITIAL)] = {BOTH, BOTH, ~0U, read_timer_initial, write_timer_initial},
	[REG(APIC_TIMER_CURRENT)] = {BOTH, 0, 0, read_timer_current, NULL},
	[REG(APIC_TIMER_DIVIDE)]  = {BOTH, BOTH, APIC_TIMER_DIVIDE_MASK, read_timer_divide, write_timer_divide},
	[REG(APIC_SELF_IPI)] = {0, IN_X2, 0xff, NULL, write_self},
};
/* clang-format on */

/* A register is the low four bytes of sixteen. Larger or crossing accesses are not defined (SDM section 11.4.1). */
static uint64_t vlapic_mmio_read(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes)
{
	struct vlapic *a = v->vlapic;
	unsigned int offset = address & (PAGE_SIZE - 1), reg = REG(offset), byte = offset & 0xf;

	(void)ctx;
	if (!vlapic_is_on(a) || vlapic_is_x2(a))
		return ~0UL;
	if (byte + bytes > 4)
		return 0;
	if (reg >= REGS || !(vlapic_regs[reg].read_in & IN_X1)) {
		vlapic_error(a, APIC_ESR_REGISTER);
		return 0;
	}
	return vlapic_regs[reg].read(a, reg) >> (byte * 8);
}

static void vlapic_mmio_write(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes, uint64_t value)
{
	struct vlapic *a = v->vlapic;
	unsigned int offset = address & (PAGE_SIZE - 1), reg = REG(offset);

	(void)ctx;
	if (!vlapic_is_on(a) || vlapic_is_x2(a) || bytes != 4 || (offset & 0xf))
		return;
	if (reg < REGS && (vlapic_regs[reg].write_in & IN_X1))
		vlapic_regs[reg].write(a, reg, (uint32_t)value);
	else
		vlapic_error(a, APIC_ESR_REGISTER);
}

const struct trap_ops vlapic_trap_ops = {.read = vlapic_mmio_read, .write = vlapic_mmio_write};

/* The steps that SDM section 11.12.5 allows: off to xAPIC, xAPIC to x2APIC, both to off. */
static bool base_step_valid(uint64_t old, uint64_t next)
{
	if ((next & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) == APIC_BASE_X2APIC)
		return false;
	if ((old & APIC_BASE_X2APIC) && (next & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) == APIC_BASE_ENABLE)
		return false;
	return (old & APIC_BASE_ENABLE) || !(next & APIC_BASE_X2APIC);
}

#define CPUID_X2APIC (1u << 21)

static int base_write(struct vlapic *a, uint64_t value)
{
	struct vcpu *v = a->v;
	bool xapic = vlapic_is_on(a) && !vlapic_is_x2(a);

	if (value & ~(APIC_BASE_BSP | APIC_BASE_X2APIC | APIC_BASE_ENABLE | APIC_BASE_ADDR))
		return -EINVAL;
	if ((value & APIC_BASE_ADDR) != VLAPIC_BASE) {
		log_guest(LOG_WARN, "d%uv%u: vlapic: move to %#lx refused", v->domain->id, v->id,
			value & APIC_BASE_ADDR);
		return -EINVAL;
	}
	if ((value & APIC_BASE_X2APIC) && !(cpu_policy_leaf(v->domain->policy, 1, 0).ecx & CPUID_X2APIC))
		return -EINVAL;
	if (!base_step_valid(a->base, value))
		return -EINVAL;
	WRITE_ONCE(a->base, (a->base & APIC_BASE_BSP) | (value & ~APIC_BASE_BSP));
	if (!vlapic_is_on(a))
		vlapic_reset(a, false);
	vlapic_logical_update(a, a->ldr, a->dfr, xapic);
	return 0;
}

/* The x2APIC register of the MSR; NULL when it does not exist, or not in this direction. */
static const struct vlapic_reg *x2_reg(const struct vlapic *a, uint32_t msr, bool write)
{
	uint32_t reg = msr - MSR_X2APIC_FIRST;

	if (!vlapic_is_x2(a) || reg >= REGS)
		return NULL;
	return (write ? vlapic_regs[reg].write_in : vlapic_regs[reg].read_in) & IN_X2 ? &vlapic_regs[reg]
										      : NULL;
}

int vlapic_msr_read(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	struct vlapic *a = v->vlapic;
	const struct vlapic_reg *r;

	if (msr == MSR_APIC_BASE) {
		*ret_value = a->base;
		return 0;
	}
	if (msr == MSR_TSC_DEADLINE) {
		*ret_value = vlapic_timer_get_deadline(a);
		return 0;
	}
	r = x2_reg(a, msr, false);
	if (!r)
		return -EINVAL;
	*ret_value = msr - MSR_X2APIC_FIRST == REG(APIC_ICR) ? a->icr : r->read(a, msr - MSR_X2APIC_FIRST);
	return 0;
}

/* The one register of 64 bits. */
static int x2_icr_write(struct vlapic *a, const struct vlapic_reg *r, uint64_t value)
{
	if ((uint32_t)value & ~r->x2_writable)
		return -EINVAL;
	a->icr = value;
	vlapic_command(a);
	return 0;
}

int vlapic_msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	struct vlapic *a = v->vlapic;
	const struct vlapic_reg *r;

	if (msr == MSR_APIC_BASE)
		return base_write(a, value);
	if (msr == MSR_TSC_DEADLINE) {
		vlapic_timer_set_deadline(a, value);
		return 0;
	}
	r = x2_reg(a, msr, true);
	if (!r)
		return -EINVAL;
	if (msr - MSR_X2APIC_FIRST == REG(APIC_ICR))
		return x2_icr_write(a, r, value);
	if (value & ~(uint64_t)r->x2_writable)
		return -EINVAL;
	r->write(a, msr - MSR_X2APIC_FIRST, (uint32_t)value);
	return 0;
}
