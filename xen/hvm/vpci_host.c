/* SPDX-License-Identifier: GPL-2.0-only */
/* What pt/vpci.h needs of the hypervisor: a guest's memory map. The interrupts are in hvm/msi.c. */
#include <errno.h>
#include <hv/log.h>
#include <hv/mmio_trap.h>
#include <hv/p2m.h>
#include <pt/vpci.h>

/* A region of which a part is mapped already is mapped frame by frame, up to this size. */
#define PIECEMEAL_MAX (MIB(64) >> PAGE_SHIFT)

static uint64_t frames_of(paddr_t base, uint64_t bytes)
{
	return ((base + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT) - (base >> PAGE_SHIFT);
}

/* Frames that trap, or are mapped, stay what they are. */
static int map_piecemeal(struct domain *d, uint64_t first, uint64_t frames)
{
	int rc = 0;

	if (frames > PIECEMEAL_MAX)
		return -EEXIST;
	for (uint64_t f = first; f < first + frames && (rc == 0 || rc == -EEXIST); f++)
		rc = p2m_set(d, GFN(f), MFN(f), ORDER_4K, P2M_MMIO_DIRECT);
	return rc == -EEXIST ? 0 : rc;
}

int vpci_map(struct domain *owner, paddr_t base, uint64_t bytes)
{
	uint64_t first = base >> PAGE_SHIFT, frames = frames_of(base, bytes);
	int rc = p2m_set_range(owner, GFN(first), MFN(first), frames, P2M_MMIO_DIRECT);

	if (rc == -EEXIST)
		rc = map_piecemeal(owner, first, frames);
	if (rc < 0)
		log_guest(LOG_WARN, "d%u: device memory at %#lx, %lu bytes, not mapped (error %d)", owner->id,
			base, bytes, -rc);
	return rc;
}

static int unmap(struct domain *d, paddr_t base, uint64_t bytes)
{
	int rc = p2m_remove_range(d, GFN(base >> PAGE_SHIFT), frames_of(base, bytes));

	p2m_flush(d);
	if (rc < 0)
		log_err("d%u: device memory at %#lx, %lu bytes, still mapped (error %d)", d->id, base, bytes,
			-rc);
	return rc;
}

void vpci_unmap(struct domain *owner, paddr_t base, uint64_t bytes)
{
	(void)unmap(owner, base, bytes);
}

static uint64_t mem_read(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes)
{
	(void)v;
	return vpci_mem_read(ctx, address, bytes);
}

static void mem_write(struct vcpu *v, void *ctx, uint64_t address, unsigned int bytes, uint64_t value)
{
	(void)v;
	vpci_mem_write(ctx, address, bytes, value);
}

static const struct trap_ops mem_ops = {.read = mem_read, .write = mem_write};

/* Not mapped before it traps: in between an access finds nothing there. */
int vpci_trap(struct domain *owner, paddr_t base, uint64_t bytes, struct vpci_dev *dev)
{
	int rc = unmap(owner, base, bytes);

	if (rc == 0)
		rc = mmio_trap_add(owner, base, bytes, &mem_ops, dev);
	if (rc < 0)
		return rc;
	rc = p2m_set_range(
		owner, GFN(base >> PAGE_SHIFT), INVALID_MFN, frames_of(base, bytes), P2M_MMIO_TRAP);
	if (rc < 0)
		(void)mmio_trap_remove(owner, base);
	return rc;
}

void vpci_untrap(struct domain *owner, paddr_t base, uint64_t bytes)
{
	(void)mmio_trap_remove(owner, base);
	(void)unmap(owner, base, bytes);
}
