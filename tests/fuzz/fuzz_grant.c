/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any sequence of grant and memory operations of three domains, 16 bytes each,
 * with entries that change at any time, and domains that end in between. Every
 * frame comes back, and no domain ever has a frame that was not lent to it.
 */
#include <stdlib.h>
#include <string.h>
#include <hv/frame.h>
#include <hv/grant.h>
#include <hv/p2m.h>
#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include "domain_host.h"

#define STEPS_MAX 200
#define FRAMES	  12
#define DOMAINS	  3
#define MAP_GFN	  0x800u

struct step {
	uint8_t op, who, far, small;
	uint16_t ref, place;
	uint32_t a, b;
};

static struct domain *domain[DOMAINS];

static void grant_call(struct vcpu *v, unsigned int cmd, const void *arg, size_t bytes)
{
	memcpy(host_arg(), arg, bytes);
	(void)host_call(v, __HYPERVISOR_grant_table_op, cmd, HOST_ARG(host_arg()), 1);
}

static void memory_call(struct vcpu *v, unsigned int cmd, const void *arg, size_t bytes)
{
	memcpy(host_arg(), arg, bytes);
	(void)host_call(v, __HYPERVISOR_memory_op, cmd, HOST_ARG(host_arg()), 0);
}

/* Own memory, mappings and nothing. */
static uint64_t some_gfn(uint16_t place)
{
	return place & 1 ? HOST_GFN + place / 2 % (FRAMES + 2) : MAP_GFN + place / 2 % 16;
}

static void step_entry(struct domain *d, const struct step *s)
{
	struct grant_entry_v1 e = {.flags = (uint16_t)s->a,
		.domid = s->far % (DOMAINS + 1),
		.frame = (uint32_t)some_gfn(s->place)};
	mfn_t mfn;

	if (s->small & 1)
		e.flags = (uint16_t)(GTF_permit_access | (s->small & 2 ? GTF_readonly : 0));
	if (grant_table_frame(d, 0, &mfn) != 0)
		abort();
	((struct grant_entry_v1 *)mfn_to_va(mfn))[s->ref % 8] = e;
}

static void step_map(struct vcpu *v, const struct step *s)
{
	struct gnttab_map_grant_ref a = {.host_addr = some_gfn(s->place) << PAGE_SHIFT,
		.flags = (s->small & 1 ? GNTMAP_host_map : s->a) | (s->small & 2 ? GNTMAP_readonly : 0),
		.ref = s->small & 4 ? s->b : s->ref % 8u,
		.dom = s->far % (DOMAINS + 1)};

	grant_call(v, GNTTABOP_map_grant_ref, &a, sizeof(a));
}

static void step_unmap(struct vcpu *v, const struct step *s)
{
	struct gnttab_unmap_grant_ref a = {.host_addr = s->small & 1 ? some_gfn(s->place) << PAGE_SHIFT : 0,
		.handle = s->small & 2 ? s->b : s->ref % 32u};

	grant_call(v, GNTTABOP_unmap_grant_ref, &a, sizeof(a));
}

static void step_copy(struct vcpu *v, const struct step *s)
{
	struct gnttab_copy a = {.source = {.u.ref = s->ref % 8u, .domid = s->far % (DOMAINS + 1)},
		.dest = {.u.gmfn = some_gfn(s->place), .domid = DOMID_SELF},
		.len = (uint16_t)s->a,
		.flags = s->small};

	a.source.offset = (uint16_t)(s->b & 0xfff);
	a.dest.offset = (uint16_t)(s->b >> 16 & 0xfff);
	if ((s->small & GNTCOPY_dest_gref) != 0)
		a.dest.domid = s->far % (DOMAINS + 1);
	grant_call(v, GNTTABOP_copy, &a, sizeof(a));
}

static void step_memory(struct vcpu *v, const struct step *s)
{
	xen_pfn_t *gfn = (xen_pfn_t *)host_arg() + 64;
	xen_ulong_t *idx = (xen_ulong_t *)host_arg() + 65;
	struct xen_memory_reservation r = {.extent_start = {gfn},
		.nr_extents = 1,
		.extent_order = s->small & 8 ? s->b % 12 : 0,
		.domid = DOMID_SELF};
	struct xen_add_to_physmap p = {.domid = DOMID_SELF,
		.space = s->b % 4,
		.idx = s->small & 16 ? s->a : s->a % 4,
		.gpfn = some_gfn(s->place)};
	struct xen_add_to_physmap_batch f = {.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 1,
		.u.foreign_domid = s->far % (DOMAINS + 1),
		.idxs = {idx},
		.gpfns = {gfn},
		.errs = {(int *)host_arg() + 200}};

	*gfn = some_gfn(s->place);
	*idx = some_gfn((uint16_t)s->a);
	if (p.space == XENMAPSPACE_gmfn)
		p.idx = some_gfn((uint16_t)s->a);
	switch (s->small & 3) {
	case 0:
		return memory_call(v, XENMEM_decrease_reservation, &r, sizeof(r));
	case 1:
		return memory_call(v, XENMEM_populate_physmap, &r, sizeof(r));
	case 2:
		return memory_call(v, XENMEM_add_to_physmap, &p, sizeof(p));
	default:
		return memory_call(v, XENMEM_add_to_physmap_batch, &f, sizeof(f));
	}
}

/* One that is not dom0 ends and is made anew. */
static void step_end(const struct step *s)
{
	unsigned int id = 1 + s->who % (DOMAINS - 1);

	host_domain_end(domain[id]);
	domain[id] = host_domain((domid_t)id, 1, FRAMES);
}

/* RAM is the domain's own; what is mapped of others has a reference of the mapping's own. */
static void check(void)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		for (uint64_t gfn = MAP_GFN; gfn < MAP_GFN + 16; gfn++) {
			struct p2m_entry e = p2m_get(domain[i], GFN(gfn));

			if (e.type == P2M_INVALID)
				continue;
			if (frame_at(e.mfn)->refs == 0)
				abort();
			if (e.type == P2M_RAM && frame_at(e.mfn)->owner != i)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct step s;

	host_reset();
	for (unsigned int i = 0; i < DOMAINS; i++)
		domain[i] = host_domain((domid_t)i, 1, FRAMES);
	for (unsigned int n = 0; n < STEPS_MAX && bytes >= sizeof(s); n++) {
		struct vcpu *v;

		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		bytes -= sizeof(s);
		v = domain[s.who % DOMAINS]->vcpu[0];
		switch (s.op % 8) {
		case 0:
		case 1:
			step_entry(v->domain, &s);
			break;
		case 2:
		case 3:
			step_map(v, &s);
			break;
		case 4:
			step_unmap(v, &s);
			break;
		case 5:
			step_copy(v, &s);
			break;
		case 6:
			step_memory(v, &s);
			break;
		default:
			if (s.a % 8 == 0)
				step_end(&s);
		}
		check();
	}
	host_check_leaks();
	return 0;
}
