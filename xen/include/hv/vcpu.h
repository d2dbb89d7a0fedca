/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reasons why a vcpu does not run, and the parts that a domain's vcpus are
 * made of. A vcpu is runnable when none of its VCPU_* flags is set.
 *
 * Context: any, unless said otherwise; no lock above LOCK_RANK_SCHED held.
 */
#ifndef HV_VCPU_H
#define HV_VCPU_H

#include <hv/domain.h>

/* All of a domain's vcpus, down and paused with their domain. -ENOMEM. */
int vcpu_create_all(struct domain *d) __must_check;

/* Once the domain is paused for good; 0, or -ERESTART after a bounded number of vcpus. */
int vcpu_destroy_all(struct domain *d) __must_check;

/* Sets or clears reasons, and tells the scheduler when that changed whether it is runnable. */
void vcpu_flag_set(struct vcpu *v, uint32_t flag);
void vcpu_flag_clear(struct vcpu *v, uint32_t flag);

/* Counted; vcpu_pause() returns when it is out of guest mode, unless it is the caller. */
void vcpu_pause(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);

/* True for the first vcpu_up() or the last vcpu_down() only: both sides of VCPUOP_up and _down. */
bool vcpu_up(struct vcpu *v);
bool vcpu_down(struct vcpu *v);

#endif
