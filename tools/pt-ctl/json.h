/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output for programs. The schema is documented in pt-ctl(8), section JSON;
 * JSON_SCHEMA_VERSION rises when a field changes its meaning or goes, and stays
 * when one is added.
 */
#ifndef PTCTL_JSON_H
#define PTCTL_JSON_H

#include <jansson.h>

#include <pt/pci.h>

#define JSON_SCHEMA_VERSION 1

/* The frame of every answer, with an empty "devices" array. NULL when memory is short, as below. */
json_t *json_answer(const char *verb);
/* Appends one function. */
bool json_add_device(json_t *answer, const struct pci_dev *dev);
/* Prints and frees the answer (which may be NULL); an exit code. */
int json_finish(json_t *answer, bool complete);

#endif
