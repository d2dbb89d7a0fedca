# SPDX-License-Identifier: GPL-2.0-only
"""GRUB rescue images that boot the hypervisor on BIOS and UEFI machines."""
import os
import shutil
import subprocess

from machine import BUILD, IMAGE, Failure

# {protocol: (load command, module command)}
PROTOCOLS = {"multiboot1": ("multiboot", "module"), "multiboot2": ("multiboot2", "module2")}
FIRMWARE = ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd")


def make_image(name, protocol, append, modules=()):
    """An ISO image; modules are pairs of contents (bytes) and command line. Its path."""
    root = os.path.join(BUILD, "grub", name)
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, "boot/grub"))
    shutil.copy(IMAGE, os.path.join(root, "boot/undercroft"))
    load, module = PROTOCOLS[protocol]
    lines = ["set timeout=0", "set gfxpayload=text", "insmod all_video", "menuentry undercroft {",
             " %s /boot/undercroft %s" % (load, append)]
    for number, (contents, cmdline) in enumerate(modules):
        with open(os.path.join(root, "boot/module%d" % number), "wb") as out:
            out.write(contents)
        lines.append(" %s /boot/module%d %s" % (module, number, cmdline))
    with open(os.path.join(root, "boot/grub/grub.cfg"), "w", encoding="utf-8") as config:
        config.write("\n".join(lines + ["}", ""]))
    image = root + ".iso"
    done = subprocess.run(["grub-mkrescue", "-o", image, root], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure("grub-mkrescue: " + done.stderr.strip().splitlines()[-1])
    return image


def firmware():
    """QEMU's arguments for a UEFI machine."""
    code = next((f for f in FIRMWARE if os.path.exists(f)), None)
    if not code:
        raise Failure("no OVMF firmware is installed")
    return ["-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + code]
