/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VT-d unit in legacy mode, by the manual: registers, invalidation queue, and
 * a translation that caches all it walks until it is told to forget.
 */
#ifndef FAKE_VTD_H
#define FAKE_VTD_H

#include "env.h"
#include "fake_tlb.h"

#define FAKE_VTD_BASE	 0xfed90000UL
#define FAKE_VTD_BYTES	 0x1000
#define FAKE_VTD_HISTORY 1024

/* QEMU's: 48 and 39 bits, 2 MiB and 1 GiB, page-selective up to order 18, 64k domains, one fault record at 0x220. */
#define FAKE_VTD_CAP  (0x6UL | 0x6UL << 8 | 0x22UL << 24 | 3UL << 34 | 1UL << 39 | 0x12UL << 48 | 3UL << 54)
#define FAKE_VTD_ECAP (0xf00f0aUL | 1UL)

struct fake_vtd_context {
	bool live;
	uint16_t rid;
	bool present;
	uint16_t domain;
	uint32_t levels;
	paddr_t root;
	uint64_t table[2]; /* root and context table frames */
};

struct fake_vtd {
	paddr_t base;
	uint8_t *regs;
	paddr_t root; /* latched by SRTP */
	struct fake_tlb tlb;
	struct fake_vtd_context context[64];
	uint32_t contexts;
	uint64_t irta; /* latched by SIRTP */
	struct {
		bool live;
		uint32_t index;
		uint64_t lo, hi;
	} irte[64];
	uint32_t irtes;
	/* What the queue was given, in order. */
	uint64_t done[FAKE_VTD_HISTORY][2];
	uint32_t done_count;
	/* Misbehaviour. */
	bool stuck;	     /* the queue does not move */
	bool lazy;	     /* it moves one descriptor for each env_relax() */
	uint32_t refuse_at;  /* the n-th descriptor from now is refused (IQE); 0 never */
	uint32_t timeout_at; /* at the n-th wait a device did not answer (ITE); 0 never */
	uint32_t deaf;	     /* bits of the command register that are not taken */
	bool queue_forgets;  /* IQA does not keep what is written */
};

/* Registers at base; cap and ecap as read. Every env_relax() gives it time. */
void fake_vtd_init(struct fake_vtd *v, paddr_t base, uint64_t cap, uint64_t ecap);

/* The device reads or writes: true when it may, with the frame that it reaches. */
bool fake_vtd_dma(struct fake_vtd *v, uint16_t rid, uint64_t addr, bool write, uint64_t *ret_mfn);

/* The device writes an interrupt message: true when it is delivered, and where. */
bool fake_vtd_interrupt(struct fake_vtd *v, uint16_t rid, uint64_t address, uint32_t data,
	uint8_t *ret_vector, uint32_t *ret_dest);

/* True when any cache still leads to or through the frame. */
bool fake_vtd_holds(const struct fake_vtd *v, uint64_t mfn);

#endif
