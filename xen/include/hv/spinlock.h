/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks. Ticket spinlocks (fair, FIFO) and read-write locks (writers first).
 *
 * Every lock has a rank, from the one list below: a processor may take a lock
 * only if its rank is higher than that of every lock it holds. So the list is
 * the lock order of the whole hypervisor, and the checker (cpu/lock_check.c)
 * panics with both names when it is broken, or when a lock that is taken from
 * interrupts is taken with interrupts on.
 *
 * The plain verbs are for locks that no interrupt handler takes; the _irq
 * verbs disable interrupts and return the flags to restore.
 * Nothing waits for hardware under a lock of rank below LOCK_RANK_DEVICE.
 */
#ifndef HV_SPINLOCK_H
#define HV_SPINLOCK_H

#include <stdbool.h>
#include <pt/compiler.h>

/* Lowest first: outer locks before inner ones. */
enum lock_rank {
	LOCK_RANK_CONTROL, /* the toolstack's operations, one at a time */
	LOCK_RANK_DOMAIN_LIST,
	LOCK_RANK_DOMAIN,    /* one domain's life */
	LOCK_RANK_PT_ASSIGN, /* who owns which device */
	LOCK_RANK_PT_DEVICE, /* device registry, configuration space */
	LOCK_RANK_VPCI,
	LOCK_RANK_GUEST_IRQ, /* one interrupt on its way to its domain */
	LOCK_RANK_VIOAPIC,
	LOCK_RANK_P2M,
	LOCK_RANK_TRAP, /* one table of emulated addresses */
	LOCK_RANK_GRANT,
	LOCK_RANK_EVENT,
	LOCK_RANK_IRQ,	       /* interrupt descriptors and vectors */
	LOCK_RANK_IOMMU,       /* one unit's tables */
	LOCK_RANK_IOMMU_QUEUE, /* one unit's invalidation queue */
	LOCK_RANK_SLAB,
	LOCK_RANK_VMAP,
	LOCK_RANK_FRAMES, /* one domain's list of frames */
	LOCK_RANK_HEAP,	  /* the frame allocator */
	/* Interrupt handlers take these, whatever plain lock the interrupted code holds. */
	LOCK_RANK_EVENT_QUEUE, /* one domain's FIFO queues */
	LOCK_RANK_SCHED,       /* one processor's run queue */
	LOCK_RANK_PIN,	       /* one vcpu's areas in guest memory */
	LOCK_RANK_TIMER,       /* one processor's timer queue */
	LOCK_RANK_SMP_CALL,
	LOCK_RANK_RCU,
	LOCK_RANK_TASKLET,
	LOCK_RANK_MSI,	  /* one message signalled interrupt's mask */
	LOCK_RANK_DEVICE, /* one piece of hardware: IOAPIC, PCI ports */
	LOCK_RANK_LOG,	  /* the log ring and the console: inside everything */
	LOCK_RANK_COUNT,
};

struct spinlock {
	uint16_t head; /* the ticket being served */
	uint16_t tail; /* the next ticket to hand out */
	uint8_t rank;
	uint8_t irq_state; /* for the checker: seen in interrupts, seen with interrupts on */
	uint16_t owner;	   /* processor + 1, 0 when free */
	const char *name;
};

#define SPINLOCK_INIT(lock_name, lock_rank)              \
	{                                                \
		.rank = (lock_rank), .name = (lock_name) \
	}

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank);
void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock) __must_check;
void spin_unlock(struct spinlock *lock);
uint64_t spin_lock_irq(struct spinlock *lock) __must_check;
void spin_unlock_irq(struct spinlock *lock, uint64_t flags);

/* True when this processor holds it: for assertions in functions that need it. */
bool spin_held(const struct spinlock *lock);

struct rwlock {
	struct spinlock gate; /* writers hold it, readers pass through it */
	uint32_t readers;
};

#define RWLOCK_INIT(lock_name, lock_rank)                   \
	{                                                   \
		.gate = SPINLOCK_INIT(lock_name, lock_rank) \
	}

void rw_init(struct rwlock *lock, const char *name, enum lock_rank rank);
void read_lock(struct rwlock *lock);
void read_unlock(struct rwlock *lock);
void write_lock(struct rwlock *lock);
void write_unlock(struct rwlock *lock);

#endif
