/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Discovery and the device registry.
 *
 * A registry is an object: the hypervisor has one, each test as many as it
 * likes, pt-ctl one per machine or dump. Everything in it was read from the
 * devices and is bounded: whatever they answer, a scan ends, in at most 65,536
 * probes per segment, and what was strange about a function stands in its
 * `problems`.
 *
 * Locking: adding and removing is serialised by the caller (in the hypervisor
 * LOCK_RANK_PT_DEVICE). pci_find and pci_next may run beside an addition; a
 * removed device must outlive its last reader before pci_dev_free. Fields of a
 * published device are read-only.
 * Errors: -ENOMEM; -ENODEV when there is no such function; -EEXIST when it is
 * in the registry already; -EINVAL for a bad range.
 */
#ifndef PT_PCI_H
#define PT_PCI_H

#include <pt/types.h>

/* --- What is wrong with a function: a set of bits, with stable names. --- */
enum pci_problem {
	PCI_PROBLEM_CAP_LOOP = 1U << 0,	      /* the capability list comes back to itself */
	PCI_PROBLEM_CAP_ONES = 1U << 1,	      /* it runs into all-ones: unreadable or gone */
	PCI_PROBLEM_CAP_MISALIGNED = 1U << 2, /* reserved low pointer bits are set (masked, and followed) */
	PCI_PROBLEM_CAP_HEADER = 1U << 3,     /* it points into the header */
	PCI_PROBLEM_ECAP_LOOP = 1U << 4,      /* the same four for extended capabilities */
	PCI_PROBLEM_ECAP_ONES = 1U << 5,
	PCI_PROBLEM_ECAP_MISALIGNED = 1U << 6,
	PCI_PROBLEM_ECAP_HEADER = 1U << 7,
	PCI_PROBLEM_ECAP_TOO_MANY = 1U << 8, /* more than PCI_ECAPS_MAX; the rest is not looked at */
	PCI_PROBLEM_CFG_ALIASED = 1U << 9,   /* the extended space repeats the first 256 bytes */
	PCI_PROBLEM_HEADER_TYPE = 1U << 10,  /* a header layout that does not exist */
	PCI_PROBLEM_BAR_TYPE = 1U << 11,     /* reserved memory type, or 64 bits without an upper half */
	PCI_PROBLEM_BAR_MASK = 1U << 12,     /* the size mask is no size */
	PCI_PROBLEM_BAR_DECODE = 1U << 13,   /* decoding could not be switched off: not sized */
	PCI_PROBLEM_BAR_RESTORE = 1U << 14,  /* a register does not read back as it was before sizing */
	PCI_PROBLEM_BUS_ORDER = 1U << 15, /* secondary <= own bus, or subordinate < secondary: not followed */
	PCI_PROBLEM_BUS_OVERLAP = 1U << 16, /* its buses belong to another bridge: not followed */
};

#define PCI_PROBLEMS 17

/* The stable name of one bit, such as "cap-loop"; NULL when the number is out of range. */
const char *pci_problem_name(unsigned int bit_number);

/* --- Capabilities. --- */
#define PCI_CAPS_MAX  48 /* all that fit between 0x40 and 0xff */
#define PCI_ECAPS_MAX 64

struct pci_cap {
	uint16_t id;
	uint16_t offset;
	uint8_t version; /* extended ones only */
	bool extended;
};

struct pci_cap_list {
	uint32_t count;
	uint32_t problems; /* of enum pci_problem */
	struct pci_cap cap[PCI_CAPS_MAX + PCI_ECAPS_MAX];
};

/*
 * Walk the lists of a function, in list order, and append what is there; each
 * offset at most once. pci_caps_walk needs the header layout; it does nothing
 * when the status register says that there is no list.
 */
void pci_caps_walk(sbdf_t sbdf, uint8_t layout, struct pci_cap_list *list);
void pci_ecaps_walk(sbdf_t sbdf, struct pci_cap_list *list);

/* --- Base address registers, PCIe 7.5.1.2.1 and 7.5.1.2.4. --- */
enum pci_bar_kind {
	PCI_BAR_NONE,  /* not implemented, or the upper half of the one before */
	PCI_BAR_PORTS, /* I/O space */
	PCI_BAR_MEM32,
	PCI_BAR_MEM64,
	PCI_BAR_ROM,
};

#define PCI_BARS	  7 /* six and the expansion ROM */
#define PCI_BAR_ROM_INDEX 6

struct pci_bar {
	uint64_t base;
	uint64_t size; /* bytes, a power of two; 0 when not known */
	uint8_t kind;  /* enum pci_bar_kind */
	uint8_t reg;   /* offset in configuration space */
	bool prefetch;
	bool enabled; /* ROM: its own enable bit */
};

/*
 * pci_bars_read writes nothing: kinds and bases, size 0; a register that reads
 * as zero is PCI_BAR_NONE, because only sizing tells whether there is one.
 *
 * pci_bars_size also writes all-ones to each register and puts the old value
 * back, with decoding off for the time between; the command register is written
 * with its old value last. The function must not be in use. Not for host
 * bridges, whose decoding may carry RAM: the caller keeps them out.
 *
 * Both fill all PCI_BARS entries and return problems (enum pci_problem).
 */
uint32_t pci_bars_read(sbdf_t sbdf, uint8_t layout, struct pci_bar *bars) __must_check;
uint32_t pci_bars_size(sbdf_t sbdf, uint8_t layout, struct pci_bar *bars) __must_check;

/* --- One function. --- */
/* PCIe 7.5.3.2, device/port type. */
enum pci_pcie_type {
	PCI_PCIE_ENDPOINT = 0,
	PCI_PCIE_LEGACY = 1,
	PCI_PCIE_ROOT_PORT = 4,
	PCI_PCIE_UPSTREAM = 5,
	PCI_PCIE_DOWNSTREAM = 6,
	PCI_PCIE_TO_PCI = 7,
	PCI_PCIE_FROM_PCI = 8,
	PCI_PCIE_RC_ENDPOINT = 9,
	PCI_PCIE_RC_COLLECTOR = 10,
	PCI_PCIE_NONE = 0xff, /* not a PCI Express function */
};

/* "root-port" and the like; "pci" for PCI_PCIE_NONE, "reserved" for what the manual does not name. */
const char *pci_pcie_type_name(uint8_t type);

struct pci_dev {
	sbdf_t sbdf;
	uint16_t vendor, device;
	uint16_t subvendor, subdevice; /* 0 when there are none */
	uint32_t class_code;	       /* base class 23:16, sub-class 15:8, interface 7:0 */
	uint8_t revision;
	uint8_t layout; /* PCI_HEADER_NORMAL, _BRIDGE, _CARDBUS or what was read */
	bool multifunction;
	bool has_serial;
	bool bars_sized;
	uint8_t pcie_type;     /* enum pci_pcie_type */
	uint8_t interrupt_pin; /* 1 to 4 for INTA to INTD, 0 for none */
	uint16_t cfg_bytes;    /* 256 or 4096 */
	uint32_t problems;     /* of enum pci_problem */
	uint64_t serial;       /* PCIe 7.9.3; when has_serial */
	/* Bridges: bus numbers as read; followed says that the buses below are its own. */
	uint8_t secondary, subordinate;
	bool followed;
	struct pci_dev *parent; /* the bridge above, NULL on a root bus */
	struct pci_bar bar[PCI_BARS];
	uint32_t cap_count;
	struct pci_cap cap[]; /* in list order, extended ones last */
};

/* The offset of the first capability with this id, or 0. */
unsigned int pci_dev_cap(const struct pci_dev *dev, uint16_t id);
unsigned int pci_dev_ecap(const struct pci_dev *dev, uint16_t id);
bool pci_dev_is_bridge(const struct pci_dev *dev);

/* --- The registry: a radix tree of four levels over the sbdf, so O(1). --- */
struct pci_node;

struct pci_registry {
	struct pci_node *root;
	size_t count;
};

/* An all-zero registry is empty and valid. pci_registry_clear frees every device. */
void pci_registry_clear(struct pci_registry *registry);
int pci_registry_add(struct pci_registry *registry, struct pci_dev *dev) __must_check;
/* Takes it out; the caller frees it. NULL when it was not there. Nobody may be left below a removed bridge. */
struct pci_dev *pci_registry_remove(struct pci_registry *registry, sbdf_t sbdf);
void pci_dev_free(struct pci_dev *dev);

struct pci_dev *pci_find(const struct pci_registry *registry, sbdf_t sbdf);
/* The device with the lowest sbdf not below this one, or NULL. */
struct pci_dev *pci_find_from(const struct pci_registry *registry, uint64_t sbdf);

#define pci_for_each(dev, registry) \
	for ((dev) = pci_find_from(registry, 0); (dev); (dev) = pci_find_from(registry, (dev)->sbdf.v + 1UL))

/* --- Discovery. --- */
enum pci_scan_flag {
	PCI_SCAN_SIZE_BARS = 1U << 0, /* writes: only while nobody uses the devices */
	/*
	 * Look for every function number, whatever function 0 says: for a source
	 * that answers only for what exists (an operating system, a recorded dump).
	 * Hardware that ignores the function number would appear eight times.
	 */
	PCI_SCAN_EVERY_FUNCTION = 1U << 1,
};

/* One entry of MCFG, or 0 to 255 of segment 0. */
struct pci_scan_range {
	uint16_t segment;
	uint8_t start_bus;
	uint8_t end_bus; /* included */
};

/* Read one function. parent may be NULL. The device is not in any registry yet. */
int pci_probe(sbdf_t sbdf, unsigned int flags, struct pci_dev **ret_dev) __must_check;

/*
 * Add every function of the ranges; those already there stay untouched. What
 * was found before an error stays in the registry. Ranges may repeat a segment
 * but not a bus.
 */
int pci_scan(struct pci_registry *registry, const struct pci_scan_range *ranges, size_t range_count,
	unsigned int flags) __must_check;

#endif
