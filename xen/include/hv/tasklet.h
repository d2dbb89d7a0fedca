/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasklets: functions to be called soon, from the soft interrupt of one
 * processor. One tasklet never runs twice at the same time; scheduled while it
 * runs, it runs once more.
 *
 * Lock: one per processor, LOCK_RANK_TASKLET; not held while a tasklet runs.
 */
#ifndef HV_TASKLET_H
#define HV_TASKLET_H

#include <hv/list.h>

typedef void (*tasklet_fn)(void *arg);

struct tasklet {
	struct list node; /* in a ring of its own while not scheduled */
	tasklet_fn fn;
	void *arg;
	uint32_t cpu;
};

void tasklet_init(struct tasklet *t, unsigned int cpu, tasklet_fn fn, void *arg);
void tasklet_schedule(struct tasklet *t); /* any context */

/* Not scheduled any more, and not running on another processor. Context: no lock held. */
void tasklet_kill(struct tasklet *t);

/* Once; and for each processor before it is online. */
void tasklets_init(void);
void tasklets_init_cpu(unsigned int cpu);

#endif
