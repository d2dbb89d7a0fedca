/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses for what the direct map does not show. Areas are a list sorted by
 * address, first fit; each has an unmapped guard page before it, and one after
 * it (the next area's). Not hot: devices are mapped once.
 *
 * Lock order: vmap_lock (LOCK_RANK_VMAP), the heap's inside it. Unmapping
 * flushes without the lock; the addresses are free only after the flush.
 */
#include <string.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/layout.h>
#include <hv/list.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/spinlock.h>

/* Before the heap is there: enough for ACPI tables and a console. */
#define EARLY_AREAS 64

struct vmap_area {
	struct list node;
	uintptr_t va;	/* of the guard page before it */
	uint64_t bytes; /* with that page */
};

static struct spinlock vmap_lock = SPINLOCK_INIT("vmap", LOCK_RANK_VMAP);
static struct list areas = LIST_INIT(areas);
static struct list spare = LIST_INIT(spare);
static struct vmap_area early[EARLY_AREAS];
static uint32_t early_used;
static uint64_t pages_used;

/* Lock held. Records are recycled, never given back: each frame of them serves 128 areas. */
static struct vmap_area *vmap_record_new(void)
{
	struct vmap_area *page;

	if (!list_empty(&spare)) {
		struct vmap_area *a = list_first_entry(&spare, struct vmap_area, node);

		list_del(&a->node);
		return a;
	}
	if (early_used < EARLY_AREAS)
		return &early[early_used++];
	page = heap_ready() ? heap_pages(0) : NULL;
	for (size_t i = 1; page && i < PAGE_SIZE / sizeof(*page); i++)
		list_add(&spare, &page[i].node);
	return page;
}

/* Large areas stand on their frames' place in a 2 MiB page, so that they are mapped by such pages. */
static uintptr_t vmap_place(uintptr_t at, uint64_t bytes, paddr_t pa)
{
	return bytes > MIB(2) ? at + ((pa - PAGE_SIZE - at) & (MIB(2) - 1)) : at;
}

/* Lock held. The first gap that holds the pages and the guard before them; 0 when there is none. */
static uintptr_t vmap_gap_find(uint64_t bytes, paddr_t pa, struct list **ret_before)
{
	uintptr_t at = vmap_place(VMAP_BASE, bytes, pa);

	list_for_each (pos, &areas) {
		struct vmap_area *a = list_entry(pos, struct vmap_area, node);

		if (at < a->va && a->va - at >= bytes) {
			*ret_before = pos;
			return at;
		}
		at = vmap_place(a->va + a->bytes, bytes, pa);
	}
	*ret_before = &areas;
	return at + bytes <= VMAP_BASE + VMAP_BYTES - PAGE_SIZE ? at : 0;
}

/* The first usable address, or 0. pa: what will be mapped there, 0 for single frames. */
static uintptr_t vmap_area_get(uint64_t bytes, paddr_t pa)
{
	struct vmap_area *a;
	struct list *before;
	uintptr_t va = 0;

	if (bytes == 0 || bytes >= VMAP_BYTES)
		return 0;
	bytes += PAGE_SIZE;
	spin_lock(&vmap_lock);
	a = vmap_record_new();
	if (a)
		va = vmap_gap_find(bytes, pa, &before);
	if (va) {
		*a = (struct vmap_area){.va = va, .bytes = bytes};
		list_add_tail(before, &a->node);
		pages_used += bytes >> PAGE_SHIFT;
	} else if (a) {
		list_add(&spare, &a->node);
	}
	spin_unlock(&vmap_lock);
	return va ? va + PAGE_SIZE : 0;
}

/* Lock held. The area whose pages begin there; it stays until vmap_area_put. */
static struct vmap_area *vmap_area_find(uintptr_t va)
{
	list_for_each (pos, &areas) {
		struct vmap_area *a = list_entry(pos, struct vmap_area, node);

		if (a->va + PAGE_SIZE == va)
			return a;
	}
	return NULL;
}

static uint64_t vmap_area_bytes(uintptr_t va)
{
	struct vmap_area *a;
	uint64_t bytes;

	spin_lock(&vmap_lock);
	a = vmap_area_find(va);
	BUG_ON(!a);
	bytes = a->bytes - PAGE_SIZE;
	spin_unlock(&vmap_lock);
	return bytes;
}

static void vmap_area_put(uintptr_t va)
{
	struct vmap_area *a;

	spin_lock(&vmap_lock);
	a = vmap_area_find(va);
	BUG_ON(!a);
	pages_used -= a->bytes >> PAGE_SHIFT;
	list_del(&a->node);
	list_add(&spare, &a->node);
	spin_unlock(&vmap_lock);
}

uint64_t vmap_pages_used(void)
{
	return pages_used;
}

/* --- Device registers and firmware's tables. --- */

static void *vmap_phys(paddr_t base, uint64_t bytes, unsigned int attr)
{
	paddr_t first = ALIGN_DOWN(base, PAGE_SIZE);
	uint64_t all;
	uintptr_t va;

	if (bytes == 0 || bytes >= VMAP_BYTES || base + bytes < base)
		return NULL;
	all = ALIGN_UP(base + bytes - first, PAGE_SIZE);
	va = vmap_area_get(all, first);
	if (!va)
		return NULL;
	if (map_range(va, first, all, attr)) {
		vmap_area_put(va);
		return NULL;
	}
	return (void *)(va + (base - first));
}

static void vunmap_phys(const volatile void *p)
{
	uintptr_t va = ALIGN_DOWN((uintptr_t)p, PAGE_SIZE);
	uint64_t bytes;

	if (!p)
		return;
	bytes = vmap_area_bytes(va);
	map_unmap(va, bytes);
	map_flush_tlb(va, bytes);
	vmap_area_put(va);
}

volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache)
{
	uint64_t first = base >> PAGE_SHIFT;

	if (bytes == 0 || base + bytes < base)
		return NULL;
	/* One frame with two cache attributes is undefined (AMD64 APM volume 2 section 7.8.7). */
	if (mfn_range_has_ram(MFN(first), ((base + bytes - 1) >> PAGE_SHIFT) - first + 1)) {
		log_err("map: %lx, %lu bytes: RAM is not mapped as a device", base, bytes);
		return NULL;
	}
	return vmap_phys(base, bytes, (unsigned int)MAP_RW | (cache & MAP_CACHE));
}

void iounmap(volatile void *p)
{
	vunmap_phys(p);
}

const void *map_phys_ro(paddr_t base, uint64_t bytes)
{
	return vmap_phys(base, bytes, (unsigned int)MAP_RO | MAP_WB);
}

void unmap_phys_ro(const void *p)
{
	vunmap_phys(p);
}

/* --- Memory. --- */

/* Frame by frame: unmapped, flushed, and only then freed. */
static void vmap_frames_drop(uintptr_t va, uint64_t bytes)
{
	uint64_t done = 0;

	for (; done < bytes; done += PAGE_SIZE) {
		unsigned int attr;
		paddr_t pa;

		if (map_lookup(va + done, &pa, &attr))
			break;
		map_unmap(va + done, PAGE_SIZE);
		map_flush_tlb(va + done, PAGE_SIZE);
		heap_free(paddr_to_mfn(pa), 0);
	}
}

static int vmap_frames_fill(uintptr_t va, uint64_t bytes)
{
	for (uint64_t done = 0; done < bytes; done += PAGE_SIZE) {
		mfn_t mfn;
		int rc = heap_alloc(0, HEAP_ANY_NODE, 0, &mfn);

		if (rc)
			return rc;
		rc = map_range(va + done, mfn_to_paddr(mfn), PAGE_SIZE, MAP_RW);
		if (rc) {
			heap_free(mfn, 0);
			return rc;
		}
	}
	return 0;
}

void *vmap_alloc(uint64_t bytes)
{
	uint64_t all = ALIGN_UP(bytes, PAGE_SIZE);
	uintptr_t va = bytes < VMAP_BYTES ? vmap_area_get(all, 0) : 0;

	if (!va)
		return NULL;
	if (vmap_frames_fill(va, all)) {
		vmap_frames_drop(va, all);
		vmap_area_put(va);
		return NULL;
	}
	return (void *)va;
}

void vmap_free(void *p)
{
	if (!p)
		return;
	vmap_frames_drop((uintptr_t)p, vmap_area_bytes((uintptr_t)p));
	vmap_area_put((uintptr_t)p);
}

void *vmap_stack(uint64_t bytes)
{
	char *base = vmap_alloc(bytes);

	return base ? base + ALIGN_UP(bytes, PAGE_SIZE) : NULL;
}

void vmap_stack_free(void *top, uint64_t bytes)
{
	vmap_free((char *)top - ALIGN_UP(bytes, PAGE_SIZE));
}
