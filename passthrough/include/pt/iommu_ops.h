/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IOMMU units, and what the two vendors' drivers have to offer: between the
 * facade (pt/iommu.h) and the drivers only.
 *
 * A unit is found by probe, which changes nothing, and brought to life by
 * enable, which follows the manual and reads back. From that moment a device
 * that belongs to no domain can do no DMA: its accesses fault and are counted.
 *
 * Waits: everything marked "waits" polls hardware for at most
 * IOMMU_TIMEOUT_NS, must be called without locks, and on a timeout isolates
 * the unit: it is reported once, marked dead, and from then on every operation
 * on it fails with -EIO at once. A cached translation of a dead unit may live
 * on, so frames whose flush failed must never be freed, and the devices behind
 * it must be stopped.
 *
 * Errors: -ENOMEM; -EIO: the unit is dead; -ENODEV, -EOPNOTSUPP: the unit cannot be
 * used, the log says why.
 */
#ifndef PT_IOMMU_OPS_H
#define PT_IOMMU_OPS_H

#include <pt/env.h>
#include <pt/intremap.h>
#include <pt/iommu.h>

#define IOMMU_TIMEOUT_NS 100000000 /* 100 ms: a queue that answers at all answers within microseconds */
#define IOMMU_NAME_MAX	 12

struct iommu_ops;

enum iommu_unit_health {
	IOMMU_UNIT_OFF,
	IOMMU_UNIT_ON,
	IOMMU_UNIT_DEAD, /* did not answer; see isolated_why */
};

/* The first member of each driver's own structure. */
struct iommu_unit {
	const struct iommu_ops *ops;
	uint32_t number;
	char name[IOMMU_NAME_MAX]; /* "vtd0" */
	uint16_t segment;
	uint8_t health; /* enum iommu_unit_health; changes to DEAD at any time */
	const char *isolated_why;
	volatile uint8_t *regs;
	uint32_t regs_bytes;
	struct iommu_caps caps; /* its own */
	struct env_lock lock;	/* ENV_RANK_IOMMU: tables and command register */
};

/* What a device translates through. The drivers look at id and at pt's format, root, levels and superpages only. */
struct iommu_domain {
	uint16_t id; /* the same on all units, from iommu_domid_alloc() */
	struct ptab pt;
	struct env_lock lock;		    /* ENV_RANK_IOMMU: pt and attached */
	uint16_t attached[IOMMU_UNITS_MAX]; /* requester ids, by unit */
};

/* What iommu_ops.flush has queued; done when iommu_ops.wait says so. */
typedef uint32_t iommu_ticket_t;

struct iommu_ops {
	const struct ptab_format *format;

	/* Reads capabilities; writes nothing. number is for the name; fw must live until the unit is enabled. */
	int (*probe)(const struct iommu_fw *fw, const struct iommu_fw_unit *fw_unit, uint32_t number,
		struct iommu_unit **ret_unit);

	/* Blocks all DMA, then translates. Waits. On failure the unit is off and holds nothing but its registers. */
	int (*enable)(struct iommu_unit *unit);

	/* Translation off, everything freed, the unit too. Waits. */
	void (*destroy)(struct iommu_unit *unit);

	/*
	 * From now on the requester id translates through the domain; NULL: it is
	 * blocked. When this returns, nothing of the old state is cached. On
	 * failure the device is blocked. The caller serialises per requester. Waits.
	 */
	int (*device_set)(struct iommu_unit *unit, uint16_t rid, const struct iommu_domain *domain);

	/* Queues what flush asks for on this unit; a full queue waits. NULL: everything of the domain id. */
	int (*flush)(struct iommu_unit *unit, uint16_t domain_id, const struct ptab_flush *flush,
		iommu_ticket_t *ret_ticket);

	/* Until everything up to this ticket is done. Waits. */
	int (*wait)(struct iommu_unit *unit, iommu_ticket_t ticket);

	/* --- Interrupt remapping; see pt/intremap.h. --- */

	/* Remaps from now on; all entries block. Waits. */
	int (*intr_enable)(struct iommu_unit *unit, bool x2apic);

	/* Entries for range->rid; aligned to their number, when that is a power of two up to 32. */
	int (*intr_alloc)(struct iommu_unit *unit, struct intremap_range *range);

	/* The range blocks already. */
	void (*intr_free)(struct iommu_unit *unit, const struct intremap_range *range);

	int (*intr_set)(struct iommu_unit *unit, const struct intremap_range *range, unsigned int n,
		const struct intremap_target *target);
	void (*intr_message)(const struct intremap_range *range, unsigned int n,
		const struct intremap_target *target, struct intremap_message *ret_message);
};

extern const struct iommu_ops vtd_ops;
extern const struct iommu_ops amdvi_ops;

/* --- For the drivers: iommu_unit.c. --- */

/* Maps the registers and fills what both vendors have in common. */
int iommu_unit_init(struct iommu_unit *unit, const struct iommu_ops *ops, const struct iommu_fw_unit *fw,
	uint32_t number, const char *prefix) __must_check;

/* The unit failed: report it, once. */
void iommu_unit_isolate(struct iommu_unit *unit, const char *why);

static inline bool iommu_unit_dead(const struct iommu_unit *unit)
{
	return READ_ONCE(unit->health) == IOMMU_UNIT_DEAD;
}

/*
 * Cuts the frames of a flush into naturally aligned power-of-two pieces, as
 * page-selective invalidation wants them: orders and first frames, at most max
 * of them and none larger than max_order. 0: too many, flush the whole domain.
 */
struct iommu_piece {
	uint64_t at;
	uint32_t order;
};

size_t iommu_flush_pieces(
	const struct ptab_flush *flush, unsigned int max_order, struct iommu_piece *piece, size_t max);

/*
 * First fit in a bitmap of `bits` bits (a multiple of 64): takes count bits in a
 * row, aligned to count when that is a power of two up to 32. -ENOSPC.
 */
int iommu_bits_take(uint64_t *map, uint32_t bits, uint32_t count, uint32_t *ret_first) __must_check;
void iommu_bits_give(uint64_t *map, uint32_t first, uint32_t count);

/* For the interrupt facade: the unit in use that serves the device, the IOAPIC or the HPET; NULL: none. */
struct iommu_unit *iommu_unit_of(const struct pci_dev *dev);
struct iommu_unit *iommu_unit_of_special(enum iommu_scope_kind kind, uint8_t id, uint16_t *ret_rid);
struct iommu_unit *iommu_unit_at(unsigned int number);

/* intremap.c: the units come or go, nothing is remapped any more. */
void intremap_forget(void);

/* --- Domain ids, shared by all units. --- */

/* Once, before the rest: ids from 1 to count - 1 may be given out; count is clamped to 2 to 65536. */
void iommu_domid_init(uint32_t count);
/* -ENOSPC when all are in use. */
int iommu_domid_alloc(uint16_t *ret_id) __must_check;
/* Only after a flush of the id on every unit that used it has completed. */
void iommu_domid_free(uint16_t id);

#endif
