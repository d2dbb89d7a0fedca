/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/backtrace.h>
#include <hv/console.h>
#include <hv/heap.h>
#include <hv/ioapic.h>
#include <hv/iommu.h>
#include <hv/keys.h>
#include <hv/log.h>
#include <hv/pci.h>
#include <hv/reboot.h>
#include <hv/sched.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/timer.h>

static void show_crash(void)
{
	panic("asked for by debug key");
}

static void show_reboot(void)
{
	smp_stop_others();
	machine_reboot();
}

/* The trace begins in the call itself; what was interrupted follows. */
static void show_registers_here(void *arg)
{
	(void)arg;
	log_info("processor %u:", smp_cpu());
	control_regs_log();
	backtrace_log((uintptr_t)__builtin_return_address(0), (uintptr_t)__builtin_frame_address(0));
}

static void show_registers(void)
{
	for_each_online_cpu (cpu)
		smp_call_cpu(cpu, show_registers_here, NULL);
}

static void show_interrupts(void)
{
	for (uint32_t gsi = 0; gsi < IOAPIC_GSI_MAX; gsi++) {
		const struct irq_desc *irq = ioapic_irq(gsi);

		if (irq != NULL && irq->handler != NULL)
			log_info("  gsi %u: %s, vector %#x of processor %u, %lu times", gsi, irq->name,
				irq->vector, irq->cpu, irq->count);
	}
}

static void show_memory(void)
{
	static const char *const zone_name[HEAP_ZONES] = {
		[HEAP_ZONE_16M] = "below 16 MiB",
		[HEAP_ZONE_4G] = "below 4 GiB",
		[HEAP_ZONE_HIGH] = "above 4 GiB",
	};

	for (unsigned int node = 0; node < heap_nodes(); node++) {
		for (unsigned int zone = 0; zone < HEAP_ZONES; zone++) {
			struct heap_stats s = heap_stats(node, (enum heap_zone)zone);

			if (s.total > 0)
				log_info("  node %u %s: %lu frames, %lu free and clean, %lu free and dirty",
					node, zone_name[zone], s.total, s.clean, s.dirty);
		}
	}
}

static void show_time(void)
{
	log_info("  TSC %lu Hz, up %lu ms, %u processors, %lu bytes of console text lost", time_tsc_hz(),
		now_ns() / NSEC_PER_MSEC, smp_cpu_count(), console_lost());
}

/* Sorted by key. */
const struct debug_key debug_keys[] = {
	{'C', true, "crash: panic on purpose", show_crash},
	{'Q', false, "PCI functions", pci_show},
	{'R', false, "reboot now", show_reboot},
	{'V', false, "IOMMUs, as the firmware describes them", iommu_show},
	{'a', false, "timers by processor", timers_show},
	{'d', false, "registers and call traces", show_registers},
	{'h', false, "help: this list", keys_help},
	{'i', false, "device interrupts", show_interrupts},
	{'m', false, "memory by node and zone", show_memory},
	{'r', false, "run queues", sched_dump},
	{'t', false, "clock", show_time},
};

const size_t debug_key_count = ARRAY_SIZE(debug_keys);
