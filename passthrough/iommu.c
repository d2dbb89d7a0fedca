/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The facade over the units. HOT: iommu_map, iommu_unmap and iommu_flush, by
 * every change of a p2m: no walk over devices; one flush for each unit of the
 * domain, queued on all before the first is waited for.
 *
 * Locks (both ENV_RANK_IOMMU, never nested): domain.lock around its tables and
 * counts, owners_lock around who owns which requester id. Neither is held over
 * a flush.
 */
#include <errno.h>
#include <string.h>
#include <pt/iommu_ops.h>
#include <pt/pci.h>

#define BUSES 256
#define FNS   256

BUILD_ASSERT(IOMMU_UNITS_MAX <= 64); /* a bit in a word for each, in units_flush */

/* The domain of each requester id, by bus; a bus without devices needs no table. */
struct bus_owners {
	struct iommu_domain *domain[FNS];
};

struct slot {
	const struct iommu_fw_unit *fw;
	struct iommu_unit *unit;
	struct bus_owners *bus[BUSES];
};

static const struct iommu_fw *iommu_fw;
static struct slot *slots[IOMMU_UNITS_MAX];
static unsigned int slot_count;
static struct iommu_caps common;
static struct env_lock owners_lock;

/* --- Start and stop. --- */

static void caps_narrow(const struct iommu_caps *caps)
{
	common.levels = caps->levels < common.levels ? caps->levels : common.levels;
	common.superpages &= caps->superpages;
	common.coherent = common.coherent && caps->coherent;
	common.caching = common.caching || caps->caching;
	common.force = common.force && caps->force;
	common.intremap = common.intremap && caps->intremap;
	common.x2apic = common.x2apic && caps->x2apic;
	common.domain_ids = MIN(common.domain_ids, caps->domain_ids);
}

static int slot_start(const struct iommu_ops *ops, const struct iommu_fw_unit *fw_unit)
{
	struct slot *slot = env_alloc(sizeof(*slot));
	int err;

	if (!slot)
		return -ENOMEM;
	slot->fw = fw_unit;
	err = ops->probe(iommu_fw, fw_unit, slot_count, &slot->unit);
	if (err)
		goto free_slot;
	err = ops->enable(slot->unit);
	if (err)
		goto destroy_unit;
	slots[slot_count++] = slot;
	caps_narrow(&slot->unit->caps);
	env_log(ENV_LOG_INFO, "%s: on, serves segment %u, registers at 0x%lx", slot->unit->name,
		fw_unit->segment, fw_unit->base);
	return 0;

destroy_unit:
	ops->destroy(slot->unit);
free_slot:
	env_free(slot);
	return err;
}

int iommu_start(const struct iommu_fw *fw)
{
	const struct iommu_ops *ops = fw->vendor == IOMMU_VTD ? &vtd_ops : &amdvi_ops;

	iommu_fw = fw;
	slot_count = 0;
	env_lock_init(&owners_lock, ENV_RANK_IOMMU);
	common = (struct iommu_caps){4, PTAB_2M | PTAB_1G, true, false, true, true, true, 0x10000};
	for (uint32_t i = 0; i < fw->unit_count && slot_count < IOMMU_UNITS_MAX; i++) {
		const struct iommu_fw_unit *unit = &fw->unit[i];

		if (unit->state == IOMMU_UNIT_USABLE && slot_start(ops, unit) != 0)
			env_log(ENV_LOG_ERR,
				"iommu: the unit at 0x%lx is not used; its devices are not isolated",
				unit->base);
	}
	if (slot_count == 0) {
		memset(&common, 0, sizeof(common));
		return -ENODEV;
	}
	iommu_domid_init(common.domain_ids);
	return 0;
}

static void slot_stop(struct slot *slot)
{
	slot->unit->ops->destroy(slot->unit);
	for (unsigned int bus = 0; bus < BUSES; bus++)
		env_free(slot->bus[bus]);
	env_free(slot);
}

void iommu_stop(void)
{
	intremap_forget();
	while (slot_count > 0)
		slot_stop(slots[--slot_count]);
	memset(&common, 0, sizeof(common));
}

const struct iommu_caps *iommu_caps(void)
{
	return &common;
}

unsigned int iommu_unit_count(void)
{
	return slot_count;
}

const char *iommu_unit_name(unsigned int number)
{
	return slots[number]->unit->name;
}

const char *iommu_unit_isolated(unsigned int number)
{
	const struct iommu_unit *unit = slots[number]->unit;

	return iommu_unit_dead(unit) ? unit->isolated_why : NULL;
}

/* --- Domains. --- */

int iommu_domain_create(struct iommu_domain **ret_domain)
{
	struct iommu_domain *domain;
	int err = -ENOMEM;

	if (slot_count == 0)
		return -ENODEV;
	domain = env_alloc(sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	env_lock_init(&domain->lock, ENV_RANK_IOMMU);
	err = iommu_domid_alloc(&domain->id);
	if (err)
		goto free_domain;
	err = ptab_init(
		&domain->pt, slots[0]->unit->ops->format, common.levels, common.superpages, common.coherent);
	if (err)
		goto free_id;
	*ret_domain = domain;
	return 0;

free_id:
	iommu_domid_free(domain->id);
free_domain:
	env_free(domain);
	return err;
}

static bool domain_busy(const struct iommu_domain *domain)
{
	for (unsigned int i = 0; i < slot_count; i++)
		if (domain->attached[i] != 0)
			return true;
	return false;
}

int iommu_domain_destroy(struct iommu_domain *domain)
{
	bool busy;

	env_lock(&domain->lock);
	busy = domain_busy(domain);
	env_unlock(&domain->lock);
	if (busy)
		return -EBUSY;
	/* When its last device left, each unit has flushed the id. */
	ptab_destroy(&domain->pt);
	iommu_domid_free(domain->id);
	env_free(domain);
	return 0;
}

/* --- Mappings. --- */

int iommu_map(struct iommu_domain *domain, const struct ptab_range *range, struct iommu_batch *batch)
{
	int err;

	env_lock(&domain->lock);
	err = ptab_map(&domain->pt, range, &batch->flush);
	env_unlock(&domain->lock);
	return err;
}

int iommu_unmap(struct iommu_domain *domain, uint64_t at, uint64_t count, struct iommu_batch *batch)
{
	int err;

	env_lock(&domain->lock);
	err = ptab_unmap(&domain->pt, at, count, &batch->flush);
	env_unlock(&domain->lock);
	return err;
}

int iommu_lookup(struct iommu_domain *domain, uint64_t at, struct ptab_entry *ret_entry)
{
	int err;

	env_lock(&domain->lock);
	err = ptab_lookup(&domain->pt, at, ret_entry);
	env_unlock(&domain->lock);
	return err;
}

/* Queue on all units, then wait for each: they work at the same time. */
static int units_flush(struct iommu_domain *domain, const struct ptab_flush *flush)
{
	iommu_ticket_t ticket[IOMMU_UNITS_MAX];
	uint64_t queued = 0; /* one bit for each unit */
	int err = 0;

	for (unsigned int i = 0; i < slot_count; i++) {
		struct iommu_unit *unit = slots[i]->unit;

		if (READ_ONCE(domain->attached[i]) == 0)
			continue;
		if (unit->ops->flush(unit, domain->id, flush, &ticket[i]) == 0)
			queued |= 1ULL << i;
		else
			err = -EIO;
	}
	for (unsigned int i = 0; i < slot_count; i++)
		if ((queued >> i & 1) && slots[i]->unit->ops->wait(slots[i]->unit, ticket[i]) != 0)
			err = -EIO;
	return err;
}

int iommu_flush(struct iommu_domain *domain, struct iommu_batch *batch)
{
	int err = units_flush(domain, &batch->flush);

	if (err) {
		env_log(ENV_LOG_ERR, "iommu: domain %u: a flush failed, %u page tables are given up",
			domain->id, batch->flush.freed_count);
		batch->flush = PTAB_FLUSH_NONE;
		return err;
	}
	ptab_flush_done(&batch->flush);
	return 0;
}

/* --- Devices. --- */

static struct slot *slot_of(const struct pci_dev *dev)
{
	const struct iommu_fw_unit *fw_unit = slot_count ? iommu_fw_unit_of(iommu_fw, dev) : NULL;

	for (unsigned int i = 0; fw_unit && i < slot_count; i++)
		if (slots[i]->fw == fw_unit)
			return slots[i];
	return NULL;
}

struct iommu_unit *iommu_unit_of(const struct pci_dev *dev)
{
	struct slot *slot = slot_of(dev);

	return slot ? slot->unit : NULL;
}

struct iommu_unit *iommu_unit_of_special(enum iommu_scope_kind kind, uint8_t id, uint16_t *ret_rid)
{
	const struct iommu_fw_unit *fw_unit = NULL;

	if (slot_count)
		fw_unit = iommu_fw_unit_of_special(iommu_fw, kind, id, ret_rid);
	for (unsigned int i = 0; fw_unit && i < slot_count; i++)
		if (slots[i]->fw == fw_unit)
			return slots[i]->unit;
	return NULL;
}

struct iommu_unit *iommu_unit_at(unsigned int number)
{
	return slots[number]->unit;
}

bool iommu_device_served(const struct pci_dev *dev)
{
	const struct slot *slot = slot_of(dev);

	return slot && !iommu_unit_dead(slot->unit);
}

/* Where the owner of the requester id is written; NULL: no memory. */
static struct iommu_domain **owner_slot(struct slot *slot, uint16_t rid)
{
	struct bus_owners **bus = &slot->bus[rid >> 8];

	if (!*bus)
		*bus = env_alloc(sizeof(**bus));
	return *bus ? &(*bus)->domain[rid & 0xff] : NULL;
}

static void attached_add(struct slot *slot, struct iommu_domain *domain, int n)
{
	uint16_t *count;

	if (!domain)
		return;
	count = &domain->attached[slot->unit->number];
	env_lock(&domain->lock);
	WRITE_ONCE(*count, (uint16_t)(*count + n));
	env_unlock(&domain->lock);
}

static int owner_change(
	struct slot *slot, uint16_t rid, struct iommu_domain *domain, struct iommu_domain **ret_old)
{
	struct iommu_domain **owner;

	env_lock(&owners_lock);
	owner = owner_slot(slot, rid);
	if (owner) {
		*ret_old = *owner;
		*owner = domain;
	}
	env_unlock(&owners_lock);
	return owner ? 0 : -ENOMEM;
}

/* The new domain counts before the unit can cache anything of it, the old one until nothing of it is cached. */
int iommu_device_set(const struct pci_dev *dev, uint16_t rid, struct iommu_domain *domain)
{
	struct slot *slot = slot_of(dev);
	struct iommu_domain *old, *blocked;
	int err;

	if (!slot)
		return -ENODEV;
	err = owner_change(slot, rid, domain, &old);
	if (err)
		return err;
	attached_add(slot, domain, 1);
	err = slot->unit->ops->device_set(slot->unit, rid, domain);
	if (err == -EIO) {
		/* What the unit still caches is unknown: neither domain may ever be freed. */
		return err;
	}
	attached_add(slot, old, -1);
	if (err && domain) {
		attached_add(slot, domain, -1);
		err = owner_change(slot, rid, NULL, &blocked) ? -ENOMEM : err;
	}
	return err;
}

struct iommu_domain *iommu_device_domain(const struct pci_dev *dev, uint16_t rid)
{
	struct slot *slot = slot_of(dev);
	struct iommu_domain *domain = NULL;

	if (!slot)
		return NULL;
	env_lock(&owners_lock);
	if (slot->bus[rid >> 8])
		domain = slot->bus[rid >> 8]->domain[rid & 0xff];
	env_unlock(&owners_lock);
	return domain;
}
