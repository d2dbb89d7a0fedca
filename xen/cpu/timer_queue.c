/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: every timer that is set or fires. A leftist heap: the way down along the
 * right children is at most log2(n + 1) long, and all work happens on it.
 */
#include <hv/timer.h>

static uint32_t tq_rank(const struct timer_node *n)
{
	return n ? n->rank : 0;
}

/* Its children have changed: the lower rank to the right. True when its own rank changed. */
static bool tq_settle(struct timer_node *n)
{
	uint32_t old = n->rank;

	if (tq_rank(n->left) < tq_rank(n->right)) {
		struct timer_node *left = n->left;

		n->left = n->right;
		n->right = left;
	}
	n->rank = tq_rank(n->right) + 1;
	return n->rank != old;
}

/* Two heaps into one: down along both right sides in order, then up again to settle. */
static struct timer_node *tq_merge(struct timer_node *a, struct timer_node *b)
{
	struct timer_node *root = NULL, *last = NULL, **link = &root;

	while (a && b) {
		struct timer_node *first = a->deadline <= b->deadline ? a : b;
		struct timer_node *rest = first->right;

		if (first == a)
			a = rest;
		else
			b = rest;
		*link = first;
		first->parent = last;
		last = first;
		link = &first->right;
	}
	*link = a ? a : b;
	if (*link)
		(*link)->parent = last;
	for (; last; last = last->parent)
		(void)tq_settle(last);
	return root;
}

struct timer_node *timer_queue_add(struct timer_node *root, struct timer_node *node)
{
	node->parent = node->left = node->right = NULL;
	node->rank = 1;
	return tq_merge(root, node);
}

struct timer_node *timer_queue_remove(struct timer_node *root, struct timer_node *node)
{
	struct timer_node *up = node->parent;
	struct timer_node *rest = tq_merge(node->left, node->right);

	node->rank = 0;
	if (rest)
		rest->parent = up;
	if (!up)
		return rest;
	if (up->left == node)
		up->left = rest;
	else
		up->right = rest;
	while (up && tq_settle(up))
		up = up->parent;
	return root;
}
