/* SPDX-License-Identifier: GPL-2.0-only */
/* The control block: what goes in before an entry, what is understood after the exit. */
#include "unit.h"
#include <xen/hvm/msr_regs.h>
#include <xen/hvm/svm_priv.h>

struct svm_features svm_features;

static struct vmcb block;
static struct svm_vcpu svm;
static struct guest_regs regs;
static struct hvm_entry entry;

static int setup(void **state)
{
	(void)state;
	memset(&block, 0, sizeof(block));
	svm_features = (struct svm_features){.edx = SVM_EDX_VMCB_CLEAN, .asids = 8, .mce = true};
	svm = (struct svm_vcpu){.vmcb = &block};
	regs = (struct guest_regs){.rax = 1, .rsp = 2, .rip = 3, .rflags = 4};
	entry = (struct hvm_entry){.vector = HVM_NO_VECTOR};
	svm_vmcb_init(&svm, 0x1000, 0x2000);
	return 0;
}

/* As the processor would: the guest ran and took the offered interrupt, or not. */
static void run(bool takes)
{
	svm_vmcb_before(&svm, &regs, &entry);
	if (takes)
		block.v_intr &= ~SVM_V_IRQ;
	svm_vmcb_after(&svm, &regs, &entry);
}

static void an_interrupt_is_offered_as_a_virtual_one(void **state)
{
	(void)state;
	entry.vector = 0x51;
	svm_vmcb_before(&svm, &regs, &entry);
	assert_int_equal(
		block.v_intr, SVM_V_MASKING | SVM_V_IGN_TPR | SVM_V_IRQ | (5UL << 16) | (0x51UL << 32));
	assert_int_equal(block.event_inject, 0);
	run(true);
	assert_true(entry.accepted);
}

static void what_is_not_taken_is_replaced_or_withdrawn(void **state)
{
	(void)state;
	entry.vector = 0x51;
	run(false);
	assert_false(entry.accepted);
	entry.vector = 0xe2;
	svm_vmcb_before(&svm, &regs, &entry);
	assert_int_equal((block.v_intr >> 32) & 0xff, 0xe2);
	assert_int_equal((block.v_intr >> 16) & 0xf, 0xe);
	entry.vector = HVM_NO_VECTOR;
	run(false);
	assert_int_equal(block.v_intr, SVM_V_MASKING | SVM_V_IGN_TPR);
	assert_false(entry.accepted);
}

/* It left the guest while it was being delivered: still requested. */
static void an_interrupted_delivery_is_not_an_acceptance(void **state)
{
	(void)state;
	entry.vector = 0x51;
	block.exit_int_info = SVM_EVENT_VALID | 0x51;
	run(true);
	assert_false(entry.accepted);
	assert_int_equal(entry.event.kind, HVM_EVENT_NONE);
}

static void an_exception_goes_in_by_injection(void **state)
{
	(void)state;
	entry.event = (struct hvm_event){HVM_EVENT_EXCEPTION, 14, true, 0x7};
	svm_vmcb_before(&svm, &regs, &entry);
	assert_int_equal(block.event_inject, (7UL << 32) | 0x80000000UL | 0x800 | 0x300 | 14);
	entry.event = (struct hvm_event){HVM_EVENT_NMI, 2, false, 0};
	svm_vmcb_before(&svm, &regs, &entry);
	assert_int_equal(block.event_inject, 0x80000000UL | 0x200 | 2);
	svm_vmcb_after(&svm, &regs, &entry);
	assert_int_equal(block.event_inject, 0);
	assert_int_equal(entry.event.kind, HVM_EVENT_NONE);
}

static void what_was_not_delivered_comes_back(void **state)
{
	(void)state;
	block.exit_int_info =
		SVM_EVENT_VALID | (SVM_EVENT_EXCEPTION << 8) | SVM_EVENT_ERROR | 13 | (0x18UL << 32);
	run(false);
	assert_int_equal(entry.event.kind, HVM_EVENT_EXCEPTION);
	assert_int_equal(entry.event.vector, 13);
	assert_true(entry.event.has_error);
	assert_int_equal(entry.event.error, 0x18);
	/* INT3 and INT n are executed again instead. */
	block.exit_int_info = SVM_EVENT_VALID | (SVM_EVENT_EXCEPTION << 8) | 3;
	run(false);
	assert_int_equal(entry.event.kind, HVM_EVENT_NONE);
	block.exit_int_info = SVM_EVENT_VALID | (SVM_EVENT_SOFTWARE << 8) | 0x80;
	run(false);
	assert_int_equal(entry.event.kind, HVM_EVENT_NONE);
	/* Without the valid bit it says nothing. */
	block.exit_int_info = (SVM_EVENT_EXCEPTION << 8) | 13;
	run(false);
	assert_int_equal(entry.event.kind, HVM_EVENT_NONE);
}

static void state_survives_a_round_trip(void **state)
{
	struct hvm_cpu_state in, out;

	(void)state;
	memset(&in, 0, sizeof(in));
	for (unsigned int i = 0; i < HVM_SEGMENTS; i++)
		in.segment[i] = (struct hvm_segment){
			(uint16_t)(8 * i), (uint16_t)(0xa9b + i), 0x1000 + i, 0x100000UL * i};
	in.segment[HVM_SS].attr = 0xcf3;
	in.gdtr.base = 0xffff800000001000;
	in.gdtr.limit = 0x7f;
	in.idtr.limit = 0xfff;
	in.cr0 = 0x80000011;
	in.cr3 = 0x5000;
	in.cr4 = 0x20;
	in.efer = EFER_LME | EFER_LMA;
	in.pat = 0x0007040600070406;
	in.lstar = 0x1234;
	in.sysenter_eip = 0x5678;
	in.interrupt_shadow = 1;
	svm_state_set(&svm, &in);
	svm_state_get(&svm, &out);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(svm_reg_get(&svm, HVM_CPL), 3);
	assert_int_equal(block.clean, 0);
}

static void the_guest_does_not_see_what_is_forced(void **state)
{
	(void)state;
	svm_reg_set(&svm, HVM_CR4, CR4_PAE);
	svm_reg_set(&svm, HVM_EFER, EFER_LME);
	assert_int_equal(block.cr4, CR4_PAE | CR4_MCE);
	assert_int_equal(svm_reg_get(&svm, HVM_CR4), CR4_PAE);
	assert_int_equal(block.efer, EFER_LME | EFER_SVME);
	assert_int_equal(svm_reg_get(&svm, HVM_EFER), EFER_LME);
}

static void a_change_is_not_clean(void **state)
{
	static const struct {
		enum hvm_reg reg;
		uint32_t group;
	} cases[] = {
		{HVM_CR0, SVM_CLEAN_CR},
		{HVM_CR2, SVM_CLEAN_CR2},
		{HVM_CR3, SVM_CLEAN_CR},
		{HVM_CR4, SVM_CLEAN_CR},
		{HVM_EFER, SVM_CLEAN_CR},
		{HVM_DR7, SVM_CLEAN_DR},
		{HVM_PAT, SVM_CLEAN_NP},
		{HVM_TSC_OFFSET, SVM_CLEAN_INTERCEPTS},
		{HVM_DR6, SVM_CLEAN_DR},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(false);
		assert_int_equal(block.clean, SVM_CLEAN_ALL);
		svm_reg_set(&svm, cases[i].reg, 0x1000);
		assert_int_equal(block.clean, SVM_CLEAN_ALL & ~cases[i].group);
	}
	run(false);
	entry.vector = 0x31;
	svm_vmcb_before(&svm, &regs, &entry);
	assert_int_equal(block.clean, SVM_CLEAN_ALL & ~SVM_CLEAN_TPR);
	svm_features.edx = 0;
	run(false);
	assert_int_equal(block.clean, 0);
}

static void intercepts_follow_the_entry(void **state)
{
	(void)state;
	run(false);
	assert_int_equal(block.intercept_dr, SVM_DR_ALL);
	assert_false(block.intercept3 & SVM_I3_IRET);
	entry.dr_access = entry.nmi_window = true;
	entry.tpr = 0xa5;
	run(false);
	assert_int_equal(block.intercept_dr, 0);
	assert_true(block.intercept3 & SVM_I3_IRET);
	assert_int_equal(block.v_intr & 0xff, 0xa);
}

static struct hvm_exit decode(uint64_t code, uint64_t info1, uint64_t info2)
{
	struct hvm_exit e;

	block.exit_code = code;
	block.exit_info1 = info1;
	block.exit_info2 = info2;
	svm_exit_decode(&block, &e);
	return e;
}

static void exits_are_understood(void **state)
{
	struct hvm_exit e = decode(SVM_EXIT_IOIO, 0x0cf8022d, 0x1002);

	(void)state;
	assert_int_equal(e.reason, HVM_EXIT_PORT);
	assert_int_equal(e.u.port.port, 0xcf8);
	assert_int_equal(e.u.port.bytes, 2);
	assert_true(e.u.port.in && e.u.port.string && e.u.port.rep);
	assert_int_equal(e.u.port.address, 8);
	assert_int_equal(e.next_rip, 0x1002);
	e = decode(SVM_EXIT_NPF, 0x200000002UL, 0xfee000b0);
	assert_int_equal(e.reason, HVM_EXIT_MEMORY);
	assert_true(e.u.memory.write && e.u.memory.walk && !e.u.memory.present && !e.u.memory.fetch);
	assert_int_equal(e.u.memory.gpa, 0xfee000b0);
	assert_int_equal(decode(SVM_EXIT_MSR, 0, 0).reason, HVM_EXIT_RDMSR);
	assert_int_equal(decode(SVM_EXIT_MSR, 1, 0).reason, HVM_EXIT_WRMSR);
	e = decode(SVM_EXIT_CR_WRITE + 4, SVM_CR_DECODED | 9, 0);
	assert_true(e.reason == HVM_EXIT_CR && e.u.cr.write && e.u.cr.number == 4 && !e.u.cr.decoded);
	assert_int_equal(decode(SVM_EXIT_EXCEPTION + 17, 0, 0).u.exception.vector, 17);
	assert_int_equal(decode(SVM_EXIT_INVALID, 0, 0).reason, HVM_EXIT_INVALID);
	assert_int_equal(decode(0x8f, 0, 0).reason, HVM_EXIT_UNKNOWN);
	assert_int_equal(decode(0x12345, 0, 0).reason, HVM_EXIT_UNKNOWN);
}

static void what_the_processor_knows_is_used_only_where_it_does(void **state)
{
	struct hvm_exit e;

	(void)state;
	block.next_rip = 0x77;
	block.insn_bytes = 3;
	assert_int_equal(decode(SVM_EXIT_CPUID, 0, 0).next_rip, 0);
	assert_int_equal(decode(SVM_EXIT_NPF, 0, 0).insn_bytes, 0);
	svm_features.edx = SVM_EDX_NRIPS | SVM_EDX_DECODE;
	assert_int_equal(decode(SVM_EXIT_CPUID, 0, 0).next_rip, 0x77);
	assert_int_equal(decode(SVM_EXIT_NPF, 0, 0).insn_bytes, 3);
	e = decode(SVM_EXIT_CR_WRITE + 4, SVM_CR_DECODED | 9, 0);
	assert_true(e.u.cr.decoded && e.u.cr.gpr == 9);
	block.insn_bytes = 200;
	assert_int_equal(decode(SVM_EXIT_NPF, 0, 0).insn_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_interrupt_is_offered_as_a_virtual_one, setup),
		cmocka_unit_test_setup(what_is_not_taken_is_replaced_or_withdrawn, setup),
		cmocka_unit_test_setup(an_interrupted_delivery_is_not_an_acceptance, setup),
		cmocka_unit_test_setup(an_exception_goes_in_by_injection, setup),
		cmocka_unit_test_setup(what_was_not_delivered_comes_back, setup),
		cmocka_unit_test_setup(state_survives_a_round_trip, setup),
		cmocka_unit_test_setup(the_guest_does_not_see_what_is_forced, setup),
		cmocka_unit_test_setup(a_change_is_not_clean, setup),
		cmocka_unit_test_setup(intercepts_follow_the_entry, setup),
		cmocka_unit_test_setup(exits_are_understood, setup),
		cmocka_unit_test_setup(what_the_processor_knows_is_used_only_where_it_does, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
