/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables that dom0 must not read from the firmware: ACPI 6.5 sections 5.2.5, 5.2.8 and 5.2.12. */
#include <string.h>
#include <hv/acpi.h>
#include "dom0_priv.h"

/* Sorted. Their contents are the hypervisor's to obey, or describe processors and memory that are not dom0's. */
static const char hidden[][5] = {
	"APIC", /* made anew */
	"ASPT", /* AMD's secure processor */
	"CEDT",
	"DBG2",
	"DMAR",
	"DRTM",
	"EINJ",
	"ERST",
	"HEST",
	"HMAT",
	"HPET",
	"IVRS",
	"MPST",
	"MSCT",
	"PMTT",
	"PPTT",
	"RASF",
	"SLIT",
	"SPCR",
	"SRAT",
	"SVKL",
	"VIOT",
	"XENV",
};

bool dom0_acpi_wanted(const char *signature)
{
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		if (memcmp(hidden[i], signature, 4) == 0)
			return false;
	return true;
}

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __packed;

BUILD_ASSERT(sizeof(struct acpi_header) == ACPI_HEADER_BYTES);

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum; /* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t reserved[3];
} __packed;

BUILD_ASSERT(sizeof(struct acpi_rsdp) == 36);

#define RSDP_BYTES_1_0 20u
#define RSDP_ROOM      64u /* what follows is aligned */

struct madt_head {
	struct acpi_header header;
	uint32_t lapic_base;
	uint32_t flags;
} __packed;

struct madt_lapic {
	uint8_t type, length;
	uint8_t uid, apic_id;
	uint32_t flags;
} __packed;

struct madt_x2apic {
	uint8_t type, length;
	uint16_t reserved;
	uint32_t apic_id, flags, uid;
} __packed;

struct madt_ioapic {
	uint8_t type, length;
	uint8_t id, reserved;
	uint32_t base, gsi_base;
} __packed;

struct madt_override {
	uint8_t type, length;
	uint8_t bus, irq;
	uint32_t gsi;
	uint16_t flags;
} __packed;

#define MADT_LAPIC    0
#define MADT_IOAPIC   1
#define MADT_OVERRIDE 2
#define MADT_X2APIC   9

#define MADT_CPU_ENABLED  1u
#define MADT_REVISION	  5
#define XSDT_REVISION	  1
#define X2APIC_ID_FIRST	  255u
#define OVERRIDE_FLAGS(o) ((uint16_t)((o)->polarity | (o)->trigger << 2))
#define OEM		  "UNDERC"
#define ROUND_8(bytes)	  (((bytes) + 7u) & ~7u)

/* Where the next bytes go. */
struct acpi_writer {
	uint8_t *base;
	uint32_t at;
};

static void write_bytes(struct acpi_writer *w, const void *from, size_t bytes)
{
	memcpy(w->base + w->at, from, bytes);
	w->at += (uint32_t)bytes;
}

static uint8_t checksum(const uint8_t *p, uint32_t bytes)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + p[i]);
	return (uint8_t)-sum;
}

static struct acpi_header header_of(const char *signature, uint8_t revision)
{
	struct acpi_header h = {.revision = revision, .oem_revision = 1, .creator_revision = 1};

	memcpy(h.signature, signature, sizeof(h.signature));
	memcpy(h.oem_id, OEM, sizeof(h.oem_id));
	memcpy(h.oem_table_id, "DOM0    ", sizeof(h.oem_table_id));
	memcpy(h.creator_id, OEM, sizeof(h.creator_id));
	return h;
}

/* The table that began at `start` ends here. */
static void table_end(struct acpi_writer *w, uint32_t start)
{
	struct acpi_header *h = (struct acpi_header *)(w->base + start);

	h->length = w->at - start;
	h->checksum = 0;
	h->checksum = checksum(w->base + start, h->length);
	while (w->at % 8 != 0)
		w->base[w->at++] = 0;
}

static void write_cpu(struct acpi_writer *w, uint32_t vcpu, uint32_t apic_id)
{
	const struct madt_lapic lapic = {
		MADT_LAPIC, sizeof(lapic), (uint8_t)vcpu, (uint8_t)apic_id, MADT_CPU_ENABLED};
	const struct madt_x2apic x2apic = {MADT_X2APIC, sizeof(x2apic), 0, apic_id, MADT_CPU_ENABLED, vcpu};

	if (apic_id < X2APIC_ID_FIRST && vcpu < X2APIC_ID_FIRST)
		write_bytes(w, &lapic, sizeof(lapic));
	else
		write_bytes(w, &x2apic, sizeof(x2apic));
}

static void write_irqs(struct acpi_writer *w, const struct acpi_madt *madt)
{
	for (uint32_t i = 0; i < madt->ioapic_count; i++) {
		const struct acpi_ioapic *io = &madt->ioapic[i];
		const struct madt_ioapic entry = {
			MADT_IOAPIC, sizeof(entry), (uint8_t)io->id, 0, (uint32_t)io->base, io->gsi_base};

		write_bytes(w, &entry, sizeof(entry));
	}
	for (uint32_t i = 0; i < madt->override_count; i++) {
		const struct acpi_override *o = &madt->override[i];
		const struct madt_override entry = {
			MADT_OVERRIDE, sizeof(entry), 0, o->irq, o->gsi, OVERRIDE_FLAGS(o)};

		write_bytes(w, &entry, sizeof(entry));
	}
}

/* No PCAT_COMPAT: there is no 8259. */
static void write_madt(struct acpi_writer *w, const struct dom0_acpi_input *in)
{
	const struct madt_head head = {
		.header = header_of("APIC", MADT_REVISION),
		.lapic_base = (uint32_t)in->madt->lapic_base,
	};
	uint32_t start = w->at;

	write_bytes(w, &head, sizeof(head));
	for (uint32_t i = 0; i < in->vcpus; i++)
		write_cpu(w, i, in->apic_id[i]);
	write_irqs(w, in->madt);
	table_end(w, start);
}

static void write_xsdt(struct acpi_writer *w, const struct dom0_acpi_input *in, uint64_t madt)
{
	const struct acpi_header header = header_of("XSDT", XSDT_REVISION);
	uint32_t start = w->at;

	write_bytes(w, &header, sizeof(header));
	write_bytes(w, &madt, sizeof(madt));
	write_bytes(w, in->table, in->table_count * sizeof(in->table[0]));
	table_end(w, start);
}

static void write_rsdp(uint8_t *dst, uint64_t xsdt)
{
	struct acpi_rsdp rsdp = {.revision = 2, .length = sizeof(rsdp), .xsdt = xsdt};

	memcpy(rsdp.signature, "RSD PTR ", sizeof(rsdp.signature));
	memcpy(rsdp.oem_id, OEM, sizeof(rsdp.oem_id));
	rsdp.checksum = checksum((const uint8_t *)&rsdp, RSDP_BYTES_1_0);
	rsdp.extended_checksum = checksum((const uint8_t *)&rsdp, sizeof(rsdp));
	memcpy(dst, &rsdp, sizeof(rsdp));
}

uint64_t dom0_acpi_bytes(const struct dom0_acpi_input *in)
{
	uint64_t madt = sizeof(struct madt_head) + in->vcpus * sizeof(struct madt_x2apic) +
			in->madt->ioapic_count * sizeof(struct madt_ioapic) +
			in->madt->override_count * sizeof(struct madt_override);
	uint64_t xsdt = sizeof(struct acpi_header) + (in->table_count + 1UL) * sizeof(uint64_t);

	return RSDP_ROOM + ROUND_8(madt) + ROUND_8(xsdt);
}

void dom0_acpi_fill(const struct dom0_acpi_input *in, uint8_t *dst, paddr_t at)
{
	struct acpi_writer w = {.base = dst, .at = RSDP_ROOM};
	uint32_t xsdt;

	memset(dst, 0, RSDP_ROOM);
	write_madt(&w, in);
	xsdt = w.at;
	write_xsdt(&w, in, at + RSDP_ROOM);
	write_rsdp(dst, at + xsdt);
}
