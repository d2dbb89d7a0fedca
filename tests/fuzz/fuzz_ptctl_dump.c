/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any file as a recorded machine: what comes out has only lines that libpci's
 * reader takes, because that one ends the program on any other.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/pt-ctl/dump.h"

#define LINE_MAX_LIBPCI 255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int pattern_matches(const char *line, const char *pattern)
{
	for (; *pattern; pattern++, line++)
		if (*pattern == '#' ? !isxdigit((unsigned char)*line) : *line != *pattern)
			return 0;
	return 1;
}

/* Sixteen bytes at most, nothing after them. */
static int bytes_fit(const char *line)
{
	const char *at = strchr(line, ':') + 1;
	int count = 0;

	while (pattern_matches(at, " ##")) {
		at += 3;
		count++;
	}
	return count >= 1 && count <= 16 && *at == '\n';
}

static int line_fits(const char *line)
{
	if (strlen(line) > LINE_MAX_LIBPCI)
		return 0;
	if (line[0] == '\n')
		return 1;
	if (pattern_matches(line, "##: ") || pattern_matches(line, "###: "))
		return bytes_fit(line);
	return strlen(line) > 3 && strcmp(line + strlen(line) - 3, " x\n") == 0;
}

static void result_check(int fd)
{
	FILE *f;
	char line[4096];

	if (lseek(fd, 0, SEEK_SET) != 0)
		abort();
	f = fdopen(fd, "r");
	if (!f)
		abort();
	while (fgets(line, sizeof(line), f))
		if (!line_fits(line))
			abort();
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int in = memfd_create("input", 0), out;
	char path[32];

	if (in < 0 || write(in, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", in);
	out = dump_open(path);
	if (out < 0)
		abort();
	result_check(out);
	close(in);
	return 0;
}
