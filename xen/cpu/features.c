/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <hv/asm.h>
#include <hv/cpu_regs.h>
#include <hv/features.h>
#include <hv/log.h>
#include <hv/percpu.h>

#define LEAF_EXT 0x80000000

struct cpu_features cpu_features;

/* Which register of which leaf fills each word. */
static const struct {
	uint32_t leaf;
	uint8_t reg; /* 0 EAX to 3 EDX */
} feature_words[FW_COUNT] = {
	[FW_1C] = {1, 2},
	[FW_1D] = {1, 3},
	[FW_6A] = {6, 0},
	[FW_7B] = {7, 1},
	[FW_7C] = {7, 2},
	[FW_7D] = {7, 3},
	[FW_E1C] = {LEAF_EXT + 1, 2},
	[FW_E1D] = {LEAF_EXT + 1, 3},
	[FW_E7D] = {LEAF_EXT + 7, 3},
	[FW_E8B] = {LEAF_EXT + 8, 1},
};

static const struct {
	enum feature feature;
	const char *name;
} features_required[] = {
	{FEAT_FPU, "FPU"},
	{FEAT_TSC, "TSC"},
	{FEAT_MSR, "MSR"},
	{FEAT_PAE, "PAE"},
	{FEAT_CX8, "CMPXCHG8B"},
	{FEAT_APIC, "APIC"},
	{FEAT_PGE, "global pages"},
	{FEAT_CMOV, "CMOV"},
	{FEAT_PAT, "PAT"},
	{FEAT_FXSR, "FXSAVE"},
	{FEAT_SSE2, "SSE2"},
	{FEAT_LM, "64-bit mode"},
	{FEAT_NX, "NX"},
};

static const struct {
	const char *text;
	enum cpu_vendor vendor;
} feature_vendors[] = {
	{"AuthenticAMD", VENDOR_AMD},
	{"GenuineIntel", VENDOR_INTEL},
	{"HygonGenuine", VENDOR_AMD},
};

/* Control bits that are set where the processor has the feature. */
static const struct {
	enum feature feature;
	uint64_t cr4;
} features_cr4[] = {
	{FEAT_MCE, CR4_MCE},
	{FEAT_UMIP, CR4_UMIP},
	{FEAT_XSAVE, CR4_OSXSAVE},
	{FEAT_SMEP, CR4_SMEP},
	{FEAT_SMAP, CR4_SMAP},
};

static bool features_leaf_exists(const struct cpu_features *f, uint32_t leaf)
{
	return leaf <= (leaf >= LEAF_EXT ? f->max_ext_leaf : f->max_leaf);
}

static uint32_t features_reg(const struct cpuid_regs *r, unsigned int reg)
{
	const uint32_t value[] = {r->eax, r->ebx, r->ecx, r->edx};

	return value[reg & 3];
}

static void features_vendor(struct cpu_features *f)
{
	struct cpuid_regs r = cpuid(0, 0);

	f->max_leaf = r.eax;
	memcpy(f->vendor_text, &r.ebx, 4);
	memcpy(f->vendor_text + 4, &r.edx, 4);
	memcpy(f->vendor_text + 8, &r.ecx, 4);
	for (size_t i = 0; i < ARRAY_SIZE(feature_vendors); i++) {
		if (!strcmp(f->vendor_text, feature_vendors[i].text))
			f->vendor = feature_vendors[i].vendor;
	}
	/* A processor without extended leaves answers with those of its highest basic leaf. */
	r = cpuid(LEAF_EXT, 0);
	f->max_ext_leaf = r.eax >= LEAF_EXT ? r.eax : 0;
}

/* SDM volume 2A, CPUID leaf 1: the extended fields count for families 6 and 15 only. */
static void features_model(struct cpu_features *f)
{
	uint32_t eax = cpuid(1, 0).eax;

	f->family = (eax >> 8) & 0xf;
	f->model = (eax >> 4) & 0xf;
	f->stepping = eax & 0xf;
	if (f->family == 6 || f->family == 15)
		f->model |= (eax >> 12) & 0xf0;
	if (f->family == 15)
		f->family += (eax >> 20) & 0xff;
}

static void features_brand(struct cpu_features *f)
{
	for (uint32_t i = 0; i < 3 && features_leaf_exists(f, LEAF_EXT + 4); i++) {
		struct cpuid_regs r = cpuid(LEAF_EXT + 2 + i, 0);

		memcpy(f->brand + i * 16, &r, 16);
	}
}

static void features_address_bits(struct cpu_features *f)
{
	uint32_t eax = features_leaf_exists(f, LEAF_EXT + 8) ? cpuid(LEAF_EXT + 8, 0).eax : 0;

	f->phys_bits = eax & 0xff;
	f->virt_bits = (eax >> 8) & 0xff;
	/* 36 and 48 are the least a 64-bit processor has; 52 is the most that the page tables hold. */
	if (f->phys_bits < 36 || f->phys_bits > 52)
		f->phys_bits = 36;
	if (f->virt_bits < 48)
		f->virt_bits = 48;
}

void features_collect(struct cpu_features *ret_features)
{
	struct cpu_features f = {0};

	features_vendor(&f);
	features_model(&f);
	for (unsigned int w = 0; w < FW_COUNT; w++) {
		if (features_leaf_exists(&f, feature_words[w].leaf)) {
			struct cpuid_regs r = cpuid(feature_words[w].leaf, 0);

			f.word[w] = features_reg(&r, feature_words[w].reg);
		}
	}
	features_brand(&f);
	features_address_bits(&f);
	*ret_features = f;
}

int features_init(void)
{
	unsigned int missing = 0;

	features_collect(&cpu_features);
	for (size_t i = 0; i < ARRAY_SIZE(features_required); i++) {
		if (feature_has(features_required[i].feature))
			continue;
		log_err("cpu: this processor has no %s, and Undercroft needs it", features_required[i].name);
		missing++;
	}
	if (missing)
		return -ENODEV;
	log_info("cpu: %s family %u model %u stepping %u, %u-bit physical addresses: %s",
		cpu_features.vendor_text, cpu_features.family, cpu_features.model, cpu_features.stepping,
		cpu_features.phys_bits, cpu_features.brand);
	return 0;
}

/* Bits that say what the operating system did, or which processor this is, not what it can do. */
static uint32_t features_ignored(unsigned int word)
{
	return word == FW_1C ? 1U << 27 /* OSXSAVE */ : 0;
}

int features_check_ap(unsigned int cpu)
{
	struct cpu_features ap;

	features_collect(&ap);
	for (unsigned int w = 0; w < FW_COUNT; w++) {
		uint32_t lost = cpu_features.word[w] & ~ap.word[w] & ~features_ignored(w);

		if (!lost)
			continue;
		log_err("cpu %u: CPUID leaf %#x lacks bits %#x that the boot processor has", cpu,
			feature_words[w].leaf, lost);
		return -ENODEV;
	}
	if (ap.vendor != cpu_features.vendor || ap.phys_bits < cpu_features.phys_bits) {
		log_err("cpu %u: vendor or address width differs from the boot processor's", cpu);
		return -ENODEV;
	}
	return 0;
}

void features_enable(void)
{
	uint64_t cr4 = CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	for (size_t i = 0; i < ARRAY_SIZE(features_cr4); i++) {
		if (feature_has(features_cr4[i].feature))
			cr4 |= features_cr4[i].cr4;
	}
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE | (feature_has(FEAT_SYSCALL) ? EFER_SCE : 0));
	write_cr4(cr4);
	write_cr0(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	if (cr4 & CR4_OSXSAVE)
		xsetbv(XCR0, XCR0_X87 | XCR0_SSE);
	wrmsr(MSR_PAT, HV_PAT);
}
