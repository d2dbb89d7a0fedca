/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * THE boot list: everything that happens between the first C instruction and
 * the first turn of the idle loop, in order. Each step returns 0 or -errno; one
 * that the machine cannot do without ends the start with its name.
 */
#include <errno.h>
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/boot_alloc.h>
#include <hv/boot_info.h>
#include <hv/cmdline.h>
#include <hv/console.h>
#include <hv/cpu_area.h>
#include <hv/descriptors.h>
#include <hv/dom0.h>
#include <hv/e820.h>
#include <hv/features.h>
#include <hv/heap.h>
#include <hv/hvm.h>
#include <hv/init.h>
#include <hv/interrupts.h>
#include <hv/iommu.h>
#include <hv/keys.h>
#include <hv/log.h>
#include <hv/map.h>
#include <hv/mm_start.h>
#include <hv/nmi.h>
#include <hv/numa.h>
#include <hv/pci.h>
#include <hv/reboot.h>
#include <hv/sched.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/uart.h>
#include <hv/vcpu_time.h>

struct boot_step {
	const char *name;
	int (*run)(void);
};

static struct {
	uint32_t magic;
	uint32_t info;
} boot_loader_args;

static struct cpu_stacks boot_cpu_stacks;

static int boot_exceptions(void)
{
	idt_init();
	idt_load();
	return 0;
}

static int boot_loader_info(void)
{
	int rc = boot_info_parse(boot_loader_args.magic, boot_loader_args.info);

	if (rc == 0)
		boot_modules_exclude(boot_image_phys, (uint64_t)(__image_end - __image_start), "Undercroft");
	return rc;
}

static int boot_console(void)
{
	(void)cmdline_parse(boot_info.cmdline, boot_options, boot_option_count);
	console_init();
	log_info("Undercroft, loaded by %s", boot_info.loader);
	return 0;
}

/* The map is sorted: its first RAM is its lowest. */
static bool boot_has_low_ram(void)
{
	for (uint32_t i = 0; i < e820.count; i++)
		if (e820.entry[i].type == E820_RAM)
			return e820.entry[i].base < GIB(4);
	return false;
}

static int boot_memory_map(void)
{
	e820_sanitise(&boot_info.map, &e820);
	e820_log(&e820);
	if (!boot_has_low_ram()) {
		log_err("boot: the memory map of the boot loader names no RAM below 4 GiB");
		return -ENOMEM;
	}
	boot_alloc_init(&e820);
	boot_reserve(boot_image_phys, (uint64_t)(__image_end - __image_start));
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		boot_reserve(boot_info.module[i].base, boot_info.module[i].bytes);
	return 0;
}

static int boot_processor(void)
{
	int rc = features_init();

	if (rc == 0)
		features_enable();
	return rc;
}

/* From here on the final page tables are in force: only RAM and what is mapped by name can be reached. */
static int boot_page_tables(void)
{
	int rc = map_boot(&e820);

	if (rc != 0)
		return rc;
	map_activate();
	return map_check_wx();
}

/* A serial port whose registers are in memory can be reached only now. */
static int boot_console_in_memory(void)
{
	if (console_started())
		return 0;
	if (uart_map() != 0)
		log_err("com1: its registers cannot be mapped; there is no console");
	else
		console_init();
	return 0;
}

static int boot_frame_table(void)
{
	return mm_frames_start(&e820);
}

/* A machine without usable tables starts too: on one processor, without IOAPICs. */
static int boot_acpi(void)
{
	int rc = acpi_init(boot_info.rsdp);

	if (acpi.has_fadt)
		reboot_use_fadt(&acpi.fadt);
	return rc == -ENOENT ? 0 : rc;
}

static int boot_heap(void)
{
	static struct numa_info numa;

	numa_from_acpi(acpi.has_srat ? &acpi.srat : NULL, acpi.has_slit ? &acpi.slit : NULL, &numa);
	mm_heap_start(&numa);
	return heap_free_frames() != 0 ? 0 : -ENOMEM;
}

/* The boot stack has no guard page; the one that the processor keeps has. */
static int boot_stacks(void)
{
	return cpu_stacks_create(&boot_cpu_stacks);
}

static int boot_descriptors(void)
{
	gdt_init(0, &boot_cpu_stacks);
	gdt_load();
	idt_load();
	return 0;
}

static int boot_interrupts(void)
{
	int rc = interrupts_init();

	if (rc == 0)
		sched_init_cpu(0);
	return rc;
}

static int boot_time(void)
{
	int rc = interrupts_time_init();

	if (rc == 0)
		irq_enable();
	return rc;
}

static int boot_watchdog(void)
{
	watchdog_start();
	return 0;
}

static int boot_keys(void)
{
	keys_start();
	return 0;
}

/* Without it the guests' time starts at 1970. */
static int boot_wall_clock(void)
{
	(void)!wallclock_init();
	return 0;
}

/* On the boot stack; until "page tables" on the boot page tables. */
static const struct boot_step boot_steps[] = {
	{"exceptions", boot_exceptions},
	{"boot loader", boot_loader_info},
	{"console", boot_console},
	{"processor", boot_processor},
	{"memory map", boot_memory_map},
	{"page tables", boot_page_tables},
	{"console in memory", boot_console_in_memory},
	{"frame table", boot_frame_table},
	{"ACPI", boot_acpi},
	{"dom0's memory", dom0_memory_reserve},
	{"heap", boot_heap},
	{"stacks", boot_stacks},
};

/* On the processor's own stack. */
static const struct boot_step boot_steps_late[] = {
	{"descriptors", boot_descriptors},
	{"interrupts", boot_interrupts},
	{"time", boot_time},
	{"processors", smp_start_others},
	{"virtual machines", hvm_start},
	{"PCI", pci_init},
	{"IOMMU tables", iommu_find},
	{"watchdog", boot_watchdog},
	{"debug keys", boot_keys},
	{"wall clock", boot_wall_clock},
	{"dom0", dom0_build},
};

static void boot_run(const struct boot_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int rc = steps[i].run();

		if (rc == 0)
			continue;
		log_err("boot: step '%s' failed (error %d); Undercroft cannot start on this machine",
			steps[i].name, -rc);
		console_flush_forced();
		machine_end_of_panic();
	}
}

static __noreturn void boot_late(void)
{
	boot_run(boot_steps_late, ARRAY_SIZE(boot_steps_late));
	log_info("boot: complete in %lu ms", now_ns() / NSEC_PER_MSEC);
	sched_loop();
}

void hv_start(uint32_t magic, uint32_t info)
{
	boot_loader_args.magic = magic;
	boot_loader_args.info = info;
	boot_run(boot_steps, ARRAY_SIZE(boot_steps));
	stack_switch(boot_cpu_stacks.main, boot_late);
}
