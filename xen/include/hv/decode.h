/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction decoder: for accesses to emulated memory, and for the length of
 * an intercepted instruction where the processor does not tell the next RIP.
 * Sources: AMD64 APM volume 3 chapter 1 and appendix A.
 *
 * Pure: it reads only the bytes it is given. What it does not know, it refuses.
 */
#ifndef HV_DECODE_H
#define HV_DECODE_H

#include <hv/domain.h>

#define INSN_MAX 15

enum insn_op {
	INSN_BAD, /* only in the tables */
	INSN_MOV,
	INSN_MOVZX,
	INSN_MOVSX,
	INSN_MOVS,
	INSN_STOS,
	INSN_LODS,
	/* In the order of opcode bits 5:3. */
	INSN_ADD,
	INSN_OR,
	INSN_ADC,
	INSN_SBB,
	INSN_AND,
	INSN_SUB,
	INSN_XOR,
	INSN_CMP,
	INSN_TEST,
	INSN_NOT,
	INSN_NEG,
	INSN_INC,
	INSN_DEC,
	INSN_XCHG,
	INSN_CMPXCHG,
	INSN_XADD,
	INSN_BT,
	INSN_BTS,
	INSN_BTR,
	INSN_BTC,
	/* No memory operand: only their length, and MOV CR/DR's registers, matter. */
	INSN_MOV_CR,
	INSN_MOV_DR,
	INSN_PORT, /* IN, OUT, INS, OUTS */
	INSN_CPUID,
	INSN_RDMSR,
	INSN_WRMSR,
	INSN_RDTSC,
	INSN_RDPMC,
	INSN_HLT,
	INSN_CACHE, /* INVD, WBINVD */
	INSN_PAUSE,
	INSN_HYPERCALL, /* VMCALL, VMMCALL */
	INSN_XSETBV,
	INSN_IRET,
	INSN_OPS,
};

enum insn_place {
	INSN_NOWHERE,
	INSN_MEMORY,
	INSN_REG,
	INSN_IMM,
};

#define INSN_NO_REG 0xff

struct insn {
	uint8_t op;	   /* enum insn_op */
	uint8_t length;	   /* 1 to INSN_MAX */
	uint8_t bytes;	   /* of the memory operand: 1, 2, 4, 8 */
	uint8_t reg_bytes; /* of the register operand: differs for MOVZX, MOVSX */
	uint8_t dst, src;  /* enum insn_place; dst is also the first operand of CMP, TEST, BT */
	uint8_t reg;	   /* 0 to 15, in encoding order */
	bool reg_high;	   /* AH, CH, DH, BH: reg is 0 to 3 */
	uint8_t rm_reg;	   /* MOV CR/DR: the general register; reg is CRn or DRn */
	bool to_control;   /* MOV CR/DR: it writes CRn or DRn */
	bool rep, lock;
	uint8_t address_bytes;	    /* 2, 4, 8 */
	uint8_t segment;	    /* enum hvm_segment_name of the memory operand, of the source for MOVS */
	uint8_t base, index, scale; /* registers or INSN_NO_REG; scale: shift count */
	bool rip_relative;
	bool bit_string; /* BT with a register: its value moves the address */
	int64_t disp;
	uint64_t imm; /* sign-extended */
};

/*
 * bits: 16, 32 or 64, the mode of the code segment. -ENODATA: more bytes are needed;
 * -EINVAL: no instruction (too long, LOCK where it must not be);
 * -EOPNOTSUPP: one that is not in the tables, or has a register where memory must be.
 */
int insn_decode(const uint8_t *code, size_t count, unsigned int bits, struct insn *ret_insn) __must_check;

/*
 * The linear address of the memory operand, from the registers with RIP still at the
 * instruction. segment_base: of insn->segment (0 in 64-bit mode but for FS and GS).
 */
uint64_t insn_address(const struct insn *insn, const struct guest_regs *regs, uint64_t segment_base);

/* The registers as a table, and one of them as an operand. */
static inline uint64_t *guest_gpr(struct guest_regs *regs, unsigned int number)
{
	return &regs->rax + (number & 15);
}

uint64_t insn_reg_get(const struct guest_regs *regs, const struct insn *insn, unsigned int bytes);
/* Writing 4 bytes clears the upper half, 1 and 2 leave the rest (APM volume 1 section 3.1.2). */
void insn_reg_set(struct guest_regs *regs, const struct insn *insn, unsigned int bytes, uint64_t value);
void insn_gpr_write(uint64_t *gpr, unsigned int bytes, uint64_t value);

/* True when the operation writes its destination: not CMP, TEST, BT. */
bool insn_writes(uint8_t op);

/* dst op src, bytes wide, with the flags that the operation sets in *rflags. */
uint64_t insn_compute(uint8_t op, unsigned int bytes, uint64_t dst, uint64_t src, uint64_t *rflags);

static inline uint64_t insn_mask(unsigned int bytes)
{
	return bytes >= 8 ? ~0UL : (1UL << (bytes * 8)) - 1;
}

#endif
