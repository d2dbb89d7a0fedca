/* SPDX-License-Identifier: GPL-2.0-only */
/* The firmware's description of the IOMMUs, for the log: one line for each thing. */
#include <pt/env.h>
#include <pt/iommu_fw.h>

static const char *const scope_text[IOMMU_SCOPE_KINDS] = {
	[IOMMU_SCOPE_ENDPOINT] = "endpoint",
	[IOMMU_SCOPE_BRIDGE] = "bridge",
	[IOMMU_SCOPE_RANGE] = "range",
	[IOMMU_SCOPE_ALL] = "all",
	[IOMMU_SCOPE_IOAPIC] = "ioapic",
	[IOMMU_SCOPE_HPET] = "hpet",
	[IOMMU_SCOPE_ACPI] = "acpi",
};

static const char *const unit_state_text[] = {
	[IOMMU_UNIT_USABLE] = "usable",
	[IOMMU_UNIT_SUPERSEDED] = "superseded",
	[IOMMU_UNIT_REFUSED] = "refused",
};

static const char *const list_text[] = {
	[IOMMU_LIST_ATSR] = "ats root ports",
	[IOMMU_LIST_SATC] = "ats devices",
	[IOMMU_LIST_SIDP] = "identity devices",
};

#define HOP_TEXT_BYTES 5 /* " 1f.7" */

/* " 1c.0 00.0": the text of a path through bridges. */
static void path_text(char *out, const struct iommu_fw_scope *scope)
{
	static const char digit[] = "0123456789abcdef";

	for (unsigned int i = 0; i < scope->hops; i++) {
		*out++ = ' ';
		*out++ = digit[scope->path[i] >> 7];
		*out++ = digit[(scope->path[i] >> 3) & 0xf];
		*out++ = '.';
		*out++ = digit[scope->path[i] & 7];
	}
	*out = '\0';
}

/* A requester id without its segment, for PRI_RID. */
#define PRI_RID	    "%02x:%02x.%u"
#define RID_ARGS(r) (unsigned int)(r) >> 8, ((unsigned int)(r) >> 3) & 0x1f, (unsigned int)(r)&7

static void scope_log(const struct iommu_fw_scope *scope)
{
	char path[IOMMU_FW_HOPS_MAX * HOP_TEXT_BYTES + 1];
	const char *kind = scope_text[scope->kind];

	if (!scope->resolved) {
		path_text(path, scope);
		env_log(ENV_LOG_INFO, "iommu:   +0x%x %s bus %02x path%s id %u flags 0x%x", scope->offset,
			kind, scope->start_bus, path, scope->id, scope->settings);
	} else if (scope->aliased) {
		env_log(ENV_LOG_INFO,
			"iommu:   +0x%x %s " PRI_RID " to " PRI_RID " as " PRI_RID " settings 0x%x",
			scope->offset, kind, RID_ARGS(scope->first), RID_ARGS(scope->last),
			RID_ARGS(scope->alias), scope->settings);
	} else if (scope->first != scope->last) {
		env_log(ENV_LOG_INFO, "iommu:   +0x%x %s " PRI_RID " to " PRI_RID " settings 0x%x/0x%x",
			scope->offset, kind, RID_ARGS(scope->first), RID_ARGS(scope->last), scope->settings,
			scope->extended);
	} else {
		env_log(ENV_LOG_INFO, "iommu:   +0x%x %s " PRI_RID " id %u settings 0x%x/0x%x%s%s",
			scope->offset, kind, RID_ARGS(scope->first), scope->id, scope->settings,
			scope->extended, scope->name[0] ? " " : "", scope->name);
	}
}

static void scopes_log(const struct iommu_fw *fw, const struct iommu_fw_scopes *scopes)
{
	for (uint32_t i = 0; i < scopes->count; i++)
		scope_log(&fw->scope[scopes->first + i]);
}

static void unit_log(const struct iommu_fw *fw, const struct iommu_fw_unit *unit)
{
	env_log(ENV_LOG_INFO,
		"iommu: +0x%x unit %s: type 0x%x segment %u registers 0x%lx+0x%x flags 0x%x%s node %d",
		unit->offset, unit_state_text[unit->state], unit->raw_type, unit->segment, unit->base,
		unit->bytes, unit->raw_flags, unit->all ? " all others" : "", (int)unit->proximity);
	if (fw->vendor == IOMMU_AMDVI)
		env_log(ENV_LOG_INFO,
			"iommu:   " PRI_SBDF
			" capability 0x%x info 0x%x attributes 0x%x features 0x%lx 0x%lx",
			SBDF_ARGS(unit->sbdf), unit->capability, unit->info, unit->attributes,
			unit->features[0], unit->features[1]);
	scopes_log(fw, &unit->scopes);
}

static void region_log(const struct iommu_fw *fw, const struct iommu_fw_region *region)
{
	env_log(ENV_LOG_INFO, "iommu: +0x%x region %s: %s type 0x%x segment %u 0x%lx to 0x%lx %c%c",
		region->offset, region->usable ? "usable" : "ignored",
		region->kind == IOMMU_REGION_EXCLUSION ? "exclusion" : "unity", region->raw_type,
		region->segment, region->base, region->last, region->read ? 'r' : '-',
		region->write ? 'w' : '-');
	scopes_log(fw, &region->scopes);
}

static void list_log(const struct iommu_fw *fw, const struct iommu_fw_list *list)
{
	env_log(ENV_LOG_INFO, "iommu: +0x%x %s: segment %u flags 0x%x%s", list->offset, list_text[list->kind],
		list->segment, list->raw_flags, list->all ? " all" : "");
	scopes_log(fw, &list->scopes);
}

void iommu_fw_log(const struct iommu_fw *fw)
{
	env_log(ENV_LOG_INFO, "iommu: %s revision %u: %u-bit addresses, flags 0x%x, %u units, %u problems",
		fw->vendor == IOMMU_VTD ? "DMAR" : "IVRS", fw->revision, fw->address_width, fw->flags,
		fw->unit_count, fw->problem_count);
	for (uint32_t i = 0; i < fw->unit_count; i++)
		unit_log(fw, &fw->unit[i]);
	for (uint32_t i = 0; i < fw->region_count; i++)
		region_log(fw, &fw->region[i]);
	for (uint32_t i = 0; i < fw->list_count; i++)
		list_log(fw, &fw->list[i]);
	for (uint32_t i = 0; i < fw->acpi_count; i++)
		env_log(ENV_LOG_INFO, "iommu: +0x%x acpi device %u: %s", fw->acpi[i].offset,
			fw->acpi[i].number, fw->acpi[i].name);
}
