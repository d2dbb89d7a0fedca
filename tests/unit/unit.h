/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every unit test includes: cmocka 1.1 with the headers it wants before
 * it. A test program is one tests/unit/test_NAME.c; the line unit-NAME of the
 * Makefile names the unmodified sources and the fakes it is linked with.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#endif
