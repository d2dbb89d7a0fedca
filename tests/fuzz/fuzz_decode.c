/* SPDX-License-Identifier: GPL-2.0-only */
/* The instruction decoder on any bytes: what it accepts is consistent, and the same when more follows. */
#include <stdlib.h>
#include <string.h>
#include <hv/decode.h>
#include <hv/hvm.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void check(const struct insn *i, size_t size)
{
	struct guest_regs regs = {.rax = ~0UL, .rsi = 1};
	uint64_t flags = 2;

	require(i->length >= 1 && i->length <= INSN_MAX && i->length <= size);
	require(i->op > INSN_BAD && i->op < INSN_OPS);
	require(i->reg < 16 && i->rm_reg < 16);
	if (i->dst == INSN_NOWHERE)
		return;
	require(i->dst == INSN_MEMORY || i->src == INSN_MEMORY);
	require(i->bytes == 1 || i->bytes == 2 || i->bytes == 4 || i->bytes == 8);
	require(i->segment <= HVM_GS);
	(void)insn_address(i, &regs, 0);
	(void)insn_compute(i->op, i->bytes, ~0UL, i->imm, &flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int modes[] = {16, 32, 64};
	uint8_t longer[32] = {0};
	struct insn i, again;
	unsigned int bits;

	if (size < 1 || size > 16)
		return 0;
	bits = modes[data[0] % 3];
	memset(&i, 0, sizeof(i));
	if (insn_decode(data + 1, size - 1, bits, &i) < 0)
		return 0;
	check(&i, size - 1);
	memcpy(longer, data + 1, size - 1);
	memset(&again, 0, sizeof(again));
	require(insn_decode(longer, sizeof(longer), bits, &again) == 0);
	require(again.op == i.op && again.length == i.length && again.imm == i.imm && again.disp == i.disp);
	return 0;
}
