/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device registry: a radix tree over the 32 bits of the sbdf, eight bits a
 * level. The root and the second level are the segment, then bus, then devfn.
 */
#include <errno.h>

#include <pt/env.h>
#include <pt/pci.h>

#define LEVELS 4
#define SLOTS  256

/* Slots point to nodes, and in the last level to devices. */
struct pci_node {
	void *slot[SLOTS];
};

static unsigned int slot_of(uint32_t key, unsigned int level)
{
	return (key >> (8 * (LEVELS - 1 - level))) & (SLOTS - 1);
}

/* Pairs with slot_publish: what the pointer leads to is complete. */
static void *slot_load(void *const *slot)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

static void slot_publish(void **slot, void *p)
{
	__atomic_store_n(slot, p, __ATOMIC_RELEASE);
}

struct pci_dev *pci_find(const struct pci_registry *registry, sbdf_t sbdf)
{
	const void *at = __atomic_load_n(&registry->root, __ATOMIC_ACQUIRE);

	for (unsigned int level = 0; at && level < LEVELS; level++)
		at = slot_load(&((const struct pci_node *)at)->slot[slot_of(sbdf.v, level)]);
	return (struct pci_dev *)at;
}

/*
 * One descent: the lowest device at or after *key below this prefix, or NULL
 * with *key moved to the start of the next subtree that may hold one.
 */
static struct pci_dev *descend(const struct pci_registry *registry, uint64_t *key)
{
	const void *at = __atomic_load_n(&registry->root, __ATOMIC_ACQUIRE);
	unsigned int level;

	for (level = 0; at && level < LEVELS; level++)
		at = slot_load(&((const struct pci_node *)at)->slot[slot_of((uint32_t)*key, level)]);
	if (at)
		return (struct pci_dev *)at;
	/* The slot of level - 1 is empty (no root: level 0): skip all keys that lead through it. */
	*key = ((*key >> (8 * (LEVELS - level))) + 1) << (8 * (LEVELS - level));
	return NULL;
}

struct pci_dev *pci_find_from(const struct pci_registry *registry, uint64_t sbdf)
{
	struct pci_dev *dev = NULL;

	while (!dev && sbdf <= UINT32_MAX)
		dev = descend(registry, &sbdf);
	return dev;
}

static struct pci_node *node_get(void **slot)
{
	if (!*slot) {
		struct pci_node *node = env_alloc(sizeof(*node));

		if (node)
			slot_publish(slot, node);
	}
	return *slot;
}

int pci_registry_add(struct pci_registry *registry, struct pci_dev *dev)
{
	void **slot = (void **)&registry->root;

	for (unsigned int level = 0; level < LEVELS; level++) {
		struct pci_node *node = node_get(slot);

		if (!node)
			return -ENOMEM;
		slot = &node->slot[slot_of(dev->sbdf.v, level)];
	}
	if (*slot)
		return -EEXIST;
	slot_publish(slot, dev);
	registry->count++;
	return 0;
}

/* Empty nodes stay: a reader may stand in one, and the function may come back. */
struct pci_dev *pci_registry_remove(struct pci_registry *registry, sbdf_t sbdf)
{
	void *at = registry->root, **slot = NULL;

	for (unsigned int level = 0; at && level < LEVELS; level++) {
		slot = &((struct pci_node *)at)->slot[slot_of(sbdf.v, level)];
		at = *slot;
	}
	if (!at)
		return NULL;
	slot_publish(slot, NULL);
	registry->count--;
	return at;
}

/* Frees what is below a node of this level, but not the node. */
static void node_clear(struct pci_node *node, unsigned int level)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		if (!node->slot[i])
			continue;
		/* LEVELS deep at most. */
		if (level < LEVELS - 1)
			node_clear(node->slot[i], level + 1);
		env_free(node->slot[i]);
	}
}

void pci_registry_clear(struct pci_registry *registry)
{
	if (registry->root)
		node_clear(registry->root, 0);
	env_free(registry->root);
	registry->root = NULL;
	registry->count = 0;
}
