/* SPDX-License-Identifier: GPL-2.0-only */
/* What an emulated instruction computes, and the flags it leaves: AMD64 APM volume 1 section 3.1.4, volume 3. */
#include <hv/decode.h>

#define FLAG_CF		 (1UL << 0)
#define FLAG_PF		 (1UL << 2)
#define FLAG_AF		 (1UL << 4)
#define FLAG_ZF		 (1UL << 6)
#define FLAG_SF		 (1UL << 7)
#define FLAG_OF		 (1UL << 11)
#define FLAGS_ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

bool insn_writes(uint8_t op)
{
	return op != INSN_CMP && op != INSN_TEST && op != INSN_BT;
}

static uint64_t alu_sign(unsigned int bytes)
{
	return 1UL << (bytes * 8 - 1);
}

/* ZF, SF, PF of a result. */
static uint64_t alu_result_flags(unsigned int bytes, uint64_t r)
{
	uint64_t f = 0;

	if (r == 0)
		f |= FLAG_ZF;
	if (r & alu_sign(bytes))
		f |= FLAG_SF;
	if (!__builtin_parity((unsigned int)(r & 0xff)))
		f |= FLAG_PF;
	return f;
}

static uint64_t alu_add(unsigned int bytes, uint64_t a, uint64_t b, uint64_t carry, uint64_t *flags)
{
	uint64_t r = (a + b + carry) & insn_mask(bytes);
	uint64_t f = alu_result_flags(bytes, r);

	if (r < a || (carry && r == a))
		f |= FLAG_CF;
	f |= (a ^ b ^ r) & FLAG_AF;
	if ((a ^ r) & (b ^ r) & alu_sign(bytes))
		f |= FLAG_OF;
	*flags = f;
	return r;
}

static uint64_t alu_sub(unsigned int bytes, uint64_t a, uint64_t b, uint64_t borrow, uint64_t *flags)
{
	uint64_t r = (a - b - borrow) & insn_mask(bytes);
	uint64_t f = alu_result_flags(bytes, r);

	if (a < b || (borrow && a == b))
		f |= FLAG_CF;
	f |= (a ^ b ^ r) & FLAG_AF;
	if ((a ^ b) & (a ^ r) & alu_sign(bytes))
		f |= FLAG_OF;
	*flags = f;
	return r;
}

/* Sets only CF; the others are undefined by the manual and stay. */
static uint64_t alu_bit(uint8_t op, unsigned int bytes, uint64_t dst, uint64_t src, uint64_t *rflags)
{
	uint64_t bit = 1UL << (src & (bytes * 8 - 1));

	*rflags = (*rflags & ~FLAG_CF) | (dst & bit ? FLAG_CF : 0);
	switch (op) {
	case INSN_BTS:
		return dst | bit;
	case INSN_BTR:
		return dst & ~bit;
	case INSN_BTC:
		return dst ^ bit;
	}
	return dst;
}

/* INC and DEC leave CF as it was. */
static uint64_t alu_step(uint8_t op, unsigned int bytes, uint64_t dst, uint64_t *rflags)
{
	uint64_t f;
	uint64_t r = op == INSN_INC ? alu_add(bytes, dst, 1, 0, &f) : alu_sub(bytes, dst, 1, 0, &f);

	*rflags = (*rflags & ~(FLAGS_ARITHMETIC & ~FLAG_CF)) | (f & ~FLAG_CF);
	return r;
}

static uint64_t alu_logic(uint8_t op, uint64_t dst, uint64_t src)
{
	switch (op) {
	case INSN_OR:
		return dst | src;
	case INSN_XOR:
		return dst ^ src;
	}
	return dst & src;
}

static uint64_t alu_arithmetic(uint8_t op, unsigned int bytes, uint64_t dst, uint64_t src, uint64_t *rflags)
{
	uint64_t carry = *rflags & FLAG_CF, f = 0, r;

	switch (op) {
	case INSN_ADD:
	case INSN_XADD:
	case INSN_ADC:
		r = alu_add(bytes, dst, src, op == INSN_ADC ? carry : 0, &f);
		break;
	case INSN_SUB:
	case INSN_CMP:
	case INSN_SBB:
	case INSN_CMPXCHG:
		r = alu_sub(bytes, dst, src, op == INSN_SBB ? carry : 0, &f);
		break;
	case INSN_NEG:
		r = alu_sub(bytes, 0, dst, 0, &f);
		break;
	default:
		r = alu_logic(op, dst, src);
		f = alu_result_flags(bytes, r);
		break;
	}
	*rflags = (*rflags & ~FLAGS_ARITHMETIC) | f;
	return r;
}

uint64_t insn_compute(uint8_t op, unsigned int bytes, uint64_t dst, uint64_t src, uint64_t *rflags)
{
	dst &= insn_mask(bytes);
	src &= insn_mask(bytes);
	switch (op) {
	case INSN_MOV:
	case INSN_XCHG:
		return src;
	case INSN_NOT:
		return ~dst & insn_mask(bytes);
	case INSN_INC:
	case INSN_DEC:
		return alu_step(op, bytes, dst, rflags);
	case INSN_BT:
	case INSN_BTS:
	case INSN_BTR:
	case INSN_BTC:
		return alu_bit(op, bytes, dst, src, rflags);
	}
	return alu_arithmetic(op, bytes, dst, src, rflags);
}
