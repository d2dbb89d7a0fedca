/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "ptctl.h"

/* A hexadecimal number of at most so many digits, and the character that ends it. */
static bool part_parse(
	const char **at, unsigned int digits, unsigned long most, char end, unsigned long *ret_value)
{
	size_t length = strspn(*at, "0123456789abcdefABCDEF");

	if (!length || length > digits || (*at)[length] != end)
		return false;
	*ret_value = strtoul(*at, NULL, 16);
	*at += length + (end != '\0');
	return *ret_value <= most;
}

bool ptctl_parse_sbdf(const char *text, sbdf_t *ret_sbdf)
{
	const char *colon = strchr(text, ':');
	bool has_segment = colon && strchr(colon + 1, ':');
	unsigned long segment = 0, bus, dev, fn;

	if (has_segment && !part_parse(&text, 4, 0xffff, ':', &segment))
		return false;
	if (!part_parse(&text, 2, 0xff, ':', &bus) || !part_parse(&text, 2, 0x1f, '.', &dev) ||
		!part_parse(&text, 1, 7, '\0', &fn))
		return false;
	*ret_sbdf = SBDF(segment, bus, dev, fn);
	return true;
}

const char *ptctl_format_sbdf(sbdf_t sbdf, char text[PTCTL_SBDF_BYTES])
{
	snprintf(text, PTCTL_SBDF_BYTES, PRI_SBDF, SBDF_ARGS(sbdf));
	return text;
}
