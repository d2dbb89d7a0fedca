/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An AMD-Vi unit, by the manual: registers, command buffer, event log, and a
 * translation that caches all it walks until it is told to forget.
 */
#ifndef FAKE_AMDVI_H
#define FAKE_AMDVI_H

#include "env.h"
#include "fake_tlb.h"

#define FAKE_AMDVI_BASE	   0xfed80000UL
#define FAKE_AMDVI_BYTES   0x4000
#define FAKE_AMDVI_HISTORY 1024
#define FAKE_AMDVI_SBDF	   SBDF(0, 0, 2, 0)
#define FAKE_AMDVI_CAP	   0x40

/* One command flushes all; 4 levels. */
#define FAKE_AMDVI_EFR (1UL << 6)

struct fake_amdvi_device {
	bool live;
	uint16_t rid;
	uint64_t q[4];
};

struct fake_amdvi {
	uint8_t *regs;
	struct fake_tlb tlb;
	struct fake_amdvi_device device[64];
	uint32_t devices;
	struct {
		bool live;
		uint16_t rid;
		uint32_t index;
		uint64_t lo, hi;
	} irte[64];
	uint32_t irtes;
	/* What the command buffer was given, in order. */
	uint64_t done[FAKE_AMDVI_HISTORY][2];
	uint32_t done_count;
	uint32_t done_total;
	/* Misbehaviour. */
	bool stuck;	    /* the buffer does not move */
	bool lazy;	    /* it moves one command for each env_relax() */
	uint32_t refuse_at; /* the n-th command from now is refused; 0 never */
	uint64_t deaf;	    /* bits of the control register that are not taken */
	uint32_t forgets;   /* this register does not keep what is written */
	bool not_cached;    /* no NpCache: what is not present is not remembered */
};

/* Registers, and the unit's own function with its capability. Every env_relax() gives it time. */
void fake_amdvi_init(struct fake_amdvi *a, uint64_t efr, bool np_cache);

/* The device reads or writes: true when it may, with the frame that it reaches. */
bool fake_amdvi_dma(struct fake_amdvi *a, uint16_t rid, uint64_t addr, bool write, uint64_t *ret_mfn);

/* The device sends an interrupt with this data: true when it is delivered, and where. */
bool fake_amdvi_interrupt(
	struct fake_amdvi *a, uint16_t rid, uint32_t data, uint8_t *ret_vector, uint32_t *ret_dest);

/* True when any cache still leads to or through the frame. */
bool fake_amdvi_holds(const struct fake_amdvi *a, uint64_t mfn);

#endif
