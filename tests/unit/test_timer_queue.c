/* SPDX-License-Identifier: GPL-2.0-only */
/* The heap of timers against a plain array, with its shape checked after every step. */
#include "unit.h"
#include "unit_random.h"
#include <hv/timer.h>

#define NODES 200
#define STEPS 20000

static struct timer_node node[NODES];
static struct timer_node *root;

static uint32_t rank_of(const struct timer_node *n)
{
	return n ? n->rank : 0;
}

/* Order, back links, and the leftist rule; returns how many nodes there are. */
static unsigned int check(const struct timer_node *n, const struct timer_node *parent)
{
	if (!n)
		return 0;
	assert_ptr_equal(n->parent, parent);
	if (parent)
		assert_true(parent->deadline <= n->deadline);
	assert_true(rank_of(n->left) >= rank_of(n->right));
	assert_int_equal(n->rank, rank_of(n->right) + 1);
	return 1 + check(n->left, n) + check(n->right, n);
}

static uint64_t earliest(void)
{
	uint64_t first = ~0UL;

	for (unsigned int i = 0; i < NODES; i++) {
		if (node[i].rank && node[i].deadline < first)
			first = node[i].deadline;
	}
	return first;
}

static unsigned int queued(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < NODES; i++)
		n += node[i].rank != 0;
	return n;
}

static int setup(void **state)
{
	(void)state;
	memset(node, 0, sizeof(node));
	root = NULL;
	return 0;
}

static void test_against_model(void **state)
{
	uint32_t seed = 0x75646372;

	(void)state;
	for (unsigned int step = 0; step < STEPS; step++) {
		struct timer_node *n = &node[unit_random(&seed) % NODES];

		if (n->rank) {
			root = timer_queue_remove(root, n);
			assert_int_equal(n->rank, 0);
		} else {
			n->deadline = unit_random(&seed) % 1000;
			root = timer_queue_add(root, n);
		}
		assert_int_equal(check(root, NULL), queued());
		if (root)
			assert_int_equal(root->deadline, earliest());
	}
}

static void test_comes_out_in_order(void **state)
{
	uint32_t seed = 7;
	uint64_t last = 0;

	(void)state;
	for (unsigned int i = 0; i < NODES; i++) {
		node[i].deadline = unit_random(&seed);
		root = timer_queue_add(root, &node[i]);
	}
	for (unsigned int i = 0; i < NODES; i++) {
		assert_true(root->deadline >= last);
		last = root->deadline;
		root = timer_queue_remove(root, root);
	}
	assert_null(root);
}

/* The worst order of arrival does not make the way down long: log2(n + 1). */
static void test_short_way_down(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NODES; i++) {
		unsigned int down = 0;

		node[i].deadline = i;
		root = timer_queue_add(root, &node[i]);
		for (const struct timer_node *n = root; n; n = n->right)
			down++;
		assert_true((1U << down) <= i + 2);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_against_model, setup),
		cmocka_unit_test_setup(test_comes_out_in_order, setup),
		cmocka_unit_test_setup(test_short_way_down, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
