/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks: d->lock around a domain's line; input_lock (LOCK_RANK_DEVICE) around the input ring. */
#include <errno.h>
#include <string.h>
#include <hv/console.h>
#include <hv/console_io.h>
#include <hv/event.h>
#include <hv/log.h>
#include <xen/xen.h>
#include "domain_priv.h"

#define WRITE_PIECE 128u
#define WRITE_STEP  4096u /* then the call is made again */

#define INPUT_BYTES	1024u /* a power of two */
#define SWITCH_CHAR	0x01  /* Ctrl-A */
#define SWITCH_REPEATED 3u

static struct {
	struct spinlock lock;
	uint32_t head, tail; /* free running: written at head */
	char ring[INPUT_BYTES];
	bool to_dom0;
	uint32_t switches; /* so many in a row; the receiver's alone */
} input = {.lock = SPINLOCK_INIT("console input", LOCK_RANK_DEVICE)};

/* --- Output. --- */

static void console_line_end(struct domain *d)
{
	struct domain_abi *abi = d->abi;

	log_guest(LOG_WARN, "(d%u) %.*s", d->id, (int)abi->line_fill, abi->line);
	abi->line_fill = 0;
}

/* Other domains' text, a line at a time. What is no text shows as question marks in the log. */
static void console_line_add(struct domain *d, const char *text, size_t bytes)
{
	struct domain_abi *abi = d->abi;

	spin_lock(&d->lock);
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\n' || abi->line_fill == CONSOLE_LINE_BYTES)
			console_line_end(d);
		if (text[i] != '\n' && text[i] != '\r' && text[i] != '\0')
			abi->line[abi->line_fill++] = text[i];
	}
	spin_unlock(&d->lock);
}

static long console_io_write(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint32_t count = (uint32_t)args[1], done = 0;
	char piece[WRITE_PIECE];

	while (done < count && done < WRITE_STEP) {
		uint32_t n = MIN(count - done, WRITE_PIECE);

		if (guest_read(piece, args[2] + done, n) != 0)
			return -EFAULT;
		if (v->domain->privileged)
			console_write(piece, n);
		else
			console_line_add(v->domain, piece, n);
		done += n;
	}
	args[1] = count - done;
	args[2] += done;
	return done < count ? -ERESTART : 0;
}

/* --- Input. --- */

static uint32_t console_input_take(char *dst, uint32_t bytes)
{
	uint64_t flags = spin_lock_irq(&input.lock);
	uint32_t n = 0;

	while (n < bytes && input.tail != input.head)
		dst[n++] = input.ring[input.tail++ % INPUT_BYTES];
	spin_unlock_irq(&input.lock, flags);
	return n;
}

static long console_io_read(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint32_t count = (uint32_t)args[1], done = 0;
	char piece[WRITE_PIECE];

	if (!v->domain->privileged)
		return -EPERM;
	while (done < count) {
		uint32_t n = console_input_take(piece, MIN(count - done, WRITE_PIECE));

		if (n == 0)
			break;
		if (guest_write(args[2] + done, piece, n) != 0)
			return -EFAULT;
		done += n;
	}
	return done;
}

/* When nobody reads, the newest characters are lost. */
static void console_input_put(char c)
{
	uint64_t flags = spin_lock_irq(&input.lock);

	if (input.head - input.tail < INPUT_BYTES)
		input.ring[input.head++ % INPUT_BYTES] = c;
	spin_unlock_irq(&input.lock, flags);
	event_send_virq_global(VIRQ_CONSOLE);
}

static void console_input_switch(bool to_dom0)
{
	input.to_dom0 = to_dom0;
	log_info("console: input goes to %s (three times Ctrl-A changes that)",
		to_dom0 ? "dom0" : "the debug keys");
}

void console_io_start(void)
{
	console_input_switch(true);
}

bool console_io_receive(char c)
{
	struct domain *dom0;

	input.switches = c == SWITCH_CHAR ? input.switches + 1 : 0;
	if (input.switches == SWITCH_REPEATED) {
		input.switches = 0;
		dom0 = domain_get(DOMID_HARDWARE);
		console_input_switch(dom0 != NULL && !input.to_dom0);
		if (dom0 != NULL)
			domain_put(dom0);
		return true;
	}
	if (!input.to_dom0)
		return c == SWITCH_CHAR;
	console_input_put(c);
	return true;
}

long console_io(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	/* The count is an int in the ABI. */
	if ((uint32_t)args[1] > INT32_MAX)
		return -EINVAL;
	switch (args[0]) {
	case CONSOLEIO_write:
		return console_io_write(v, args);
	case CONSOLEIO_read:
		return console_io_read(v, args);
	default:
		return -ENOSYS;
	}
}
