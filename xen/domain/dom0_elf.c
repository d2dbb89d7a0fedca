/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's ELF file: Tool Interface Standard ELF 1.2, System V ABI AMD64 supplement; notes: public/elfnote.h. */
#include <errno.h>
#include <string.h>
#include <hv/log.h>
#include <pt/le.h>
#include <xen/elfnote.h>
#include "dom0_priv.h"

#define EHDR_BYTES   64u
#define EHDR_CLASS   4
#define EHDR_DATA    5
#define EHDR_MACHINE 18
#define DATA_LITTLE  1

/* Where the fields are in files of 32 and of 64 bits; program headers follow each other without gaps. */
struct elf_layout {
	uint8_t class;
	uint16_t machine;
	uint8_t word; /* bytes of an address, an offset or a size */
	uint8_t phoff, phentsize, phnum;
	uint8_t ph_bytes, ph_offset, ph_paddr, ph_filesz, ph_memsz, ph_align;
};

static const struct elf_layout elf_layouts[] = {
	{1, 3, 4, 28, 42, 44, 32, 4, 12, 16, 20, 28},
	{2, 62, 8, 32, 54, 56, 56, 8, 24, 32, 40, 48},
};

#define PHDRS_MAX 64u

#define PT_LOAD 1
#define PT_NOTE 4

#define NOTE_HEADER_BYTES 12u

#define RELOC_ALIGN_DEFAULT 0x200000u

struct elf {
	const uint8_t *file;
	uint64_t bytes;
	const struct elf_layout *layout;
	uint64_t align_max; /* of the segments */
	bool has_entry;
	struct dom0_elf out;
};

static bool elf_inside(const struct elf *e, uint64_t offset, uint64_t bytes)
{
	return offset <= e->bytes && bytes <= e->bytes - offset;
}

static uint64_t elf_word(const struct elf *e, const uint8_t *p)
{
	return e->layout->word == 8 ? le64_get(p) : le32_get(p);
}

/* NULL: fine. */
static const char *elf_load(struct elf *e, const uint8_t *ph)
{
	struct dom0_segment s = {
		.offset = elf_word(e, ph + e->layout->ph_offset),
		.file_bytes = elf_word(e, ph + e->layout->ph_filesz),
		.phys = elf_word(e, ph + e->layout->ph_paddr),
		.bytes = elf_word(e, ph + e->layout->ph_memsz),
	};

	if (s.bytes == 0)
		return NULL;
	if (e->out.segment_count == DOM0_SEGMENTS_MAX)
		return "too many segments";
	if (s.file_bytes > s.bytes || !elf_inside(e, s.offset, s.file_bytes))
		return "a segment that leaves the file";
	if (s.phys >= GIB(4) || s.bytes > GIB(4) - s.phys)
		return "a segment beyond 4 GiB";
	e->out.segment[e->out.segment_count++] = s;
	e->out.start = MIN(e->out.start, ALIGN_DOWN(s.phys, PAGE_SIZE));
	e->out.end = MAX(e->out.end, ALIGN_UP(s.phys + s.bytes, PAGE_SIZE));
	e->align_max = MAX(e->align_max, elf_word(e, ph + e->layout->ph_align));
	return NULL;
}

/* Up to three words: alignment, lowest address, highest address. */
static void elf_note_reloc(struct elf *e, const uint8_t *desc, uint32_t bytes)
{
	e->out.relocatable = true;
	e->out.align = bytes >= 4 ? le32_get(desc) : 0;
	e->out.min = bytes >= 8 ? le32_get(desc + 4) : 0;
	e->out.max = bytes >= 12 ? le32_get(desc + 8) : ~0U;
}

static void elf_note(struct elf *e, uint32_t type, const uint8_t *desc, uint32_t bytes)
{
	if (type == XEN_ELFNOTE_PHYS32_ENTRY && bytes >= 4) {
		e->out.entry = le32_get(desc);
		e->has_entry = true;
	} else if (type == XEN_ELFNOTE_PHYS32_RELOC) {
		elf_note_reloc(e, desc, bytes);
	}
}

static const char *elf_notes(struct elf *e, const uint8_t *ph)
{
	uint64_t at = elf_word(e, ph + e->layout->ph_offset), left = elf_word(e, ph + e->layout->ph_filesz);

	if (!elf_inside(e, at, left))
		return "notes that leave the file";
	while (left >= NOTE_HEADER_BYTES) {
		const uint8_t *note = e->file + at;
		uint32_t name = le32_get(note), desc = le32_get(note + 4);
		uint64_t desc_at = NOTE_HEADER_BYTES + ALIGN_UP((uint64_t)name, 4UL);
		uint64_t bytes = desc_at + ALIGN_UP((uint64_t)desc, 4UL);

		if (desc_at + desc > left)
			return "a note that leaves its segment";
		if (name == 4 && memcmp(note + NOTE_HEADER_BYTES, "Xen", 4) == 0)
			elf_note(e, le32_get(note + 8), note + desc_at, desc);
		if (bytes >= left)
			break;
		at += bytes;
		left -= bytes;
	}
	return NULL;
}

static const char *elf_headers(struct elf *e)
{
	uint64_t at = elf_word(e, e->file + e->layout->phoff);
	uint32_t count = le16_get(e->file + e->layout->phnum);
	const char *wrong = NULL;

	if (count > PHDRS_MAX || !elf_inside(e, at, count * (uint64_t)e->layout->ph_bytes))
		return "program headers that leave the file";
	for (uint32_t i = 0; i < count && !wrong; i++) {
		const uint8_t *ph = e->file + at + (uint64_t)i * e->layout->ph_bytes;
		uint32_t type = le32_get(ph);

		if (type == PT_LOAD)
			wrong = elf_load(e, ph);
		else if (type == PT_NOTE)
			wrong = elf_notes(e, ph);
	}
	return wrong;
}

static const char *elf_check(const struct elf *e)
{
	if (e->out.segment_count == 0)
		return "no segment to load";
	if (!e->has_entry)
		return "no note of a PVH entry (XEN_ELFNOTE_PHYS32_ENTRY): a kernel without CONFIG_PVH";
	if (e->out.entry < e->out.start || e->out.entry >= e->out.end)
		return "an entry outside of its segments";
	return NULL;
}

/* The rule of public/elfnote.h where the note names no alignment. */
static void elf_reloc_align(struct elf *e)
{
	uint32_t align = e->out.align;

	if (align == 0)
		align = e->align_max >= PAGE_SIZE && e->align_max <= MIB(1024) ? (uint32_t)e->align_max
									       : RELOC_ALIGN_DEFAULT;
	if (align < PAGE_SIZE || (align & (align - 1)) != 0)
		e->out.relocatable = false;
	e->out.align = align;
}

static bool elf_layout_find(struct elf *e)
{
	if (e->bytes < EHDR_BYTES || memcmp(e->file, "\177ELF", 4) != 0 || e->file[EHDR_DATA] != DATA_LITTLE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(elf_layouts); i++) {
		const struct elf_layout *l = &elf_layouts[i];

		if (l->class == e->file[EHDR_CLASS] && l->machine == le16_get(e->file + EHDR_MACHINE) &&
			l->ph_bytes == le16_get(e->file + l->phentsize))
			e->layout = l;
	}
	return e->layout != NULL;
}

int dom0_elf_parse(const uint8_t *file, uint64_t bytes, struct dom0_elf *ret_elf)
{
	struct elf e = {.file = file, .bytes = bytes, .out = {.start = ~0UL}};
	const char *wrong = elf_layout_find(&e) ? elf_headers(&e) : "not an ELF file for x86";

	if (!wrong)
		wrong = elf_check(&e);
	if (wrong) {
		log_err("dom0: kernel: %s", wrong);
		return -ENOEXEC;
	}
	elf_reloc_align(&e);
	*ret_elf = e.out;
	return 0;
}
