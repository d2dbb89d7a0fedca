/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel in a boot module. Offsets are those of Linux's Documentation/arch/x86/boot.rst. */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include <pt/le.h>
#include "dom0_priv.h"

#define BZ_HEADER_END	  0x268u
#define BZ_SETUP_SECTS	  0x1f1
#define BZ_BOOT_FLAG	  0x1fe
#define BZ_MAGIC	  0x202
#define BZ_VERSION	  0x206
#define BZ_PAYLOAD_OFFSET 0x248
#define BZ_PAYLOAD_BYTES  0x24c

#define BZ_VERSION_PAYLOAD 0x208 /* the first protocol that says where the payload is */
#define BZ_SECTOR	   512u
#define BZ_SECTS_DEFAULT   4u

static const struct {
	uint8_t magic[6];
	uint8_t bytes;
	bool known;
	enum dom0_packing packing;
	const char *name;
} packings[] = {
	{{0x7f, 'E', 'L', 'F'}, 4, true, DOM0_PLAIN, "ELF"},
	{{0x28, 0xb5, 0x2f, 0xfd}, 4, true, DOM0_ZSTD, "zstd"},
	{{0x1f, 0x8b}, 2, false, DOM0_PLAIN, "gzip"},
	{{0xfd, '7', 'z', 'X', 'Z', 0}, 6, false, DOM0_PLAIN, "xz"},
	{{'B', 'Z', 'h'}, 3, false, DOM0_PLAIN, "bzip2"},
	{{0x02, 0x21, 0x4c, 0x18}, 4, false, DOM0_PLAIN, "lz4"},
	{{0x89, 'L', 'Z', 'O'}, 4, false, DOM0_PLAIN, "lzo"},
	{{0x5d, 0x00, 0x00}, 3, false, DOM0_PLAIN, "lzma"},
};

static int image_packing(struct dom0_image *image)
{
	for (size_t i = 0; i < ARRAY_SIZE(packings); i++) {
		if (image->bytes < packings[i].bytes ||
			memcmp(image->data, packings[i].magic, packings[i].bytes) != 0)
			continue;
		if (!packings[i].known) {
			log_err("dom0: kernel: packed by %s; zstd and plain ones can be read",
				packings[i].name);
			return -ENOEXEC;
		}
		image->packing = packings[i].packing;
		return 0;
	}
	log_err("dom0: kernel: neither a bzImage nor an ELF file");
	return -ENOEXEC;
}

static bool image_is_bz(const uint8_t *p, uint64_t bytes)
{
	return bytes >= BZ_HEADER_END && le16_get(p + BZ_BOOT_FLAG) == 0xaa55 &&
	       memcmp(p + BZ_MAGIC, "HdrS", 4) == 0 && le16_get(p + BZ_VERSION) >= BZ_VERSION_PAYLOAD;
}

/* The payload, whose last four bytes are its size when it is unpacked. */
static int image_bz_payload(const uint8_t *module, uint64_t bytes, struct dom0_image *ret)
{
	uint32_t sectors = module[BZ_SETUP_SECTS] ? module[BZ_SETUP_SECTS] : BZ_SECTS_DEFAULT;
	uint64_t start = (sectors + 1) * BZ_SECTOR + (uint64_t)le32_get(module + BZ_PAYLOAD_OFFSET);
	uint64_t length = le32_get(module + BZ_PAYLOAD_BYTES);

	if (start > bytes || length > bytes - start || length < 8) {
		log_err("dom0: kernel: its payload of %lu bytes at %lu leaves the module of %lu", length,
			start, bytes);
		return -ENOEXEC;
	}
	ret->data = module + start;
	ret->bytes = length;
	ret->unpacked_bytes = le32_get(ret->data + length - 4);
	return 0;
}

int dom0_image_parse(const uint8_t *module, uint64_t bytes, struct dom0_image *ret_image)
{
	struct dom0_image image = {.data = module, .bytes = bytes, .unpacked_bytes = bytes};
	int rc = image_is_bz(module, bytes) ? image_bz_payload(module, bytes, &image) : 0;

	if (rc == 0)
		rc = image_packing(&image);
	if (rc != 0)
		return rc;
	if (image.packing == DOM0_PLAIN)
		image.unpacked_bytes = image.bytes;
	if (image.unpacked_bytes == 0 || image.unpacked_bytes > DOM0_KERNEL_MAX) {
		log_err("dom0: kernel: unpacks to %lu bytes, which is no kernel", image.unpacked_bytes);
		return -ENOEXEC;
	}
	*ret_image = image;
	return 0;
}
