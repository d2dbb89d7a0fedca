/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recorded `lspci -xxxx` texts as they are found in bug reports: with decoded
 * lines, long names and cut or disturbed lines between, which libpci's reader
 * refuses.
 */
#ifndef PTCTL_DUMP_H
#define PTCTL_DUMP_H

/*
 * Copies what libpci needs of the file into memory: addresses and well-formed
 * bytes. Returns a file descriptor, which the caller closes, or a negative errno.
 */
int dump_open(const char *path);

#endif
