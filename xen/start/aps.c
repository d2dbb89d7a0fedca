/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * INIT, SIPI, SIPI to all processors at once, then each is looked at in turn:
 * its TSC is compared, and it goes online. All waits are bounded; one that does
 * not come is said and left out. Intel SDM volume 3A section 9.4.4.
 */
#include <errno.h>
#include <string.h>
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/boot_alloc.h>
#include <hv/cpu_area.h>
#include <hv/features.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/e820.h>
#include <hv/init.h>
#include <hv/lapic.h>
#include <hv/log.h>
#include <hv/nmi.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/smp.h>
#include <hv/start_ap.h>
#include <hv/tasklet.h>
#include <hv/time.h>
#include <hv/timer.h>

#define AP_INIT_NS   (10 * NSEC_PER_MSEC)
#define AP_SIPI_NS   (200 * NSEC_PER_USEC)
#define AP_ARRIVE_NS (1 * NSEC_PER_SEC)
#define AP_STEP_NS   (5 * NSEC_PER_SEC)
#define AP_TABLES    4

#define PTE_PRESENT 1UL
#define PTE_WRITE   2UL
#define PTE_ADDRESS 0xffffffffff000UL
#define L4_KERNEL   256 /* the upper half's first slot */

uint32_t ap_state[NR_CPUS];
uintptr_t ap_stack[NR_CPUS];
uint64_t ap_cr3;
uint32_t smp_maxcpus = NR_CPUS;

static uint32_t ap_state_get(unsigned int cpu)
{
	return __atomic_load_n(&ap_state[cpu], __ATOMIC_ACQUIRE);
}

static void ap_state_set(unsigned int cpu, uint32_t state)
{
	__atomic_store_n(&ap_state[cpu], state, __ATOMIC_RELEASE);
}

/* --- On the boot processor. --- */

static void *ap_va(paddr_t p)
{
	return mfn_to_va(paddr_to_mfn(p));
}

/* Below 4 GiB, because real mode's way up loads CR3 with 32 bits. */
static int ap_tables_alloc(paddr_t ret_table[AP_TABLES])
{
	for (unsigned int i = 0; i < AP_TABLES; i++) {
		mfn_t mfn;
		int err = heap_alloc(ORDER_4K, HEAP_ANY_NODE, HEAP_BELOW_4G, &mfn);

		if (err) {
			while (i--)
				heap_free(paddr_to_mfn(ret_table[i]), ORDER_4K);
			return err;
		}
		ret_table[i] = mfn_to_paddr(mfn);
	}
	return 0;
}

/* The hypervisor's upper half, and the trampoline's page alone, not writable, where it is. */
static void ap_tables_fill(const paddr_t table[AP_TABLES], paddr_t page)
{
	uint64_t *l4 = ap_va(table[0]);
	const uint64_t *own = ap_va(ap_cr3 & PTE_ADDRESS);

	for (unsigned int i = L4_KERNEL; i < 512; i++)
		l4[i] = own[i];
	l4[0] = table[1] | PTE_PRESENT | PTE_WRITE;
	((uint64_t *)ap_va(table[1]))[0] = table[2] | PTE_PRESENT | PTE_WRITE;
	((uint64_t *)ap_va(table[2]))[0] = table[3] | PTE_PRESENT | PTE_WRITE;
	((uint64_t *)ap_va(table[3]))[page >> PAGE_SHIFT] = page | PTE_PRESENT;
}

static void ap_trampoline_fill(paddr_t page, paddr_t cr3)
{
	char *to = ap_va(page);
	struct trampoline_vars vars;

	memcpy(to, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	memcpy(&vars, trampoline_vars, sizeof(vars));
	vars.entry = (uintptr_t)ap_entry;
	vars.cr3 = (uint32_t)cr3;
	vars.far32 += (uint32_t)page;
	vars.far64 += (uint32_t)page;
	vars.gdt += (uint32_t)page;
	memcpy(to + (trampoline_vars - trampoline_start), &vars, sizeof(vars));
}

static int ap_prepare(uint32_t apic_id)
{
	struct cpu_stacks stacks;
	unsigned int cpu;
	int err = smp_number(apic_id, &cpu);

	if (!err)
		err = cpu_area_create(cpu);
	if (!err)
		err = cpu_stacks_create(&stacks);
	if (err) {
		log_err("smp: the processor with APIC id %#x is not used: error %d", apic_id, err);
		return err;
	}
	gdt_init(cpu, &stacks);
	timers_init_cpu(cpu);
	sched_init_cpu(cpu);
	tasklets_init_cpu(cpu);
	ap_stack[cpu] = stacks.main;
	ap_state_set(cpu, AP_CALLED);
	return 0;
}

static unsigned int ap_prepare_all(void)
{
	unsigned int wanted = 1, left_out = 0;

	for (uint32_t i = 0; i < acpi.madt.cpu_count; i++) {
		uint32_t id = acpi.madt.cpu[i].apic_id;

		if (id == smp_apic_id(0))
			continue;
		if (wanted >= smp_maxcpus)
			left_out++;
		else if (ap_prepare(id) == 0)
			wanted++;
	}
	if (left_out)
		log_info("smp: %u processors left out (maxcpus=%u)", left_out, smp_maxcpus);
	return wanted;
}

/* INIT for page 0, which no trampoline is in; SIPI for any other. */
static void ap_send_all(uint8_t page)
{
	for (unsigned int cpu = 1; cpu < NR_CPUS; cpu++) {
		uint32_t id = smp_apic_id(cpu);
		int err;

		if (ap_state_get(cpu) != AP_CALLED)
			continue;
		err = page ? lapic_send_startup(id, page) : lapic_send_init(id);
		if (err)
			log_err("smp: cpu %u (APIC id %#x): start-up message not sent: error %d", cpu, id,
				err);
	}
}

static unsigned int ap_count_in(uint32_t state)
{
	unsigned int n = 0;

	for (unsigned int cpu = 1; cpu < NR_CPUS; cpu++)
		n += ap_state_get(cpu) == state;
	return n;
}

/* True when it happened in time. */
static bool ap_wait_left(unsigned int cpu, uint32_t state, uint64_t ns)
{
	uint64_t start = now_ns();

	while (ap_state_get(cpu) == state) {
		if (now_ns() - start > ns)
			return false;
		cpu_relax();
	}
	return true;
}

static void ap_call_all(paddr_t page)
{
	uint64_t start;

	ap_send_all(0);
	time_delay_ns(AP_INIT_NS);
	ap_send_all((uint8_t)(page >> PAGE_SHIFT));
	time_delay_ns(AP_SIPI_NS);
	ap_send_all((uint8_t)(page >> PAGE_SHIFT));
	for (start = now_ns(); ap_count_in(AP_CALLED) && now_ns() - start < AP_ARRIVE_NS;)
		cpu_relax();
}

/* From AP_CALLED only: it may arrive at this very moment. */
static bool ap_give_up(unsigned int cpu)
{
	uint32_t called = AP_CALLED;

	return __atomic_compare_exchange_n(
		&ap_state[cpu], &called, AP_LOST, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static int ap_finish(unsigned int cpu)
{
	int64_t skew;

	if (ap_give_up(cpu))
		return -ETIMEDOUT;
	if (!ap_wait_left(cpu, AP_ARRIVED, AP_STEP_NS))
		return -EIO;
	if (ap_state_get(cpu) != AP_READY)
		return -ENODEV;
	ap_state_set(cpu, AP_SYNC);
	if (time_sync_with(cpu, &skew))
		return -EIO;
	if (skew)
		log_warn("smp: cpu %u: its TSC is %ld ticks off, corrected", cpu, skew);
	ap_state_set(cpu, AP_GO);
	return ap_wait_left(cpu, AP_GO, AP_STEP_NS) ? 0 : -EIO;
}

static void ap_finish_all(void)
{
	for (unsigned int cpu = 1; cpu < NR_CPUS; cpu++) {
		int err = ap_state_get(cpu) == AP_ABSENT ? 0 : ap_finish(cpu);

		if (err)
			log_err("smp: cpu %u (APIC id %#x) %s; going on without it", cpu, smp_apic_id(cpu),
				err == -ETIMEDOUT ? "does not start" : "starts, but does not get ready");
	}
}

static int ap_start_all(paddr_t page)
{
	paddr_t table[AP_TABLES];
	int err = ap_tables_alloc(table);

	if (err)
		return err;
	ap_cr3 = read_cr3();
	ap_tables_fill(table, page);
	ap_trampoline_fill(page, table[0]);
	ap_call_all(page);
	ap_finish_all();
	/* One that comes late walks these tables on its way to its halt: they stay. */
	if (ap_count_in(AP_LOST) + ap_count_in(AP_ABSENT) + ap_count_in(AP_ONLINE) != NR_CPUS - 1 ||
		ap_count_in(AP_LOST))
		return 0;
	for (unsigned int i = 0; i < AP_TABLES; i++)
		heap_free(paddr_to_mfn(table[i]), ORDER_4K);
	memset(ap_va(page), 0, PAGE_SIZE);
	return 0;
}

int smp_start_others(void)
{
	paddr_t page;
	int err = 0;

	mtrr_save();
	if (ap_prepare_all() > 1) {
		err = boot_trampoline_find(&e820, &page);
		if (!err)
			err = ap_start_all(page);
		if (err)
			log_err("smp: no memory to start other processors from: error %d", err);
	}
	log_info("smp: %u processors online", smp_cpu_count());
	return 0;
}

/* --- On the processor itself. --- */

static __noreturn void ap_unfit(unsigned int cpu)
{
	ap_state_set(cpu, AP_UNFIT);
	for (;;)
		halt();
}

void ap_start(void)
{
	unsigned int cpu = smp_cpu();

	gdt_load();
	idt_load();
	features_enable();
	if (features_check_ap(cpu) || lapic_init_cpu())
		ap_unfit(cpu);
	mtrr_load();
	ap_state_set(cpu, AP_READY);
	if (!ap_wait_left(cpu, AP_READY, NR_CPUS * AP_STEP_NS))
		ap_unfit(cpu);
	time_sync_other();
	if (!ap_wait_left(cpu, AP_SYNC, AP_STEP_NS))
		ap_unfit(cpu);
	time_event_setup();
	cpumask_set_atomic(&cpu_online, cpu);
	ap_state_set(cpu, AP_ONLINE);
	watchdog_start();
	sched_loop();
}
