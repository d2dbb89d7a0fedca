/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Put in front of every source of the hypervisor by the Makefile: all symbols are
 * in one image, so the address of a function in another file is taken relative
 * to RIP and not through a table that the linker would have to do away with,
 * which it cannot do above 2 GiB.
 */
#ifndef HV_HIDDEN_H
#define HV_HIDDEN_H

#pragma GCC visibility push(hidden)

#endif
