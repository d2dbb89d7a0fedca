/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rows about one function come to: the deciding ones, requester ids, reset methods, contradictions. */
#include <pt/reset_program.h>
#include "quirks_priv.h"

/* --- One row for each action. --- */

static bool value_smaller_wins(unsigned int action)
{
	return action == QUIRK_CFG_BYTES || action == QUIRK_PAYLOAD_MAX;
}

static bool row_beats(const struct quirk *row, const struct quirk *old)
{
	bool certain = row->condition == QUIRK_ALWAYS;

	if (certain != (old->condition == QUIRK_ALWAYS))
		return certain;
	return value_smaller_wins(row->action) ? row->value < old->value : row->value > old->value;
}

void quirk_lookup(const struct quirk_id *id, struct quirk_set *ret_set)
{
	struct quirk_iter iter;
	const struct quirk *row;

	*ret_set = (struct quirk_set){{NULL}};
	quirk_start(&iter, id, QUIRK_ALL_KINDS);
	while ((row = quirk_next(&iter))) {
		const struct quirk **slot = &ret_set->row[row->action];

		if (!*slot || row_beats(row, *slot))
			*slot = row;
	}
}

bool quirk_has(const struct quirk_set *set, enum quirk_action action)
{
	return (unsigned int)action < QUIRK_ACTIONS && set->row[action];
}

uint32_t quirk_value(const struct quirk_set *set, enum quirk_action action, uint32_t otherwise)
{
	return quirk_has(set, action) ? set->row[action]->value : otherwise;
}

/* --- Requester ids. --- */

#define DEVFNS 256U

static void alias_add(struct quirk_aliases *aliases, uint32_t devfn)
{
	uint32_t *word = &aliases->devfn[devfn % DEVFNS / 32], bit = 1U << devfn % 32;

	if (*word & bit)
		return;
	*word |= bit;
	aliases->count++;
}

static void alias_add_slots(struct quirk_aliases *aliases, uint32_t functions)
{
	for (uint32_t devfn = 0; devfn < DEVFNS; devfn++)
		if (devfn % 8 < functions)
			alias_add(aliases, devfn);
}

static void alias_add_row(struct quirk_aliases *aliases, const struct quirk *row, uint8_t devfn)
{
	switch (row->action) {
	case QUIRK_ALIAS_FUNCTION:
		alias_add(aliases, (devfn & 0xf8U) | (row->value & 7));
		break;
	case QUIRK_ALIAS_DEVFN:
		alias_add(aliases, row->value);
		break;
	case QUIRK_ALIAS_SLOTS:
		alias_add_slots(aliases, row->value);
		break;
	case QUIRK_ALIAS_BUS:
	case QUIRK_ALIAS_TABLE:
		alias_add_slots(aliases, 8);
		break;
	default:
		break;
	}
}

void quirk_aliases(const struct quirk_id *id, uint8_t devfn, struct quirk_aliases *ret_aliases)
{
	struct quirk_iter iter;
	const struct quirk *row;
	uint32_t own = 1U << devfn % 32;

	*ret_aliases = (struct quirk_aliases){{0}, 0};
	quirk_start(&iter, id, 1U << QUIRK_KIND_ALIAS);
	while ((row = quirk_next(&iter)))
		alias_add_row(ret_aliases, row, devfn);
	if (!(ret_aliases->devfn[devfn / 32] & own))
		return;
	ret_aliases->devfn[devfn / 32] &= ~own;
	ret_aliases->count--;
}

/* --- Reset. --- */

/* What an action takes away. */
static const struct {
	uint8_t action;
	uint8_t methods;
} forbids[] = {
	{QUIRK_NO_SBR, QUIRK_BY_SBR},
	{QUIRK_NO_FLR, QUIRK_BY_FLR},
	{QUIRK_NO_PM_RESET, QUIRK_BY_PM},
	{QUIRK_NO_D3, QUIRK_BY_PM},
	{QUIRK_NO_RESET, QUIRK_METHODS},
};

static uint32_t methods_forbidden(const struct quirk_set *set)
{
	uint32_t methods = 0;

	for (size_t i = 0; i < ARRAY_SIZE(forbids); i++)
		if (quirk_has(set, forbids[i].action))
			methods |= forbids[i].methods;
	return methods;
}

/* A program whose reset is a function-level reset cannot be used where that one hangs. */
static bool program_uses_flr(const struct quirk_set *set)
{
	return quirk_has(set, QUIRK_PROGRAM) &&
	       quirk_value(set, QUIRK_PROGRAM, 0) != QUIRK_PROGRAM_IVB_GRAPHICS;
}

uint32_t quirk_methods_left(const struct quirk_set *set, uint32_t methods)
{
	uint32_t forbidden = methods_forbidden(set);

	methods &= QUIRK_METHODS & ~(uint32_t)QUIRK_BY_PROGRAM;
	if (quirk_has(set, QUIRK_PROGRAM) && !(program_uses_flr(set) && forbidden & QUIRK_BY_FLR))
		methods |= QUIRK_BY_PROGRAM;
	return methods & ~forbidden;
}

/* --- Contradictions. --- */

static bool interrupts_gone(const struct quirk_set *set)
{
	bool msi = !quirk_has(set, QUIRK_NO_MSI) && !quirk_has(set, QUIRK_NO_MSI_SYSTEM);

	return !msi && quirk_has(set, QUIRK_HIDE_INTX);
}

static uint32_t reset_contradictions(const struct quirk_set *set, uint32_t methods)
{
	uint32_t forbidden = methods_forbidden(set), found = 0;

	if ((methods || quirk_has(set, QUIRK_PROGRAM)) && !quirk_methods_left(set, methods))
		found |= QUIRK_NO_METHOD_LEFT;
	if (quirk_value(set, QUIRK_PREFER, 0) & forbidden)
		found |= QUIRK_PREFERS_FORBIDDEN;
	if (program_uses_flr(set) && forbidden & QUIRK_BY_FLR)
		found |= QUIRK_PROGRAM_FORBIDDEN;
	return found;
}

/* Two statements that cannot both be true of one function. */
static const struct {
	uint8_t action, other;
	uint32_t contradiction;
} exclusive[] = {
	{QUIRK_ACS_EQUIVALENT, QUIRK_ACS_DWORDS, QUIRK_ACS_BOTH},
	{QUIRK_ACS_PCH, QUIRK_ACS_DWORDS, QUIRK_ACS_BOTH},
	{QUIRK_D3HOT_DELAY, QUIRK_D3HOT_NO_DELAY, QUIRK_DELAYS_DISAGREE},
	{QUIRK_BARS_INVALID, QUIRK_BAR_BYTES, QUIRK_BARS_DISAGREE},
	{QUIRK_BARS_INVALID, QUIRK_BAR_SIZE_REG, QUIRK_BARS_DISAGREE},
};

uint32_t quirk_contradictions(const struct quirk_set *set, uint32_t methods)
{
	uint32_t found = reset_contradictions(set, methods);

	for (size_t i = 0; i < ARRAY_SIZE(exclusive); i++)
		if (quirk_has(set, exclusive[i].action) && quirk_has(set, exclusive[i].other))
			found |= exclusive[i].contradiction;
	if (interrupts_gone(set))
		found |= QUIRK_NO_INTERRUPT_LEFT;
	return found;
}

/* By bit number of enum quirk_contradiction. */
static const char *const texts[] = {
	"no reset method is left: every one it has is known not to work",
	"the preferred reset method is known not to work",
	"its reset program starts with a method that is known not to work",
	"no interrupt is left: neither MSI nor INTx may be used",
	"it is said to isolate, and its access control registers are said to be broken",
	"it is said to need a delay from D3hot, and to need none",
	"it is said to have no BARs, and its BARs are said to have a size",
};

BUILD_ASSERT(1U << ARRAY_SIZE(texts) == QUIRK_CONTRADICTIONS_END);

const char *quirk_contradiction_text(uint32_t bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (bit == 1U << i)
			return texts[i];
	return NULL;
}
