/* SPDX-License-Identifier: GPL-2.0-only */
/* The IVRS table: AMD IOMMU specification 3.08 (48882) section 5.2. */
#include <errno.h>
#include <pt/env.h>
#include <pt/iommu_fw.h>
#include <pt/le.h>

#define IVRS_INFO	    36 /* IVinfo */
#define IVINFO_PASIZE_SHIFT 8  /* 14:8: physical address bits */
#define IVINFO_PASIZE_MASK  0x7f
#define IVRS_BLOCKS	    48

/* 5.2.2: every block */
#define BLOCK_TYPE   0
#define BLOCK_FLAGS  1
#define BLOCK_LENGTH 2
#define BLOCK_BYTES  4
#define BLOCK_DEVICE 4

/* 5.2.2.1 to 5.2.2.3 IVHD */
#define IVHD_TYPE_10	0x10
#define IVHD_TYPE_11	0x11
#define IVHD_TYPE_40	0x40
#define IVHD_CAPABILITY 6
#define IVHD_BASE	8
#define IVHD_SEGMENT	16
#define IVHD_INFO	18
#define IVHD_ATTRIBUTES 20
#define IVHD_10_ENTRIES 24
#define IVHD_FEATURES	24
#define IVHD_FEATURES2	32
#define IVHD_11_ENTRIES 40
#define REGISTER_BYTES	0x4000 /* 3.4: without the performance counters */

/* 5.2.2.5 device entries */
#define ENTRY_TYPE	0
#define ENTRY_DEVICE	1
#define ENTRY_SETTINGS	3
#define ENTRY_HANDLE	4 /* special device: IOAPIC id or HPET number */
#define ENTRY_EXTENDED	4
#define ENTRY_ALIAS	5
#define ENTRY_VARIETY	7
#define VARIETY_IOAPIC	1
#define VARIETY_HPET	2
#define ENTRY_END	4    /* type: end of a range */
#define ENTRY_ACPI	0xf0 /* type: a device of ACPI's namespace, of variable length */
#define ACPI_HID	4
#define ACPI_HID_BYTES	8
#define ACPI_UID_FORMAT 20
#define ACPI_UID_BYTES	21
#define ACPI_UID	22
#define UID_TEXT	2

/* 5.2.2.8 IVMD */
#define IVMD_TYPE_ALL	    0x20
#define IVMD_TYPE_ONE	    0x21
#define IVMD_TYPE_RANGE	    0x22
#define IVMD_AUX	    6 /* the last device of a range */
#define IVMD_SEGMENT	    8
#define IVMD_START	    16
#define IVMD_BYTES	    24
#define IVMD_LENGTH	    32
#define IVMD_FLAG_UNITY	    0x1
#define IVMD_FLAG_READ	    0x2
#define IVMD_FLAG_WRITE	    0x4
#define IVMD_FLAG_EXCLUSION 0x8

/* A block, or one device entry in it. */
struct ivrs_at {
	const uint8_t *bytes;
	uint32_t offset, length;
};

/* What the entries of one block have in common while they are read. */
struct ivhd_walk {
	struct iommu_fw *fw;
	struct iommu_fw_unit *unit;
	struct iommu_fw_scope start; /* an open range, when range is set */
	bool range;
};

static int scope_push(struct iommu_fw *fw, const struct iommu_fw_scope *scope)
{
	struct iommu_fw_scope *slot = IOMMU_FW_PUSH(fw, scope);

	if (!slot)
		return -ENOMEM;
	*slot = *scope;
	return 0;
}

static struct iommu_fw_scope entry_scope(const struct ivrs_at *at, enum iommu_scope_kind kind)
{
	uint16_t device = le16_get(at->bytes + ENTRY_DEVICE);

	return (struct iommu_fw_scope){
		.offset = at->offset,
		.kind = (uint8_t)kind,
		.raw_type = at->bytes[ENTRY_TYPE],
		.settings = at->bytes[ENTRY_SETTINGS],
		.first = device,
		.last = device,
		.resolved = true,
	};
}

static int entry_pad(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	(void)at;
	walk->unit->padding++;
	return 0;
}

static int entry_all(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	struct iommu_fw_scope scope = entry_scope(at, IOMMU_SCOPE_ALL);

	scope.first = 0;
	scope.last = UINT16_MAX;
	return scope_push(walk->fw, &scope);
}

static int entry_select(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	struct iommu_fw_scope scope = entry_scope(at, IOMMU_SCOPE_ENDPOINT);

	return scope_push(walk->fw, &scope);
}

static void alias_set(struct iommu_fw_scope *scope, const struct ivrs_at *at)
{
	scope->alias = le16_get(at->bytes + ENTRY_ALIAS);
	scope->aliased = true;
}

static int entry_alias(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	struct iommu_fw_scope scope = entry_scope(at, IOMMU_SCOPE_ENDPOINT);

	alias_set(&scope, at);
	return scope_push(walk->fw, &scope);
}

static int entry_extended(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	struct iommu_fw_scope scope = entry_scope(at, IOMMU_SCOPE_ENDPOINT);

	scope.extended = le32_get(at->bytes + ENTRY_EXTENDED);
	return scope_push(walk->fw, &scope);
}

static void range_close(struct ivhd_walk *walk)
{
	if (walk->range)
		iommu_fw_problem_add(walk->fw, FW_RANGE_OPEN, walk->start.offset, walk->start.first);
	walk->range = false;
}

static int entry_start(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	range_close(walk);
	walk->start = entry_scope(at, IOMMU_SCOPE_RANGE);
	walk->range = true;
	return 0;
}

static int entry_alias_start(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	entry_start(walk, at);
	alias_set(&walk->start, at);
	return 0;
}

static int entry_extended_start(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	entry_start(walk, at);
	walk->start.extended = le32_get(at->bytes + ENTRY_EXTENDED);
	return 0;
}

static int entry_end(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	uint16_t last = le16_get(at->bytes + ENTRY_DEVICE);

	if (!walk->range) {
		iommu_fw_problem_add(walk->fw, FW_RANGE_NO_START, at->offset, last);
		return 0;
	}
	walk->range = false;
	if (last < walk->start.first) {
		iommu_fw_problem_add(walk->fw, FW_RANGE_INVERTED, at->offset, last);
		return 0;
	}
	walk->start.last = last;
	return scope_push(walk->fw, &walk->start);
}

static int entry_special(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	uint8_t variety = at->bytes[ENTRY_VARIETY];
	struct iommu_fw_scope scope;

	if (variety != VARIETY_IOAPIC && variety != VARIETY_HPET) {
		iommu_fw_problem_add(walk->fw, FW_SCOPE_UNKNOWN, at->offset, variety);
		return 0;
	}
	scope = entry_scope(at, variety == VARIETY_IOAPIC ? IOMMU_SCOPE_IOAPIC : IOMMU_SCOPE_HPET);
	scope.first = scope.last = le16_get(at->bytes + ENTRY_ALIAS);
	scope.id = at->bytes[ENTRY_HANDLE];
	return scope_push(walk->fw, &scope);
}

static int entry_acpi(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	struct iommu_fw_scope scope = entry_scope(at, IOMMU_SCOPE_ACPI);
	bool whole = iommu_fw_name_set(scope.name, at->bytes + ACPI_HID, ACPI_HID_BYTES);

	if (at->bytes[ACPI_UID_FORMAT] == UID_TEXT)
		whole = iommu_fw_name_set(scope.name, (const uint8_t *)":", 1) &&
			iommu_fw_name_set(scope.name, at->bytes + ACPI_UID, at->bytes[ACPI_UID_BYTES]) &&
			whole;
	if (!whole)
		iommu_fw_problem_add(walk->fw, FW_NAME, at->offset, scope.first);
	return scope_push(walk->fw, &scope);
}

/* Sorted by type: AMD IOMMU 3.08 table 95. */
static const struct {
	uint8_t type;
	int (*parse)(struct ivhd_walk *walk, const struct ivrs_at *at);
} ivhd_entry[] = {
	{0x00, entry_pad},
	{0x01, entry_all},
	{0x02, entry_select},
	{0x03, entry_start},
	{ENTRY_END, entry_end},
	{0x42, entry_alias},
	{0x43, entry_alias_start},
	{0x46, entry_extended},
	{0x47, entry_extended_start},
	{0x48, entry_special},
	{ENTRY_ACPI, entry_acpi},
};

static int entry_parse(struct ivhd_walk *walk, const struct ivrs_at *at)
{
	uint8_t type = at->bytes[ENTRY_TYPE];

	for (size_t i = 0; i < ARRAY_SIZE(ivhd_entry); i++)
		if (ivhd_entry[i].type == type)
			return ivhd_entry[i].parse(walk, at);
	iommu_fw_problem_add(walk->fw, FW_SCOPE_UNKNOWN, at->offset, type);
	return 0;
}

/* The two highest bits of the type say how long an entry is; ACPI devices carry their length. */
static uint32_t entry_length(const uint8_t *bytes, uint32_t left)
{
	if (bytes[ENTRY_TYPE] != ENTRY_ACPI)
		return 4U << (bytes[ENTRY_TYPE] >> 6);
	return left < ACPI_UID ? ACPI_UID : ACPI_UID + bytes[ACPI_UID_BYTES];
}

static int entries_parse(
	struct iommu_fw *fw, struct iommu_fw_unit *unit, const struct ivrs_at *at, uint32_t from)
{
	struct ivhd_walk walk = {.fw = fw, .unit = unit};
	int err = 0;

	unit->scopes.first = fw->scope_count;
	while (!err && from < at->length) {
		struct ivrs_at entry = {.bytes = at->bytes + from, .offset = at->offset + from};
		uint32_t left = at->length - from;

		entry.length = entry_length(entry.bytes, left);
		if (entry.length > left) {
			iommu_fw_problem_add(fw, FW_SCOPE_CUT, entry.offset, entry.length);
			break;
		}
		err = entry_parse(&walk, &entry);
		from += entry.length;
	}
	range_close(&walk);
	unit->scopes.count = fw->scope_count - unit->scopes.first;
	return err;
}

static int ivhd_parse(struct iommu_fw *fw, const struct ivrs_at *at)
{
	struct iommu_fw_unit *unit = IOMMU_FW_PUSH(fw, unit);
	uint16_t device = le16_get(at->bytes + BLOCK_DEVICE);
	bool old = at->bytes[BLOCK_TYPE] == IVHD_TYPE_10;

	if (!unit)
		return -ENOMEM;
	unit->offset = at->offset;
	unit->raw_type = at->bytes[BLOCK_TYPE];
	unit->raw_flags = at->bytes[BLOCK_FLAGS];
	unit->segment = le16_get(at->bytes + IVHD_SEGMENT);
	unit->base = le64_get(at->bytes + IVHD_BASE);
	unit->bytes = REGISTER_BYTES;
	unit->proximity = IOMMU_FW_NO_PROXIMITY;
	unit->sbdf = SBDF(unit->segment, device >> 8, device >> 3, device);
	unit->capability = le16_get(at->bytes + IVHD_CAPABILITY);
	unit->info = le16_get(at->bytes + IVHD_INFO);
	unit->attributes = le32_get(at->bytes + IVHD_ATTRIBUTES);
	if (!old) {
		unit->features[0] = le64_get(at->bytes + IVHD_FEATURES);
		unit->features[1] = le64_get(at->bytes + IVHD_FEATURES2);
	}
	return entries_parse(fw, unit, at, old ? IVHD_10_ENTRIES : IVHD_11_ENTRIES);
}

static int ivmd_scope_push(struct iommu_fw *fw, const struct ivrs_at *at)
{
	uint8_t type = at->bytes[BLOCK_TYPE];
	uint16_t first = le16_get(at->bytes + BLOCK_DEVICE), last = le16_get(at->bytes + IVMD_AUX);
	struct iommu_fw_scope scope = {.offset = at->offset, .raw_type = type, .resolved = true};

	if (type == IVMD_TYPE_ALL) {
		scope.kind = IOMMU_SCOPE_ALL;
		scope.last = UINT16_MAX;
	} else {
		scope.kind = type == IVMD_TYPE_ONE ? IOMMU_SCOPE_ENDPOINT : IOMMU_SCOPE_RANGE;
		scope.first = first;
		scope.last = type == IVMD_TYPE_ONE ? first : last;
	}
	if (scope.last < scope.first) {
		iommu_fw_problem_add(fw, FW_RANGE_INVERTED, at->offset, scope.last);
		return 0;
	}
	return scope_push(fw, &scope);
}

/* Exclusion means untranslated access for the device: the same as a unity mapping for reading and writing. */
static void ivmd_access_set(struct iommu_fw *fw, struct iommu_fw_region *region, uint8_t flags)
{
	bool excluded = (flags & IVMD_FLAG_EXCLUSION) != 0, unity = (flags & IVMD_FLAG_UNITY) != 0;

	region->kind = excluded ? IOMMU_REGION_EXCLUSION : IOMMU_REGION_UNITY;
	region->read = excluded || (unity && (flags & IVMD_FLAG_READ) != 0);
	region->write = excluded || (unity && (flags & IVMD_FLAG_WRITE) != 0);
	if (!region->read && !region->write) {
		region->usable = false;
		iommu_fw_problem_add(fw, FW_REGION_NO_ACCESS, region->offset, flags);
	}
}

static int ivmd_parse(struct iommu_fw *fw, const struct ivrs_at *at)
{
	struct iommu_fw_region *region = IOMMU_FW_PUSH(fw, region);
	uint64_t start = le64_get(at->bytes + IVMD_START), bytes = le64_get(at->bytes + IVMD_BYTES);
	int err;

	if (!region)
		return -ENOMEM;
	region->offset = at->offset;
	region->raw_type = at->bytes[BLOCK_TYPE];
	region->segment = le16_get(at->bytes + IVMD_SEGMENT);
	/* A wrapping length ends before it begins, and so does an empty one. */
	iommu_fw_region_set(fw, region, start, start + bytes - 1);
	ivmd_access_set(fw, region, at->bytes[BLOCK_FLAGS]);
	region->scopes.first = fw->scope_count;
	err = ivmd_scope_push(fw, at);
	region->scopes.count = fw->scope_count - region->scopes.first;
	if (region->scopes.count == 0)
		region->usable = false;
	return err;
}

/* By type: AMD IOMMU 3.08 table 89. */
static const struct {
	uint8_t type;
	uint32_t minimum;
	int (*parse)(struct iommu_fw *fw, const struct ivrs_at *at);
} ivrs_block[] = {
	{IVHD_TYPE_10, IVHD_10_ENTRIES, ivhd_parse},
	{IVHD_TYPE_11, IVHD_11_ENTRIES, ivhd_parse},
	{IVMD_TYPE_ALL, IVMD_LENGTH, ivmd_parse},
	{IVMD_TYPE_ONE, IVMD_LENGTH, ivmd_parse},
	{IVMD_TYPE_RANGE, IVMD_LENGTH, ivmd_parse},
	{IVHD_TYPE_40, IVHD_11_ENTRIES, ivhd_parse},
};

static int block_parse(struct iommu_fw *fw, const struct ivrs_at *at)
{
	uint8_t type = at->bytes[BLOCK_TYPE];
	size_t i = 0;

	while (i < ARRAY_SIZE(ivrs_block) && ivrs_block[i].type != type)
		i++;
	if (i == ARRAY_SIZE(ivrs_block)) {
		iommu_fw_problem_add(fw, FW_STRUCTURE_UNKNOWN, at->offset, type);
		return 0;
	}
	if (at->length < ivrs_block[i].minimum) {
		iommu_fw_problem_add(fw, FW_STRUCTURE_SHORT, at->offset, at->length);
		return 0;
	}
	return ivrs_block[i].parse(fw, at);
}

static int blocks_parse(struct iommu_fw *fw, const uint8_t *table, uint32_t end)
{
	struct ivrs_at at = {.offset = IVRS_BLOCKS};
	int err = 0;

	for (; !err && at.offset < end; at.offset += at.length) {
		uint32_t left = end - at.offset;

		at.bytes = table + at.offset;
		at.length = left >= BLOCK_BYTES ? le16_get(at.bytes + BLOCK_LENGTH) : left;
		if (at.length < BLOCK_BYTES || at.length > left) {
			iommu_fw_problem_add(fw, at.length > left ? FW_STRUCTURE_CUT : FW_STRUCTURE_ZERO,
				at.offset, at.length);
			break;
		}
		err = block_parse(fw, &at);
	}
	return err;
}

static void width_set(struct iommu_fw *fw)
{
	unsigned int width = (fw->flags >> IVINFO_PASIZE_SHIFT) & IVINFO_PASIZE_MASK;

	if (width < 32 || width > 52)
		iommu_fw_problem_add(fw, FW_WIDTH, IVRS_INFO, width);
	else
		fw->address_width = (uint8_t)width;
}

int amdvi_acpi_parse(const void *table, size_t bytes, struct iommu_fw **ret_fw)
{
	struct iommu_fw *fw = env_alloc(sizeof(*fw));
	uint32_t end;
	int err;

	if (!fw)
		return -ENOMEM;
	fw->vendor = IOMMU_AMDVI;
	err = iommu_fw_header_check(fw, table, bytes, &end);
	if (err)
		goto free_fw;
	fw->flags = le32_get((const uint8_t *)table + IVRS_INFO);
	width_set(fw);
	err = blocks_parse(fw, table, end);
	if (err)
		goto free_fw;
	iommu_fw_units_check(fw);
	*ret_fw = fw;
	return 0;

free_fw:
	iommu_fw_free(fw);
	return err;
}
