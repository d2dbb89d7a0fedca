/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: every interrupt, from cpu/entry.S. The dispatch table is per processor
 * and read without a lock; vector_lock orders those who change it.
 */
#include <errno.h>
#include <hv/asm.h>
#include <hv/descriptors.h>
#include <hv/irq.h>
#include <hv/lapic.h>
#include <hv/lock_check.h>
#include <hv/log.h>
#include <hv/percpu.h>
#include <hv/vector.h>

#define VECTORS	      256
#define VECTOR_SYSTEM 0xf0

struct vector_table {
	struct irq_desc *irq[VECTORS];
	uint32_t used;
	uint8_t next; /* where the search goes on: a vector just freed rests longest */
};

static DEFINE_PER_CPU(struct vector_table, vector_table);
static DEFINE_PER_CPU(uint64_t, vector_spurious);
static vector_fn vector_system[VECTORS - VECTOR_SYSTEM];
static struct spinlock vector_lock = SPINLOCK_INIT("vectors", LOCK_RANK_IRQ);

void vector_set(uint8_t vector, vector_fn fn)
{
	BUG_ON(vector < VECTOR_SYSTEM);
	vector_system[vector - VECTOR_SYSTEM] = fn;
}

static void vector_unexpected(uint8_t vector)
{
	uint64_t n = ++this_cpu(vector_spurious);

	/* A device can raise these: say it at 1, 2, 4, 8, ... */
	if ((n & (n - 1)) == 0)
		log_warn("irq: cpu %u: nobody expects vector %#x (%lu so far)", smp_cpu(), vector, n);
}

static void vector_device(uint8_t vector)
{
	struct irq_desc *irq = READ_ONCE(this_cpu(vector_table).irq[vector]);

	if (likely(irq))
		irq_handle(irq);
	else
		vector_unexpected(vector);
	lapic_eoi();
}

static void vector_own(uint8_t vector, struct cpu_regs *regs)
{
	vector_fn fn = vector_system[vector - VECTOR_SYSTEM];

	/* A spurious interrupt is not in service: no EOI. SDM volume 3A section 11.9. */
	if (vector == VECTOR_SPURIOUS) {
		vector_unexpected(vector);
		return;
	}
	lapic_eoi();
	if (likely(fn))
		fn(regs);
	else
		vector_unexpected(vector);
}

void vector_dispatch(struct cpu_regs *regs)
{
	uint8_t vector = (uint8_t)regs->vector;

	lock_check_interrupt_enter();
	if (vector >= VECTOR_SYSTEM)
		vector_own(vector, regs);
	else
		vector_device(vector);
	lock_check_interrupt_leave();
}

static uint8_t vector_after(uint8_t vector)
{
	if (vector < VECTOR_DEVICE_FIRST || vector >= VECTOR_DEVICE_LAST)
		return VECTOR_DEVICE_FIRST;
	return (uint8_t)(vector + 1);
}

int vector_alloc(unsigned int cpu, struct irq_desc *irq, uint8_t *ret_vector)
{
	struct vector_table *t = &per_cpu(vector_table, cpu);
	uint64_t flags = spin_lock_irq(&vector_lock);
	uint8_t v = t->next;
	int err = -ENOSPC;

	for (unsigned int n = VECTOR_DEVICE_FIRST; n <= VECTOR_DEVICE_LAST; n++) {
		v = vector_after(v);
		if (t->irq[v])
			continue;
		WRITE_ONCE(t->irq[v], irq);
		t->used++;
		t->next = v;
		*ret_vector = v;
		err = 0;
		break;
	}
	spin_unlock_irq(&vector_lock, flags);
	return err;
}

void vector_free(unsigned int cpu, uint8_t vector)
{
	struct vector_table *t = &per_cpu(vector_table, cpu);
	uint64_t flags;

	BUG_ON(!t->irq[vector]);
	flags = spin_lock_irq(&vector_lock);
	WRITE_ONCE(t->irq[vector], NULL);
	t->used--;
	spin_unlock_irq(&vector_lock, flags);
}

unsigned int vector_used(unsigned int cpu)
{
	return per_cpu(vector_table, cpu).used;
}

/* The 8259A pair: command and data ports, initialisation words 1 to 4. Intel 8259A data sheet. */
#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA    0xa1
#define PIC_ICW1     0x11 /* edge, cascade, four words */
#define PIC_ICW4     0x01 /* 8086 mode */

void pic_disable(void)
{
	static const struct {
		uint16_t port;
		uint8_t value;
	} init[] = {
		{PIC1_COMMAND, PIC_ICW1},
		{PIC2_COMMAND, PIC_ICW1},
		{PIC1_DATA, VECTOR_PIC},
		{PIC2_DATA, VECTOR_PIC + 8},
		{PIC1_DATA, 1 << 2},
		{PIC2_DATA, 2}, /* the second hangs on line 2 of the first */
		{PIC1_DATA, PIC_ICW4},
		{PIC2_DATA, PIC_ICW4},
		{PIC1_DATA, 0xff},
		{PIC2_DATA, 0xff},
	};

	for (size_t i = 0; i < ARRAY_SIZE(init); i++)
		outb(init[i].port, init[i].value);
}
