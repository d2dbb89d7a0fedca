/* SPDX-License-Identifier: GPL-2.0-only */
/* What the portable code that pt-ctl links needs of pt/env.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <pt/env.h>

#include "ptctl.h"
#include "source.h"

/* What is wrong with a device stands in the output; the messages say it again only when asked to. */
void env_log(enum env_log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > (ptctl_options.verbose ? ENV_LOG_DEBUG : ENV_LOG_ERR))
		return;
	va_start(ap, fmt);
	ptctl_verror(fmt, ap);
	va_end(ap);
}

void *env_alloc(size_t bytes)
{
	return calloc(1, bytes);
}

void env_free(void *p)
{
	free(p);
}

uint32_t env_cfg_read(sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	return source_read(sbdf, reg, size);
}

/* A tool that only looks must not write: reaching this is a bug of the tool. */
void env_cfg_write(sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	ptctl_error(PRI_SBDF ": write of 0x%x to register 0x%x (%u bytes) refused", SBDF_ARGS(sbdf), value,
		reg, size);
	abort();
}
