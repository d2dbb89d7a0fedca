/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unpacking with Debian's static libzstd. Context: boot processor, no guest has run
 * yet: the library uses SSE registers and FS, which belong to guests afterwards.
 */
#ifndef HV_ZSTD_H
#define HV_ZSTD_H

#include <hv/types.h>

/*
 * The first frame of src into dst. -EINVAL: it is no zstd frame, is damaged, or
 * unpacks to more than dst_bytes; -ENOMEM.
 */
int zstd_unpack(
	void *dst, size_t dst_bytes, const void *src, size_t src_bytes, size_t *ret_bytes) __must_check;

#endif
