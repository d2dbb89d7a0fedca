/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/p2m.h>
#include "domain_priv.h"

#define PIN_ALIGN 4u

/* A frame that it only maps it may lose, while what is written later would still go there. */
int guest_own_frame(struct domain *d, uint64_t gfn, bool want_write, mfn_t *ret_mfn)
{
	mfn_t mfn;
	int rc = p2m_get_frame(d, GFN(gfn), want_write, &mfn);

	if (rc != 0)
		return rc;
	if (frame_at(mfn)->owner != d->id) {
		p2m_put_frame(mfn);
		return -EACCES;
	}
	*ret_mfn = mfn;
	return 0;
}

static uint64_t pin_first_bytes(uint64_t address, uint32_t bytes)
{
	return MIN((uint64_t)bytes, PAGE_SIZE - (address & (PAGE_SIZE - 1)));
}

static int pin_frames(struct domain *d, uint64_t gpa, uint64_t gpa2, uint32_t bytes, struct guest_pin *ret)
{
	struct guest_pin pin = {.offset = (uint32_t)(gpa & (PAGE_SIZE - 1)), .bytes = bytes};
	int rc = guest_own_frame(d, gpa >> PAGE_SHIFT, true, &pin.mfn[0]);

	if (rc != 0)
		return rc;
	pin.mfn[1] = INVALID_MFN;
	if (pin_first_bytes(gpa, bytes) < bytes)
		rc = guest_own_frame(d, gpa2 >> PAGE_SHIFT, true, &pin.mfn[1]);
	if (rc != 0)
		p2m_put_frame(pin.mfn[0]);
	else
		*ret = pin;
	return rc;
}

static bool pin_valid(uint64_t address, uint32_t bytes)
{
	return bytes != 0 && bytes <= PAGE_SIZE && IS_ALIGNED(address, PIN_ALIGN) &&
	       address + bytes > address;
}

int guest_pin_phys(struct domain *d, uint64_t gpa, uint32_t bytes, struct guest_pin *ret)
{
	if (!pin_valid(gpa, bytes))
		return -EINVAL;
	return pin_frames(d, gpa, gpa + PAGE_SIZE, bytes, ret);
}

int guest_pin_linear(struct vcpu *v, uint64_t linear, uint32_t bytes, struct guest_pin *ret)
{
	uint64_t gpa, gpa2 = 0;
	uint32_t error;

	if (!pin_valid(linear, bytes))
		return -EINVAL;
	if (guest_walk(v, linear, GUEST_PF_WRITE, &gpa, &error) != 0)
		return -EFAULT;
	if (pin_first_bytes(linear, bytes) < bytes &&
		guest_walk(v, ALIGN_DOWN(linear, PAGE_SIZE) + PAGE_SIZE, GUEST_PF_WRITE, &gpa2, &error) != 0)
		return -EFAULT;
	return pin_frames(v->domain, gpa, gpa2, bytes, ret);
}

void guest_pin_put(struct guest_pin *pin)
{
	if (pin->bytes == 0)
		return;
	p2m_put_frame(pin->mfn[0]);
	if (mfn_valid(pin->mfn[1]))
		p2m_put_frame(pin->mfn[1]);
	pin->bytes = 0;
}

static uint32_t *pin_word(const struct guest_pin *pin, uint32_t at)
{
	uint64_t offset = pin->offset + at;

	return (uint32_t *)((char *)mfn_to_va(pin->mfn[offset >> PAGE_SHIFT]) + (offset & (PAGE_SIZE - 1)));
}

void guest_pin_write(const struct guest_pin *pin, uint32_t at, const void *src, uint32_t bytes)
{
	for (uint32_t i = 0; i + 4 <= bytes && at + i + 4 <= pin->bytes; i += 4) {
		uint32_t word;

		memcpy(&word, (const char *)src + i, sizeof(word));
		__atomic_store_n(pin_word(pin, at + i), word, __ATOMIC_RELAXED);
	}
}
