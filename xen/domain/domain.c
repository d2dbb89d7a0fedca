/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains: creation, look-up, pausing, shutdown and death. The parts of a domain
 * are created in the order of one table and destroyed in the reverse order.
 *
 * Locks: domain_list_lock (LOCK_RANK_DOMAIN_LIST), then one domain's lock.
 * domain_get() takes neither: the table is read under RCU.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/console_io.h>
#include <hv/domain.h>
#include <hv/domain_frames.h>
#include <hv/event.h>
#include <hv/grant.h>
#include <hv/hvm.h>
#include <hv/irq_bind.h>
#include <hv/log.h>
#include <hv/p2m.h>
#include <hv/rcu.h>
#include <hv/sched.h>
#include <hv/shutdown.h>
#include <hv/slab.h>
#include <hv/vcpu.h>
#include <hv/vioapic.h>
#include <hv/vpci_io.h>
#include <xen/sched.h>
#include "domain_priv.h"

static struct spinlock domain_list_lock = SPINLOCK_INIT("domain list", LOCK_RANK_DOMAIN_LIST);
static struct domain *domain_table[DOMAIN_MAX];

static int domain_nothing_create(struct domain *d)
{
	(void)d;
	return 0;
}

static int domain_platform_destroy(struct domain *d)
{
	hvm_domain_destroy(d);
	return 0;
}

/* Devices first: what they raise goes to the pins, and from there to the processors. */
static int domain_interrupts_destroy(struct domain *d)
{
	vpci_io_destroy(d);
	irq_bind_release(d);
	vioapic_destroy(d);
	return 0;
}

/*
 * What a domain is made of. A destroy may be called for what was never created,
 * and may return -ERESTART. Events stand behind the vcpus: when they are gone
 * nobody is sending, so that nobody looks at a vcpu that goes next.
 */
static const struct domain_part {
	const char *name;
	int (*create)(struct domain *d);
	int (*destroy)(struct domain *d);
} domain_parts[] = {
	{"frames", domain_nothing_create, domain_frames_destroy},
	{"memory map", p2m_create, p2m_destroy},
	{"platform", hvm_domain_create, domain_platform_destroy},
	{"shared info page", shared_info_create, shared_info_destroy},
	{"processors", vcpu_create_all, vcpu_destroy_all},
	{"interrupts", vioapic_create, domain_interrupts_destroy},
	{"event channels", event_create, event_destroy},
	{"grant table", grant_create, grant_destroy},
};

static int domain_parts_destroy(struct domain *d)
{
	for (size_t i = ARRAY_SIZE(domain_parts); i-- > 0;) {
		int rc = domain_parts[i].destroy(d);

		if (rc != 0)
			return rc;
	}
	return 0;
}

static int domain_parts_create(struct domain *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(domain_parts); i++) {
		int rc = domain_parts[i].create(d);

		if (rc == 0)
			continue;
		log_err("dom%u: no %s (error %d)", d->id, domain_parts[i].name, -rc);
		/* Nothing ran and nothing is mapped yet, so every step is short. */
		while (domain_parts_destroy(d) == -ERESTART)
			cpu_relax();
		return rc;
	}
	return 0;
}

static struct domain *domain_alloc(domid_t id, enum domain_mode mode, uint32_t vcpus, uint64_t max_frames)
{
	struct domain *d = hv_alloc(sizeof(*d));

	if (d == NULL)
		return NULL;
	d->id = id;
	d->mode = (uint8_t)mode;
	d->privileged = id == DOMID_HARDWARE;
	d->state = DOMAIN_BUILDING;
	d->refs = 1;
	d->pause_count = 1; /* the builder's, given back by domain_start() */
	d->vcpu_max = vcpus;
	d->frame_max = max_frames;
	d->shared_info_mfn = INVALID_MFN;
	d->sched_weight = SCHED_WEIGHT_DEFAULT;
	spin_init(&d->lock, "domain", LOCK_RANK_DOMAIN);
	spin_init(&d->frame_lock, "domain frames", LOCK_RANK_FRAMES);
	return d;
}

static int domain_publish(struct domain *d)
{
	int rc = -EEXIST;

	spin_lock(&domain_list_lock);
	if (domain_table[d->id] == NULL) {
		rcu_assign(domain_table[d->id], d);
		rc = 0;
	}
	spin_unlock(&domain_list_lock);
	return rc;
}

int domain_create(
	domid_t id, enum domain_mode mode, uint32_t vcpus, uint64_t max_frames, struct domain **ret_domain)
{
	struct domain *d;
	int rc;

	if (id >= DOMAIN_MAX || vcpus == 0 || vcpus > VCPU_MAX)
		return -EINVAL;
	d = domain_alloc(id, mode, vcpus, max_frames);
	if (d == NULL)
		return -ENOMEM;
	rc = domain_parts_create(d);
	if (rc != 0)
		goto free_domain;
	rc = domain_publish(d);
	if (rc != 0)
		goto destroy_parts;
	*ret_domain = d;
	return 0;

destroy_parts:
	while (domain_parts_destroy(d) == -ERESTART)
		cpu_relax();
free_domain:
	hv_free(d);
	return rc;
}

struct domain *domain_get(domid_t id)
{
	struct domain *d;
	uint32_t refs;

	if (id >= DOMAIN_MAX)
		return NULL;
	rcu_read_lock();
	d = rcu_dereference(domain_table[id]);
	if (d != NULL) {
		refs = __atomic_load_n(&d->refs, __ATOMIC_RELAXED);
		while (refs != 0 && !__atomic_compare_exchange_n(&d->refs, &refs, refs + 1, true,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			;
		if (refs == 0)
			d = NULL;
	}
	rcu_read_unlock();
	return d;
}

static void domain_free(struct rcu_head *head)
{
	hv_free(container_of(head, struct domain, rcu));
}

void domain_put(struct domain *d)
{
	if (__atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL) == 0)
		rcu_call(&d->rcu, domain_free);
}

int domain_start(struct domain *d)
{
	uint8_t state = DOMAIN_BUILDING;

	if (!__atomic_compare_exchange_n(
		    &d->state, &state, DOMAIN_RUNNING, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return -EINVAL;
	if (d->privileged)
		console_io_start();
	domain_unpause(d);
	return 0;
}

int domain_destroy(struct domain *d)
{
	int rc;

	if (__atomic_exchange_n(&d->state, DOMAIN_DYING, __ATOMIC_SEQ_CST) < DOMAIN_DYING)
		domain_pause(d);
	rc = domain_parts_destroy(d);
	if (rc != 0)
		return rc;
	spin_lock(&domain_list_lock);
	rcu_assign(domain_table[d->id], NULL);
	spin_unlock(&domain_list_lock);
	__atomic_store_n(&d->state, DOMAIN_DEAD, __ATOMIC_RELEASE);
	domain_put(d); /* the one that domain_create() took */
	event_send_virq_global(VIRQ_DOM_EXC);
	return 0;
}

int domain_target(struct vcpu *v, domid_t id, struct domain **ret_domain)
{
	struct domain *d;

	if (id == DOMID_SELF)
		id = v->domain->id;
	if (id != v->domain->id && !v->domain->privileged)
		return -EPERM;
	d = domain_get(id);
	if (d == NULL)
		return -ESRCH;
	*ret_domain = d;
	return 0;
}

/* All vcpus get the bit before any is waited for. */
void domain_pause(struct domain *d)
{
	if (__atomic_fetch_add(&d->pause_count, 1, __ATOMIC_SEQ_CST) == 0)
		for (uint32_t i = 0; i < d->vcpu_max; i++)
			vcpu_flag_set(d->vcpu[i], VCPU_DOMAIN_PAUSED);
	for (uint32_t i = 0; i < d->vcpu_max; i++)
		sched_sync(d->vcpu[i]);
}

void domain_unpause(struct domain *d)
{
	if (__atomic_sub_fetch(&d->pause_count, 1, __ATOMIC_SEQ_CST) != 0)
		return;
	for (uint32_t i = 0; i < d->vcpu_max; i++)
		vcpu_flag_clear(d->vcpu[i], VCPU_DOMAIN_PAUSED);
}

void domain_shutdown(struct domain *d, uint8_t reason)
{
	if (__atomic_exchange_n(&d->shut_down, true, __ATOMIC_SEQ_CST))
		return;
	d->shutdown_code = reason;
	log_info("dom%u: shut down, reason %u", d->id, reason);
	for (uint32_t i = 0; i < d->vcpu_max; i++)
		vcpu_flag_set(d->vcpu[i], VCPU_SHUT_DOWN);
	if (d->privileged)
		hardware_domain_shutdown(reason);
	else
		event_send_virq_global(VIRQ_DOM_EXC);
}

void domain_crash(struct vcpu *v, const char *fmt, ...)
{
	va_list ap;

	log_err("dom%u: vcpu %u crashed at %lx:", v->domain->id, v->id, v->regs.rip);
	va_start(ap, fmt);
	log_vline(LOG_ERR, fmt, ap);
	va_end(ap);
	hvm_dump(v);
	domain_shutdown(v->domain, SHUTDOWN_crash);
}
