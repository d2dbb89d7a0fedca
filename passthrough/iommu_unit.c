/* SPDX-License-Identifier: GPL-2.0-only */
/* What the units of both vendors have in common. */
#include <errno.h>
#include <string.h>
#include <pt/iommu_ops.h>

static void name_set(char *name, const char *prefix, uint32_t number)
{
	size_t n = strlen(prefix);
	uint32_t scale = 1;

	memcpy(name, prefix, n);
	while (number / scale >= 10)
		scale *= 10;
	for (; scale > 0 && n + 1 < IOMMU_NAME_MAX; scale /= 10)
		name[n++] = (char)('0' + number / scale % 10);
	name[n] = '\0';
}

int iommu_unit_init(struct iommu_unit *unit, const struct iommu_ops *ops, const struct iommu_fw_unit *fw,
	uint32_t number, const char *prefix)
{
	unit->ops = ops;
	unit->number = number;
	unit->segment = fw->segment;
	unit->regs_bytes = fw->bytes;
	name_set(unit->name, prefix, number);
	env_lock_init(&unit->lock, ENV_RANK_IOMMU);
	unit->regs = env_mmio_map(fw->base, fw->bytes);
	if (!unit->regs) {
		env_log(ENV_LOG_ERR, "%s: registers at 0x%lx cannot be mapped", unit->name, fw->base);
		return -ENOMEM;
	}
	return 0;
}

void iommu_unit_isolate(struct iommu_unit *unit, const char *why)
{
	bool first;

	env_lock(&unit->lock);
	first = unit->health != IOMMU_UNIT_DEAD;
	unit->isolated_why = first ? why : unit->isolated_why;
	WRITE_ONCE(unit->health, IOMMU_UNIT_DEAD);
	env_unlock(&unit->lock);
	if (first)
		env_log(ENV_LOG_ERR, "%s: isolated: %s", unit->name, why);
}

size_t iommu_flush_pieces(
	const struct ptab_flush *flush, unsigned int max_order, struct iommu_piece *piece, size_t max)
{
	uint64_t at = flush->first, left = flush->last - flush->first + 1;
	size_t n = 0;

	for (; left > 0; n++) {
		unsigned int order = 0;

		if (n == max)
			return 0;
		while (order < max_order && (at & (1ULL << order)) == 0 && (2ULL << order) <= left)
			order++;
		piece[n] = (struct iommu_piece){.at = at, .order = order};
		at += 1ULL << order;
		left -= 1ULL << order;
	}
	return n;
}

static bool bits_free(const uint64_t *map, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		if (map[i / 64] >> (i % 64) & 1)
			return false;
	return true;
}

int iommu_bits_take(uint64_t *map, uint32_t bits, uint32_t count, uint32_t *ret_first)
{
	uint32_t step = count <= 32 && (count & (count - 1)) == 0 ? count : 1;

	for (uint32_t first = 0; first + count <= bits; first += step) {
		/* A full word is skipped as a whole. */
		if (first % 64 == 0 && map[first / 64] == ~0ULL) {
			first += 64 - step;
			continue;
		}
		if (!bits_free(map, first, count))
			continue;
		for (uint32_t i = first; i < first + count; i++)
			map[i / 64] |= 1ULL << (i % 64);
		*ret_first = first;
		return 0;
	}
	return -ENOSPC;
}

void iommu_bits_give(uint64_t *map, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		map[i / 64] &= ~(1ULL << (i % 64));
}
