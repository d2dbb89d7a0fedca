# SPDX-License-Identifier: GPL-2.0-only
"""The hypervisor boots on the machines that QEMU can be."""
import os
import tempfile

from grub import firmware, make_image
from machine import BUILD, CPU, Failure, Machine
from suite import test


def boots(name, *lines, **machine):
    """To the last line of the boot, having said all of these on the way; the machine has stopped when it returns."""
    with Machine(name, **machine) as m:
        m.expect_boot()
        for line in lines:
            m.seen(line)
        return m


def free_mib(m):
    return int(m.seen(r"mm: (\d+) MiB free").group(1))


@test
def boot_1_cpu():
    boots("boot_1_cpu", "smp: 1 processors online", cpus=1)


@test
def boot_2_cpus_xapic():
    boots("boot_2_cpus_xapic", "lapic: xAPIC mode", "smp: 2 processors online", cpus=2)


@test
def boot_8_cpus_xapic():
    boots("boot_8_cpus_xapic", "lapic: xAPIC mode", "smp: 8 processors online", cpus=8)


@test
def boot_2_cpus_x2apic():
    boots("boot_2_cpus_x2apic", "lapic: x2APIC mode", "smp: 2 processors online", cpus=2, cpu=CPU + ",+x2apic")


@test
def boot_8_cpus_x2apic():
    boots("boot_8_cpus_x2apic", "lapic: x2APIC mode", "smp: 8 processors online", cpus=8, cpu=CPU + ",+x2apic")


@test
def boot_maxcpus():
    boots("boot_maxcpus", r"smp: 2 processors left out \(maxcpus=2\)", "smp: 2 processors online", cpus=4,
          append="maxcpus=2")


def boots_with_memory(name, mib, **machine):
    """At most 16 MiB and 1 % of the memory go to the hypervisor's own tables."""
    free = free_mib(boots(name, memory=str(mib), **machine))
    if not mib * 0.99 - 16 <= free <= mib:
        raise Failure("%d MiB of memory, but %d MiB free" % (mib, free))


@test
def boot_256_mib():
    boots_with_memory("boot_256_mib", 256)


@test
def boot_4_gib():
    boots_with_memory("boot_4_gib", 4096)


@test
def boot_16_gib():
    boots_with_memory("boot_16_gib", 16384)


@test
def boot_1_tib():
    """Described, hardly touched: a sparse file is the memory."""
    with tempfile.TemporaryDirectory(prefix="undercroft-", dir=BUILD) as folder:
        boots_with_memory("boot_1_tib", 1 << 20, cpu=CPU + ",phys-bits=42", machine="q35,memory-backend=ram", extra=(
            "-object", "memory-backend-file,id=ram,size=1T,share=on,reserve=off,mem-path=" + os.path.join(folder, "ram")))


@test
def boot_numa_two_nodes():
    boots("boot_numa_two_nodes", "mm: [0-9]+ MiB free on 2 nodes", cpus=2, memory="1G", extra=(
        "-object", "memory-backend-ram,id=m0,size=512M", "-object", "memory-backend-ram,id=m1,size=512M",
        "-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1"))


@test
def boot_intel_cpu():
    boots("boot_intel_cpu", "cpu: GenuineIntel", cpus=2, cpu="Skylake-Server,-vmx")


@test
def boot_with_vtd():
    boots("boot_with_vtd", "iommu: DMAR names 1 units, .* 0 problems", cpus=2, extra=("-device", "intel-iommu,intremap=on,caching-mode=on"))


@test
def boot_with_amdvi():
    boots("boot_with_amdvi", "iommu: IVRS names [0-9]+ units, .* 0 problems", cpus=2, extra=("-device", "amd-iommu,intremap=on"))


def boots_from_grub(name, protocol, extra):
    modules = ((b"\x7fkernel" * 100, "first root=/dev/xvda quiet"), (b"second" * 1000, "second"))
    image = make_image(name, protocol, "console=com1 loglvl=all", modules)
    m = boots(name, "loaded by GRUB", kernel=None, extra=["-cdrom", image] + extra)
    for data, words in modules:
        low, high = (int(n, 16) for n in m.seen('boot: module 0x([0-9a-f]+)-0x([0-9a-f]+) "%s"' % words).groups())
        if high - low != len(data):
            raise Failure("module '%s' has %d bytes, not %d" % (words, high - low, len(data)))


@test
def grub_bios_multiboot1():
    boots_from_grub("grub_bios_multiboot1", "multiboot1", [])


@test
def grub_bios_multiboot2():
    boots_from_grub("grub_bios_multiboot2", "multiboot2", [])


@test
def grub_uefi_multiboot2():
    boots_from_grub("grub_uefi_multiboot2", "multiboot2", firmware())
