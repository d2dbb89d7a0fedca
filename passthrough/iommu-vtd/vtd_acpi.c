/* SPDX-License-Identifier: GPL-2.0-only */
/* The DMAR table: VT-d 4.1 chapter 8. */
#include <errno.h>
#include <pt/env.h>
#include <pt/iommu_fw.h>
#include <pt/le.h>

#define DMAR_WIDTH	36 /* host address width - 1 */
#define DMAR_FLAGS	37
#define DMAR_STRUCTURES 48

/* 8.2: every structure */
#define STRUCTURE_TYPE	  0
#define STRUCTURE_LENGTH  2
#define STRUCTURE_BYTES	  4
#define STRUCTURE_FLAGS	  4 /* DRHD, ATSR, SATC */
#define STRUCTURE_SEGMENT 6 /* all with scopes */

/* 8.3 DRHD */
#define DRHD_FLAG_ALL 0x1
#define DRHD_SIZE     5 /* 3:0: log2 of the number of register pages */
#define DRHD_BASE     8
#define DRHD_SCOPES   16

/* 8.4 RMRR */
#define RMRR_BASE   8
#define RMRR_LIMIT  16
#define RMRR_SCOPES 24

/* 8.5 ATSR, 8.8 SATC, 8.9 SIDP */
#define ATSR_FLAG_ALL 0x1
#define LIST_SCOPES   8

/* 8.6 RHSA */
#define RHSA_BASE      8
#define RHSA_PROXIMITY 16
#define RHSA_BYTES     20

/* 8.7 ANDD */
#define ANDD_NUMBER 7
#define ANDD_NAME   8

/* 8.3.1 device scope */
#define SCOPE_TYPE   0
#define SCOPE_LENGTH 1
#define SCOPE_FLAGS  2
#define SCOPE_ID     4
#define SCOPE_BUS    5
#define SCOPE_PATH   6
#define SCOPE_BYTES  8 /* with a path of one hop */

static const uint8_t scope_kind[] = {
	[1] = IOMMU_SCOPE_ENDPOINT,
	[2] = IOMMU_SCOPE_BRIDGE,
	[3] = IOMMU_SCOPE_IOAPIC,
	[4] = IOMMU_SCOPE_HPET,
	[5] = IOMMU_SCOPE_ACPI,
};

/* A structure, or one device scope in it. */
struct dmar_at {
	const uint8_t *bytes;
	uint32_t offset, length;
};

static bool scope_path_get(struct iommu_fw_scope *scope, const struct dmar_at *at)
{
	const uint8_t *path = at->bytes + SCOPE_PATH;
	uint32_t hops = (at->length - SCOPE_PATH) / 2;

	if (at->length % 2 != 0 || hops > IOMMU_FW_HOPS_MAX)
		return false;
	for (uint32_t i = 0; i < hops; i++) {
		unsigned int dev = path[2 * i], fn = path[2 * i + 1];

		if (dev > 31 || fn > 7)
			return false;
		scope->path[i] = (uint8_t)(dev << 3 | fn);
	}
	scope->hops = (uint8_t)hops;
	return true;
}

static int scope_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	struct iommu_fw_scope scope = {
		.offset = at->offset,
		.raw_type = at->bytes[SCOPE_TYPE],
		.id = at->bytes[SCOPE_ID],
		.settings = at->bytes[SCOPE_FLAGS],
		.start_bus = at->bytes[SCOPE_BUS],
	};
	struct iommu_fw_scope *slot;

	if (scope.raw_type == 0 || scope.raw_type >= ARRAY_SIZE(scope_kind)) {
		iommu_fw_problem_add(fw, FW_SCOPE_UNKNOWN, at->offset, scope.raw_type);
		return 0;
	}
	scope.kind = scope_kind[scope.raw_type];
	if (!scope_path_get(&scope, at)) {
		iommu_fw_problem_add(fw, FW_SCOPE_PATH, at->offset, at->length);
		return 0;
	}
	if (scope.hops == 1) {
		scope.first = scope.last = (uint16_t)(scope.start_bus << 8 | scope.path[0]);
		scope.resolved = true;
	}
	slot = IOMMU_FW_PUSH(fw, scope);
	if (!slot)
		return -ENOMEM;
	*slot = scope;
	return 0;
}

/* The scopes from byte `from` of the structure to its end. */
static int scopes_parse(
	struct iommu_fw *fw, const struct dmar_at *at, uint32_t from, struct iommu_fw_scopes *ret_scopes)
{
	uint32_t first = fw->scope_count;
	int err = 0;

	while (!err && from < at->length) {
		struct dmar_at scope = {.bytes = at->bytes + from, .offset = at->offset + from};
		uint32_t left = at->length - from;

		scope.length = left > SCOPE_LENGTH ? scope.bytes[SCOPE_LENGTH] : left;
		if (scope.length < SCOPE_BYTES || scope.length > left) {
			iommu_fw_problem_add(fw, scope.length > left ? FW_SCOPE_CUT : FW_SCOPE_SHORT,
				scope.offset, scope.length);
			break;
		}
		err = scope_parse(fw, &scope);
		from += scope.length;
	}
	*ret_scopes = (struct iommu_fw_scopes){.first = first, .count = fw->scope_count - first};
	return err;
}

static int drhd_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	struct iommu_fw_unit *unit = IOMMU_FW_PUSH(fw, unit);

	if (!unit)
		return -ENOMEM;
	unit->offset = at->offset;
	unit->raw_flags = at->bytes[STRUCTURE_FLAGS];
	unit->all = (unit->raw_flags & DRHD_FLAG_ALL) != 0;
	unit->segment = le16_get(at->bytes + STRUCTURE_SEGMENT);
	unit->base = le64_get(at->bytes + DRHD_BASE);
	unit->bytes = (uint32_t)PAGE_SIZE << (at->bytes[DRHD_SIZE] & 0xf);
	unit->proximity = IOMMU_FW_NO_PROXIMITY;
	return scopes_parse(fw, at, DRHD_SCOPES, &unit->scopes);
}

static int rmrr_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	struct iommu_fw_region *region = IOMMU_FW_PUSH(fw, region);
	int err;

	if (!region)
		return -ENOMEM;
	region->offset = at->offset;
	region->kind = IOMMU_REGION_UNITY;
	region->raw_type = at->bytes[STRUCTURE_TYPE];
	region->read = region->write = true;
	region->segment = le16_get(at->bytes + STRUCTURE_SEGMENT);
	iommu_fw_region_set(fw, region, le64_get(at->bytes + RMRR_BASE), le64_get(at->bytes + RMRR_LIMIT));
	err = scopes_parse(fw, at, RMRR_SCOPES, &region->scopes);
	if (!err && region->scopes.count == 0) {
		region->usable = false;
		iommu_fw_problem_add(fw, FW_SCOPE_NONE, at->offset, region->base);
	}
	return err;
}

static int list_parse(struct iommu_fw *fw, const struct dmar_at *at, enum iommu_fw_list_kind kind)
{
	struct iommu_fw_list *list = IOMMU_FW_PUSH(fw, list);
	int err;

	if (!list)
		return -ENOMEM;
	list->offset = at->offset;
	list->kind = (uint8_t)kind;
	list->raw_flags = at->bytes[STRUCTURE_FLAGS];
	list->all = kind == IOMMU_LIST_ATSR && (list->raw_flags & ATSR_FLAG_ALL) != 0;
	list->segment = le16_get(at->bytes + STRUCTURE_SEGMENT);
	err = scopes_parse(fw, at, LIST_SCOPES, &list->scopes);
	if (!err && !list->all && list->scopes.count == 0)
		iommu_fw_problem_add(fw, FW_SCOPE_NONE, at->offset, list->segment);
	return err;
}

static int atsr_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	return list_parse(fw, at, IOMMU_LIST_ATSR);
}

static int satc_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	return list_parse(fw, at, IOMMU_LIST_SATC);
}

static int sidp_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	return list_parse(fw, at, IOMMU_LIST_SIDP);
}

static int rhsa_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	struct iommu_fw_affinity *affinity = IOMMU_FW_PUSH(fw, affinity);

	if (!affinity)
		return -ENOMEM;
	affinity->offset = at->offset;
	affinity->base = le64_get(at->bytes + RHSA_BASE);
	affinity->proximity = le32_get(at->bytes + RHSA_PROXIMITY);
	return 0;
}

static int andd_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	struct iommu_fw_acpi_device *device = IOMMU_FW_PUSH(fw, acpi);

	if (!device)
		return -ENOMEM;
	device->offset = at->offset;
	device->number = at->bytes[ANDD_NUMBER];
	if (!iommu_fw_name_set(device->name, at->bytes + ANDD_NAME, at->length - ANDD_NAME))
		iommu_fw_problem_add(fw, FW_NAME, at->offset, device->number);
	return 0;
}

/* By type: VT-d 4.1 table 8-1. */
static const struct {
	uint32_t minimum;
	int (*parse)(struct iommu_fw *fw, const struct dmar_at *at);
} dmar_structure[] = {
	{DRHD_SCOPES, drhd_parse},
	{RMRR_SCOPES, rmrr_parse},
	{LIST_SCOPES, atsr_parse},
	{RHSA_BYTES, rhsa_parse},
	{ANDD_NAME, andd_parse},
	{LIST_SCOPES, satc_parse},
	{LIST_SCOPES, sidp_parse},
};

static int structure_parse(struct iommu_fw *fw, const struct dmar_at *at)
{
	uint16_t type = le16_get(at->bytes + STRUCTURE_TYPE);

	if (type >= ARRAY_SIZE(dmar_structure)) {
		iommu_fw_problem_add(fw, FW_STRUCTURE_UNKNOWN, at->offset, type);
		return 0;
	}
	if (at->length < dmar_structure[type].minimum) {
		iommu_fw_problem_add(fw, FW_STRUCTURE_SHORT, at->offset, at->length);
		return 0;
	}
	return dmar_structure[type].parse(fw, at);
}

static int structures_parse(struct iommu_fw *fw, const uint8_t *table, uint32_t end)
{
	struct dmar_at at = {.offset = DMAR_STRUCTURES};
	int err = 0;

	for (; !err && at.offset < end; at.offset += at.length) {
		uint32_t left = end - at.offset;

		at.bytes = table + at.offset;
		at.length = left >= STRUCTURE_BYTES ? le16_get(at.bytes + STRUCTURE_LENGTH) : left;
		if (at.length < STRUCTURE_BYTES || at.length > left) {
			iommu_fw_problem_add(fw, at.length > left ? FW_STRUCTURE_CUT : FW_STRUCTURE_ZERO,
				at.offset, at.length);
			break;
		}
		err = structure_parse(fw, &at);
	}
	return err;
}

static void width_set(struct iommu_fw *fw, const uint8_t *table)
{
	unsigned int width = table[DMAR_WIDTH] + 1U;

	if (width < 32 || width > 52)
		iommu_fw_problem_add(fw, FW_WIDTH, DMAR_WIDTH, width);
	else
		fw->address_width = (uint8_t)width;
}

int vtd_acpi_parse(const void *table, size_t bytes, struct iommu_fw **ret_fw)
{
	struct iommu_fw *fw = env_alloc(sizeof(*fw));
	uint32_t end;
	int err;

	if (!fw)
		return -ENOMEM;
	fw->vendor = IOMMU_VTD;
	err = iommu_fw_header_check(fw, table, bytes, &end);
	if (err)
		goto free_fw;
	width_set(fw, table);
	fw->flags = ((const uint8_t *)table)[DMAR_FLAGS];
	err = structures_parse(fw, table, end);
	if (err)
		goto free_fw;
	iommu_fw_units_check(fw);
	*ret_fw = fw;
	return 0;

free_fw:
	iommu_fw_free(fw);
	return err;
}
