/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/pheap.h>

/* Two roots become one; both may be NULL. */
static struct pheap_node *pheap_meld(struct pheap_node *a, struct pheap_node *b)
{
	struct pheap_node *low = a, *high = b;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (b->key < a->key) {
		low = b;
		high = a;
	}
	high->prev = low;
	high->next = low->child;
	if (low->child != NULL)
		low->child->prev = high;
	low->child = high;
	return low;
}

static struct pheap_node *pheap_detach(struct pheap_node *node)
{
	node->next = NULL;
	node->prev = NULL;
	return node;
}

/* The children of a removed node: melded in pairs from the left, the pairs then from the right. */
static struct pheap_node *pheap_meld_siblings(struct pheap_node *first)
{
	struct pheap_node *pairs = NULL, *root = NULL;

	while (first != NULL) {
		struct pheap_node *a = first, *b = first->next, *pair;

		first = b != NULL ? b->next : NULL;
		pheap_detach(a);
		pair = pheap_meld(a, b != NULL ? pheap_detach(b) : NULL);
		pair->next = pairs;
		pairs = pair;
	}
	while (pairs != NULL) {
		struct pheap_node *pair = pairs;

		pairs = pairs->next;
		root = pheap_meld(root, pheap_detach(pair));
	}
	return root;
}

void pheap_insert(struct pheap *heap, struct pheap_node *node)
{
	node->child = NULL;
	pheap_detach(node);
	heap->root = pheap_meld(heap->root, node);
}

void pheap_remove(struct pheap *heap, struct pheap_node *node)
{
	struct pheap_node *children = pheap_meld_siblings(node->child);

	node->child = NULL;
	if (node == heap->root) {
		heap->root = children;
		return;
	}
	if (node->prev->child == node)
		node->prev->child = node->next;
	else
		node->prev->next = node->next;
	if (node->next != NULL)
		node->next->prev = node->prev;
	pheap_detach(node);
	heap->root = pheap_meld(heap->root, children);
}
