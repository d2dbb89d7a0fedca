/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wall time: once from the battery-backed clock (MC146818A data sheet, "Register
 * definitions"), later what dom0 says.
 */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/log.h>
#include <hv/time.h>
#include <hv/vcpu_time.h>
#include <xen/xen.h>
#include "domain_priv.h"

#define RTC_INDEX    0x70
#define RTC_DATA     0x71
#define RTC_SECONDS  0x00
#define RTC_MINUTES  0x02
#define RTC_HOURS    0x04
#define RTC_DAY	     0x07
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09
#define RTC_A	     0x0a
#define RTC_A_UPDATE 0x80
#define RTC_B	     0x0b
#define RTC_B_24H    0x02
#define RTC_B_BINARY 0x04
#define RTC_PM	     0x80

#define RTC_POLLS 100000u
#define RTC_TRIES 5u

static uint64_t wallclock_ns; /* atomic: at now_ns() == 0 */

static uint8_t rtc_read(uint8_t reg)
{
	outb(RTC_INDEX, reg);
	return inb(RTC_DATA);
}

struct rtc_time {
	uint8_t second, minute, hour, day, month, year, century, mode;
};

static void rtc_sample(struct rtc_time *t)
{
	t->second = rtc_read(RTC_SECONDS);
	t->minute = rtc_read(RTC_MINUTES);
	t->hour = rtc_read(RTC_HOURS);
	t->day = rtc_read(RTC_DAY);
	t->month = rtc_read(RTC_MONTH);
	t->year = rtc_read(RTC_YEAR);
	t->century = acpi.has_fadt && acpi.fadt.century != 0 ? rtc_read(acpi.fadt.century) : 0;
	t->mode = rtc_read(RTC_B);
}

static bool rtc_wait(void)
{
	for (unsigned int i = 0; i < RTC_POLLS; i++)
		if ((rtc_read(RTC_A) & RTC_A_UPDATE) == 0)
			return true;
	return false;
}

/* Twice the same seconds: no update came in between. */
static bool rtc_stable(struct rtc_time *t)
{
	struct rtc_time again;

	for (unsigned int i = 0; i < RTC_TRIES; i++) {
		if (!rtc_wait())
			return false;
		rtc_sample(t);
		rtc_sample(&again);
		if (again.second == t->second && again.minute == t->minute)
			return true;
	}
	return false;
}

static uint8_t rtc_number(const struct rtc_time *t, uint8_t raw)
{
	if (t->mode & RTC_B_BINARY)
		return raw;
	return (uint8_t)((raw >> 4) * 10 + (raw & 0xf));
}

static uint32_t rtc_hour(const struct rtc_time *t)
{
	uint32_t hour = rtc_number(t, t->hour & (uint8_t)~RTC_PM);

	if (t->mode & RTC_B_24H)
		return hour;
	return hour % 12 + ((t->hour & RTC_PM) ? 12 : 0);
}

/* A century that cannot be is taken for the present one. */
static uint32_t rtc_year(const struct rtc_time *t)
{
	uint32_t century = rtc_number(t, t->century);

	return (century >= 19 && century <= 29 ? century : 20) * 100 + rtc_number(t, t->year);
}

int64_t wallclock_seconds(
	uint32_t year, uint32_t month, uint32_t day, uint32_t hour, uint32_t minute, uint32_t second)
{
	/* The year begins in March, so that the leap day is its last. */
	int64_t y = (int64_t)year - (month <= 2), m = (month + 9) % 12;
	int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1;
	const int64_t days_to_1970 = 719468;

	return (((days - days_to_1970) * 24 + hour) * 60 + minute) * 60 + second;
}

static int rtc_seconds(int64_t *ret)
{
	struct rtc_time t;
	uint32_t month, day;

	if (!rtc_stable(&t))
		return -EIO;
	month = rtc_number(&t, t.month);
	day = rtc_number(&t, t.day);
	if (month < 1 || month > 12 || day < 1 || day > 31 || rtc_hour(&t) > 23 ||
		rtc_number(&t, t.minute) > 59 || rtc_number(&t, t.second) > 60)
		return -EIO;
	*ret = wallclock_seconds(
		rtc_year(&t), month, day, rtc_hour(&t), rtc_number(&t, t.minute), rtc_number(&t, t.second));
	return *ret >= 0 ? 0 : -EIO;
}

int wallclock_init(void)
{
	int64_t seconds;
	int rc = rtc_seconds(&seconds);

	if (rc != 0) {
		log_warn("time: the battery-backed clock cannot be read; the wall clock starts at 1970");
		return rc;
	}
	wallclock_ns = (uint64_t)seconds * NSEC_PER_SEC - now_ns();
	return 0;
}

uint64_t wallclock_base(void)
{
	return __atomic_load_n(&wallclock_ns, __ATOMIC_RELAXED);
}

/* Version protocol (public/xen.h): odd while the rest changes. */
void wallclock_update(struct domain *d)
{
	struct shared_info *s = d->shared_info;
	uint64_t ns = wallclock_base() + (uint64_t)d->wallclock_offset_ns;
	uint64_t seconds = ns / NSEC_PER_SEC;
	uint32_t version = __atomic_load_n(&s->wc_version, __ATOMIC_RELAXED) | 1;

	__atomic_store_n(&s->wc_version, version, __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->wc_sec, (uint32_t)seconds, __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->wc_sec_hi, (uint32_t)(seconds >> 32), __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->wc_nsec, (uint32_t)(ns % NSEC_PER_SEC), __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->wc_version, version + 1, __ATOMIC_SEQ_CST);
}

void wallclock_set(uint64_t base_ns)
{
	__atomic_store_n(&wallclock_ns, base_ns, __ATOMIC_RELAXED);
	for (uint32_t id = 0; id < DOMAIN_MAX; id++) {
		struct domain *d = domain_get((domid_t)id);

		if (d == NULL)
			continue;
		spin_lock(&d->lock);
		if (d->shared_info != NULL)
			wallclock_update(d);
		spin_unlock(&d->lock);
		domain_put(d);
	}
}
