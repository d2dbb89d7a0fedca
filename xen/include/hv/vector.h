/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt vectors. Each processor has its own 256: the same vector may mean
 * different devices on different processors.
 *
 *   0x00-0x1f  exceptions (cpu/traps.c)
 *   0x20-0x2f  the masked legacy PICs' own: only ever spurious
 *   0x30-0xef  devices, handed out by vector_alloc()
 *   0xf0-0xff  the hypervisor's own, the same on every processor
 */
#ifndef HV_VECTOR_H
#define HV_VECTOR_H

#include <hv/regs.h>
#include <hv/types.h>

#define VECTOR_PIC	    0x20
#define VECTOR_DEVICE_FIRST 0x30
#define VECTOR_DEVICE_LAST  0xef
#define VECTOR_SOFTIRQ	    0xfb /* look at the pending soft interrupts */
#define VECTOR_CALL	    0xfc /* run the function of smp_call() */
#define VECTOR_TIMER	    0xfd
#define VECTOR_APIC_ERROR   0xfe
#define VECTOR_SPURIOUS	    0xff

struct irq_desc;

typedef void (*vector_fn)(struct cpu_regs *regs);

/* The hypervisor's own vectors (0xf0 and up); while booting, before interrupts are on. */
void vector_set(uint8_t vector, vector_fn fn);

/*
 * A free device vector of `cpu`, bound to `irq` from now on. -ENOSPC when the
 * processor has none left. Takes LOCK_RANK_IRQ.
 */
int vector_alloc(unsigned int cpu, struct irq_desc *irq, uint8_t *ret_vector) __must_check;
void vector_free(unsigned int cpu, uint8_t vector);

/* Device vectors in use on `cpu`. */
unsigned int vector_used(unsigned int cpu);

/* Interrupts that nobody expected, of all processors. */
uint64_t vector_spurious_count(void);

/* Each is masked and moved to VECTOR_PIC: an interrupt it still raises is not an exception. */
void pic_disable(void);

#endif
