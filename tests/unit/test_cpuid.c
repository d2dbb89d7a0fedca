/* SPDX-License-Identifier: GPL-2.0-only */
/* What guests are told by CPUID, from a machine that has everything and from one that has little. */
#include "unit.h"
#include <stdlib.h>
#include <hv/slab.h>
#include <hv/vlapic.h>
#include <xen/hvm/hvm_priv.h>
#include <xen/hvm/msr_regs.h>
#include "asm.h"

const struct hvm_ops *hvm_ops;
static uint64_t machine_xcr0, guest_cr4;

void *hv_alloc(size_t bytes)
{
	return calloc(1, bytes);
}

void hv_free(void *p)
{
	free(p);
}

uint64_t time_tsc_hz(void);
uint64_t time_tsc_hz(void)
{
	return 2500000000;
}

uint64_t fpu_xcr0_all(void)
{
	return machine_xcr0;
}

uint32_t fpu_xsave_bytes(uint64_t xcr0)
{
	return 576 + (xcr0 & XCR0_AVX ? 256 : 0);
}

uint64_t vlapic_base(const struct vcpu *v)
{
	(void)v;
	return APIC_BASE_ENABLE;
}

static uint64_t reg_get(const struct vcpu *v, enum hvm_reg reg)
{
	(void)v;
	return reg == HVM_CR4 ? guest_cr4 : 0;
}

static const struct hvm_ops ops = {.reg_get = reg_get};

static struct domain domain;
static struct hvm_vcpu hvm;
static struct vcpu vcpu;

/* Every leaf of the table answers these bits. */
static void machine(uint32_t bits)
{
	static const uint32_t leaves[][2] = {
		{1, 0},
		{2, 0},
		{4, 0},
		{6, 0},
		{7, 0},
		{0xd, 1},
		{0xd, 2},
		{0xd, 5},
		{0xd, 9},
		{0x80000001, 0},
		{0x80000002, 0},
		{0x80000007, 0},
		{0x80000008, 0},
		{0x8000000a, 0},
		{0x8000001f, 0},
		{0x80000021, 0},
	};

	fake_asm_reset();
	fake_cpuid_set(0, 0, (struct cpuid_regs){0x20, 0x68747541, 0x444d4163, 0x69746e65});
	fake_cpuid_set(0x80000000, 0, (struct cpuid_regs){0x80000028, 0, 0, 0});
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++)
		fake_cpuid_set(leaves[i][0], leaves[i][1], (struct cpuid_regs){bits, bits, bits, bits});
}

static void build(uint32_t bits, uint64_t xcr0, uint32_t vcpus)
{
	machine(bits);
	machine_xcr0 = xcr0;
	guest_cr4 = 0;
	free(domain.policy);
	hvm_ops = &ops;
	domain = (struct domain){.id = 5, .vcpu_max = vcpus};
	hvm = (struct hvm_vcpu){.xcr0 = XCR0_X87};
	vcpu = (struct vcpu){.id = vcpus - 1, .domain = &domain, .hvm = &hvm};
	assert_int_equal(cpu_policy_create(&domain), 0);
}

static int teardown(void **state)
{
	(void)state;
	cpu_policy_destroy(&domain);
	return 0;
}

static void leaves_are_sorted(void **state)
{
	(void)state;
	build(~0U, XCR0_SUPPORTED, 1);
	for (uint32_t i = 1; i < domain.policy->count; i++) {
		const struct cpu_policy_leaf *a = &domain.policy->leaf[i - 1], *b = a + 1;

		assert_true(a->leaf < b->leaf || (a->leaf == b->leaf && a->subleaf < b->subleaf));
	}
}

static void what_is_the_hypervisors_is_hidden(void **state)
{
	struct cpuid_regs r;

	(void)state;
	build(~0U, XCR0_SUPPORTED, 4);
	r = cpu_policy_read(&vcpu, 1, 0);
	assert_false(r.ecx & ((1U << 5) | (1U << 3) | (1U << 15))); /* VMX, MONITOR, PDCM */
	assert_false(r.edx & ((1U << 7) | (1U << 14)));		    /* MCE, MCA */
	r = cpu_policy_read(&vcpu, 0x80000001, 0);
	assert_false(r.ecx & ((1U << 2) | (1U << 12) | (1U << 23))); /* SVM, SKINIT, performance counters */
	r = cpu_policy_read(&vcpu, 7, 0);
	assert_false(r.ecx & ((1U << 7) | (1U << 16))); /* shadow stacks, LA57 */
	assert_false(r.ebx & (1U << 2));		/* SGX */
	assert_int_equal(cpu_policy_read(&vcpu, 0x8000000a, 0).edx, 0);
	assert_int_equal(cpu_policy_read(&vcpu, 0x8000001f, 0).eax, 0);
	assert_int_equal(cpu_policy_read(&vcpu, 5, 0).ecx, 0);
	assert_int_equal(domain.policy->cr4 & (1UL << 13), 0);
	assert_int_equal(domain.policy->efer & (1UL << 12), 0);
}

static void a_poor_machine_offers_no_more_than_it_has(void **state)
{
	struct cpuid_regs r;

	(void)state;
	build(0, 0, 1);
	r = cpu_policy_read(&vcpu, 1, 0);
	assert_int_equal(
		r.ecx, (1U << 31) | (1U << 21) | (1U << 24)); /* what the hypervisor emulates itself */
	assert_int_equal(r.edx, 1U << 9);
	assert_int_equal(cpu_policy_read(&vcpu, 7, 0).ebx, 0);
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 0).ecx, 0);
	assert_int_equal(domain.policy->cr4, CR4_MCE | CR4_PCE);
	assert_int_equal(domain.policy->efer, 0);
	assert_false(domain.policy->ibpb || domain.policy->tsc_aux);
}

static void features_need_their_state(void **state)
{
	(void)state;
	build(~0U, XCR0_X87 | XCR0_SSE, 1);
	assert_false(cpu_policy_read(&vcpu, 1, 0).ecx & (1U << 28));
	assert_false(cpu_policy_read(&vcpu, 7, 0).ebx & ((1U << 5) | (1U << 16)));
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 2).eax, 0);
	build(~0U, XCR0_SUPPORTED, 1);
	assert_true(cpu_policy_read(&vcpu, 1, 0).ecx & (1U << 28));
	assert_true(cpu_policy_read(&vcpu, 7, 0).ebx & (1U << 16));
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 2).eax, ~0U);
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 0).eax, XCR0_SUPPORTED);
}

static void the_vcpus_own_bits_follow_its_registers(void **state)
{
	(void)state;
	build(~0U, XCR0_SUPPORTED, 4);
	assert_false(cpu_policy_read(&vcpu, 1, 0).ecx & (1U << 27));
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 0).ebx, 576);
	guest_cr4 = CR4_OSXSAVE;
	hvm.xcr0 = XCR0_X87 | XCR0_SSE | XCR0_AVX;
	assert_true(cpu_policy_read(&vcpu, 1, 0).ecx & (1U << 27));
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 0).ebx, 832);
	assert_int_equal(cpu_policy_read(&vcpu, 0xd, 0).ecx, 832);
}

static void topology_agrees_in_all_leaves(void **state)
{
	(void)state;
	build(~0U, XCR0_SUPPORTED, 6);
	assert_int_equal(cpu_policy_read(&vcpu, 1, 0).ebx >> 16, (5U << 8) | 6);
	assert_true(cpu_policy_read(&vcpu, 1, 0).edx & (1U << 28));
	assert_int_equal(cpu_policy_read(&vcpu, 0xb, 0).edx, 5);
	assert_int_equal(cpu_policy_read(&vcpu, 0xb, 1).eax, 3);
	assert_int_equal(cpu_policy_read(&vcpu, 0xb, 1).ebx, 6);
	assert_int_equal(cpu_policy_read(&vcpu, 0xb, 2).ecx, 2);
	assert_int_equal(cpu_policy_read(&vcpu, 0x80000008, 0).ecx, 5);
	build(~0U, XCR0_SUPPORTED, 1);
	assert_false(cpu_policy_read(&vcpu, 1, 0).edx & (1U << 28));
	assert_int_equal(cpu_policy_read(&vcpu, 0xb, 1).eax, 0);
}

static void xens_leaves_are_xens(void **state)
{
	struct cpuid_regs r;

	(void)state;
	build(0, 0, 3);
	r = cpu_policy_read(&vcpu, 0x40000000, 0);
	assert_int_equal(r.eax, 0x40000004);
	assert_memory_equal(&r.ebx, "XenVMMXenVMM", 12);
	assert_int_equal(cpu_policy_read(&vcpu, 0x40000001, 0).eax, 0x00040014);
	r = cpu_policy_read(&vcpu, 0x40000002, 0);
	assert_true(r.eax == 1 && r.ebx == 0x40000000);
	assert_int_equal(cpu_policy_read(&vcpu, 0x40000003, 0).ecx, 2500000);
	r = cpu_policy_read(&vcpu, 0x40000004, 0);
	assert_true(r.eax & (1U << 3));
	assert_true(r.eax & (1U << 6));
	assert_false(r.eax & 3); /* no APIC access or x2APIC virtualisation */
	assert_int_equal(r.ebx, 2);
	assert_int_equal(r.ecx, 5);
	assert_int_equal(cpu_policy_read(&vcpu, 0x40000005, 0).eax, 0);
	assert_int_equal(cpu_policy_read(&vcpu, 0x40000100, 0).eax, 0);
}

static void leaves_without_subleaves_ignore_ecx(void **state)
{
	(void)state;
	build(~0U, XCR0_SUPPORTED, 1);
	assert_int_equal(cpu_policy_read(&vcpu, 1, 77).edx, cpu_policy_read(&vcpu, 1, 0).edx);
	assert_int_equal(cpu_policy_read(&vcpu, 7, 1).ebx, 0);
	assert_int_equal(cpu_policy_read(&vcpu, 0x12345678, 0).eax, 0);
}

#define T(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(leaves_are_sorted),
		T(what_is_the_hypervisors_is_hidden),
		T(a_poor_machine_offers_no_more_than_it_has),
		T(features_need_their_state),
		T(the_vcpus_own_bits_follow_its_registers),
		T(topology_agrees_in_all_leaves),
		T(xens_leaves_are_xens),
		T(leaves_without_subleaves_ignore_ecx),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
