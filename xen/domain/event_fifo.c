/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT. The FIFO ABI: an array of event words in the guest's frames, and for each
 * vcpu 16 queues that are linked through them. Source:
 * public/event_channel.h, "FIFO ABI"; its algorithms are those of the design
 * "Event Channel FIFO ABI", draft H, sections 4 and 5.
 *
 * Locks: event_fifo.lock (LOCK_RANK_EVENT_QUEUE) around putting an event in a
 * queue: it protects the tails and every port's last queue. The guest takes
 * events out at the same time, by compare-and-exchange on the words.
 *
 * The guest can write anything into a word at any time. Links in it are never
 * followed here; where a tail stands is remembered on this side only.
 */
#include <errno.h>
#include <hv/frame.h>
#include <hv/p2m.h>
#include <hv/slab.h>
#include "event_priv.h"

#define WORDS_PER_FRAME (PAGE_SIZE / sizeof(event_word_t))
#define FIFO_FRAMES	(EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_FRAME)
#define QUEUES		EVTCHN_FIFO_MAX_QUEUES
/* A guest that changes the word all the time delays only its own event. */
#define LINK_TRIES 4u

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED	(1u << EVTCHN_FIFO_MASKED)
#define LINKED	(1u << EVTCHN_FIFO_LINKED)
#define BUSY	(1u << EVTCHN_FIFO_BUSY)

BUILD_ASSERT(EVTCHN_FIFO_NR_CHANNELS == EVENT_PORTS_MAX);

struct fifo_vcpu {
	mfn_t mfn;
	struct evtchn_fifo_control_block *control; /* atomic; NULL until the guest gave it */
	uint32_t tail[QUEUES];			   /* 0: empty for sure */
};

struct event_fifo {
	struct spinlock lock;
	struct rcu_head rcu;
	uint32_t frames; /* given so far */
	mfn_t mfn[FIFO_FRAMES];
	event_word_t *words[FIFO_FRAMES]; /* atomic */
	uint32_t vcpus;
	struct fifo_vcpu vcpu[];
};

static struct event_fifo *fifo_of(const struct event_table *t)
{
	return __atomic_load_n(&t->fifo, __ATOMIC_ACQUIRE);
}

/* NULL where the guest gave no frame yet. */
static event_word_t *fifo_word(const struct event_fifo *f, uint32_t port)
{
	event_word_t *words;

	if (f == NULL || port >= EVTCHN_FIFO_NR_CHANNELS)
		return NULL;
	words = __atomic_load_n(&f->words[port / WORDS_PER_FRAME], __ATOMIC_ACQUIRE);
	return words != NULL ? &words[port % WORDS_PER_FRAME] : NULL;
}

static event_word_t word_read(const event_word_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static bool word_test_and_set(event_word_t *word, event_word_t bit)
{
	return (__atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit) != 0;
}

static void word_clear(event_word_t *word, event_word_t bit)
{
	__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST);
}

enum link_result {
	LINK_DONE,
	LINK_NOT_LINKED, /* the tail was taken out of its queue: that is empty */
	LINK_CHANGED,	 /* between reading and writing */
};

static enum link_result word_try_link(event_word_t *word, uint32_t port)
{
	event_word_t old = word_read(word), new;

	if ((old & LINKED) == 0)
		return LINK_NOT_LINKED;
	new = (old & ~(BUSY | EVTCHN_FIFO_LINK_MASK)) | port;
	return __atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
		       ? LINK_DONE
		       : LINK_CHANGED;
}

/* BUSY asks the guest to leave the mask bit alone meanwhile; a guest that does not is left without the link. */
static enum link_result word_link(event_word_t *word, uint32_t port)
{
	enum link_result result = word_try_link(word, port);

	if (result != LINK_CHANGED)
		return result;
	(void)word_test_and_set(word, BUSY);
	for (unsigned int i = 0; i < LINK_TRIES && result == LINK_CHANGED; i++)
		result = word_try_link(word, port);
	if (result != LINK_DONE)
		word_clear(word, BUSY);
	return result;
}

/* Behind the tail, or as the head of an empty queue. True when the guest must be told of the queue. */
static bool fifo_append(struct event_fifo *f, struct fifo_vcpu *q, uint8_t priority, uint32_t port)
{
	uint32_t tail = q->tail[priority];
	event_word_t *word = tail != 0 ? fifo_word(f, tail) : NULL;
	bool linked = word != NULL && word_link(word, port) != LINK_NOT_LINKED;

	if (!linked)
		__atomic_store_n(&q->control->head[priority], port, __ATOMIC_SEQ_CST);
	q->tail[priority] = port;
	return !linked && (__atomic_fetch_or(&q->control->ready, 1u << priority, __ATOMIC_SEQ_CST) &
				  (1u << priority)) == 0;
}

/*
 * Under the lock. An event that is the tail of its old queue and not linked has
 * left that queue empty: forgotten there, or it would be linked to from two.
 */
static bool fifo_enqueue(
	struct event_fifo *f, struct event_port *p, uint32_t port, event_word_t *word, uint16_t vcpu)
{
	uint8_t priority = __atomic_load_n(&p->priority, __ATOMIC_RELAXED);
	struct fifo_vcpu *q = &f->vcpu[vcpu], *last = &f->vcpu[p->last_vcpu];

	if (q->control == NULL || word_test_and_set(word, LINKED))
		return false;
	if (last->tail[p->last_priority] == port)
		last->tail[p->last_priority] = 0;
	p->last_vcpu = vcpu;
	p->last_priority = priority;
	return fifo_append(f, q, priority, port);
}

static void fifo_link(
	struct event_table *t, struct event_fifo *f, struct event_port *p, uint32_t port, event_word_t *word)
{
	uint16_t vcpu = __atomic_load_n(&p->vcpu, __ATOMIC_ACQUIRE);
	uint64_t flags;
	bool tell;

	if (word_read(word) & (MASKED | LINKED))
		return;
	flags = spin_lock_irq(&f->lock);
	tell = fifo_enqueue(f, p, port, word, vcpu);
	spin_unlock_irq(&f->lock, flags);
	if (tell)
		event_upcall_set(t->domain->vcpu[vcpu]);
}

static void event_fifo_raise(struct event_table *t, struct event_port *p, uint32_t port)
{
	struct event_fifo *f = fifo_of(t);
	event_word_t *word = fifo_word(f, port);

	if (word == NULL) {
		__atomic_store_n(&p->early, true, __ATOMIC_SEQ_CST);
		/* The frame may have come meanwhile, without having seen this. */
		word = fifo_word(f, port);
		if (word == NULL)
			return;
	}
	(void)word_test_and_set(word, PENDING);
	fifo_link(t, f, p, port, word);
}

static void event_fifo_clear(struct event_table *t, struct event_port *p, uint32_t port)
{
	event_word_t *word = fifo_word(fifo_of(t), port);

	__atomic_store_n(&p->early, false, __ATOMIC_SEQ_CST);
	if (word != NULL)
		word_clear(word, PENDING);
}

static void event_fifo_unmask(struct event_table *t, struct event_port *p, uint32_t port)
{
	struct event_fifo *f = fifo_of(t);
	event_word_t *word = fifo_word(f, port);

	if (word == NULL)
		return;
	word_clear(word, MASKED);
	if (word_read(word) & PENDING)
		fifo_link(t, f, p, port, word);
}

static bool event_fifo_pending(struct event_table *t, const struct event_port *p, uint32_t port)
{
	const event_word_t *word = fifo_word(fifo_of(t), port);

	(void)p;
	return word != NULL && (word_read(word) & PENDING) != 0;
}

/* Still in a queue of the guest's. */
static bool event_fifo_busy(struct event_table *t, uint32_t port)
{
	const event_word_t *word = fifo_word(fifo_of(t), port);

	return word != NULL && (word_read(word) & LINKED) != 0;
}

static int event_fifo_set_priority(struct event_port *p, uint32_t priority)
{
	if (priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	__atomic_store_n(&p->priority, (uint8_t)priority, __ATOMIC_RELAXED);
	return 0;
}

const struct event_abi event_fifo_abi = {
	.ports = EVTCHN_FIFO_NR_CHANNELS,
	.raise = event_fifo_raise,
	.clear = event_fifo_clear,
	.unmask = event_fifo_unmask,
	.pending = event_fifo_pending,
	.busy = event_fifo_busy,
	.set_priority = event_fifo_set_priority,
};

/* --- Setting up. --- */

static struct event_fifo *fifo_create(uint32_t vcpus)
{
	struct event_fifo *f = hv_alloc(sizeof(*f) + vcpus * sizeof(f->vcpu[0]));

	if (f == NULL)
		return NULL;
	spin_init(&f->lock, "event queues", LOCK_RANK_EVENT_QUEUE);
	f->vcpus = vcpus;
	return f;
}

/* What is pending by the old ABI's bits becomes so by the words, as soon as they are there. */
static void fifo_take_over(struct event_table *t)
{
	for (uint32_t port = 1; port < event_2l.ports; port++) {
		struct event_port *p = event_port_at(t, port);

		if (p == NULL)
			continue;
		p->last_vcpu = 0;
		p->last_priority = 0;
		p->early = event_2l.pending(t, p, port);
	}
}

int event_fifo_control_set(struct event_table *t, mfn_t mfn, uint32_t offset, uint32_t vcpu)
{
	struct event_fifo *f = t->fifo;
	char *frame = mfn_to_va(mfn);

	if (f == NULL) {
		f = fifo_create(t->domain->vcpu_max);
		if (f == NULL)
			return -ENOMEM;
		fifo_take_over(t);
		__atomic_store_n(&t->fifo, f, __ATOMIC_RELEASE);
		__atomic_store_n(&t->abi, &event_fifo_abi, __ATOMIC_RELEASE);
	}
	if (f->vcpu[vcpu].control != NULL)
		return -EINVAL;
	f->vcpu[vcpu].mfn = mfn;
	__atomic_store_n(&f->vcpu[vcpu].control, (struct evtchn_fifo_control_block *)(frame + offset),
		__ATOMIC_RELEASE);
	return 0;
}

/* Those that were raised when there was no word yet. */
static void fifo_raise_early(struct event_table *t, uint32_t first)
{
	for (uint32_t port = MAX(first, 1u); port < first + WORDS_PER_FRAME; port++) {
		struct event_port *p = event_port_at(t, port);

		if (p != NULL && __atomic_exchange_n(&p->early, false, __ATOMIC_SEQ_CST))
			event_fifo_raise(t, p, port);
	}
}

int event_fifo_array_add(struct event_table *t, mfn_t mfn)
{
	struct event_fifo *f = t->fifo;
	event_word_t *words = mfn_to_va(mfn);
	uint32_t slot;

	if (f == NULL)
		return -EOPNOTSUPP;
	slot = f->frames;
	if (slot >= FIFO_FRAMES || slot * WORDS_PER_FRAME > t->last_port)
		return -ENOSPC;
	for (uint32_t i = 0; i < WORDS_PER_FRAME; i++)
		__atomic_store_n(&words[i], MASKED, __ATOMIC_RELAXED);
	f->mfn[slot] = mfn;
	f->frames++;
	__atomic_store_n(&f->words[slot], words, __ATOMIC_SEQ_CST);
	fifo_raise_early(t, slot * (uint32_t)WORDS_PER_FRAME);
	return 0;
}

static void fifo_free(struct rcu_head *head)
{
	struct event_fifo *f = container_of(head, struct event_fifo, rcu);

	for (uint32_t i = 0; i < f->frames; i++)
		p2m_put_frame(f->mfn[i]);
	for (uint32_t i = 0; i < f->vcpus; i++)
		if (f->vcpu[i].control != NULL)
			p2m_put_frame(f->vcpu[i].mfn);
	hv_free(f);
}

void event_fifo_release(struct event_table *t)
{
	struct event_fifo *f = t->fifo;

	if (f == NULL)
		return;
	__atomic_store_n(&t->fifo, NULL, __ATOMIC_SEQ_CST);
	rcu_call(&f->rcu, fifo_free);
}
