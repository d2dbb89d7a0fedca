/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and their virtual processors. See docs/domain-core.md for who owns what.
 *
 * References: domain_get() returns a counted reference, or NULL; domain_put()
 * gives it back, from any context, and the last one frees the structure after
 * an RCU grace period. A vcpu lives as long as its domain.
 *
 * Locking: `lock` (LOCK_RANK_DOMAIN) protects the life cycle and the lists; the
 * fields marked atomic are read and written with the __atomic builtins; the
 * others are set before the domain can be found and never change.
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include <hv/list.h>
#include <hv/rcu.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <hv/types.h>

#define DOMID_HARDWARE 0
#define DOMAIN_MAX     512
#define VCPU_MAX       128

enum domain_state {
	DOMAIN_BUILDING,
	DOMAIN_RUNNING,
	DOMAIN_DYING,
	DOMAIN_DEAD,
};

enum domain_mode {
	DOMAIN_PVH, /* no emulated platform but the local APIC, and for dom0 the IOAPICs */
	DOMAIN_HVM, /* an outside device model */
	DOMAIN_PV,
};

struct event_table;
struct grant_table;
struct p2m;
struct vioapic;
struct vlapic;
struct vpci;
struct hvm_domain;
struct hvm_vcpu;
struct cpu_policy;
struct sched_unit;
struct domain_abi;
struct vcpu_abi;
struct vcpu;

struct domain {
	domid_t id;
	uint8_t mode;	       /* enum domain_mode */
	bool privileged;       /* may make the control calls: dom0 */
	uint8_t state;	       /* atomic: enum domain_state */
	uint8_t shutdown_code; /* SHUTDOWN_*, valid once shut_down */
	bool shut_down;	       /* atomic */
	uint32_t refs;	       /* atomic */
	uint32_t pause_count;  /* atomic */

	struct spinlock lock;
	struct spinlock frame_lock; /* LOCK_RANK_FRAMES: the list and the counts below */
	uint32_t frame_first;	    /* every frame that it owns, by struct frame's links; 0: none */
	uint64_t frame_count, frame_max;
	uint64_t frame_reserved; /* being allocated */

	uint32_t vcpu_max;
	struct vcpu *vcpu[VCPU_MAX];

	struct p2m *p2m;
	struct event_table *events;
	struct grant_table *grants;
	struct vioapic *vioapic;
	struct vpci *vpci;
	struct hvm_domain *hvm;
	struct cpu_policy *policy;
	uint32_t sched_weight; /* atomic: 1 to SCHED_WEIGHT_MAX */

	struct domain_abi *abi; /* what its hypercalls have set: domain/domain_priv.h */

	/* The shared info page (public/xen.h), from creation on; its frame belongs to the domain. */
	void *shared_info;
	mfn_t shared_info_mfn;
	int64_t wallclock_offset_ns;
	uint8_t handle[16]; /* the toolstack's name for it (UUID) */
	struct rcu_head rcu;
};

/* Why a vcpu does not run; it is runnable when no bit is set. Changed atomically. */
#define VCPU_DOWN	   (1u << 0) /* never brought up, or taken down */
#define VCPU_BLOCKED	   (1u << 1) /* waits for an event */
#define VCPU_PAUSED	   (1u << 2) /* its own pause count is not zero */
#define VCPU_DOMAIN_PAUSED (1u << 3)
#define VCPU_SHUT_DOWN	   (1u << 4) /* its domain has shut down */

/* What the loop must look at before it enters the guest again. Changed atomically. */
#define VCPU_WORK_EVENT	    (1u << 0) /* an event channel upcall may be due */
#define VCPU_WORK_INTERRUPT (1u << 1) /* the vlapic has something new */
#define VCPU_WORK_NMI	    (1u << 2)
#define VCPU_WORK_TLB	    (1u << 3) /* nested translations changed */

struct guest_regs {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi; /* in instruction encoding order */
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
};

/* public/vcpu.h RUNSTATE_*: what it does now, since when, and how long it has done each. */
struct vcpu_runstate {
	uint32_t state;
	uint64_t since_ns;
	uint64_t time_ns[4];
};

struct vcpu {
	uint32_t id;
	struct domain *domain;
	uint32_t cpu;	      /* atomic: the processor it runs or last ran on */
	uint32_t flags;	      /* atomic: VCPU_* reasons not to run */
	uint32_t work;	      /* atomic: VCPU_WORK_* */
	uint32_t pause_count; /* atomic */
	bool in_guest;	      /* atomic: a kick needs an interrupt to be seen */

	struct guest_regs regs; /* valid while it is out of guest mode */
	struct hvm_vcpu *hvm;
	struct vlapic *vlapic;
	struct sched_unit *sched;

	struct vcpu_runstate runstate;
	struct timer singleshot;
	struct vcpu_abi *abi;  /* what its hypercalls have set: domain/domain_priv.h */
	void *info;	       /* atomic: struct vcpu_info, in shared info or registered; NULL: none yet */
	mfn_t info_mfn;	       /* INVALID_MFN while it is in shared info */
	uint8_t upcall_vector; /* HVMOP_set_evtchn_upcall_vector, 0 when unset */
};

/* A new domain in DOMAIN_BUILDING with all its vcpus down, found from now on. -ENOMEM, -EEXIST, -EINVAL. */
int domain_create(domid_t id, enum domain_mode mode, uint32_t vcpus, uint64_t max_frames,
	struct domain **ret_domain) __must_check;

/* A bounded step of destruction; -ERESTART until all is returned. */
int domain_destroy(struct domain *d) __must_check;

struct domain *domain_get(domid_t id) __must_check;
void domain_put(struct domain *d);

/* What was built may run: out of DOMAIN_BUILDING, and the builder's pause is over. -EINVAL when it was started. */
int domain_start(struct domain *d) __must_check;

void domain_pause(struct domain *d);
void domain_unpause(struct domain *d);

/* Stops all vcpus and tells the toolstack; reason is SHUTDOWN_* of public/sched.h. */
void domain_shutdown(struct domain *d, uint8_t reason);

/* The guest did what cannot be gone on from: logged with the vcpu's state, then SHUTDOWN_crash. */
__printf(2, 3) void domain_crash(struct vcpu *v, const char *fmt, ...);

/* Makes a blocked vcpu runnable, or makes a running one leave guest mode and look at its work. */
void vcpu_kick(struct vcpu *v);

/* The current vcpu waits for an event, unless one is pending already. On its own processor. */
void vcpu_block(struct vcpu *v);

static inline void vcpu_set_work(struct vcpu *v, uint32_t work)
{
	__atomic_fetch_or(&v->work, work, __ATOMIC_SEQ_CST);
}

/* The vcpu that this processor runs; NULL when idle. */
struct vcpu *vcpu_current(void);

#endif
