/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include "env_priv.h"
#include "fake_tlb.h"

struct fake_tlb_entry *fake_tlb_find(struct fake_tlb *tlb, uint16_t domain, uint64_t at)
{
	for (uint32_t i = 0; i < FAKE_TLB_ENTRIES; i++) {
		struct fake_tlb_entry *e = &tlb->entry[i];

		if (e->live && e->domain == domain && at - e->at < 1UL << e->order)
			return e;
	}
	return NULL;
}

void fake_tlb_add(struct fake_tlb *tlb, const struct fake_tlb_entry *entry)
{
	if (tlb->next == FAKE_TLB_ENTRIES)
		fake_violation("more translations than the model can remember");
	tlb->entry[tlb->next] = *entry;
	tlb->entry[tlb->next++].live = true;
}

void fake_tlb_drop_all(struct fake_tlb *tlb)
{
	memset(tlb, 0, sizeof(*tlb));
}

void fake_tlb_drop_domain(struct fake_tlb *tlb, uint16_t domain)
{
	for (uint32_t i = 0; i < FAKE_TLB_ENTRIES; i++)
		if (tlb->entry[i].domain == domain)
			tlb->entry[i].live = false;
}

void fake_tlb_drop_pages(struct fake_tlb *tlb, uint16_t domain, uint64_t at, uint64_t count)
{
	for (uint32_t i = 0; i < FAKE_TLB_ENTRIES; i++) {
		struct fake_tlb_entry *e = &tlb->entry[i];

		if (e->domain == domain && e->at < at + count && at < e->at + (1UL << e->order))
			e->live = false;
	}
}

static bool entry_holds(const struct fake_tlb_entry *e, uint64_t mfn)
{
	for (uint32_t i = 0; i < e->tables; i++)
		if (e->table[i] == mfn)
			return true;
	return mfn - e->mfn < 1UL << e->order;
}

bool fake_tlb_holds(const struct fake_tlb *tlb, uint64_t mfn)
{
	for (uint32_t i = 0; i < FAKE_TLB_ENTRIES; i++)
		if (tlb->entry[i].live && entry_holds(&tlb->entry[i], mfn))
			return true;
	return false;
}
