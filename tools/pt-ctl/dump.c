/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pt/types.h>

#include "dump.h"

#define LINE_BYTES    4096
#define CONFIG_BYTES  4096U
#define BYTES_A_LINE  16
#define ADDRESS_BYTES 24

/* "00:1f.3 " or "10000:00:1f.3 ": the length of the address, or 0. */
static size_t address_length(const char *line)
{
	size_t length = strspn(line, "0123456789abcdefABCDEF:.");
	const char *dot = memchr(line, '.', length), *colon = memchr(line, ':', length);

	if (length < 7 || length > ADDRESS_BYTES || !dot || !colon || dot < colon || dot + 2 != line + length)
		return 0;
	return line[length] == ' ' || line[length] == '\n' || line[length] == '\0' ? length : 0;
}

/* "1f0: 00 11 ...": the offset and where the bytes begin, or NULL. */
static const char *offset_parse(const char *line, unsigned int *ret_offset)
{
	int end = 0;

	if (!isxdigit((unsigned char)line[0]) || sscanf(line, "%3x:%n", ret_offset, &end) != 1 || !end)
		return NULL;
	return *ret_offset % BYTES_A_LINE == 0 && *ret_offset < CONFIG_BYTES && line[end] == ' ' ? line + end
												 : NULL;
}

static bool byte_at(const char *p)
{
	return p[0] == ' ' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]) &&
	       !isalnum((unsigned char)p[3]);
}

static void bytes_copy(unsigned int offset, const char *bytes, FILE *out)
{
	fprintf(out, "%02x:", offset);
	for (int i = 0; i < BYTES_A_LINE && byte_at(bytes); i++, bytes += 3)
		fprintf(out, "%.3s", bytes);
	fputc('\n', out);
}

static void line_copy(const char *line, bool *in_function, FILE *out)
{
	size_t address = address_length(line);
	unsigned int offset;
	const char *bytes;

	if (address) {
		fprintf(out, "%s%.*s x\n", *in_function ? "\n" : "", (int)address, line);
		*in_function = true;
		return;
	}
	bytes = *in_function ? offset_parse(line, &offset) : NULL;
	if (bytes && byte_at(bytes))
		bytes_copy(offset, bytes, out);
}

/* What is left of a line that did not fit. */
static void line_skip(const char *line, FILE *in)
{
	int c = (unsigned char)line[strlen(line) - 1];

	while (c != '\n' && c != EOF)
		c = fgetc(in);
}

static void text_copy(FILE *in, FILE *out)
{
	char line[LINE_BYTES];
	bool in_function = false;

	while (fgets(line, sizeof(line), in)) {
		if (!line[0])
			continue; /* a zero byte: nothing of lspci's */
		line_copy(line, &in_function, out);
		line_skip(line, in);
	}
	fputc('\n', out);
}

/* The stream gets a descriptor of its own, so that closing it leaves this one. */
static int memory_fill(int fd, FILE *in)
{
	int copy = dup(fd);
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
	int rc;

	if (!out) {
		rc = -errno;
		if (copy >= 0)
			close(copy);
		return rc;
	}
	text_copy(in, out);
	rc = ferror(in) ? -EIO : 0;
	return fclose(out) ? -errno : rc;
}

int dump_open(const char *path)
{
	FILE *in = fopen(path, "re");
	int fd, rc;

	if (!in)
		return -errno;
	fd = memfd_create("pt-ctl dump", MFD_CLOEXEC);
	rc = fd < 0 ? -errno : memory_fill(fd, in);
	fclose(in);
	if (rc && fd >= 0)
		close(fd);
	return rc ? rc : fd;
}
