/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end. One processor tells the story; a second one that comes here stops.
 * A panic inside the panic says its cause and nothing more; one inside that
 * only ends the machine.
 */
#include <hv/asm.h>
#include <hv/backtrace.h>
#include <hv/console.h>
#include <hv/log.h>
#include <hv/panic.h>
#include <hv/percpu.h>
#include <hv/printf.h>
#include <hv/reboot.h>
#include <hv/smp.h>

#define PANIC_FREE     0
#define PANIC_TEXT_MAX 256

static uint32_t panic_owner; /* processor + 1 */
static uint32_t panic_depth; /* the owner's */

/* Returns the depth, 1 for the first panic; does not return on another processor. */
static uint32_t panic_enter(void)
{
	uint32_t self = smp_cpu() + 1, owner = PANIC_FREE;

	irq_disable();
	if (!__atomic_compare_exchange_n(
		    &panic_owner, &owner, self, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) &&
		owner != self)
		machine_halt();
	if (++panic_depth > 2)
		machine_end_of_panic();
	return panic_depth;
}

static __noreturn void panic_tell(const struct cpu_regs *regs, uintptr_t rip, uintptr_t fp, const char *text)
{
	uint32_t depth = panic_enter();

	log_open_all();
	if (depth > 1) {
		log_err("panic: again, inside the panic: %s", text);
	} else {
		smp_stop_others();
		log_err("panic: processor %u: %s", smp_cpu(), text);
		console_flush_forced();
		if (regs != NULL)
			regs_log(regs);
		control_regs_log();
		backtrace_log(rip, fp);
	}
	console_flush_forced();
	machine_end_of_panic();
}

void panic(const char *fmt, ...)
{
	char text[PANIC_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)hv_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The call's last byte: where it returns to may be the next function. */
	panic_tell(NULL, (uintptr_t)__builtin_return_address(0) - 1, *(uintptr_t *)__builtin_frame_address(0),
		text);
}

void panic_regs(const struct cpu_regs *regs, const char *fmt, ...)
{
	char text[PANIC_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)hv_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	panic_tell(regs, regs->rip, regs->rbp, text);
}
