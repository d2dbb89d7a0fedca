/* SPDX-License-Identifier: GPL-2.0-only */
/* XENPF_*: dom0 as the owner of the machine. Source: public/platform.h. */
#include <errno.h>
#include <string.h>
#include <hv/acpi.h>
#include <hv/asm.h>
#include <hv/features.h>
#include <hv/log.h>
#include <hv/smp.h>
#include <hv/time.h>
#include <hv/vcpu_time.h>
#include <xen/platform.h>
#include "domain_priv.h"

/* The wall clock was this at that system time. */
static int platform_clock_set(uint64_t seconds, uint32_t ns, uint64_t system_time)
{
	if (ns >= NSEC_PER_SEC || seconds > UINT64_MAX / NSEC_PER_SEC - 1)
		return -EINVAL;
	wallclock_set(seconds * NSEC_PER_SEC + ns - system_time);
	return 0;
}

static int platform_settime32(struct xen_platform_op *op)
{
	const struct xenpf_settime32 *t = &op->u.settime32;

	return platform_clock_set(t->secs, t->nsecs, t->system_time);
}

static int platform_settime64(struct xen_platform_op *op)
{
	const struct xenpf_settime64 *t = &op->u.settime64;

	return t->mbz != 0 ? -EINVAL : platform_clock_set(t->secs, t->nsecs, t->system_time);
}

static uint32_t platform_acpi_id(uint32_t apic_id)
{
	for (uint32_t i = 0; acpi.has_madt && i < acpi.madt.cpu_count; i++)
		if (acpi.madt.cpu[i].apic_id == apic_id)
			return acpi.madt.cpu[i].uid;
	return apic_id;
}

static int platform_cpuinfo(struct xen_platform_op *op)
{
	struct xenpf_pcpuinfo *c = &op->u.pcpu_info;
	uint32_t cpu = c->xen_cpuid;

	c->max_present = smp_cpu_count() - 1;
	if (cpu >= smp_cpu_count()) {
		c->flags = XEN_PCPU_FLAGS_INVALID;
		return 0;
	}
	c->flags = cpumask_test(&cpu_online, cpu) ? XEN_PCPU_FLAGS_ONLINE : 0;
	c->apic_id = smp_apic_id(cpu);
	c->acpi_id = platform_acpi_id(c->apic_id);
	return 0;
}

/* All processors are the boot processor's equals: others are refused at boot. */
static int platform_cpu_version(struct xen_platform_op *op)
{
	struct xenpf_pcpu_version *c = &op->u.pcpu_version;

	c->max_present = smp_cpu_count() - 1;
	memset(c->vendor_id, 0, sizeof(c->vendor_id));
	if (c->xen_cpuid >= smp_cpu_count() || !cpumask_test(&cpu_online, c->xen_cpuid))
		return 0;
	memcpy(c->vendor_id, cpu_features.vendor_text, sizeof(c->vendor_id));
	c->family = cpu_features.family;
	c->model = cpu_features.model;
	c->stepping = cpu_features.stepping;
	return 0;
}

static int platform_no_firmware_info(struct xen_platform_op *op)
{
	(void)op;
	return -EINVAL;
}

/* Dom0's capabilities for the firmware (_PDC) stay as they are; the hypervisor does no power management of its own. */
static int platform_power(struct xen_platform_op *op)
{
	return op->u.set_pminfo.type == XEN_PM_PDC ? 0 : -EOPNOTSUPP;
}

#define SLEEP_POWER_OFF 5

static void platform_pm1_write(const struct acpi_gas *gas, uint16_t value)
{
	if (gas->address != 0 && gas->space == ACPI_SPACE_IO && gas->address <= UINT16_MAX)
		outw((uint16_t)gas->address, value);
}

/* Power off only: what dom0's ACPI code would write to PM1 (ACPI 6.5 section 4.8.3.2). */
static int platform_sleep(struct xen_platform_op *op)
{
	const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

	if (!acpi.has_fadt || s->sleep_state != SLEEP_POWER_OFF ||
		(s->flags & XENPF_ACPI_SLEEP_EXTENDED) != 0)
		return -EOPNOTSUPP;
	log_info("dom0: powers the machine off");
	platform_pm1_write(&acpi.fadt.pm1a_control, s->val_a);
	platform_pm1_write(&acpi.fadt.pm1b_control, s->val_b);
	return 0;
}

static const struct {
	int (*fn)(struct xen_platform_op *op);
	bool out;
} platform_ops[] = {
	[XENPF_settime32] = {platform_settime32, false},
	[XENPF_get_cpu_version] = {platform_cpu_version, true},
	[XENPF_firmware_info] = {platform_no_firmware_info, false},
	[XENPF_enter_acpi_sleep] = {platform_sleep, false},
	[XENPF_set_processor_pminfo] = {platform_power, false},
	[XENPF_get_cpuinfo] = {platform_cpuinfo, true},
	[XENPF_settime64] = {platform_settime64, false},
};

long platform_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	struct xen_platform_op op;
	int rc = guest_read(&op, args[0], sizeof(op));

	(void)v;
	if (rc != 0)
		return rc;
	if (op.interface_version != XENPF_INTERFACE_VERSION)
		return -EACCES;
	if (op.cmd >= ARRAY_SIZE(platform_ops) || platform_ops[op.cmd].fn == NULL)
		return -ENOSYS;
	rc = platform_ops[op.cmd].fn(&op);
	if (rc == 0 && platform_ops[op.cmd].out)
		rc = guest_write(args[0], &op, sizeof(op));
	return rc;
}
