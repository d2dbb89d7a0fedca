/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the virtual local APIC share. See hv/vlapic.h for who may touch what. */
#ifndef VLAPIC_PRIV_H
#define VLAPIC_PRIV_H

#include <hv/cpu_regs.h>
#include <hv/tasklet.h>
#include <hv/timer.h>
#include <hv/vlapic.h>
#include "vlapic_regs.h"

#define VLAPIC_WORDS (256 / 64)

/* The entries of the local vector table, in register order. */
enum vlapic_lvt {
	LVT_TIMER,
	LVT_THERMAL,
	LVT_PERF,
	LVT_LINT0,
	LVT_LINT1,
	LVT_ERROR,
	LVT_COUNT,
};

enum vlapic_timer_mode {
	TIMER_ONE_SHOT,
	TIMER_PERIODIC,
	TIMER_DEADLINE,
};

#define VCPU_WORDS (VCPU_MAX / 64)

/* A set of a domain's vcpus. */
struct vcpu_set {
	uint64_t word[VCPU_WORDS];
};

/*
 * Who has which bit of an xAPIC's logical destination: a vcpu changes its own bit
 * of the sets only, atomically. So a destination is found without asking all vcpus.
 */
struct vlapic_logical {
	struct vcpu_set flat[8];
	struct vcpu_set cluster[16][4];
};

/* Work for the tasklet that does INIT and STARTUP: bits above the start-up vector. */
#define VLAPIC_WORK_INIT    (1u << 8)
#define VLAPIC_WORK_STARTUP (1u << 9)

struct vlapic {
	struct vcpu *v;
	struct vlapic_logical *logical; /* the domain's; owned by vcpu 0's */
	/* Atomic. */
	uint64_t irr[VLAPIC_WORDS];
	uint64_t tmr[VLAPIC_WORDS]; /* level */
	uint32_t errors;	    /* what the next write of ESR shows */
	uint32_t start_work;
	uint64_t base; /* APIC_BASE */
	uint32_t svr;
	uint32_t lvt[LVT_COUNT];
	bool wait_startup;
	/* The vcpu's own. */
	uint64_t isr[VLAPIC_WORDS];
	uint8_t tpr;
	uint32_t ldr, dfr, esr;
	uint64_t icr; /* in the x2APIC's format: destination 63:32 */
	uint32_t timer_initial, timer_divide;
	uint64_t timer_zero_ns;	 /* when the count reaches zero; 0 while it does not run */
	uint64_t timer_deadline; /* of the guest's TSC; 0 while it is disarmed */
	struct timer timer;
	struct tasklet start;
};

static inline bool vlapic_is_x2(const struct vlapic *a)
{
	return (READ_ONCE(a->base) & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) ==
	       (APIC_BASE_ENABLE | APIC_BASE_X2APIC);
}

static inline bool vlapic_is_on(const struct vlapic *a)
{
	return (READ_ONCE(a->base) & APIC_BASE_ENABLE) != 0;
}

/* Takes fixed interrupts: on, and enabled by software. */
static inline bool vlapic_accepts(const struct vlapic *a)
{
	return vlapic_is_on(a) && (READ_ONCE(a->svr) & APIC_SVR_ENABLE);
}

static inline bool vcpu_set_test(const struct vcpu_set *s, uint32_t id)
{
	return id < VCPU_MAX && ((READ_ONCE(s->word[id / 64]) >> (id % 64)) & 1);
}

static inline void vcpu_set_add(struct vcpu_set *s, uint32_t id)
{
	s->word[id / 64] |= 1UL << (id % 64);
}

/* vlapic.c. A vector for this APIC, from any processor; false when it does not take any. */
bool vlapic_post(struct vlapic *a, uint8_t vector, bool level);
/* An error of the APIC's own (APIC_ESR_*), and its interrupt. */
void vlapic_error(struct vlapic *a, uint32_t bits);
/* An interrupt of its own sources, unless that is masked. */
void vlapic_local(struct vlapic *a, enum vlapic_lvt source);
uint8_t vlapic_ppr(const struct vlapic *a);
void vlapic_eoi(struct vlapic *a);
/* The state after INIT; power_on: also identity and mode. The vcpu is down. */
void vlapic_reset(struct vlapic *a, bool power_on);

/* vlapic_mmio.c */
extern const struct trap_ops vlapic_trap_ops;

/* vlapic_ipi.c */
/* The command register was written. */
void vlapic_command(struct vlapic *a);
/* Keeps the domain's table: the logical id changes from the old values to those in the vlapic. */
void vlapic_logical_update(struct vlapic *a, uint32_t old_ldr, uint32_t old_dfr, bool old_xapic);
void vlapic_start_init(struct vlapic *a);

/* vlapic_timer.c */
void vlapic_timer_init(struct vlapic *a);
void vlapic_timer_stop(struct vlapic *a);
void vlapic_timer_set_initial(struct vlapic *a, uint32_t count);
void vlapic_timer_set_divide(struct vlapic *a, uint32_t divide);
/* The timer's entry of the vector table changes from old. */
void vlapic_timer_mode_changed(struct vlapic *a, uint32_t old);
uint32_t vlapic_timer_current(const struct vlapic *a);
void vlapic_timer_set_deadline(struct vlapic *a, uint64_t tsc);
uint64_t vlapic_timer_get_deadline(const struct vlapic *a);

#endif
