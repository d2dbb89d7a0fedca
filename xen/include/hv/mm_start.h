/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last two steps of memory's start, after e820_sanitise, boot_alloc_init
 * with boot_reserve of image and modules, map_boot and map_activate.
 *
 * Context: boot, one processor.
 */
#ifndef HV_MM_START_H
#define HV_MM_START_H

#include <hv/types.h>

struct e820_map;
struct numa_info;

/* Gives the frame table its state and describes all RAM of a sane map. -ENOMEM. */
int mm_frames_start(const struct e820_map *map) __must_check;

/*
 * Ends boot_alloc and gives what is left to the heap, as dirty memory: the boot
 * loader, firmware or the system before left their data in it.
 */
void mm_heap_start(const struct numa_info *numa);

#endif
