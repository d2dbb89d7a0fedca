# SPDX-License-Identifier: GPL-2.0-only
"""A machine whose dom0 is Debian's kernel with a script as its userspace.

The hypervisor shows warnings and errors only, dom0's kernel too, and the script speaks in lines that begin with
`TEST`: whatever else is on the serial line is a warning, and must be in EXPECTED.
"""
import os
import re

from initrd import kernel, make_initrd
from machine import Failure, Machine

# DEBUG=1 shows everything that both sides log, and then does not look for warnings.
DEBUG = bool(os.environ.get("DEBUG"))

# Dom0's kernel may speak within a line of the script.
STAMP = r"\[ *\d+\.\d{6}\] "

# Lines that are right on these machines, and why.
EXPECTED = (
    r"^boot: module 0x",  # before the options are read
    r"NOTHING IS ISOLATED",  # no IOMMU in this machine
    r"cpu \d+ spinlock event irq \d+$|Grant table initialized$",  # Linux gives these no level, which is that of a warning
    r"Speculative Return Stack Overflow",  # QEMU's EPYC has no such microcode
    r"^\[ *[0-9.]+\]  #\d+$",  # the rest of a line of less importance
    # The emulator waited for a processor of the host.
    r"hrtimer: interrupt took|sched: DL replenish lagged too much|clocksource: Long readout interval",
    r"xen_mcelog: Failed to get CPU numbers|mce: Unable to init MCE device",  # machine checks are the hypervisor's
    r"xen_cpu: sanitize of _PDC buffer bits from Xen failed: -95$",  # no power management by dom0
    r"ata\d+\.00: (Model 'QEMU HARDDISK'|LPM support broken)|supports timestamps until 2038",  # QEMU's disk; inodes of mke2fs
    r"reboot: (Power down|Restarting system)",  # at the level of an emergency
)


class Dom0(Machine):
    """`with Dom0("name", SCRIPT) as m: facts = m.finish()`."""

    def __init__(self, name, script, modules=(), cpus=2, memory="1G", append="", options="", ending="poweroff -f", **machine):
        super().__init__(name, cpus=cpus, memory=memory, append="loglvl=%s %s" % ("all" if DEBUG else "warning", options), **machine)
        initrd = self.path("initrd")
        make_initrd(initrd, script, modules, ending)
        line = "%s console=hvc0 loglevel=%d %s" % (kernel(), 8 if DEBUG else 5, append)
        self.argv += ["-initrd", ",".join(m.replace(",", ",,") for m in (line.strip(), initrd))]

    def finish(self):
        """Waits until the script is through and the machine is off; {first word: [rest of the line]} of what it said."""
        self.expect(r"^TEST end$")
        self.expect_end()
        self.refuse_warnings()
        facts = {}
        for line in re.findall(r"^TEST (.*)$", self.lines(), re.M):
            word, _, rest = line.partition(" ")
            facts.setdefault(word, []).append(rest)
        if "failed" in facts:
            raise Failure("in dom0: " + "; ".join(facts["failed"]))
        return facts

    def lines(self):
        return re.sub("(?<=.)(%s)" % STAMP, r"\n\1", self.text)

    def refuse_warnings(self):
        lines = [l.strip() for l in self.lines().splitlines()]
        odd = [l for l in lines if l and not l.startswith("TEST ") and not any(re.search(e, l) for e in EXPECTED)]
        if odd and not DEBUG:
            raise Failure("%d warnings, first: %s" % (len(odd), odd[0]))
