/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A priority queue of nodes that live in their owners: a pairing heap (Fredman
 * et al. 1986). Insert and least are O(1), remove is O(log n) amortised; no
 * allocation, no recursion. Among equal keys the order is not defined.
 * Not locked: the owner of the heap says which lock protects it.
 */
#ifndef HV_PHEAP_H
#define HV_PHEAP_H

#include <stdbool.h>
#include <pt/compiler.h>

struct pheap_node {
	uint64_t key;
	struct pheap_node *child; /* the first of its children */
	struct pheap_node *next;  /* its right sibling */
	struct pheap_node
		*prev; /* its left sibling, its parent if it is the first child, NULL if it is the root */
};

struct pheap {
	struct pheap_node *root;
};

static inline bool pheap_empty(const struct pheap *heap)
{
	return heap->root == NULL;
}

/* The node with the least key, or NULL; it stays in the heap. */
static inline struct pheap_node *pheap_least(const struct pheap *heap)
{
	return heap->root;
}

/* The node must not be in a heap; its key is set and does not change while it is. */
void pheap_insert(struct pheap *heap, struct pheap_node *node);

/* The node must be in this heap. */
void pheap_remove(struct pheap *heap, struct pheap_node *node);

#endif
