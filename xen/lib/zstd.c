/* SPDX-License-Identifier: GPL-2.0-only */
/* libzstd's "static" interface: zstd.h of version 1.5, section "Memory management". */
#include <errno.h>
#include <hv/libc_stubs.h>
#include <hv/slab.h>
#include <hv/zstd.h>

struct ZSTD_DCtx_s;

size_t ZSTD_estimateDCtxSize(void);
struct ZSTD_DCtx_s *ZSTD_initStaticDCtx(void *workspace, size_t bytes);
size_t ZSTD_findFrameCompressedSize(const void *src, size_t bytes);
size_t ZSTD_decompressDCtx(
	struct ZSTD_DCtx_s *ctx, void *dst, size_t dst_bytes, const void *src, size_t src_bytes);
unsigned int ZSTD_isError(size_t code);

/* What the library calls where somebody traces it (lib/common/zstd_trace.h); 0: nobody does. */
uint64_t ZSTD_trace_decompress_begin(const struct ZSTD_DCtx_s *ctx);
void ZSTD_trace_decompress_end(uint64_t trace, const void *what);

uint64_t ZSTD_trace_decompress_begin(const struct ZSTD_DCtx_s *ctx)
{
	(void)ctx;
	return 0;
}

void ZSTD_trace_decompress_end(uint64_t trace, const void *what)
{
	(void)trace;
	(void)what;
}

/* The frame may end before src does: a bzImage's payload has four bytes more. */
static int zstd_unpack_frame(struct ZSTD_DCtx_s *ctx, void *dst, size_t dst_bytes, const void *src,
	size_t src_bytes, size_t *ret_bytes)
{
	size_t frame = ZSTD_findFrameCompressedSize(src, src_bytes), got;

	if (!ctx || ZSTD_isError(frame))
		return -EINVAL;
	got = ZSTD_decompressDCtx(ctx, dst, dst_bytes, src, frame);
	if (ZSTD_isError(got))
		return -EINVAL;
	*ret_bytes = got;
	return 0;
}

int zstd_unpack(void *dst, size_t dst_bytes, const void *src, size_t src_bytes, size_t *ret_bytes)
{
	size_t room = ZSTD_estimateDCtxSize();
	void *workspace = hv_alloc(room);
	uint64_t fs;
	int rc;

	if (!workspace)
		return -ENOMEM;
	fs = libc_enter();
	rc = zstd_unpack_frame(
		ZSTD_initStaticDCtx(workspace, room), dst, dst_bytes, src, src_bytes, ret_bytes);
	libc_leave(fs);
	hv_free(workspace);
	return rc;
}
