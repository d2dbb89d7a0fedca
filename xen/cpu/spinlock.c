/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: every lock. A ticket lock serves in order of arrival: two 16-bit
 * numbers, so at most 65535 processors wait.
 */
#include <hv/asm.h>
#include <hv/lock_check.h>
#include <hv/percpu.h>

static void ticket_take(struct spinlock *lock)
{
	uint16_t mine = __atomic_fetch_add(&lock->tail, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->head, __ATOMIC_ACQUIRE) != mine)
		cpu_relax();
	WRITE_ONCE(lock->owner, (uint16_t)(smp_cpu() + 1));
}

static bool ticket_try(struct spinlock *lock)
{
	uint16_t head = __atomic_load_n(&lock->head, __ATOMIC_RELAXED);
	uint16_t next = (uint16_t)(head + 1);

	/* Free when the next ticket is the one being served. */
	if (!__atomic_compare_exchange_n(&lock->tail, &head, next, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	WRITE_ONCE(lock->owner, (uint16_t)(smp_cpu() + 1));
	return true;
}

/* Only the holder writes head. */
static void ticket_leave(struct spinlock *lock)
{
	WRITE_ONCE(lock->owner, 0);
	__atomic_store_n(&lock->head, (uint16_t)(lock->head + 1), __ATOMIC_RELEASE);
}

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, (uint8_t)rank);
}

static void spin_take(struct spinlock *lock, bool irqs_on)
{
	lock_check_wanted(lock, irqs_on);
	ticket_take(lock);
	lock_check_taken(lock, irqs_on);
}

void spin_lock(struct spinlock *lock)
{
	spin_take(lock, irq_enabled());
}

bool spin_trylock(struct spinlock *lock)
{
	if (!ticket_try(lock))
		return false;
	/* It cannot wait, so it cannot deadlock: no order to check. */
	lock_check_taken(lock, irq_enabled());
	return true;
}

void spin_unlock(struct spinlock *lock)
{
	lock_check_released(lock);
	ticket_leave(lock);
}

uint64_t spin_lock_irq(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	spin_take(lock, false);
	return flags;
}

void spin_unlock_irq(struct spinlock *lock, uint64_t flags)
{
	spin_unlock(lock);
	irq_restore(flags);
}

bool spin_held(const struct spinlock *lock)
{
	return READ_ONCE(lock->owner) == smp_cpu() + 1;
}

void rw_init(struct rwlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct rwlock)RWLOCK_INIT(name, (uint8_t)rank);
}

/*
 * Readers pass through the gate and count themselves; a writer keeps the gate,
 * so that no new reader enters, and waits for those inside to leave.
 */
void read_lock(struct rwlock *lock)
{
	bool irqs_on = irq_enabled();

	lock_check_wanted(&lock->gate, irqs_on);
	ticket_take(&lock->gate);
	__atomic_add_fetch(&lock->readers, 1, __ATOMIC_ACQUIRE);
	ticket_leave(&lock->gate);
	lock_check_taken(&lock->gate, irqs_on);
}

void read_unlock(struct rwlock *lock)
{
	lock_check_released(&lock->gate);
	__atomic_sub_fetch(&lock->readers, 1, __ATOMIC_RELEASE);
}

void write_lock(struct rwlock *lock)
{
	spin_lock(&lock->gate);
	while (__atomic_load_n(&lock->readers, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void write_unlock(struct rwlock *lock)
{
	spin_unlock(&lock->gate);
}
