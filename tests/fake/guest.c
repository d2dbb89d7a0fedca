/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <hv/cpu_policy.h>
#include <hv/mmio_trap.h>
#include <hv/p2m.h>
#include <hv/sched.h>
#include <hv/slab.h>
#include <hv/tasklet.h>
#include <hv/time.h>
#include <hv/vcpu.h>
#include "asm.h"
#include "guest.h"

#define TIMERS_MAX   256
#define TASKLETS_MAX 256
#define TRAPS_MAX    64

struct guest_record guest;
uint64_t fake_now;
struct domain guest_domain;

static struct vcpu vcpus[VCPU_MAX];
static struct cpu_policy policy;
static struct timer *timers[TIMERS_MAX];
static unsigned int timer_count;
static struct tasklet *tasklets[TASKLETS_MAX];
static unsigned int tasklet_count;
static struct trap_range traps[TRAPS_MAX];

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fake guest: %s\n", what);
	abort();
}

void guest_make(uint32_t vcpu_count)
{
	memset(&guest, 0, sizeof(guest));
	memset(&guest_domain, 0, sizeof(guest_domain));
	memset(vcpus, 0, sizeof(vcpus));
	memset(traps, 0, sizeof(traps));
	timer_count = tasklet_count = 0;
	fake_now = 1000;
	fake.tsc = 0;
	fake.tsc_step = 0;
	guest_domain.vcpu_max = vcpu_count;
	guest_domain.policy = &policy;
	for (uint32_t i = 0; i < vcpu_count; i++) {
		vcpus[i].id = i;
		vcpus[i].domain = &guest_domain;
		vcpus[i].flags = i ? VCPU_DOWN : 0;
		guest_domain.vcpu[i] = &vcpus[i];
	}
}

void guest_end(void)
{
	require(guest.traps == 0, "a trap is still registered");
	require(guest.allocs == 0, "memory was lost");
	require(tasklet_count == 0, "a tasklet is still scheduled");
	require(timer_count == 0, "a timer is still set");
}

static bool fails(unsigned int *counter)
{
	return *counter && --*counter == 0;
}

void *hv_alloc(size_t bytes)
{
	if (fails(&guest.fail_alloc))
		return NULL;
	guest.allocs++;
	return calloc(1, bytes);
}

void *hv_alloc_array(size_t count, size_t bytes)
{
	return hv_alloc(count * bytes);
}

void hv_free(void *p)
{
	if (p)
		guest.allocs--;
	free(p);
}

int mmio_trap_add(struct domain *d, uint64_t gpa, uint64_t bytes, const struct trap_ops *ops, void *ctx)
{
	require(d == &guest_domain, "a trap of another domain");
	if (fails(&guest.fail_trap))
		return -ENOMEM;
	for (unsigned int i = 0; i < TRAPS_MAX; i++) {
		if (traps[i].ops)
			continue;
		traps[i] = (struct trap_range){gpa, gpa + bytes - 1, ops, ctx};
		guest.traps++;
		return 0;
	}
	return -ENOSPC;
}

int mmio_trap_remove(struct domain *d, uint64_t gpa)
{
	(void)d;
	for (unsigned int i = 0; i < TRAPS_MAX; i++) {
		if (!traps[i].ops || traps[i].first != gpa)
			continue;
		traps[i].ops = NULL;
		guest.traps--;
		return 0;
	}
	return -ENOENT;
}

static const struct trap_range *trap_at(uint64_t gpa, unsigned int bytes)
{
	for (unsigned int i = 0; i < TRAPS_MAX; i++)
		if (traps[i].ops && gpa >= traps[i].first && gpa + bytes - 1 <= traps[i].last)
			return &traps[i];
	return NULL;
}

uint64_t guest_mmio_read(struct vcpu *v, uint64_t gpa, unsigned int bytes)
{
	const struct trap_range *r = trap_at(gpa, bytes);
	uint64_t value = r ? r->ops->read(v, r->ctx, gpa, bytes) : ~0UL;

	return bytes < 8 ? value & ((1UL << (bytes * 8)) - 1) : value;
}

void guest_mmio_write(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t value)
{
	const struct trap_range *r = trap_at(gpa, bytes);

	if (r)
		r->ops->write(v, r->ctx, gpa, bytes, value);
}

int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type)
{
	(void)d;
	(void)gfn;
	(void)mfn;
	require(order == ORDER_4K && type == P2M_MMIO_TRAP, "the p2m: only trapping pages");
	if (fails(&guest.fail_p2m))
		return -ENOMEM;
	guest.p2m_sets++;
	return 0;
}

struct cpuid_regs cpu_policy_leaf(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
	(void)p;
	(void)subleaf;
	return leaf == 1 ? (struct cpuid_regs){.ecx = 1u << 21} : (struct cpuid_regs){0};
}

/* --- Vcpus. --- */
void vcpu_kick(struct vcpu *v)
{
	(void)v;
	guest.kicks++;
}

void hvm_inject_nmi(struct vcpu *v)
{
	vcpu_set_work(v, VCPU_WORK_NMI);
	guest.nmis++;
}

bool vcpu_up(struct vcpu *v)
{
	bool was = (v->flags & VCPU_DOWN) != 0;

	v->flags &= ~VCPU_DOWN;
	guest.ups++;
	return was;
}

bool vcpu_down(struct vcpu *v)
{
	bool was = (v->flags & VCPU_DOWN) == 0;

	v->flags |= VCPU_DOWN;
	guest.downs++;
	return was;
}

void sched_sync(struct vcpu *v)
{
	require((v->flags & VCPU_DOWN) != 0, "waiting for a vcpu that may run");
	guest.syncs++;
}

void hvm_vcpu_start_sipi(struct vcpu *v, uint8_t vector)
{
	require((v->flags & VCPU_DOWN) != 0, "a running vcpu's registers are set");
	guest.starts++;
	guest.start_page = vector;
	guest.start_vcpu = v->id;
}

static uint64_t reg_get(const struct vcpu *v, enum hvm_reg reg)
{
	(void)v;
	require(reg == HVM_TSC_OFFSET, "only the TSC's offset is there");
	return 0;
}

static const struct hvm_ops ops = {.name = "fake", .reg_get = reg_get};
const struct hvm_ops *hvm_ops = &ops;

/* --- Time: the timers that are set, in no order. --- */
uint64_t now_ns(void)
{
	fake.tsc = fake_now;
	return fake_now;
}

uint64_t time_tsc_hz(void)
{
	return GUEST_TSC_HZ;
}

void timer_init(struct timer *t, unsigned int cpu, timer_fn fn, void *arg)
{
	*t = (struct timer){.fn = fn, .arg = arg, .cpu = cpu};
}

static void timer_drop(struct timer *t)
{
	for (unsigned int i = 0; i < timer_count; i++)
		if (timers[i] == t)
			timers[i--] = timers[--timer_count];
	t->queued = false;
}

void timer_stop(struct timer *t)
{
	guest.timer_stops++;
	timer_drop(t);
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	timer_drop(t);
	require(timer_count < TIMERS_MAX, "too many timers");
	timers[timer_count++] = t;
	t->queued = true;
	t->node.key = deadline_ns;
}

void timer_move(struct timer *t, unsigned int cpu)
{
	t->cpu = cpu;
}

static struct timer *timer_due(uint64_t until)
{
	struct timer *first = NULL;

	for (unsigned int i = 0; i < timer_count; i++) {
		struct timer *t = timers[i];

		if (t->node.key <= until && (!first || t->node.key < first->node.key))
			first = t;
	}
	return first;
}

void guest_time_to(uint64_t ns)
{
	struct timer *t;

	for (unsigned int n = 0; (t = timer_due(ns)) != NULL; n++) {
		require(n < 1000000, "timers do not come to an end");
		if (t->node.key > fake_now)
			fake_now = t->node.key;
		fake.tsc = fake_now;
		timer_drop(t);
		guest.timer_runs++;
		t->fn(t->arg);
	}
	fake_now = MAX(fake_now, ns);
	fake.tsc = fake_now;
}

/* --- Tasklets. --- */
void tasklet_init(struct tasklet *t, unsigned int cpu, tasklet_fn fn, void *arg)
{
	*t = (struct tasklet){.fn = fn, .arg = arg, .cpu = cpu};
}

void tasklet_schedule(struct tasklet *t)
{
	for (unsigned int i = 0; i < tasklet_count; i++)
		if (tasklets[i] == t)
			return;
	require(tasklet_count < TASKLETS_MAX, "too many tasklets");
	tasklets[tasklet_count++] = t;
}

void tasklet_kill(struct tasklet *t)
{
	for (unsigned int i = 0; i < tasklet_count; i++)
		if (tasklets[i] == t)
			tasklets[i--] = tasklets[--tasklet_count];
}

void guest_tasklets(void)
{
	for (unsigned int n = 0; tasklet_count; n++) {
		struct tasklet *t = tasklets[0];

		require(n < 100000, "tasklets do not come to an end");
		memmove(tasklets, tasklets + 1, --tasklet_count * sizeof(tasklets[0]));
		t->fn(t->arg);
	}
}
