/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proof that nothing is writable and executable: first every executable
 * page is noted, then no writable one may be among them by its frame.
 */
#include <errno.h>
#include <hv/frame.h>
#include <hv/log.h>
#include "map_priv.h"

/* Adjacent ones are one; the image has one or two. */
#define EXEC_MAX 16

struct wx_walk {
	bool collect;
	int rc;
	uint32_t count;
	struct {
		paddr_t base, end;
	} exec[EXEC_MAX];
};

static void wx_report(struct wx_walk *w, uintptr_t va, const char *what)
{
	w->rc = -EPERM;
	log_err("map: the page at %lx is %s", va, what);
}

static void wx_collect(struct wx_walk *w, uintptr_t va, paddr_t pa, uint64_t bytes)
{
	if (w->count && w->exec[w->count - 1].end == pa) {
		w->exec[w->count - 1].end += bytes;
		return;
	}
	if (w->count == EXEC_MAX) {
		wx_report(w, va, "executable, one too many");
		return;
	}
	w->exec[w->count].base = pa;
	w->exec[w->count].end = pa + bytes;
	w->count++;
}

static void wx_leaf(struct wx_walk *w, uintptr_t va, uint64_t e, unsigned int level)
{
	paddr_t pa = map_leaf_pa(e, level);
	uint64_t bytes = MAP_LEVEL_BYTES(level);

	if (w->collect) {
		if (e & PTE_U)
			wx_report(w, va, "for user mode");
		if (!(e & PTE_NX) && (e & PTE_W))
			wx_report(w, va, "writable and executable");
		if (!(e & PTE_NX))
			wx_collect(w, va, pa, bytes);
		return;
	}
	for (uint32_t i = 0; (e & PTE_W) && i < w->count; i++)
		if (pa < w->exec[i].end && w->exec[i].base < pa + bytes)
			wx_report(w, va, "a writable alias of executable memory");
}

static void wx_table(struct wx_walk *w, const uint64_t *table, uintptr_t va, unsigned int level)
{
	for (unsigned int i = 0; i < MAP_ENTRIES && !w->rc; i++) {
		uint64_t e = READ_ONCE(table[i]);
		uintptr_t at = va + i * MAP_LEVEL_BYTES(level);

		/* Canonical form. */
		if (level == MAP_LEVELS - 1 && i >= MAP_ENTRIES / 2)
			at |= 0xffff000000000000UL;
		if (!(e & PTE_P))
			continue;
		if (map_is_leaf(e, level))
			wx_leaf(w, at, e, level);
		else
			wx_table(w, mfn_to_va(paddr_to_mfn(e & PTE_ADDR)), at, level - 1);
	}
}

int map_check_wx(void)
{
	struct wx_walk w = {.collect = true};

	wx_table(&w, map_state.root, 0, MAP_LEVELS - 1);
	w.collect = false;
	if (!w.rc)
		wx_table(&w, map_state.root, 0, MAP_LEVELS - 1);
	return w.rc;
}
