/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/features.h>
#include <hv/lapic.h>
#include <hv/log.h>
#include <hv/nmi.h>
#include <hv/panic.h>
#include <hv/percpu.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/timer.h>

#define BEAT_NS	   NSEC_PER_SEC
#define BEATS_LOST 5

struct heart {
	struct timer timer;
	uint64_t beats;
	uint64_t seen;	   /* the neighbour's beats when it last moved */
	uint32_t lost;	   /* our beats since then */
	uint64_t nmi_seen; /* our own beats at the last counter NMI */
	uint32_t nmi_lost;
	bool accused; /* a neighbour has sent the NMI */
};

bool watchdog_wanted;

static DEFINE_PER_CPU(struct heart, heart);
static bool nmi_stopping;
static uint32_t nmi_stopped;

void nmi_stop_begin(void)
{
	__atomic_store_n(&nmi_stopping, true, __ATOMIC_SEQ_CST);
}

unsigned int nmi_stopped_count(void)
{
	return __atomic_load_n(&nmi_stopped, __ATOMIC_ACQUIRE);
}

/* The next online processor, in a ring. */
static unsigned int watchdog_neighbour(unsigned int cpu)
{
	unsigned int next = cpumask_next(&cpu_online, cpu + 1);

	return next < NR_CPUS ? next : cpumask_next(&cpu_online, 0);
}

static void watchdog_look_at(struct heart *own, unsigned int cpu)
{
	struct heart *other = &per_cpu(heart, cpu);
	uint64_t beats = READ_ONCE(other->beats);

	/* 0: not started yet */
	if (!beats || beats != own->seen) {
		own->seen = beats;
		own->lost = 0;
		return;
	}
	if (++own->lost != BEATS_LOST)
		return;
	log_err("watchdog: cpu %u has not moved for %u s", cpu, BEATS_LOST);
	WRITE_ONCE(other->accused, true);
	if (lapic_send_nmi(smp_apic_id(cpu)))
		log_err("watchdog: cpu %u cannot be reached by NMI", cpu);
}

static void watchdog_beat(void *arg)
{
	struct heart *h = arg;
	unsigned int next = watchdog_neighbour(smp_cpu());

	WRITE_ONCE(h->beats, h->beats + 1);
	if (next != smp_cpu())
		watchdog_look_at(h, next);
	timer_set(&h->timer, now_ns() + BEAT_NS);
}

/* Intel SDM volume 3B section 20.2 (architectural monitoring); AMD64 APM volume 2 section 13.2.1. */
#define MSR_INTEL_EVTSEL0     0x186
#define MSR_INTEL_PMC0	      0xc1
#define MSR_INTEL_OVF_CTRL    0x390
#define MSR_INTEL_GLOBAL_CTRL 0x38f
#define MSR_AMD_EVTSEL0	      0xc0010000
#define MSR_AMD_PMC0	      0xc0010004
#define EVT_INTEL_CYCLES      0x003c
#define EVT_AMD_CYCLES	      0x0076
#define EVT_USER	      (1UL << 16)
#define EVT_KERNEL	      (1UL << 17)
#define EVT_INTERRUPT	      (1UL << 20)
#define EVT_ENABLE	      (1UL << 22)
#define PMC_PERIOD	      0x7fffffffUL /* PMC0 takes 32 bits, sign-extended */
#define LEAF_PERFMON	      10

struct watchdog_counter {
	uint32_t select, counter;
	uint64_t event;
};

static const struct watchdog_counter watchdog_intel = {MSR_INTEL_EVTSEL0, MSR_INTEL_PMC0, EVT_INTEL_CYCLES};
static const struct watchdog_counter watchdog_amd = {MSR_AMD_EVTSEL0, MSR_AMD_PMC0, EVT_AMD_CYCLES};
static const struct watchdog_counter *watchdog_counter;

/* An emulator or another hypervisor below us often has no counter: its heartbeats are enough. */
static const struct watchdog_counter *watchdog_find_counter(void)
{
	if (feature_has(FEAT_HYPERVISOR))
		return NULL;
	if (cpu_features.vendor == VENDOR_AMD)
		return &watchdog_amd;
	if (cpu_features.vendor == VENDOR_INTEL && cpu_features.max_leaf >= LEAF_PERFMON &&
		(cpuid(LEAF_PERFMON, 0).eax & 0xff) >= 2)
		return &watchdog_intel;
	return NULL;
}

static void watchdog_counter_arm(const struct watchdog_counter *c)
{
	wrmsr(c->counter, -PMC_PERIOD);
	if (c == &watchdog_intel)
		wrmsr(MSR_INTEL_OVF_CTRL, 1);
	lapic_perf_nmi(true);
}

static void watchdog_counter_start(const struct watchdog_counter *c)
{
	watchdog_counter_arm(c);
	wrmsr(c->select, c->event | EVT_USER | EVT_KERNEL | EVT_INTERRUPT | EVT_ENABLE);
	if (c == &watchdog_intel)
		wrmsr(MSR_INTEL_GLOBAL_CTRL, rdmsr(MSR_INTEL_GLOBAL_CTRL) | 1);
}

void watchdog_start(void)
{
	struct heart *h = &this_cpu(heart);

	if (!watchdog_wanted)
		return;
	if (smp_cpu() == 0) {
		watchdog_counter = watchdog_find_counter();
		log_info("watchdog: heartbeats%s", watchdog_counter ? " and performance counter" : "");
	}
	timer_init(&h->timer, smp_cpu(), watchdog_beat, h);
	timer_set(&h->timer, now_ns() + BEAT_NS);
	if (watchdog_counter)
		watchdog_counter_start(watchdog_counter);
}

static __noreturn void nmi_halt(void)
{
	__atomic_add_fetch(&nmi_stopped, 1, __ATOMIC_RELEASE);
	for (;;)
		halt();
}

/* True when the counter raised it. The counter counts cycles that were not halted: idle time does not accuse. */
static bool watchdog_counter_nmi(const struct cpu_regs *regs)
{
	struct heart *h = &this_cpu(heart);
	const struct watchdog_counter *c = watchdog_counter;

	/* It counts up from a negative number: positive means that it has passed zero. */
	if (!c || (rdmsr(c->counter) & (1UL << 47)))
		return false;
	if (h->beats != h->nmi_seen) {
		h->nmi_seen = h->beats;
		h->nmi_lost = 0;
	} else if (++h->nmi_lost > 2 * BEATS_LOST) {
		panic_regs(regs, "watchdog: cpu %u is stuck", smp_cpu());
	}
	watchdog_counter_arm(c);
	return true;
}

bool nmi_handle(const struct cpu_regs *regs)
{
	if (__atomic_load_n(&nmi_stopping, __ATOMIC_ACQUIRE))
		nmi_halt();
	if (READ_ONCE(this_cpu(heart).accused))
		panic_regs(regs, "watchdog: cpu %u is stuck, says its neighbour", smp_cpu());
	return watchdog_counter_nmi(regs);
}
