/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug keys: one character on the serial line shows the state of a subsystem
 * in the log. The letters are Xen's where the meaning is.
 *
 * A handler runs in the idle loop or a timer of processor 0, with interrupts on
 * and no lock held; it changes nothing, is bounded, and may trust nothing to be
 * consistent.
 */
#ifndef HV_KEYS_H
#define HV_KEYS_H

#include <stdbool.h>
#include <pt/compiler.h>

struct debug_key {
	char key;
	bool confirm; /* asks for a y first */
	const char *what;
	void (*show)(void);
};

/* Sorted by key (trace/key_table.c). */
extern const struct debug_key debug_keys[];
extern const size_t debug_key_count;

/* Listens to the serial port from now on. Boot processor, once; soft interrupts, timers and IOAPICs work. */
void keys_start(void);

/* A bounded number of received keys; true when there may be more. One caller at a time. */
bool keys_poll(void);

/* One key, as if it was received. Unknown ones are ignored. */
void keys_input(int key);

/* The help: all keys, as log lines. */
void keys_help(void);

#endif
