/* SPDX-License-Identifier: GPL-2.0-only */
/* The pairing heap against a plain array, over many random operations with fixed seeds. */
#include "unit.h"
#include "unit_random.h"
#include <hv/pheap.h>

#define NODES 200
#define STEPS 20000

struct item {
	struct pheap_node node;
	bool inside;
};

static uint64_t model_least(const struct item *items)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < NODES; i++)
		if (items[i].inside && items[i].node.key < least)
			least = items[i].node.key;
	return least;
}

static unsigned int links_checked(const struct pheap_node *first, const struct pheap_node *parent)
{
	const struct pheap_node *prev = parent;
	unsigned int count = 0;

	for (const struct pheap_node *n = first; n != NULL; n = n->next) {
		assert_ptr_equal(n->prev, prev);
		if (parent != NULL)
			assert_true(n->key >= parent->key);
		count += 1 + links_checked(n->child, n);
		prev = n;
	}
	return count;
}

static void random_operations_match_the_model(void **state)
{
	static struct item items[NODES];
	struct pheap heap = {NULL};
	uint32_t seed = 7;
	unsigned int inside = 0;

	(void)state;
	for (unsigned int step = 0; step < STEPS; step++) {
		struct item *it = &items[unit_random(&seed) % NODES];

		if (it->inside) {
			pheap_remove(&heap, &it->node);
			inside--;
		} else {
			it->node.key = unit_random(&seed) % 1000;
			pheap_insert(&heap, &it->node);
			inside++;
		}
		it->inside = !it->inside;
		assert_int_equal(pheap_empty(&heap), inside == 0);
		if (inside > 0)
			assert_int_equal(pheap_least(&heap)->key, model_least(items));
		if (step % 97 == 0)
			assert_int_equal(links_checked(heap.root, NULL), inside);
	}
}

static void drains_in_order(void **state)
{
	static struct pheap_node nodes[NODES];
	struct pheap heap = {NULL};
	uint32_t seed = 11;
	uint64_t last = 0;

	(void)state;
	for (unsigned int i = 0; i < NODES; i++) {
		nodes[i].key = unit_random(&seed) % 64;
		pheap_insert(&heap, &nodes[i]);
	}
	for (unsigned int i = 0; i < NODES; i++) {
		struct pheap_node *least = pheap_least(&heap);

		assert_true(least->key >= last);
		last = least->key;
		pheap_remove(&heap, least);
	}
	assert_true(pheap_empty(&heap));
	assert_null(pheap_least(&heap));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_match_the_model),
		cmocka_unit_test(drains_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
