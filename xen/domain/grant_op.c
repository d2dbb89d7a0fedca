/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNTTABOP_*. Source: public/grant_table.h.
 * HOT: map, unmap and copy, in batches: one flush for each, before the frames go.
 */
#include <errno.h>
#include <string.h>
#include <hv/frame.h>
#include <hv/p2m.h>
#include "domain_priv.h"
#include "grant_priv.h"

#define GRANT_BATCH 32u

/* --- Map. --- */

static int grant_map_place(struct domain *d, struct grant_map *m)
{
	int rc = p2m_set(d, GFN(m->gfn), m->mfn, ORDER_4K, m->readonly ? P2M_GRANT_RO : P2M_GRANT_RW);

	return rc == 0 ? GNTST_okay : rc == -ENOMEM ? GNTST_no_space : GNTST_general_error;
}

static int grant_map_pinned(struct domain *d, struct grant_map *m, uint32_t *ret_handle)
{
	int rc = grant_map_alloc(d->grants, ret_handle), status;

	if (rc != 0)
		return GNTST_no_space;
	status = grant_map_place(d, m);
	if (status != GNTST_okay)
		grant_map_free(d->grants, *ret_handle);
	else
		grant_map_fill(d->grants, *ret_handle, m);
	return status;
}

static int grant_map_of(struct vcpu *v, struct domain *granter, struct gnttab_map_grant_ref *op)
{
	struct grant_map m = {
		.table = grant_table_get(granter),
		.gfn = op->host_addr >> PAGE_SHIFT,
		.ref = op->ref,
		.readonly = (op->flags & GNTMAP_readonly) != 0,
	};
	int status;

	if (m.table == NULL)
		return GNTST_bad_domain;
	status = grant_pin(granter, m.table, op->ref, v->domain->id, m.readonly, &m.mfn);
	if (status == GNTST_okay) {
		status = grant_map_pinned(v->domain, &m, &op->handle);
		if (status != GNTST_okay)
			grant_unpin(m.table, op->ref, m.readonly);
	}
	grant_table_put(m.table);
	return status;
}

/* A device reaches the frame where the guest put it: there is no other bus address. */
static int grant_map_one(struct vcpu *v, struct gnttab_map_grant_ref *op)
{
	const uint32_t unknown = GNTMAP_application_map | GNTMAP_contains_pte;
	struct domain *granter;
	int status;

	if ((op->flags & GNTMAP_host_map) == 0 || (op->flags & unknown) != 0)
		return GNTST_bad_gntref;
	if ((op->host_addr & (PAGE_SIZE - 1)) != 0)
		return GNTST_bad_virt_addr;
	granter = domain_get(op->dom == DOMID_SELF ? v->domain->id : op->dom);
	if (granter == NULL)
		return GNTST_bad_domain;
	status = grant_map_of(v, granter, op);
	if (status == GNTST_okay)
		op->dev_bus_addr = op->host_addr;
	domain_put(granter);
	return status;
}

static long grant_map_batch(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_map_grant_ref op;
	long rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++, at += sizeof(op)) {
		rc = guest_read(&op, at, sizeof(op));
		if (rc != 0)
			break;
		op.status = (int16_t)grant_map_one(v, &op);
		rc = guest_write(at, &op, sizeof(op));
	}
	p2m_flush(v->domain);
	return rc;
}

/* --- Unmap. --- */

struct grant_leaving {
	uint32_t count;
	uint32_t handle[GRANT_BATCH];
	struct grant_map map[GRANT_BATCH];
};

static bool grant_map_is_there(struct domain *d, const struct grant_map *m)
{
	struct p2m_entry e = p2m_get(d, GFN(m->gfn));

	return (e.type == P2M_GRANT_RO || e.type == P2M_GRANT_RW) && mfn_eq(e.mfn, m->mfn);
}

/* The mapping is only given up where it was made; a guest that has put something else there keeps that. */
static int grant_unmap_one(
	struct domain *d, const struct gnttab_unmap_grant_ref *op, struct grant_leaving *leaving)
{
	struct grant_map *m = &leaving->map[leaving->count];
	int rc = 0;

	if (grant_map_take(d->grants, op->handle, m) != 0)
		return GNTST_bad_handle;
	if (op->host_addr != 0 && op->host_addr >> PAGE_SHIFT != m->gfn) {
		grant_map_fill(d->grants, op->handle, m);
		return GNTST_general_error;
	}
	if (grant_map_is_there(d, m))
		rc = p2m_remove(d, GFN(m->gfn), ORDER_4K);
	if (rc != 0) {
		grant_map_fill(d->grants, op->handle, m);
		return GNTST_general_error;
	}
	leaving->handle[leaving->count++] = op->handle;
	return GNTST_okay;
}

static void grant_leaving_end(struct domain *d, struct grant_leaving *leaving)
{
	p2m_flush(d);
	for (uint32_t i = 0; i < leaving->count; i++) {
		grant_unpin(leaving->map[i].table, leaving->map[i].ref, leaving->map[i].readonly);
		grant_map_free(d->grants, leaving->handle[i]);
	}
}

static long grant_unmap_batch(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct grant_leaving leaving = {.count = 0};
	struct gnttab_unmap_grant_ref op;
	long rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++, at += sizeof(op)) {
		rc = guest_read(&op, at, sizeof(op));
		if (rc != 0)
			break;
		op.status = (int16_t)grant_unmap_one(v->domain, &op, &leaving);
		rc = guest_write(at, &op, sizeof(op));
	}
	grant_leaving_end(v->domain, &leaving);
	return rc;
}

/* --- Copy. --- */

/* One side: a pin of a grant, or a frame of the caller's own. */
struct copy_side {
	struct grant_table *table; /* NULL: own */
	uint32_t ref;
	bool readonly;
	mfn_t mfn;
};

static int copy_side_grant(struct vcpu *v, domid_t domid, struct copy_side *s)
{
	struct domain *granter = domain_get(domid == DOMID_SELF ? v->domain->id : domid);
	int status = GNTST_bad_domain;

	if (granter == NULL)
		return status;
	s->table = grant_table_get(granter);
	if (s->table != NULL) {
		status = grant_pin(granter, s->table, s->ref, v->domain->id, s->readonly, &s->mfn);
		grant_table_put(s->table);
	}
	domain_put(granter);
	return status;
}

static int copy_side_get(struct vcpu *v, const struct gnttab_copy_ptr *p, bool is_ref, struct copy_side *s)
{
	if (is_ref) {
		s->ref = p->u.ref;
		return copy_side_grant(v, p->domid, s);
	}
	if (p->domid != DOMID_SELF)
		return GNTST_permission_denied;
	return p2m_get_frame(v->domain, GFN(p->u.gmfn), !s->readonly, &s->mfn) == 0 ? GNTST_okay
										    : GNTST_general_error;
}

static void copy_side_put(const struct copy_side *s)
{
	if (s->table != NULL)
		grant_unpin(s->table, s->ref, s->readonly);
	else
		p2m_put_frame(s->mfn);
}

static bool copy_fits(const struct gnttab_copy *op)
{
	return op->source.offset + op->len <= PAGE_SIZE && op->dest.offset + op->len <= PAGE_SIZE;
}

static int grant_copy_one(struct vcpu *v, const struct gnttab_copy *op)
{
	struct copy_side from = {.readonly = true}, to = {.readonly = false};
	int status;

	if (!copy_fits(op))
		return GNTST_bad_copy_arg;
	status = copy_side_get(v, &op->source, (op->flags & GNTCOPY_source_gref) != 0, &from);
	if (status != GNTST_okay)
		return status;
	status = copy_side_get(v, &op->dest, (op->flags & GNTCOPY_dest_gref) != 0, &to);
	if (status == GNTST_okay) {
		memmove((char *)mfn_to_va(to.mfn) + op->dest.offset,
			(const char *)mfn_to_va(from.mfn) + op->source.offset, op->len);
		copy_side_put(&to);
	}
	copy_side_put(&from);
	return status;
}

static long grant_copy_batch(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_copy op;
	long rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++, at += sizeof(op)) {
		rc = guest_read(&op, at, sizeof(op));
		if (rc != 0)
			break;
		op.status = (int16_t)grant_copy_one(v, &op);
		rc = guest_write(at, &op, sizeof(op));
	}
	return rc;
}

/* --- The table itself. --- */

static int grant_setup_frames(struct domain *d, const struct gnttab_setup_table *op)
{
	for (uint32_t i = 0; i < op->nr_frames; i++) {
		xen_pfn_t gfn;
		mfn_t mfn;

		if (grant_table_frame(d, i, &mfn) != 0)
			return GNTST_general_error;
		/* Where the domain has put it, or nowhere. */
		gfn = __atomic_load_n(&frame_at(mfn)->priv, __ATOMIC_RELAXED) - 1;
		if (guest_write((uint64_t)(op->frame_list.p + i), &gfn, sizeof(gfn)) != 0)
			return GNTST_bad_virt_addr;
	}
	return GNTST_okay;
}

static int grant_target_status(int rc)
{
	return rc == -EPERM ? GNTST_permission_denied : GNTST_bad_domain;
}

static long grant_setup_table(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_setup_table op;
	struct domain *d;
	int rc;

	if (count != 1)
		return -EINVAL;
	if (guest_read(&op, at, sizeof(op)) != 0)
		return -EFAULT;
	rc = domain_target(v, op.dom, &d);
	if (rc != 0) {
		op.status = (int16_t)grant_target_status(rc);
	} else {
		op.status = op.nr_frames <= grant_frames_max(d) ? (int16_t)grant_setup_frames(d, &op)
								: GNTST_general_error;
		domain_put(d);
	}
	return guest_write(at, &op, sizeof(op));
}

static long grant_query_size(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_query_size op;
	struct grant_table *t;
	struct domain *d;
	int rc;

	if (count != 1)
		return -EINVAL;
	if (guest_read(&op, at, sizeof(op)) != 0)
		return -EFAULT;
	rc = domain_target(v, op.dom, &d);
	if (rc != 0) {
		op.status = (int16_t)grant_target_status(rc);
		return guest_write(at, &op, sizeof(op));
	}
	t = grant_table_get(d);
	op.status = t != NULL ? GNTST_okay : GNTST_bad_domain;
	if (t != NULL) {
		op.nr_frames = t->frames;
		op.max_nr_frames = t->frames_max;
		grant_table_put(t);
	}
	domain_put(d);
	return guest_write(at, &op, sizeof(op));
}

static long grant_get_version(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_get_version op;
	struct domain *d;
	int rc;

	if (count != 1)
		return -EINVAL;
	if (guest_read(&op, at, sizeof(op)) != 0)
		return -EFAULT;
	rc = domain_target(v, op.dom, &d);
	if (rc != 0)
		return rc;
	domain_put(d);
	op.version = 1;
	return guest_write(at, &op, sizeof(op));
}

static long grant_set_version(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_set_version op;

	(void)v;
	if (count != 1)
		return -EINVAL;
	if (guest_read(&op, at, sizeof(op)) != 0)
		return -EFAULT;
	if (op.version != 1)
		return op.version == 2 ? -ENOSYS : -EINVAL;
	return guest_write(at, &op, sizeof(op));
}

static long grant_swap_batch(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_swap_grant_ref op;
	long rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++, at += sizeof(op)) {
		rc = guest_read(&op, at, sizeof(op));
		if (rc != 0)
			break;
		op.status = (int16_t)grant_swap(v->domain->grants, op.ref_a, op.ref_b);
		rc = guest_write(at, &op, sizeof(op));
	}
	return rc;
}

/* Transfers and version 2 do not exist here; caches are the processors' own matter on x86. */
static const struct grant_row {
	long (*fn)(struct vcpu *v, uint64_t at, uint32_t count);
	uint16_t bytes;
} grant_ops[] = {
	[GNTTABOP_map_grant_ref] = {grant_map_batch, sizeof(struct gnttab_map_grant_ref)},
	[GNTTABOP_unmap_grant_ref] = {grant_unmap_batch, sizeof(struct gnttab_unmap_grant_ref)},
	[GNTTABOP_setup_table] = {grant_setup_table, sizeof(struct gnttab_setup_table)},
	[GNTTABOP_copy] = {grant_copy_batch, sizeof(struct gnttab_copy)},
	[GNTTABOP_query_size] = {grant_query_size, sizeof(struct gnttab_query_size)},
	[GNTTABOP_set_version] = {grant_set_version, sizeof(struct gnttab_set_version)},
	[GNTTABOP_get_version] = {grant_get_version, sizeof(struct gnttab_get_version)},
	[GNTTABOP_swap_grant_ref] = {grant_swap_batch, sizeof(struct gnttab_swap_grant_ref)},
};

/* Those that take one structure only see how many there are; the others a batch at a time. */
static bool grant_takes_one(const struct grant_row *row)
{
	return row->fn == grant_setup_table || row->fn == grant_query_size || row->fn == grant_set_version ||
	       row->fn == grant_get_version;
}

long grant_table_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	const struct grant_row *row = args[0] < ARRAY_SIZE(grant_ops) ? &grant_ops[args[0]] : NULL;
	uint32_t count = (uint32_t)args[2], n;
	long rc;

	if (count > INT32_MAX)
		return -EINVAL;
	if (row == NULL || row->fn == NULL)
		return -ENOSYS;
	if (grant_takes_one(row))
		return row->fn(v, args[1], count);
	n = MIN(count, GRANT_BATCH);
	rc = row->fn(v, args[1], n);
	if (rc != 0 || n == count)
		return rc;
	args[1] += (uint64_t)n * row->bytes;
	args[2] = count - n;
	return -ERESTART;
}
