/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Little-endian numbers out of byte buffers that need not be aligned, such as
 * firmware tables. The caller has checked that the bytes are there.
 * Context: any.
 */
#ifndef PT_LE_H
#define PT_LE_H

#include <string.h>
#include <pt/compiler.h>

#define LE_GETTER(bits)                                               \
	static inline uint##bits##_t le##bits##_get(const uint8_t *p) \
	{                                                             \
		uint##bits##_t v;                                     \
		memcpy(&v, p, sizeof(v));                             \
		return v;                                             \
	}

LE_GETTER(16)
LE_GETTER(32)
LE_GETTER(64)
#undef LE_GETTER

#endif
