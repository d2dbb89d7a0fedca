/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: every copy from or to a guest by its own addresses, every instruction
 * that the hypervisor fetches. The guest's page tables: AMD64 APM volume 2
 * sections 5.2 (32-bit and PAE) and 5.3 (4 and 5 levels).
 *
 * The guest changes its tables while they are read: each entry is read once, and
 * written only by compare and exchange.
 */
#include <errno.h>
#include <hv/cpu_regs.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/hvm.h>
#include <hv/p2m.h>

#define PTE_P	 0x001UL
#define PTE_RW	 0x002UL
#define PTE_US	 0x004UL
#define PTE_A	 0x020UL
#define PTE_D	 0x040UL
#define PTE_PS	 0x080UL
#define PTE_NX	 (1UL << 63)
#define PTE_ADDR 0x000ffffffffff000UL

/* How the vcpu's mode walks. */
struct walk_mode {
	uint8_t levels;	    /* 0: paging is off */
	uint8_t index_bits; /* of each level but PAE's top one */
	uint8_t entry_bytes;
	uint8_t large_levels; /* levels 2 to this may be leaves */
	bool wp;	      /* supervisors obey the write bit */
	bool nx, smep;
};

struct walk {
	struct domain *domain;
	struct walk_mode mode;
	uint64_t linear;
	uint32_t access;
	uint64_t allowed; /* RW and US while every level grants them */
	bool no_exec;
};

static struct walk_mode walk_mode_of(const struct vcpu *v)
{
	uint64_t cr0 = hvm_reg(v, HVM_CR0), cr4 = hvm_reg(v, HVM_CR4), efer = hvm_reg(v, HVM_EFER);
	struct walk_mode mode = {
		.index_bits = 9,
		.entry_bytes = 8,
		.wp = (cr0 & CR0_WP) != 0,
		.nx = (efer & EFER_NXE) != 0,
		.smep = (cr4 & CR4_SMEP) != 0,
	};

	if (!(cr0 & CR0_PG))
		return mode;
	if (efer & EFER_LMA) {
		mode.levels = cr4 & CR4_LA57 ? 5 : 4;
		mode.large_levels = 3;
	} else if (cr4 & CR4_PAE) {
		mode.levels = 3;
		mode.large_levels = 2;
	} else {
		mode.levels = 2;
		mode.index_bits = 10;
		mode.entry_bytes = 4;
		mode.large_levels = cr4 & CR4_PSE ? 2 : 1;
		mode.nx = false;
	}
	return mode;
}

static bool walk_is_long(const struct walk_mode *mode)
{
	return mode->levels >= 4;
}

static bool walk_canonical(const struct walk_mode *mode, uint64_t linear)
{
	unsigned int bits = 12 + 9U * mode->levels;

	return (uint64_t)((int64_t)(linear << (64 - bits)) >> (64 - bits)) == linear;
}

static unsigned int walk_shift(const struct walk_mode *mode, unsigned int level)
{
	return PAGE_SHIFT + mode->index_bits * (level - 1U);
}

/* Where the entry of a level is, the table being there. PAE's top table need not start a page. */
static uint64_t walk_entry_gpa(const struct walk *w, uint64_t table, unsigned int level)
{
	uint64_t index = w->linear >> walk_shift(&w->mode, level);

	index &= level == 3 && w->mode.levels == 3 ? 3 : (1UL << w->mode.index_bits) - 1;
	return table + index * w->mode.entry_bytes;
}

static uint64_t walk_entry_read(const void *entry, const struct walk_mode *mode)
{
	return mode->entry_bytes == 8 ? READ_ONCE(*(const uint64_t *)entry)
				      : READ_ONCE(*(const uint32_t *)entry);
}

/* False: the guest has changed the entry meanwhile. */
static bool walk_entry_mark(void *entry, const struct walk_mode *mode, uint64_t old, uint64_t bits)
{
	uint32_t old32 = (uint32_t)old;

	if (mode->entry_bytes == 8)
		return __atomic_compare_exchange_n(
			(uint64_t *)entry, &old, old | bits, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	return __atomic_compare_exchange_n(
		(uint32_t *)entry, &old32, old32 | (uint32_t)bits, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static bool walk_is_leaf(const struct walk_mode *mode, uint64_t e, unsigned int level)
{
	return level == 1 || (level <= mode->large_levels && (e & PTE_PS));
}

/* The rights so far, with those of an entry. PAE's top entries have none to give. */
static void walk_rights(struct walk *w, uint64_t e, unsigned int level)
{
	if (level == 3 && w->mode.levels == 3)
		return;
	w->allowed &= e;
	w->no_exec |= w->mode.nx && (e & PTE_NX);
}

static bool walk_permits(const struct walk *w)
{
	bool user = (w->access & GUEST_PF_USER) != 0;

	if (user && !(w->allowed & PTE_US))
		return false;
	if ((w->access & GUEST_PF_WRITE) && !(w->allowed & PTE_RW) && (user || w->mode.wp))
		return false;
	if (w->access & GUEST_PF_FETCH)
		return !w->no_exec && (user || !w->mode.smep || !(w->allowed & PTE_US));
	return true;
}

/* What the processor would set: accessed on the way, dirty at the end of a write. */
static uint64_t walk_marks(const struct walk *w, uint64_t e, unsigned int level)
{
	uint64_t want = PTE_A;

	if (level == 3 && w->mode.levels == 3)
		return 0;
	if (walk_is_leaf(&w->mode, e, level) && (w->access & GUEST_PF_WRITE))
		want |= PTE_D;
	return want & ~e;
}

/* One level, in the frame that holds its entry: 0, -EFAULT (not present, not permitted), -EAGAIN (changed). */
static int walk_level(
	struct walk *w, void *entry, unsigned int level, uint64_t *ret_entry, uint32_t *ret_error)
{
	uint64_t e = walk_entry_read(entry, &w->mode), marks;

	*ret_error = w->access;
	if (!(e & PTE_P))
		return -EFAULT;
	walk_rights(w, e, level);
	*ret_error = w->access | GUEST_PF_PRESENT;
	if (walk_is_leaf(&w->mode, e, level) && !walk_permits(w))
		return -EFAULT;
	marks = walk_marks(w, e, level);
	if (marks && !walk_entry_mark(entry, &w->mode, e, marks))
		return -EAGAIN;
	*ret_entry = e;
	return 0;
}

/* The entry's frame is a guest's: only RAM, and writable RAM where bits must be set. */
static int walk_step(
	struct walk *w, uint64_t table, unsigned int level, uint64_t *ret_entry, uint32_t *ret_error)
{
	uint64_t gpa = walk_entry_gpa(w, table, level);
	mfn_t mfn;
	int rc = p2m_get_frame(w->domain, GFN(gpa >> PAGE_SHIFT), true, &mfn);

	if (rc != 0)
		return -ENXIO;
	rc = walk_level(w, (char *)mfn_to_va(mfn) + (gpa & ~PAGE_MASK), level, ret_entry, ret_error);
	p2m_put_frame(mfn);
	return rc;
}

static uint64_t walk_leaf_gpa(const struct walk *w, uint64_t e, unsigned int level)
{
	uint64_t inside = (1UL << walk_shift(&w->mode, level)) - 1;
	uint64_t base = e & PTE_ADDR & ~inside;

	/* Pages of 4 MiB: bits 20:13 of the entry are address bits 39:32 (APM volume 2 section 5.2.3). */
	if (w->mode.entry_bytes == 4 && level == 2)
		base |= (e & 0x1fe000UL) << 19;
	return base | (w->linear & inside);
}

static uint64_t walk_root(const struct walk_mode *mode, uint64_t cr3)
{
	if (mode->levels == 3)
		return cr3 & 0xffffffe0UL;
	return mode->entry_bytes == 4 ? cr3 & 0xfffff000UL : cr3 & PTE_ADDR;
}

static int walk_once(struct walk *w, uint64_t root, uint64_t *ret_gpa, uint32_t *ret_error)
{
	uint64_t table = root, e = 0;

	w->allowed = PTE_RW | PTE_US;
	w->no_exec = false;
	for (unsigned int level = w->mode.levels;; level--) {
		int rc = walk_step(w, table, level, &e, ret_error);

		if (rc != 0)
			return rc;
		if (walk_is_leaf(&w->mode, e, level)) {
			*ret_gpa = walk_leaf_gpa(w, e, level);
			return 0;
		}
		table = e & PTE_ADDR;
	}
}

int guest_walk(struct vcpu *v, uint64_t linear, uint32_t access, uint64_t *ret_gpa, uint32_t *ret_error)
{
	struct walk w = {.domain = v->domain, .mode = walk_mode_of(v), .access = access};
	uint64_t root;
	int rc;

	*ret_error = access;
	w.linear = walk_is_long(&w.mode) ? linear : (uint32_t)linear;
	if (w.mode.levels == 0) {
		*ret_gpa = w.linear;
		return 0;
	}
	if (walk_is_long(&w.mode) && !walk_canonical(&w.mode, linear))
		return -ENXIO;
	root = walk_root(&w.mode, hvm_reg(v, HVM_CR3));
	/* A guest that changes its tables all the time is only made to wait for itself, and not for ever. */
	for (unsigned int tries = 0; tries < 16; tries++) {
		rc = walk_once(&w, root, ret_gpa, ret_error);
		if (rc != -EAGAIN)
			return rc;
	}
	return -ENXIO;
}
