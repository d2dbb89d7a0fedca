/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping: an interrupt arrives only through an entry that is bound
 * to the requester id it was made for.
 *
 * Entries come in ranges (one for MSI-X, up to 32 for MSI, one for each pin of
 * an IOAPIC) and block until they are set. intremap_start() makes the units
 * remap: from then on every interrupt without an entry, and every one in the
 * old format, is dropped; so it runs before the machine's interrupt sources are
 * programmed, or they are programmed again after it.
 *
 * Locking: all functions lock for themselves; the caller serialises those on
 * one range. Those that wait (marked) must be called without any lock.
 * Errors: -ENODEV, no unit remaps for the device; -ENOSPC, no entries are left;
 * -ENOMEM; -EINVAL; -EIO, the unit is dead.
 */
#ifndef PT_INTREMAP_H
#define PT_INTREMAP_H

#include <pt/types.h>

struct iommu_unit;
struct pci_dev;

#define INTREMAP_MSI_MAX    32	/* entries of a range for MSI: a power of two */
#define INTREMAP_IOAPIC_MAX 240 /* pins of an IOAPIC */

struct intremap_range {
	struct iommu_unit *unit;
	uint16_t rid;
	uint16_t first;
	uint16_t count;
	bool ioapic;
};

/* Where an entry leads. */
struct intremap_target {
	uint32_t apic_id; /* or the logical destination; above 255 with x2APIC only */
	uint8_t vector;
	bool logical;
	bool lowest; /* lowest priority delivery; else fixed */
	bool level;
};

/* What the source must send: an MSI's address and data; an IOAPIC entry's upper half and bits 11:0 of its lower. */
struct intremap_message {
	uint64_t address;
	uint32_t data;
};

/*
 * All units. x2apic: entries take 32-bit destinations (iommu_caps()->x2apic).
 * -ENODEV: some unit cannot, and nothing has changed; after any other error
 * only iommu_stop() is left. Waits.
 */
int intremap_start(bool x2apic) __must_check;
bool intremap_active(void);

int intremap_alloc(const struct pci_dev *dev, uint16_t rid, unsigned int count,
	struct intremap_range *ret_range) __must_check;
/* The requester id is the one that the firmware's tables give the IOAPIC or HPET. */
int intremap_alloc_ioapic(uint8_t id, unsigned int pins, struct intremap_range *ret_range) __must_check;
int intremap_alloc_hpet(uint8_t number, unsigned int count, struct intremap_range *ret_range) __must_check;

/*
 * Entry n now leads there; NULL: it blocks. When this returns, nothing of the
 * old state is cached. Unless its source is masked, an edge may be lost when
 * the vector changes (AMD-Vi with 128-bit entries). Waits.
 */
int intremap_set(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target) __must_check;

/*
 * What the source of entry n sends. An IOAPIC's lower half also takes the mask
 * and the pin's polarity and trigger mode, which must be the target's; its
 * entry's low byte need not be the target's vector, so a level-triggered pin is
 * ended through the IOAPIC's EOI register with that low byte.
 */
void intremap_message(const struct intremap_range *range, unsigned int n,
	const struct intremap_target *target, struct intremap_message *ret_message);

/* Blocks all entries of the range and gives them back. On -EIO they are given up for good. Waits. */
int intremap_free(const struct intremap_range *range);

#endif
