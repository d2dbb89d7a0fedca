/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's ports: the permission bitmap, IN and OUT, and their string forms.
 * A string of ports is done in pieces: what is left is executed again by the guest.
 */
#include <errno.h>
#include <string.h>
#include <hv/cpu_regs.h>
#include <hv/decode.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include "hvm_priv.h"
#include "msr_regs.h"

#define PORTS 0x10000U

/* One bit for each port, and some beyond for accesses that wrap (APM volume 2 section 15.10.1): 12 KiB. */
#define PORT_BITMAP_ORDER 2
#define PORT_BITMAP_BYTES 0x3000

/* Elements of a string that one exit does: bounds the time away from the loop. */
#define PORT_STRING_MAX 128

int portio_create(struct domain *d)
{
	d->hvm->port_bitmap = heap_pages(PORT_BITMAP_ORDER);
	if (!d->hvm->port_bitmap)
		return -ENOMEM;
	memset(d->hvm->port_bitmap, 0xff, PORT_BITMAP_BYTES);
	trap_init(&d->hvm->ports, "ports");
	return 0;
}

void portio_destroy(struct domain *d)
{
	if (!d->hvm->port_bitmap)
		return;
	trap_destroy(&d->hvm->ports);
	heap_pages_free(d->hvm->port_bitmap, PORT_BITMAP_ORDER);
	d->hvm->port_bitmap = NULL;
}

paddr_t portio_bitmap_pa(const struct domain *d)
{
	return mfn_to_paddr(va_to_mfn(d->hvm->port_bitmap));
}

int portio_add(struct domain *d, uint16_t first, uint32_t count, const struct trap_ops *ops, void *ctx)
{
	int rc;

	if (count > PORTS - first)
		return -EINVAL;
	rc = trap_add(&d->hvm->ports, first, count, ops, ctx);
	if (rc == 0)
		portio_deny(d, first, count);
	return rc;
}

int portio_remove(struct domain *d, uint16_t first)
{
	return trap_remove(&d->hvm->ports, first);
}

int portio_allow(struct domain *d, uint16_t first, uint32_t count)
{
	struct trap_range r;

	if (count == 0 || count > PORTS - first)
		return -EINVAL;
	for (uint32_t p = first; p < first + count; p++)
		if (trap_find(&d->hvm->ports, p, 1, &r))
			return -EBUSY;
	for (uint32_t p = first; p < first + count; p++)
		d->hvm->port_bitmap[p / 8] &= (uint8_t) ~(1u << (p % 8));
	return 0;
}

void portio_deny(struct domain *d, uint16_t first, uint32_t count)
{
	for (uint32_t p = first; p < PORTS && p < first + count; p++)
		d->hvm->port_bitmap[p / 8] |= (uint8_t)(1u << (p % 8));
}

bool portio_allowed(const struct domain *d, uint16_t port)
{
	return !(d->hvm->port_bitmap[port / 8] & (1u << (port % 8)));
}

static void port_single(struct vcpu *v)
{
	const struct hvm_exit *e = &v->hvm->exit;
	struct trap_table *ports = &v->domain->hvm->ports;

	if (e->u.port.in)
		insn_gpr_write(
			&v->regs.rax, e->u.port.bytes, trap_read(ports, v, e->u.port.port, e->u.port.bytes));
	else
		trap_write(
			ports, v, e->u.port.port, e->u.port.bytes, v->regs.rax & insn_mask(e->u.port.bytes));
	hvm_skip(v);
}

/* One element between the port and the guest's memory. False: a fault was injected. */
static bool port_element(struct vcpu *v, uint64_t address)
{
	const struct hvm_exit *e = &v->hvm->exit;
	struct trap_table *ports = &v->domain->hvm->ports;
	uint64_t value = 0;
	bool ok;

	if (e->u.port.in) {
		value = trap_read(ports, v, e->u.port.port, e->u.port.bytes);
		ok = copy_to_guest(address, &value, e->u.port.bytes) == 0;
	} else {
		ok = copy_from_guest(&value, address, e->u.port.bytes) == 0;
		if (ok)
			trap_write(ports, v, e->u.port.port, e->u.port.bytes, value);
	}
	if (!ok)
		hvm_inject_page_fault(v, address, e->u.port.in ? HVM_PF_WRITE : 0);
	return ok;
}

/* Where a string is, and how wide its index registers are. */
struct port_string {
	uint64_t base;
	unsigned int address; /* 2, 4, 8 */
};

/* INS writes to ES; the source of OUTS may have an override, which only the instruction tells. */
static int port_string_find(struct vcpu *v, struct port_string *ret_string)
{
	const struct hvm_exit *e = &v->hvm->exit;
	struct insn insn = {.address_bytes = e->u.port.address, .segment = HVM_ES};

	if (!e->u.port.in || !e->u.port.address) {
		int rc = hvm_decode(v, &insn);

		if (rc < 0)
			return rc;
	}
	if (e->u.port.in)
		insn.segment = HVM_ES;
	*ret_string = (struct port_string){hvm_segment_base(v, insn.segment), insn.address_bytes};
	return 0;
}

static void port_string(struct vcpu *v)
{
	const struct hvm_exit *e = &v->hvm->exit;
	struct port_string s = {0, 0};
	uint64_t *index = e->u.port.in ? &v->regs.rdi : &v->regs.rsi;
	uint64_t mask, left;
	uint64_t step = v->regs.rflags & RFLAGS_DF ? -(uint64_t)e->u.port.bytes : e->u.port.bytes;

	if (port_string_find(v, &s) < 0)
		return;
	mask = insn_mask(s.address);
	left = e->u.port.rep ? v->regs.rcx & mask : 1;
	for (unsigned int n = 0; left && n < PORT_STRING_MAX; n++, left--) {
		if (!port_element(v, s.base + (*index & mask)))
			return;
		insn_gpr_write(index, s.address, *index + step);
		if (e->u.port.rep)
			insn_gpr_write(&v->regs.rcx, s.address, left - 1);
	}
	if (left == 0)
		hvm_skip(v);
}

void hvm_port_exit(struct vcpu *v)
{
	if (v->hvm->exit.u.port.string)
		port_string(v);
	else
		port_single(v);
}
