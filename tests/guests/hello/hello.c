/* SPDX-License-Identifier: GPL-2.0-only */
/* The least a guest needs: CPUID says where it is, a hypercall prints, exceptions come where they should. */
#include "../pvh.h"

const char guest_name[] = "hello";

static void check_leaves(void)
{
	struct guest_cpuid r = guest_cpuid(0x40000000, 0);

	guest_check(r.eax >= 0x40000002 && r.ebx == 0x566e6558 && r.ecx == 0x65584d4d && r.edx == 0x4d4d566e,
		"leaf 40000000 is not Xen's");
	guest_check(guest_cpuid(0x40000001, 0).eax == ((4 << 16) | 20), "not version 4.20");
	guest_check(guest_cpuid(0x40000002, 0).ebx == 0x40000000, "hypercall page MSR");
	guest_check(guest_cpuid(1, 0).ecx >> 31, "no hypervisor bit");
	guest_check(!(guest_cpuid(0x80000001, 0).ecx & 4), "SVM is offered");
	guest_check(!(guest_cpuid(1, 0).ecx & 0x20), "VMX is offered");
}

static void check_prefixed_cpuid(void)
{
	uint32_t eax = 0x40000001, ebx, ecx = 0, edx;

	/* The length of an intercepted instruction is not always what its opcode says. */
	__asm__ volatile(".byte 0x66, 0x3e, 0x0f, 0xa2" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	guest_check(eax == ((4 << 16) | 20), "CPUID with prefixes");
}

static void check_exceptions(void)
{
	guest_skip = 2;
	__asm__ volatile("ud2");
	guest_check(guest_taken[VECTOR_UD] == 1, "UD2 is not #UD");
	guest_skip = 3;
	__asm__ volatile("vmload %%rax" : : "a"(0UL));
	guest_check(guest_taken[VECTOR_UD] == 2, "VMLOAD is not #UD");
	guest_skip = 2;
	(void)guest_rdmsr(0xc0010114);
	guest_check(guest_taken[VECTOR_GP] == 1, "VM_CR is readable");
	guest_wrmsr(0x1234, 0);
	guest_check(guest_taken[VECTOR_GP] == 2, "an unknown MSR is writable");
	guest_wrmsr(0x277, 0x0202020202020202);
	guest_check(guest_taken[VECTOR_GP] == 3, "an invalid PAT is accepted");
}

static void check_msrs(void)
{
	guest_check(guest_rdmsr(0x277) == 0x0007040600070406, "PAT is not at reset");
	guest_wrmsr(0x277, 0x0407050600070106);
	guest_check(guest_rdmsr(0x277) == 0x0407050600070106, "PAT is not kept");
	guest_wrmsr(0x174, 0x1234);
	guest_check(guest_rdmsr(0x174) == 0x1234, "SYSENTER_CS is not kept");
}

void guest_main(uint64_t start_info)
{
	(void)start_info;
	check_leaves();
	check_prefixed_cpuid();
	check_exceptions();
	check_msrs();
}
