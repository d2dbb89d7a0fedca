/* SPDX-License-Identifier: GPL-2.0-only */
/* From boot_alloc to the heap. */
#include <hv/boot_alloc.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/log.h>
#include <hv/mm_start.h>

int mm_frames_start(const struct e820_map *map)
{
	paddr_t states;
	int rc = boot_alloc(frame_states_bytes(map), PAGE_SIZE, BOOT_NO_LIMIT, &states);

	if (rc) {
		log_err("mm: no memory for the frame table's state");
		return rc;
	}
	frame_init(map, mfn_to_va(paddr_to_mfn(states)));
	return 0;
}

void mm_heap_start(const struct numa_info *numa)
{
	const struct boot_range *range;
	uint32_t count = boot_ranges(&range);

	boot_alloc_close();
	heap_init(numa);
	for (uint32_t i = 0; i < count; i++)
		heap_add(range[i].base, range[i].bytes, false);
	log_info("mm: %lu MiB free on %u nodes", heap_free_frames() >> (20 - PAGE_SHIFT), heap_nodes());
}
