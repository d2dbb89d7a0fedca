/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a modelled IOMMU remembers of its walks: translations, and the frames of
 * the tables that it walked. A model that forgets only what it is told to forget
 * shows every missing flush.
 */
#ifndef FAKE_TLB_H
#define FAKE_TLB_H

#include <pt/types.h>

#define FAKE_TLB_ENTRIES 256

struct fake_tlb_entry {
	bool live;
	uint16_t domain;
	uint64_t at; /* first input frame */
	uint32_t order;
	uint64_t mfn;
	bool read, write;
	uint64_t table[6]; /* the frames of the tables on the way */
	uint32_t tables;
};

struct fake_tlb {
	struct fake_tlb_entry entry[FAKE_TLB_ENTRIES];
	uint32_t next;
};

struct fake_tlb_entry *fake_tlb_find(struct fake_tlb *tlb, uint16_t domain, uint64_t at);
void fake_tlb_add(struct fake_tlb *tlb, const struct fake_tlb_entry *entry);
void fake_tlb_drop_all(struct fake_tlb *tlb);
void fake_tlb_drop_domain(struct fake_tlb *tlb, uint16_t domain);
void fake_tlb_drop_pages(struct fake_tlb *tlb, uint16_t domain, uint64_t at, uint64_t count);
/* True when a cached translation leads to the frame, or was found through it. */
bool fake_tlb_holds(const struct fake_tlb *tlb, uint64_t mfn);

#endif
