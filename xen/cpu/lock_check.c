/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: every lock and unlock. The locks a processor holds stand in a small
 * stack of its own, so nothing here is shared but a lock's irq_state byte.
 */
#include <hv/asm.h>
#include <hv/lock_check.h>
#include <hv/log.h>
#include <hv/percpu.h>

#define HELD_MAX 16

struct held_lock {
	const struct spinlock *lock;
	bool irq; /* taken with interrupts off: an interrupt handler may want it */
};

struct held_stack {
	uint32_t depth;
	uint32_t interrupt_depth;
	struct held_lock entry[HELD_MAX];
};

static DEFINE_PER_CPU(struct held_stack, held_stack);
static bool lock_check_disabled;

void lock_check_off(void)
{
	WRITE_ONCE(lock_check_disabled, true);
}

void lock_check_reset(void)
{
	this_cpu(held_stack) = (struct held_stack){0};
	WRITE_ONCE(lock_check_disabled, false);
}

void lock_check_interrupt_enter(void)
{
	this_cpu(held_stack).interrupt_depth++;
}

void lock_check_interrupt_leave(void)
{
	this_cpu(held_stack).interrupt_depth--;
}

bool lock_check_in_interrupt(void)
{
	return this_cpu(held_stack).interrupt_depth != 0;
}

static void lock_check_rank(const struct held_stack *s, const struct spinlock *lock)
{
	for (uint32_t i = 0; i < s->depth; i++) {
		const struct spinlock *held = s->entry[i].lock;

		if (likely(held->rank < lock->rank))
			continue;
		lock_check_off();
		panic("lock order: \"%s\" (rank %u) wanted while \"%s\" (rank %u) is held", lock->name,
			lock->rank, held->name, held->rank);
	}
}

static void lock_check_irq(const struct held_stack *s, struct spinlock *lock, bool irqs_on)
{
	uint8_t seen = lock->irq_state;

	if (s->interrupt_depth)
		seen |= LOCK_SEEN_IN_INTERRUPT;
	if (irqs_on)
		seen |= LOCK_SEEN_IRQS_ON;
	if (likely(seen == lock->irq_state))
		return;
	/* A lost update of a byte that only gains bits is made good at the next acquisition. */
	WRITE_ONCE(lock->irq_state, seen);
	if (seen != (LOCK_SEEN_IN_INTERRUPT | LOCK_SEEN_IRQS_ON))
		return;
	lock_check_off();
	panic("lock \"%s\" is taken in interrupts and also with interrupts on (now %s)", lock->name,
		s->interrupt_depth ? "in an interrupt" : "with interrupts on");
}

void lock_check_wanted(struct spinlock *lock, bool irqs_on)
{
	struct held_stack *s = &this_cpu(held_stack);

	if (unlikely(READ_ONCE(lock_check_disabled)))
		return;
	lock_check_rank(s, lock);
	lock_check_irq(s, lock, irqs_on);
}

void lock_check_taken(const struct spinlock *lock, bool irqs_on)
{
	struct held_stack *s = &this_cpu(held_stack);

	if (unlikely(s->depth >= HELD_MAX)) {
		if (READ_ONCE(lock_check_disabled))
			return;
		lock_check_off();
		panic("lock \"%s\" is one more than the %u a processor may hold", lock->name, HELD_MAX);
	}
	s->entry[s->depth++] = (struct held_lock){.lock = lock, .irq = !irqs_on};
}

void lock_check_released(const struct spinlock *lock)
{
	struct held_stack *s = &this_cpu(held_stack);
	uint32_t i = s->depth;

	while (i && s->entry[i - 1].lock != lock)
		i--;
	if (unlikely(!i)) {
		if (READ_ONCE(lock_check_disabled))
			return;
		lock_check_off();
		panic("lock \"%s\" is released by a processor that does not hold it", lock->name);
	}
	for (; i < s->depth; i++)
		s->entry[i - 1] = s->entry[i];
	s->depth--;
}

bool lock_check_held(const struct spinlock *lock)
{
	const struct held_stack *s = &this_cpu(held_stack);

	for (uint32_t i = 0; i < s->depth; i++) {
		if (s->entry[i].lock == lock)
			return true;
	}
	return false;
}

void lock_check_may_wait(const char *what)
{
	const struct held_stack *s = &this_cpu(held_stack);

	if (unlikely(READ_ONCE(lock_check_disabled)))
		return;
	for (uint32_t i = 0; i < s->depth; i++) {
		if (!s->entry[i].irq)
			continue;
		lock_check_off();
		panic("%s waits for other processors while \"%s\" is held with interrupts off", what,
			s->entry[i].lock->name);
	}
}

void lock_check_none(const char *what)
{
	const struct held_stack *s = &this_cpu(held_stack);

	if (likely(!s->depth) || READ_ONCE(lock_check_disabled))
		return;
	lock_check_off();
	panic("%s while \"%s\" is held", what, s->entry[0].lock->name);
}
