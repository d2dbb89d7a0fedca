# SPDX-License-Identifier: GPL-2.0-only
"""One emulated machine: starts QEMU, reads its serial line, matches what is expected, and ends it.

Nothing is timed: a test waits for lines, and the time limit only bounds a machine that hangs.
"""
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time

BUILD = os.environ.get("B", "build")
IMAGE = os.path.join(BUILD, "undercroft")
LIMIT = int(os.environ.get("LIMIT", "120"))
CPU = "EPYC,+svm,+npt"
BOOTED = r"^.*boot: complete.*"
# Lines that no healthy boot prints.
BROKEN = re.compile(r"^.*(?:[Pp]anic|BUG|triple fault|lock order).*$", re.M)


class Failure(Exception):
    """What was expected did not happen; the text says what was seen instead."""


class Machine:
    """A context manager: `with Machine("name", cpus=2) as m: m.expect(...)`."""

    def __init__(self, name, cpus=1, memory="1024", cpu=CPU, machine="q35", append="", modules=(), extra=(), kernel=IMAGE):
        self.folder = os.path.join(BUILD, "logs", "system", name)
        os.makedirs(self.folder, exist_ok=True)
        self.position, self.text, self.ended = 0, "", False
        self.changed = threading.Condition()
        self.scratch = tempfile.TemporaryDirectory(prefix="undercroft-")
        self.argv = ["qemu-system-x86_64", "-M", machine, "-accel", "tcg,thread=multi", "-cpu", cpu, "-smp", str(cpus),
                     "-m", str(memory), "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot",
                     "-serial", "stdio", "-monitor", "none",
                     "-qmp", "unix:%s,server=on,wait=off" % self.path("qmp")]
        if kernel:
            self.argv += ["-kernel", kernel, "-append", ("console=com1 " + append).strip()]
        if modules:
            self.argv += ["-initrd", ",".join(m.replace(",", ",,") for m in modules)]
        self.argv += list(extra)

    def path(self, name):
        """A file that lives as long as the machine."""
        return os.path.join(self.scratch.name, name)

    def __enter__(self):
        with open(os.path.join(self.folder, "command"), "w", encoding="utf-8") as out:
            out.write(" ".join("'%s'" % a if " " in a or not a else a for a in self.argv) + "\n")
        self.log = open(os.path.join(self.folder, "serial.log"), "wb")
        self.errors = open(os.path.join(self.folder, "qemu.log"), "wb")
        self.process = subprocess.Popen(["timeout", "-k", "5", str(2 * LIMIT)] + self.argv, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join(10)
        for opened in (self.process.stdin, self.process.stdout, self.log, self.errors):
            opened.close()
        self.scratch.cleanup()

    def read(self):
        while True:
            part = self.process.stdout.read1(65536)
            with self.changed:
                self.ended = not part
                self.text += part.decode("utf-8", "replace").replace("\r", "")
                self.changed.notify_all()
            if not part:
                return
            self.log.write(part)
            self.log.flush()

    def expect(self, pattern, limit=LIMIT):
        """Waits until the serial line has said the pattern, from where the last match ended; the match."""
        wanted, end = re.compile(pattern, re.M), time.monotonic() + limit
        with self.changed:
            while True:
                match = wanted.search(self.text, self.position)
                if match:
                    self.position = match.end()
                    return match
                left = end - time.monotonic()
                if self.ended or left <= 0:
                    raise Failure("no line matches /%s/; %s" % (pattern, self.last("QEMU ended" if self.ended else "time is up")))
                self.changed.wait(left)

    def last(self, why):
        lines = [l for l in self.text.splitlines() if l.strip()]
        return "%s after %r" % (why, lines[-1] if lines else "nothing")

    def expect_end(self, limit=LIMIT):
        """Waits until the machine is off (with -no-reboot, a reset turns it off)."""
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failure("the machine does not end; " + self.last("it runs on")) from None
        self.reader.join(10)

    def expect_halt(self, limit=LIMIT):
        """Every processor halts for good: HLT with interrupts off."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            state = self.qmp("human-monitor-command", **{"command-line": "info registers -a"})
            flags = [int(f, 16) for f in re.findall(r"(?:RFL|EFL)=([0-9a-f]+)", state)]
            if state.count("HLT=1") == len(flags) and not any(f & 0x200 for f in flags):
                return
            time.sleep(0.2)
        raise Failure("the machine does not halt; " + self.last("it runs on"))

    def expect_boot(self):
        """A whole boot to its last line, with nothing broken on the way."""
        match = self.expect(BOOTED)
        self.refuse(BROKEN)
        return match

    def refuse(self, pattern):
        """The serial line has said nothing that matches."""
        with self.changed:
            found = re.search(pattern, self.text)
        if found:
            raise Failure("unexpected: " + found.group(0).strip())

    def seen(self, pattern):
        """Everything said so far is searched, from the start."""
        with self.changed:
            found = re.search(pattern, self.text, re.M)
        if not found:
            raise Failure("no line matches /%s/" % pattern)
        return found

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def qmp(self, command, **arguments):
        """One command to QEMU's monitor; its answer."""
        if not hasattr(self, "monitor"):
            self.monitor = socket.socket(socket.AF_UNIX)
            self.monitor.settimeout(LIMIT)
            self.monitor.connect(self.path("qmp"))
            self.monitor_lines = self.monitor.makefile("rw", encoding="utf-8")
            self.monitor_lines.readline()
            self.qmp("qmp_capabilities")
        self.monitor_lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.monitor_lines.flush()
        while True:
            answer = json.loads(self.monitor_lines.readline())
            if "error" in answer:
                raise Failure("QMP %s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]
