/* SPDX-License-Identifier: GPL-2.0-only */
/* Nested page faults: what the guest touched, by its p2m, decides. AMD64 APM volume 2 section 15.25.6. */
#include <hv/p2m.h>
#include "hvm_priv.h"

static const char *const memory_type_name[P2M_TYPE_COUNT] = {
	[P2M_INVALID] = "nothing",
	[P2M_RAM] = "RAM",
	[P2M_RAM_RO] = "read-only RAM",
	[P2M_MMIO_DIRECT] = "a device",
	[P2M_MMIO_TRAP] = "an emulated device",
	[P2M_FIRMWARE] = "the firmware's memory",
	[P2M_FIRMWARE_RO] = "the firmware's read-only memory",
	[P2M_FOREIGN] = "another domain's frame",
	[P2M_GRANT_RW] = "a granted frame",
	[P2M_GRANT_RO] = "a read-only granted frame",
};

static void memory_refuse(struct vcpu *v, const struct hvm_exit *e, enum p2m_type type)
{
	domain_crash(v, "%s of guest-physical %lx%s refused: %s is there",
		e->u.memory.write   ? "write"
		: e->u.memory.fetch ? "fetch"
				    : "read",
		e->u.memory.gpa, e->u.memory.walk ? " by its page table" : "", memory_type_name[type]);
}

/* True when the p2m allows what the processor refused: it was changed meanwhile. */
static bool memory_allowed(enum p2m_type type, const struct hvm_exit *e)
{
	switch (type) {
	case P2M_RAM:
	case P2M_FOREIGN:
	case P2M_GRANT_RW:
		return true;
	case P2M_MMIO_DIRECT:
	case P2M_FIRMWARE:
		return !e->u.memory.fetch;
	case P2M_RAM_RO:
	case P2M_FIRMWARE_RO:
	case P2M_GRANT_RO:
		/* The walk of a guest's page table is a write, for accessed and dirty bits. */
		return !e->u.memory.write;
	default:
		return false;
	}
}

void hvm_memory_exit(struct vcpu *v)
{
	const struct hvm_exit *e = &v->hvm->exit;
	struct p2m_entry p = p2m_get(v->domain, GFN(e->u.memory.gpa >> PAGE_SHIFT));
	bool open_bus = p.type == P2M_INVALID && v->domain->privileged;

	if (memory_allowed(p.type, e))
		v->hvm->flush_tlb = true;
	else if ((p.type == P2M_MMIO_TRAP || open_bus) && !e->u.memory.fetch && !e->u.memory.walk)
		hvm_emulate(v);
	else
		memory_refuse(v, e, p.type);
}
