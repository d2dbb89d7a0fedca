/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit tests' hv/log.h: lines are kept, the newest last; a panic is
 * cmocka's mock_assert, so a test expects one with expect_assert_failure().
 */
#ifndef FAKE_HV_LOG_H
#define FAKE_HV_LOG_H

#include <stdbool.h>
#include <hv/log.h>

#define FAKE_LOG_LINES 64

extern unsigned int fake_log_count; /* of all lines ever; the ring keeps the last FAKE_LOG_LINES */
extern char fake_panic_text[512];

void fake_log_reset(void);
const char *fake_log_last(void); /* "" when there is none */
bool fake_log_has(const char *part);

#endif
