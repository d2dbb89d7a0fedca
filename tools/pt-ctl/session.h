/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine that the options name, read into a registry. */
#ifndef PTCTL_SESSION_H
#define PTCTL_SESSION_H

#include <pt/pci.h>

/* Opens the source and scans it. Says itself what went wrong. 0 or a negative errno. */
int session_open(struct pci_registry *registry) __must_check;
void session_close(struct pci_registry *registry);

/* True when the capability lists could be read: a user who is not root sees the header only. */
bool session_caps_readable(const struct pci_dev *dev);

#endif
