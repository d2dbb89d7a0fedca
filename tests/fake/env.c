/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "env_priv.h"

#define LOG_LINES   64
#define LOG_BYTES   256
#define LOCK_DEPTH  16
#define RELAX_LIMIT 50000000U

static struct {
	struct fake_event *event;
	size_t count, room;
	fake_observer *observer;
	void *observer_ctx;
} events;

static struct {
	unsigned int countdown[FAKE_FAULT_KINDS];
	bool struck;
} faults;

static struct {
	uint64_t now, step, turns;
	void (*tick)(void *ctx);
	void *tick_ctx;
} clock_state;

static struct {
	char line[LOG_LINES][LOG_BYTES];
	size_t total, by_level[ENV_LOG_DEBUG + 1];
	FILE *stream;
} log_state;

static struct {
	const struct env_lock *held[LOCK_DEPTH];
	unsigned int depth;
} locks;

void fake_violation(const char *fmt, ...)
{
	va_list ap;

	fputs("fake environment: contract broken: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void fake_reset(void)
{
	free(events.event);
	memset(&events, 0, sizeof(events));
	memset(&faults, 0, sizeof(faults));
	memset(&clock_state, 0, sizeof(clock_state));
	clock_state.step = 1000;
	memset(log_state.by_level, 0, sizeof(log_state.by_level));
	log_state.total = 0;
	log_state.stream = NULL;
	locks.depth = 0;
	fake_mem_reset();
	fake_mmio_reset();
	fake_cfg_forget();
}

/* --- Events. --- */

static struct fake_event *event_append(void)
{
	if (events.count == events.room) {
		events.room = events.room ? 2 * events.room : 256;
		events.event = realloc(events.event, events.room * sizeof(*events.event));
		if (!events.event)
			fake_violation("no memory for %zu events", events.room);
	}
	return &events.event[events.count++];
}

void fake_record(enum fake_event_kind kind, uint64_t where, uint32_t reg, uint32_t size, uint64_t value)
{
	struct fake_event e = {.kind = kind, .reg = reg, .size = size, .where = where, .value = value};

	*event_append() = e;
	if (events.observer)
		events.observer(events.observer_ctx, &e);
}

size_t fake_event_count(void)
{
	return events.count;
}

const struct fake_event *fake_event(size_t i)
{
	return i < events.count ? &events.event[i] : NULL;
}

void fake_events_clear(void)
{
	events.count = 0;
}

size_t fake_event_find(size_t from, enum fake_event_kind kind, uint64_t where)
{
	for (size_t i = from; i < events.count; i++)
		if (events.event[i].kind == kind && events.event[i].where == where)
			return i;
	return SIZE_MAX;
}

void fake_observe(fake_observer *observer, void *ctx)
{
	events.observer = observer;
	events.observer_ctx = ctx;
}

/* --- Faults. --- */

void fake_fail(enum fake_fault kind, unsigned int n)
{
	faults.countdown[kind] = n;
}

bool fake_fault_struck(void)
{
	return faults.struck;
}

static bool fault_count_down(enum fake_fault kind)
{
	if (!faults.countdown[kind] || --faults.countdown[kind])
		return false;
	faults.struck = true;
	return true;
}

bool fake_fault_now(enum fake_fault kind)
{
	bool mine = fault_count_down(kind), any = fault_count_down(FAKE_FAULT_ANY);

	return mine || any;
}

bool fake_fail_next(enum fake_fault kind, unsigned int n)
{
	if (n > 1 && !faults.struck)
		return false;
	memset(&faults, 0, sizeof(faults));
	fake_fail(kind, n);
	return true;
}

/* --- Time and order. --- */

uint64_t env_now_ns(void)
{
	return clock_state.now;
}

void env_relax(void)
{
	if (locks.depth)
		fake_violation("env_relax with a lock of rank %u held", locks.held[locks.depth - 1]->rank);
	if (++clock_state.turns > RELAX_LIMIT)
		fake_violation("endless wait");
	fake_record(FAKE_RELAX, 0, 0, 0, 0);
	clock_state.now += clock_state.step;
	if (clock_state.tick)
		clock_state.tick(clock_state.tick_ctx);
}

void fake_time_set(uint64_t ns)
{
	clock_state.now = ns;
}

void fake_relax_step(uint64_t ns)
{
	clock_state.step = ns;
}

void fake_on_relax(void (*tick)(void *ctx), void *ctx)
{
	clock_state.tick = tick;
	clock_state.tick_ctx = ctx;
}

void env_wmb(void)
{
	fake_record(FAKE_WMB, 0, 0, 0, 0);
}

void env_cache_clean(const void *p, size_t bytes)
{
	fake_record(FAKE_CACHE_CLEAN, (uintptr_t)p, 0, 0, bytes);
}

/* --- Log. --- */

void env_log(enum env_log_level level, const char *fmt, ...)
{
	char *line = log_state.line[log_state.total % LOG_LINES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, LOG_BYTES, fmt, ap);
	va_end(ap);
	if (strchr(line, '\n'))
		fake_violation("a newline in the log line \"%s\"", line);
	log_state.total++;
	log_state.by_level[level]++;
	if (log_state.stream)
		fprintf(log_state.stream, "%s\n", line);
}

size_t fake_log_count(enum env_log_level level)
{
	return log_state.by_level[level];
}

const char *fake_log_last(void)
{
	return log_state.total ? log_state.line[(log_state.total - 1) % LOG_LINES] : "";
}

bool fake_log_has(const char *text)
{
	for (size_t i = 0; i < MIN(log_state.total, (size_t)LOG_LINES); i++)
		if (strstr(log_state.line[i], text))
			return true;
	return false;
}

void fake_log_to(FILE *stream)
{
	log_state.stream = stream;
}

/* --- Locks. --- */

void env_lock_init(struct env_lock *lock, uint32_t rank)
{
	lock->word = 0;
	lock->rank = rank;
}

void env_lock(struct env_lock *lock)
{
	if (lock->word)
		fake_violation("lock of rank %u taken twice", lock->rank);
	if (locks.depth && locks.held[locks.depth - 1]->rank >= lock->rank)
		fake_violation(
			"lock of rank %u taken under rank %u", lock->rank, locks.held[locks.depth - 1]->rank);
	if (locks.depth == LOCK_DEPTH)
		fake_violation("more than %d locks held", LOCK_DEPTH);
	lock->word = 1;
	locks.held[locks.depth++] = lock;
}

void env_unlock(struct env_lock *lock)
{
	if (!lock->word || !locks.depth || locks.held[locks.depth - 1] != lock)
		fake_violation("lock of rank %u released out of order", lock->rank);
	lock->word = 0;
	locks.depth--;
}

bool env_lock_held(const struct env_lock *lock)
{
	return lock->word != 0;
}
