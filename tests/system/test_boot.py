# SPDX-License-Identifier: GPL-2.0-only
"""The hypervisor boots on the machines that QEMU can be."""
from grub import firmware, make_image
from machine import CPU, Machine
from suite import test


def boots(name, **machine):
    with Machine(name, **machine) as m:
        m.expect_boot()
        return m.text


@test
def boot_1_cpu():
    boots("boot_1_cpu", cpus=1)


@test
def boot_2_cpus_xapic():
    boots("boot_2_cpus_xapic", cpus=2)


@test
def boot_8_cpus_xapic():
    boots("boot_8_cpus_xapic", cpus=8)


@test
def boot_2_cpus_x2apic():
    boots("boot_2_cpus_x2apic", cpus=2, cpu=CPU + ",+x2apic")


@test
def boot_8_cpus_x2apic():
    boots("boot_8_cpus_x2apic", cpus=8, cpu=CPU + ",+x2apic")


@test
def boot_256_mib():
    boots("boot_256_mib", memory="256")


@test
def boot_4_gib():
    boots("boot_4_gib", memory="4G")


@test
def boot_16_gib():
    boots("boot_16_gib", memory="16G")


@test
def boot_numa_two_nodes():
    boots("boot_numa_two_nodes", cpus=2, memory="1G", extra=(
        "-object", "memory-backend-ram,id=m0,size=512M", "-object", "memory-backend-ram,id=m1,size=512M",
        "-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1"))


@test
def boot_intel_cpu():
    boots("boot_intel_cpu", cpus=2, cpu="Skylake-Server,-vmx")


@test
def boot_with_vtd():
    boots("boot_with_vtd", cpus=2, extra=("-device", "intel-iommu,intremap=on,caching-mode=on"))


@test
def boot_with_amdvi():
    boots("boot_with_amdvi", cpus=2, extra=("-device", "amd-iommu,intremap=on"))


def boots_from_grub(name, protocol, extra):
    modules = ((b"\x7fkernel" * 100, "first root=/dev/xvda quiet"), (b"second" * 1000, "second"))
    image = make_image(name, protocol, "console=com1 loglvl=all", modules)
    with Machine(name, kernel=None, extra=["-cdrom", image] + extra) as m:
        m.expect_boot()


@test
def grub_bios_multiboot1():
    boots_from_grub("grub_bios_multiboot1", "multiboot1", [])


@test
def grub_bios_multiboot2():
    boots_from_grub("grub_bios_multiboot2", "multiboot2", [])


@test
def grub_uefi_multiboot2():
    boots_from_grub("grub_uefi_multiboot2", "multiboot2", firmware())
