/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts that the DMAR and the IVRS parser share: growing arrays, the list
 * of problems, and the checks of units and regions.
 */
#include <errno.h>
#include <string.h>
#include <pt/env.h>
#include <pt/iommu_fw.h>
#include <pt/le.h>

#define ALLOC_MAX	  0x20000      /* of env_alloc */
#define ADDRESS_END	  (1ULL << 52) /* no x86 machine has more physical address bits */
#define ACPI_HEADER_BYTES 36	       /* ACPI 6.5 section 5.2.6 */
#define ACPI_LENGTH	  4
#define ACPI_REVISION	  8
#define STRUCTURES	  48 /* where the first structure of both tables stands */

static const struct {
	const char *what, *done;
} problem_text[FW_PROBLEM_CODES] = {
	[FW_TABLE_CUT] = {"table claims more bytes than there are", "read what is there"},
	[FW_STRUCTURE_ZERO] = {"structure without a length", "rest of the table ignored"},
	[FW_STRUCTURE_CUT] = {"structure reaches beyond the table", "rest of the table ignored"},
	[FW_STRUCTURE_SHORT] = {"structure too short for its type", "structure ignored"},
	[FW_STRUCTURE_UNKNOWN] = {"structure of unknown type", "structure ignored"},
	[FW_WIDTH] = {"impossible host address width", "the processor's is used"},
	[FW_SCOPE_SHORT] = {"device entry too short for its type", "rest of the structure ignored"},
	[FW_SCOPE_CUT] = {"device entry reaches beyond its structure", "rest of the structure ignored"},
	[FW_SCOPE_UNKNOWN] = {"device entry of unknown type", "entry ignored"},
	[FW_SCOPE_PATH] = {"device path that no device can have", "entry ignored"},
	[FW_SCOPE_NONE] = {"structure names no device", "it has no effect"},
	[FW_SCOPE_UNMATCHED] = {"no such device", "entry kept for a device that may come later"},
	[FW_SCOPE_TWICE] = {"device already belongs to another unit", "the first unit keeps it"},
	[FW_IOAPIC_UNMATCHED] = {"no IOAPIC has this id", "entry ignored"},
	[FW_IOAPIC_UNCOVERED] = {"no unit covers this IOAPIC", "its interrupts cannot be remapped"},
	[FW_RANGE_OPEN] = {"device range without its end", "range ignored"},
	[FW_RANGE_NO_START] = {"end of a device range that never began", "entry ignored"},
	[FW_RANGE_INVERTED] = {"device range ends before it begins", "range ignored"},
	[FW_UNIT_BASE] = {"impossible register base", "unit ignored"},
	[FW_UNIT_TWICE] = {"unit described twice", "second description ignored"},
	[FW_UNIT_ALL_TWICE] = {"second unit for all other devices of the segment",
		"only its own scopes count"},
	[FW_REGION_INVERTED] = {"reserved region ends before it begins", "region ignored"},
	[FW_REGION_BEYOND] = {"reserved region beyond 52 address bits", "region ignored"},
	[FW_REGION_UNALIGNED] = {"reserved region is not whole pages", "widened to whole pages"},
	[FW_REGION_NO_ACCESS] = {"reserved region that grants nothing", "region ignored"},
	[FW_AFFINITY_UNMATCHED] = {"affinity of a unit that is not there", "entry ignored"},
	[FW_NAME] = {"name is not ended, not printable or too long", "name cut"},
};

const char *iommu_fw_problem_what(unsigned int code)
{
	return code < FW_PROBLEM_CODES ? problem_text[code].what : "unknown problem";
}

const char *iommu_fw_problem_done(unsigned int code)
{
	return code < FW_PROBLEM_CODES ? problem_text[code].done : "nothing";
}

void iommu_fw_problem_add(struct iommu_fw *fw, unsigned int code, uint32_t offset, uint64_t value)
{
	if (fw->problem_count < IOMMU_FW_PROBLEMS_MAX) {
		fw->problem[fw->problem_count] =
			(struct iommu_fw_problem){.offset = offset, .code = (uint16_t)code, .value = value};
		env_log(ENV_LOG_WARN, "iommu: %s offset 0x%x: %s (0x%lx): %s",
			fw->vendor == IOMMU_VTD ? "DMAR" : "IVRS", offset, iommu_fw_problem_what(code), value,
			iommu_fw_problem_done(code));
	}
	fw->problem_count++;
}

/* The capacity is the power of two that holds the count, at least 8: so it need not be kept. */
void *iommu_fw_push(void **array, uint32_t *count, size_t element)
{
	uint32_t n = *count;

	if (n == 0 || (n >= 8 && (n & (n - 1)) == 0)) {
		size_t room = (n == 0 ? 8 : 2 * (size_t)n) * element;
		void *grown = room <= ALLOC_MAX ? env_alloc(room) : NULL;

		if (!grown)
			return NULL;
		if (n != 0)
			memcpy(grown, *array, n * element);
		env_free(*array);
		*array = grown;
	}
	*count = n + 1;
	return (char *)*array + n * element;
}

void iommu_fw_free(struct iommu_fw *fw)
{
	if (!fw)
		return;
	env_free(fw->unit);
	env_free(fw->scope);
	env_free(fw->region);
	env_free(fw->list);
	env_free(fw->affinity);
	env_free(fw->acpi);
	env_free(fw);
}

int iommu_fw_header_check(struct iommu_fw *fw, const uint8_t *table, size_t bytes, uint32_t *ret_end)
{
	const char *signature = fw->vendor == IOMMU_VTD ? "DMAR" : "IVRS";
	uint32_t length;

	if (bytes < STRUCTURES || memcmp(table, signature, 4) != 0)
		return -EINVAL;
	length = le32_get(table + ACPI_LENGTH);
	if (length < STRUCTURES)
		return -EINVAL;
	if (length > bytes)
		iommu_fw_problem_add(fw, FW_TABLE_CUT, ACPI_LENGTH, length);
	fw->revision = table[ACPI_REVISION];
	*ret_end = length > bytes ? (uint32_t)bytes : length;
	return 0;
}

static bool unit_same(const struct iommu_fw *fw, const struct iommu_fw_unit *a, const struct iommu_fw_unit *b)
{
	return fw->vendor == IOMMU_AMDVI ? sbdf_eq(a->sbdf, b->sbdf) : a->base == b->base;
}

/* AMD IOMMU 3.08 section 5.2.2: of the blocks for one unit the one of the highest type counts, alone. */
static void unit_pair_check(struct iommu_fw *fw, struct iommu_fw_unit *first, struct iommu_fw_unit *second)
{
	if (!unit_same(fw, first, second)) {
		if (first->base != second->base)
			return;
	} else if (first->raw_type != second->raw_type) {
		(first->raw_type < second->raw_type ? first : second)->state = IOMMU_UNIT_SUPERSEDED;
		return;
	}
	second->state = IOMMU_UNIT_REFUSED;
	iommu_fw_problem_add(fw, FW_UNIT_TWICE, second->offset, second->base);
}

static void unit_all_check(struct iommu_fw *fw, struct iommu_fw_unit *first, struct iommu_fw_unit *second)
{
	if (!first->all || !second->all || first->segment != second->segment)
		return;
	second->all = false;
	iommu_fw_problem_add(fw, FW_UNIT_ALL_TWICE, second->offset, second->segment);
}

static void unit_check(struct iommu_fw *fw, uint32_t n)
{
	struct iommu_fw_unit *unit = &fw->unit[n];

	if (unit->base == 0 || unit->base >= ADDRESS_END || !IS_ALIGNED(unit->base, PAGE_SIZE)) {
		unit->state = IOMMU_UNIT_REFUSED;
		iommu_fw_problem_add(fw, FW_UNIT_BASE, unit->offset, unit->base);
		return;
	}
	for (uint32_t i = 0; i < n && unit->state == IOMMU_UNIT_USABLE; i++)
		if (fw->unit[i].state == IOMMU_UNIT_USABLE)
			unit_pair_check(fw, &fw->unit[i], unit);
	for (uint32_t i = 0; i < n && unit->state == IOMMU_UNIT_USABLE; i++)
		if (fw->unit[i].state == IOMMU_UNIT_USABLE)
			unit_all_check(fw, &fw->unit[i], unit);
	if (unit->state == IOMMU_UNIT_USABLE && !unit->all && unit->scopes.count == 0)
		iommu_fw_problem_add(fw, FW_SCOPE_NONE, unit->offset, unit->base);
}

static void affinity_check(struct iommu_fw *fw, const struct iommu_fw_affinity *affinity)
{
	bool matched = false;

	for (uint32_t i = 0; i < fw->unit_count; i++) {
		if (fw->unit[i].base != affinity->base)
			continue;
		fw->unit[i].proximity = affinity->proximity;
		matched = true;
	}
	if (!matched)
		iommu_fw_problem_add(fw, FW_AFFINITY_UNMATCHED, affinity->offset, affinity->base);
}

void iommu_fw_units_check(struct iommu_fw *fw)
{
	for (uint32_t i = 0; i < fw->unit_count; i++)
		unit_check(fw, i);
	for (uint32_t i = 0; i < fw->affinity_count; i++)
		affinity_check(fw, &fw->affinity[i]);
}

void iommu_fw_region_set(struct iommu_fw *fw, struct iommu_fw_region *region, uint64_t base, uint64_t limit)
{
	region->base = ALIGN_DOWN(base, PAGE_SIZE);
	region->last = limit | (PAGE_SIZE - 1);
	region->usable = false;
	if (limit <= base) {
		iommu_fw_problem_add(fw, FW_REGION_INVERTED, region->offset, limit);
		return;
	}
	if (limit >= ADDRESS_END) {
		iommu_fw_problem_add(fw, FW_REGION_BEYOND, region->offset, limit);
		return;
	}
	if (region->base != base || region->last != limit)
		iommu_fw_problem_add(
			fw, FW_REGION_UNALIGNED, region->offset, region->base != base ? base : limit);
	region->usable = true;
}

bool iommu_fw_name_set(char *name, const uint8_t *src, size_t bytes)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < bytes && src[i] != '\0'; i++) {
		if (n + 1 >= IOMMU_FW_NAME_MAX)
			return false;
		if (src[i] < ' ' || src[i] > '~')
			return false;
		name[n++] = (char)src[i];
	}
	return true;
}
