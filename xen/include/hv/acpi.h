/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware's static ACPI tables. Source: ACPI 6.5 chapter 5; MCFG: PCI
 * Firmware 3.3 section 4.1.2; HPET: IA-PC HPET 1.0a section 3.2.4.
 *
 * Nothing in a table is trusted. Header, length and checksum are verified
 * before its contents are looked at; an entry that leaves its table, is too
 * short, is impossible or stands twice is reported with table, offset and
 * reason, and ignored. Of two tables that may exist once the first counts.
 * AML is never interpreted; DMAR and IVRS are parsed by the IOMMU code.
 *
 * acpi_init fills `acpi` once on the boot processor; read-only afterwards.
 */
#ifndef HV_ACPI_H
#define HV_ACPI_H

#include <hv/types.h>

#define ACPI_HEADER_BYTES 36u
#define ACPI_TABLE_MAX	  0x1000000u /* no table of more than 16 MiB is looked at */
#define ACPI_TABLES_MAX	  128
#define ACPI_IOAPIC_MAX	  64
#define ACPI_ISA_IRQS	  16
#define ACPI_NMI_MAX	  16
#define ACPI_MCFG_MAX	  64
#define ACPI_MEMORY_MAX	  128

/* --- MADT, section 5.2.12 --- */

#define ACPI_ALL_CPUS 0xffffffffu

/* Table 5.30: how an interrupt line behaves. CONFORMS: as its bus says (ISA: edge, active high). */
enum acpi_line {
	ACPI_CONFORMS = 0,
	ACPI_HIGH_OR_EDGE = 1,
	ACPI_LOW_OR_LEVEL = 3,
};

struct acpi_cpu {
	uint32_t apic_id;
	uint32_t uid; /* the ACPI processor UID, which LAPIC NMI entries use */
};

struct acpi_ioapic {
	uint32_t id;
	uint32_t gsi_base;
	paddr_t base;
};

struct acpi_override {
	uint8_t irq;		   /* of the ISA bus, below ACPI_ISA_IRQS */
	uint8_t polarity, trigger; /* enum acpi_line */
	uint32_t gsi;
};

struct acpi_nmi_source {
	uint32_t gsi;
	uint8_t polarity, trigger;
};

struct acpi_lapic_nmi {
	uint32_t uid; /* or ACPI_ALL_CPUS */
	uint8_t lint; /* 0 or 1 */
	uint8_t polarity, trigger;
};

struct acpi_madt {
	paddr_t lapic_base;
	bool has_8259; /* must be masked before the IOAPICs are used */
	uint32_t cpu_count, cpus_disabled, ioapic_count, override_count, nmi_count, lapic_nmi_count;
	struct acpi_cpu cpu[NR_CPUS]; /* enabled ones, in the table's order, apic_id unique */
	struct acpi_ioapic ioapic[ACPI_IOAPIC_MAX];
	struct acpi_override override[ACPI_ISA_IRQS];
	struct acpi_nmi_source nmi[ACPI_NMI_MAX];
	struct acpi_lapic_nmi lapic_nmi[NR_CPUS];
	uint32_t entries_other;	  /* of types that do not concern us */
	uint32_t entries_ignored; /* bad ones, each was logged */
};

/* --- MCFG --- */

struct acpi_ecam {
	paddr_t base; /* of bus 0, also when first_bus is not 0 */
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

struct acpi_mcfg {
	uint32_t count, entries_ignored;
	struct acpi_ecam ecam[ACPI_MCFG_MAX]; /* no bus of a segment stands twice */
};

/* --- HPET and FADT (section 5.2.9) --- */

#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO	  1

/* Generic address structure, section 5.2.3.2. address 0: there is no such register. */
struct acpi_gas {
	uint8_t space, bits, bit_offset, access;
	paddr_t address;
};

struct acpi_hpet {
	paddr_t base;
	uint32_t block_id; /* as the capability register's low half */
	uint16_t min_tick;
	uint8_t number;
};

#define ACPI_FADT_TMR_VAL_EXT	   (1u << 8)
#define ACPI_FADT_RESET_REG_SUP	   (1u << 10)
#define ACPI_FADT_HW_REDUCED	   (1u << 20)
#define ACPI_BOOT_ARCH_8042	   (1u << 1)
#define ACPI_BOOT_ARCH_NO_VGA	   (1u << 2)
#define ACPI_BOOT_ARCH_NO_MSI	   (1u << 3)
#define ACPI_BOOT_ARCH_NO_CMOS_RTC (1u << 5)

struct acpi_fadt {
	uint8_t revision;
	uint8_t profile;
	uint8_t century; /* CMOS index, 0: none */
	uint8_t acpi_enable, acpi_disable;
	uint8_t reset_value; /* for reset, which is empty when the machine does not support it */
	uint16_t sci_irq;
	uint16_t boot_arch; /* ACPI_BOOT_ARCH_*; 0 in tables of ACPI 1.0, which do not have it */
	uint32_t flags;	    /* ACPI_FADT_* */
	uint32_t smi_cmd;
	uint32_t pm_timer_mask; /* 0xffffff or 0xffffffff */
	paddr_t facs, dsdt;	/* 0: none */
	struct acpi_gas pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	struct acpi_gas pm_timer, reset, sleep_control, sleep_status;
};

/* --- SRAT (section 5.2.16) and SLIT (section 5.2.17) --- */

struct acpi_cpu_affinity {
	uint32_t apic_id;
	uint32_t domain;
};

struct acpi_memory_affinity {
	paddr_t base;
	uint64_t bytes;
	uint32_t domain;
	bool hotplug, nonvolatile;
};

struct acpi_srat {
	uint32_t cpu_count, memory_count;
	uint32_t disabled; /* entries that say they are to be ignored */
	struct acpi_cpu_affinity cpu[NR_CPUS];
	struct acpi_memory_affinity memory[ACPI_MEMORY_MAX]; /* overlaps: within a domain, or hotplug */
	uint32_t entries_other, entries_ignored;
};

struct acpi_slit {
	uint32_t count;
	uint8_t distance[NR_NODES][NR_NODES]; /* [from][to]; 10 is local, 255 unreachable */
};

/*
 * One table each, from any buffer of bytes bytes. *ret is empty after an error:
 * -EINVAL, logged. Entries that are ignored are no error, but a MADT without an
 * enabled processor, an MCFG without a usable entry and a bad SLIT matrix are.
 */
int acpi_madt_parse(const void *table, size_t bytes, struct acpi_madt *ret) __must_check;
int acpi_mcfg_parse(const void *table, size_t bytes, struct acpi_mcfg *ret) __must_check;
int acpi_hpet_parse(const void *table, size_t bytes, struct acpi_hpet *ret) __must_check;
int acpi_fadt_parse(const void *table, size_t bytes, struct acpi_fadt *ret) __must_check;
int acpi_srat_parse(const void *table, size_t bytes, struct acpi_srat *ret) __must_check;
int acpi_slit_parse(const void *table, size_t bytes, struct acpi_slit *ret) __must_check;

/* --- The machine's tables --- */

struct acpi_tables {
	bool has_madt, has_mcfg, has_hpet, has_fadt, has_srat, has_slit;
	struct acpi_madt madt;
	struct acpi_mcfg mcfg;
	struct acpi_hpet hpet;
	struct acpi_fadt fadt;
	struct acpi_srat srat;
	struct acpi_slit slit;
};

extern struct acpi_tables acpi;

/* acpi=off: the tables are not used. */
extern bool acpi_wanted;

/*
 * Finds the tables, from the loader's copy of the RSDP (36 bytes, all zero for
 * none) or by a scan, and parses those above. -ENOENT, with one line in the
 * log, when there are none or they are not wanted; everything works without.
 */
int acpi_init(const uint8_t rsdp_copy[36]) __must_check;

/* A table that was found; its header, length and checksum were good. */
struct acpi_table {
	char signature[5];
	paddr_t base;
	uint32_t bytes;
	const void *data; /* between acpi_table_get and acpi_table_put */
};

/*
 * Maps the first table of this signature ("DMAR") until acpi_table_put and
 * verifies it again, because it may have changed. -ENOENT when there is none,
 * -EINVAL, logged, when it is no longer what it was.
 */
int acpi_table_get(const char *signature, struct acpi_table *ret) __must_check;
void acpi_table_put(struct acpi_table *table);

/* All that were found, in the order of the XSDT, without DSDT and FACS; NULL behind the last. */
const struct acpi_table *acpi_table_at(uint32_t i);

/*
 * The seam to physical memory: an address at which bytes can be read, until
 * acpi_unmap with the same number; NULL when any of them cannot. bytes is never 0.
 */
const void *acpi_map(paddr_t base, size_t bytes) __must_check;
void acpi_unmap(const void *p, size_t bytes);

#endif
