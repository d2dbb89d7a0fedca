/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where debug keys come from: the serial port's interrupt, or a timer that looks
 * when it has none. Both end in soft interrupts of processor 0, where a handler
 * may take its time and call other processors.
 */
#include <errno.h>
#include <hv/ioapic.h>
#include <hv/keys.h>
#include <hv/log.h>
#include <hv/tasklet.h>
#include <hv/time.h>
#include <hv/timer.h>
#include <hv/uart.h>

#define KEYS_CPU     0
#define KEYS_POLL_NS (100 * NSEC_PER_MSEC)
/* So many full polls in a row are noise or a broken receiver, not a person. */
#define KEYS_NOISE_POLLS 256

static struct tasklet keys_tasklet;
static struct timer keys_timer;
static unsigned int keys_full_polls; /* in a row */

/* False when the line is given up. */
static bool keys_read(void)
{
	keys_full_polls = keys_poll() ? keys_full_polls + 1 : 0;
	if (keys_full_polls < KEYS_NOISE_POLLS)
		return true;
	log_warn("keys: the serial line does not stop sending; debug keys are off");
	return false;
}

/* The interrupt is off at the device meanwhile; what is left raises it anew. */
static void keys_tasklet_run(void *arg)
{
	(void)arg;
	if (keys_read())
		uart_rx_irq(true);
}

static void keys_interrupt(struct irq_desc *irq, void *arg)
{
	(void)irq;
	(void)arg;
	uart_rx_irq(false);
	tasklet_schedule(&keys_tasklet);
}

static void keys_timer_run(void *arg)
{
	(void)arg;
	if (keys_read())
		timer_set(&keys_timer, now_ns() + KEYS_POLL_NS);
}

static int keys_irq_request(uint32_t isa_irq)
{
	struct irq_desc *irq = NULL;

	if (isa_irq > 0 && isa_irq < IOAPIC_ISA_IRQS)
		irq = ioapic_irq(ioapic_isa_to_gsi((uint8_t)isa_irq));
	return irq != NULL ? irq_request(irq, "com1", KEYS_CPU, keys_interrupt, NULL) : -ENODEV;
}

void keys_start(void)
{
	if (!uart_present())
		return;
	tasklet_init(&keys_tasklet, KEYS_CPU, keys_tasklet_run, NULL);
	if (keys_irq_request(uart_params()->irq) == 0) {
		uart_rx_irq(true);
		return;
	}
	timer_init(&keys_timer, KEYS_CPU, keys_timer_run, NULL);
	timer_set(&keys_timer, now_ns() + KEYS_POLL_NS);
}
