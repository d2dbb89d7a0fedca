/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv/spinlock.h for native builds of code that only uses locks: one
 * processor, so a lock that is taken twice, or given back when it is free,
 * is a bug of the code under test and ends the test program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <hv/asm.h>
#include <hv/spinlock.h>

static void require(bool ok, const struct spinlock *lock, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "lock %s: %s\n", lock->name ? lock->name : "?", what);
	abort();
}

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, (uint8_t)rank);
}

void spin_lock(struct spinlock *lock)
{
	require(lock->owner == 0, lock, "taken twice");
	lock->owner = 1;
}

bool spin_trylock(struct spinlock *lock)
{
	if (lock->owner)
		return false;
	lock->owner = 1;
	return true;
}

void spin_unlock(struct spinlock *lock)
{
	require(lock->owner != 0, lock, "given back but not held");
	lock->owner = 0;
}

uint64_t spin_lock_irq(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	spin_lock(lock);
	return flags;
}

void spin_unlock_irq(struct spinlock *lock, uint64_t flags)
{
	spin_unlock(lock);
	irq_restore(flags);
}

bool spin_held(const struct spinlock *lock)
{
	return lock->owner != 0;
}

void rw_init(struct rwlock *lock, const char *name, enum lock_rank rank)
{
	spin_init(&lock->gate, name, rank);
	lock->readers = 0;
}

void read_lock(struct rwlock *lock)
{
	require(lock->gate.owner == 0, &lock->gate, "read while it is written");
	lock->readers++;
}

void read_unlock(struct rwlock *lock)
{
	require(lock->readers != 0, &lock->gate, "given back but not held");
	lock->readers--;
}

void write_lock(struct rwlock *lock)
{
	require(lock->readers == 0, &lock->gate, "written while it is read");
	spin_lock(&lock->gate);
}

void write_unlock(struct rwlock *lock)
{
	spin_unlock(&lock->gate);
}
