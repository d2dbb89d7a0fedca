/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: an exit of the processor, in the words that both vendors share. AMD64 APM volume 2 appendix C. */
#include <string.h>
#include <hv/decode.h>
#include "svm_priv.h"

/* Codes that are not listed are 0: HVM_EXIT_UNKNOWN. */
static const uint8_t svm_exit_reason[SVM_EXIT_COUNT] = {
	[SVM_EXIT_CR_READ... SVM_EXIT_DR_READ - 1] = HVM_EXIT_CR,
	[SVM_EXIT_DR_READ... SVM_EXIT_EXCEPTION - 1] = HVM_EXIT_DR,
	[SVM_EXIT_EXCEPTION... SVM_EXIT_INTR - 1] = HVM_EXIT_EXCEPTION,
	[SVM_EXIT_INTR] = HVM_EXIT_NONE,
	[SVM_EXIT_NMI] = HVM_EXIT_NONE,
	[SVM_EXIT_INIT] = HVM_EXIT_NONE,
	[SVM_EXIT_VINTR] = HVM_EXIT_INTERRUPT_WINDOW,
	[SVM_EXIT_RDPMC] = HVM_EXIT_RDPMC,
	[SVM_EXIT_CPUID] = HVM_EXIT_CPUID,
	[SVM_EXIT_RSM] = HVM_EXIT_UNDEFINED,
	[SVM_EXIT_IRET] = HVM_EXIT_NMI_WINDOW,
	[SVM_EXIT_INVD] = HVM_EXIT_CACHE,
	[SVM_EXIT_PAUSE] = HVM_EXIT_PAUSE,
	[SVM_EXIT_HLT] = HVM_EXIT_HLT,
	[SVM_EXIT_INVLPGA] = HVM_EXIT_UNDEFINED,
	[SVM_EXIT_IOIO] = HVM_EXIT_PORT,
	[SVM_EXIT_MSR] = HVM_EXIT_RDMSR,
	[SVM_EXIT_SHUTDOWN] = HVM_EXIT_SHUTDOWN,
	[SVM_EXIT_VMRUN] = HVM_EXIT_UNDEFINED,
	[SVM_EXIT_VMMCALL] = HVM_EXIT_HYPERCALL,
	[SVM_EXIT_VMLOAD... SVM_EXIT_SKINIT] = HVM_EXIT_UNDEFINED,
	[SVM_EXIT_WBINVD] = HVM_EXIT_CACHE,
	[SVM_EXIT_MONITOR... SVM_EXIT_MWAIT_ARMED] = HVM_EXIT_UNDEFINED,
	[SVM_EXIT_XSETBV] = HVM_EXIT_XSETBV,
	[SVM_EXIT_RDPRU] = HVM_EXIT_UNDEFINED,
};

static void svm_exit_port(const struct vmcb *b, struct hvm_exit *e)
{
	uint32_t info = (uint32_t)b->exit_info1;

	e->u.port.port = (uint16_t)SVM_IO_PORT(info);
	e->u.port.bytes = SVM_IO_BYTES(info);
	e->u.port.address = (uint8_t)SVM_IO_ADDRESS(info);
	e->u.port.in = (info & SVM_IO_IN) != 0;
	e->u.port.string = (info & SVM_IO_STRING) != 0;
	e->u.port.rep = (info & SVM_IO_REP) != 0;
	e->next_rip = b->exit_info2;
}

static void svm_exit_cr(const struct vmcb *b, struct hvm_exit *e)
{
	e->u.cr.number = b->exit_code & 15;
	e->u.cr.write = b->exit_code >= SVM_EXIT_CR_WRITE;
	/* Without the bit it was LMSW or CLTS, or the processor has no decode assists. */
	if ((svm_features.edx & SVM_EDX_DECODE) && (b->exit_info1 & SVM_CR_DECODED)) {
		e->u.cr.gpr = b->exit_info1 & 15;
		e->u.cr.decoded = true;
	}
}

static void svm_exit_exception(const struct vmcb *b, struct hvm_exit *e)
{
	e->u.exception.vector = (uint8_t)(b->exit_code - SVM_EXIT_EXCEPTION);
	e->u.exception.error = (uint32_t)b->exit_info1;
	e->u.exception.has_error = e->u.exception.vector == 17;
}

static void svm_exit_memory(const struct vmcb *b, struct hvm_exit *e)
{
	e->u.memory.gpa = b->exit_info2;
	e->u.memory.write = (b->exit_info1 & SVM_NPF_WRITE) != 0;
	e->u.memory.fetch = (b->exit_info1 & SVM_NPF_FETCH) != 0;
	e->u.memory.present = (b->exit_info1 & SVM_NPF_PRESENT) != 0;
	e->u.memory.walk = (b->exit_info1 & SVM_NPF_WALK) != 0;
	if ((svm_features.edx & SVM_EDX_DECODE) && !e->u.memory.fetch && b->insn_bytes <= INSN_MAX) {
		e->insn_bytes = b->insn_bytes;
		memcpy(e->insn, b->insn, sizeof(e->insn));
	}
}

static uint8_t svm_reason(const struct vmcb *b)
{
	if (b->exit_code < SVM_EXIT_COUNT)
		return svm_exit_reason[b->exit_code];
	if (b->exit_code == SVM_EXIT_NPF)
		return HVM_EXIT_MEMORY;
	return b->exit_code == SVM_EXIT_INVALID ? HVM_EXIT_INVALID : HVM_EXIT_UNKNOWN;
}

void svm_exit_decode(const struct vmcb *b, struct hvm_exit *e)
{
	e->reason = svm_reason(b);
	e->insn_bytes = 0;
	e->raw = b->exit_code;
	e->info1 = b->exit_info1;
	e->info2 = b->exit_info2;
	e->next_rip = svm_features.edx & SVM_EDX_NRIPS ? b->next_rip : 0;
	memset(&e->u, 0, sizeof(e->u));
	switch (e->reason) {
	case HVM_EXIT_CR:
		svm_exit_cr(b, e);
		break;
	case HVM_EXIT_EXCEPTION:
		svm_exit_exception(b, e);
		break;
	case HVM_EXIT_PORT:
		svm_exit_port(b, e);
		break;
	case HVM_EXIT_MEMORY:
		svm_exit_memory(b, e);
		break;
	case HVM_EXIT_RDMSR:
		if (b->exit_info1 & 1)
			e->reason = HVM_EXIT_WRMSR;
		break;
	}
}
