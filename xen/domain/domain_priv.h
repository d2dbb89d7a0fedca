/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of this folder: what a guest has set by hypercalls, memory
 * of a guest that is written later, and the handlers of the hypercall table.
 */
#ifndef DOMAIN_PRIV_H
#define DOMAIN_PRIV_H

#include <hv/domain.h>
#include <hv/hypercall.h>
#include <xen/hvm/params.h>

/* --- Memory of a guest, held by references (guest_pin.c). --- */

/* RAM that the domain owns, by a reference: what it only maps of others is refused. As p2m_get_frame(). */
int guest_own_frame(struct domain *d, uint64_t gfn, bool want_write, mfn_t *ret_mfn) __must_check;

/* At most two frames: what is pinned is smaller than a page. */
struct guest_pin {
	uint32_t offset, bytes; /* bytes 0: nothing is pinned */
	mfn_t mfn[2];
};

/* RAM that the guest can write. -EINVAL (bytes, alignment to 4), -EFAULT, -ENOENT, -EACCES. */
int guest_pin_linear(struct vcpu *v, uint64_t linear, uint32_t bytes, struct guest_pin *ret) __must_check;
int guest_pin_phys(struct domain *d, uint64_t gpa, uint32_t bytes, struct guest_pin *ret) __must_check;
void guest_pin_put(struct guest_pin *pin);
/* Whole words, in order; nothing when nothing is pinned. Any context. */
void guest_pin_write(const struct guest_pin *pin, uint32_t at, const void *src, uint32_t bytes);

struct e820_map;
struct event_table;

/* --- What hypercalls have set. --- */

#define CONSOLE_LINE_BYTES 128u
#define WATCHDOGS	   2u

struct watchdog {
	struct domain *domain;
	struct timer timer;
	bool used;
};

struct domain_abi {
	uint64_t param[HVM_NR_PARAMS];	     /* atomic */
	uint64_t assist;		     /* atomic: 1 << VMASST_TYPE_* */
	struct e820_map *map;		     /* atomic: what it is told of its memory; set once */
	struct watchdog watchdog[WATCHDOGS]; /* d->lock */
	struct event_table *events_dying;    /* no longer found, not yet free */
	char line[CONSOLE_LINE_BYTES];	     /* d->lock */
	uint32_t line_fill;
};

#define POLL_NONE 0u
#define POLL_ANY  (~0u)

struct vcpu_abi {
	struct guest_pin runstate, time; /* under pin_lock */
	struct spinlock pin_lock;	 /* LOCK_RANK_PIN, from interrupts too */
	uint64_t time_ns;		 /* of the last update of the time parameters */
	uint32_t time_cpu;		 /* atomic: where it was, or UINT32_MAX: to be made anew */
	uint32_t time_version;		 /* of the pinned time area; under pin_lock */
	bool initialised; /* atomic: it has registers to start with, so VCPUOP_up may start it */
	uint32_t poll;	  /* atomic: POLL_*, or the one port it polls for */
	struct timer poll_timer;
	struct timer periodic;
	uint64_t period_ns; /* 0: no periodic timer */
};

int shared_info_create(struct domain *d) __must_check;
int shared_info_destroy(struct domain *d);

/* The vcpu's place in the shared info page; NULL for one that has none. */
struct vcpu_info *shared_info_vcpu(const struct domain *d, uint32_t vcpu);

int vcpu_abi_create(struct vcpu *v) __must_check;
void vcpu_abi_destroy(struct vcpu *v);

/* VCPUOP_register_vcpu_info. -EINVAL, -ENOENT, -EACCES. */
int vcpu_info_register(struct vcpu *v, uint64_t gfn, uint32_t offset) __must_check;

/* A vcpu that polls for this port, or for any, runs again. Any context. */
void sched_op_poll_wake(struct domain *d, uint32_t port);
void sched_op_poll_timeout(void *arg);

/* --- Whom an operation is about. --- */

/*
 * DOMID_SELF and the caller's own number for everybody, any other for the
 * privileged only. A counted reference. -EPERM, -ESRCH.
 */
int domain_target(struct vcpu *v, domid_t id, struct domain **ret_domain) __must_check;

/* -EFAULT or 0. */
int guest_read(void *dst, uint64_t from, size_t bytes) __must_check;
int guest_write(uint64_t to, const void *src, size_t bytes) __must_check;

/* --- The handlers, by file. --- */
long version_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long console_io(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long memory_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long event_channel_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long grant_table_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long vcpu_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long set_timer_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long vm_assist(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long sched_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long hvm_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long physdev_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);
long platform_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);

/* A sub-operation whose argument is one structure, copied in and, when it succeeded, out again. */
struct sub_op {
	int (*fn)(struct vcpu *v, void *arg);
	uint16_t bytes;
	bool out;
	bool privileged;
};

#define SUB_OP_BYTES_MAX 256u

/* args[0] is the number, args[1] the guest's address. -ENOSYS for what is not in the table. */
long sub_op_call(const struct sub_op *table, size_t count, struct vcpu *v, uint64_t args[HYPERCALL_ARGS]);

#endif
