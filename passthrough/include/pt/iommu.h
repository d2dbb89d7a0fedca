/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IOMMUs of the machine, whoever made them.
 *
 * iommu_start() finds and enables every unit; from then on a device that was
 * not given to a domain can do no DMA. A domain is a set of mappings; a device
 * is in one domain or in none.
 *
 * Changes of mappings are collected in a batch: iommu_map and iommu_unmap
 * write tables, iommu_flush tells all units that the domain has devices on and
 * waits for them. Until it has returned 0, a frame that was unmapped may still
 * be read and written by devices: it must not be freed. When a unit does not
 * answer, iommu_flush returns -EIO and everything that the batch unlinked is
 * given up for good; so must be the frames.
 *
 * Locking: all functions lock for themselves. The caller serialises
 * iommu_device_set() for each device, and keeps a domain alive while it uses
 * it. Those that wait (marked) must be called without any lock.
 * Errors: -ENOMEM, nothing has changed; -ENODEV, no unit serves the device;
 * -EIO, its unit is dead; -EBUSY; -EINVAL.
 */
#ifndef PT_IOMMU_H
#define PT_IOMMU_H

#include <pt/iommu_fw.h>
#include <pt/ptab.h>

#define IOMMU_UNITS_MAX 64

struct iommu_domain;

/* What all units in use can do: the least of each. */
struct iommu_caps {
	uint8_t levels;	    /* of page tables: 3 or 4 */
	uint8_t superpages; /* PTAB_2M | PTAB_1G */
	bool coherent;	    /* page tables are snooped */
	bool caching;	    /* some unit caches what is not present */
	bool force;	    /* PTAB_FORCE works */
	bool intremap;
	bool x2apic; /* interrupt remapping entries hold 32-bit destinations */
	uint32_t domain_ids;
};

/*
 * Probes and enables every usable unit of the description, which must outlive
 * iommu_stop(). Units that fail are reported and left out; what they serve is
 * not assignable. -ENODEV: none is left. Waits.
 */
int iommu_start(const struct iommu_fw *fw) __must_check;
/* All units off: DMA passes again. No domain may be left. Waits. */
void iommu_stop(void);

/* Zero units: everything zero. */
const struct iommu_caps *iommu_caps(void);
unsigned int iommu_unit_count(void);
/* "vtd0", and why it was isolated or NULL; number below iommu_unit_count(). */
const char *iommu_unit_name(unsigned int number);
const char *iommu_unit_isolated(unsigned int number);

/* --- Domains. -ENOSPC: no domain id is left. --- */
int iommu_domain_create(struct iommu_domain **ret_domain) __must_check;
/* -EBUSY while it has devices. Waits: the id is flushed before it is used again. */
int iommu_domain_destroy(struct iommu_domain *domain) __must_check;

/* --- Mappings. --- */
struct iommu_batch {
	struct ptab_flush flush;
};
#define IOMMU_BATCH_NONE ((struct iommu_batch){PTAB_FLUSH_NONE})

int iommu_map(
	struct iommu_domain *domain, const struct ptab_range *range, struct iommu_batch *batch) __must_check;
int iommu_unmap(
	struct iommu_domain *domain, uint64_t at, uint64_t count, struct iommu_batch *batch) __must_check;
/* Waits. The batch is empty again, whatever the result. */
int iommu_flush(struct iommu_domain *domain, struct iommu_batch *batch) __must_check;
int iommu_lookup(struct iommu_domain *domain, uint64_t at, struct ptab_entry *ret_entry) __must_check;

/* --- Devices. --- */

/*
 * One requester id that the device uses (its own, or an alias) now translates
 * through the domain; NULL: it is blocked. On failure it is blocked, or its
 * unit is dead. Waits.
 */
struct pci_dev;
int iommu_device_set(const struct pci_dev *dev, uint16_t rid, struct iommu_domain *domain) __must_check;
/* What it was set to last; NULL: blocked. */
struct iommu_domain *iommu_device_domain(const struct pci_dev *dev, uint16_t rid);
/* Is there a unit in use, and alive, for the device? */
bool iommu_device_served(const struct pci_dev *dev);

#endif
