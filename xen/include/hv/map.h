/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own address space (hv/layout.h): final page tables, device
 * registers, guarded stacks. AMD64 APM volume 2 section 5.3; Intel SDM volume 3
 * section 4.5.
 *
 * No page is both writable and executable, by any of its addresses; none is
 * for user mode. Page tables are changed by whole, atomic stores, a table is
 * complete before it is linked.
 *
 * Locking: LOCK_RANK_VMAP inside the vmap functions. Context: any but
 * interrupts; unmapping flushes all processors' TLBs and so needs what
 * smp_flush_tlb_range needs.
 */
#ifndef HV_MAP_H
#define HV_MAP_H

#include <hv/e820.h>

/* How a page is used. The cache attributes are indices of the PAT below. */
enum map_attr {
	MAP_RX = 0x1,
	MAP_RO = 0x2,
	MAP_RW = 0x3,
	MAP_ACCESS = 0x3,
	MAP_WB = 0x00,
	MAP_UC = 0x10,
	MAP_WC = 0x20,
	MAP_CACHE = 0x30,
};

/*
 * Value of the PAT register: WB, WT, UC-, UC, WC, WP, UC, UC. PV guests see
 * it too, and know it from Xen's public ABI (public/arch-x86/xen.h).
 */
#define MAP_PAT 0x0000050100070406UL

struct map_section {
	uintptr_t start, end; /* addresses in the image, page aligned */
	enum map_attr access;
};

struct map_config {
	const struct e820_map *ram; /* sane */
	paddr_t image_phys;	    /* of image_start */
	uintptr_t image_start, image_end;
	const struct map_section *section;
	uint32_t section_count;
	bool has_1g;	    /* CPUID 80000001h EDX bit 26 */
	uint32_t phys_bits; /* CPUID 80000008h EAX 7:0 */
};

/*
 * Builds the final tables out of boot_alloc: the direct map of all RAM without
 * the image, the image by its sections, the frame table, the top-level entries
 * of slots 256 to 271. Activates nothing. -ENOMEM, -EINVAL (misaligned section).
 */
int map_init(const struct map_config *config) __must_check;

/* For CR3 of every processor; its entries 256 to 271 never change afterwards. */
paddr_t map_root(void);

/*
 * One range, in the largest pages that fit. -EINVAL (unaligned, beyond the
 * processor's addresses), -EEXIST where something is mapped, -ENOMEM; on an
 * error nothing of it stays mapped.
 */
int map_range(uintptr_t va, paddr_t pa, uint64_t bytes, unsigned int attr) __must_check;

/* What map_range mapped, whole pages of it only; holes are skipped. The caller flushes. */
void map_unmap(uintptr_t va, uint64_t bytes);

/* Where an address of the hypervisor goes, by the tables. -ENOENT when nowhere. */
int map_lookup(uintptr_t va, paddr_t *ret_pa, unsigned int *ret_attr) __must_check;

/*
 * Walks everything: -EPERM, and a line in the log, when a page is writable and
 * executable, by itself or through an alias, or is for user mode.
 */
int map_check_wx(void) __must_check;

/* Page tables in use, the root included. */
uint64_t map_table_count(void);

/*
 * --- vmap: addresses with an unmapped guard page on both sides. ---
 * ioremap: device registers or other memory that is not RAM; cache is MAP_UC,
 * MAP_WC or MAP_WB; any base and size. NULL: RAM, beyond the processor's
 * addresses, no memory or no addresses left.
 */
volatile void *ioremap(paddr_t base, uint64_t bytes, enum map_attr cache) __must_check;
void iounmap(volatile void *p);

/* Firmware's tables, wherever they are: cached and read-only. NULL as above. */
const void *map_phys_ro(paddr_t base, uint64_t bytes) __must_check;
void unmap_phys_ro(const void *p);

/* Zeroed memory in single frames; a guard page on each side. vmap_stack gives the top: where RSP starts. */
void *vmap_alloc(uint64_t bytes) __must_check;
void vmap_free(void *p);
void *vmap_stack(uint64_t bytes) __must_check;
void vmap_stack_free(void *top, uint64_t bytes);

/* Addresses in use, in pages, guards included. */
uint64_t vmap_pages_used(void);

/* --- From cpu/: every processor forgets these translations. The unit tests have their own. --- */
void map_flush_tlb(uintptr_t va, uint64_t bytes);

/* This processor uses the final tables: PAT, then CR3. In map_cpu.c. */
void map_activate(void);

/* Fills the configuration from CPUID and the linker's symbols, then map_init. In map_cpu.c. */
int map_boot(const struct e820_map *ram) __must_check;

#endif
