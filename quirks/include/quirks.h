/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The quirk database: what is known of devices that do not do what they say.
 *
 * It is a set of const tables, one per kind, each row a key (whom it is about),
 * an action (what to do), a reason and a source that a reader can check. One
 * lookup asks all of them; its cost is O(log n) of a table's rows. Nothing here
 * touches a device, allocates, or has state.
 *
 * How to add a row: docs/porting-quirks.md.
 * Context: any.
 */
#ifndef QUIRKS_H
#define QUIRKS_H

#include <pt/types.h>

struct pci_dev;
struct reset_program;

/* --- Keys. --- */
#define QUIRK_ANY_VENDOR 0xffff /* no device has it: it is what an empty slot reads as */

/* Where a function stands. In a key: at least one of the types that are set, and all of the rest. */
enum quirk_where {
	QUIRK_ROOT_PORT = 1U << 0,
	QUIRK_UPSTREAM = 1U << 1,
	QUIRK_DOWNSTREAM = 1U << 2,
	QUIRK_ENDPOINT = 1U << 3, /* PCI Express, legacy ones too */
	QUIRK_RC_ENDPOINT = 1U << 4,
	QUIRK_NOT_EXPRESS = 1U << 5,
	QUIRK_TYPES = 0x3f,
	QUIRK_ON_ROOT_BUS = 1U << 8,
	QUIRK_BELOW_EXPRESS = 1U << 9, /* the bridge above is PCI Express, and leads to no conventional bus */
	QUIRK_MULTIFUNCTION = 1U << 10,
	QUIRK_BRIDGE = 1U << 11, /* type 1 header */
};

/* What the database is asked with. */
struct quirk_id {
	uint16_t vendor, device;
	uint16_t subvendor, subdevice;
	uint32_t class_code; /* 24 bits */
	uint16_t where;	     /* of enum quirk_where */
	uint8_t revision;
};

void quirk_id_of(const struct pci_dev *dev, struct quirk_id *ret_id);

struct quirk_key {
	uint32_t class_value, class_mask; /* mask 0: any class */
	uint16_t vendor;
	uint16_t first, last;	       /* device ids, last included */
	uint16_t subvendor, subdevice; /* 0: any */
	uint16_t rev_first, rev_end;   /* revisions from first to end - 1; end 0: any */
	uint16_t where;		       /* 0: anywhere */
};

/* --- Rows. --- */
enum quirk_kind {
	QUIRK_KIND_RESET,
	QUIRK_KIND_ACS,
	QUIRK_KIND_ALIAS,
	QUIRK_KIND_MSI,
	QUIRK_KIND_ATS,
	QUIRK_KIND_ORDER,
	QUIRK_KIND_BAR,
	QUIRK_KIND_POWER,
	QUIRK_KIND_IOMMU,
	QUIRK_KIND_DENY,
	QUIRK_KINDS,
};

#define QUIRK_ALL_KINDS ((1U << QUIRK_KINDS) - 1)

/* In comments: what value means; no word: nothing, it is 0. */
enum quirk_action {
	/* Reset. */
	QUIRK_NO_SBR,	    /* must not be on a bus that is being reset */
	QUIRK_NO_SBR_BELOW, /* a port that must not reset the bus below it */
	QUIRK_NO_FLR,	    /* function-level reset hangs it */
	QUIRK_NO_PM_RESET,  /* D3hot to D0 keeps state although it says otherwise */
	QUIRK_NO_RESET,	    /* no kind of reset that configuration space can start brings it back */
	QUIRK_PREFER,	    /* enum quirk_method: first choice */
	QUIRK_PROGRAM,	    /* enum quirk_program_id: has a reset of its own */
	QUIRK_NEEDS_DRIVER, /* survives the usual resets in a bad state; a vendor sequence exists elsewhere */
	QUIRK_DELAY_AFTER_RESET, /* ms before the first access */
	QUIRK_RESET_FIRST,	 /* firmware leaves it in a bad state: reset it before the first use */
	QUIRK_LEAKS_STATE,	 /* what one owner leaves behind, the next one can see */
	/* Access control. */
	QUIRK_ACS_EQUIVALENT,	 /* QUIRK_ACS_*: isolates like a port with these controls on */
	QUIRK_ACS_PCH,		 /* QUIRK_ACS_*: the same, once RCBA and MPC have been set */
	QUIRK_ACS_DWORDS,	 /* the capability's registers are dwords: control at offset 8 */
	QUIRK_ACS_STORE_FORWARD, /* register of the upstream port whose bit 0 is store and forward */
	QUIRK_ACS_SV_COMPLETIONS, /* source validation drops completions of a device that has no bus number yet */
	/* Requester ids. */
	QUIRK_ALIAS_FUNCTION, /* function number of the same slot */
	QUIRK_ALIAS_DEVFN,    /* device 7:3, function 2:0 on the same bus */
	QUIRK_ALIAS_SLOTS,    /* functions 0 to value - 1 of every slot of the bus */
	QUIRK_ALIAS_BUS,      /* every device and function of the bus */
	QUIRK_ALIAS_TABLE,    /* ids that stand in a register table of the device: any on the bus */
	QUIRK_ALIAS_BRIDGE,   /* is a PCIe-to-PCI bridge although it has no such capability */
	QUIRK_ALIAS_ROOT,     /* translation happens at this bridge: aliases end here */
	QUIRK_ALIAS_PHANTOM, /* devfn on bus 0 under which the management engine also accesses memory for it */
	/* Interrupts. */
	QUIRK_NO_MSI,
	QUIRK_NO_MSI_BELOW,	/* no MSI for anything behind this bridge */
	QUIRK_NO_MSI_SYSTEM,	/* no MSI in the whole machine */
	QUIRK_NO_MSI_HOTPLUG,	/* hot-plug events of this port only by INTx */
	QUIRK_INTX_MASK_BROKEN, /* the INTx disable and status bits do not work */
	QUIRK_HIDE_INTX,	/* a guest must not see an interrupt pin */
	QUIRK_KEEP_INTX_BIT,	/* INTx disable also stops MSI: leave it clear */
	QUIRK_MSI_MASKABLE,	/* MSI can be masked although it does not say so */
	/* Translation services. */
	QUIRK_NO_ATS,
	QUIRK_ATS_FLUSH_TWICE, /* a device TLB invalidation must be sent a second time */
	/* Ordering and packets. */
	QUIRK_NO_RELAXED_BELOW,	  /* a root port: nothing below may use relaxed ordering */
	QUIRK_ROOT_NO_ATTRIBUTES, /* the root port above must not use relaxed ordering or no-snoop */
	QUIRK_NO_EXT_TAGS,	  /* 5-bit tags only, for the whole hierarchy */
	QUIRK_PAYLOAD_MAX,	  /* bytes */
	/* Configuration space, BARs and ROM. */
	QUIRK_BARS_INVALID,  /* no BARs, whatever the registers read */
	QUIRK_BAR_PAGES,     /* BARs smaller than a page own the whole page */
	QUIRK_BAR_BYTES,     /* BAR 0 decodes this many bytes */
	QUIRK_BAR_ALIGN,     /* bytes: BARs must be aligned to it */
	QUIRK_BAR_SIZE_REG,  /* register with log2 of BAR 2's size; the next one holds BAR 4's */
	QUIRK_BAR_DECODE_ON, /* decoding must not be switched off to size BARs */
	QUIRK_ROM_OVERLAP,   /* firmware leaves the ROM on top of a BAR */
	QUIRK_ROM_HANGS,     /* reading the ROM may hang it */
	QUIRK_CFG_BYTES,     /* registers from here on must not be touched */
	QUIRK_CFG_MIRROR,    /* configuration space can also be reached through its BARs or ports */
	QUIRK_CAP_AT,	     /* a PCI Express capability stands here, not linked to the list */
	QUIRK_CLASS_IS,	     /* class code to take instead of 0 */
	/* Power. */
	QUIRK_D3HOT_DELAY,    /* ms from D3hot to D0 */
	QUIRK_D3HOT_NO_DELAY, /* needs no delay there */
	QUIRK_NO_D3,
	QUIRK_NO_D1_D2,
	QUIRK_NO_PME,
	QUIRK_NO_L0S,
	QUIRK_NO_ASPM,
	QUIRK_NEEDS_FUNCTION, /* number of the function that must be in D0 for it to work */
	QUIRK_DPC_LOG,	      /* dwords: size of the RP PIO log, which firmware has cleared */
	/* The machine's IOMMU. */
	QUIRK_GFX_UNTRANSLATED,	 /* its graphics fails under translation */
	QUIRK_GFX_SHADOW_GTT,	 /* graphics can be translated only if firmware reserved a shadow table */
	QUIRK_IOMMU_WRITE_FLUSH, /* write buffers must be flushed although the unit does not ask for it */
	QUIRK_IOMMU_STAY_ON,	 /* translation must not be switched off while its graphics is in use */
	QUIRK_NO_INTREMAP,	 /* interrupt remapping loses interrupts */
	QUIRK_MASK_VTD_FAULTS, /* register with a bit 31 that keeps VT-d faults from becoming platform errors */
	QUIRK_MASK_UR,	       /* a guest's unsupported request becomes a platform error: mask it */
	/* Trust. */
	QUIRK_DENIED,
	QUIRK_ACTIONS,
};

/* Conditions that the ids cannot tell. Whoever cannot find out takes the answer named here. */
enum quirk_condition {
	QUIRK_ALWAYS,
	QUIRK_IF_AMD_IOMMU,    /* the machine has an IVRS; else: does not apply */
	QUIRK_IF_ACS_REDIRECT, /* request redirect is on; else: does not apply */
	QUIRK_IF_FIRMWARE,     /* the device's firmware is old: see the reason; unknown: applies */
	QUIRK_IF_BOARD,	       /* on some boards only: see the reason; unknown: applies */
	QUIRK_IF_CANTIGA,      /* the host bridge is 8086:2a40; unknown: applies */
	QUIRK_IF_IBEXPEAK, /* the host bridge is one of 8086:0040, 0044, 0062, 006a, 0100, 0104; unknown: applies */
	QUIRK_CONDITIONS,
};

/* PCIe 6.0 section 7.7.11.3, the control register. */
#define QUIRK_ACS_SV   0x01U
#define QUIRK_ACS_TB   0x02U
#define QUIRK_ACS_RR   0x04U
#define QUIRK_ACS_CR   0x08U
#define QUIRK_ACS_UF   0x10U
#define QUIRK_ACS_DT   0x40U
#define QUIRK_ACS_PORT (QUIRK_ACS_SV | QUIRK_ACS_RR | QUIRK_ACS_CR | QUIRK_ACS_UF)

struct quirk {
	struct quirk_key key;
	const char *reason;
	const char *source;
	uint32_t value;
	uint8_t action;	   /* enum quirk_action */
	uint8_t condition; /* enum quirk_condition */
};

/* Stable names, the same in text and JSON: "reset", "no-flr", "always". NULL: no such number. */
const char *quirk_kind_name(unsigned int kind);
const char *quirk_action_name(unsigned int action);
const char *quirk_condition_name(unsigned int condition);

/* The kind whose table has this action; QUIRK_KINDS: no such action. */
unsigned int quirk_kind_of(unsigned int action);

/* --- The lookup. --- */
/* Only quirk_next looks inside. */
struct quirk_iter {
	struct quirk_id id;
	uint32_t kinds;
	const struct quirk *at, *end;
	uint8_t kind, level;
};

/* kinds: bits by enum quirk_kind, or QUIRK_ALL_KINDS. */
void quirk_start(struct quirk_iter *iter, const struct quirk_id *id, uint32_t kinds);
/* The next row that is about this function, table by table; NULL: no more. */
const struct quirk *quirk_next(struct quirk_iter *iter);

/* All rows by number, for tests and listings; NULL behind the last one. */
size_t quirk_count(unsigned int kind);
const struct quirk *quirk_row(unsigned int kind, size_t number);
bool quirk_matches(const struct quirk_key *key, const struct quirk_id *id);
/* 0 one id, 1 a range of ids, 2 a whole vendor, 3 any vendor: the order of a table's parts. */
unsigned int quirk_level(const struct quirk_key *key);

/*
 * Everything at once. row[action] is the row that decided, NULL when none says
 * so; where several do, the one without a condition, then the one with the
 * larger value (QUIRK_CFG_BYTES and QUIRK_PAYLOAD_MAX: smaller).
 * QUIRK_ALIAS_* can have several rows that all count: see quirk_aliases.
 */
struct quirk_set {
	const struct quirk *row[QUIRK_ACTIONS];
};

void quirk_lookup(const struct quirk_id *id, struct quirk_set *ret_set);
/* Whether a row says so; conditions are the caller's to look at. */
bool quirk_has(const struct quirk_set *set, enum quirk_action action);
/* The value of that row, or otherwise. */
uint32_t quirk_value(const struct quirk_set *set, enum quirk_action action, uint32_t otherwise);

/* Other requester ids on the function's own bus, a bit for each device and function; its own is not among them. */
struct quirk_aliases {
	uint32_t devfn[8];
	uint32_t count;
};

void quirk_aliases(const struct quirk_id *id, uint8_t devfn, struct quirk_aliases *ret_aliases);

/* --- Reset programs (pt/reset_program.h), the values of QUIRK_PROGRAM. --- */
enum quirk_program_id {
	QUIRK_PROGRAM_FLR_UNADVERTISED,
	QUIRK_PROGRAM_FLR_250MS,
	QUIRK_PROGRAM_NVME_OFF_FLR,
	QUIRK_PROGRAM_CHELSIO_T4,
	QUIRK_PROGRAM_HINIC_VF,
	QUIRK_PROGRAM_IVB_GRAPHICS,
	QUIRK_PROGRAMS,
};

/* NULL: no such number. */
const struct reset_program *quirk_program(uint32_t id);

/* --- Reset: what is left, and contradictions. --- */
enum quirk_method {
	QUIRK_BY_FLR = 1U << 0,
	QUIRK_BY_PM = 1U << 1,
	QUIRK_BY_SBR = 1U << 2,
	QUIRK_BY_PROGRAM = 1U << 3,
	QUIRK_METHODS = 0xf,
};

/* Of the methods that the function has, those that may be used, and its program if it has one. */
uint32_t quirk_methods_left(const struct quirk_set *set, uint32_t methods);

enum quirk_contradiction {
	QUIRK_NO_METHOD_LEFT = 1U << 0,	    /* it has methods, and each is forbidden */
	QUIRK_PREFERS_FORBIDDEN = 1U << 1,  /* the preferred method is forbidden */
	QUIRK_PROGRAM_FORBIDDEN = 1U << 2,  /* its program uses a forbidden method */
	QUIRK_NO_INTERRUPT_LEFT = 1U << 3,  /* neither MSI nor INTx */
	QUIRK_ACS_BOTH = 1U << 4,	    /* said to isolate, and its ACS registers to be broken */
	QUIRK_DELAYS_DISAGREE = 1U << 5,    /* needs a delay from D3hot, and none */
	QUIRK_BARS_DISAGREE = 1U << 6,	    /* has no BARs, and they have a size */
	QUIRK_CONTRADICTIONS_END = 1U << 7, /* behind the last */
};

/* Bits of enum quirk_contradiction. */
uint32_t quirk_contradictions(const struct quirk_set *set, uint32_t methods);
/* One bit in words; NULL: no such bit. */
const char *quirk_contradiction_text(uint32_t bit);

#endif
