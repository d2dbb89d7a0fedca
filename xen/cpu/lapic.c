/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/features.h>
#include <hv/lapic.h>
#include <hv/lapic_regs.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include <hv/time.h>
#include <hv/vector.h>

#define ICR_WAIT_NS	 1000000
#define XAPIC_ID_SHIFT	 24
#define XAPIC_ID_MAX	 0xff
#define XAPIC_BROADCAST	 0xff
#define APIC_IRR_WORDS	 8
#define APIC_DRAIN_LIMIT 256

static bool lapic_x2;
static volatile uint8_t *lapic_regs;

/* Local sources and the LVT number from which the version register says they exist. */
static const struct {
	uint16_t reg;
	uint8_t number;
} lapic_lvt[] = {
	{APIC_LVT_TIMER, 0},
	{APIC_LVT_LINT0, 1},
	{APIC_LVT_LINT1, 2},
	{APIC_LVT_ERROR, 3},
	{APIC_LVT_PERF, 4},
	{APIC_LVT_THERMAL, 5},
	{APIC_LVT_CMCI, 6},
};

static uint32_t lapic_read(uint32_t reg)
{
	if (lapic_x2)
		return (uint32_t)rdmsr(MSR_X2APIC + reg / 16);
	return mmio_read32(lapic_regs + reg);
}

static void lapic_write(uint32_t reg, uint32_t v)
{
	if (lapic_x2)
		wrmsr(MSR_X2APIC + reg / 16, v);
	else
		mmio_write32(lapic_regs + reg, v);
}

int lapic_init(bool want_x2apic)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);
	bool already =
		(base & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) == (APIC_BASE_ENABLE | APIC_BASE_X2APIC);

	lapic_x2 = already || (want_x2apic && feature_has(FEAT_X2APIC));
	if (!lapic_x2) {
		lapic_regs = ioremap(base & APIC_BASE_ADDR, PAGE_SIZE, MAP_UC);
		if (!lapic_regs) {
			log_err("lapic: no mapping for the registers at %#lx", base & APIC_BASE_ADDR);
			return -ENOMEM;
		}
	}
	log_info("lapic: %s mode%s", lapic_x2 ? "x2APIC" : "xAPIC",
		already && !want_x2apic ? ", left on by firmware" : "");
	return 0;
}

/* SDM volume 3A section 11.12.5: x2APIC is entered through xAPIC, and never left. */
static int lapic_enable_mode(void)
{
	uint64_t want = APIC_BASE_ENABLE | (lapic_x2 ? APIC_BASE_X2APIC : 0);
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if ((base & APIC_BASE_X2APIC) && !lapic_x2) {
		log_err("lapic: x2APIC mode is on in this processor, but not in the boot processor");
		return -ENODEV;
	}
	if (!(base & APIC_BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	if ((base & want) != want)
		wrmsr(MSR_APIC_BASE, base | want);
	if ((rdmsr(MSR_APIC_BASE) & want) != want) {
		log_err("lapic: the processor does not enter %s mode", lapic_x2 ? "x2APIC" : "xAPIC");
		return -ENODEV;
	}
	return 0;
}

static void lapic_mask_sources(void)
{
	uint32_t last = APIC_VERSION_LVT(lapic_read(APIC_VERSION));

	for (size_t i = 0; i < ARRAY_SIZE(lapic_lvt); i++) {
		if (lapic_lvt[i].number <= last)
			lapic_write(lapic_lvt[i].reg, APIC_LVT_MASKED);
	}
}

/* What firmware left in service would block every lower vector for ever. */
static void lapic_drain(void)
{
	for (unsigned int n = 0; n < APIC_DRAIN_LIMIT; n++) {
		uint32_t any = 0;

		for (uint32_t i = 0; i < APIC_IRR_WORDS; i++)
			any |= lapic_read(APIC_ISR + i * 0x10);
		if (!any)
			return;
		lapic_eoi();
	}
}

int lapic_init_cpu(void)
{
	int err = lapic_enable_mode();

	if (err)
		return err;
	lapic_mask_sources();
	lapic_write(APIC_TPR, 0);
	lapic_drain();
	lapic_write(APIC_SVR, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
	(void)lapic_errors();
	lapic_write(APIC_LVT_ERROR, VECTOR_APIC_ERROR);
	return 0;
}

bool lapic_is_x2apic(void)
{
	return lapic_x2;
}

uint32_t lapic_id(void)
{
	uint32_t id = lapic_read(APIC_ID);

	return lapic_x2 ? id : id >> XAPIC_ID_SHIFT;
}

void lapic_eoi(void)
{
	lapic_write(APIC_EOI, 0);
}

uint32_t lapic_errors(void)
{
	/* The write makes the status current. SDM volume 3A section 11.5.3. */
	lapic_write(APIC_ESR, 0);
	return lapic_read(APIC_ESR);
}

static int lapic_icr_wait(void)
{
	uint64_t end = now_ns() + ICR_WAIT_NS;

	while (lapic_read(APIC_ICR) & APIC_ICR_BUSY) {
		if (now_ns() > end)
			return -ETIMEDOUT;
		cpu_relax();
	}
	return 0;
}

static int lapic_icr_xapic(uint32_t apic_id, uint32_t command)
{
	uint64_t flags;
	int err;

	if (apic_id > XAPIC_ID_MAX || apic_id == XAPIC_BROADCAST)
		return -EINVAL;
	/* An interrupt between the two halves could send one of its own. */
	flags = irq_save();
	err = lapic_icr_wait();
	if (!err) {
		lapic_write(APIC_ICR_HIGH, apic_id << XAPIC_ID_SHIFT);
		lapic_write(APIC_ICR, command);
		err = lapic_icr_wait();
	}
	irq_restore(flags);
	return err;
}

static int lapic_icr(uint32_t apic_id, uint32_t command)
{
	if (!lapic_x2)
		return lapic_icr_xapic(apic_id, command);
	if (apic_id == ~0U)
		return -EINVAL;
	/* The x2APIC's WRMSR is not serializing: what the receiver shall see goes first. SDM 3A 11.12.3. */
	mb();
	wrmsr(MSR_X2APIC + APIC_ICR / 16, ((uint64_t)apic_id << 32) | command);
	return 0;
}

int lapic_send(uint32_t apic_id, uint8_t vector)
{
	return lapic_icr(apic_id, APIC_ICR_FIXED | APIC_ICR_ASSERT | vector);
}

int lapic_send_nmi(uint32_t apic_id)
{
	return lapic_icr(apic_id, APIC_ICR_NMI | APIC_ICR_ASSERT);
}

int lapic_send_init(uint32_t apic_id)
{
	return lapic_icr(apic_id, APIC_ICR_INIT | APIC_ICR_ASSERT);
}

int lapic_send_startup(uint32_t apic_id, uint8_t page)
{
	return lapic_icr(apic_id, APIC_ICR_STARTUP | APIC_ICR_ASSERT | page);
}

void lapic_timer_setup(bool deadline)
{
	lapic_write(APIC_TIMER_DIV, APIC_DIV_BY_1);
	lapic_write(APIC_LVT_TIMER, VECTOR_TIMER | (deadline ? APIC_TIMER_DEADLINE : 0));
	/* xAPIC: the mode must be in force before the deadline MSR is written. SDM 3A 11.5.4.1. */
	mb();
}

void lapic_timer_ticks(uint32_t ticks)
{
	lapic_write(APIC_TIMER_INIT, ticks);
}

void lapic_timer_deadline(uint64_t tsc)
{
	wrmsr(MSR_TSC_DEADLINE, tsc);
}

uint32_t lapic_timer_left(void)
{
	return lapic_read(APIC_TIMER_CUR);
}

void lapic_perf_nmi(bool on)
{
	if (APIC_VERSION_LVT(lapic_read(APIC_VERSION)) >= 4)
		lapic_write(APIC_LVT_PERF, on ? APIC_LVT_NMI : APIC_LVT_MASKED);
}
