/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the firmware's proximity domains (any 32-bit number) to nodes (0 to
 * NR_NODES - 1, in the order SRAT names their memory), and the start of the
 * heap on them. Boot only; read-only afterwards; no lock.
 */
#ifndef HV_NUMA_H
#define HV_NUMA_H

#include <hv/acpi.h>
#include <hv/heap.h>

/*
 * Fills what heap_init wants. Without SRAT or with fewer than two nodes in it:
 * one node. Domains beyond NR_NODES are node 0, and the log says so.
 */
void numa_init(const struct acpi_tables *tables, struct numa_info *ret_info);

/* The node of a proximity domain; 0 for one that has no memory. */
unsigned int numa_node_of_domain(uint32_t domain);

/*
 * After map_activate: gives the frame table its state and describes all RAM.
 * -ENOMEM. mm_heap_start then ends boot_alloc and gives what is left to the
 * heap, as dirty memory: the boot loader, firmware or the system before left
 * their data in it.
 */
int mm_frames_start(const struct e820_map *map) __must_check;
void mm_heap_start(const struct numa_info *numa);

#endif
