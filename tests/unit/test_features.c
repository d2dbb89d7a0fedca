/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID features, the control registers that follow, and the copying of MTRRs. */
#include "unit.h"
#include <hv/cpu_regs.h>
#include <hv/features.h>
#include "asm.h"
#include "hv_log.h"

#define BIT(f) (1U << ((f) % 32))

#define LEAF1_EDX                                                                                         \
	(BIT(FEAT_FPU) | BIT(FEAT_TSC) | BIT(FEAT_MSR) | BIT(FEAT_PAE) | BIT(FEAT_CX8) | BIT(FEAT_APIC) | \
		BIT(FEAT_MTRR) | BIT(FEAT_PGE) | BIT(FEAT_CMOV) | BIT(FEAT_PAT) | BIT(FEAT_FXSR) |        \
		BIT(FEAT_SSE2))
#define EXT1_EDX (BIT(FEAT_SYSCALL) | BIT(FEAT_NX) | BIT(FEAT_LM))

static void cpu_is(uint32_t leaf1_edx, uint32_t leaf7_ebx)
{
	fake_cpuid_set(0, 0, (struct cpuid_regs){13, 0x68747541, 0x444d4163, 0x69746e65}); /* AuthenticAMD */
	fake_cpuid_set(1, 0, (struct cpuid_regs){0x00800f12, 0, 0, leaf1_edx});
	fake_cpuid_set(7, 0, (struct cpuid_regs){0, leaf7_ebx, 0, 0});
	fake_cpuid_set(0x80000000, 0, (struct cpuid_regs){0x80000008, 0, 0, 0});
	fake_cpuid_set(0x80000001, 0, (struct cpuid_regs){0, 0, 0, EXT1_EDX});
	fake_cpuid_set(0x80000008, 0, (struct cpuid_regs){0x3028, 0, 0, 0});
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	fake_log_reset();
	cpu_is(LEAF1_EDX, 0);
	return 0;
}

static void test_collect(void **state)
{
	(void)state;
	assert_int_equal(features_init(), 0);
	assert_int_equal(cpu_features.vendor, VENDOR_AMD);
	assert_int_equal(cpu_features.family, 23);
	assert_int_equal(cpu_features.model, 1);
	assert_int_equal(cpu_features.stepping, 2);
	assert_int_equal(cpu_features.phys_bits, 40);
	assert_true(feature_has(FEAT_NX));
	assert_false(feature_has(FEAT_SMEP));
}

static void test_every_lack_is_named(void **state)
{
	(void)state;
	cpu_is(LEAF1_EDX & ~BIT(FEAT_PAT) & ~BIT(FEAT_APIC), 0);
	assert_int_equal(features_init(), -ENODEV);
	assert_true(fake_log_has("no APIC"));
	assert_true(fake_log_has("no PAT"));
	assert_int_equal(fake_log_count, 2);
}

/* Leaves above the highest one answer with another leaf's data: they are not asked. */
static void test_leaves_that_do_not_exist(void **state)
{
	(void)state;
	cpu_is(LEAF1_EDX, ~0U);
	fake_cpuid_set(0, 0, (struct cpuid_regs){1, 0, 0, 0});
	assert_int_equal(features_init(), 0);
	assert_false(feature_has(FEAT_SMAP));
	assert_int_equal(cpu_features.vendor, VENDOR_OTHER);
}

static void test_absurd_address_width(void **state)
{
	(void)state;
	fake_cpuid_set(0x80000008, 0, (struct cpuid_regs){0xff, 0, 0, 0});
	assert_int_equal(features_init(), 0);
	assert_int_equal(cpu_features.phys_bits, 36);
	assert_int_equal(cpu_features.virt_bits, 48);
}

static void test_control_registers(void **state)
{
	(void)state;
	assert_int_equal(features_init(), 0);
	features_enable();
	assert_true(fake.cr[0] & CR0_WP);
	assert_false(fake.cr[0] & (CR0_CD | CR0_NW | CR0_TS | CR0_EM));
	assert_false(fake.cr[4] & (CR4_SMEP | CR4_SMAP | CR4_UMIP | CR4_OSXSAVE));
	assert_true(fake_msr_get(MSR_EFER) & EFER_NXE);
	assert_int_equal(fake_msr_get(MSR_PAT), HV_PAT);
	cpu_is(LEAF1_EDX, BIT(FEAT_SMEP) | BIT(FEAT_SMAP));
	assert_int_equal(features_init(), 0);
	features_enable();
	assert_true(fake.cr[4] & CR4_SMEP);
	assert_true(fake.cr[4] & CR4_SMAP);
}

static void test_lesser_processor_is_refused(void **state)
{
	(void)state;
	cpu_is(LEAF1_EDX, BIT(FEAT_SMEP));
	assert_int_equal(features_init(), 0);
	assert_int_equal(features_check_ap(1), 0);
	cpu_is(LEAF1_EDX, BIT(FEAT_SMEP) | BIT(FEAT_SMAP)); /* more is no harm */
	assert_int_equal(features_check_ap(1), 0);
	cpu_is(LEAF1_EDX, 0);
	assert_int_equal(features_check_ap(1), -ENODEV);
	assert_true(fake_log_has("cpu 1: CPUID leaf 0x7 lacks bits 0x80"));
}

static void boot_mtrrs(void)
{
	assert_int_equal(features_init(), 0);
	fake_msr_set(MSR_MTRRCAP, MTRRCAP_FIX | 2);
	fake_msr_set(MSR_MTRR_DEF_TYPE, MTRR_DEF_TYPE_ENABLE | 6);
	fake_msr_set(MSR_MTRR_PHYSBASE(1), 0xc0000000);
	fake_msr_set(MSR_MTRR_PHYSMASK(1), 0xffc0000800);
	fake_msr_set(MSR_MTRR_FIX4K(3), 0x0505050505050505);
	mtrr_save();
}

static void test_equal_mtrrs_are_left_alone(void **state)
{
	(void)state;
	boot_mtrrs();
	mtrr_load();
	assert_int_equal(fake.op_count, 0);
}

static unsigned int op_index(enum fake_op_kind kind, uint64_t addr, unsigned int from)
{
	for (unsigned int i = from; i < fake.op_count; i++) {
		if (fake.op[i].kind == kind && fake.op[i].addr == addr)
			return i;
	}
	fail_msg("no such store");
	return 0;
}

static void test_mtrrs_are_copied_with_caches_off(void **state)
{
	unsigned int off, disable, variable, enable;

	(void)state;
	boot_mtrrs();
	fake.irqs_on = true;
	fake_msr_set(MSR_MTRR_PHYSBASE(1), 0);
	fake_msr_set(MSR_MTRR_FIX4K(3), 0);
	fake.cr[0] = CR0_PG | CR0_PE;
	mtrr_load();
	assert_int_equal(fake_msr_get(MSR_MTRR_PHYSBASE(1)), 0xc0000000);
	assert_int_equal(fake_msr_get(MSR_MTRR_FIX4K(3)), 0x0505050505050505);
	assert_int_equal(fake_msr_get(MSR_MTRR_DEF_TYPE), MTRR_DEF_TYPE_ENABLE | 6);
	off = op_index(FAKE_CR, 0, 0);
	assert_true(fake.op[off].value & CR0_CD);
	disable = op_index(FAKE_WRMSR, MSR_MTRR_DEF_TYPE, 0);
	assert_false(fake.op[disable].value & MTRR_DEF_TYPE_ENABLE);
	variable = op_index(FAKE_WRMSR, MSR_MTRR_PHYSBASE(1), 0);
	enable = op_index(FAKE_WRMSR, MSR_MTRR_DEF_TYPE, disable + 1);
	assert_true(off < disable && disable < variable && variable < enable);
	assert_true(enable < op_index(FAKE_CR, 0, off + 1));
	assert_int_equal(fake.cr[0], CR0_PG | CR0_PE);
	assert_true(fake.irqs_on);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_collect, setup),
		cmocka_unit_test_setup(test_every_lack_is_named, setup),
		cmocka_unit_test_setup(test_leaves_that_do_not_exist, setup),
		cmocka_unit_test_setup(test_absurd_address_width, setup),
		cmocka_unit_test_setup(test_control_registers, setup),
		cmocka_unit_test_setup(test_lesser_processor_is_refused, setup),
		cmocka_unit_test_setup(test_equal_mtrrs_are_left_alone, setup),
		cmocka_unit_test_setup(test_mtrrs_are_copied_with_caches_off, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
