/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of dom0's building: pure ones (image, ELF file, space, memory map,
 * tables), which unit tests and fuzzers link as they are, and those that write
 * the domain. Everything runs while booting, on the boot processor.
 *
 * The kernel, its modules and the firmware's tables are input: an image that
 * is no kernel costs one line and there is no dom0, never more.
 */
#ifndef DOM0_PRIV_H
#define DOM0_PRIV_H

#include <hv/e820.h>
#include <hv/types.h>

struct acpi_madt;
struct domain;

/* --- dom0_image.c: a bzImage (Linux, Documentation/arch/x86/boot.rst) or an ELF file. --- */

#define DOM0_KERNEL_MAX GIB(1)

enum dom0_packing {
	DOM0_PLAIN,
	DOM0_ZSTD,
};

struct dom0_image {
	const uint8_t *data;
	uint64_t bytes;
	enum dom0_packing packing;
	uint64_t unpacked_bytes; /* as the image says; at most DOM0_KERNEL_MAX */
};

/* Where the kernel proper is. -ENOEXEC, logged. */
int dom0_image_parse(const uint8_t *module, uint64_t bytes, struct dom0_image *ret_image) __must_check;

/* --- dom0_elf.c: ELF of 64 or 32 bits with Xen's notes (public/elfnote.h). --- */

#define DOM0_SEGMENTS_MAX 16

struct dom0_segment {
	uint64_t offset, file_bytes; /* in the file */
	uint64_t phys, bytes;	     /* in memory: what is more is zero */
};

struct dom0_elf {
	uint32_t entry;	     /* physical, of 32-bit code: XEN_ELFNOTE_PHYS32_ENTRY */
	uint64_t start, end; /* what it takes of memory, in whole pages */
	bool relocatable;    /* XEN_ELFNOTE_PHYS32_RELOC */
	uint32_t align, min, max;
	uint32_t segment_count;
	struct dom0_segment segment[DOM0_SEGMENTS_MAX];
};

/* Every number is checked against bytes and 4 GiB. -ENOEXEC, logged. */
int dom0_elf_parse(const uint8_t *file, uint64_t bytes, struct dom0_elf *ret_elf) __must_check;

/* --- dom0_space.c: the domain's RAM while it is laid out. --- */

#define DOM0_RANGES_MAX 128

struct dom0_range {
	paddr_t base;
	uint64_t bytes;
};

struct dom0_space {
	uint32_t count;
	struct dom0_range range[DOM0_RANGES_MAX]; /* ascending, apart, whole pages */
};

struct dom0_want {
	uint64_t bytes, align; /* align: a power of two, at least PAGE_SIZE */
	paddr_t min, end;      /* it lies in [min, end) */
	bool high;	       /* the highest place, or the lowest */
};

/* Appends, joined with the last one where they touch. -ENOSPC; -EINVAL when it is not behind the last. */
int dom0_space_add(struct dom0_space *space, paddr_t base, uint64_t bytes) __must_check;

/* Takes a place out, in whole pages. -ENOMEM. */
int dom0_space_take(struct dom0_space *space, const struct dom0_want *want, paddr_t *ret_base) __must_check;

uint64_t dom0_space_bytes(const struct dom0_space *space);

/* --- dom0_options.c --- */

struct dom0_memory_limits {
	uint64_t initial; /* bytes that it gets */
	uint64_t max;	  /* bytes that it may ever have */
};

/* What dom0_mem= means with so much memory to give. */
struct dom0_memory_limits dom0_memory_wanted(uint64_t available);
uint32_t dom0_vcpus_wanted(uint32_t processors);

/* --- dom0_memory.c --- */

/* Its RAM, by physical addresses that are its own and the machine's. */
extern struct dom0_space dom0_ram;

/*
 * Its memory map: what is not RAM as in the machine, its own RAM, what is left
 * of the machine's RAM as reserved; tables: the range of its ACPI tables.
 */
void dom0_e820(const struct e820_map *machine, const struct dom0_space *ram, const struct dom0_range *tables,
	struct e820_map *ret_map);

/* The domain owns and maps all of dom0_ram. */
int dom0_memory_map(struct domain *d) __must_check;

/* --- dom0_acpi.c: tables in memory of its own (ACPI 6.5 chapter 5). --- */

struct dom0_acpi_input {
	const struct acpi_madt *madt;
	const uint64_t *table; /* physical addresses of the tables that stay */
	uint32_t table_count;
	uint32_t vcpus;
	const uint32_t *apic_id; /* by vcpu */
};

/* Bytes that the tables take at most. */
uint64_t dom0_acpi_bytes(const struct dom0_acpi_input *in);

/* RSDP, XSDT and MADT into dst, which the domain sees at `at`; the RSDP comes first. */
void dom0_acpi_fill(const struct dom0_acpi_input *in, uint8_t *dst, paddr_t at);

/* False for the tables that describe what dom0 does not have: IOMMUs, NUMA, the real processors. */
bool dom0_acpi_wanted(const char *signature);

/* --- dom0_devices.c: what it reaches of the machine: addresses and ports. --- */

/* Before any guest: the registers that nobody shall map. */
int dom0_devices_protect(void) __must_check;
int dom0_devices_map(struct domain *d) __must_check;

#endif
