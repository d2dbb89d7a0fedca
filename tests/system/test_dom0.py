# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernel as dom0."""
from dom0 import Dom0
from machine import Failure
from suite import test

# What a healthy userspace says of its machine.
MACHINE = """
say processors $(nproc)
say memory $(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
say hypervisor $(cat /sys/hypervisor/type) $(cat /sys/hypervisor/guest_type)
taskset -p 1 $$ >/dev/null && say steal $(awk '/^cpu / { print $9 }' /proc/stat)
for i in $(seq 0 $(($(nproc) - 1))); do taskset $((1 << i)) true || say failed processor $i; done
"""


def equal(facts, word, value):
    if facts.get(word) != [value]:
        raise Failure("dom0's %s is %s, not %s" % (word, facts.get(word), value))


def userspace(name, cpus, least, most, **machine):
    """Userspace on all processors, with between so many MiB; then power-off."""
    with Dom0(name, MACHINE, cpus=cpus, **machine) as m:
        facts = m.finish()
    equal(facts, "processors", str(cpus))
    equal(facts, "hypervisor", "xen PVH")
    if not least <= int(facts["memory"][0]) <= most:
        raise Failure("dom0 has %s MiB, not %d to %d" % (facts["memory"][0], least, most))
    int(facts["steal"][0])


@test
def dom0_1_vcpu_512_mib():
    userspace("dom0_1_vcpu_512_mib", 1, 400, 512, options="dom0_mem=512M")


@test
def dom0_2_vcpus():
    userspace("dom0_2_vcpus", 2, 700, 1000)


@test
def dom0_4_gib():
    """Memory above 4 GiB too: the emulated machine has 2 GiB below it."""
    userspace("dom0_4_gib", 2, 3600, 4096, memory="4G")


@test
def dom0_reboots():
    with Dom0("dom0_reboots", "", ending="reboot -f") as m:
        m.finish()
        m.seen("reboot: Restarting system")


# Functions for scripts: what a device's interrupts count, and real input and output.
DEVICES = """
# The interrupt lines that carry the word: their number, their kinds, their sum.
interrupts() {
    awk -v word="$1" 'index($0, word) { n++; for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i; kind = $(i) }
        END { print n + 0, kind "", sum + 0 }' /proc/interrupts
}
# A disk is there when its node is.
wait_for() {
    for i in $(seq 100); do [ -e "$1" ] && return; sleep 0.1; done
    say failed no "$1"
}
# Writes what nobody can guess, past the page cache, and reads it back.
write_and_read() {
    dd if=/dev/urandom of=/tmp/data bs=1M count=4 2>/dev/null
    dd if=/tmp/data of="$1" bs=64k oflag=direct 2>/dev/null || say failed write "$1"
    sync
    echo 3 >/proc/sys/vm/drop_caches
    dd if="$1" bs=64k count=64 iflag=direct 2>/dev/null | cmp - /tmp/data && say same "$1" || say failed compare "$1"
}
# An ext4 file system with a file in it, mounted a second time.
file_system() {
    mke2fs "$1" >/dev/null 2>&1 && mount -t ext4 "$1" /mnt && cp /tmp/data /mnt/file && umount /mnt || say failed file system on "$1"
    mount -t ext4 "$1" /mnt && cmp /mnt/file /tmp/data && say files "$1" || say failed files on "$1"
    umount /mnt
}
# An address on the interface of the driver, and packets to QEMU's gateway and back.
network() {
    for device in /sys/class/net/*; do
        [ "$(basename "$(readlink "$device/device/driver" 2>/dev/null)")" = "$1" ] || continue
        name=$(basename "$device")
        ip link set "$name" up
        for i in $(seq 100); do [ "$(cat "$device/carrier" 2>/dev/null)" = 1 ] && break; sleep 0.1; done
        ip addr add "$2.15/24" dev "$name"
        ping -c 5 -W 10 -s 1400 -i 0.2 "$2.2" | awk '/received/ { print "TEST ping '"$1"' " $4 }'
        say irq "$1" $(interrupts "$3")
        return
    done
    say failed no interface of "$1"
}
"""


def irqs(facts, word, kind):
    """The interrupts of a device came, as messages or by line."""
    line = next((l.split() for l in facts.get("irq", ()) if l.startswith(word + " ")), None)
    if not line or len(line) != 4 or kind not in line[2] or int(line[3]) == 0:
        raise Failure("interrupts of %s: %s, not %s" % (word, line, kind))


def disk(m, name, mib=64):
    """QEMU's argument for a disk in an empty file."""
    path = m.path(name)
    with open(path, "wb") as out:
        out.truncate(mib << 20)
    return ["-drive", "if=none,format=raw,file=%s,id=%s" % (path, name)]


STORAGE = DEVICES + """
for disk in /dev/nvme0n1 /dev/sda /dev/sdb; do
    wait_for $disk
    write_and_read $disk
done
file_system /dev/nvme0n1
for word in nvme0q ahci xhci; do say irq $word $(interrupts $word); done
"""


@test
def dom0_storage():
    """NVMe and xHCI with MSI-X, AHCI with MSI: what is written is read again, and an ext4 file system keeps its files."""
    m = Dom0("dom0_storage", STORAGE, ("nvme", "ahci", "sd_mod", "xhci_pci", "usb_storage", "ext4", "crc32c_generic"))
    m.argv += disk(m, "nvme") + disk(m, "ahci") + disk(m, "usb")
    m.argv += ["-device", "nvme,drive=nvme,serial=1", "-device", "ide-hd,drive=ahci,bus=ide.0",
               "-device", "qemu-xhci", "-device", "usb-storage,drive=usb"]
    with m:
        facts = m.finish()
    equal(facts, "files", "/dev/nvme0n1")
    if len(facts.get("same", ())) != 3:
        raise Failure("only %s keep their data" % facts.get("same"))
    for word, kind in (("nvme0q", "PCI-MSIX"), ("ahci", "PCI-MSI-"), ("xhci", "PCI-MSIX")):
        irqs(facts, word, kind)


# (QEMU's device, Linux's driver, the word in /proc/interrupts, their kind)
CARDS = (("e1000e", "e1000e", "eth", "PCI-MSIX"), ("igb", "igb", "eth", "PCI-MSIX"), ("e1000", "e1000", "eth", "IO-APIC"),
         ("virtio-net-pci", "virtio_net", "virtio", "PCI-MSIX"))


def network(card):
    model, driver, word, kind = card
    name = "dom0_network_" + driver
    script = DEVICES + "network %s 10.0.2 %s\n" % (driver, word)
    with Dom0(name, script, (driver,), extra=("-netdev", "user,id=n", "-device", model + ",netdev=n")) as m:
        facts = m.finish()
    equal(facts, "ping", driver + " 5")
    irqs(facts, driver, kind)


@test
def dom0_network_e1000e():
    network(CARDS[0])


@test
def dom0_network_igb():
    network(CARDS[1])


@test
def dom0_network_e1000():
    network(CARDS[2])


@test
def dom0_network_virtio_net():
    network(CARDS[3])


ISOLATION = """
for address in 0x%x; do
    devmem $address 32 0x12345678
    say word $address $(devmem $address 32)
done
for port in 0x3f9 0x3fd 0x20 0xa1 0x64; do say port $port $(dd if=/dev/port bs=1 count=1 skip=$((port)) 2>/dev/null | hexdump -e '1/1 "%%02x"'); done
say efer $(dd if=/dev/cpu/0/msr bs=8 count=1 skip=$((0xc0000080 / 8)) 2>/dev/null | hexdump -e '8/1 "%%02x"')
say written
read answer
say typed $answer
"""
HOST_IMAGE, EFER_SVME, ALL_ONES = 0x200000, 1 << 12, "0xFFFFFFFF"


@test
def dom0_is_isolated():
    """From /dev/mem, /dev/port and /dev/cpu/0/msr: not the hypervisor's memory, its serial line, the 8259 or SVM."""
    options = "iomem=relaxed memmap=64K$0x%x" % HOST_IMAGE
    with Dom0("dom0_is_isolated", ISOLATION % HOST_IMAGE, ("msr",), append=options) as m:
        m.expect(r"^TEST written$")
        if "0x1badb002" not in m.qmp("human-monitor-command", **{"command-line": "xp /1xw 0x%x" % HOST_IMAGE}):
            raise Failure("the hypervisor's image was written")
        m.type("TEST yes\n")  # its echo is a line too
        facts = m.finish()
    equal(facts, "typed", "TEST yes")
    if "0x%x %s" % (HOST_IMAGE, ALL_ONES) not in facts["word"]:
        raise Failure("dom0 reads %s" % facts["word"])
    if facts["port"][:-1] != ["%s ff" % p for p in ("0x3f9", "0x3fd", "0x20", "0xa1")] or facts["port"][-1].endswith("ff"):
        raise Failure("dom0 reads ports %s" % facts["port"])
    efer = int.from_bytes(bytes.fromhex(facts["efer"][0]), "little")
    if efer == 0 or efer & EFER_SVME:
        raise Failure("dom0 sees EFER %s" % facts["efer"])


CLOCK = """
# At the edge of a second of the real-time clock: its time, and the kernel's.
edge() {
    read was </sys/class/rtc/rtc0/since_epoch
    now=$was
    while [ "$now" = "$was" ]; do read now </sys/class/rtc/rtc0/since_epoch; done
    read up rest </proc/uptime
    say edge $now $up
}
edge
sleep 20
edge
say clock $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)
"""


@test
def dom0_clock_keeps_time():
    """Within 1 % of the machine's real-time clock."""
    with Dom0("dom0_clock_keeps_time", CLOCK, cpus=1) as m:
        facts = m.finish()
    (first, up), (second, later) = (map(float, e.split()) for e in facts["edge"])
    if abs((later - up) / (second - first) - 1) > 0.01:
        raise Failure("%.2f s of dom0 in %.0f s" % (later - up, second - first))
