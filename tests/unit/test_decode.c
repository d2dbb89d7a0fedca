/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decoder against encodings made by GNU as: each row names the source text.
 * Registers hold 0x1000 * (number + 1), RIP 0x500000, segment bases are 0.
 */
#include "unit.h"
#include <stdlib.h>
#include <hv/decode.h>
#include <hv/hvm.h>

#define NO_ADDRESS 1UL

struct row {
	const char *text;
	unsigned int bits, length;
	const char *code;
	unsigned int op, dst, src, bytes, reg_bytes, reg;
	uint64_t address;
	uint64_t imm; /* MOV CR/DR: the general register */
};

static const struct row rows[] = {
	{"mov (%rax), %ecx", 64, 2, "\x8b\x08", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 1, 0x1000, 0},
	{"mov %edi, 0x300(%rbx)", 64, 6, "\x89\xbb\x00\x03\x00\x00", INSN_MOV, INSN_MEMORY, INSN_REG, 4, 4, 7,
		0x4300, 0},
	{"mov %r15, -8(%rsp)", 64, 5, "\x4c\x89\x7c\x24\xf8", INSN_MOV, INSN_MEMORY, INSN_REG, 8, 8, 15,
		0x4ff8, 0},
	{"mov %r9b, 0x10(%r13)", 64, 4, "\x45\x88\x4d\x10", INSN_MOV, INSN_MEMORY, INSN_REG, 1, 1, 9, 0xe010,
		0},
	{"mov %ah, (%rdx)", 64, 2, "\x88\x22", INSN_MOV, INSN_MEMORY, INSN_REG, 1, 1, 0, 0x3000, 0},
	{"mov %sil, (%rdx)", 64, 3, "\x40\x88\x32", INSN_MOV, INSN_MEMORY, INSN_REG, 1, 1, 6, 0x3000, 0},
	{"mov %ax, (%rdx,%rcx,4)", 64, 4, "\x66\x89\x04\x8a", INSN_MOV, INSN_MEMORY, INSN_REG, 2, 2, 0,
		0xb000, 0},
	{"mov 0x20(,%r12,8), %r8d", 64, 8, "\x46\x8b\x04\xe5\x20\x00\x00\x00", INSN_MOV, INSN_REG,
		INSN_MEMORY, 4, 4, 8, 0x68020, 0},
	{"mov (%r12), %r8d", 64, 4, "\x45\x8b\x04\x24", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 8, 0xd000, 0},
	{"mov 0x100(%rip), %eax", 64, 6, "\x8b\x05\x00\x01\x00\x00", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 0,
		0x500106, 0},
	{"movl $0x12345678, 0x100(%rip)", 64, 10, "\xc7\x05\x00\x01\x00\x00\x78\x56\x34\x12", INSN_MOV,
		INSN_MEMORY, INSN_IMM, 4, 4, 0, 0x50010a, 0x12345678},
	{"movq $-1, (%rax)", 64, 7, "\x48\xc7\x00\xff\xff\xff\xff", INSN_MOV, INSN_MEMORY, INSN_IMM, 8, 8, 0,
		0x1000, ~0UL},
	{"movw $0x8001, (%rax)", 64, 5, "\x66\xc7\x00\x01\x80", INSN_MOV, INSN_MEMORY, INSN_IMM, 2, 2, 0,
		0x1000, 0xffffffffffff8001UL},
	{"movb $0x7f, 0xb0(%rax)", 64, 7, "\xc6\x80\xb0\x00\x00\x00\x7f", INSN_MOV, INSN_MEMORY, INSN_IMM, 1,
		1, 0, 0x10b0, 0x7f},
	{"movabs 0xffffffff80001000, %eax", 64, 9, "\xa1\x00\x10\x00\x80\xff\xff\xff\xff", INSN_MOV, INSN_REG,
		INSN_MEMORY, 4, 4, 0, 0xffffffff80001000UL, 0},
	{"movabs %al, 0x1122334455667788", 64, 9, "\xa2\x88\x77\x66\x55\x44\x33\x22\x11", INSN_MOV,
		INSN_MEMORY, INSN_REG, 1, 1, 0, 0x1122334455667788UL, 0},
	{"mov 0xfffffffffee00020, %eax", 64, 7, "\x8b\x04\x25\x20\x00\xe0\xfe", INSN_MOV, INSN_REG,
		INSN_MEMORY, 4, 4, 0, 0xfffffffffee00020UL, 0},
	{"mov (%eax), %ecx", 64, 3, "\x67\x8b\x08", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 1, 0x1000, 0},
	{"mov -0x2000(%eax), %ecx", 64, 7, "\x67\x8b\x88\x00\xe0\xff\xff", INSN_MOV, INSN_REG, INSN_MEMORY, 4,
		4, 1, 0xfffff000, 0},
	{"mov %gs:0x10, %rax", 64, 9, "\x65\x48\x8b\x04\x25\x10\x00\x00\x00", INSN_MOV, INSN_REG, INSN_MEMORY,
		8, 8, 0, 0x10, 0},
	{"mov %fs:(%rcx), %eax", 64, 3, "\x64\x8b\x01", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 0, 0x2000, 0},
	{"movzbl (%rcx), %eax", 64, 3, "\x0f\xb6\x01", INSN_MOVZX, INSN_REG, INSN_MEMORY, 1, 4, 0, 0x2000, 0},
	{"movzwq (%rcx), %r11", 64, 4, "\x4c\x0f\xb7\x19", INSN_MOVZX, INSN_REG, INSN_MEMORY, 2, 8, 11,
		0x2000, 0},
	{"movsbq (%rcx), %rdx", 64, 4, "\x48\x0f\xbe\x11", INSN_MOVSX, INSN_REG, INSN_MEMORY, 1, 8, 2, 0x2000,
		0},
	{"movswl (%rcx), %edx", 64, 3, "\x0f\xbf\x11", INSN_MOVSX, INSN_REG, INSN_MEMORY, 2, 4, 2, 0x2000, 0},
	{"movslq (%rcx), %rdx", 64, 3, "\x48\x63\x11", INSN_MOVSX, INSN_REG, INSN_MEMORY, 4, 8, 2, 0x2000, 0},
	{"rep movsl", 64, 2, "\xf3\xa5", INSN_MOVS, INSN_MEMORY, INSN_MEMORY, 4, 4, 0, 0x7000, 0},
	{"rep movsq", 64, 3, "\xf3\x48\xa5", INSN_MOVS, INSN_MEMORY, INSN_MEMORY, 8, 8, 0, 0x7000, 0},
	{"movsb", 64, 1, "\xa4", INSN_MOVS, INSN_MEMORY, INSN_MEMORY, 1, 1, 0, 0x7000, 0},
	{"rep stosb", 64, 2, "\xf3\xaa", INSN_STOS, INSN_MEMORY, INSN_REG, 1, 1, 0, 0x8000, 0},
	{"stosw", 64, 2, "\x66\xab", INSN_STOS, INSN_MEMORY, INSN_REG, 2, 2, 0, 0x8000, 0},
	{"lodsl", 64, 1, "\xad", INSN_LODS, INSN_REG, INSN_MEMORY, 4, 4, 0, 0x7000, 0},
	{"addl $5, (%rax)", 64, 3, "\x83\x00\x05", INSN_ADD, INSN_MEMORY, INSN_IMM, 4, 4, 0, 0x1000, 5},
	{"orl $0x10000, 0x10(%rax)", 64, 7, "\x81\x48\x10\x00\x00\x01\x00", INSN_OR, INSN_MEMORY, INSN_IMM, 4,
		4, 0, 0x1010, 0x10000},
	{"lock orl %ecx, (%rax)", 64, 3, "\xf0\x09\x08", INSN_OR, INSN_MEMORY, INSN_REG, 4, 4, 1, 0x1000, 0},
	{"andl $~0x10000, (%rax)", 64, 6, "\x81\x20\xff\xff\xfe\xff", INSN_AND, INSN_MEMORY, INSN_IMM, 4, 4,
		0, 0x1000, 0xfffffffffffeffffUL},
	{"xorb $1, (%rax)", 64, 3, "\x80\x30\x01", INSN_XOR, INSN_MEMORY, INSN_IMM, 1, 1, 0, 0x1000, 1},
	{"subq %rcx, (%rax)", 64, 3, "\x48\x29\x08", INSN_SUB, INSN_MEMORY, INSN_REG, 8, 8, 1, 0x1000, 0},
	{"adcl (%rax), %edx", 64, 2, "\x13\x10", INSN_ADC, INSN_REG, INSN_MEMORY, 4, 4, 2, 0x1000, 0},
	{"sbbl %edx, (%rax)", 64, 2, "\x19\x10", INSN_SBB, INSN_MEMORY, INSN_REG, 4, 4, 2, 0x1000, 0},
	{"cmpl $-1, (%rax)", 64, 3, "\x83\x38\xff", INSN_CMP, INSN_MEMORY, INSN_IMM, 4, 4, 0, 0x1000, ~0UL},
	{"cmpw (%rax), %dx", 64, 3, "\x66\x3b\x10", INSN_CMP, INSN_REG, INSN_MEMORY, 2, 2, 2, 0x1000, 0},
	{"testl $0x1000, 0x300(%rax)", 64, 10, "\xf7\x80\x00\x03\x00\x00\x00\x10\x00\x00", INSN_TEST,
		INSN_MEMORY, INSN_IMM, 4, 4, 0, 0x1300, 0x1000},
	{"testb $1, (%rax)", 64, 3, "\xf6\x00\x01", INSN_TEST, INSN_MEMORY, INSN_IMM, 1, 1, 0, 0x1000, 1},
	{"testl %ecx, (%rax)", 64, 2, "\x85\x08", INSN_TEST, INSN_MEMORY, INSN_REG, 4, 4, 1, 0x1000, 0},
	{"notl (%rax)", 64, 2, "\xf7\x10", INSN_NOT, INSN_MEMORY, INSN_NOWHERE, 4, 4, 0, 0x1000, 0},
	{"negb (%rax)", 64, 2, "\xf6\x18", INSN_NEG, INSN_MEMORY, INSN_NOWHERE, 1, 1, 0, 0x1000, 0},
	{"incl (%rax)", 64, 2, "\xff\x00", INSN_INC, INSN_MEMORY, INSN_NOWHERE, 4, 4, 0, 0x1000, 0},
	{"lock decq (%rax)", 64, 4, "\xf0\x48\xff\x08", INSN_DEC, INSN_MEMORY, INSN_NOWHERE, 8, 8, 0, 0x1000,
		0},
	{"xchg %eax, (%rcx)", 64, 2, "\x87\x01", INSN_XCHG, INSN_MEMORY, INSN_REG, 4, 4, 0, 0x2000, 0},
	{"lock cmpxchg %edx, (%rcx)", 64, 4, "\xf0\x0f\xb1\x11", INSN_CMPXCHG, INSN_MEMORY, INSN_REG, 4, 4, 2,
		0x2000, 0},
	{"lock xadd %edx, (%rcx)", 64, 4, "\xf0\x0f\xc1\x11", INSN_XADD, INSN_MEMORY, INSN_REG, 4, 4, 2,
		0x2000, 0},
	{"btl $31, (%rcx)", 64, 4, "\x0f\xba\x21\x1f", INSN_BT, INSN_MEMORY, INSN_IMM, 4, 4, 0, 0x2000, 31},
	{"lock btsl $5, (%rcx)", 64, 5, "\xf0\x0f\xba\x29\x05", INSN_BTS, INSN_MEMORY, INSN_IMM, 4, 4, 0,
		0x2000, 5},
	{"btrl %eax, (%rcx)", 64, 3, "\x0f\xb3\x01", INSN_BTR, INSN_MEMORY, INSN_REG, 4, 4, 0, 0x2200, 0},
	{"btcq %rax, (%rcx)", 64, 4, "\x48\x0f\xbb\x01", INSN_BTC, INSN_MEMORY, INSN_REG, 8, 8, 0, 0x2200, 0},
	{"mov %cr4, %rdx", 64, 3, "\x0f\x20\xe2", INSN_MOV_CR, INSN_NOWHERE, INSN_NOWHERE, 8, 8, 4,
		NO_ADDRESS, 2},
	{"mov %r10, %cr8", 64, 4, "\x45\x0f\x22\xc2", INSN_MOV_CR, INSN_NOWHERE, INSN_NOWHERE, 8, 8, 8,
		NO_ADDRESS, 10},
	{"mov %rbx, %dr7", 64, 3, "\x0f\x23\xfb", INSN_MOV_DR, INSN_NOWHERE, INSN_NOWHERE, 8, 8, 7,
		NO_ADDRESS, 3},
	{"cpuid", 64, 2, "\x0f\xa2", INSN_CPUID, INSN_NOWHERE, INSN_NOWHERE, 4, 4, 0, NO_ADDRESS, 0},
	{"rdmsr", 64, 2, "\x0f\x32", INSN_RDMSR, INSN_NOWHERE, INSN_NOWHERE, 4, 4, 0, NO_ADDRESS, 0},
	{"wrmsr", 64, 2, "\x0f\x30", INSN_WRMSR, INSN_NOWHERE, INSN_NOWHERE, 4, 4, 0, NO_ADDRESS, 0},
	{"vmmcall", 64, 3, "\x0f\x01\xd9", INSN_HYPERCALL, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS,
		0},
	{"vmcall", 64, 3, "\x0f\x01\xc1", INSN_HYPERCALL, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"xsetbv", 64, 3, "\x0f\x01\xd1", INSN_XSETBV, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"rdtscp", 64, 3, "\x0f\x01\xf9", INSN_RDTSC, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"pause", 64, 2, "\xf3\x90", INSN_PAUSE, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"wbinvd", 64, 2, "\x0f\x09", INSN_CACHE, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"outb %al, $0x80", 64, 2, "\xe6\x80", INSN_PORT, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"rep outsb", 64, 2, "\xf3\x6e", INSN_PORT, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"hlt", 64, 1, "\xf4", INSN_HLT, INSN_NOWHERE, INSN_NOWHERE, 0, 0, 0, NO_ADDRESS, 0},
	{"mov (%eax), %ecx", 32, 2, "\x8b\x08", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 1, 0x1000, 0},
	{"mov 0xfee00020, %eax", 32, 5, "\xa1\x20\x00\xe0\xfe", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 0,
		0xfee00020, 0},
	{"mov 0xfee00020, %ecx", 32, 6, "\x8b\x0d\x20\x00\xe0\xfe", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 1,
		0xfee00020, 0},
	{"movw $0x1234, 8(%ebp,%esi,2)", 32, 7, "\x66\xc7\x44\x75\x08\x34\x12", INSN_MOV, INSN_MEMORY,
		INSN_IMM, 2, 2, 0, 0x14008, 0x1234},
	{"mov (%bx,%si), %ecx", 32, 3, "\x67\x8b\x08", INSN_MOV, INSN_REG, INSN_MEMORY, 4, 4, 1, 0xb000, 0},
	{"mov %es:(%ecx), %ah", 32, 3, "\x26\x8a\x21", INSN_MOV, INSN_REG, INSN_MEMORY, 1, 1, 0, 0x2000, 0},
	{"mov %ss:(%ecx), %al", 32, 3, "\x36\x8a\x01", INSN_MOV, INSN_REG, INSN_MEMORY, 1, 1, 0, 0x2000, 0},
	{"mov 0x1234, %ax", 16, 3, "\xa1\x34\x12", INSN_MOV, INSN_REG, INSN_MEMORY, 2, 2, 0, 0x1234, 0},
	{"mov -2(%bp), %dl", 16, 3, "\x8a\x56\xfe", INSN_MOV, INSN_REG, INSN_MEMORY, 1, 1, 2, 0x5ffe, 0},
	{"mov %cx, 0x10(%bx,%di)", 16, 3, "\x89\x49\x10", INSN_MOV, INSN_MEMORY, INSN_REG, 2, 2, 1, 0xc010,
		0},
	{"movl $1, (%eax)", 16, 8, "\x67\x66\xc7\x00\x01\x00\x00\x00", INSN_MOV, INSN_MEMORY, INSN_IMM, 4, 4,
		0, 0x1000, 1},
};

static struct guest_regs registers(void)
{
	struct guest_regs regs = {.rip = 0x500000};

	for (unsigned int i = 0; i < 16; i++)
		*guest_gpr(&regs, i) = 0x1000 * (i + 1);
	return regs;
}

static int decode(const char *code, size_t count, unsigned int bits, struct insn *ret)
{
	return insn_decode((const uint8_t *)code, count, bits, ret);
}

static void check_row(const struct row *r)
{
	struct guest_regs regs = registers();
	struct insn i;

	assert_int_equal(decode(r->code, r->length, r->bits, &i), 0);
	assert_int_equal(i.length, r->length);
	assert_int_equal(i.op, r->op);
	assert_int_equal(i.dst, r->dst);
	assert_int_equal(i.src, r->src);
	if (i.op == INSN_MOV_CR || i.op == INSN_MOV_DR) {
		assert_int_equal(i.reg, r->reg);
		assert_int_equal(i.rm_reg, r->imm);
	}
	if (r->address == NO_ADDRESS)
		return;
	assert_int_equal(i.bytes, r->bytes);
	assert_int_equal(i.reg_bytes, r->reg_bytes);
	if (r->dst == INSN_REG || r->src == INSN_REG)
		assert_int_equal(i.reg, r->reg);
	assert_int_equal(i.imm, r->imm);
	assert_int_equal(insn_address(&i, &regs, 0), r->address);
}

static void every_row_decodes(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		print_message("# %s\n", rows[k].text);
		check_row(&rows[k]);
	}
}

/* Cut anywhere, it asks for more; it never reads past the end (ASan looks). */
static void a_cut_instruction_asks_for_more(void **state)
{
	struct insn i;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		for (size_t n = 0; n < rows[k].length; n++) {
			uint8_t *copy = malloc(n + 1);
			int err;

			memcpy(copy, rows[k].code, n);
			copy = realloc(copy, n ? n : 1);
			err = insn_decode(copy, n, rows[k].bits, &i);
			free(copy);
			assert_int_equal(err, -ENODATA);
		}
	}
}

static void fifteen_bytes_are_the_limit(void **state)
{
	struct insn i;

	(void)state;
	assert_int_equal(
		decode("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x8b\x08", 15, 64, &i), 0);
	assert_int_equal(i.length, 15);
	assert_int_equal(i.bytes, 2);
	assert_int_equal(
		decode("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x8b\x08", 16, 64, &i),
		-EINVAL);
}

static void prefixes_select_the_segment(void **state)
{
	static const struct {
		const char *code;
		unsigned int count, bits, segment;
	} cases[] = {
		{"\x65\x8b\x01", 3, 64, HVM_GS},
		{"\x64\x8b\x01", 3, 64, HVM_FS},
		{"\x2e\x8b\x01", 3, 64, HVM_DS},
		{"\x8b\x04\x24", 3, 64, HVM_SS},
		{"\x8b\x45\x00", 3, 64, HVM_SS},
		{"\x41\x8b\x45\x00", 4, 64, HVM_DS},
		{"\x26\x8b\x01", 3, 32, HVM_ES},
		{"\x2e\x8b\x01", 3, 32, HVM_CS},
		{"\x36\x8b\x01", 3, 32, HVM_SS},
		{"\x3e\x8b\x45\x00", 4, 32, HVM_DS},
		{"\x8b\x46\x02", 3, 16, HVM_SS},
		{"\x26\xa4", 2, 32, HVM_ES},
		{"\xab", 1, 32, HVM_ES},
	};
	struct insn i;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		assert_int_equal(decode(cases[k].code, cases[k].count, cases[k].bits, &i), 0);
		assert_int_equal(i.segment, cases[k].segment);
	}
}

static void rex_counts_only_just_before_the_opcode(void **state)
{
	struct insn i;

	(void)state;
	assert_int_equal(decode("\x48\x66\x8b\x08", 4, 64, &i), 0);
	assert_int_equal(i.bytes, 2);
	assert_int_equal(decode("\x66\x48\x8b\x08", 4, 64, &i), 0);
	assert_int_equal(i.bytes, 8);
}

static void what_is_not_known_is_refused(void **state)
{
	static const struct {
		const char *code;
		unsigned int count, bits;
		int err;
	} cases[] = {
		{"\x0f\x0b", 2, 64, -EOPNOTSUPP},	  /* UD2 */
		{"\x89\xc8", 2, 64, -EOPNOTSUPP},	  /* register form */
		{"\xc5\xf8\x28\x00", 4, 64, -EOPNOTSUPP}, /* VEX */
		{"\x0f\x28\x00", 3, 64, -EOPNOTSUPP},	  /* MOVAPS */
		{"\x63\x01", 2, 32, -EOPNOTSUPP},	  /* ARPL */
		{"\x90", 1, 64, -EOPNOTSUPP},		  /* NOP */
		{"\xf7\x20", 2, 64, -EOPNOTSUPP},	  /* MUL */
		{"\xff\x10", 2, 64, -EOPNOTSUPP},	  /* CALL */
		{"\xc7\x08\0\0\0\0", 6, 64, -EOPNOTSUPP}, /* group 11 /1 */
		{"\x0f\x01\x10", 3, 64, -EOPNOTSUPP},	  /* LGDT */
		{"\xf0\x8b\x08", 3, 64, -EINVAL},	  /* LOCK on a load */
		{"\xf0\x89\x08", 3, 64, -EINVAL},	  /* LOCK MOV */
		{"\xf0\x83\x38\x01", 4, 64, -EINVAL},	  /* LOCK CMP */
		{"\xf0\x0f\xa3\x08", 4, 64, -EINVAL},	  /* LOCK BT */
		{"\xf0\x0f\xa2", 3, 64, -EINVAL},	  /* LOCK CPUID */
	};
	struct insn i;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(cases); k++)
		assert_int_equal(decode(cases[k].code, cases[k].count, cases[k].bits, &i), cases[k].err);
}

static void registers_are_written_at_their_width(void **state)
{
	struct guest_regs regs = {.rcx = 0x1122334455667788};
	struct insn low = {.reg = 1}, high = {.reg = 1, .reg_high = true};

	(void)state;
	assert_int_equal(insn_reg_get(&regs, &high, 1), 0x77);
	insn_reg_set(&regs, &low, 1, 0xaa);
	assert_int_equal(regs.rcx, 0x11223344556677aa);
	insn_reg_set(&regs, &high, 1, 0xbb);
	assert_int_equal(regs.rcx, 0x112233445566bbaa);
	insn_reg_set(&regs, &low, 2, 0xcccc);
	assert_int_equal(regs.rcx, 0x112233445566cccc);
	insn_reg_set(&regs, &low, 4, 0xdddddddd);
	assert_int_equal(regs.rcx, 0xdddddddd);
	insn_reg_set(&regs, &low, 8, ~0UL);
	assert_int_equal(regs.rcx, ~0UL);
}

static void a_negative_bit_number_moves_down(void **state)
{
	struct guest_regs regs = registers();
	struct insn i;

	(void)state;
	regs.rax = (uint64_t)-1;
	assert_int_equal(decode("\x0f\xab\x01", 3, 64, &i), 0);
	assert_int_equal(insn_address(&i, &regs, 0), 0x1ffc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_decodes),
		cmocka_unit_test(a_cut_instruction_asks_for_more),
		cmocka_unit_test(fifteen_bytes_are_the_limit),
		cmocka_unit_test(prefixes_select_the_segment),
		cmocka_unit_test(rex_counts_only_just_before_the_opcode),
		cmocka_unit_test(what_is_not_known_is_refused),
		cmocka_unit_test(registers_are_written_at_their_width),
		cmocka_unit_test(a_negative_bit_number_moves_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
