/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recording environment: what unit tests and fuzzers link in the place of
 * the hypervisor's env.c. It implements all of pt/env.h and
 *
 *   - records, in order, every store to registers and configuration space,
 *     every barrier, cache write-back, frame allocation and frame release;
 *   - fails the n-th allocation, frame allocation or register mapping;
 *   - lets time pass only in env_relax();
 *   - models configuration space per function, with write masks;
 *   - models register blocks, plain or through a model's own callbacks;
 *   - ends the program with a message (abort) when the code under test breaks
 *     the contract of pt/env.h: a misaligned or out of range access, a register
 *     touched without env_read/env_write, a lock taken twice or out of order,
 *     a wait with a lock held, an endless wait, a double free.
 *
 * Every test starts with fake_reset(), which forgets everything; a pointer got
 * from a function here is valid until then. Not thread-safe.
 */
#ifndef FAKE_ENV_H
#define FAKE_ENV_H

#include <stdio.h>
#include <pt/env.h>

/* Everything back to the start: no functions, no registers, no events, time 0, no faults. */
void fake_reset(void);

/* --- What happened, in order. --- */
enum fake_event_kind {
	FAKE_MMIO_WRITE,   /* where: physical address; size; value */
	FAKE_CFG_WRITE,	   /* where: sbdf.v; reg; size; value */
	FAKE_WMB,	   /* env_wmb */
	FAKE_CACHE_CLEAN,  /* where: address of the memory; value: bytes */
	FAKE_FRAMES_ALLOC, /* where: first mfn; size: order */
	FAKE_FRAMES_FREE,  /* where: first mfn; size: order */
	FAKE_RELAX,	   /* one turn of a bounded wait */
};

struct fake_event {
	enum fake_event_kind kind;
	uint32_t reg;
	uint32_t size;
	uint64_t where;
	uint64_t value;
};

size_t fake_event_count(void);
/* The i-th event since the reset or the last clear; NULL beyond the end. */
const struct fake_event *fake_event(size_t i);
void fake_events_clear(void);
/* Index of the first event of this kind and place at or after `from`, or SIZE_MAX. */
size_t fake_event_find(size_t from, enum fake_event_kind kind, uint64_t where);

/*
 * Called for each event, after it was recorded and before the model sees the
 * store: the place to check that what hardware could read now is consistent.
 */
typedef void fake_observer(void *ctx, const struct fake_event *event);
void fake_observe(fake_observer *observer, void *ctx);

/* --- Fault injection. --- */
enum fake_fault {
	FAKE_FAULT_ALLOC,  /* env_alloc */
	FAKE_FAULT_FRAMES, /* env_frames_alloc */
	FAKE_FAULT_MAP,	   /* env_mmio_map */
	FAKE_FAULT_ANY,	   /* counts all of them together */
	FAKE_FAULT_KINDS,
};

/* The n-th such call from now on fails, once; n counts from 1, 0 disarms. */
void fake_fail(enum fake_fault kind, unsigned int n);
/* True when an armed fault has struck since fake_reset(). */
bool fake_fault_struck(void);

/*
 * Every failure in turn:
 *	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) { ... }
 * The body starts from fake state of its own making. It ends after the first
 * round in which no fault struck.
 */
bool fake_fail_next(enum fake_fault kind, unsigned int n);

/* --- Memory and frames: what is still held. --- */
size_t fake_live_allocs(void);
size_t fake_live_frames(void); /* in frames, not in runs */
size_t fake_live_maps(void);

/* Frame numbers start here: above 4 GiB, so that a truncated address shows. */
#define FAKE_FRAME_BASE 0x100000UL
#define FAKE_FRAMES	0x10000UL

/* What hardware reads at this address: NULL outside of live frames. Valid to the end of the frame. */
void *fake_phys(paddr_t addr);

/* --- Register blocks. --- */
struct fake_mmio_ops {
	uint64_t (*read)(void *ctx, uint32_t offset, uint32_t size);
	void (*write)(void *ctx, uint32_t offset, uint32_t size, uint64_t value);
};

/*
 * A block of registers at this physical address. ops NULL, or a NULL slot: plain
 * memory. Returns the plain store, for the test and the model to peek and poke
 * without being recorded. The processor's mapping is inaccessible memory, so a
 * plain dereference in the code under test faults.
 */
uint8_t *fake_mmio_add(paddr_t base, uint32_t bytes, const struct fake_mmio_ops *ops, void *ctx);

/* --- Configuration space. --- */
struct fake_fn;

struct fake_cfg_ops {
	/* The value stands in *value and may be changed. */
	void (*read)(void *ctx, struct fake_fn *fn, unsigned int reg, unsigned int size, uint32_t *value);
	/* Returns true when it dealt with the write itself. */
	bool (*write)(void *ctx, struct fake_fn *fn, unsigned int reg, unsigned int size, uint32_t value);
};

struct fake_fn {
	sbdf_t sbdf;
	bool dead;	     /* answers all-ones, drops writes */
	uint32_t bytes;	     /* 256 or 4096; beyond it reads are all-ones */
	uint8_t reg[4096];   /* what is read */
	uint8_t wmask[4096]; /* bits that a write changes; 0 (read-only) until the test says otherwise */
	uint8_t w1c[4096];   /* bits that a written 1 clears */
	uint64_t reads;
	uint64_t writes;
	const struct fake_cfg_ops *ops; /* NULL: the masks say it all */
	void *ctx;
};

/* A function, all zero and read-only. bytes: 256 or 4096. */
struct fake_fn *fake_cfg_add(sbdf_t sbdf, uint32_t bytes);
struct fake_fn *fake_cfg_find(sbdf_t sbdf); /* or NULL */
/* Forgets all functions, and nothing else. */
void fake_cfg_forget(void);
/* True when a function of this segment was added. */
bool fake_cfg_segment_used(uint16_t segment);
/* Little-endian, unrecorded, ignoring masks. */
void fake_cfg_set8(struct fake_fn *fn, unsigned int reg, uint8_t value);
void fake_cfg_set16(struct fake_fn *fn, unsigned int reg, uint16_t value);
void fake_cfg_set32(struct fake_fn *fn, unsigned int reg, uint32_t value);
uint32_t fake_cfg_get32(const struct fake_fn *fn, unsigned int reg);
/* Which bits can be written, little-endian. */
void fake_cfg_wmask16(struct fake_fn *fn, unsigned int reg, uint16_t mask);
void fake_cfg_wmask32(struct fake_fn *fn, unsigned int reg, uint32_t mask);
/* A base address register of this size (a power of two) with these low type bits: value and mask, 64-bit too. */
void fake_cfg_bar(struct fake_fn *fn, unsigned int reg, uint64_t base, uint64_t size, uint32_t type);

/* --- Time. --- */
void fake_time_set(uint64_t ns);
/* How far one env_relax() moves the clock: 1000 ns after a reset. */
void fake_relax_step(uint64_t ns);
/* Called by each env_relax(): the place for a model to make progress. */
void fake_on_relax(void (*tick)(void *ctx), void *ctx);

/* --- Log. --- */
size_t fake_log_count(enum env_log_level level);
const char *fake_log_last(void); /* "" when there was none */
/* True when one of the last 64 lines contains the text. */
bool fake_log_has(const char *text);
/* Lines also go there; NULL (the state after a reset) for nowhere. */
void fake_log_to(FILE *stream);

#endif
