/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory map that a domain is told of (XENMEM_memory_map). */
#ifndef HV_MEMORY_MAP_H
#define HV_MEMORY_MAP_H

#include <hv/domain.h>
#include <hv/e820.h>

/* Copies it; once for a domain, by its builder. -EEXIST, -ENOMEM. */
int memory_map_set(struct domain *d, const struct e820_map *map) __must_check;

#endif
