/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is flushed for which change: AMD IOMMU 3.08 section 2.4. HOT:
 * amdvi_flush_domain, by every change of a mapping.
 */
#include <errno.h>
#include <pt/env.h>
#include "amdvi_priv.h"

/* More pieces than these cost more than losing the domain's other translations. */
#define PIECES_MAX  8
#define PIECE_ORDER 30

/* Without the command for everything: each device, and the id of those that are blocked. */
static int flush_each(struct amdvi_unit *unit)
{
	struct amdvi_cmd cmd[AMDVI_SUBMIT_MAX];
	int err = 0;

	for (uint32_t rid = 0; rid < AMDVI_DEVICES && !err; rid += AMDVI_SUBMIT_MAX) {
		for (uint32_t i = 0; i < AMDVI_SUBMIT_MAX; i++)
			cmd[i] = (struct amdvi_cmd){.lo = AMDVI_CMD_DEVTAB | (rid + i)};
		err = amdvi_queue_run(unit, cmd, AMDVI_SUBMIT_MAX);
	}
	return err;
}

int amdvi_flush_all(struct amdvi_unit *unit)
{
	struct amdvi_cmd all = {.lo = AMDVI_CMD_ALL};

	if (unit->efr & AMDVI_EFR_IA)
		return amdvi_queue_run(unit, &all, 1);
	return flush_each(unit);
}

/* 2.4.3: of 2^order pages, the lowest 0 bit of the page number stands at order - 1. */
static uint64_t pages_operand(const struct iommu_piece *piece)
{
	uint64_t ones = piece->order ? (1ULL << (piece->order - 1)) - 1 : 0;

	return (piece->at | ones) << PAGE_SHIFT | (piece->order ? AMDVI_PAGES_SIZE : 0);
}

static size_t pages_cmd(uint16_t domain_id, const struct ptab_flush *flush, struct amdvi_cmd *cmd)
{
	struct iommu_piece piece[PIECES_MAX];
	size_t n = iommu_flush_pieces(flush, PIECE_ORDER, piece, PIECES_MAX);

	for (size_t i = 0; i < n; i++)
		cmd[i] = (struct amdvi_cmd){
			.lo = AMDVI_CMD_PAGES | AMDVI_CMD_DOMAIN(domain_id),
			.hi = pages_operand(&piece[i]) | (flush->tables ? AMDVI_PAGES_TABLES : 0),
		};
	return n;
}

int amdvi_flush_domain(struct iommu_unit *common, uint16_t domain_id, const struct ptab_flush *flush,
	iommu_ticket_t *ret_ticket)
{
	struct amdvi_unit *unit = amdvi_of(common);
	struct amdvi_cmd cmd[PIECES_MAX];
	size_t n = 0;

	if (flush && (flush->first > flush->last || (!ptab_flush_needed(flush) && !common->caps.caching))) {
		*ret_ticket = amdvi_queue_done(unit);
		return 0;
	}
	if (flush)
		n = pages_cmd(domain_id, flush, cmd);
	if (n == 0) {
		cmd[0] = (struct amdvi_cmd){
			.lo = AMDVI_CMD_PAGES | AMDVI_CMD_DOMAIN(domain_id),
			.hi = AMDVI_PAGES_EVERYTHING | AMDVI_PAGES_SIZE | AMDVI_PAGES_TABLES,
		};
		n = 1;
	}
	return amdvi_queue_submit(unit, cmd, n, ret_ticket);
}
