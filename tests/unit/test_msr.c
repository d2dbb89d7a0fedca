/* SPDX-License-Identifier: GPL-2.0-only */
/* Model-specific registers of guests, and the control registers behind EFER: default refused. */
#include "unit.h"
#include <stdlib.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/vlapic.h>
#include <xen/hvm/hvm_priv.h>
#include <xen/hvm/msr_regs.h>
#include "asm.h"

const struct hvm_ops *hvm_ops;
static uint64_t reg[HVM_REGS];
static uint64_t page_gpa;
static bool copy_fails;
static uint8_t page_first;
static struct hvm_vcpu hvm;
static struct cpu_policy policy;
static struct domain domain = {.policy = &policy};
static struct vcpu vcpu = {.domain = &domain, .hvm = &hvm};

static uint64_t reg_get(const struct vcpu *v, enum hvm_reg r)
{
	(void)v;
	return reg[r];
}

static void reg_set(struct vcpu *v, enum hvm_reg r, uint64_t value)
{
	(void)v;
	reg[r] = value;
}

static const struct hvm_ops ops = {.reg_get = reg_get, .reg_set = reg_set};

int rdmsr_safe(uint32_t msr, uint64_t *ret_value)
{
	*ret_value = rdmsr(msr);
	return 0;
}

void *heap_pages(unsigned int order)
{
	return calloc(1, PAGE_SIZE << order);
}

void heap_pages_free(void *va, unsigned int order)
{
	(void)order;
	free(va);
}

void hypercall_page_fill(void *page)
{
	memset(page, 0x0f, PAGE_SIZE);
}

size_t copy_to_guest_phys(struct domain *d, uint64_t gpa, const void *src, size_t bytes)
{
	(void)d;
	page_gpa = gpa;
	page_first = *(const uint8_t *)src;
	return copy_fails ? bytes : 0;
}

int vlapic_msr_read(struct vcpu *v, uint32_t msr, uint64_t *ret_value)
{
	(void)v;
	*ret_value = msr;
	return 0;
}

int vlapic_msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	(void)v;
	(void)msr;
	return value == 1 ? 0 : -EINVAL;
}

int hvm_efer_write(struct vcpu *v, uint64_t value)
{
	(void)v;
	reg[HVM_EFER] = value;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	fake_asm_reset();
	memset(reg, 0, sizeof(reg));
	hvm = (struct hvm_vcpu){.hwcr = HWCR_TSC_FREQ_SEL};
	policy = (struct cpu_policy){.tsc_aux = true, .ibpb = true};
	copy_fails = false;
	hvm_ops = &ops;
	return 0;
}

static uint64_t read_ok(uint32_t msr)
{
	uint64_t value = 0xdead;

	assert_int_equal(hvm_msr_read(&vcpu, msr, &value), 0);
	return value;
}

static void what_is_not_in_the_table_faults(void **state)
{
	static const uint32_t unknown[] = {0, 0x3a, 0x48, 0x10a, 0x179, 0x1a0, 0x400, 0x7ff, 0x900,
		0x40000001, 0xc0000082, 0xc0010114, 0xc0010117, 0xc0010140, 0xffffffff};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		assert_int_equal(hvm_msr_read(&vcpu, unknown[i], &value), -EINVAL);
		assert_int_equal(hvm_msr_write(&vcpu, unknown[i], 0), -EINVAL);
	}
	assert_int_equal(hvm_msr_write(&vcpu, MSR_MTRRCAP, 0), -EINVAL);
	assert_int_equal(hvm_msr_read(&vcpu, MSR_PRED_CMD, &value), -EINVAL);
	assert_int_equal(fake.op_count, 0);
}

/* Every register that is not refused, found by asking for all of them: the table is sorted and each row reached. */
static void the_whole_space_has_the_rows_and_no_more(void **state)
{
	static const uint32_t spaces[][2] = {
		{0, 0x2000}, {0x40000000, 0x40000100}, {0xc0000000, 0xc0002000}, {0xc0010000, 0xc0012000}};
	unsigned int known = 0;
	uint64_t value;

	(void)state;
	for (size_t s = 0; s < ARRAY_SIZE(spaces); s++)
		for (uint32_t msr = spaces[s][0]; msr < spaces[s][1]; msr++)
			known += hvm_msr_read(&vcpu, msr, &value) == 0;
	assert_int_equal(known, 44 + 256); /* 256 are the x2APIC's */
}

static void pat_takes_memory_types_only(void **state)
{
	(void)state;
	assert_int_equal(hvm_msr_write(&vcpu, MSR_PAT, 0x0407050600070106), 0);
	assert_int_equal(read_ok(MSR_PAT), 0x0407050600070106);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_PAT, 0x02), -EINVAL);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_PAT, 0x0800000000000000), -EINVAL);
	assert_int_equal(read_ok(MSR_PAT), 0x0407050600070106);
}

static void mtrrs_are_kept_each_for_itself(void **state)
{
	static const uint32_t all[] = {0x200, 0x201, 0x20e, 0x20f, 0x250, 0x258, 0x259, 0x268, 0x26f};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(hvm_msr_write(&vcpu, all[i], 0x1000 + all[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(read_ok(all[i]), 0x1000 + all[i]);
	assert_int_equal(read_ok(MSR_MTRRCAP) & 0xff, 8);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_MTRR_DEF_TYPE, 0xc06), 0);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_MTRR_DEF_TYPE, 0xc03), -EINVAL);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_MTRR_DEF_TYPE, 0x1c06), -EINVAL);
	assert_int_equal(read_ok(MSR_MTRR_DEF_TYPE), 0xc06);
	/* None of it reached the machine. */
	assert_int_equal(fake.op_count, 0);
}

static void tsc_is_the_machines_with_its_offset(void **state)
{
	(void)state;
	fake.tsc = 1000;
	fake.tsc_step = 0;
	reg[HVM_TSC_OFFSET] = 500;
	assert_int_equal(read_ok(MSR_TSC), 1500);
}

static void tsc_aux_and_the_barrier_follow_the_policy(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(hvm_msr_write(&vcpu, MSR_TSC_AUX, 0x1234), 0);
	assert_int_equal(read_ok(MSR_TSC_AUX), 0x1234);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_TSC_AUX, 1UL << 32), -EINVAL);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_PRED_CMD, 1), 0);
	assert_int_equal(fake.op[fake.op_count - 1].addr, MSR_PRED_CMD);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_PRED_CMD, 2), -EINVAL);
	policy = (struct cpu_policy){.tsc_aux = false};
	assert_int_equal(hvm_msr_write(&vcpu, MSR_TSC_AUX, 1), -EINVAL);
	assert_int_equal(hvm_msr_read(&vcpu, MSR_TSC_AUX, &value), -EINVAL);
	assert_int_equal(hvm_msr_write(&vcpu, MSR_PRED_CMD, 1), -EINVAL);
}

static void the_hypercall_page_goes_where_the_guest_says(void **state)
{
	(void)state;
	assert_int_equal(hvm_msr_write(&vcpu, MSR_HYPERCALL, 0x12345000), 0);
	assert_int_equal(page_gpa, 0x12345000);
	assert_int_equal(page_first, 0x0f);
	copy_fails = true;
	assert_int_equal(hvm_msr_write(&vcpu, MSR_HYPERCALL, 0x1000), -EINVAL);
}

static void the_apics_registers_are_its_own(void **state)
{
	(void)state;
	assert_int_equal(read_ok(MSR_APIC_BASE), MSR_APIC_BASE);
	assert_int_equal(read_ok(0x8ff), 0x8ff);
	assert_int_equal(read_ok(MSR_TSC_DEADLINE), MSR_TSC_DEADLINE);
	assert_int_equal(hvm_msr_write(&vcpu, 0x830, 1), 0);
	assert_int_equal(hvm_msr_write(&vcpu, 0x830, 2), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_not_in_the_table_faults, setup),
		cmocka_unit_test_setup(the_whole_space_has_the_rows_and_no_more, setup),
		cmocka_unit_test_setup(pat_takes_memory_types_only, setup),
		cmocka_unit_test_setup(mtrrs_are_kept_each_for_itself, setup),
		cmocka_unit_test_setup(tsc_is_the_machines_with_its_offset, setup),
		cmocka_unit_test_setup(tsc_aux_and_the_barrier_follow_the_policy, setup),
		cmocka_unit_test_setup(the_hypercall_page_goes_where_the_guest_says, setup),
		cmocka_unit_test_setup(the_apics_registers_are_its_own, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
