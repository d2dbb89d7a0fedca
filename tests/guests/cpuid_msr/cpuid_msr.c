/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processor seems to be: Xen's leaves, what is hidden, which MSRs exist, EFER and PAT. */
#include "../pvh.h"

const char guest_name[] = "cpuid_msr";

#define MSR_PAT	      0x277
#define MSR_HYPERCALL 0x40000000
#define MSR_EFER      0xc0000080
#define EFER_SCE      (1UL << 0)
#define EFER_LME      (1UL << 8)
#define EFER_LMA      (1UL << 10)
#define EFER_NXE      (1UL << 11)
#define EFER_SVME     (1UL << 12)

static uint32_t cpuid_register(uint32_t leaf, char which)
{
	struct guest_cpuid r = guest_cpuid(leaf, 0);

	return which == 'a' ? r.eax : which == 'b' ? r.ebx : which == 'c' ? r.ecx : r.edx;
}

static const struct {
	uint32_t leaf;
	char which;
	uint32_t bits;
	const char *what;
} hidden[] = {
	{1, 'c', 1u << 3, "MONITOR is offered"},
	{1, 'c', 1u << 5, "VMX is offered"},
	{1, 'd', 1u << 7, "machine checks are offered"},
	{1, 'd', 1u << 14, "machine check banks are offered"},
	{0xa, 'a', ~0u, "performance counters are offered"},
	{0x14, 'b', ~0u, "processor trace is offered"},
	{0x80000001, 'c', 1u << 2, "SVM is offered"},
	{0x80000001, 'c', 1u << 23, "AMD's performance counters are offered"},
	{0x8000000a, 'a', ~0u, "SVM has a revision"},
	{0x8000000a, 'd', ~0u, "SVM has features"},
	{0x7, 'c', 1u << 16, "5-level paging is offered"},
	{0x7, 'c', 1u << 7, "shadow stacks are offered"},
};

static void check_hidden(void)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		guest_check(
			!(cpuid_register(hidden[i].leaf, hidden[i].which) & hidden[i].bits), hidden[i].what);
}

static void check_xen_leaves(void)
{
	struct guest_cpuid r = guest_cpuid(0x40000000, 0);

	guest_check(r.eax >= 0x40000004, "Xen's leaves end too early");
	guest_check(r.ebx == 0x566e6558 && r.ecx == 0x65584d4d && r.edx == 0x4d4d566e, "not Xen's signature");
	guest_equal(guest_cpuid(0x40000001, 0).eax, 4 << 16 | 20, "Xen's version");
	guest_equal(guest_cpuid(0x40000002, 0).eax, 1, "the number of hypercall pages");
	r = guest_cpuid(0x40000004, 0);
	guest_check(r.eax & 1u << 3, "no vcpu identifier in leaf 40000004");
	guest_equal(r.ebx, 0, "the vcpu's identifier");
	guest_equal(guest_cpuid(1, 0).ebx >> 24, 0, "the initial APIC identifier");
}

/* The bit is CR4's, at once. */
static void check_osxsave(void)
{
	uint64_t cr4;

	if (!(guest_cpuid(1, 0).ecx & 1u << 26))
		return;
	guest_check(!(guest_cpuid(1, 0).ecx & 1u << 27), "OSXSAVE before CR4");
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 1UL << 18));
	guest_check(guest_cpuid(1, 0).ecx & 1u << 27, "no OSXSAVE after CR4");
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
}

/* All that can be read; sorted. Everything else is #GP. */
static const struct {
	uint32_t first, last;
} readable[] = {
	{0x10, 0x10},	/* TSC */
	{0x1b, 0x1b},	/* APIC base */
	{0x8b, 0x8b},	/* microcode level */
	{0xfe, 0xfe},	/* MTRRs */
	{0x174, 0x176}, /* SYSENTER */
	{0x200, 0x20f},
	{0x250, 0x250},
	{0x258, 0x259},
	{0x268, 0x26f},
	{0x277, 0x277}, /* PAT */
	{0x2ff, 0x2ff},
	{0x6e0, 0x6e0},		  /* TSC deadline */
	{0xc0000080, 0xc0000084}, /* EFER, SYSCALL */
	{0xc0000100, 0xc0000103}, /* FS, GS, TSC_AUX */
	{0xc0010010, 0xc0010010},
	{0xc0010015, 0xc0010015},
	{0xc001001a, 0xc001001a},
	{0xc001001d, 0xc001001d},
	{0xc001001f, 0xc001001f},
	{0xc0010055, 0xc0010055},
	{0xc0010058, 0xc0010058},
	{0xc0011029, 0xc0011029},
};

static bool msr_is_readable(uint32_t msr)
{
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		if (msr >= readable[i].first && msr <= readable[i].last)
			return true;
	return false;
}

/* The ranges of AMD's permission map, and Xen's. */
static void check_all_msrs(void)
{
	static const uint32_t base[] = {0, 0x40000000, 0xc0000000, 0xc0010000};
	uint64_t value;

	for (size_t i = 0; i < sizeof(base) / sizeof(base[0]); i++)
		for (uint32_t msr = base[i]; msr < base[i] + 0x2000; msr++)
			if (guest_rdmsr_try(msr, &value) && !msr_is_readable(msr))
				guest_equal(msr, 0, "an MSR is readable");
}

static void check_write_refused(void)
{
	static const uint32_t refused[] = {0x3a, 0x79, 0x179, 0x1a0, 0x1d9, 0x400, 0x480, 0x802, 0xc0010020,
		0xc0010111, 0xc0010114, 0xc0010117, 0xc0010200, 0xc0011030, 0x7fffffff, 0xffffffff};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (guest_wrmsr_try(refused[i], 0))
			guest_equal(refused[i], 0, "an MSR is writable");
}

static void check_efer(void)
{
	uint64_t efer = guest_rdmsr(MSR_EFER);

	guest_equal(efer, EFER_LME | EFER_LMA, "EFER at the start");
	guest_check(guest_wrmsr_try(MSR_EFER, efer | EFER_NXE | EFER_SCE), "NXE and SCE are refused");
	guest_equal(guest_rdmsr(MSR_EFER), efer | EFER_NXE | EFER_SCE, "EFER is not kept");
	guest_check(!guest_wrmsr_try(MSR_EFER, efer | EFER_SVME), "SVME is accepted");
	guest_check(!guest_wrmsr_try(MSR_EFER, efer | 1UL << 63), "a reserved bit of EFER is accepted");
	guest_check(!guest_wrmsr_try(MSR_EFER, efer & ~EFER_LME), "LME goes while paging is on");
	guest_check(guest_wrmsr_try(MSR_EFER, efer & ~EFER_LMA), "LMA is not ignored");
	guest_equal(guest_rdmsr(MSR_EFER), efer, "EFER afterwards");
}

static void check_pat(void)
{
	const uint64_t good = 0x0001040506070001;

	guest_check(guest_wrmsr_try(MSR_PAT, good), "a valid PAT is refused");
	for (unsigned int i = 0; i < 64; i += 8) {
		guest_check(!guest_wrmsr_try(MSR_PAT, (good & ~(0xffUL << i)) | 2UL << i), "PAT type 2");
		guest_check(!guest_wrmsr_try(MSR_PAT, (good & ~(0xffUL << i)) | 8UL << i), "PAT type 8");
	}
	guest_equal(guest_rdmsr(MSR_PAT), good, "PAT after what was refused");
}

/* A stub of the page is mov to eax, the call, ret. */
static void check_hypercall_page(void)
{
	static uint8_t page[GUEST_PAGE] __attribute__((aligned(4096)));
	uint64_t rax;

	guest_check(guest_wrmsr_try(MSR_HYPERCALL, (uintptr_t)page), "no hypercall page");
	__asm__ volatile("call *%1"
			 : "=&a"(rax)
			 : "r"(page + 32 * __HYPERVISOR_xen_version), "D"(0UL), "S"(0UL)
			 : "memory");
	guest_equal(rax, 4 << 16 | 20, "a call through the hypercall page");
	guest_check(!guest_wrmsr_try(MSR_HYPERCALL, 1UL << 45), "a hypercall page where nothing is");
}

void guest_main(uint64_t start_info)
{
	(void)start_info;
	check_xen_leaves();
	check_hidden();
	check_osxsave();
	check_all_msrs();
	check_write_refused();
	check_efer();
	check_pat();
	check_hypercall_page();
}
