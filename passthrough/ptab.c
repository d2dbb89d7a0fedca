/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table walker. HOT: range_write and entries_write, by every map and
 * unmap of guest memory: no allocation, nothing done for a frame that could be
 * done for a page, nothing for a page that could be done for a table.
 */
#include <errno.h>
#include <pt/env.h>
#include <pt/ptab.h>

#define INDEX_BITS   9
#define ENTRIES	     (1U << INDEX_BITS)
#define ADDRESS_MASK 0x000ffffffffff000ULL /* 51:12, of every format */
#define FRAMES_END   (1ULL << 40)
#define LEVELS_MIN   2

/* One map or unmap under way. */
struct ptab_job {
	struct ptab *pt;
	struct ptab_flush *flush;
	uint64_t offset;		     /* mfn - at, modulo 2^64 */
	uint64_t bits[PTAB_LEAF_LEVELS + 1]; /* of a new leaf, by level; unmap: unused */
	bool unmap;
	mfn_t pool; /* frames for new tables, chained through their first entry */
};

/* Frames that one entry of a table of this level covers. */
static inline uint64_t level_span(unsigned int level)
{
	return 1ULL << (INDEX_BITS * (level - 1));
}

static inline bool entry_is_table(const struct ptab_format *f, uint64_t e, unsigned int level)
{
	return level > 1 && (e & f->present) != 0 && (e & f->leaf_mask) != f->leaf_value;
}

static inline mfn_t entry_table_mfn(uint64_t e)
{
	return paddr_to_mfn(e & ADDRESS_MASK);
}

static inline uint64_t *entry_table(uint64_t e)
{
	return env_frame_map(entry_table_mfn(e));
}

static void entries_clean(const struct ptab *pt, const uint64_t *entry, size_t count)
{
	if (!pt->coherent)
		env_cache_clean(entry, count * sizeof(*entry));
}

/* --- Leaves and attributes. --- */

static uint64_t leaf_bits(const struct ptab_format *f, ptab_attr_t attr, unsigned int level)
{
	uint64_t soft = PTAB_SOFT_OF(attr) & ((1ULL << f->soft_bits) - 1);
	uint64_t bits = f->access[attr & PTAB_RWX] | soft << f->soft_shift;

	bits |= level > 1 ? f->type_large[PTAB_TYPE_OF(attr)] : f->type[PTAB_TYPE_OF(attr)];
	if (attr & PTAB_FORCE)
		bits |= f->force;
	if (level > 1)
		bits |= f->leaf_value;
	return bits;
}

static ptab_attr_t leaf_access(const struct ptab_format *f, uint64_t e)
{
	ptab_attr_t access = 0;

	if ((e & f->present) == 0)
		return 0;
	access |= (e & f->read) ? PTAB_R : 0;
	access |= (e & f->write) ? PTAB_W : 0;
	access |= (e & f->exec) || (f->noexec && !(e & f->noexec)) ? PTAB_X : 0;
	return access;
}

static ptab_attr_t leaf_type(const struct ptab_format *f, uint64_t e, unsigned int level)
{
	const uint64_t *type = level > 1 ? f->type_large : f->type;
	uint64_t bits = e & (level > 1 ? f->type_mask_large : f->type_mask);

	/* From write-back down: formats without types have zeroes everywhere and mean that. */
	for (unsigned int t = 6; t > 0; t--)
		if (type[t] == bits && t != 2 && t != 3)
			return PTAB_TYPE(t);
	return PTAB_UC;
}

static ptab_attr_t leaf_attr(const struct ptab_format *f, uint64_t e, unsigned int level)
{
	uint64_t soft = (e >> f->soft_shift) & ((1ULL << f->soft_bits) - 1);

	return leaf_access(f, e) | leaf_type(f, e, level) | PTAB_SOFT(soft) |
	       ((e & f->force) ? PTAB_FORCE : 0);
}

static uint64_t leaf_frame(uint64_t e, unsigned int level)
{
	return ((e & ADDRESS_MASK) >> PAGE_SHIFT) & ~(level_span(level) - 1);
}

/* --- Tables: the pool they come from, the list they go to. --- */

static void chain_push(mfn_t *head, mfn_t frame)
{
	uint64_t *link = env_frame_map(frame);

	/* Low bits are 0, so that hardware which still walks this table sees an entry that is not present. */
	WRITE_ONCE(link[0], mfn_valid(*head) ? mfn_to_paddr(*head) : ~ADDRESS_MASK & ~0xfffULL);
	*head = frame;
}

static mfn_t chain_pop(mfn_t *head)
{
	mfn_t frame = *head;
	uint64_t *link = env_frame_map(frame);

	*head = (link[0] & ~ADDRESS_MASK) ? INVALID_MFN : paddr_to_mfn(link[0]);
	link[0] = 0;
	return frame;
}

static void pool_free(struct ptab_job *job)
{
	while (mfn_valid(job->pool))
		env_frames_free(chain_pop(&job->pool), 0);
}

static int pool_fill(struct ptab_job *job, uint64_t tables)
{
	for (; tables > 0; tables--) {
		mfn_t frame = env_frames_alloc(0);

		if (!mfn_valid(frame)) {
			pool_free(job);
			return -ENOMEM;
		}
		chain_push(&job->pool, frame);
	}
	return 0;
}

/* The table and everything below it, no longer linked, goes to the list of the freed. */
static void subtree_unlink(struct ptab_job *job, uint64_t e, unsigned int level)
{
	const struct ptab_format *f = job->pt->format;
	uint64_t *table = entry_table(e);

	for (unsigned int i = 0; level > 2 && i < ENTRIES; i++)
		if (entry_is_table(f, table[i], level - 1))
			subtree_unlink(job, table[i], level - 1);
	chain_push(&job->flush->freed, entry_table_mfn(e));
	job->flush->freed_count++;
	job->pt->tables--;
}

/* --- Writing. --- */

static void entry_replaced(struct ptab_job *job, uint64_t old, unsigned int level)
{
	if ((old & job->pt->format->present) == 0)
		return;
	job->flush->stale = true;
	if (entry_is_table(job->pt->format, old, level)) {
		job->flush->tables = true;
		subtree_unlink(job, old, level);
	}
}

/* count whole entries from table[i], which is the one for `at`. */
static void entries_write(
	struct ptab_job *job, uint64_t *entry, unsigned int level, uint64_t at, uint64_t count)
{
	uint64_t value = 0, step = 0;

	if (!job->unmap) {
		value = (at + job->offset) << PAGE_SHIFT | job->bits[level];
		step = level_span(level) << PAGE_SHIFT;
	}
	for (uint64_t i = 0; i < count; i++, value += step) {
		uint64_t old = entry[i];

		WRITE_ONCE(entry[i], value);
		if (unlikely(old != 0))
			entry_replaced(job, old, level);
	}
	entries_clean(job->pt, entry, count);
}

static void flush_cover(struct ptab_flush *flush, uint64_t at, uint64_t count)
{
	flush->first = MIN(flush->first, at);
	flush->last = MAX(flush->last, at + count - 1);
}

/*
 * A page of the level above becomes the same translations one level down. Hardware may hold all of it as one
 * cached page, so all of it is stale.
 */
static void split_fill(struct ptab_job *job, uint64_t *table, uint64_t e, unsigned int level, uint64_t at)
{
	const struct ptab_format *f = job->pt->format;
	uint64_t frame = leaf_frame(e, level + 1), span = level_span(level);
	uint64_t bits = leaf_bits(f, leaf_attr(f, e, level + 1), level) | (e & f->keep);

	for (unsigned int i = 0; i < ENTRIES; i++)
		table[i] = (frame + i * span) << PAGE_SHIFT | bits;
	if (e & f->present)
		flush_cover(job->flush, at & ~(ENTRIES * span - 1), ENTRIES * span);
}

/* May the whole entry at `at` be one leaf? Then so may all whole entries behind it. */
static inline bool entry_is_whole(const struct ptab_job *job, unsigned int level, uint64_t at)
{
	if (job->unmap)
		return true;
	if (level > PTAB_LEAF_LEVELS || !(job->pt->superpages & (1U << (level - 2))))
		return false;
	return ((at + job->offset) & (level_span(level) - 1)) == 0;
}

/* How much of a range the entry at `at` takes; *ret_whole: it is written, not descended into. */
static inline uint64_t entry_take(
	const struct ptab_job *job, unsigned int level, uint64_t at, uint64_t count, bool *ret_whole)
{
	uint64_t span = level_span(level), left = span - (at & (span - 1));

	*ret_whole = left == span && count >= span && entry_is_whole(job, level, at);
	return *ret_whole ? count & ~(span - 1) : MIN(left, count);
}

static inline unsigned int entry_index(unsigned int level, uint64_t at)
{
	return (at >> (INDEX_BITS * (level - 1))) & (ENTRIES - 1);
}

static void range_write(
	struct ptab_job *job, uint64_t *table, unsigned int level, uint64_t at, uint64_t count);

/* Part of what an entry covers changes: through its table, or through a new one. */
static void entry_descend(
	struct ptab_job *job, uint64_t *entry, unsigned int level, uint64_t at, uint64_t count)
{
	const struct ptab_format *f = job->pt->format;
	uint64_t e = *entry, *table;
	mfn_t frame;

	if (entry_is_table(f, e, level)) {
		range_write(job, entry_table(e), level - 1, at, count);
		return;
	}
	if (e == 0 && job->unmap)
		return;
	frame = chain_pop(&job->pool);
	table = env_frame_map(frame);
	if (e != 0)
		split_fill(job, table, e, level - 1, at);
	range_write(job, table, level - 1, at, count);
	entries_clean(job->pt, table, ENTRIES);
	env_wmb(); /* the table is complete before hardware can find it */
	WRITE_ONCE(*entry, mfn_to_paddr(frame) | f->table |
				   (f->level_shift ? (uint64_t)(level - 1) << f->level_shift : 0));
	entries_clean(job->pt, entry, 1);
	job->pt->tables++;
}

/* The range lies inside the table. */
static void range_write(
	struct ptab_job *job, uint64_t *table, unsigned int level, uint64_t at, uint64_t count)
{
	if (level <= 1) {
		entries_write(job, &table[entry_index(level, at)], level, at, count);
		return;
	}
	while (count > 0) {
		uint64_t *entry = &table[entry_index(level, at)];
		bool whole;
		uint64_t take = entry_take(job, level, at, count, &whole);

		if (whole)
			entries_write(job, entry, level, at, take / level_span(level));
		else
			entry_descend(job, entry, level, at, take);
		at += take;
		count -= take;
	}
}

/*
 * How many new tables range_write will take from the pool. table is NULL where
 * a new one will be: there each descent needs one more.
 */
static uint64_t tables_needed(
	const struct ptab_job *job, const uint64_t *table, unsigned int level, uint64_t at, uint64_t count)
{
	uint64_t needed = 0;

	while (level > 1 && count > 0) {
		bool whole;
		uint64_t take = entry_take(job, level, at, count, &whole);
		uint64_t e = table ? table[entry_index(level, at)] : 0;

		if (!whole && entry_is_table(job->pt->format, e, level))
			needed += tables_needed(job, entry_table(e), level - 1, at, take);
		else if (!whole && !(job->unmap && table && e == 0))
			needed += 1 + tables_needed(job, NULL, level - 1, at, take);
		at += take;
		count -= take;
	}
	return needed;
}

/* The deepest table there is that holds all of the range: where a small change begins. */
static uint64_t *range_table(const struct ptab *pt, uint64_t at, uint64_t count, unsigned int *ret_level)
{
	uint64_t *table = env_frame_map(pt->root);
	unsigned int level = pt->levels;

	for (; level > 1 && count < level_span(level); level--) {
		uint64_t e = table[entry_index(level, at)];

		if ((at ^ (at + count - 1)) & ~(level_span(level) - 1))
			break;
		if (!entry_is_table(pt->format, e, level))
			break;
		table = entry_table(e);
	}
	*ret_level = level;
	return table;
}

static int job_run(struct ptab_job *job, uint64_t at, uint64_t count)
{
	uint64_t *table, end = 1ULL << (INDEX_BITS * job->pt->levels);
	unsigned int level;
	int err;

	if (count == 0 || at >= end || count > end - at)
		return -EINVAL;
	table = range_table(job->pt, at, count, &level);
	job->pool = INVALID_MFN;
	err = pool_fill(job, tables_needed(job, table, level, at, count));
	if (err)
		return err;
	range_write(job, table, level, at, count);
	env_wmb();
	flush_cover(job->flush, at, count);
	return 0;
}

int ptab_map(struct ptab *pt, const struct ptab_range *range, struct ptab_flush *flush)
{
	struct ptab_job job = {.pt = pt, .flush = flush, .offset = range->mfn.v - range->at};

	if (range->mfn.v >= FRAMES_END || range->count > FRAMES_END - range->mfn.v)
		return -EINVAL;
	for (unsigned int level = 1; level <= PTAB_LEAF_LEVELS; level++)
		job.bits[level] = leaf_bits(pt->format, range->attr, level);
	return job_run(&job, range->at, range->count);
}

int ptab_unmap(struct ptab *pt, uint64_t at, uint64_t count, struct ptab_flush *flush)
{
	struct ptab_job job = {.pt = pt, .flush = flush, .unmap = true};

	return job_run(&job, at, count);
}

int ptab_map_list(struct ptab *pt, const struct ptab_range *range, size_t ranges, struct ptab_flush *flush,
	size_t *ret_done)
{
	int err = 0;

	for (*ret_done = 0; *ret_done < ranges; (*ret_done)++) {
		err = ptab_map(pt, &range[*ret_done], flush);
		if (err)
			break;
	}
	return err;
}

/* --- Reading. --- */

static void entry_decode(
	const struct ptab *pt, uint64_t e, unsigned int level, uint64_t at, struct ptab_entry *ret)
{
	uint64_t inside = at & (level_span(level) - 1);

	*ret = (struct ptab_entry){
		.at = at,
		.mfn = MFN(leaf_frame(e, level) + inside),
		.attr = leaf_attr(pt->format, e, level),
		.order = INDEX_BITS * (level - 1),
	};
}

int ptab_lookup(const struct ptab *pt, uint64_t at, struct ptab_entry *ret_entry)
{
	const uint64_t *table = env_frame_map(pt->root);
	unsigned int level = pt->levels;
	uint64_t e;

	if (at >> (INDEX_BITS * level) != 0)
		return -ENOENT;
	for (;; level--) {
		e = READ_ONCE(table[entry_index(level, at)]);
		if (!entry_is_table(pt->format, e, level))
			break;
		table = entry_table(e);
	}
	if (e == 0)
		return -ENOENT;
	entry_decode(pt, e, level, at, ret_entry);
	return 0;
}

static int table_next(const struct ptab *pt, const uint64_t *table, unsigned int level, uint64_t at,
	struct ptab_entry *ret_entry)
{
	uint64_t span = level_span(level);

	for (unsigned int i = entry_index(level, at); i < ENTRIES; i++, at = (at & ~(span - 1)) + span) {
		uint64_t e = READ_ONCE(table[i]);

		if (e == 0)
			continue;
		if (!entry_is_table(pt->format, e, level)) {
			entry_decode(pt, e, level, at & ~(span - 1), ret_entry);
			return 0;
		}
		if (table_next(pt, entry_table(e), level - 1, at, ret_entry) == 0)
			return 0;
	}
	return -ENOENT;
}

int ptab_next(const struct ptab *pt, uint64_t at, struct ptab_entry *ret_entry)
{
	if (at >> (INDEX_BITS * pt->levels) != 0)
		return -ENOENT;
	return table_next(pt, env_frame_map(pt->root), pt->levels, at, ret_entry);
}

/* --- The whole. --- */

int ptab_init(struct ptab *pt, const struct ptab_format *format, unsigned int levels, unsigned int superpages,
	bool coherent)
{
	mfn_t root;

	if (levels < LEVELS_MIN || levels > PTAB_LEVELS_MAX)
		return -EINVAL;
	root = env_frames_alloc(0);
	if (!mfn_valid(root))
		return -ENOMEM;
	*pt = (struct ptab){
		.format = format,
		.root = root,
		.levels = (uint8_t)levels,
		.superpages = (uint8_t)superpages,
		.coherent = coherent,
		.tables = 1,
	};
	entries_clean(pt, env_frame_map(root), ENTRIES);
	return 0;
}

void ptab_destroy(struct ptab *pt)
{
	struct ptab_flush flush = PTAB_FLUSH_NONE;
	struct ptab_job job = {.pt = pt, .flush = &flush};

	/* The root is unlinked as if an entry of a level above held it. */
	subtree_unlink(&job, mfn_to_paddr(pt->root), pt->levels + 1U);
	ptab_flush_done(&flush);
	pt->root = INVALID_MFN;
}

void ptab_flush_done(struct ptab_flush *flush)
{
	while (mfn_valid(flush->freed))
		env_frames_free(chain_pop(&flush->freed), 0);
	*flush = PTAB_FLUSH_NONE;
}
