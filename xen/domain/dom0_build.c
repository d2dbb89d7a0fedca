/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dom0, from the boot modules to its first instruction. Everything is written
 * through the direct map into frames that are dom0's own already; nothing of it
 * runs before the last step.
 */
#include <errno.h>
#include <string.h>
#include <hv/acpi.h>
#include <hv/boot_info.h>
#include <hv/dom0.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/hvm.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/vcpu.h>
#include <hv/vlapic.h>
#include <hv/zstd.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/xen.h>
#include "dom0_priv.h"

#define TABLES_MAX 256

/* Everything that is known so far. */
struct dom0_plan {
	const struct boot_module *kernel, *initrd; /* initrd: NULL when there is none */
	struct dom0_space space;		   /* what of its RAM is not taken yet */
	struct dom0_elf elf;
	const uint8_t *file; /* the unpacked kernel */
	paddr_t load;	     /* where the kernel's first page goes */
	paddr_t initrd_at;
	struct dom0_range tables; /* ACPI */
	paddr_t info;		  /* start_info and what it points to */
	struct dom0_acpi_input acpi;
	uint64_t table[TABLES_MAX];
	uint32_t apic_id[VCPU_MAX];
	uint32_t vcpus;
	struct domain *domain;
};

static struct e820_map dom0_map;

/* RAM of dom0: it stands at its own number. */
static void *dom0_va(paddr_t at)
{
	return mfn_to_va(paddr_to_mfn(at));
}

static const void *module_va(const struct boot_module *m)
{
	return (const char *)mfn_to_va(paddr_to_mfn(m->base)) + (m->base & ~PAGE_MASK);
}

static int plan_take(
	struct dom0_plan *plan, const char *what, const struct dom0_want *want, paddr_t *ret_base)
{
	int rc = dom0_space_take(&plan->space, want, ret_base);

	if (rc != 0)
		log_err("dom0: no room for %s: %lu KiB between %lx and %lx; give it more with dom0_mem=",
			what, want->bytes >> 10, want->min, want->end);
	return rc;
}

/* --- The kernel. --- */

/* Unpacked at the end of its RAM, which it only gets when the kernel stands where it belongs. */
static int kernel_unpack(struct dom0_plan *plan, const struct dom0_image *image)
{
	const struct dom0_want want = {
		.bytes = image->unpacked_bytes, .align = PAGE_SIZE, .end = ~0UL, .high = true};
	uint64_t start_ns = now_ns();
	paddr_t at;
	size_t got;
	int rc = plan_take(plan, "unpacking the kernel", &want, &at);

	if (rc != 0)
		return rc;
	rc = zstd_unpack(dom0_va(at), image->unpacked_bytes, image->data, image->bytes, &got);
	if (rc != 0 || got != image->unpacked_bytes) {
		log_err("dom0: kernel: damaged: it does not unpack to %lu bytes", image->unpacked_bytes);
		return -ENOEXEC;
	}
	plan->file = dom0_va(at);
	log_info("dom0: kernel: unpacked %lu KiB to %lu KiB in %lu ms", image->bytes >> 10, got >> 10,
		(now_ns() - start_ns) / NSEC_PER_MSEC);
	return 0;
}

static int kernel_place(struct dom0_plan *plan)
{
	const struct dom0_elf *elf = &plan->elf;
	struct dom0_want want = {
		.bytes = elf->end - elf->start, .align = PAGE_SIZE, .min = elf->start, .end = elf->end};

	if (elf->relocatable) {
		want.align = elf->align;
		want.min = elf->min;
		want.end = elf->max + 1UL;
	}
	return plan_take(plan, "the kernel", &want, &plan->load);
}

static void kernel_load(const struct dom0_plan *plan)
{
	for (uint32_t i = 0; i < plan->elf.segment_count; i++) {
		const struct dom0_segment *s = &plan->elf.segment[i];
		uint8_t *to = (uint8_t *)dom0_va(plan->load) + (s->phys - plan->elf.start);

		memcpy(to, plan->file + s->offset, s->file_bytes);
		memset(to + s->file_bytes, 0, s->bytes - s->file_bytes);
	}
}

static int dom0_kernel(struct dom0_plan *plan)
{
	struct dom0_space before = plan->space;
	struct dom0_image image;
	struct dom0_want again;
	int rc = dom0_image_parse(module_va(plan->kernel), plan->kernel->bytes, &image);

	if (rc != 0)
		return rc;
	plan->file = image.data;
	if (image.packing == DOM0_ZSTD)
		rc = kernel_unpack(plan, &image);
	if (rc == 0)
		rc = dom0_elf_parse(plan->file, image.unpacked_bytes, &plan->elf);
	if (rc == 0)
		rc = kernel_place(plan);
	if (rc != 0)
		return rc;
	kernel_load(plan);
	/* The unpacked file is no longer needed: all is free but the kernel's place. */
	plan->space = before;
	again = (struct dom0_want){.bytes = plan->elf.end - plan->elf.start,
		.align = PAGE_SIZE,
		.min = plan->load,
		.end = plan->load + (plan->elf.end - plan->elf.start)};
	return plan_take(plan, "the kernel", &again, &plan->load);
}

/* --- Beside the kernel. --- */

static int dom0_initrd(struct dom0_plan *plan)
{
	struct dom0_want want = {.align = PAGE_SIZE, .min = MIB(1), .end = GIB(4), .high = true};
	int rc;

	if (!plan->initrd)
		return 0;
	want.bytes = plan->initrd->bytes;
	rc = plan_take(plan, "the initrd", &want, &plan->initrd_at);
	if (rc == 0)
		memcpy(dom0_va(plan->initrd_at), module_va(plan->initrd), plan->initrd->bytes);
	return rc;
}

/* --- The domain: what it owns and reaches. --- */

static int dom0_create(struct dom0_plan *plan)
{
	uint64_t frames = dom0_space_bytes(&dom0_ram) >> PAGE_SHIFT;
	int rc = domain_create(DOMID_HARDWARE, DOMAIN_PVH, plan->vcpus, frames, &plan->domain);

	if (rc == 0)
		rc = dom0_devices_protect();
	if (rc == 0)
		rc = dom0_devices_map(plan->domain);
	if (rc == 0)
		rc = dom0_memory_map(plan->domain);
	return rc;
}

/* --- What it is told. --- */

/* Linux reads start_info, before it has page tables of its own, through a map of the first GiB (arch/x86/platform/pvh). */
#define KERNEL_EARLY_MAP GIB(1)

/* The firmware's tables that stay are read where they are; one that lies in RAM is not dom0's to read. */
static void dom0_tables_choose(struct dom0_plan *plan)
{
	const struct acpi_table *t;

	for (uint32_t i = 0; (t = acpi_table_at(i)) != NULL; i++) {
		if (!dom0_acpi_wanted(t->signature))
			continue;
		if (plan->acpi.table_count == TABLES_MAX || mfn_is_ram(paddr_to_mfn(t->base)))
			log_warn("dom0: ACPI table %s at %lx is not shown to it", t->signature, t->base);
		else
			plan->table[plan->acpi.table_count++] = t->base;
	}
}

static int dom0_tables(struct dom0_plan *plan)
{
	struct dom0_want want = {.align = PAGE_SIZE, .min = MIB(1), .end = GIB(4), .high = true};
	int rc;

	plan->acpi = (struct dom0_acpi_input){
		.madt = &acpi.madt,
		.table = plan->table,
		.vcpus = plan->vcpus,
		.apic_id = plan->apic_id,
	};
	for (uint32_t i = 0; i < plan->vcpus; i++)
		plan->apic_id[i] = vlapic_id(plan->domain->vcpu[i]);
	dom0_tables_choose(plan);
	want.bytes = dom0_acpi_bytes(&plan->acpi);
	rc = plan_take(plan, "its ACPI tables", &want, &plan->tables.base);
	if (rc != 0)
		return rc;
	plan->tables.bytes = ALIGN_UP(want.bytes, PAGE_SIZE);
	memset(dom0_va(plan->tables.base), 0, plan->tables.bytes);
	dom0_acpi_fill(&plan->acpi, dom0_va(plan->tables.base), plan->tables.base);
	return 0;
}

/* start_info and everything that it points to: two module entries, the memory map, the command line. */
struct dom0_info {
	struct hvm_start_info start;
	struct hvm_modlist_entry module;
	struct hvm_memmap_table_entry map[E820_MAX];
	char cmdline[BOOT_CMDLINE_MAX];
};

static void info_map(struct dom0_info *info)
{
	for (uint32_t i = 0; i < dom0_map.count; i++)
		info->map[i] = (struct hvm_memmap_table_entry){
			.addr = dom0_map.entry[i].base,
			.size = dom0_map.entry[i].bytes,
			.type = dom0_map.entry[i].type,
		};
}

static void info_fill(struct dom0_info *info, const struct dom0_plan *plan)
{
	paddr_t at = plan->info;

	info->start = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.flags = SIF_PRIVILEGED | SIF_INITDOMAIN,
		.nr_modules = plan->initrd ? 1 : 0,
		.modlist_paddr = plan->initrd ? at + offsetof(struct dom0_info, module) : 0,
		.cmdline_paddr = at + offsetof(struct dom0_info, cmdline),
		.rsdp_paddr = plan->tables.base,
		.memmap_paddr = at + offsetof(struct dom0_info, map),
		.memmap_entries = dom0_map.count,
	};
	if (plan->initrd)
		info->module =
			(struct hvm_modlist_entry){.paddr = plan->initrd_at, .size = plan->initrd->bytes};
	info_map(info);
	memcpy(info->cmdline, plan->kernel->cmdline, sizeof(info->cmdline));
	info->cmdline[sizeof(info->cmdline) - 1] = '\0';
}

static int dom0_start_info(struct dom0_plan *plan)
{
	const struct dom0_want want = {.bytes = sizeof(struct dom0_info),
		.align = PAGE_SIZE,
		.min = MIB(1),
		.end = KERNEL_EARLY_MAP,
		.high = true};
	int rc = plan_take(plan, "its start information", &want, &plan->info);

	if (rc != 0)
		return rc;
	dom0_e820(&e820, &dom0_ram, &plan->tables, &dom0_map);
	memset(dom0_va(plan->info), 0, sizeof(struct dom0_info));
	info_fill(dom0_va(plan->info), plan);
	return 0;
}

/* --- The whole. --- */

static const struct dom0_content {
	const char *what;
	int (*make)(struct dom0_plan *plan);
} dom0_contents[] = {
	{"kernel", dom0_kernel},
	{"initrd", dom0_initrd},
	{"domain", dom0_create},
	{"ACPI tables", dom0_tables},
	{"start information", dom0_start_info},
};

static int dom0_fill(struct dom0_plan *plan)
{
	for (size_t i = 0; i < ARRAY_SIZE(dom0_contents); i++) {
		int rc = dom0_contents[i].make(plan);

		if (rc != 0) {
			log_err("dom0: not started: %s (error %d)", dom0_contents[i].what, -rc);
			return rc;
		}
	}
	return 0;
}

/* What was copied out of the modules is not needed twice. */
static void modules_free(void)
{
	for (uint32_t i = 0; i < boot_info.module_count; i++) {
		const struct boot_module *m = &boot_info.module[i];
		paddr_t first = ALIGN_UP(m->base, PAGE_SIZE), end = ALIGN_DOWN(m->base + m->bytes, PAGE_SIZE);

		if (first < end)
			heap_add(first, end - first, false);
	}
}

static void dom0_log(const struct dom0_plan *plan, uint32_t entry)
{
	log_warn(
		"dom0: NOTHING IS ISOLATED: no IOMMU is in use, so every device of this machine can read and write "
		"all of its memory; dom0's memory is mapped 1:1 and no device can be assigned");
	log_info("dom0: %lu MiB, %u vcpus, entry %x, start information at %lx",
		dom0_space_bytes(&dom0_ram) >> 20, plan->vcpus, entry, plan->info);
	e820_log(&dom0_map);
}

static void dom0_start(const struct dom0_plan *plan)
{
	uint32_t entry = plan->elf.entry + (uint32_t)(plan->load - plan->elf.start);
	struct domain *d = plan->domain;

	dom0_log(plan, entry);
	modules_free();
	hvm_vcpu_start_pvh(d->vcpu[0], entry, (uint32_t)plan->info);
	(void)vcpu_up(d->vcpu[0]);
	if (domain_start(d) != 0)
		log_err("dom0: not started: it is no longer being built");
}

int dom0_build(void)
{
	static struct dom0_plan plan;

	if (boot_info.module_count == 0) {
		log_warn("dom0: no dom0 kernel: the boot loader gave no module");
		return 0;
	}
	plan.kernel = &boot_info.module[0];
	plan.initrd = boot_info.module_count > 1 ? &boot_info.module[1] : NULL;
	plan.space = dom0_ram;
	plan.vcpus = MIN(dom0_vcpus_wanted(smp_cpu_count()), (uint32_t)VCPU_MAX);
	if (dom0_fill(&plan) == 0)
		dom0_start(&plan);
	return 0;
}
