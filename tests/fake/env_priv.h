/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the parts of the recording environment. */
#ifndef FAKE_ENV_PRIV_H
#define FAKE_ENV_PRIV_H

#include "env.h"

/* The code under test broke a contract: says so and aborts. */
__printf(1, 2) __noreturn void fake_violation(const char *fmt, ...);

void fake_record(enum fake_event_kind kind, uint64_t where, uint32_t reg, uint32_t size, uint64_t value);
/* True when the armed fault says that this call fails. */
bool fake_fault_now(enum fake_fault kind);

void fake_mem_reset(void);
void fake_mmio_reset(void);

#endif
