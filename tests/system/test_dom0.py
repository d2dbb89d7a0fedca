# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernel as dom0."""
from dom0 import Dom0
from machine import Failure
from suite import test

# What a healthy userspace says of its machine.
MACHINE = """
say processors $(nproc)
say memory $(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
say hypervisor $(cat /sys/hypervisor/type) $(cat /sys/hypervisor/guest_type)
taskset -p 1 $$ >/dev/null && say steal $(awk '/^cpu / { print $9 }' /proc/stat)
for i in $(seq 0 $(($(nproc) - 1))); do taskset $((1 << i)) true || say failed processor $i; done
"""


def equal(facts, word, value):
    if facts.get(word) != [value]:
        raise Failure("dom0's %s is %s, not %s" % (word, facts.get(word), value))


def userspace(name, cpus, least, most, **machine):
    """Userspace on all processors, with between so many MiB; then power-off."""
    with Dom0(name, MACHINE, cpus=cpus, **machine) as m:
        facts = m.finish()
    equal(facts, "processors", str(cpus))
    equal(facts, "hypervisor", "xen PVH")
    if not least <= int(facts["memory"][0]) <= most:
        raise Failure("dom0 has %s MiB, not %d to %d" % (facts["memory"][0], least, most))
    int(facts["steal"][0])


@test
def dom0_1_vcpu_512_mib():
    userspace("dom0_1_vcpu_512_mib", 1, 400, 512, options="dom0_mem=512M")


@test
def dom0_2_vcpus():
    userspace("dom0_2_vcpus", 2, 700, 1000)


@test
def dom0_4_vcpus():
    userspace("dom0_4_vcpus", 4, 700, 1000)


@test
def dom0_reboots():
    with Dom0("dom0_reboots", "", ending="reboot -f") as m:
        m.finish()
        m.seen("reboot: Restarting system")
