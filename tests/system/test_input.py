# SPDX-License-Identifier: GPL-2.0-only
"""Bad input from the loader, the firmware and the user: a clear line, and a boot or an orderly end. Never a triple fault."""
import contextlib
import struct

from gdb import RAX, RBX, Gdb, multiboot_entry
from machine import IMAGE, Failure, Machine
from suite import test

CANNOT = r"^.*boot: .*cannot start on this machine"
# Offsets in the multiboot 1 information structure, and the size of a module's entry (Multiboot 0.6.96 section 3.3).
MODS_COUNT, MODS_ADDRESS, CMDLINE, MMAP_LENGTH, MMAP_ADDRESS = 20, 24, 16, 44, 48
MEMORY_RAM, MEMORY_RESERVED = 1, 2


@contextlib.contextmanager
def corrupted(name, damage, **machine):
    """A machine stopped at the hypervisor's first instruction, where damage(gdb, information address) is done."""
    extra = ["-S", "-chardev", "socket,id=gdb,path=PATH,server=on,wait=off", "-gdb", "chardev:gdb"]
    m = Machine(name, **machine)
    m.argv += [a.replace("PATH", m.path("gdb")) for a in extra]
    with m:
        gdb = Gdb(m.path("gdb"), 60)
        if not gdb.run_to(multiboot_entry(IMAGE)):
            raise Failure("the loader did not come to the entry")
        damage(gdb, gdb.register(RBX))
        gdb.go()
        yield m


def module_list(name, damage, line, modules=("LICENSE some words", "README.md")):
    with corrupted(name, damage, modules=modules) as m:
        m.expect(line)
        m.expect_boot()


@test
def input_unknown_options():
    with Machine("input_unknown_options", append="nonsense=1 loglvl=everything maxcpus=-3 =") as m:
        m.expect_boot()
        m.seen(r'cmdline: .*"nonsense=1" ignored|cmdline: unknown option "nonsense')
        m.seen(r'cmdline: .*loglvl=everything')


@test
def input_long_command_line():
    with Machine("input_long_command_line", append="x" * 1500 + " acpi=off") as m:
        m.expect_boot()


@test
def input_no_acpi_from_firmware():
    def damage(gdb, _):
        area = gdb.read(0xe0000, 0x20000)
        gdb.write(0xe0000 + area.index(b"RSD PTR "), bytes(8))

    with corrupted("input_no_acpi_from_firmware", damage) as m:
        m.expect(r"acpi: no RSDP")
        m.expect_boot()


@test
def input_no_acpi_by_option():
    with Machine("input_no_acpi_by_option", cpus=2, append="acpi=off") as m:
        m.expect_boot()


def bad_table(name, signature, body, line):
    """One more ACPI table, with a right checksum and wrong contents."""
    m = Machine(name, cpus=2)
    path = m.path("table")
    with open(path, "wb") as out:
        out.write(body)
    m.argv += ["-acpitable", "sig=%s,rev=1,data=%s" % (signature, path)]
    with m:
        m.expect_boot()
        m.seen(line)


@test
def input_dmar_with_endless_structure():
    bad_table("input_dmar_with_endless_structure", "DMAR", bytes(12) + struct.pack("<HH", 0, 0) * 4, r"(?i)dmar.*(ignored|refused)")


@test
def input_ivrs_beyond_its_end():
    bad_table("input_ivrs_beyond_its_end", "IVRS", bytes(12) + struct.pack("<BBH", 0x10, 0, 0xffff) + bytes(20), r"(?i)ivrs.*(ignored|refused)")


@test
def input_srat_with_endless_entry():
    bad_table("input_srat_with_endless_entry", "SRAT", bytes(12) + bytes(64), r"acpi: SRAT: .*ignored")


@test
def input_slit_too_large():
    bad_table("input_slit_too_large", "SLIT", struct.pack("<Q", 1 << 40), r"acpi: SLIT: .*ignored")


@test
def input_module_count_impossible():
    module_list("input_module_count_impossible", lambda g, info: g.write32(info + MODS_COUNT, 0xffffffff), r"multiboot1: .*modules? claimed")


@test
def input_module_list_nowhere():
    module_list("input_module_list_nowhere", lambda g, info: g.write32(info + MODS_ADDRESS, 0xfffffff0), r"multiboot1: .*module")


@test
def input_module_reversed():
    def damage(gdb, info):
        entry = struct.unpack("<I", gdb.read(info + MODS_ADDRESS, 4))[0]
        start, end = struct.unpack("<II", gdb.read(entry, 8))
        gdb.write(entry, struct.pack("<II", end, start))

    module_list("input_module_reversed", damage, r"boot: module 0: .*ignored")


@test
def input_module_on_the_image():
    def damage(gdb, info):
        entry = struct.unpack("<I", gdb.read(info + MODS_ADDRESS, 4))[0]
        gdb.write(entry, struct.pack("<II", multiboot_entry(IMAGE) & ~0xfff, (multiboot_entry(IMAGE) & ~0xfff) + 0x1000))

    module_list("input_module_on_the_image", damage, r"boot: module .*ignored")


@test
def input_module_beyond_memory():
    def damage(gdb, info):
        entry = struct.unpack("<I", gdb.read(info + MODS_ADDRESS, 4))[0]
        gdb.write(entry, struct.pack("<II", 0xe0000000, 0xe0100000))

    module_list("input_module_beyond_memory", damage, r"boot: module .*ignored")


def ends_with_a_line(name, damage, line, **machine):
    with corrupted(name, damage, **machine) as m:
        m.expect(line)
        m.expect(CANNOT)


def no_ram(gdb, info, below=1 << 64):
    """Every RAM entry of the multiboot 1 memory map that begins below the address is now reserved."""
    length, at = struct.unpack("<II", gdb.read(info + MMAP_LENGTH, 8))
    end = at + length
    while at < end:
        size, base, _, kind = struct.unpack("<IQQI", gdb.read(at, 24))
        if kind == MEMORY_RAM and base < below:
            gdb.write32(at + 20, MEMORY_RESERVED)
        at += size + 4


@test
def input_no_ram_at_all():
    ends_with_a_line("input_no_ram_at_all", no_ram, r"boot: .*(no|names no) RAM")


@test
def input_no_ram_below_4_gib():
    ends_with_a_line("input_no_ram_below_4_gib", lambda g, info: no_ram(g, info, 1 << 32), r"(RAM|memory) below 4 GiB", memory="6G")


@test
def input_memory_map_of_no_length():
    with corrupted("input_memory_map_of_no_length", lambda g, info: g.write32(info + MMAP_LENGTH, 0)) as m:
        m.expect(r"multiboot1: memory map .*ignored")
        m.expect_boot()


@test
def input_unknown_loader():
    ends_with_a_line("input_unknown_loader", lambda g, _: g.set_register(RAX, 0x12345678), r"boot: loader magic 0x12345678")
