/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text into a buffer, as snprintf of C17 section 7.21.6.5.
 *
 * Conversions d i u x X c s p %, flags - 0 + space #, width and precision
 * (numbers or *), lengths hh h l ll z t j. No floating point, no octal and no %n: what
 * is not in this list is printed as it stands and takes no argument. %p is the
 * address with 0x; %s of NULL is (null).
 *
 * Returns the length of the whole text (at most INT_MAX) even where it did not
 * fit; writes at most `bytes` bytes with the final NUL, nothing when that is 0.
 * Context: any. Stack use is below 256 bytes.
 */
#ifndef HV_PRINTF_H
#define HV_PRINTF_H

#include <stdarg.h>
#include <pt/compiler.h>

__printf(3, 0) int hv_vsnprintf(char *dst, size_t bytes, const char *fmt, va_list ap);
__printf(3, 4) int hv_snprintf(char *dst, size_t bytes, const char *fmt, ...);

#endif
