/* SPDX-License-Identifier: GPL-2.0-only */
/* Words for what the registry holds as numbers: the same in text and in JSON. */
#ifndef PTCTL_WORDS_H
#define PTCTL_WORDS_H

#include <pt/pci.h>

/* "Power Management"; NULL for an id that is not known. */
const char *words_cap(const struct pci_cap *cap);
/* "io", "mem32", "mem64", "rom"; NULL for PCI_BAR_NONE. */
const char *words_bar(enum pci_bar_kind kind);
/* "normal", "bridge", "cardbus", "unknown". */
const char *words_header(uint8_t layout);

#define WORDS_SERIAL_BYTES 24
/* "00-1b-21-ff-ff-3c-2a-10", as lspci writes it. */
const char *words_serial(uint64_t serial, char text[WORDS_SERIAL_BYTES]);

#define WORDS_SIZE_BYTES 24
/* "64K": a power of two in the largest unit that leaves a whole number. */
const char *words_size(uint64_t bytes, char text[WORDS_SIZE_BYTES]);

#endif
