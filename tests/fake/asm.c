/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <hv/mmio.h>
#include <hv/percpu.h>
#include "asm.h"

struct fake_asm fake;
unsigned int fake_cpu;

void fake_asm_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.tsc_step = 1;
	fake_cpu = 0;
}

void fake_op_add(enum fake_op_kind kind, uint64_t addr, uint64_t value, uint32_t bytes)
{
	if (fake.op_count < FAKE_OPS_MAX)
		fake.op[fake.op_count++] =
			(struct fake_op){.kind = kind, .addr = addr, .value = value, .bytes = bytes};
}

static struct fake_msr *fake_msr_find(uint32_t msr)
{
	for (unsigned int i = 0; i < fake.msr_count; i++) {
		if (fake.msr[i].msr == msr)
			return &fake.msr[i];
	}
	return NULL;
}

void fake_msr_set(uint32_t msr, uint64_t value)
{
	struct fake_msr *m = fake_msr_find(msr);

	if (!m && fake.msr_count < FAKE_MSRS_MAX)
		m = &fake.msr[fake.msr_count++];
	if (m)
		*m = (struct fake_msr){.msr = msr, .value = value};
}

uint64_t fake_msr_get(uint32_t msr)
{
	const struct fake_msr *m = fake_msr_find(msr);

	return m ? m->value : 0;
}

void fake_cpuid_set(uint32_t leaf, uint32_t subleaf, struct cpuid_regs regs)
{
	for (unsigned int i = 0; i < fake.cpuid_count; i++) {
		if (fake.cpuid[i].leaf == leaf && fake.cpuid[i].subleaf == subleaf) {
			fake.cpuid[i].regs = regs;
			return;
		}
	}
	if (fake.cpuid_count < FAKE_CPUIDS_MAX)
		fake.cpuid[fake.cpuid_count++] =
			(struct fake_cpuid){.leaf = leaf, .subleaf = subleaf, .regs = regs};
}

struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned int i = 0; i < fake.cpuid_count; i++) {
		if (fake.cpuid[i].leaf == leaf && fake.cpuid[i].subleaf == subleaf)
			return fake.cpuid[i].regs;
	}
	return (struct cpuid_regs){0};
}

uint64_t rdmsr(uint32_t msr)
{
	return fake.on_rdmsr ? fake.on_rdmsr(msr) : fake_msr_get(msr);
}

void wrmsr(uint32_t msr, uint64_t v)
{
	fake_op_add(FAKE_WRMSR, msr, v, 8);
	fake_msr_set(msr, v);
	if (fake.on_wrmsr)
		fake.on_wrmsr(msr, v);
}

static void fake_out(uint16_t port, uint32_t bytes, uint32_t v)
{
	fake_op_add(FAKE_OUT, port, v, bytes);
	if (fake.on_out)
		fake.on_out(port, bytes, v);
}

static uint32_t fake_in(uint16_t port, uint32_t bytes)
{
	return fake.on_in ? fake.on_in(port, bytes) : fake.port[port];
}

void outb(uint16_t port, uint8_t v)
{
	fake_out(port, 1, v);
}

void outw(uint16_t port, uint16_t v)
{
	fake_out(port, 2, v);
}

void outl(uint16_t port, uint32_t v)
{
	fake_out(port, 4, v);
}

uint8_t inb(uint16_t port)
{
	return (uint8_t)fake_in(port, 1);
}

uint16_t inw(uint16_t port)
{
	return (uint16_t)fake_in(port, 2);
}

uint32_t inl(uint16_t port)
{
	return fake_in(port, 4);
}

#define FAKE_CR_FNS(n)                         \
	uint64_t read_cr##n(void)              \
	{                                      \
		return fake.cr[n];             \
	}                                      \
	void write_cr##n(uint64_t v)           \
	{                                      \
		fake_op_add(FAKE_CR, n, v, 8); \
		fake.cr[n] = v;                \
	}

FAKE_CR_FNS(0)
FAKE_CR_FNS(2)
FAKE_CR_FNS(3)
FAKE_CR_FNS(4)
FAKE_CR_FNS(8)

uint64_t rdtsc(void)
{
	fake.tsc += fake.tsc_step;
	return fake.tsc;
}

void xsetbv(uint32_t reg, uint64_t v)
{
	fake_op_add(FAKE_XCR, reg, v, 8);
}

void invlpg(uintptr_t va)
{
	fake_op_add(FAKE_INVLPG, va, 0, 0);
}

void wbinvd(void)
{
	fake_op_add(FAKE_WBINVD, 0, 0, 0);
}

void clflush(const volatile void *p)
{
	(void)p;
}

uint64_t irq_save(void)
{
	uint64_t flags = read_rflags();

	fake.irqs_on = false;
	return flags;
}

void irq_restore(uint64_t flags)
{
	fake.irqs_on = (flags & EFLAGS_IF) != 0;
}

void irq_enable(void)
{
	fake.irqs_on = true;
}

void irq_disable(void)
{
	fake.irqs_on = false;
}

uint64_t read_rflags(void)
{
	return fake.irqs_on ? EFLAGS_IF : 0;
}

bool irq_enabled(void)
{
	return fake.irqs_on;
}

void halt(void)
{
	fake.halts++;
	if (fake.on_halt)
		fake.on_halt();
}

void irq_enable_and_halt(void)
{
	fake.irqs_on = true;
	halt();
}

void triple_fault(void)
{
	fake_op_add(FAKE_TRIPLE_FAULT, 0, 0, 0);
}

void cpu_relax(void)
{
	fake.relaxes++;
	if (fake.on_relax)
		fake.on_relax();
}

void mb(void)
{
}

void wmb(void)
{
}

void rmb(void)
{
}

void stac(void)
{
}

void clac(void)
{
}

uint8_t mmio_read8(const volatile void *addr)
{
	if (fake.on_mmio_read)
		return (uint8_t)fake.on_mmio_read(addr, 1);
	return *(const volatile uint8_t *)addr;
}

uint16_t mmio_read16(const volatile void *addr)
{
	if (fake.on_mmio_read)
		return (uint16_t)fake.on_mmio_read(addr, 2);
	return *(const volatile uint16_t *)addr;
}

uint32_t mmio_read32(const volatile void *addr)
{
	if (fake.on_mmio_read)
		return (uint32_t)fake.on_mmio_read(addr, 4);
	return *(const volatile uint32_t *)addr;
}

uint64_t mmio_read64(const volatile void *addr)
{
	if (fake.on_mmio_read)
		return fake.on_mmio_read(addr, 8);
	return *(const volatile uint64_t *)addr;
}

void mmio_write8(volatile void *addr, uint8_t v)
{
	fake_op_add(FAKE_MMIO, (uintptr_t)addr, v, 1);
	if (fake.on_mmio_write)
		fake.on_mmio_write(addr, 1, v);
	else
		*(volatile uint8_t *)addr = v;
}

void mmio_write16(volatile void *addr, uint16_t v)
{
	fake_op_add(FAKE_MMIO, (uintptr_t)addr, v, 2);
	if (fake.on_mmio_write)
		fake.on_mmio_write(addr, 2, v);
	else
		*(volatile uint16_t *)addr = v;
}

void mmio_write32(volatile void *addr, uint32_t v)
{
	fake_op_add(FAKE_MMIO, (uintptr_t)addr, v, 4);
	if (fake.on_mmio_write)
		fake.on_mmio_write(addr, 4, v);
	else
		*(volatile uint32_t *)addr = v;
}

void mmio_write64(volatile void *addr, uint64_t v)
{
	fake_op_add(FAKE_MMIO, (uintptr_t)addr, v, 8);
	if (fake.on_mmio_write)
		fake.on_mmio_write(addr, 8, v);
	else
		*(volatile uint64_t *)addr = v;
}
