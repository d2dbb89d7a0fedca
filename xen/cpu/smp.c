/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls to other processors. One call is under way at a time; who wants to make
 * another one answers the present one while waiting for its turn, so that two
 * callers never wait for each other.
 *
 * Locks: smp_call_lock (LOCK_RANK_SMP_CALL), only ever tried.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/lapic.h>
#include <hv/lock_check.h>
#include <hv/log.h>
#include <hv/nmi.h>
#include <hv/smp.h>
#include <hv/start_ap.h>
#include <hv/time.h>
#include <hv/vector.h>

#define SMP_ANSWER_NS (30 * NSEC_PER_SEC)
#define SMP_STOP_NS   (10 * NSEC_PER_MSEC)
/* Beyond this many pages one full flush is cheaper. */
#define SMP_FLUSH_PAGES 32

/* Processor 0 is running as long as there is anybody to ask. */
struct cpumask cpu_online = {.word = {1}};

static unsigned int smp_count;
static uint32_t smp_apic_ids[NR_CPUS];
uint16_t smp_cpu_plus_1[SMP_APIC_ID_MAX + 1];

static struct spinlock smp_call_lock = SPINLOCK_INIT("smp call", LOCK_RANK_SMP_CALL);
static struct {
	smp_fn fn;
	void *arg;
	struct cpumask waiting; /* who has not answered */
} smp_call_now;

uint32_t smp_apic_id(unsigned int cpu)
{
	return smp_apic_ids[cpu];
}

unsigned int smp_cpu_of_apic(uint32_t apic_id)
{
	uint32_t n = apic_id <= SMP_APIC_ID_MAX ? smp_cpu_plus_1[apic_id] : 0;

	return n ? n - 1 : SMP_NO_CPU;
}

unsigned int smp_cpu_count(void)
{
	return cpumask_count(&cpu_online);
}

int smp_number(uint32_t apic_id, unsigned int *ret_cpu)
{
	if (apic_id > SMP_APIC_ID_MAX || smp_count >= NR_CPUS)
		return -ENOSPC;
	if (smp_cpu_plus_1[apic_id])
		return -EEXIST;
	smp_apic_ids[smp_count] = apic_id;
	*ret_cpu = smp_count++;
	smp_cpu_plus_1[apic_id] = (uint16_t)smp_count;
	return 0;
}

void smp_call_poll(void)
{
	unsigned int self = smp_cpu();
	uint64_t flags;

	if (!cpumask_test(&smp_call_now.waiting, self))
		return;
	/* With interrupts off: the call's own interrupt would run it a second time. */
	flags = irq_save();
	if (cpumask_test(&smp_call_now.waiting, self)) {
		smp_call_now.fn(smp_call_now.arg);
		cpumask_clear_atomic(&smp_call_now.waiting, self);
	}
	irq_restore(flags);
}

static void smp_call_interrupt(struct cpu_regs *regs)
{
	(void)regs;
	smp_call_poll();
}

static void smp_nothing(struct cpu_regs *regs)
{
	(void)regs; /* the way out of the interrupt leads past the pending soft interrupts */
}

void smp_init(void)
{
	vector_set(VECTOR_CALL, smp_call_interrupt);
	vector_set(VECTOR_SOFTIRQ, smp_nothing);
	cpumask_set_atomic(&cpu_online, smp_cpu());
}

static void smp_send(unsigned int cpu, uint8_t vector)
{
	int err = lapic_send(smp_apic_ids[cpu], vector);

	if (err)
		log_err("smp: vector %#x to cpu %u was not accepted: error %d", vector, cpu, err);
}

static void smp_call_wait(void)
{
	uint64_t start = now_ns();

	while (!cpumask_empty(&smp_call_now.waiting)) {
		if (now_ns() - start > SMP_ANSWER_NS)
			panic("cpu %u does not answer a call", cpumask_next(&smp_call_now.waiting, 0));
		cpu_relax();
	}
}

/* The others of the mask; ends with nobody waiting. */
static void smp_call_others(const struct cpumask *others, smp_fn fn, void *arg)
{
	while (!spin_trylock(&smp_call_lock)) {
		smp_call_poll();
		cpu_relax();
	}
	smp_call_now.fn = fn;
	smp_call_now.arg = arg;
	for_each_cpu (cpu, others)
		cpumask_set_atomic(&smp_call_now.waiting, cpu);
	for_each_cpu (cpu, others)
		smp_send(cpu, VECTOR_CALL);
	smp_call_wait();
	spin_unlock(&smp_call_lock);
}

void smp_call(const struct cpumask *mask, smp_fn fn, void *arg)
{
	unsigned int self = smp_cpu();
	struct cpumask others;
	uint64_t flags;

	lock_check_may_wait("smp_call");
	for (unsigned int i = 0; i < CPUMASK_WORDS; i++)
		others.word[i] = mask->word[i] & READ_ONCE(cpu_online.word[i]);
	cpumask_clear(&others, self);
	if (!cpumask_empty(&others))
		smp_call_others(&others, fn, arg);
	if (!cpumask_test(mask, self))
		return;
	flags = irq_save();
	fn(arg);
	irq_restore(flags);
}

void smp_call_cpu(unsigned int cpu, smp_fn fn, void *arg)
{
	struct cpumask one = {0};

	cpumask_set(&one, cpu);
	smp_call(&one, fn, arg);
}

void smp_call_all(smp_fn fn, void *arg)
{
	struct cpumask all = cpu_online;

	smp_call(&all, fn, arg);
}

/* Toggling CR4.PGE empties the TLB, global entries included. AMD64 APM volume 2 section 5.5.2. */
void tlb_flush_local(void)
{
	uint64_t flags = irq_save();
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 & ~CR4_PGE);
	write_cr4(cr4);
	irq_restore(flags);
}

struct smp_flush {
	uintptr_t va;
	uint64_t pages;
};

static void smp_flush_here(void *arg)
{
	const struct smp_flush *f = arg;

	if (f->pages > SMP_FLUSH_PAGES) {
		tlb_flush_local();
		return;
	}
	for (uint64_t i = 0; i < f->pages; i++)
		invlpg(f->va + i * PAGE_SIZE);
}

void smp_flush_tlb_all(void)
{
	struct smp_flush f = {.pages = ~0UL};

	smp_call_all(smp_flush_here, &f);
}

void smp_flush_tlb_range(uintptr_t va, uint64_t bytes)
{
	struct smp_flush f = {.va = va & PAGE_MASK};

	f.pages = ((va & ~PAGE_MASK) + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	smp_call_all(smp_flush_here, &f);
}

void smp_kick(unsigned int cpu)
{
	if (cpu != smp_cpu() && cpumask_test(&cpu_online, cpu))
		smp_send(cpu, VECTOR_SOFTIRQ);
}

void smp_stop_others(void)
{
	uint64_t start = now_ns();

	nmi_stop_begin();
	for_each_online_cpu (cpu) {
		if (cpu != smp_cpu())
			(void)!lapic_send_nmi(smp_apic_ids[cpu]);
	}
	while (nmi_stopped_count() + 1 < smp_cpu_count() && now_ns() - start < SMP_STOP_NS)
		cpu_relax();
}
