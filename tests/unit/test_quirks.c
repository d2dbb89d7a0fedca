/* SPDX-License-Identifier: GPL-2.0-only */
/* The quirk database: the shape of its tables, the lookup against a plain scan of all rows, and well-known devices. */
#include "unit.h"
#include "unit_random.h"

#include <pt/pci.h>
#include <pt/pci_regs.h>
#include <pt/reset_program.h>
#include <quirks.h>

#include "pci.h"

#define ROWS_MIN	    400
#define ALL_WHERE_BUT_TYPES (QUIRK_ON_ROOT_BUS | QUIRK_BELOW_EXPRESS | QUIRK_MULTIFUNCTION | QUIRK_BRIDGE)

#define for_each_row(kind, row)                                                  \
	for (unsigned int kind = 0; kind < QUIRK_KINDS; kind++)                  \
		for (size_t number_ = 0; number_ < quirk_count(kind); number_++) \
			if (((row) = quirk_row(kind, number_)))

/* A function that the key is about: this device id and revision, and no place but the ones that are asked for. */
static struct quirk_id id_of_key(const struct quirk_key *key, uint16_t device, uint8_t revision)
{
	return (struct quirk_id){
		.vendor = key->vendor == QUIRK_ANY_VENDOR ? 0x1234 : key->vendor,
		.device = device,
		.subvendor = key->subvendor,
		.subdevice = key->subdevice,
		.class_code = key->class_value,
		.where = key->where,
		.revision = revision,
	};
}

static struct quirk_id id_of(uint16_t vendor, uint16_t device)
{
	return (struct quirk_id){.vendor = vendor, .device = device};
}

static bool finds(const struct quirk_id *id, const struct quirk *wanted)
{
	struct quirk_iter iter;
	const struct quirk *row;
	unsigned int times = 0;

	quirk_start(&iter, id, QUIRK_ALL_KINDS);
	while ((row = quirk_next(&iter)))
		times += row == wanted;
	assert_true(times <= 1);
	return times;
}

static bool says(struct quirk_id id, enum quirk_action action)
{
	struct quirk_set set;

	quirk_lookup(&id, &set);
	return quirk_has(&set, action);
}

static uint32_t value_of(struct quirk_id id, enum quirk_action action)
{
	struct quirk_set set;

	quirk_lookup(&id, &set);
	return quirk_value(&set, action, 0xdeadbeef);
}

/* --- The tables. --- */

static void test_rows_are_complete(void **state)
{
	const struct quirk *row;
	size_t count = 0;

	(void)state;
	for_each_row(kind, row)
	{
		assert_int_equal(quirk_kind_of(row->action), kind);
		assert_true(row->condition < QUIRK_CONDITIONS);
		assert_non_null(row->reason);
		assert_true(strlen(row->reason) >= 15 && strlen(row->reason) <= 130);
		assert_non_null(row->source);
		assert_non_null(strchr(row->source, ' ')); /* what, and where in it */
		assert_int_equal(row->key.class_value & ~row->key.class_mask, 0);
		assert_int_equal(!row->key.subvendor, !row->key.subdevice);
		assert_true(row->key.first <= row->key.last);
		assert_true(!row->key.rev_end || row->key.rev_first < row->key.rev_end);
		assert_true(row->key.rev_end <= 0x100);
		count++;
	}
	assert_true(count >= ROWS_MIN);
	assert_null(quirk_row(QUIRK_KINDS, 0));
	assert_null(quirk_row(0, quirk_count(0)));
	assert_int_equal(quirk_count(QUIRK_KINDS), 0);
}

/* Whoever asks for a vendor or for any must say more: a class, a place. */
static void test_wide_rows_are_narrowed(void **state)
{
	const struct quirk *row;

	(void)state;
	for_each_row(kind, row) if (quirk_level(&row->key) >= 2)
		assert_true(row->key.class_mask || row->key.where);
}

static void check_order(const struct quirk_key *a, const struct quirk_key *b)
{
	if (quirk_level(a) != quirk_level(b)) {
		assert_true(quirk_level(a) < quirk_level(b));
		return;
	}
	if (a->vendor != b->vendor) {
		assert_true(a->vendor < b->vendor);
		return;
	}
	if (a->first == b->first)
		assert_int_equal(a->last, b->last);
	else
		assert_true(a->last < b->first);
}

static void test_tables_are_sorted(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < QUIRK_KINDS; kind++) {
		assert_true(quirk_count(kind) > 0);
		for (size_t i = 1; i < quirk_count(kind); i++)
			check_order(&quirk_row(kind, i - 1)->key, &quirk_row(kind, i)->key);
	}
}

/* What a row says, no other row says of the same function: it would be there twice. */
static void test_no_row_is_there_twice(void **state)
{
	const struct quirk *row;

	(void)state;
	for_each_row(kind, row)
	{
		struct quirk_id id = id_of_key(&row->key, row->key.first, (uint8_t)row->key.rev_first);
		const struct quirk *other;
		struct quirk_iter iter;

		quirk_start(&iter, &id, 1U << kind);
		while ((other = quirk_next(&iter)))
			assert_true(
				other == row || other->action != row->action || other->value != row->value);
	}
}

static void test_each_row_is_reached(void **state)
{
	const struct quirk *row;

	(void)state;
	for_each_row(kind, row)
	{
		const struct quirk_key *key = &row->key;
		uint8_t low = (uint8_t)key->rev_first, high = (uint8_t)(key->rev_end - 1U);
		struct quirk_id id = id_of_key(key, key->first, low);

		assert_true(finds(&id, row));
		id = id_of_key(key, key->last, high);
		assert_true(finds(&id, row));
		id.where |= ALL_WHERE_BUT_TYPES;
		assert_true(finds(&id, row));
	}
}

/* One step beside what a key asks for, the row is not found. */
static void test_each_row_ends(void **state)
{
	const struct quirk *row;

	(void)state;
	for_each_row(kind, row)
	{
		const struct quirk_key *key = &row->key;
		struct quirk_id good = id_of_key(key, key->first, (uint8_t)key->rev_first), id = good;

		if (key->first) {
			id.device = key->first - 1;
			assert_false(finds(&id, row));
		}
		if (key->last != 0xffff) {
			id.device = key->last + 1;
			assert_false(finds(&id, row));
		}
		id = good;
		id.vendor ^= 1;
		assert_true(key->vendor == QUIRK_ANY_VENDOR || !finds(&id, row));
		id = good;
		id.subdevice ^= 1;
		assert_true(!key->subvendor || !finds(&id, row));
		id = good;
		id.class_code ^= key->class_mask & -key->class_mask;
		assert_true(!key->class_mask || !finds(&id, row));
		id = good;
		id.where = 0;
		assert_true(!key->where || !finds(&id, row));
		id = good;
		id.revision = (uint8_t)key->rev_end;
		assert_true(!key->rev_end || key->rev_end > 0xff || !finds(&id, row));
		id.revision = (uint8_t)(key->rev_first - 1U);
		assert_true(!key->rev_first || !finds(&id, row));
	}
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < QUIRK_ACTIONS; i++) {
		assert_non_null(quirk_action_name(i));
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(quirk_action_name(i), quirk_action_name(j));
	}
	for (unsigned int i = 0; i < QUIRK_KINDS; i++)
		assert_non_null(quirk_kind_name(i));
	for (unsigned int i = 0; i < QUIRK_CONDITIONS; i++)
		assert_non_null(quirk_condition_name(i));
	assert_string_equal(quirk_kind_name(QUIRK_KIND_DENY), "deny");
	assert_string_equal(quirk_action_name(QUIRK_NO_FLR), "no-flr");
	assert_string_equal(quirk_condition_name(QUIRK_IF_FIRMWARE), "if-firmware");
	assert_int_equal(quirk_kind_of(QUIRK_ACTIONS), QUIRK_KINDS);
	assert_null(quirk_kind_name(QUIRK_KINDS));
	assert_null(quirk_action_name(QUIRK_ACTIONS));
	assert_null(quirk_condition_name(QUIRK_CONDITIONS));
}

/* --- The lookup. --- */

/* Table by table, part by part: the order of the tables is the order of the answers. */
static void check_against_scan(const struct quirk_id *id, uint32_t kinds)
{
	struct quirk_iter iter;
	const struct quirk *row;

	quirk_start(&iter, id, kinds);
	for_each_row(kind, row)
	{
		if (kinds & 1U << kind && quirk_matches(&row->key, id))
			assert_ptr_equal(quirk_next(&iter), row);
	}
	assert_null(quirk_next(&iter));
	assert_null(quirk_next(&iter));
}

static void test_lookup_finds_what_a_scan_finds(void **state)
{
	const struct quirk *row;
	uint32_t seed = 7;

	(void)state;
	for_each_row(kind, row)
	{
		for (int step = -1; step <= 1; step++) {
			struct quirk_id id = id_of_key(&row->key, (uint16_t)(row->key.first + step), 0);

			id.class_code |= unit_random(&seed) & ~row->key.class_mask & 0xffffff;
			id.where |= unit_random(&seed) & (QUIRK_TYPES | ALL_WHERE_BUT_TYPES);
			id.revision = (uint8_t)unit_random(&seed);
			check_against_scan(&id, QUIRK_ALL_KINDS);
			check_against_scan(&id, unit_random(&seed));
		}
	}
}

static void test_edges_of_the_id_space(void **state)
{
	static const uint16_t edge[] = {0, 1, 0x7fff, 0xfffe, 0xffff};

	(void)state;
	for (size_t v = 0; v < ARRAY_SIZE(edge); v++)
		for (size_t d = 0; d < ARRAY_SIZE(edge); d++) {
			struct quirk_id id = id_of(edge[v], edge[d]);

			check_against_scan(&id, QUIRK_ALL_KINDS);
			check_against_scan(&id, 0);
			check_against_scan(&id, ~0U);
		}
}

static void test_unknown_device(void **state)
{
	struct quirk_id id = id_of(0x8086, 0x100e);
	struct quirk_set set;

	(void)state;
	quirk_lookup(&id, &set);
	for (unsigned int i = 0; i < QUIRK_ACTIONS; i++)
		assert_false(quirk_has(&set, i));
	assert_false(quirk_has(&set, QUIRK_ACTIONS));
	assert_int_equal(quirk_value(&set, QUIRK_PAYLOAD_MAX, 4096), 4096);
}

/* Both a statement of the vendor and the rule for integrated endpoints: the one that gives more decides. */
static void test_larger_value_wins(void **state)
{
	struct quirk_id id = id_of(0x8086, 0x15b7);

	(void)state;
	id.where = QUIRK_RC_ENDPOINT;
	assert_int_equal(value_of(id, QUIRK_ACS_EQUIVALENT), QUIRK_ACS_PORT | QUIRK_ACS_TB | QUIRK_ACS_DT);
	id.device = 0x15f9;
	assert_int_equal(value_of(id, QUIRK_ACS_EQUIVALENT), QUIRK_ACS_PORT);
}

/* --- Known devices. --- */

static void test_reset_rows(void **state)
{
	struct quirk_id snet = id_of(0xd063, 0x1000), radeon = id_of(0x1002, 0x6613),
			sm961 = id_of(0x144d, 0xa804);

	(void)state;
	assert_true(says(id_of(0x168c, 0x003c), QUIRK_NO_SBR));
	assert_false(says(id_of(0x168c, 0x003d), QUIRK_NO_SBR));
	assert_true(says(id_of(0x8086, 0x1502), QUIRK_NO_FLR));
	assert_true(says(id_of(0x104c, 0xb005), QUIRK_LEAKS_STATE));
	assert_int_equal(value_of(id_of(0x1b21, 0x1164), QUIRK_PREFER), QUIRK_BY_PM);
	assert_int_equal(value_of(id_of(0x8086, 0x10ed), QUIRK_PROGRAM), QUIRK_PROGRAM_FLR_UNADVERTISED);
	assert_int_equal(value_of(id_of(0x19e5, 0x375e), QUIRK_PROGRAM), QUIRK_PROGRAM_HINIC_VF);
	assert_int_equal(value_of(id_of(0x5555, 4), QUIRK_DELAY_AFTER_RESET), 1000);
	assert_false(says(radeon, QUIRK_NO_PM_RESET));
	radeon.class_code = 0x030000;
	assert_true(says(radeon, QUIRK_NO_PM_RESET));
	assert_false(says(sm961, QUIRK_PROGRAM));
	sm961.class_code = 0x010802;
	assert_int_equal(value_of(sm961, QUIRK_PROGRAM), QUIRK_PROGRAM_NVME_OFF_FLR);
	assert_false(says(snet, QUIRK_NO_FLR));
	snet.revision = 1;
	assert_true(says(snet, QUIRK_NO_FLR));
	snet.revision = 2;
	assert_false(says(snet, QUIRK_NO_FLR));
}

static void test_mask_edges(void **state)
{
	(void)state;
	assert_false(says(id_of(0x10de, 0x233f), QUIRK_NO_SBR));
	assert_true(says(id_of(0x10de, 0x2340), QUIRK_NO_SBR));
	assert_true(says(id_of(0x10de, 0x237f), QUIRK_NO_SBR));
	assert_false(says(id_of(0x10de, 0x2380), QUIRK_NO_SBR));
	assert_false(says(id_of(0x1425, 0x3fff), QUIRK_PROGRAM));
	assert_true(says(id_of(0x1425, 0x4000), QUIRK_PROGRAM));
	assert_true(says(id_of(0x1425, 0x4fff), QUIRK_PROGRAM));
	assert_false(says(id_of(0x1425, 0x5000), QUIRK_PROGRAM));
	assert_true(says(id_of(0x8086, 0x4943), QUIRK_ATS_FLUSH_TWICE));
	assert_false(says(id_of(0x8086, 0x4944), QUIRK_ATS_FLUSH_TWICE));
}

static void test_revision_edges(void **state)
{
	struct quirk_id e2000 = id_of(0x8086, 0x1457), ioh = id_of(0x8086, 0x3405);

	(void)state;
	assert_true(says(e2000, QUIRK_NO_ATS));
	e2000.revision = 0x1f;
	assert_true(says(e2000, QUIRK_NO_ATS));
	e2000.revision = 0x20;
	assert_false(says(e2000, QUIRK_NO_ATS));
	for (unsigned int revision = 0; revision <= 0xff; revision++) {
		ioh.revision = (uint8_t)revision;
		assert_int_equal(says(ioh, QUIRK_NO_INTREMAP), revision <= 0x13 || revision == 0x22);
	}
}

static void test_position(void **state)
{
	struct quirk_id pch = id_of(0x8086, 0x8c16), bridge = id_of(0x1b21, 0x1080);

	(void)state;
	assert_false(says(pch, QUIRK_ACS_PCH));
	pch.where = QUIRK_ROOT_PORT | QUIRK_BRIDGE | QUIRK_ON_ROOT_BUS;
	assert_true(says(pch, QUIRK_ACS_PCH));
	pch.device = 0xa119;
	assert_true(says(pch, QUIRK_ACS_DWORDS));
	assert_false(says(pch, QUIRK_ACS_PCH));
	bridge.where = QUIRK_BRIDGE | QUIRK_NOT_EXPRESS | QUIRK_ON_ROOT_BUS;
	assert_false(says(bridge, QUIRK_ALIAS_BRIDGE));
	bridge.where = QUIRK_BRIDGE | QUIRK_NOT_EXPRESS | QUIRK_BELOW_EXPRESS;
	assert_true(says(bridge, QUIRK_ALIAS_BRIDGE));
}

static void test_other_rows(void **state)
{
	struct quirk_id host = id_of(0x1b36, 0x0008), vf = id_of(0x8086, 0x0443);
	struct quirk_set set;

	(void)state;
	host.class_code = 0x060000;
	assert_true(says(host, QUIRK_BAR_DECODE_ON));
	assert_true(says(vf, QUIRK_DENIED));
	assert_int_equal(value_of(vf, QUIRK_CAP_AT), 0x50);
	assert_true(says(id_of(0x8086, 0x1583), QUIRK_HIDE_INTX));
	assert_false(says(id_of(0x8086, 0x1582), QUIRK_HIDE_INTX));
	assert_int_equal(value_of(id_of(0x19ee, 0x6003), QUIRK_CFG_BYTES), 0x600);
	assert_int_equal(value_of(id_of(0x8086, 0x25e7), QUIRK_D3HOT_DELAY), 120);
	assert_true(says(id_of(0x8086, 0x25e7), QUIRK_NO_D1_D2));
	vf = id_of(0x15b3, 0x1013);
	quirk_lookup(&vf, &set);
	assert_int_equal(set.row[QUIRK_INTX_MASK_BROKEN]->condition, QUIRK_IF_FIRMWARE);
}

/* --- Requester ids. --- */

static bool alias_has(const struct quirk_aliases *aliases, uint8_t devfn)
{
	return aliases->devfn[devfn / 32] & 1U << devfn % 32;
}

static void test_aliases_of_a_slot(void **state)
{
	struct quirk_id marvell = id_of(0x1b4b, 0x9230), none = id_of(0x1b4b, 0x9231);
	struct quirk_aliases aliases;

	(void)state;
	quirk_aliases(&marvell, 0x38, &aliases);
	assert_int_equal(aliases.count, 1);
	assert_true(alias_has(&aliases, 0x39));
	quirk_aliases(&marvell, 0x39, &aliases); /* is function 1 itself */
	assert_int_equal(aliases.count, 0);
	assert_false(alias_has(&aliases, 0x39));
	quirk_aliases(&none, 0x38, &aliases);
	assert_int_equal(aliases.count, 0);
}

static void test_aliases_of_a_bus(void **state)
{
	struct quirk_id mic = id_of(0x8086, 0x2260), vca = id_of(0x8086, 0x2955), plx = id_of(0x10b5, 0x87b0);
	struct quirk_id switchtec = id_of(0x11f8, 0x4352);
	struct quirk_aliases aliases;

	(void)state;
	quirk_aliases(&mic, 0, &aliases);
	assert_int_equal(aliases.count, 3);
	assert_true(alias_has(&aliases, 0x10 << 3) && alias_has(&aliases, 0x11 << 3));
	assert_true(alias_has(&aliases, 0x12 << 3 | 3));
	quirk_aliases(&vca, 0, &aliases);
	assert_int_equal(aliases.count, 5 * 32 - 1);
	assert_true(alias_has(&aliases, 0xfc));
	assert_false(alias_has(&aliases, 0xfd));
	quirk_aliases(&plx, 0xff, &aliases);
	assert_int_equal(aliases.count, 255);
	quirk_aliases(&switchtec, 0, &aliases);
	assert_int_equal(aliases.count, 0);
	switchtec.class_code = 0x068000;
	quirk_aliases(&switchtec, 0, &aliases);
	assert_int_equal(aliases.count, 255);
}

static void test_alias_of_a_subsystem(void **state)
{
	struct quirk_id adaptec = id_of(0x9005, 0x0285);
	struct quirk_aliases aliases;

	(void)state;
	quirk_aliases(&adaptec, 0x70, &aliases);
	assert_int_equal(aliases.count, 0);
	adaptec.subvendor = 0x9005;
	adaptec.subdevice = 0x02bc;
	quirk_aliases(&adaptec, 0x70, &aliases);
	assert_int_equal(aliases.count, 1);
	assert_true(alias_has(&aliases, 0x08));
}

/* --- Reset methods and contradictions. --- */

static const struct quirk said[QUIRK_ACTIONS];

static struct quirk_set set_of(const enum quirk_action *actions, size_t count)
{
	struct quirk_set set = {{NULL}};

	for (size_t i = 0; i < count; i++)
		set.row[actions[i]] = &said[actions[i]];
	return set;
}

#define SET(...)                                   \
	set_of((enum quirk_action[]){__VA_ARGS__}, \
		sizeof((enum quirk_action[]){__VA_ARGS__}) / sizeof(enum quirk_action))

static void test_methods_left(void **state)
{
	struct quirk_set set = SET(QUIRK_NO_SBR, QUIRK_NO_PM_RESET);
	uint32_t all = QUIRK_BY_FLR | QUIRK_BY_PM | QUIRK_BY_SBR;

	(void)state;
	assert_int_equal(quirk_methods_left(&set, all), QUIRK_BY_FLR);
	assert_int_equal(quirk_methods_left(&set, QUIRK_BY_PM | QUIRK_BY_SBR), 0);
	set = SET(QUIRK_NO_FLR);
	assert_int_equal(quirk_methods_left(&set, all), QUIRK_BY_PM | QUIRK_BY_SBR);
	set = SET(QUIRK_NO_D3);
	assert_int_equal(quirk_methods_left(&set, all), QUIRK_BY_FLR | QUIRK_BY_SBR);
	set = SET(QUIRK_PROGRAM); /* value 0: a program that is a function-level reset */
	assert_int_equal(quirk_methods_left(&set, 0), QUIRK_BY_PROGRAM);
	set = SET(QUIRK_PROGRAM, QUIRK_NO_FLR);
	assert_int_equal(quirk_methods_left(&set, QUIRK_BY_FLR), 0);
	set = SET(QUIRK_PROGRAM, QUIRK_NO_RESET);
	assert_int_equal(quirk_methods_left(&set, all), 0);
	set = SET(QUIRK_DENIED); /* nobody has a program without a row that says so */
	assert_int_equal(quirk_methods_left(&set, QUIRK_METHODS), all);
}

static void test_contradictions(void **state)
{
	struct quirk prefers = {.action = QUIRK_PREFER, .value = QUIRK_BY_PM};
	struct quirk_set set = SET(QUIRK_NO_SBR, QUIRK_NO_PM_RESET);

	(void)state;
	assert_int_equal(quirk_contradictions(&set, QUIRK_BY_PM | QUIRK_BY_SBR), QUIRK_NO_METHOD_LEFT);
	assert_int_equal(quirk_contradictions(&set, QUIRK_BY_FLR | QUIRK_BY_SBR), 0);
	assert_int_equal(quirk_contradictions(&set, 0), 0); /* has none: not the tables' doing */
	set.row[QUIRK_PREFER] = &prefers;
	assert_int_equal(quirk_contradictions(&set, QUIRK_METHODS), QUIRK_PREFERS_FORBIDDEN);
	set = SET(QUIRK_PROGRAM, QUIRK_NO_FLR);
	assert_int_equal(quirk_contradictions(&set, QUIRK_BY_SBR), QUIRK_PROGRAM_FORBIDDEN);
	assert_int_equal(
		quirk_contradictions(&set, QUIRK_BY_FLR), QUIRK_PROGRAM_FORBIDDEN | QUIRK_NO_METHOD_LEFT);
	set = SET(QUIRK_HIDE_INTX);
	assert_int_equal(quirk_contradictions(&set, 0), 0);
	set = SET(QUIRK_HIDE_INTX, QUIRK_NO_MSI_SYSTEM);
	assert_int_equal(quirk_contradictions(&set, 0), QUIRK_NO_INTERRUPT_LEFT);
	set = SET(QUIRK_ACS_PCH, QUIRK_ACS_DWORDS);
	assert_int_equal(quirk_contradictions(&set, 0), QUIRK_ACS_BOTH);
	set = SET(QUIRK_D3HOT_DELAY, QUIRK_D3HOT_NO_DELAY, QUIRK_BARS_INVALID, QUIRK_BAR_BYTES);
	assert_int_equal(quirk_contradictions(&set, 0), QUIRK_DELAYS_DISAGREE | QUIRK_BARS_DISAGREE);
}

static void test_contradiction_texts(void **state)
{
	(void)state;
	for (uint32_t bit = 1; bit < QUIRK_CONTRADICTIONS_END; bit <<= 1)
		assert_non_null(quirk_contradiction_text(bit));
	assert_null(quirk_contradiction_text(QUIRK_CONTRADICTIONS_END));
	assert_null(quirk_contradiction_text(3));
	assert_null(quirk_contradiction_text(0));
}

/* What the tables themselves contradict, for a function that has every method: one device is known to have no way out. */
static void test_contradictions_of_the_tables(void **state)
{
	const struct quirk *row;
	size_t stuck = 0;

	(void)state;
	for_each_row(kind, row)
	{
		struct quirk_id id = id_of_key(&row->key, row->key.first, (uint8_t)row->key.rev_first);
		struct quirk_set set;
		uint32_t found;

		quirk_lookup(&id, &set);
		found = quirk_contradictions(&set, QUIRK_METHODS);
		if (id.vendor == 0x1002 && id.device == 0x75a3) {
			assert_int_equal(found, QUIRK_NO_METHOD_LEFT);
			stuck++;
		} else {
			assert_int_equal(found, 0);
		}
	}
	assert_int_equal(stuck, 1);
}

/* A Radeon on which only power management and bus reset exist, and the bus may not be reset for its neighbour's sake. */
static void test_radeon_without_flr(void **state)
{
	struct quirk_id id = id_of(0x1002, 0x6613);
	struct quirk_set set;

	(void)state;
	id.class_code = 0x030000;
	quirk_lookup(&id, &set);
	assert_int_equal(quirk_methods_left(&set, QUIRK_BY_PM | QUIRK_BY_SBR), QUIRK_BY_SBR);
	assert_int_equal(quirk_contradictions(&set, QUIRK_BY_PM), QUIRK_NO_METHOD_LEFT);
}

/* --- Programs. --- */

static void test_programs(void **state)
{
	bool used[QUIRK_PROGRAMS] = {false};
	const struct quirk *row;

	(void)state;
	for_each_row(kind, row) if (row->action == QUIRK_PROGRAM)
	{
		assert_true(row->value < QUIRK_PROGRAMS);
		used[row->value] = true;
	}
	for (uint32_t i = 0; i < QUIRK_PROGRAMS; i++) {
		uint32_t ms;

		assert_true(used[i]);
		assert_int_equal(reset_program_check(quirk_program(i), &ms), 0);
		assert_true(ms >= 100);
	}
	assert_null(quirk_program(QUIRK_PROGRAMS));
}

/* --- From the registry. --- */

static void test_id_of_a_device(void **state)
{
	struct fake_fn *fn;
	struct pci_registry registry = {0};
	static const struct pci_scan_range range = {.end_bus = 2};
	struct quirk_id id;

	(void)state;
	fake_reset();
	fn = fake_pci_bridge(SBDF(0, 0, 28, 0), 1, 2);
	fake_pci_express(fn, 0x40, PCI_PCIE_ROOT_PORT);
	fn = fake_pci_bridge(SBDF(0, 1, 0, 0), 2, 2);
	fake_cfg_set16(fn, PCI_VENDOR, 0x1b21);
	fake_cfg_set16(fn, PCI_DEVICE, 0x1080);
	fn = fake_pci_endpoint(SBDF(0, 2, 0, 0), 0x10ec, 0x8169);
	fake_cfg_set16(fn, PCI_SUBVENDOR, 0x1234);
	fake_cfg_set16(fn, PCI_SUBDEVICE, 0x5678);
	fake_pci_multifunction(fn);
	assert_int_equal(pci_scan(&registry, &range, 1, 0), 0);
	quirk_id_of(pci_find(&registry, SBDF(0, 0, 28, 0)), &id);
	assert_int_equal(id.where, QUIRK_ROOT_PORT | QUIRK_ON_ROOT_BUS | QUIRK_BRIDGE);
	quirk_id_of(pci_find(&registry, SBDF(0, 1, 0, 0)), &id);
	assert_int_equal(id.where, QUIRK_NOT_EXPRESS | QUIRK_BELOW_EXPRESS | QUIRK_BRIDGE);
	assert_true(says(id, QUIRK_ALIAS_BRIDGE));
	quirk_id_of(pci_find(&registry, SBDF(0, 2, 0, 0)), &id);
	assert_int_equal(id.where, QUIRK_NOT_EXPRESS | QUIRK_MULTIFUNCTION);
	assert_int_equal(id.vendor, 0x10ec);
	assert_int_equal(id.device, 0x8169);
	assert_int_equal(id.subvendor, 0x1234);
	assert_int_equal(id.subdevice, 0x5678);
	assert_int_equal(id.class_code, 0x020000);
	assert_int_equal(id.revision, 3);
	assert_true(says(id, QUIRK_INTX_MASK_BROKEN));
	pci_registry_clear(&registry);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_wide_rows_are_narrowed),
		cmocka_unit_test(test_tables_are_sorted),
		cmocka_unit_test(test_no_row_is_there_twice),
		cmocka_unit_test(test_each_row_is_reached),
		cmocka_unit_test(test_each_row_ends),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lookup_finds_what_a_scan_finds),
		cmocka_unit_test(test_edges_of_the_id_space),
		cmocka_unit_test(test_unknown_device),
		cmocka_unit_test(test_larger_value_wins),
		cmocka_unit_test(test_reset_rows),
		cmocka_unit_test(test_mask_edges),
		cmocka_unit_test(test_revision_edges),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_other_rows),
		cmocka_unit_test(test_aliases_of_a_slot),
		cmocka_unit_test(test_aliases_of_a_bus),
		cmocka_unit_test(test_alias_of_a_subsystem),
		cmocka_unit_test(test_methods_left),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_contradiction_texts),
		cmocka_unit_test(test_contradictions_of_the_tables),
		cmocka_unit_test(test_radeon_without_flr),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_id_of_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
