# SPDX-License-Identifier: GPL-2.0-only
"""An emulated machine that counts instructions exactly, stopped at chosen ones.

Under -icount the emulator counts every guest instruction, and query-replay says how many were executed so far; the
gdb stub stops the machine in front of an instruction. Neither changes what the guest does, so that a number is the
same in every run. One processor, because -icount runs them in turns. The real-time clock follows virtual time.
"""
import json
import os
import socket
import subprocess
import tempfile

from gdb import Gdb

CPU = "EPYC,+svm,+npt,-rdtscp,-monitor"  # Xen 4.20 needs the last two switched off under TCG
MEMORY = "4096"
LIMIT = 600


class Counted:
    """`with Counted(log, kernel, append, initrd) as m: m.run_to(address); m.instructions()`"""

    def __init__(self, log, kernel, append, initrd=None, delay_ms=0):
        self.scratch = tempfile.TemporaryDirectory(prefix="undercroft-")
        self.log = log
        os.makedirs(os.path.dirname(log), exist_ok=True)
        self.argv = ["timeout", "-k", "5", str(LIMIT), "qemu-system-x86_64", "-M", "q35", "-m", MEMORY, "-smp", "1", "-cpu", CPU,
                     "-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm", "-seed", "1",
                     "-device", "intel-iommu,intremap=on,caching-mode=on",
                     "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot", "-monitor", "none", "-S",
                     "-serial", "file:" + log, "-qmp", "unix:%s,server=on,wait=off" % self.path("qmp"),
                     "-chardev", "socket,id=gdb,path=%s,server=on,wait=off" % self.path("gdb"), "-gdb", "chardev:gdb",
                     "-boot", "menu=on,splash-time=%d" % delay_ms, "-kernel", kernel, "-append", append]
        if initrd:
            self.argv += ["-initrd", initrd]

    def path(self, name):
        return os.path.join(self.scratch.name, name)

    def __enter__(self):
        with open(self.log + ".qemu", "wb") as errors:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        self.gdb = Gdb(self.path("gdb"), LIMIT)
        monitor = socket.socket(socket.AF_UNIX)
        monitor.connect(self.path("qmp"))
        self.monitor = monitor.makefile("rw", encoding="utf-8")
        self.monitor.readline()
        self.qmp("qmp_capabilities")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.scratch.cleanup()

    def qmp(self, command):
        self.monitor.write(json.dumps({"execute": command}) + "\n")
        self.monitor.flush()
        while True:
            answer = json.loads(self.monitor.readline())
            if "return" in answer:
                return answer["return"]

    def run_to(self, address):
        """Runs until just before the instruction at the virtual address."""
        if not self.gdb.run_to(address):
            raise RuntimeError("the machine ended before %#x: see %s" % (address, self.log))

    def instructions(self):
        return self.qmp("query-replay")["icount"]
