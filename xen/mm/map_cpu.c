/* SPDX-License-Identifier: GPL-2.0-only */
/* What only the real machine has of its page tables: registers, linker symbols. */
#include <hv/asm.h>
#include <hv/init.h>
#include <hv/map.h>
#include <hv/smp.h>

#define MSR_PAT		    0x277
#define CPUID_EXT_MAX	    0x80000000
#define CPUID_EXT_FEATURES  0x80000001
#define CPUID_EXT_ADDRESSES 0x80000008
#define EDX_1G_PAGES	    (1U << 26)
#define PHYS_BITS_DEFAULT   36 /* AMD64 APM volume 3 appendix E.4.7: where the leaf does not exist */

void map_flush_tlb(uintptr_t va, uint64_t bytes)
{
	smp_flush_tlb_range(va, bytes);
}

void map_activate(void)
{
	wrmsr(MSR_PAT, MAP_PAT);
	write_cr3(map_root());
}

int map_boot(const struct e820_map *ram)
{
	const struct map_section section[] = {
		{(uintptr_t)__text_start, (uintptr_t)__text_end, MAP_RX},
		{(uintptr_t)__rodata_start, (uintptr_t)__rodata_end, MAP_RO},
		{(uintptr_t)__data_start, (uintptr_t)__bss_end, MAP_RW},
	};
	bool has_sizes = cpuid(CPUID_EXT_MAX, 0).eax >= CPUID_EXT_ADDRESSES;
	struct map_config config = {
		.ram = ram,
		.image_phys = boot_image_phys,
		.image_start = (uintptr_t)__image_start,
		.image_end = (uintptr_t)__image_end,
		.section = section,
		.section_count = ARRAY_SIZE(section),
		.has_1g = (cpuid(CPUID_EXT_FEATURES, 0).edx & EDX_1G_PAGES) != 0,
		.phys_bits = has_sizes ? cpuid(CPUID_EXT_ADDRESSES, 0).eax & 0xff : PHYS_BITS_DEFAULT,
	};

	return map_init(&config);
}
