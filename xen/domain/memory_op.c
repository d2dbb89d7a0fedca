/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XENMEM_*: how much memory a domain has, and its ballooning. Source: public/memory.h.
 * HOT: populate and decrease, by ballooning and domain building.
 */
#include <errno.h>
#include <hv/boot_info.h>
#include <hv/domain_frames.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/memory_map.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include <xen/memory.h>
#include "domain_memory.h"
#include "domain_priv.h"

/* Frames of one call between two looks at what else there is to do. */
#define FRAMES_STEP	512u
#define ORDER_MAX_GUEST ORDER_2M
#define ORDER_MAX_DOM0	ORDER_1G
/* 0xff in mem_flags' node field: any. */
#define NODE_ANY 0xffu

struct reservation {
	struct domain *d;
	uint64_t gfns; /* guest address of the array */
	uint64_t count, done;
	unsigned int order, node, flags;
};

static unsigned int reservation_flags(uint32_t mem_flags)
{
	uint32_t bits = XENMEMF_get_address_bits(mem_flags);

	return (bits != 0 && bits <= 32 ? HEAP_BELOW_4G : 0) |
	       (mem_flags & XENMEMF_exact_node_request ? HEAP_NODE_EXACT : 0);
}

/* 0: the domain is referenced. 1: nothing is left to do. */
static int reservation_read(struct vcpu *v, uint64_t args[], struct reservation *r)
{
	struct xen_memory_reservation a;
	int rc = guest_read(&a, args[1], sizeof(a));

	if (rc != 0)
		return rc;
	*r = (struct reservation){
		.gfns = (uint64_t)a.extent_start.p,
		.count = a.nr_extents,
		.done = memory_op_done(args[0]),
		.order = a.extent_order,
		.node = XENMEMF_get_node(a.mem_flags) == NODE_ANY ? HEAP_ANY_NODE
								  : XENMEMF_get_node(a.mem_flags),
		.flags = reservation_flags(a.mem_flags),
	};
	if (r->count > ~0UL >> MEMORY_OP_SHIFT || r->done >= r->count ||
		r->order > (v->domain->privileged ? ORDER_MAX_DOM0 : ORDER_MAX_GUEST))
		return 1;
	return domain_target(v, a.domid, &r->d);
}

/* At least one extent, however large. */
static uint64_t reservation_step_end(const struct reservation *r)
{
	return MIN(r->count, r->done + MAX(FRAMES_STEP >> r->order, 1u));
}

static long reservation_end(struct reservation *r, int rc, uint64_t args[])
{
	domain_put(r->d);
	if (rc == -EAGAIN || (rc == 0 && r->done < r->count)) {
		args[0] = memory_op_again(args[0], r->done);
		return -ERESTART;
	}
	return (long)r->done;
}

static int reservation_gfn(const struct reservation *r, xen_pfn_t *ret)
{
	return guest_read(ret, r->gfns + r->done * sizeof(xen_pfn_t), sizeof(*ret));
}

static void frames_free(struct domain *d, mfn_t mfn, unsigned int order)
{
	for (uint64_t i = 0; i < 1UL << order; i++)
		(void)!domain_frame_free(d, mfn_add(mfn, i));
}

static int populate_one(struct reservation *r)
{
	xen_pfn_t gfn;
	mfn_t mfn;
	int rc = reservation_gfn(r, &gfn);

	if (rc != 0)
		return rc;
	if (!IS_ALIGNED(gfn, 1UL << r->order))
		return -EINVAL;
	rc = domain_frames_alloc(r->d, r->order, r->node, r->flags, &mfn);
	if (rc != 0)
		return rc;
	rc = p2m_set(r->d, GFN(gfn), mfn, r->order, P2M_RAM);
	if (rc != 0)
		frames_free(r->d, mfn, r->order);
	return rc;
}

static long memory_populate(struct vcpu *v, uint64_t args[])
{
	struct reservation r = {.done = 0};
	uint64_t end;
	int rc = reservation_read(v, args, &r);

	if (rc != 0)
		return rc < 0 ? rc : (long)r.done;
	end = reservation_step_end(&r);
	while (rc == 0 && r.done < end) {
		rc = populate_one(&r);
		r.done += rc == 0;
	}
	p2m_flush(r.d);
	return reservation_end(&r, rc, args);
}

/* Frames that have left the p2m and wait for the flush. */
struct leaving {
	struct domain *d;
	uint32_t count;
	mfn_t mfn[FRAMES_STEP];
};

static void leaving_free(struct leaving *l)
{
	p2m_flush(l->d);
	for (uint32_t i = 0; i < l->count; i++)
		(void)!domain_frame_free(l->d, l->mfn[i]);
	l->count = 0;
}

static int decrease_frames(struct leaving *l, uint64_t gfn, uint32_t frames)
{
	if (l->count + frames > FRAMES_STEP)
		leaving_free(l);
	for (uint32_t i = 0; i < frames; i++) {
		struct p2m_entry e = p2m_get(l->d, GFN(gfn + i));

		if (e.type != P2M_RAM && e.type != P2M_RAM_RO) {
			l->count -= i;
			return -EINVAL;
		}
		l->mfn[l->count++] = e.mfn;
	}
	return p2m_remove_range(l->d, GFN(gfn), frames);
}

static int decrease_one(struct reservation *r, struct leaving *l)
{
	uint64_t frames = 1UL << r->order;
	xen_pfn_t gfn;
	int rc = reservation_gfn(r, &gfn);

	for (uint64_t at = 0; rc == 0 && at < frames; at += FRAMES_STEP)
		rc = decrease_frames(l, gfn + at, (uint32_t)MIN(frames - at, (uint64_t)FRAMES_STEP));
	return rc;
}

static long memory_decrease(struct vcpu *v, uint64_t args[])
{
	struct leaving l = {.count = 0};
	struct reservation r = {.done = 0};
	uint64_t end;
	int rc = reservation_read(v, args, &r);

	if (rc != 0)
		return rc < 0 ? rc : (long)r.done;
	l.d = r.d;
	end = reservation_step_end(&r);
	while (rc == 0 && r.done < end) {
		rc = decrease_one(&r, &l);
		r.done += rc == 0;
	}
	leaving_free(&l);
	return reservation_end(&r, rc, args);
}

/* --- Questions. --- */

enum memory_question {
	MEMORY_CURRENT,
	MEMORY_MAXIMUM,
};

static long memory_ask(struct vcpu *v, uint64_t args[], enum memory_question what)
{
	struct xen_memory_domain a;
	struct domain *d;
	uint64_t frames;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc == 0)
		rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	frames = what == MEMORY_CURRENT ? d->frame_count : d->frame_max;
	domain_put(d);
	return (long)MIN(frames, (uint64_t)INT64_MAX);
}

static long memory_current(struct vcpu *v, uint64_t args[])
{
	return memory_ask(v, args, MEMORY_CURRENT);
}

static long memory_maximum(struct vcpu *v, uint64_t args[])
{
	return memory_ask(v, args, MEMORY_MAXIMUM);
}

static long memory_maximum_ram_page(struct vcpu *v, uint64_t args[])
{
	(void)v;
	(void)args;
	return (long)(e820_ram_end(&e820) >> PAGE_SHIFT) - 1;
}

static long memory_none_shared(struct vcpu *v, uint64_t args[])
{
	(void)v;
	(void)args;
	return 0;
}

static long memory_remove(struct vcpu *v, uint64_t args[])
{
	struct xen_remove_from_physmap a;
	struct domain *d;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc == 0)
		rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	rc = physmap_remove(d, a.gpfn);
	domain_put(d);
	return rc;
}

static long memory_claim(struct vcpu *v, uint64_t args[])
{
	struct xen_memory_reservation a;

	(void)v;
	if (guest_read(&a, args[1], sizeof(a)) != 0)
		return -EFAULT;
	if (a.extent_start.p != NULL || a.mem_flags != 0 || a.extent_order != 0)
		return -EINVAL;
	return a.nr_extents <= heap_free_frames() ? 0 : -ENOMEM;
}

static long memory_pod_target(struct vcpu *v, uint64_t args[])
{
	struct xen_pod_target a;
	struct domain *d;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc == 0)
		rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	a.tot_pages = d->frame_count;
	a.pod_cache_pages = 0;
	a.pod_entries = 0;
	domain_put(d);
	return guest_write(args[1], &a, sizeof(a));
}

/* --- Memory maps. --- */

struct memory_map_entry {
	uint64_t base, bytes;
	uint32_t type;
} __packed;

static int memory_map_write(const struct e820_map *map, struct xen_memory_map *a, uint64_t to)
{
	uint32_t count = a->buffer.p != NULL ? MIN(a->nr_entries, map->count) : map->count;

	for (uint32_t i = 0; a->buffer.p != NULL && i < count; i++) {
		const struct e820_entry *e = &map->entry[i];
		struct memory_map_entry out = {e->base, e->bytes, e->type};

		if (guest_write((uint64_t)a->buffer.p + i * sizeof(out), &out, sizeof(out)) != 0)
			return -EFAULT;
	}
	a->nr_entries = count;
	return guest_write(to, a, sizeof(*a));
}

static long memory_map_own(struct vcpu *v, uint64_t args[])
{
	const struct e820_map *map = __atomic_load_n(&v->domain->abi->map, __ATOMIC_ACQUIRE);
	struct xen_memory_map a;
	int rc = guest_read(&a, args[1], sizeof(a));

	if (rc != 0)
		return rc;
	return map != NULL ? memory_map_write(map, &a, args[1]) : -ENOSYS;
}

static long memory_map_machine(struct vcpu *v, uint64_t args[])
{
	struct xen_memory_map a;
	int rc = guest_read(&a, args[1], sizeof(a));

	(void)v;
	return rc == 0 ? memory_map_write(&e820, &a, args[1]) : rc;
}

int memory_map_set(struct domain *d, const struct e820_map *map)
{
	struct e820_map *copy = hv_alloc(sizeof(*copy));

	if (copy == NULL)
		return -ENOMEM;
	*copy = *map;
	/* Readers may be in the old one, so it is set once. */
	spin_lock(&d->lock);
	if (d->abi->map != NULL) {
		spin_unlock(&d->lock);
		hv_free(copy);
		return -EEXIST;
	}
	__atomic_store_n(&d->abi->map, copy, __ATOMIC_RELEASE);
	spin_unlock(&d->lock);
	return 0;
}

static int memory_map_read(const struct xen_memory_map *a, struct e820_map *map)
{
	for (uint32_t i = 0; i < a->nr_entries; i++) {
		struct memory_map_entry in;

		if (guest_read(&in, (uint64_t)a->buffer.p + i * sizeof(in), sizeof(in)) != 0)
			return -EFAULT;
		map->entry[i] = (struct e820_entry){in.base, in.bytes, in.type};
	}
	map->count = a->nr_entries;
	return 0;
}

static long memory_map_foreign(struct vcpu *v, uint64_t args[])
{
	struct xen_foreign_memory_map a;
	struct e820_map *map;
	struct domain *d;
	long rc = guest_read(&a, args[1], sizeof(a));

	if (rc != 0)
		return rc;
	if (a.map.nr_entries > E820_MAX)
		return -EINVAL;
	rc = domain_target(v, a.domid, &d);
	if (rc != 0)
		return rc;
	map = hv_alloc(sizeof(*map));
	rc = map != NULL ? memory_map_read(&a.map, map) : -ENOMEM;
	if (rc == 0)
		rc = memory_map_set(d, map);
	hv_free(map);
	domain_put(d);
	return rc;
}

/* Regions that must be identity mapped for devices (RMRR, IVMD): none is given to a guest. */
static long memory_map_devices(struct vcpu *v, uint64_t args[])
{
	struct xen_reserved_device_memory_map a;

	(void)v;
	if (guest_read(&a, args[1], sizeof(a)) != 0)
		return -EFAULT;
	if ((a.flags & ~(uint32_t)XENMEM_RDM_ALL) != 0)
		return -EINVAL;
	a.nr_entries = 0;
	return guest_write(args[1], &a, sizeof(a));
}

static long memory_no_vnuma(struct vcpu *v, uint64_t args[])
{
	(void)v;
	(void)args;
	return -EOPNOTSUPP;
}

static const struct memory_row {
	long (*fn)(struct vcpu *v, uint64_t args[]);
	bool privileged;
} memory_ops[] = {
	[XENMEM_decrease_reservation] = {memory_decrease, false},
	[XENMEM_populate_physmap] = {memory_populate, false},
	[XENMEM_maximum_ram_page] = {memory_maximum_ram_page, false},
	[XENMEM_current_reservation] = {memory_current, false},
	[XENMEM_maximum_reservation] = {memory_maximum, false},
	[XENMEM_add_to_physmap] = {physmap_single, false},
	[XENMEM_memory_map] = {memory_map_own, false},
	[XENMEM_machine_memory_map] = {memory_map_machine, true},
	[XENMEM_set_memory_map] = {memory_map_foreign, true},
	[XENMEM_remove_from_physmap] = {memory_remove, false},
	[XENMEM_set_pod_target] = {memory_pod_target, true},
	[XENMEM_get_pod_target] = {memory_pod_target, true},
	[XENMEM_get_sharing_freed_pages] = {memory_none_shared, false},
	[XENMEM_get_sharing_shared_pages] = {memory_none_shared, false},
	[XENMEM_add_to_physmap_batch] = {physmap_batch, false},
	[XENMEM_claim_pages] = {memory_claim, true},
	[XENMEM_get_vnumainfo] = {memory_no_vnuma, false},
	[XENMEM_reserved_device_memory_map] = {memory_map_devices, true},
	[XENMEM_acquire_resource] = {physmap_acquire, true},
};

long memory_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint64_t op = args[0] & MEMORY_OP_MASK;

	if (op >= ARRAY_SIZE(memory_ops) || memory_ops[op].fn == NULL)
		return -ENOSYS;
	if (memory_ops[op].privileged && !v->domain->privileged)
		return -EPERM;
	return memory_ops[op].fn(v, args);
}
