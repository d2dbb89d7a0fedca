/* SPDX-License-Identifier: GPL-2.0-only */
/* dom0_mem= and dom0_max_vcpus=: Xen's xen-command-line document, sections of these names. */
#include <errno.h>
#include <string.h>
#include <hv/cmdline.h>
#include <hv/dom0.h>
#include <hv/domain.h>
#include "dom0_priv.h"

/* What the hypervisor keeps when nothing is said: a sixteenth, but not more than this. */
#define KEEP_MAX MIB(128)
/* Below this nothing works: what the domain cannot be given in any case. */
#define KEEP_MIN MIB(24)

#define PART_BYTES 32

enum mem_part {
	MEM_SIZE,
	MEM_MIN,
	MEM_MAX,
	MEM_PARTS,
};

struct mem_value {
	bool set;
	bool all_but; /* "-SIZE": the machine's, less this */
	uint64_t bytes;
};

static struct mem_value dom0_mem[MEM_PARTS];
static uint32_t vcpus_min = 1, vcpus_max = VCPU_MAX;

static const struct {
	const char *prefix;
	enum mem_part part;
} mem_prefixes[] = {
	{"min:", MEM_MIN},
	{"max:", MEM_MAX},
	{"", MEM_SIZE},
};

static int mem_part_parse(const char *text, struct mem_value parts[MEM_PARTS])
{
	struct mem_value value = {.set = true};
	size_t i = 0;
	int rc;

	while (strncmp(text, mem_prefixes[i].prefix, strlen(mem_prefixes[i].prefix)) != 0)
		i++;
	text += strlen(mem_prefixes[i].prefix);
	value.all_but = *text == '-';
	rc = cmdline_size_parse(text + value.all_but, &value.bytes);
	if (rc == 0)
		parts[mem_prefixes[i].part] = value;
	return rc;
}

/* The next element of a list into part; where the list goes on, or NULL at its end. -EINVAL: too long. */
static int list_part(const char **list, char separator, char *part, size_t size)
{
	const char *end = strchr(*list, separator);
	size_t length = end ? (size_t)(end - *list) : strlen(*list);

	if (length >= size)
		return -EINVAL;
	memcpy(part, *list, length);
	part[length] = '\0';
	*list = end ? end + 1 : NULL;
	return 0;
}

int dom0_option_mem(const char *value)
{
	struct mem_value parts[MEM_PARTS] = {{0}};
	int rc = 0;

	while (value && rc == 0) {
		char part[PART_BYTES];

		rc = list_part(&value, ',', part, sizeof(part));
		if (rc == 0)
			rc = mem_part_parse(part, parts);
	}
	if (rc == 0)
		memcpy(dom0_mem, parts, sizeof(dom0_mem));
	return rc == 0 ? 0 : -EINVAL;
}

int dom0_option_vcpus(const char *value)
{
	uint64_t number[2] = {1, VCPU_MAX};
	bool range = strchr(value, '-') != NULL;
	int rc = 0;

	for (unsigned int i = range ? 0 : 1; i < 2 && value && rc == 0; i++) {
		char part[PART_BYTES];

		rc = list_part(&value, '-', part, sizeof(part));
		/* "-4" and "2-" leave one end open. */
		if (rc == 0 && (part[0] != '\0' || !range))
			rc = cmdline_uint_parse(part, &number[i]);
	}
	if (rc != 0 || value || number[0] == 0 || number[1] < number[0] || number[1] > VCPU_MAX)
		return -EINVAL;
	vcpus_min = range ? (uint32_t)number[0] : (uint32_t)number[1];
	vcpus_max = (uint32_t)number[1];
	return 0;
}

static uint64_t mem_bytes(enum mem_part part, uint64_t available, uint64_t otherwise)
{
	const struct mem_value *v = &dom0_mem[part];

	if (!v->set)
		return otherwise;
	if (v->all_but)
		return available > v->bytes ? available - v->bytes : 0;
	return v->bytes;
}

struct dom0_memory_limits dom0_memory_wanted(uint64_t available)
{
	uint64_t most = available > 2 * KEEP_MIN ? available - KEEP_MIN : available / 2;
	uint64_t fallback = available - MIN(available / 16, KEEP_MAX);
	uint64_t max = mem_bytes(MEM_MAX, available, ~0UL);
	struct dom0_memory_limits limits;

	limits.initial = MAX(mem_bytes(MEM_SIZE, available, fallback), mem_bytes(MEM_MIN, available, 0));
	limits.initial = ALIGN_DOWN(MIN(MIN(limits.initial, max), most), PAGE_SIZE);
	limits.max = dom0_mem[MEM_MAX].set ? MAX(ALIGN_DOWN(max, PAGE_SIZE), limits.initial) : limits.initial;
	return limits;
}

uint32_t dom0_vcpus_wanted(uint32_t processors)
{
	return MIN(MAX(processors, vcpus_min), vcpus_max);
}
