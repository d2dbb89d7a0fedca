/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A doubly linked ring with its head as one of the nodes.
 * Not locked: the owner of the head says which lock protects it.
 */
#ifndef HV_LIST_H
#define HV_LIST_H

#include <stdbool.h>
#include <pt/compiler.h>

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)          \
	{                        \
		&(name), &(name) \
	}

static inline void list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert(struct list *prev, struct list *node)
{
	node->next = prev->next;
	node->prev = prev;
	prev->next->prev = node;
	prev->next = node;
}

static inline void list_add(struct list *head, struct list *node)
{
	list_insert(head, node);
}

static inline void list_add_tail(struct list *head, struct list *node)
{
	list_insert(head->prev, node);
}

/* The node is a ring of its own afterwards: removing it twice is harmless. */
static inline void list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#define list_entry(node, type, member)	     container_of(node, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)

#define list_for_each(pos, head) for (struct list *pos = (head)->next; pos != (head); pos = pos->next)

/* The current node may be removed. */
#define list_for_each_safe(pos, head)                                                 \
	for (struct list *pos = (head)->next, *pos##_next = pos->next; pos != (head); \
		pos = pos##_next, pos##_next = pos->next)

#define list_for_each_entry(pos, head, member)                                                      \
	for (__typeof__(pos) pos##_end = list_entry(head, __typeof__(*pos), member),                \
			     pos##_it = (pos = list_entry((head)->next, __typeof__(*pos), member)); \
		pos != pos##_end;                                                                   \
		pos = list_entry(pos->member.next, __typeof__(*pos), member), (void)pos##_it)

#endif
