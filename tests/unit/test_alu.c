/* SPDX-License-Identifier: GPL-2.0-only */
/* insn_compute() against the machine that runs the test: results and flags, at every width. */
#include "unit.h"
#include <hv/decode.h>

#define ARITHMETIC 0x8d5UL /* OF SF ZF AF PF CF */
#define NO_AF	   0x8c5UL /* AF is undefined after logic */
#define ONLY_CF	   0x001UL

static const uint64_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
	0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x123456789abcdef0};

#define MACHINE_OP(name, insn, suffix, type)                                         \
	static uint64_t name##_##suffix(uint64_t dst, uint64_t src, uint64_t *flags) \
	{                                                                            \
		type d = (type)dst, s = (type)src;                                   \
		uint64_t f = *flags;                                                 \
		__asm__ volatile("pushq %1; popfq; " insn "; pushfq; popq %1"        \
				 : "+r"(d), "+r"(f)                                  \
				 : "r"(s)                                            \
				 : "cc", "memory");                                  \
		*flags = f;                                                          \
		return d;                                                            \
	}

#define MACHINE(name, two)                            \
	MACHINE_OP(name, #name "b " two, 1, uint8_t)  \
	MACHINE_OP(name, #name "w " two, 2, uint16_t) \
	MACHINE_OP(name, #name "l " two, 4, uint32_t) \
	MACHINE_OP(name, #name "q " two, 8, uint64_t)

MACHINE(add, "%2, %0")
MACHINE(or, "%2, %0")
MACHINE(adc, "%2, %0")
MACHINE(sbb, "%2, %0")
MACHINE(and, "%2, %0")
MACHINE(sub, "%2, %0")
MACHINE(xor, "%2, %0")
MACHINE(cmp, "%2, %0")
MACHINE(test, "%2, %0")
MACHINE(not, "%0")
MACHINE(neg, "%0")
MACHINE(inc, "%0")
MACHINE(dec, "%0")

typedef uint64_t (*machine_fn)(uint64_t dst, uint64_t src, uint64_t *flags);

#define ROW(op, name, flags)                                        \
	{                                                           \
		op, {name##_1, name##_2, name##_4, name##_8}, flags \
	}

static const struct {
	uint8_t op;
	machine_fn fn[4];
	uint64_t defined;
} rows[] = {
	ROW(INSN_ADD, add, ARITHMETIC),
	ROW(INSN_OR, or, NO_AF),
	ROW(INSN_ADC, adc, ARITHMETIC),
	ROW(INSN_SBB, sbb, ARITHMETIC),
	ROW(INSN_AND, and, NO_AF),
	ROW(INSN_SUB, sub, ARITHMETIC),
	ROW(INSN_XOR, xor, NO_AF),
	ROW(INSN_CMP, cmp, ARITHMETIC),
	ROW(INSN_TEST, test, NO_AF),
	ROW(INSN_NOT, not, ARITHMETIC),
	ROW(INSN_NEG, neg, ARITHMETIC),
	ROW(INSN_INC, inc, ARITHMETIC),
	ROW(INSN_DEC, dec, ARITHMETIC),
};

static void check(size_t row, unsigned int width, uint64_t dst, uint64_t src, uint64_t carry)
{
	uint64_t flags = 0x2 | carry, want_flags = flags, want, got;
	unsigned int bytes = 1u << width;

	got = insn_compute(rows[row].op, bytes, dst, src, &flags);
	want = rows[row].fn[width](dst, src, &want_flags);
	if (insn_writes(rows[row].op))
		assert_int_equal(got, want);
	assert_int_equal(flags & rows[row].defined, want_flags & rows[row].defined);
	assert_int_equal(flags & ~ARITHMETIC, 0x2);
}

static void each_operation_is_the_machines(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++)
		for (unsigned int width = 0; width < 4; width++)
			for (size_t a = 0; a < ARRAY_SIZE(values); a++)
				for (size_t b = 0; b < ARRAY_SIZE(values); b++)
					for (uint64_t carry = 0; carry < 2; carry++)
						check(r, width, values[a], values[b], carry);
}

static void bits_change_alone(void **state)
{
	uint64_t flags = 0x2 | 0x40;

	(void)state;
	assert_int_equal(insn_compute(INSN_BTS, 4, 0, 35, &flags), 8);
	assert_int_equal(flags, 0x42);
	assert_int_equal(insn_compute(INSN_BTR, 4, 0xffffffff, 31, &flags), 0x7fffffff);
	assert_int_equal(flags, 0x43);
	assert_int_equal(insn_compute(INSN_BTC, 8, 0, 63, &flags), 1UL << 63);
	assert_int_equal(flags, 0x42);
	assert_int_equal(insn_compute(INSN_BT, 2, 0x8000, 15, &flags), 0x8000);
	assert_int_equal(flags, 0x43);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_is_the_machines),
		cmocka_unit_test(bits_change_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
