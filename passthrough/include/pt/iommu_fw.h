/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the firmware says about the IOMMUs: ACPI's DMAR (VT-d 4.1 chapter 8)
 * and IVRS (AMD IOMMU 3.08 chapter 5) in one vendor-neutral form.
 *
 * Parsing trusts nothing: whatever the table says wrongly is written down as a
 * problem (what, at which offset, what was done about it) and logged once.
 * Parsing touches neither hardware nor configuration space; scopes that name a
 * device by a path through bridges get their requester id from
 * iommu_fw_resolve().
 *
 * Offsets are bytes from the start of the table. Nothing here is locked: the
 * description is built while booting and read-only afterwards.
 */
#ifndef PT_IOMMU_FW_H
#define PT_IOMMU_FW_H

#include <pt/types.h>

#define IOMMU_FW_HOPS_MAX     16
#define IOMMU_FW_NAME_MAX     44
#define IOMMU_FW_PROBLEMS_MAX 64
#define IOMMU_FW_NO_PROXIMITY 0xffffffff

enum iommu_vendor { IOMMU_VTD, IOMMU_AMDVI };

enum iommu_scope_kind {
	IOMMU_SCOPE_ENDPOINT, /* one function */
	IOMMU_SCOPE_BRIDGE,   /* a bridge and everything below it */
	IOMMU_SCOPE_RANGE,    /* all requester ids from first to last */
	IOMMU_SCOPE_ALL,      /* every device of the segment */
	IOMMU_SCOPE_IOAPIC,
	IOMMU_SCOPE_HPET,
	IOMMU_SCOPE_ACPI, /* a device that only ACPI's namespace knows */
	IOMMU_SCOPE_KINDS,
};

/* One device, or set of devices, that a unit, a region or a list speaks of. */
struct iommu_fw_scope {
	uint32_t offset;
	uint8_t kind;	      /* enum iommu_scope_kind */
	uint8_t raw_type;     /* the table's own type number */
	uint8_t id;	      /* IOAPIC id, HPET number or ANDD device number */
	uint8_t settings;     /* AMD-Vi: device table settings; VT-d: scope flags */
	uint32_t extended;    /* AMD-Vi: extended device table settings */
	uint16_t first, last; /* requester ids, when resolved */
	uint16_t alias;	      /* the requester id on the bus, when aliased */
	bool aliased;
	bool resolved;
	uint8_t start_bus; /* VT-d: where path begins */
	uint8_t hops;
	uint8_t path[IOMMU_FW_HOPS_MAX]; /* device 7:3, function 2:0, one for each hop */
	char name[IOMMU_FW_NAME_MAX];	 /* AMD-Vi ACPI device: hardware id and unique id */
};

/* Scopes first_scope to first_scope + scope_count - 1 of struct iommu_fw. */
struct iommu_fw_scopes {
	uint32_t first, count;
};

enum iommu_fw_unit_state {
	IOMMU_UNIT_USABLE,
	IOMMU_UNIT_SUPERSEDED, /* a newer block of the table describes the same unit */
	IOMMU_UNIT_REFUSED,    /* the table lies about it: see the problems */
};

struct iommu_fw_unit {
	uint32_t offset;
	uint8_t state;	   /* enum iommu_fw_unit_state */
	uint8_t raw_type;  /* 0 DRHD; 10h, 11h or 40h IVHD */
	uint8_t raw_flags; /* the block's own flags */
	bool all;	   /* VT-d: every device of the segment that no other unit names */
	uint16_t segment;
	uint16_t padding; /* entries without meaning in between */
	paddr_t base;
	uint32_t bytes; /* of the register window */
	uint32_t proximity;
	struct iommu_fw_scopes scopes;
	/* AMD-Vi only. */
	sbdf_t sbdf;	     /* the unit's own PCI function */
	uint16_t capability; /* offset of its capability there */
	uint16_t info;
	uint32_t attributes;  /* 10h: the feature reporting field */
	uint64_t features[2]; /* 11h and 40h: images of the extended feature registers */
};

enum iommu_fw_region_kind { IOMMU_REGION_UNITY, IOMMU_REGION_EXCLUSION };

/* Memory that devices must reach at its own address: RMRR, IVMD. */
struct iommu_fw_region {
	uint32_t offset;
	uint8_t kind; /* enum iommu_fw_region_kind */
	uint8_t raw_type;
	bool usable; /* false: ignored, see the problems */
	bool read, write;
	uint16_t segment;
	paddr_t base, last; /* whole pages, last inclusive */
	struct iommu_fw_scopes scopes;
};

enum iommu_fw_list_kind { IOMMU_LIST_ATSR, IOMMU_LIST_SATC, IOMMU_LIST_SIDP };

/* Devices with a property. ATSR: root ports that pass ATS; SATC: integrated devices with ATS; SIDP. */
struct iommu_fw_list {
	uint32_t offset;
	uint8_t kind; /* enum iommu_fw_list_kind */
	uint8_t raw_flags;
	bool all; /* ATSR: all root ports of the segment */
	uint16_t segment;
	struct iommu_fw_scopes scopes;
};

struct iommu_fw_affinity {
	uint32_t offset;
	uint32_t proximity;
	paddr_t base; /* of the unit */
};

struct iommu_fw_acpi_device {
	uint32_t offset;
	uint8_t number; /* the id of the scopes that mean it */
	char name[IOMMU_FW_NAME_MAX];
};

enum iommu_fw_problem_code {
	FW_TABLE_CUT,
	FW_STRUCTURE_ZERO,
	FW_STRUCTURE_CUT,
	FW_STRUCTURE_SHORT,
	FW_STRUCTURE_UNKNOWN,
	FW_WIDTH,
	FW_SCOPE_SHORT,
	FW_SCOPE_CUT,
	FW_SCOPE_UNKNOWN,
	FW_SCOPE_PATH,
	FW_SCOPE_NONE,
	FW_SCOPE_UNMATCHED,
	FW_SCOPE_TWICE,
	FW_IOAPIC_UNMATCHED,
	FW_IOAPIC_UNCOVERED,
	FW_RANGE_OPEN,
	FW_RANGE_NO_START,
	FW_RANGE_INVERTED,
	FW_UNIT_BASE,
	FW_UNIT_TWICE,
	FW_UNIT_ALL_TWICE,
	FW_REGION_INVERTED,
	FW_REGION_BEYOND,
	FW_REGION_UNALIGNED,
	FW_REGION_NO_ACCESS,
	FW_AFFINITY_UNMATCHED,
	FW_NAME,
	FW_PROBLEM_CODES,
};

struct iommu_fw_problem {
	uint32_t offset;
	uint16_t code;	/* enum iommu_fw_problem_code */
	uint64_t value; /* what the table says there */
};

struct iommu_fw {
	uint8_t vendor;	       /* enum iommu_vendor */
	uint8_t revision;      /* of the table */
	uint8_t address_width; /* of host physical addresses, in bits; 0 unknown */
	uint32_t flags;	       /* DMAR: flags; IVRS: IVinfo */
	uint32_t unit_count, scope_count, region_count, list_count, affinity_count, acpi_count;
	struct iommu_fw_unit *unit;
	struct iommu_fw_scope *scope;
	struct iommu_fw_region *region;
	struct iommu_fw_list *list;
	struct iommu_fw_affinity *affinity;
	struct iommu_fw_acpi_device *acpi;
	uint32_t problem_count; /* may exceed IOMMU_FW_PROBLEMS_MAX: the rest is only counted */
	struct iommu_fw_problem problem[IOMMU_FW_PROBLEMS_MAX];
};

/* DMAR flags (VT-d 4.1 section 8.1). */
#define IOMMU_FW_DMAR_INTR_REMAP     0x1
#define IOMMU_FW_DMAR_X2APIC_OPT_OUT 0x2
#define IOMMU_FW_DMAR_DMA_OPT_IN     0x4

/*
 * table points to bytes of a whole ACPI table, header included, whose checksum
 * the caller has verified. -EINVAL: not such a table at all; -ENOMEM: no
 * memory, or more entries than an allocation of env_alloc holds (over 1000).
 * Free the result with iommu_fw_free().
 */
int vtd_acpi_parse(const void *table, size_t bytes, struct iommu_fw **ret_fw) __must_check;
int amdvi_acpi_parse(const void *table, size_t bytes, struct iommu_fw **ret_fw) __must_check;

void iommu_fw_free(struct iommu_fw *fw); /* NULL is fine */

/* The whole description, one line for each thing, to the log. */
void iommu_fw_log(const struct iommu_fw *fw);

/*
 * --- Scopes against the devices that there are. ---
 *
 * Gives every scope that is a path through bridges its requester id, and
 * reports what names nothing. Once, after the PCI scan. ioapic_ids are those
 * of the MADT.
 */
struct pci_registry;
struct pci_dev;

void iommu_fw_resolve(struct iommu_fw *fw, const struct pci_registry *registry, const uint8_t *ioapic_ids,
	size_t ioapic_count);

/* Does one of the scopes, of a structure of this segment, mean the device or a bridge above it? */
bool iommu_fw_scopes_cover(const struct iommu_fw *fw, const struct iommu_fw_scopes *scopes, uint16_t segment,
	const struct pci_dev *dev);

/* The usable unit that serves the device (for a virtual function: its physical one), or NULL. */
const struct iommu_fw_unit *iommu_fw_unit_of(const struct iommu_fw *fw, const struct pci_dev *dev);

/* The usable unit whose scopes hold the IOAPIC or HPET of this id, and its requester id; NULL when there is none. */
const struct iommu_fw_unit *iommu_fw_unit_of_special(
	const struct iommu_fw *fw, enum iommu_scope_kind kind, uint8_t id, uint16_t *ret_rid);

/* The usable region at or after *index that the device must reach; *index is then behind it. NULL: no more. */
const struct iommu_fw_region *iommu_fw_region_of(
	const struct iommu_fw *fw, const struct pci_dev *dev, uint32_t *index);

/* AMD-Vi: the requester id that the firmware says the device uses; its own when it says nothing. */
uint16_t iommu_fw_alias_of(const struct iommu_fw *fw, const struct pci_dev *dev);

/* What is wrong, and what was done about it. */
const char *iommu_fw_problem_what(unsigned int code);
const char *iommu_fw_problem_done(unsigned int code);

/* --- For the parsers. --- */

/* Room for one more element behind *array, zeroed; NULL when there is none. */
void *iommu_fw_push(void **array, uint32_t *count, size_t element) __must_check;
#define IOMMU_FW_PUSH(fw, member)                 \
	((__typeof__((fw)->member))iommu_fw_push( \
		(void **)&(fw)->member, &(fw)->member##_count, sizeof(*(fw)->member)))

void iommu_fw_problem_add(struct iommu_fw *fw, unsigned int code, uint32_t offset, uint64_t value);

/* The table's header: fw's revision, and ret_end, the end of what may be read. */
int iommu_fw_header_check(
	struct iommu_fw *fw, const uint8_t *table, size_t bytes, uint32_t *ret_end) __must_check;

/* The checks that both vendors' tables need, after the last structure. */
void iommu_fw_units_check(struct iommu_fw *fw);

/* Widens to whole pages and decides whether the region is usable. limit is inclusive. */
void iommu_fw_region_set(struct iommu_fw *fw, struct iommu_fw_region *region, uint64_t base, uint64_t limit);

/* Printable characters of src up to its end or a NUL; true when all of it was fit and fitted. */
bool iommu_fw_name_set(char *name, const uint8_t *src, size_t bytes);

#endif
