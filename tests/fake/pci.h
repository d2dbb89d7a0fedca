/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plausible functions in the fake configuration space, and recorded ones.
 * Everything lives until fake_reset().
 */
#ifndef FAKE_PCI_H
#define FAKE_PCI_H

#include "env.h"

/* Type 0 header; decode bits of the command register can be written. 4096 bytes, no capabilities. */
struct fake_fn *fake_pci_endpoint(sbdf_t sbdf, uint16_t vendor, uint16_t device);
/* Type 1 header with these bus numbers. */
struct fake_fn *fake_pci_bridge(sbdf_t sbdf, uint8_t secondary, uint8_t subordinate);
void fake_pci_multifunction(struct fake_fn *fn);
/* Puts a capability at this offset in front of the list. */
void fake_pci_cap(struct fake_fn *fn, uint8_t offset, uint8_t id);
/* One entry of the list at a place of the test's choice: nothing is linked to it. */
void fake_pci_cap_raw(struct fake_fn *fn, uint8_t offset, uint8_t id, uint8_t next);
void fake_pci_ecap_raw(struct fake_fn *fn, uint16_t offset, uint16_t id, uint8_t version, uint16_t next);
/* A PCI Express capability of this device/port type (pci_pcie_type). */
void fake_pci_express(struct fake_fn *fn, uint8_t offset, uint8_t type);

/*
 * Every function of a recorded `lspci -xxxx` text; other lines, and functions in
 * segments above 0xffff, are skipped.
 * A function has the bytes that were recorded, beyond them all-ones.
 * Returns their number; ends the program when the file cannot be read.
 */
size_t fake_pci_load_dump(const char *path);
/* One function from a binary image of at most 4096 bytes. */
struct fake_fn *fake_pci_load_image(sbdf_t sbdf, const char *path);
/* Parses "0000:00:1f.3" or "00:1f.3" at the start of a line; false when it is something else. */
bool fake_pci_parse_slot(const char *line, sbdf_t *ret_sbdf);

#endif
