/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recorded machines. Each dump holds the bytes of configuration space and what
 * lspci, an independent reader, decoded from them; the registry must say the same:
 * ids, class, capabilities with offsets and versions, bus numbers, regions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pt/pci.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>

#include "pci.h"

#define DUMPS  "tests/fixtures/pci/dumps"
#define IMAGES "tests/fixtures/pci/images"

static struct pci_registry registry;
/* What was compared, so that a reader that understands nothing does not pass. */
static struct {
	unsigned int functions, gone, ids, caps, ecaps, buses, regions;
} checked;

static int teardown(void **state)
{
	(void)state;
	pci_registry_clear(&registry);
	return fake_live_allocs() == 0 ? 0 : -1;
}

/* Every segment that has a function. */
static void scan_all(void)
{
	for (uint32_t segment = 0; segment < 0x10000; segment++) {
		struct pci_scan_range range = {.segment = (uint16_t)segment, .end_bus = 255};

		if (fake_cfg_segment_used(range.segment))
			assert_int_equal(pci_scan(&registry, &range, 1, PCI_SCAN_EVERY_FUNCTION), 0);
	}
}

/* --- One function's lines. --- */
struct reader {
	const char *path;
	struct pci_dev *dev;
	unsigned int next_cap;
};

#define check(r, condition)                                                                        \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("%s: " PRI_SBDF ": %s: %s", (r)->path, SBDF_ARGS((r)->dev->sbdf), \
				#condition, line);                                                 \
	} while (0)

/* "00:02.0 VGA compatible controller [0300]: ... [8086:0102] (rev 09)" */
static void check_headline(struct reader *r, const char *line)
{
	unsigned int class_code, vendor, device;
	const char *p = strchr(line, '[');

	while (p && sscanf(p, "[%4x:%4x]", &vendor, &device) != 2)
		p = strchr(p + 1, '[');
	if (!p)
		return;
	check(r, r->dev->vendor == vendor && r->dev->device == device);
	p = strchr(line, '[');
	assert_int_equal(sscanf(p, "[%4x]", &class_code), 1);
	check(r, r->dev->class_code >> 8 == class_code);
	checked.ids++;
}

/* "	Capabilities: [100 v2] Advanced Error Reporting" */
static void check_capability(struct reader *r, const char *line)
{
	unsigned int offset, version = 0;
	const struct pci_cap *cap;
	int fields = sscanf(line, "\tCapabilities: [%x v%u]", &offset, &version);

	if (fields < 1)
		return;
	check(r, r->next_cap < r->dev->cap_count);
	cap = &r->dev->cap[r->next_cap++];
	check(r, cap->offset == offset);
	check(r, cap->extended == (offset >= 0x100));
	check(r, fields < 2 || cap->version == version);
	if (cap->extended)
		checked.ecaps++;
	else
		checked.caps++;
}

/* "	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0" */
static void check_buses(struct reader *r, const char *line)
{
	unsigned int primary, secondary, subordinate;

	if (sscanf(line, "\tBus: primary=%x, secondary=%x, subordinate=%x", &primary, &secondary,
		    &subordinate) != 3)
		return;
	check(r, pci_dev_is_bridge(r->dev));
	check(r, r->dev->secondary == secondary && r->dev->subordinate == subordinate);
	checked.buses++;
}

/* "	Region 2: Memory at e0000000 (64-bit, prefetchable) [size=256M]"; "Region 4: I/O ports at ff00" */
static void check_region(struct reader *r, const char *line)
{
	unsigned int index;
	unsigned long base;
	const struct pci_bar *bar;
	bool memory = strstr(line, ": Memory at ") != NULL;

	if (strncmp(line, "\tRegion", 7) != 0) /* deeper ones are those of virtual functions */
		return;
	if (sscanf(line, "\tRegion %u: %*s %*s at %lx", &index, &base) != 2 &&
		sscanf(line, "\tRegion %u: %*s at %lx", &index, &base) != 2)
		return;
	/* What the kernel knew and the registers do not say, legacy IDE ports among it. */
	if (strstr(line, "[virtual]") || strstr(line, "<") || index >= 6 || r->dev->class_code >> 8 == 0x0101)
		return;
	bar = &r->dev->bar[index];
	check(r, memory == (bar->kind == PCI_BAR_MEM32 || bar->kind == PCI_BAR_MEM64));
	check(r, !memory || (strstr(line, "(64-bit") != NULL) == (bar->kind == PCI_BAR_MEM64));
	check(r, !memory || (strstr(line, "non-prefetchable") == NULL) == bar->prefetch);
	check(r, bar->base == base);
	checked.regions++;
}

static void check_line(struct reader *r, const char *line)
{
	check_capability(r, line);
	check_buses(r, line);
	check_region(r, line);
}

static void check_end(struct reader *r)
{
	const char *line = "(no more capabilities in the text)";

	if (r->dev && r->dev->cfg_bytes)
		check(r, r->next_cap == r->dev->cap_count || (r->dev->problems & PCI_PROBLEM_CAP_ONES));
}

/* A function that answered all-ones while it was recorded is gone, whatever the text says. */
static void check_found(struct reader *r, sbdf_t sbdf, const char *line)
{
	bool gone = pci_cfg_read16(sbdf, PCI_VENDOR) == PCI_VENDOR_NONE;

	if (gone != !r->dev)
		fail_msg("%s: %s: %s", r->path, gone ? "found" : "not found", line);
	checked.functions++;
	checked.gone += gone;
	if (!gone)
		check_headline(r, line);
}

static void check_text(const char *path)
{
	struct reader r = {.path = path};
	FILE *f = fopen(path, "r");
	char line[1024];
	sbdf_t sbdf;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (fake_pci_parse_slot(line, &sbdf)) {
			check_end(&r);
			r.dev = pci_find(&registry, sbdf);
			r.next_cap = 0;
			check_found(&r, sbdf, line);
		} else if (line[0] == '\n') {
			check_end(&r);
			r.dev = NULL;
		} else if (r.dev) {
			check_line(&r, line);
		}
	}
	fclose(f);
}

static void check_dump(const char *path)
{
	size_t count;

	fake_reset();
	count = fake_pci_load_dump(path);
	if (!count)
		fail_msg("%s: no function in it", path);
	scan_all();
	checked.gone = 0;
	check_text(path);
	assert_int_equal(registry.count + checked.gone, count);
	assert_int_equal(fake_event_count(), 0); /* a recorded machine is never written to */
	pci_registry_clear(&registry);
}

static unsigned int for_each_file(const char *folder, void (*job)(const char *path))
{
	DIR *d = opendir(folder);
	unsigned int count = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		char path[512];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		job(path);
		count++;
	}
	closedir(d);
	return count;
}

static void test_every_dump_as_lspci_reads_it(void **state)
{
	(void)state;
	memset(&checked, 0, sizeof(checked));
	assert_int_equal(for_each_file(DUMPS, check_dump), 41);
	assert_int_equal(checked.functions, 536);
	assert_int_equal(checked.ids, 518);
	assert_int_equal(checked.caps, 711);
	assert_int_equal(checked.ecaps, 280);
	assert_int_equal(checked.buses, 109);
	assert_int_equal(checked.regions, 441);
}

/* --- Images of single functions: the same machine as one of the dumps. --- */

static void load_image(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	unsigned int segment, bus, dev, fn;

	assert_int_equal(sscanf(name, "%4x-%2x-%2x.%1x.config", &segment, &bus, &dev, &fn), 4);
	fake_pci_load_image(SBDF(segment, bus, dev, fn), path);
}

static void assert_same_device(const struct pci_dev *a, const struct pci_dev *b)
{
	assert_non_null(b);
	assert_int_equal(a->vendor, b->vendor);
	assert_int_equal(a->device, b->device);
	assert_int_equal(a->class_code, b->class_code);
	assert_int_equal(a->cfg_bytes, b->cfg_bytes);
	assert_int_equal(a->problems, b->problems);
	assert_true(a->serial == b->serial);
	assert_int_equal(a->cap_count, b->cap_count);
	assert_memory_equal(a->cap, b->cap, a->cap_count * sizeof(a->cap[0]));
	assert_memory_equal(a->bar, b->bar, sizeof(a->bar));
}

static void test_images_and_text_agree(void **state)
{
	struct pci_registry images = {0};
	struct pci_dev *dev;

	(void)state;
	fake_reset();
	assert_int_equal(for_each_file(IMAGES, load_image), 15);
	scan_all();
	images = registry;
	memset(&registry, 0, sizeof(registry));
	fake_cfg_forget();
	assert_int_equal(fake_pci_load_dump(DUMPS "/libvirt-virpcitestdata.txt"), 15);
	scan_all();
	assert_int_equal(images.count, registry.count);
	pci_for_each (dev, &images)
		assert_same_device(dev, pci_find(&registry, dev->sbdf));
	pci_registry_clear(&images);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_every_dump_as_lspci_reads_it, teardown),
		cmocka_unit_test_teardown(test_images_and_text_agree, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
