/* SPDX-License-Identifier: GPL-2.0-only */
/* HOT: the arguments of hypercalls: nothing done for a byte that can be done for a page. */
#include <errno.h>
#include <string.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/p2m.h>

/* One copy under way; the hypervisor's side is read or written by `to_guest`. */
struct guest_copy {
	struct domain *domain;
	char *own;
	bool to_guest;
};

/* Inside one guest page. */
static int copy_piece(const struct guest_copy *c, size_t done, uint64_t gpa, size_t bytes)
{
	mfn_t mfn;
	char *guest;
	int rc = p2m_get_frame(c->domain, GFN(gpa >> PAGE_SHIFT), c->to_guest, &mfn);

	if (rc != 0)
		return rc;
	guest = (char *)mfn_to_va(mfn) + (gpa & ~PAGE_MASK);
	if (c->to_guest)
		memcpy(guest, c->own + done, bytes);
	else
		memcpy(c->own + done, guest, bytes);
	p2m_put_frame(mfn);
	return 0;
}

static size_t copy_piece_bytes(uint64_t address, size_t left)
{
	return MIN(left, PAGE_SIZE - (address & ~PAGE_MASK));
}

static size_t copy_phys(const struct guest_copy *c, uint64_t gpa, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		size_t piece = copy_piece_bytes(gpa + done, bytes - done);

		if (copy_piece(c, done, gpa + done, piece) != 0)
			break;
		done += piece;
	}
	return bytes - done;
}

static size_t copy_linear(const struct guest_copy *c, struct vcpu *v, uint64_t linear, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		size_t piece = copy_piece_bytes(linear + done, bytes - done);
		uint32_t error;
		uint64_t gpa;

		if (guest_walk(v, linear + done, c->to_guest ? GUEST_PF_WRITE : 0, &gpa, &error) != 0 ||
			copy_piece(c, done, gpa, piece) != 0)
			break;
		done += piece;
	}
	return bytes - done;
}

size_t copy_from_guest(void *dst, uint64_t guest_linear, size_t bytes)
{
	struct vcpu *v = vcpu_current();
	const struct guest_copy c = {.domain = v->domain, .own = dst};

	return copy_linear(&c, v, guest_linear, bytes);
}

/* The source is only read: to_guest says so. */
size_t copy_to_guest(uint64_t guest_linear, const void *src, size_t bytes)
{
	struct vcpu *v = vcpu_current();
	const struct guest_copy c = {.domain = v->domain, .own = (char *)(uintptr_t)src, .to_guest = true};

	return copy_linear(&c, v, guest_linear, bytes);
}

size_t copy_from_guest_phys(struct domain *d, void *dst, uint64_t gpa, size_t bytes)
{
	const struct guest_copy c = {.domain = d, .own = dst};

	return copy_phys(&c, gpa, bytes);
}

size_t copy_to_guest_phys(struct domain *d, uint64_t gpa, const void *src, size_t bytes)
{
	const struct guest_copy c = {.domain = d, .own = (char *)(uintptr_t)src, .to_guest = true};

	return copy_phys(&c, gpa, bytes);
}
