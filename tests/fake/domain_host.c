/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <hv/acpi.h>
#include <hv/boot_info.h>
#include <hv/console.h>
#include <hv/domain_frames.h>
#include <hv/features.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/hvm.h>
#include <hv/irq_bind.h>
#include <hv/p2m.h>
#include <hv/pci.h>
#include <hv/sched.h>
#include <hv/slab.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/vioapic.h>
#include <hv/vlapic.h>
#include <hv/vpci_io.h>
#include <xen/xen.h>
#include <xen/vcpu.h>
#include "asm.h"
#include "domain_host.h"
#include "ram.h"

#define HOST_TIMERS 64
#define HOST_RCU    1024
#define HOST_SLABS  12 /* frames that empty slabs keep */

struct host_seen host;
struct acpi_tables acpi;
struct boot_info boot_info;
struct cpu_features cpu_features;
struct cpumask cpu_online;
struct pci_registry pci_machine;
DEFINE_PER_CPU(uint32_t, rcu_readers);

static uint64_t arg_memory[HOST_ARG_BYTES / 8];
static struct timer *timers[HOST_TIMERS];
static struct rcu_head *rcu_heads[HOST_RCU];
static size_t rcu_count;
static struct vcpu *running;
static struct domain *domains[DOMAIN_MAX];
static uint64_t machine_frames;

/* --- Guest memory. --- */

void *host_arg(void)
{
	return arg_memory;
}

static bool arg_valid(uint64_t address, size_t bytes)
{
	uint64_t base = HOST_ARG(arg_memory);

	return address >= base && bytes <= HOST_ARG_BYTES && address - base <= HOST_ARG_BYTES - bytes;
}

size_t copy_from_guest(void *dst, uint64_t guest_linear, size_t bytes)
{
	if (bytes == 0)
		return 0;
	if (!arg_valid(guest_linear, bytes))
		return bytes;
	memcpy(dst, (const void *)(uintptr_t)guest_linear, bytes);
	return 0;
}

size_t copy_to_guest(uint64_t guest_linear, const void *src, size_t bytes)
{
	if (bytes == 0)
		return 0;
	if (!arg_valid(guest_linear, bytes))
		return bytes;
	memcpy((void *)(uintptr_t)guest_linear, src, bytes);
	return 0;
}

int guest_walk(struct vcpu *v, uint64_t linear, uint32_t access, uint64_t *ret_gpa, uint32_t *ret_error)
{
	(void)v;
	(void)access;
	*ret_error = 0;
	*ret_gpa = linear;
	return linear >> 47 ? -EFAULT : 0;
}

void *host_frame(struct domain *d, uint64_t gfn)
{
	return mfn_to_va(p2m_get(d, GFN(gfn)).mfn);
}

uint32_t host_frame_refs(struct domain *d, uint64_t gfn)
{
	return frame_at(p2m_get(d, GFN(gfn)).mfn)->refs;
}

/* --- Processors. --- */

static uint64_t host_reg_get(const struct vcpu *v, enum hvm_reg reg)
{
	(void)v;
	return reg == HVM_CPL ? host.cpl : 0;
}

static const struct hvm_ops host_ops = {.name = "host", .reg_get = host_reg_get};
const struct hvm_ops *hvm_ops = &host_ops;

unsigned int hvm_code_bits(const struct vcpu *v)
{
	(void)v;
	return host.code_bits;
}

void hvm_skip(struct vcpu *v)
{
	v->regs.rip += 3;
	host.skips++;
}

void hvm_inject_nmi(struct vcpu *v)
{
	(void)v;
	host.nmis++;
}

void hvm_dump(const struct vcpu *v)
{
	(void)v;
}

int hvm_domain_create(struct domain *d)
{
	(void)d;
	return 0;
}

void hvm_domain_destroy(struct domain *d)
{
	(void)d;
}

int hvm_vcpu_create(struct vcpu *v)
{
	(void)v;
	return 0;
}

void hvm_vcpu_destroy(struct vcpu *v)
{
	(void)v;
}

int vlapic_create(struct vcpu *v)
{
	(void)v;
	return 0;
}

void vlapic_destroy(struct vcpu *v)
{
	(void)v;
}

void vlapic_request(struct vcpu *v, uint8_t vector)
{
	host.vectors++;
	host.last_vector = vector;
	host.last_vector_vcpu = v;
	vcpu_set_work(v, VCPU_WORK_INTERRUPT);
	vcpu_kick(v);
}

int vlapic_pending(struct vcpu *v)
{
	(void)v;
	return -1;
}

struct vcpu *vcpu_current(void)
{
	return running;
}

void host_run(struct vcpu *v)
{
	running = v;
}

int sched_vcpu_create(struct vcpu *v)
{
	v->cpu = 0;
	v->runstate.state = RUNSTATE_offline;
	return 0;
}

void sched_vcpu_destroy(struct vcpu *v)
{
	(void)v;
}

void sched_update(struct vcpu *v)
{
	(void)v;
}

void sched_sync(struct vcpu *v)
{
	(void)v;
}

void sched_yield(struct vcpu *v)
{
	(void)v;
}

void smp_kick(unsigned int cpu)
{
	(void)cpu;
	host.kicks++;
}

uint32_t smp_apic_id(unsigned int cpu)
{
	return cpu * 2;
}

unsigned int smp_cpu_count(void)
{
	return 2;
}

void smp_stop_others(void)
{
}

/* --- Time, RCU. --- */

uint64_t now_ns(void)
{
	return host.now_ns;
}

uint64_t time_tsc_hz(void)
{
	return 2 * NSEC_PER_SEC;
}

bool time_tsc_common(void)
{
	return true;
}

void timer_init(struct timer *t, unsigned int cpu, timer_fn fn, void *arg)
{
	*t = (struct timer){.fn = fn, .arg = arg, .cpu = cpu};
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	t->node.key = deadline_ns;
	if (t->queued)
		return;
	for (unsigned int i = 0; i < HOST_TIMERS; i++) {
		if (timers[i] != NULL)
			continue;
		timers[i] = t;
		t->queued = true;
		return;
	}
	abort();
}

void timer_stop(struct timer *t)
{
	for (unsigned int i = 0; i < HOST_TIMERS; i++)
		if (timers[i] == t)
			timers[i] = NULL;
	t->queued = false;
}

void timer_move(struct timer *t, unsigned int cpu)
{
	t->cpu = cpu;
}

void host_time(uint64_t now)
{
	host.now_ns = now;
	for (unsigned int i = 0; i < HOST_TIMERS; i++) {
		struct timer *t = timers[i];

		if (t == NULL || t->node.key > now)
			continue;
		timer_stop(t);
		t->fn(t->arg);
	}
}

void rcu_call(struct rcu_head *head, rcu_fn fn)
{
	if (rcu_count == HOST_RCU)
		abort();
	head->fn = fn;
	rcu_heads[rcu_count++] = head;
}

void host_rcu(void)
{
	if (percpu_rcu_readers[0] != 0)
		abort();
	while (rcu_count > 0) {
		struct rcu_head *head = rcu_heads[--rcu_count];

		head->fn(head);
	}
}

/* --- The rest of the machine. --- */

void console_write(const char *text, size_t bytes)
{
	size_t n = MIN(bytes, sizeof(host.console) - host.console_bytes);

	memcpy(host.console + host.console_bytes, text, n);
	host.console_bytes += n;
}

void console_flush_forced(void)
{
}

struct pci_dev *pci_find(const struct pci_registry *registry, sbdf_t sbdf)
{
	(void)registry;
	return sbdf.v == 0x10 ? (struct pci_dev *)&host : NULL;
}

int irq_bind_gsi(struct domain *d, uint32_t gsi, bool level, bool low)
{
	(void)d;
	(void)level;
	(void)low;
	return gsi < 24 ? 0 : -ENODEV;
}

int vioapic_create(struct domain *d)
{
	(void)d;
	return 0;
}

void vioapic_destroy(struct domain *d)
{
	(void)d;
}

void irq_bind_release(struct domain *d)
{
	(void)d;
}

void vpci_io_destroy(struct domain *d)
{
	(void)d;
}

/* --- Domains. --- */

/* Once for the program: the slabs remember where their objects are. */
static void host_machine(void)
{
	if (e820.count != 0)
		return;
	fake_ram_simple(HOST_RAM_BYTES);
	heap_init(NULL);
	heap_add(MIB(2), HOST_RAM_BYTES - MIB(2), true);
	machine_frames = heap_free_frames();
	e820 = fake_ram;
}

void host_reset(void)
{
	host = (struct host_seen){.code_bits = 64, .now_ns = 1000};
	memset(arg_memory, 0, sizeof(arg_memory));
	memset(timers, 0, sizeof(timers));
	memset(&acpi, 0, sizeof(acpi));
	memset(&boot_info, 0, sizeof(boot_info));
	cpu_features = (struct cpu_features){.vendor = VENDOR_AMD, .phys_bits = 48};
	cpu_features.word[FW_E1C] = 1U << (FEAT_SVM % 32);
	cpu_features.word[FW_E1D] = 1U << (FEAT_PAGE1G % 32);
	cpu_online = (struct cpumask){{3}};
	running = NULL;
	fake_asm_reset();
	host_machine();
}

static void host_ram_add(struct domain *d, uint32_t frames)
{
	for (uint32_t i = 0; i < frames; i++) {
		mfn_t mfn;

		if (domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &mfn) != 0 ||
			p2m_set(d, GFN(HOST_GFN + i), mfn, 0, P2M_RAM) != 0)
			abort();
	}
	p2m_flush(d);
}

struct domain *host_domain(domid_t id, uint32_t vcpus, uint32_t frames)
{
	struct domain *d;

	if (domain_create(id, DOMAIN_PVH, vcpus, frames + 64, &d) != 0)
		abort();
	host_ram_add(d, frames);
	d->vcpu[0]->flags &= ~VCPU_DOWN;
	if (domain_start(d) != 0)
		abort();
	domains[id] = d;
	running = d->vcpu[0];
	return d;
}

void host_domain_end(struct domain *d)
{
	domain_pause(d);
	domains[d->id] = NULL;
	while (domain_destroy(d) == -ERESTART)
		host_rcu();
	host_rcu();
}

static void host_leak(const char *what)
{
	fprintf(stderr, "domain host: %s\n", what);
	abort();
}

void host_check_leaks(void)
{
	for (unsigned int id = DOMAIN_MAX; id-- > 0;)
		if (domains[id] != NULL)
			host_domain_end(domains[id]);
	host_rcu();
	for (unsigned int i = 0; i < HOST_TIMERS; i++)
		if (timers[i] != NULL)
			host_leak("a timer is still set");
	if (hv_alloc_count() != 0)
		host_leak("memory was not freed");
	if (machine_frames - heap_free_frames() > HOST_SLABS)
		host_leak("frames were not freed");
}

long host_call(struct vcpu *v, uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t rip = 0x1000;

	running = v;
	v->regs.rax = number;
	v->regs.rdi = a;
	v->regs.rsi = b;
	v->regs.rdx = c;
	v->regs.rip = rip;
	for (;;) {
		hypercall_dispatch(v);
		if (v->regs.rip != rip)
			return (long)v->regs.rax;
		host.calls_again++;
	}
}
