/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/asm.h>
#include <hv/init.h>

void hv_start(uint32_t magic, uint32_t info)
{
	static const char hello[] = "undercroft\r\n";

	(void)magic;
	(void)info;
	for (const char *p = hello; *p; p++)
		outb(0x3f8, (uint8_t)*p);
	for (;;)
		irq_enable_and_halt();
}
