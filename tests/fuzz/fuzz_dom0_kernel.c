/* SPDX-License-Identifier: GPL-2.0-only */
/* A boot module as dom0's kernel: what is accepted lies inside of it. */
#include <stdlib.h>
#include <hv/types.h>
#include "xen/domain/dom0_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void elf(const uint8_t *data, uint64_t bytes)
{
	struct dom0_elf e;

	if (dom0_elf_parse(data, bytes, &e) != 0)
		return;
	must(e.segment_count > 0 && e.segment_count <= DOM0_SEGMENTS_MAX);
	must(e.start < e.end && e.end <= GIB(4) && e.entry >= e.start && e.entry < e.end);
	must(!e.relocatable || (e.align >= PAGE_SIZE && (e.align & (e.align - 1)) == 0));
	for (uint32_t i = 0; i < e.segment_count; i++) {
		const struct dom0_segment *s = &e.segment[i];

		must(s->offset <= bytes && s->file_bytes <= bytes - s->offset && s->file_bytes <= s->bytes);
		must(s->phys >= e.start && s->phys + s->bytes <= e.end);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct dom0_image image;

	elf(data, bytes);
	if (dom0_image_parse(data, bytes, &image) == 0) {
		must(image.data >= data && image.data + image.bytes <= data + bytes);
		must(image.unpacked_bytes > 0 && image.unpacked_bytes <= DOM0_KERNEL_MAX);
		if (image.packing == DOM0_PLAIN)
			elf(image.data, image.unpacked_bytes);
	}
	return 0;
}
