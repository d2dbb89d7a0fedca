# SPDX-License-Identifier: GPL-2.0-only
"""Test kernels as dom0: each finds out something about the hypervisor from inside and prints one line."""
import os

from machine import BROKEN, BUILD, Failure, Machine
from suite import test


def passes(name, **machine):
    """The kernel's own result is PASS, and it has turned itself off."""
    kernel = os.path.join(BUILD, "guests", name, name + ".elf")
    if not os.path.exists(kernel):
        raise Failure("%s is missing: make guests" % kernel)
    with Machine("guest_" + name, modules=[kernel], **machine) as m:
        result = m.expect(r"^.*(?:(PASS) %s|FAIL %s.*|dom\d+: vcpu \d+ crashed.*|dom0: shut down.*)\n" % (name, name))
        if not result.group(1):
            raise Failure(result.group(0).strip())
        m.expect(r"dom0: shut down, reason 0")
        m.refuse(BROKEN)


@test
def guest_hello():
    passes("hello")


@test
def guest_cpuid_msr():
    passes("cpuid_msr")


@test
def guest_bad_hypercalls():
    passes("bad_hypercalls")


@test
def guest_fuzz_hypercalls():
    passes("fuzz_hypercalls")


@test
def guest_events():
    passes("events")


@test
def guest_forbidden():
    passes("forbidden")


@test
def guest_grants():
    passes("grants")
