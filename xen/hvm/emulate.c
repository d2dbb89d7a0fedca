/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: an access to emulated memory: decode the instruction, do it with the
 * handler of that address. AMD64 APM volume 3.
 *
 * The processor says which guest-physical address was touched; the instruction
 * says how. Both must agree in the offset within the page, or another vcpu has changed
 * the instruction meanwhile. An access that crosses a page is refused.
 */
#include <errno.h>
#include <hv/decode.h>
#include <hv/guest_copy.h>
#include "hvm_priv.h"
#include "msr_regs.h"

/* Elements of a string instruction that one exit does: bounds the time away from the loop. */
#define STRING_MAX 256

/* The access of the current exit. */
struct access {
	struct vcpu *v;
	struct insn insn;
	uint64_t gpa;
};

static uint64_t access_read(const struct access *a)
{
	return trap_read(&a->v->domain->hvm->mmio, a->v, a->gpa, a->insn.bytes);
}

static void access_write(const struct access *a, uint64_t value)
{
	trap_write(&a->v->domain->hvm->mmio, a->v, a->gpa, a->insn.bytes, value & insn_mask(a->insn.bytes));
}

static uint64_t access_reg(const struct access *a)
{
	return insn_reg_get(&a->v->regs, &a->insn, a->insn.reg_bytes);
}

static void access_reg_set(const struct access *a, uint64_t value)
{
	insn_reg_set(&a->v->regs, &a->insn, a->insn.reg_bytes, value);
}

/* The register or immediate beside the memory operand. */
static uint64_t access_other(const struct access *a, uint8_t place)
{
	return place == INSN_IMM ? a->insn.imm : place == INSN_REG ? access_reg(a) : 0;
}

static void access_load(const struct access *a)
{
	uint64_t value = access_read(a);
	unsigned int shift = 64 - a->insn.bytes * 8u;

	if (a->insn.op == INSN_MOVSX)
		value = (uint64_t)((int64_t)(value << shift) >> shift);
	access_reg_set(a, value);
}

static void access_xchg(const struct access *a)
{
	uint64_t old = access_read(a), reg = access_reg(a);
	uint64_t flags = a->v->regs.rflags;

	if (a->insn.op == INSN_XADD) {
		access_write(a, insn_compute(INSN_XADD, a->insn.bytes, old, reg, &a->v->regs.rflags));
	} else {
		access_write(a, insn_compute(INSN_XCHG, a->insn.bytes, old, reg, &flags));
	}
	access_reg_set(a, old);
}

static void access_cmpxchg(const struct access *a)
{
	uint64_t old = access_read(a);
	unsigned int bytes = a->insn.bytes;

	insn_compute(INSN_CMPXCHG, bytes, a->v->regs.rax, old, &a->v->regs.rflags);
	if ((a->v->regs.rax & insn_mask(bytes)) == old)
		access_write(a, access_reg(a));
	else
		insn_gpr_write(&a->v->regs.rax, bytes, old);
}

/* dst = dst op src, one of them in memory. */
static void access_compute(const struct access *a)
{
	bool to_memory = a->insn.dst == INSN_MEMORY;
	uint64_t memory = access_read(a);
	uint64_t other = access_other(a, to_memory ? a->insn.src : a->insn.dst);
	uint64_t result = insn_compute(a->insn.op, a->insn.bytes, to_memory ? memory : other,
		to_memory ? other : memory, &a->v->regs.rflags);

	if (!insn_writes(a->insn.op))
		return;
	if (to_memory)
		access_write(a, result);
	else
		access_reg_set(a, result);
}

static void access_do(const struct access *a)
{
	switch (a->insn.op) {
	case INSN_MOV:
	case INSN_MOVZX:
	case INSN_MOVSX:
		if (a->insn.dst == INSN_MEMORY)
			access_write(a, access_other(a, a->insn.src));
		else
			access_load(a);
		break;
	case INSN_XCHG:
	case INSN_XADD:
		access_xchg(a);
		break;
	case INSN_CMPXCHG:
		access_cmpxchg(a);
		break;
	default:
		access_compute(a);
		break;
	}
}

/* The other side of MOVS, in the guest's memory. Not for user programs: the copy is made with the kernel's rights. */
static int string_move(const struct access *a, bool to_device, uint64_t linear)
{
	uint64_t value = 0;
	size_t left;

	if (hvm_reg(a->v, HVM_CPL) == 3) {
		hvm_inject_exception(a->v, HVM_GP, 0);
		return -EFAULT;
	}
	if (to_device) {
		left = copy_from_guest(&value, linear, a->insn.bytes);
		if (left == 0)
			access_write(a, value);
	} else {
		value = access_read(a);
		left = copy_to_guest(linear, &value, a->insn.bytes);
	}
	if (left == 0)
		return 0;
	hvm_inject_page_fault(a->v, linear, to_device ? 0 : HVM_PF_WRITE);
	return -EFAULT;
}

static int string_element(const struct access *a, bool to_device)
{
	struct guest_regs *r = &a->v->regs;
	uint64_t mask = insn_mask(a->insn.address_bytes);

	switch (a->insn.op) {
	case INSN_STOS:
		access_write(a, r->rax);
		return 0;
	case INSN_LODS:
		insn_gpr_write(&r->rax, a->insn.bytes, access_read(a));
		return 0;
	}
	if (to_device)
		return string_move(a, true, hvm_segment_base(a->v, a->insn.segment) + (r->rsi & mask));
	return string_move(a, false, hvm_segment_base(a->v, HVM_ES) + (r->rdi & mask));
}

static void string_advance(const struct access *a, uint64_t step)
{
	struct guest_regs *r = &a->v->regs;

	if (a->insn.op != INSN_LODS)
		insn_gpr_write(&r->rdi, a->insn.address_bytes, r->rdi + step);
	if (a->insn.op != INSN_STOS)
		insn_gpr_write(&r->rsi, a->insn.address_bytes, r->rsi + step);
	if (a->insn.rep)
		insn_gpr_write(&r->rcx, a->insn.address_bytes, r->rcx - 1);
}

/* Within the page of the fault; the rest is executed again and faults again. */
static void string_do(struct access *a, bool to_device)
{
	struct vcpu *v = a->v;
	uint64_t mask = insn_mask(a->insn.address_bytes), page = a->gpa & PAGE_MASK;
	uint64_t step = v->regs.rflags & RFLAGS_DF ? -(uint64_t)a->insn.bytes : a->insn.bytes;
	uint64_t left = a->insn.rep ? v->regs.rcx & mask : 1;

	for (unsigned int n = 0; left && n < STRING_MAX; n++, left--) {
		if ((a->gpa & PAGE_MASK) != page || (a->gpa & ~PAGE_MASK) + a->insn.bytes > PAGE_SIZE)
			break;
		if (string_element(a, to_device) < 0)
			return;
		string_advance(a, step);
		a->gpa += step;
	}
	if (left == 0)
		hvm_skip(v);
}

static bool insn_is_string(const struct insn *i)
{
	return i->op == INSN_MOVS || i->op == INSN_STOS || i->op == INSN_LODS;
}

/* The linear address that the fault must have been about. */
static uint64_t access_linear(const struct access *a, bool write)
{
	const struct insn *i = &a->insn;

	if (i->op == INSN_MOVS && write)
		return hvm_segment_base(a->v, HVM_ES) + (a->v->regs.rdi & insn_mask(i->address_bytes));
	return insn_address(i, &a->v->regs, hvm_segment_base(a->v, i->segment));
}

static bool access_agrees(const struct access *a, bool write)
{
	uint64_t offset = a->gpa & ~PAGE_MASK;

	if (a->insn.dst != INSN_MEMORY && a->insn.src != INSN_MEMORY)
		return false;
	return (access_linear(a, write) & ~PAGE_MASK) == offset && offset + a->insn.bytes <= PAGE_SIZE;
}

void hvm_emulate(struct vcpu *v)
{
	const struct hvm_exit *e = &v->hvm->exit;
	struct access a = {.v = v, .gpa = e->u.memory.gpa};

	if (hvm_decode(v, &a.insn) < 0)
		return;
	if (!access_agrees(&a, e->u.memory.write)) {
		if (hvm_reg(v, HVM_CPL) == 3)
			hvm_inject_exception(v, HVM_GP, 0);
		else
			domain_crash(v,
				"the instruction at %lx does not make the access to %lx, or crosses a page",
				v->regs.rip, a.gpa);
		return;
	}
	if (insn_is_string(&a.insn)) {
		string_do(&a, e->u.memory.write);
		return;
	}
	access_do(&a);
	if (!v->hvm->exit.next_rip)
		v->hvm->exit.next_rip = v->regs.rip + a.insn.length;
	hvm_skip(v);
}
