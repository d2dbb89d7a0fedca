/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware need not give every processor the same MTRRs (emulators do not).
 * The boot processor's are taken for right and copied to the others.
 */
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/features.h>
#include <hv/log.h>
#include <hv/percpu.h>

#define MTRR_MAX_VARIABLE 32
#define MTRR_FIXED	  11

struct mtrr_state {
	uint32_t variable; /* how many */
	bool fixed_present;
	uint64_t def_type;
	uint64_t fixed[MTRR_FIXED];
	uint64_t base[MTRR_MAX_VARIABLE], mask[MTRR_MAX_VARIABLE];
};

static struct mtrr_state mtrr_boot;

static const uint32_t mtrr_fixed_msr[MTRR_FIXED] = {
	MSR_MTRR_FIX64K_00000,
	MSR_MTRR_FIX16K_80000,
	MSR_MTRR_FIX16K_A0000,
	MSR_MTRR_FIX4K(0),
	MSR_MTRR_FIX4K(1),
	MSR_MTRR_FIX4K(2),
	MSR_MTRR_FIX4K(3),
	MSR_MTRR_FIX4K(4),
	MSR_MTRR_FIX4K(5),
	MSR_MTRR_FIX4K(6),
	MSR_MTRR_FIX4K(7),
};

void mtrr_save(void)
{
	struct mtrr_state *s = &mtrr_boot;
	uint64_t cap;

	if (!feature_has(FEAT_MTRR))
		return;
	cap = rdmsr(MSR_MTRRCAP);
	s->variable = MIN((uint32_t)(cap & MTRRCAP_VCNT), (uint32_t)MTRR_MAX_VARIABLE);
	s->fixed_present = (cap & MTRRCAP_FIX) != 0;
	s->def_type = rdmsr(MSR_MTRR_DEF_TYPE);
	for (uint32_t i = 0; i < s->variable; i++) {
		s->base[i] = rdmsr(MSR_MTRR_PHYSBASE(i));
		s->mask[i] = rdmsr(MSR_MTRR_PHYSMASK(i));
	}
	for (uint32_t i = 0; s->fixed_present && i < MTRR_FIXED; i++)
		s->fixed[i] = rdmsr(mtrr_fixed_msr[i]);
}

static bool mtrr_same(const struct mtrr_state *s)
{
	bool same = rdmsr(MSR_MTRR_DEF_TYPE) == s->def_type;

	for (uint32_t i = 0; same && i < s->variable; i++)
		same = rdmsr(MSR_MTRR_PHYSBASE(i)) == s->base[i] && rdmsr(MSR_MTRR_PHYSMASK(i)) == s->mask[i];
	for (uint32_t i = 0; same && s->fixed_present && i < MTRR_FIXED; i++)
		same = rdmsr(mtrr_fixed_msr[i]) == s->fixed[i];
	return same;
}

/* Toggling CR4.PGE empties the TLB, global entries included. */
static void mtrr_flush_tlb(void)
{
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 & ~CR4_PGE);
	write_cr4(cr4);
}

/* SDM volume 3A section 12.11.8; the caches are off, so that no line has a type of both sets. */
void mtrr_load(void)
{
	const struct mtrr_state *s = &mtrr_boot;
	uint64_t flags, cr0;

	if (!feature_has(FEAT_MTRR) || mtrr_same(s))
		return;
	flags = irq_save();
	cr0 = read_cr0();
	write_cr0((cr0 | CR0_CD) & ~CR0_NW);
	wbinvd();
	mtrr_flush_tlb();
	wrmsr(MSR_MTRR_DEF_TYPE, s->def_type & ~(MTRR_DEF_TYPE_ENABLE | MTRR_DEF_TYPE_FIX));
	for (uint32_t i = 0; s->fixed_present && i < MTRR_FIXED; i++)
		wrmsr(mtrr_fixed_msr[i], s->fixed[i]);
	for (uint32_t i = 0; i < s->variable; i++) {
		wrmsr(MSR_MTRR_PHYSBASE(i), s->base[i]);
		wrmsr(MSR_MTRR_PHYSMASK(i), s->mask[i]);
	}
	wrmsr(MSR_MTRR_DEF_TYPE, s->def_type);
	mtrr_flush_tlb();
	wbinvd();
	write_cr0(cr0);
	irq_restore(flags);
	log_debug("cpu %u: took over the boot processor's MTRRs", smp_cpu());
}
