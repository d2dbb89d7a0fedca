/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instruction decoding: prefixes, opcode, ModRM, displacement, immediate, each
 * driven by the opcode's row in a table. AMD64 APM volume 3 chapter 1.
 */
#include <errno.h>
#include <string.h>
#include <hv/decode.h>
#include <hv/hvm.h>

/* What follows the opcode and where its operands are. */
#define F_MODRM	   0x0001
#define F_BYTE	   0x0002 /* operand size 1, whatever the prefixes */
#define F_STORE	   0x0004 /* r/m is the destination */
#define F_LOAD	   0x0008 /* the register is the destination */
#define F_IMM8	   0x0010
#define F_IMMZ	   0x0020 /* 2 or 4 bytes */
#define F_MOFFS	   0x0040 /* an address as wide as address size, with rAX */
#define F_STRING   0x0080
#define F_GROUP	   0x0100 /* ModRM.reg selects from row->op as a group */
#define F_SRC_BYTE 0x0200 /* MOVZX, MOVSX: the memory operand is 1 byte, */
#define F_SRC_WORD 0x0400 /* 2 bytes, */
#define F_SRC_LONG 0x0800 /* 4 bytes */
#define F_CONTROL  0x1000 /* MOV CR/DR */
#define F_LOCK	   0x2000 /* LOCK is allowed with a memory destination */
#define F_ALONE	   0x4000 /* no operands that matter */
#define F_BITS	   0x8000 /* a bit string: see insn_address */

struct insn_row {
	uint8_t op; /* enum insn_op, or enum insn_group with F_GROUP */
	uint16_t flags;
};

enum insn_group {
	GROUP_1,  /* 80, 81, 83 */
	GROUP_3,  /* F6, F7 */
	GROUP_4,  /* FE, FF */
	GROUP_8,  /* 0F BA */
	GROUP_11, /* C6, C7 */
	GROUP_COUNT,
};

static const uint8_t insn_group_op[GROUP_COUNT][8] = {
	[GROUP_1] = {INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR, INSN_CMP},
	[GROUP_3] = {INSN_TEST, INSN_TEST, INSN_NOT, INSN_NEG},
	[GROUP_4] = {INSN_INC, INSN_DEC},
	[GROUP_8] = {0, 0, 0, 0, INSN_BT, INSN_BTS, INSN_BTR, INSN_BTC},
	[GROUP_11] = {INSN_MOV},
};

#define ALU(base, name)                                              \
	[(base) + 0] = {name, F_MODRM | F_STORE | F_BYTE | F_LOCK},  \
		  [(base) + 1] = {name, F_MODRM | F_STORE | F_LOCK}, \
		  [(base) + 2] = {name, F_MODRM | F_LOAD | F_BYTE}, [(base) + 3] = {name, F_MODRM | F_LOAD}

static const struct insn_row insn_one[256] = {
	ALU(0x00, INSN_ADD),
	ALU(0x08, INSN_OR),
	ALU(0x10, INSN_ADC),
	ALU(0x18, INSN_SBB),
	ALU(0x20, INSN_AND),
	ALU(0x28, INSN_SUB),
	ALU(0x30, INSN_XOR),
	ALU(0x38, INSN_CMP),
	[0x63] = {INSN_MOVSX, F_MODRM | F_LOAD | F_SRC_LONG},
	[0x6c] = {INSN_PORT, F_ALONE | F_STRING | F_BYTE},
	[0x6d] = {INSN_PORT, F_ALONE | F_STRING},
	[0x6e] = {INSN_PORT, F_ALONE | F_STRING | F_BYTE},
	[0x6f] = {INSN_PORT, F_ALONE | F_STRING},
	[0x80] = {GROUP_1, F_MODRM | F_GROUP | F_STORE | F_BYTE | F_IMM8 | F_LOCK},
	[0x81] = {GROUP_1, F_MODRM | F_GROUP | F_STORE | F_IMMZ | F_LOCK},
	[0x83] = {GROUP_1, F_MODRM | F_GROUP | F_STORE | F_IMM8 | F_LOCK},
	[0x84] = {INSN_TEST, F_MODRM | F_STORE | F_BYTE},
	[0x85] = {INSN_TEST, F_MODRM | F_STORE},
	[0x86] = {INSN_XCHG, F_MODRM | F_STORE | F_BYTE | F_LOCK},
	[0x87] = {INSN_XCHG, F_MODRM | F_STORE | F_LOCK},
	[0x88] = {INSN_MOV, F_MODRM | F_STORE | F_BYTE},
	[0x89] = {INSN_MOV, F_MODRM | F_STORE},
	[0x8a] = {INSN_MOV, F_MODRM | F_LOAD | F_BYTE},
	[0x8b] = {INSN_MOV, F_MODRM | F_LOAD},
	[0x90] = {INSN_PAUSE, F_ALONE},
	[0xa0] = {INSN_MOV, F_MOFFS | F_LOAD | F_BYTE},
	[0xa1] = {INSN_MOV, F_MOFFS | F_LOAD},
	[0xa2] = {INSN_MOV, F_MOFFS | F_STORE | F_BYTE},
	[0xa3] = {INSN_MOV, F_MOFFS | F_STORE},
	[0xa4] = {INSN_MOVS, F_STRING | F_BYTE},
	[0xa5] = {INSN_MOVS, F_STRING},
	[0xaa] = {INSN_STOS, F_STRING | F_STORE | F_BYTE},
	[0xab] = {INSN_STOS, F_STRING | F_STORE},
	[0xac] = {INSN_LODS, F_STRING | F_LOAD | F_BYTE},
	[0xad] = {INSN_LODS, F_STRING | F_LOAD},
	[0xc6] = {GROUP_11, F_MODRM | F_GROUP | F_STORE | F_BYTE | F_IMM8},
	[0xc7] = {GROUP_11, F_MODRM | F_GROUP | F_STORE | F_IMMZ},
	[0xcf] = {INSN_IRET, F_ALONE},
	[0xe4] = {INSN_PORT, F_ALONE | F_IMM8},
	[0xe5] = {INSN_PORT, F_ALONE | F_IMM8},
	[0xe6] = {INSN_PORT, F_ALONE | F_IMM8},
	[0xe7] = {INSN_PORT, F_ALONE | F_IMM8},
	[0xec] = {INSN_PORT, F_ALONE},
	[0xed] = {INSN_PORT, F_ALONE},
	[0xee] = {INSN_PORT, F_ALONE},
	[0xef] = {INSN_PORT, F_ALONE},
	[0xf4] = {INSN_HLT, F_ALONE},
	[0xf6] = {GROUP_3, F_MODRM | F_GROUP | F_STORE | F_BYTE | F_LOCK},
	[0xf7] = {GROUP_3, F_MODRM | F_GROUP | F_STORE | F_LOCK},
	[0xfe] = {GROUP_4, F_MODRM | F_GROUP | F_STORE | F_BYTE | F_LOCK},
	[0xff] = {GROUP_4, F_MODRM | F_GROUP | F_STORE | F_LOCK},
};

/* After 0F. */
static const struct insn_row insn_two[256] = {
	[0x08] = {INSN_CACHE, F_ALONE},
	[0x09] = {INSN_CACHE, F_ALONE},
	[0x20] = {INSN_MOV_CR, F_MODRM | F_CONTROL},
	[0x21] = {INSN_MOV_DR, F_MODRM | F_CONTROL},
	[0x22] = {INSN_MOV_CR, F_MODRM | F_CONTROL | F_STORE},
	[0x23] = {INSN_MOV_DR, F_MODRM | F_CONTROL | F_STORE},
	[0x30] = {INSN_WRMSR, F_ALONE},
	[0x31] = {INSN_RDTSC, F_ALONE},
	[0x32] = {INSN_RDMSR, F_ALONE},
	[0x33] = {INSN_RDPMC, F_ALONE},
	[0xa2] = {INSN_CPUID, F_ALONE},
	[0xa3] = {INSN_BT, F_MODRM | F_STORE | F_BITS},
	[0xab] = {INSN_BTS, F_MODRM | F_STORE | F_BITS | F_LOCK},
	[0xb0] = {INSN_CMPXCHG, F_MODRM | F_STORE | F_BYTE | F_LOCK},
	[0xb1] = {INSN_CMPXCHG, F_MODRM | F_STORE | F_LOCK},
	[0xb3] = {INSN_BTR, F_MODRM | F_STORE | F_BITS | F_LOCK},
	[0xb6] = {INSN_MOVZX, F_MODRM | F_LOAD | F_SRC_BYTE},
	[0xb7] = {INSN_MOVZX, F_MODRM | F_LOAD | F_SRC_WORD},
	[0xba] = {GROUP_8, F_MODRM | F_GROUP | F_STORE | F_IMM8 | F_LOCK},
	[0xbb] = {INSN_BTC, F_MODRM | F_STORE | F_BITS | F_LOCK},
	[0xbe] = {INSN_MOVSX, F_MODRM | F_LOAD | F_SRC_BYTE},
	[0xbf] = {INSN_MOVSX, F_MODRM | F_LOAD | F_SRC_WORD},
	[0xc0] = {INSN_XADD, F_MODRM | F_STORE | F_BYTE | F_LOCK},
	[0xc1] = {INSN_XADD, F_MODRM | F_STORE | F_LOCK},
};

/* After 0F 01, where the ModRM byte is part of the opcode. */
static const struct {
	uint8_t modrm;
	uint8_t op;
} insn_system[] = {
	{0xc1, INSN_HYPERCALL},			     /* VMCALL */
	{0xd1, INSN_XSETBV}, {0xd9, INSN_HYPERCALL}, /* VMMCALL */
	{0xf9, INSN_RDTSC},			     /* RDTSCP */
};

/* The instruction being read. */
struct cursor {
	const uint8_t *code;
	size_t count, at;
	unsigned int bits;
	uint8_t rex;
	bool operand16, address_override, rep, lock;
	uint8_t segment; /* of an override, or INSN_NO_REG */
};

#define REX_W 8
#define REX_R 4
#define REX_X 2
#define REX_B 1

static int cursor_get(struct cursor *c, unsigned int bytes, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (c->at + bytes > INSN_MAX)
		return -EINVAL;
	if (c->at + bytes > c->count)
		return -ENODATA;
	memcpy(&v, c->code + c->at, bytes);
	c->at += bytes;
	*ret_value = v;
	return 0;
}

static int64_t sign_extend(uint64_t v, unsigned int bytes)
{
	unsigned int shift = 64 - bytes * 8;

	return (int64_t)(v << shift) >> shift;
}

static int cursor_get_signed(struct cursor *c, unsigned int bytes, int64_t *ret_value)
{
	uint64_t v;
	int err = cursor_get(c, bytes, &v);

	if (err == 0)
		*ret_value = sign_extend(v, bytes);
	return err;
}

/* True when the byte was a prefix. APM volume 3 section 1.2. */
static bool cursor_legacy_prefix(struct cursor *c, uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		/* In 64-bit mode these are read and have no effect. */
		if (c->bits != 64)
			c->segment = (byte >> 3) & 3;
		return true;
	case 0x64:
	case 0x65:
		c->segment = byte == 0x64 ? HVM_FS : HVM_GS;
		return true;
	case 0x66:
		c->operand16 = true;
		return true;
	case 0x67:
		c->address_override = true;
		return true;
	case 0xf0:
		c->lock = true;
		return true;
	case 0xf2:
	case 0xf3:
		c->rep = true;
		return true;
	}
	return false;
}

/* Leaves the opcode's first byte in *ret_byte. A REX that is not the last prefix counts for nothing. */
static int cursor_prefixes(struct cursor *c, uint8_t *ret_byte)
{
	uint64_t byte;
	int err;

	while ((err = cursor_get(c, 1, &byte)) == 0) {
		if (cursor_legacy_prefix(c, (uint8_t)byte)) {
			c->rex = 0;
		} else if (c->bits == 64 && (byte & 0xf0) == 0x40) {
			c->rex = (uint8_t)byte;
		} else {
			*ret_byte = (uint8_t)byte;
			return 0;
		}
	}
	return err;
}

static unsigned int cursor_operand_bytes(const struct cursor *c)
{
	if (c->rex & REX_W)
		return 8;
	return (c->bits == 16) != c->operand16 ? 2 : 4;
}

static unsigned int cursor_address_bytes(const struct cursor *c)
{
	if (c->bits == 64)
		return c->address_override ? 4 : 8;
	return (c->bits == 16) != c->address_override ? 2 : 4;
}

/* The eight 16-bit forms: APM volume 3 table A-33. */
static const struct {
	uint8_t base, index;
} insn_rm16[8] = {
	{3, 6},
	{3, 7},
	{5, 6},
	{5, 7},
	{6, INSN_NO_REG},
	{7, INSN_NO_REG},
	{5, INSN_NO_REG},
	{3, INSN_NO_REG},
};

static int cursor_memory16(struct cursor *c, unsigned int mod, unsigned int rm, struct insn *i)
{
	i->base = insn_rm16[rm].base;
	i->index = insn_rm16[rm].index;
	if (mod == 0 && rm == 6) {
		i->base = INSN_NO_REG;
		return cursor_get_signed(c, 2, &i->disp);
	}
	return mod == 0 ? 0 : cursor_get_signed(c, mod == 1 ? 1 : 2, &i->disp);
}

static int cursor_sib(struct cursor *c, unsigned int mod, struct insn *i)
{
	uint64_t sib;
	int err = cursor_get(c, 1, &sib);

	if (err < 0)
		return err;
	i->scale = (uint8_t)(sib >> 6);
	i->index = (uint8_t)(((sib >> 3) & 7) | (c->rex & REX_X ? 8 : 0));
	if (i->index == 4)
		i->index = INSN_NO_REG;
	i->base = (uint8_t)((sib & 7) | (c->rex & REX_B ? 8 : 0));
	if ((sib & 7) == 5 && mod == 0) {
		i->base = INSN_NO_REG;
		return cursor_get_signed(c, 4, &i->disp);
	}
	return 0;
}

static int cursor_memory32(struct cursor *c, unsigned int mod, unsigned int rm, struct insn *i)
{
	int err = 0;

	i->index = INSN_NO_REG;
	i->base = (uint8_t)(rm | (c->rex & REX_B ? 8 : 0));
	if (rm == 4) {
		err = cursor_sib(c, mod, i);
	} else if (rm == 5 && mod == 0) {
		i->base = INSN_NO_REG;
		i->rip_relative = c->bits == 64;
		return cursor_get_signed(c, 4, &i->disp);
	}
	if (err < 0 || mod == 0)
		return err;
	return cursor_get_signed(c, mod == 1 ? 1 : 4, &i->disp);
}

/* Without an override: SS with (E)BP or (E)SP as the base, DS otherwise. */
static uint8_t cursor_segment(const struct cursor *c, const struct insn *i)
{
	if (c->segment != INSN_NO_REG)
		return c->segment;
	return i->base == 4 || i->base == 5 ? HVM_SS : HVM_DS;
}

static void insn_reg_operand(const struct cursor *c, unsigned int reg, struct insn *i)
{
	i->reg = (uint8_t)(reg | (c->rex & REX_R ? 8 : 0));
	i->reg_high = i->reg_bytes == 1 && c->rex == 0 && reg >= 4;
	if (i->reg_high)
		i->reg = (uint8_t)(reg - 4);
}

static int cursor_control(const struct cursor *c, const struct insn_row *row, uint8_t modrm, struct insn *i)
{
	/* The mod field is ignored: always registers (APM volume 3, MOV CRn). LOCK MOV CR0 is CR8 in 32-bit mode. */
	i->reg = (uint8_t)(((modrm >> 3) & 7) | (c->rex & REX_R ? 8 : 0));
	if (row->op == INSN_MOV_CR && c->lock)
		i->reg |= 8;
	i->rm_reg = (uint8_t)((modrm & 7) | (c->rex & REX_B ? 8 : 0));
	i->to_control = (row->flags & F_STORE) != 0;
	i->bytes = i->reg_bytes = c->bits == 64 ? 8 : 4;
	return 0;
}

static int cursor_modrm(struct cursor *c, struct insn_row *row, struct insn *i)
{
	unsigned int mod, rm;
	uint64_t modrm;
	int err = cursor_get(c, 1, &modrm);

	if (err < 0)
		return err;
	if (row->flags & F_CONTROL)
		return cursor_control(c, row, (uint8_t)modrm, i);
	mod = (unsigned int)modrm >> 6;
	rm = modrm & 7;
	if (mod == 3)
		return -EOPNOTSUPP;
	if (row->flags & F_GROUP) {
		unsigned int group = row->op;

		row->op = insn_group_op[group][(modrm >> 3) & 7];
		if (group == GROUP_3 && row->op == INSN_TEST)
			row->flags |= row->flags & F_BYTE ? F_IMM8 : F_IMMZ;
	} else {
		insn_reg_operand(c, (modrm >> 3) & 7, i);
	}
	err = i->address_bytes == 2 ? cursor_memory16(c, mod, rm, i) : cursor_memory32(c, mod, rm, i);
	i->segment = cursor_segment(c, i);
	return err;
}

static int cursor_immediate(struct cursor *c, const struct insn_row *row, struct insn *i)
{
	int64_t imm;
	int err;

	if (!(row->flags & (F_IMM8 | F_IMMZ)))
		return 0;
	err = cursor_get_signed(c, row->flags & F_IMM8 ? 1u : MIN(i->reg_bytes, 4u), &imm);
	if (err == 0)
		i->imm = (uint64_t)imm;
	return err;
}

static int cursor_moffs(struct cursor *c, struct insn *i)
{
	uint64_t address;
	int err = cursor_get(c, i->address_bytes, &address);

	if (err < 0)
		return err;
	i->disp = (int64_t)address;
	i->segment = c->segment == INSN_NO_REG ? HVM_DS : c->segment;
	return 0;
}

/* Which operand is where. */
static void insn_places(const struct insn_row *row, struct insn *i)
{
	uint8_t other = row->flags & (F_IMM8 | F_IMMZ) ? INSN_IMM : INSN_REG;

	if (row->op == INSN_NOT || row->op == INSN_NEG || row->op == INSN_INC || row->op == INSN_DEC)
		other = INSN_NOWHERE;
	if (row->op == INSN_MOVS) {
		i->dst = i->src = INSN_MEMORY;
	} else if (row->flags & F_LOAD) {
		i->dst = INSN_REG;
		i->src = INSN_MEMORY;
	} else {
		i->dst = INSN_MEMORY;
		i->src = other;
	}
}

static void insn_sizes(const struct cursor *c, const struct insn_row *row, struct insn *i)
{
	i->reg_bytes = row->flags & F_BYTE ? 1 : (uint8_t)cursor_operand_bytes(c);
	i->bytes = i->reg_bytes;
	if (row->flags & F_SRC_BYTE)
		i->bytes = 1;
	else if (row->flags & F_SRC_WORD)
		i->bytes = 2;
	else if (row->flags & F_SRC_LONG)
		i->bytes = 4;
	i->address_bytes = (uint8_t)cursor_address_bytes(c);
}

static int cursor_string(const struct cursor *c, const struct insn_row *row, struct insn *i)
{
	/* The destination of a string is always in ES; an override is for the source. */
	i->segment = row->flags & F_STORE ? HVM_ES : c->segment == INSN_NO_REG ? HVM_DS : c->segment;
	i->base = row->flags & F_STORE ? 7 : 6;
	i->rep = c->rep;
	return 0;
}

static int cursor_operands(struct cursor *c, struct insn_row *row, struct insn *i)
{
	int err = 0;

	insn_sizes(c, row, i);
	if (row->flags & F_MODRM)
		err = cursor_modrm(c, row, i);
	else if (row->flags & F_MOFFS)
		err = cursor_moffs(c, i);
	else if (row->flags & F_STRING)
		err = cursor_string(c, row, i);
	if (err < 0)
		return err;
	if (row->op == INSN_BAD)
		return -EOPNOTSUPP;
	err = cursor_immediate(c, row, i);
	if (err < 0)
		return err;
	if (!(row->flags & (F_ALONE | F_CONTROL)))
		insn_places(row, i);
	i->bit_string = (row->flags & F_BITS) != 0;
	return 0;
}

/* 0F 01 /digit with a register form. */
static int cursor_system(struct cursor *c, struct insn_row *ret_row)
{
	uint64_t modrm;
	int err = cursor_get(c, 1, &modrm);

	if (err < 0)
		return err;
	for (size_t k = 0; k < ARRAY_SIZE(insn_system); k++) {
		if (insn_system[k].modrm == modrm) {
			*ret_row = (struct insn_row){insn_system[k].op, F_ALONE};
			return 0;
		}
	}
	return -EOPNOTSUPP;
}

static int cursor_row(struct cursor *c, struct insn_row *ret_row)
{
	uint64_t second;
	uint8_t first;
	int err = cursor_prefixes(c, &first);

	if (err < 0)
		return err;
	*ret_row = insn_one[first];
	if (first == 0x0f) {
		err = cursor_get(c, 1, &second);
		if (err < 0)
			return err;
		if (second == 0x01)
			return cursor_system(c, ret_row);
		*ret_row = insn_two[second];
	}
	/* 63 is MOVSXD in 64-bit mode only, 90 is PAUSE with F3 only. */
	if ((first == 0x63 && c->bits != 64) || (first == 0x90 && !c->rep))
		return -EOPNOTSUPP;
	return ret_row->flags ? 0 : -EOPNOTSUPP;
}

int insn_decode(const uint8_t *code, size_t count, unsigned int bits, struct insn *ret_insn)
{
	struct cursor c = {.code = code, .count = count, .bits = bits, .segment = INSN_NO_REG};
	struct insn i = {.base = INSN_NO_REG, .index = INSN_NO_REG};
	struct insn_row row;
	int err = cursor_row(&c, &row);

	if (err == 0)
		err = cursor_operands(&c, &row, &i);
	if (err < 0)
		return err;
	/* LOCK: only with a memory destination that is written (APM volume 3 section 1.2.5). */
	if (c.lock && row.op != INSN_MOV_CR && !((row.flags & F_LOCK) && insn_writes(row.op)))
		return -EINVAL;
	i.op = row.op;
	i.lock = c.lock;
	i.length = (uint8_t)c.at;
	*ret_insn = i;
	return 0;
}

static uint64_t gpr_read(const struct guest_regs *regs, unsigned int number)
{
	return (&regs->rax)[number & 15];
}

uint64_t insn_address(const struct insn *insn, const struct guest_regs *regs, uint64_t segment_base)
{
	uint64_t address = (uint64_t)insn->disp;

	if (insn->rip_relative)
		address += regs->rip + insn->length;
	if (insn->base != INSN_NO_REG)
		address += gpr_read(regs, insn->base);
	if (insn->index != INSN_NO_REG)
		address += gpr_read(regs, insn->index) << insn->scale;
	if (insn->bit_string) {
		int64_t bit = sign_extend(gpr_read(regs, insn->reg), insn->bytes);

		address += (uint64_t)(bit >> 3) & ~(uint64_t)(insn->bytes - 1u);
	}
	return segment_base + (address & insn_mask(insn->address_bytes));
}

uint64_t insn_reg_get(const struct guest_regs *regs, const struct insn *insn, unsigned int bytes)
{
	return (gpr_read(regs, insn->reg) >> (insn->reg_high ? 8 : 0)) & insn_mask(bytes);
}

void insn_gpr_write(uint64_t *gpr, unsigned int bytes, uint64_t value)
{
	uint64_t mask = insn_mask(bytes);

	*gpr = bytes == 4 ? value & mask : (*gpr & ~mask) | (value & mask);
}

void insn_reg_set(struct guest_regs *regs, const struct insn *insn, unsigned int bytes, uint64_t value)
{
	uint64_t *gpr = guest_gpr(regs, insn->reg);

	if (insn->reg_high)
		*gpr = (*gpr & ~0xff00UL) | ((value & 0xff) << 8);
	else
		insn_gpr_write(gpr, bytes, value);
}
