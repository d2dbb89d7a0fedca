# SPDX-License-Identifier: GPL-2.0-only
"""Initial RAM disks for Debian's kernel: a static busybox, the modules a test needs, and a script.

Written here and not by cpio, so that the same inputs give the same bytes. The format is the kernel's
Documentation/driver-api/early-userspace/buffer-format.rst ("newc").
"""
import lzma
import os
import re
import struct

from machine import BUILD, Failure

ROOT = os.path.join(BUILD, "dom0", "root")
FOLDERS = ("bin", "dev", "lib", "mnt", "proc", "run", "sys", "tmp")
ALIGN = 4

# Every applet is a link to busybox; what a script says with `say` is what the test sees.
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
exec >/dev/console 2>&1 </dev/console
say() { echo "TEST $*"; }
say userspace
for module in $(cat /lib/order); do insmod "/lib/$module.ko" || say failed insmod "$module"; done
. /script
say end
cat /ending >/dev/null
. /ending
sleep 1000
"""


class Archive:
    """A cpio archive in memory."""

    def __init__(self):
        self.parts, self.count = [], 0

    def add(self, name, data=b"", mode=0o100755):
        self.count += 1
        fields = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
        for part in (head, data):
            self.parts.append(part + bytes(-len(part) % ALIGN))

    def end(self):
        self.add("TRAILER!!!", mode=0)
        return b"".join(self.parts)


def kernel():
    """Debian's kernel, as it is in the package."""
    folder = os.path.join(ROOT, "boot")
    found = sorted(f for f in os.listdir(folder) if f.startswith("vmlinuz-")) if os.path.isdir(folder) else []
    if not found:
        raise Failure("no kernel in %s: `make %s/.done` fetches it" % (folder, ROOT))
    return os.path.join(folder, found[-1])


def module_files():
    """{module name: file} of the kernel's modules."""
    top = os.path.join(ROOT, "usr/lib/modules", os.path.basename(kernel()).split("-", 1)[1])
    return {f.split(".ko")[0].replace("-", "_"): os.path.join(folder, f)
            for folder, _, files in os.walk(top) for f in files if ".ko" in f}


def section(data, name):
    """A section of an ELF64 file (the System V ABI's ELF chapter)."""
    offset, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]
    strings = headers[names][4]
    for label, _, _, _, at, length in headers:
        if data[strings + label:data.index(b"\0", strings + label)] == name:
            return data[at:at + length]
    return b""


def needs(data):
    """The modules that must be there before this one, by its .modinfo; `depends` and `softdep`."""
    info = [i.decode() for i in section(data, b".modinfo").split(b"\0")]
    hard = [m for i in info if i.startswith("depends=") for m in i[8:].split(",")]
    soft = [m for i in info if i.startswith("softdep=pre: ") for m in re.sub(r"post: .*", "", i[13:]).split()]
    return [m.replace("-", "_") for m in hard + soft if m]


def in_order(wanted):
    """[(name, contents)] of the modules and of all that they need, those needed first."""
    files, done = module_files(), {}

    def add(name, must):
        if name in done:
            return
        if name not in files:
            if must:
                raise Failure("the kernel has no module " + name)
            return  # built in
        with lzma.open(files[name]) if files[name].endswith(".xz") else open(files[name], "rb") as source:
            data = source.read()
        for other in needs(data):
            add(other, False)
        done[name] = data

    for name in wanted:
        add(name, True)
    return list(done.items())


def make_initrd(path, script, modules=(), ending="poweroff -f"):
    """Runs the script after loading the modules, says `TEST end`, then does the ending."""
    archive, loaded = Archive(), in_order(modules)
    for folder in FOLDERS:
        archive.add(folder, mode=0o040755)
    archive.add("dev/console", mode=0o020600)
    with open(os.path.join(ROOT, "usr/bin/busybox"), "rb") as busybox:
        archive.add("bin/busybox", busybox.read())
    for name, data in loaded:
        archive.add("lib/%s.ko" % name, data)
    archive.add("lib/order", "\n".join(n for n, _ in loaded).encode())
    archive.add("script", script.encode())
    archive.add("ending", ending.encode())
    archive.add("init", INIT.encode())
    with open(path, "wb") as out:
        out.write(archive.end())
