# SPDX-License-Identifier: GPL-2.0-only
"""A small client of QEMU's gdb stub: stop in front of an instruction, look at and change registers and memory."""
import socket
import struct
import time

# QEMU's numbers of the x86-64 registers.
RAX, RBX = 0, 1
# Bytes of memory that fit into one packet.
READ_MAX = 1024


class Gdb:
    def __init__(self, path, limit):
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(limit)
        end = time.monotonic() + 20
        while True:
            try:
                opened.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.stream = opened.makefile("rwb", buffering=0)

    def packet(self, text):
        """One packet of the remote protocol, and the answer's text ("" when the machine is gone)."""
        self.stream.write(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 0xff))
        while self.stream.read(1) not in (b"$", b""):
            pass
        answer = b""
        while True:
            byte = self.stream.read(1)
            if byte in (b"#", b""):
                break
            answer += byte
        if byte:
            self.stream.read(2)
            self.stream.write(b"+")
        return answer.decode()

    def run_to(self, address):
        """Runs until just before the instruction at the virtual address; False when the machine ended before."""
        self.packet("Z1,%x,1" % address)
        stopped = self.packet("c").startswith("T05")
        if stopped:
            self.packet("z1,%x,1" % address)
        return stopped

    def go(self):
        """Runs on, and leaves the machine alone."""
        self.stream.write(b"$D#44")

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.packet("p%x" % number)), "little")

    def set_register(self, number, value):
        self.packet("P%x=%s" % (number, value.to_bytes(8, "little").hex()))

    def read(self, address, count):
        parts = [(at, min(READ_MAX, address + count - at)) for at in range(address, address + count, READ_MAX)]
        return b"".join(bytes.fromhex(self.packet("m%x,%x" % part)) for part in parts)

    def write(self, address, data):
        if self.packet("M%x,%x:%s" % (address, len(data), data.hex())) != "OK":
            raise RuntimeError("cannot write at %#x" % address)

    def write32(self, address, value):
        self.write(address, struct.pack("<I", value))


def multiboot_entry(image):
    """Where a multiboot 1 loader enters the image: what its header says, or else the ELF header (Multiboot 0.6.96 3.1.1)."""
    with open(image, "rb") as opened:
        data = opened.read()
    at = data.index(struct.pack("<I", 0x1badb002))
    if struct.unpack_from("<I", data, at + 4)[0] & 1 << 16:
        return struct.unpack_from("<I", data, at + 28)[0]
    return struct.unpack_from("<Q" if data[4] == 2 else "<I", data, 24)[0]
