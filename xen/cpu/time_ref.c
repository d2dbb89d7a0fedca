/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/asm.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mmio.h>
#include "time_ref.h"

/* ACPI 6.5 section 4.8.3.3. */
#define PM_TIMER_HZ 3579545

static uint16_t pm_port;

static uint64_t pm_read(void)
{
	return inl(pm_port);
}

static int pm_probe(const struct time_sources *s, struct time_ref *ret)
{
	if (!s->pm_port)
		return -ENODEV;
	pm_port = s->pm_port;
	*ret = (struct time_ref){"PM timer", PM_TIMER_HZ, s->pm_32bit ? 0xffffffff : 0xffffff, pm_read};
	return 0;
}

/* IA-PC HPET 1.0a section 2.3. */
#define HPET_BYTES	   0x400
#define HPET_PERIOD	   0x04 /* femtoseconds */
#define HPET_PERIOD_MAX	   100000000
#define HPET_CONFIG	   0x10
#define HPET_CONFIG_ENABLE 1
#define HPET_COUNTER	   0xf0
#define FEMTO_PER_SEC	   1000000000000000UL

static volatile uint8_t *hpet_regs;

/* The low half is enough for a hundredth of a second, and every HPET has it. */
static uint64_t hpet_read(void)
{
	return mmio_read32(hpet_regs + HPET_COUNTER);
}

static int hpet_probe(const struct time_sources *s, struct time_ref *ret)
{
	uint32_t period;

	if (!s->hpet)
		return -ENODEV;
	hpet_regs = ioremap(s->hpet, HPET_BYTES, MAP_UC);
	if (!hpet_regs)
		return -ENODEV;
	period = mmio_read32(hpet_regs + HPET_PERIOD);
	if (!period || period > HPET_PERIOD_MAX) {
		log_warn("time: HPET at %#lx: a period of %u fs is not believable", s->hpet, period);
		return -ENODEV;
	}
	mmio_write32(hpet_regs + HPET_CONFIG, mmio_read32(hpet_regs + HPET_CONFIG) | HPET_CONFIG_ENABLE);
	*ret = (struct time_ref){"HPET", FEMTO_PER_SEC / period, 0xffffffff, hpet_read};
	return 0;
}

/* Intel 8254, channel 2 behind the speaker's gate: counts down from 65536, once. */
#define PIT_HZ	      1193182
#define PIT_CHANNEL2  0x42
#define PIT_COMMAND   0x43
#define PIT_MODE0_CH2 0xb0 /* channel 2, low then high byte, mode 0 */
#define PIT_LATCH_CH2 0x80
#define PIT_GATE      0x61
#define PIT_GATE_ON   0x01
#define PIT_GATE_MASK 0x03

static uint64_t pit_read(void)
{
	uint32_t count;

	outb(PIT_COMMAND, PIT_LATCH_CH2);
	count = inb(PIT_CHANNEL2);
	count |= (uint32_t)inb(PIT_CHANNEL2) << 8;
	return 0xffff - count;
}

static int pit_probe(const struct time_sources *s, struct time_ref *ret)
{
	(void)s;
	outb(PIT_GATE, (uint8_t)((inb(PIT_GATE) & ~PIT_GATE_MASK) | PIT_GATE_ON));
	outb(PIT_COMMAND, PIT_MODE0_CH2);
	outb(PIT_CHANNEL2, 0xff);
	outb(PIT_CHANNEL2, 0xff);
	*ret = (struct time_ref){"8254", PIT_HZ, 0xffff, pit_read};
	return 0;
}

int time_ref_probe(unsigned int index, const struct time_sources *sources, struct time_ref *ret_ref)
{
	static int (*const probe[TIME_REFS])(const struct time_sources *, struct time_ref *) = {
		pm_probe,
		hpet_probe,
		pit_probe,
	};

	return index < TIME_REFS ? probe[index](sources, ret_ref) : -ENODEV;
}
