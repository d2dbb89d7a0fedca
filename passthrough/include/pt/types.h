/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strong types for the numbers that must never be mixed up: each is a
 * one-member structure, so that passing one for another does not compile.
 *
 * mfn   a machine frame (4 KiB of the real physical address space)
 * dfn   a frame as a device sees it: the input of the IOMMU
 * sbdf  a PCI function: segment, bus, device, function
 *
 * Context: any.
 */
#ifndef PT_TYPES_H
#define PT_TYPES_H

#include <stdbool.h>
#include <pt/compiler.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

typedef uint64_t paddr_t;

typedef struct {
	uint64_t v;
} mfn_t;

typedef struct {
	uint64_t v;
} dfn_t;

#define MFN(n)	    ((mfn_t){(n)})
#define DFN(n)	    ((dfn_t){(n)})
#define INVALID_MFN MFN(~0UL)
#define INVALID_DFN DFN(~0UL)

static inline bool mfn_eq(mfn_t a, mfn_t b)
{
	return a.v == b.v;
}

static inline bool mfn_valid(mfn_t m)
{
	return m.v != INVALID_MFN.v;
}

static inline mfn_t mfn_add(mfn_t m, uint64_t frames)
{
	return MFN(m.v + frames);
}

static inline dfn_t dfn_add(dfn_t d, uint64_t frames)
{
	return DFN(d.v + frames);
}

static inline paddr_t mfn_to_paddr(mfn_t m)
{
	return m.v << PAGE_SHIFT;
}

static inline mfn_t paddr_to_mfn(paddr_t p)
{
	return MFN(p >> PAGE_SHIFT);
}

/* PCI Express Base 6.0 section 2.2.6.2 (requester id); segment groups: PCI Firmware 3.3 section 4.1.2. */
typedef struct {
	uint32_t v; /* segment 31:16, bus 15:8, device 7:3, function 2:0 */
} sbdf_t;

#define SBDF(seg, bus, dev, fn)                                                                      \
	((sbdf_t){((uint32_t)(seg) << 16) | ((uint32_t)(bus) << 8) | (((uint32_t)(dev)&0x1f) << 3) | \
		  ((uint32_t)(fn)&0x7)})

/* For log lines: printf("%04x:%02x:%02x.%u", SBDF_ARGS(s)). */
#define PRI_SBDF     "%04x:%02x:%02x.%u"
#define SBDF_ARGS(s) sbdf_seg(s), sbdf_bus(s), sbdf_dev(s), sbdf_fn(s)

static inline unsigned int sbdf_seg(sbdf_t s)
{
	return s.v >> 16;
}

static inline unsigned int sbdf_bus(sbdf_t s)
{
	return (s.v >> 8) & 0xff;
}

static inline unsigned int sbdf_dev(sbdf_t s)
{
	return (s.v >> 3) & 0x1f;
}

static inline unsigned int sbdf_fn(sbdf_t s)
{
	return s.v & 0x7;
}

/* The 8-bit device and function number. */
static inline unsigned int sbdf_devfn(sbdf_t s)
{
	return s.v & 0xff;
}

/* The 16-bit requester id. */
static inline unsigned int sbdf_rid(sbdf_t s)
{
	return s.v & 0xffff;
}

static inline bool sbdf_eq(sbdf_t a, sbdf_t b)
{
	return a.v == b.v;
}

#endif
