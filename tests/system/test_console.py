# SPDX-License-Identifier: GPL-2.0-only
"""Debug keys and the panic, on the serial line."""
from machine import Machine
from suite import test


@test
def keys_help_lists_them():
    with Machine("keys_help_lists_them") as m:
        m.expect_boot()
        m.type("h")
        m.expect(r"keys: h +help")


@test
def keys_registers_with_call_trace():
    with Machine("keys_registers_with_call_trace", cpus=2) as m:
        m.expect_boot()
        m.type("d")
        m.expect(r"processor 0:")
        m.expect(r"show_registers\+0x[0-9a-f]+")
        m.expect(r"processor 1:")
        m.expect(r"ap_start\+0x[0-9a-f]+")


@test
def keys_unknown_ones_are_harmless():
    with Machine("keys_unknown_ones_are_harmless") as m:
        m.expect_boot()
        m.type("\x00\xff~~\x1b[A" * 50 + "h")
        m.expect(r"keys: h +help")


def crash(m):
    m.expect_boot()
    m.type("C")
    m.expect(r"press y to confirm")
    m.type("y")
    m.expect(r"panic: ")


@test
def panic_is_traced_and_reboots():
    with Machine("panic_is_traced_and_reboots") as m:
        crash(m)
        m.expect(r"show_crash\+0x[0-9a-f]+")
        m.expect(r"keys_poll\+0x[0-9a-f]+")
        m.expect(r"hv_start\+0x[0-9a-f]+")
        m.expect_end()


@test
def panic_halts_with_noreboot():
    with Machine("panic_halts_with_noreboot", cpus=2, append="noreboot") as m:
        crash(m)
        m.expect(r"hv_start\+0x[0-9a-f]+")
        m.expect_halt()


@test
def panic_is_not_unconfirmed():
    with Machine("panic_is_not_unconfirmed") as m:
        m.expect_boot()
        m.type("C")
        m.expect(r"press y to confirm")
        m.type("n")
        m.expect(r"not confirmed")
        m.type("h")
        m.expect(r"keys: h +help")


@test
def reboot_by_key():
    with Machine("reboot_by_key") as m:
        m.expect_boot()
        m.type("R")
        m.expect_end()
