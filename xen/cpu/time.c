/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <hv/asm.h>
#include <hv/features.h>
#include <hv/lapic.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/time.h>
#include "time_ref.h"

#define CALIBRATE_PER_SEC 100 /* a hundredth of a second */
#define TSC_HZ_LOW	  100000000UL
#define TSC_HZ_HIGH	  20000000000UL
#define LAPIC_HZ_LOW	  1000000UL
#define LAPIC_HZ_HIGH	  10000000000UL
#define REF_READS_MAX	  20000000UL
#define REF_STUCK_READS	  100000UL /* so many without a change: it does not count */
#define REF_PAIR_TRIES	  5

/* ns = ticks * ns_mult / 2^32; ticks = ns * tick_mult / 2^24 */
#define NS_SHIFT   32
#define TICK_SHIFT 24
#define TICKS_MAX  0x7fffffffUL
#define EVENT_SPAN (1UL << 34) /* ns: beyond it the product would not fit, and nobody minds an early look */

static uint64_t time_ns_mult = 1UL << NS_SHIFT;
static uint64_t time_tsc_mult, time_lapic_mult;
static uint64_t time_hz_tsc;
static bool time_deadline;
static DEFINE_PER_CPU(int64_t, tsc_offset);
static bool time_tsc_skewed; /* some processor has an offset */

uint64_t now_ns(void)
{
	uint64_t tsc = rdtsc() + (uint64_t)this_cpu(tsc_offset);

	return (uint64_t)(((unsigned __int128)tsc * time_ns_mult) >> NS_SHIFT);
}

bool time_tsc_common(void)
{
	return feature_has(FEAT_INVARIANT_TSC) && !time_tsc_skewed;
}

uint64_t time_tsc_hz(void)
{
	return time_hz_tsc;
}

void time_delay_ns(uint64_t ns)
{
	uint64_t start = now_ns();

	while (now_ns() - start < ns)
		cpu_relax();
}

int time_hz(
	uint64_t ticks, uint64_t ref_ticks, uint64_t ref_hz, uint64_t low, uint64_t high, uint64_t *ret_hz)
{
	uint64_t hz;

	/* ticks * ref_hz must fit; what does not is absurd for so short a time anyway. */
	if (!ref_ticks || !ref_hz || ticks > ~0UL / ref_hz)
		return -ERANGE;
	hz = ticks * ref_hz / ref_ticks;
	if (hz < low || hz > high)
		return -ERANGE;
	*ret_hz = hz;
	return 0;
}

/* One reading of both, the quickest of a few: an SMI between the two would spoil it. */
static void time_read_pair(const struct time_ref *ref, uint64_t *ret_ref, uint64_t *ret_tsc)
{
	uint64_t best = ~0UL;

	for (unsigned int i = 0; i < REF_PAIR_TRIES; i++) {
		uint64_t before = rdtsc();
		uint64_t value = ref->read();
		uint64_t took = rdtsc() - before;

		if (took >= best)
			continue;
		best = took;
		*ret_ref = value;
		*ret_tsc = before + took / 2;
	}
}

/* Until the reference has counted `want`; -EIO when it stands still. */
static int time_ref_wait(const struct time_ref *ref, uint64_t start, uint64_t want)
{
	uint64_t last = start, same = 0;

	for (uint64_t n = 0; n < REF_READS_MAX; n++) {
		uint64_t now = ref->read();

		if (((now - start) & ref->mask) >= want)
			return 0;
		same = now == last ? same + 1 : 0;
		if (same >= REF_STUCK_READS)
			break;
		last = now;
	}
	return -EIO;
}

struct time_measure {
	uint64_t ref, tsc, lapic; /* ticks of each in the same time */
};

static int time_measure(const struct time_ref *ref, struct time_measure *ret)
{
	uint64_t ref0, tsc0, ref1, tsc1;
	int err;

	lapic_timer_ticks(~0U);
	time_read_pair(ref, &ref0, &tsc0);
	err = time_ref_wait(ref, ref0, ref->hz / CALIBRATE_PER_SEC);
	time_read_pair(ref, &ref1, &tsc1);
	ret->lapic = ~0U - lapic_timer_left();
	lapic_timer_ticks(0);
	ret->ref = (ref1 - ref0) & ref->mask;
	ret->tsc = tsc1 - tsc0;
	return err;
}

static int time_calibrate(const struct time_ref *ref)
{
	struct time_measure m;
	uint64_t lapic_hz = 0;
	int err = time_measure(ref, &m);

	if (err) {
		log_warn("time: %s does not count", ref->name);
		return err;
	}
	err = time_hz(m.tsc, m.ref, ref->hz, TSC_HZ_LOW, TSC_HZ_HIGH, &time_hz_tsc);
	if (!err && !time_deadline)
		err = time_hz(m.lapic, m.ref, ref->hz, LAPIC_HZ_LOW, LAPIC_HZ_HIGH, &lapic_hz);
	if (err) {
		log_warn("time: %s: %lu TSC and %lu APIC timer ticks in %lu of its own are not believable",
			ref->name, m.tsc, m.lapic, m.ref);
		return err;
	}
	time_ns_mult = (NSEC_PER_SEC << NS_SHIFT) / time_hz_tsc;
	time_tsc_mult = (time_hz_tsc << TICK_SHIFT) / NSEC_PER_SEC;
	time_lapic_mult = (lapic_hz << TICK_SHIFT) / NSEC_PER_SEC;
	log_info("time: TSC %lu kHz by %s, %s; events by %s", time_hz_tsc / 1000, ref->name,
		feature_has(FEAT_INVARIANT_TSC) ? "invariant" : "not declared invariant",
		time_deadline ? "TSC deadline" : "APIC timer");
	return 0;
}

int time_init(const struct time_sources *sources)
{
	time_deadline = feature_has(FEAT_TSC_DEADLINE);
	lapic_timer_setup(false);
	for (unsigned int i = 0; i < TIME_REFS; i++) {
		struct time_ref ref;

		if (time_ref_probe(i, sources, &ref) == 0 && time_calibrate(&ref) == 0) {
			time_event_setup();
			return 0;
		}
	}
	log_err("time: neither PM timer nor HPET nor 8254 gives a believable TSC frequency");
	return -EIO;
}

void time_event_setup(void)
{
	lapic_timer_setup(time_deadline);
}

static uint64_t time_ticks(uint64_t ns, uint64_t mult)
{
	return (uint64_t)(((unsigned __int128)ns * mult) >> TICK_SHIFT);
}

void time_event_set(uint64_t deadline_ns)
{
	uint64_t now, span;

	if (deadline_ns == TIME_NEVER) {
		if (time_deadline)
			lapic_timer_deadline(0);
		else
			lapic_timer_ticks(0);
		return;
	}
	now = now_ns();
	span = deadline_ns > now ? MIN(deadline_ns - now, EVENT_SPAN) : 0;
	/* One tick more: an interrupt before the time would only come to look and leave. */
	if (time_deadline)
		lapic_timer_deadline(rdtsc() + time_ticks(span, time_tsc_mult) + 1);
	else
		lapic_timer_ticks((uint32_t)MIN(time_ticks(span, time_lapic_mult) + 1, TICKS_MAX));
}

/* The handshake of the TSC check: ask counts up, answer follows it. One pair of processors at a time. */
#define SYNC_ROUNDS  4
#define SYNC_WAIT_NS 1000000000UL

static struct {
	uint32_t ask, answer;
	uint64_t tsc;
} time_sync;

static int time_sync_wait(const uint32_t *word, uint32_t value)
{
	uint64_t start = now_ns();

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
		if (now_ns() - start > SYNC_WAIT_NS)
			return -ETIMEDOUT;
		cpu_relax();
	}
	return 0;
}

void time_sync_other(void)
{
	uint32_t done = READ_ONCE(time_sync.answer);

	for (uint32_t i = 1; i <= SYNC_ROUNDS; i++) {
		if (time_sync_wait(&time_sync.ask, done + i))
			return;
		time_sync.tsc = rdtsc();
		__atomic_store_n(&time_sync.answer, done + i, __ATOMIC_RELEASE);
	}
}

int time_sync_with(unsigned int cpu, int64_t *ret_skew)
{
	uint64_t best = ~0UL;
	int64_t skew = 0;

	for (unsigned int i = 0; i < SYNC_ROUNDS; i++) {
		uint64_t t0 = rdtsc(), t1, other;

		__atomic_add_fetch(&time_sync.ask, 1, __ATOMIC_RELEASE);
		if (time_sync_wait(&time_sync.answer, time_sync.ask)) {
			__atomic_store_n(&time_sync.answer, time_sync.ask, __ATOMIC_RELEASE);
			return -ETIMEDOUT;
		}
		t1 = rdtsc();
		other = time_sync.tsc;
		if (t1 - t0 >= best)
			continue;
		best = t1 - t0;
		/* Between our two readings: as good as equal. */
		skew = other >= t0 && other <= t1 ? 0 : (int64_t)(other - (t0 + best / 2));
	}
	per_cpu(tsc_offset, cpu) = -skew;
	if (skew != 0)
		time_tsc_skewed = true;
	*ret_skew = skew;
	return 0;
}
