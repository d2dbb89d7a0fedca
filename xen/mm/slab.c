/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small objects. A slab is one frame of objects of one class. Its state is in
 * the frame's entry: use (class), spare (objects given out), priv (first free
 * object). Slabs with free objects are on their class's list; the entry's links
 * are that list.
 *
 * Lock order: a class's lock (LOCK_RANK_SLAB), the heap's inside it.
 */
#include <string.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/log.h>
#include <hv/slab.h>
#include <hv/spinlock.h>

#define SMALL_MIN_SHIFT 4
#define SMALL_CLASSES	8
#define SMALL_MAX	(1UL << (SMALL_MIN_SHIFT + SMALL_CLASSES - 1))
#define MARK		0x5ab0f2eedeadb10cUL

/* A free object; what follows is zero. */
struct slab_free {
	struct slab_free *next;
	uint64_t mark; /* MARK, mixed with the address */
};

struct slab_class {
	struct spinlock lock;
	uint32_t partial; /* first slab with free objects */
	uint32_t empty;	  /* slabs on that list with no object given out */
};

#define CLASS                                                 \
	{                                                     \
		.lock = SPINLOCK_INIT("slab", LOCK_RANK_SLAB) \
	}

static struct slab_class classes[SMALL_CLASSES] = {CLASS, CLASS, CLASS, CLASS, CLASS, CLASS, CLASS, CLASS};
static uint64_t in_use;

static unsigned int slab_class_of(size_t bytes)
{
	unsigned int c = 0;

	while ((1UL << (SMALL_MIN_SHIFT + c)) < bytes)
		c++;
	return c;
}

static size_t slab_size(unsigned int class)
{
	return 1UL << (SMALL_MIN_SHIFT + class);
}

static uint64_t slab_mark(const void *p)
{
	return (uintptr_t)p ^ MARK;
}

static void slab_link(struct slab_class *c, struct frame *f)
{
	f->prev = 0;
	f->next = c->partial;
	if (c->partial)
		frame_at(MFN(c->partial))->prev = (uint32_t)frame_mfn(f).v;
	c->partial = (uint32_t)frame_mfn(f).v;
}

static void slab_unlink(struct slab_class *c, struct frame *f)
{
	if (f->prev)
		frame_at(MFN(f->prev))->next = f->next;
	else
		c->partial = f->next;
	if (f->next)
		frame_at(MFN(f->next))->prev = f->prev;
}

/* The object must be zero behind its first 16 bytes. */
static void slab_push(struct frame *f, struct slab_free *o)
{
	o->next = (struct slab_free *)f->priv;
	o->mark = slab_mark(o);
	f->priv = (uintptr_t)o;
}

static struct frame *slab_create(unsigned int class)
{
	char *page = heap_pages(0);
	struct frame *f;

	if (!page)
		return NULL;
	f = frame_at(va_to_mfn(page));
	f->flags = FRAME_SLAB;
	f->use = (uint8_t) class;
	f->spare = 0;
	f->priv = 0;
	for (size_t at = PAGE_SIZE; at > 0; at -= slab_size(class))
		slab_push(f, (struct slab_free *)(page + at - slab_size(class)));
	return f;
}

static void slab_check_untouched(const struct slab_free *o, unsigned int class)
{
	const uint64_t *word = (const uint64_t *)o;
	uint64_t seen = o->mark ^ slab_mark(o);

	for (size_t i = 2; i < slab_size(class) / sizeof(*word); i++)
		seen |= word[i];
	if (seen)
		panic("slab: object %p of %zu bytes was written after it was freed", (const void *)o,
			slab_size(class));
}

/* Class lock held, a slab is there. */
static struct slab_free *slab_pop(struct slab_class *c, unsigned int class)
{
	struct frame *f = frame_at(MFN(c->partial));
	struct slab_free *o = (struct slab_free *)f->priv;

	slab_check_untouched(o, class);
	if (f->spare++ == 0)
		c->empty--;
	f->priv = (uintptr_t)o->next;
	if (!f->priv)
		slab_unlink(c, f);
	o->next = NULL;
	o->mark = 0;
	return o;
}

static void *slab_alloc(unsigned int class)
{
	struct slab_class *c = &classes[class];
	struct slab_free *o;

	spin_lock(&c->lock);
	if (!c->partial) {
		struct frame *f = slab_create(class);

		if (!f) {
			spin_unlock(&c->lock);
			return NULL;
		}
		slab_link(c, f);
		c->empty++;
	}
	o = slab_pop(c, class);
	spin_unlock(&c->lock);
	return o;
}

static void *slab_alloc_large(size_t bytes)
{
	unsigned int order = 0;
	void *p;

	while (PAGE_SIZE << order < bytes)
		order++;
	p = heap_pages(order);
	if (p)
		frame_at(va_to_mfn(p))->flags = FRAME_LARGE;
	return p;
}

void *hv_alloc(size_t bytes)
{
	void *p;

	if (bytes == 0 || bytes > HV_ALLOC_MAX)
		return NULL;
	p = bytes <= SMALL_MAX ? slab_alloc(slab_class_of(bytes)) : slab_alloc_large(bytes);
	if (p)
		__atomic_add_fetch(&in_use, 1, __ATOMIC_RELAXED);
	return p;
}

void *hv_alloc_array(size_t count, size_t bytes)
{
	size_t all;

	return __builtin_mul_overflow(count, bytes, &all) ? NULL : hv_alloc(all);
}

/* The mark alone could be the owner's data: a free object is also on its slab's list. */
static bool slab_is_free(const struct frame *f, const struct slab_free *o)
{
	if (f->spare == 0)
		return true;
	if (o->mark != slab_mark(o))
		return false;
	for (const struct slab_free *i = (const struct slab_free *)f->priv; i; i = i->next)
		if (i == o)
			return true;
	return false;
}

/* Keeps one empty slab for each class: freeing and allocating in turn must not go to the heap each time. */
static bool slab_push_back(struct slab_class *c, struct frame *f, struct slab_free *o)
{
	if (slab_is_free(f, o))
		panic("slab: object %p freed twice", (void *)o);
	memset(o, 0, slab_size(f->use));
	if (!f->priv)
		slab_link(c, f);
	slab_push(f, o);
	if (--f->spare || c->empty++ == 0)
		return false;
	c->empty--;
	slab_unlink(c, f);
	f->flags = 0;
	return true;
}

static void slab_free(struct frame *f, void *p)
{
	struct slab_class *c = &classes[f->use];
	bool surplus;

	if (!IS_ALIGNED((uintptr_t)p, slab_size(f->use)))
		panic("slab: %p is inside an object of %zu bytes", p, slab_size(f->use));
	spin_lock(&c->lock);
	surplus = slab_push_back(c, f, p);
	spin_unlock(&c->lock);
	if (surplus)
		heap_free(frame_mfn(f), 0);
}

static void slab_free_large(struct frame *f, void *p)
{
	if (!IS_ALIGNED((uintptr_t)p, PAGE_SIZE))
		panic("slab: %p is inside a large object", p);
	f->flags = 0;
	heap_free(frame_mfn(f), f->order);
}

void hv_free(void *p)
{
	struct frame *f;

	if (!p)
		return;
	f = frame_lookup(va_to_mfn(p));
	if (f && (f->flags & FRAME_SLAB))
		slab_free(f, p);
	else if (f && (f->flags & FRAME_LARGE))
		slab_free_large(f, p);
	else
		panic("slab: %p is not from hv_alloc, or freed already", p);
	__atomic_sub_fetch(&in_use, 1, __ATOMIC_RELAXED);
}

uint64_t hv_alloc_count(void)
{
	return __atomic_load_n(&in_use, __ATOMIC_RELAXED);
}
