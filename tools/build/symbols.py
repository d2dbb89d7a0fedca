#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reads `nm` of the linked hypervisor, writes the assembly of its symbol table (xen/trace/symbols.c).

The table stands behind .text, so that adding it moves no function. One name for each address, sorted; the same
input gives the same output. Without input the table is empty: that is for the first of the two links.
"""
import re
import sys

LINE = re.compile(r"^([0-9a-f]{16}) ([A-Za-z]) ([A-Za-z_$.][\w$.]*)$")


def read_symbols(lines):
    """The base address, the end of the text, and {address: name} of the functions."""
    base = end = 0
    names = {}
    for line in lines:
        match = LINE.match(line.rstrip("\n"))
        if not match:
            continue
        address, kind, name = int(match[1], 16), match[2], match[3]
        if name == "__image_start":
            base = address
        elif name == "__text_end":
            end = address
        elif kind in "Tt" and not name.startswith("__"):
            # A global name before a local one, then by the alphabet.
            rank = (kind == "t", name)
            if address not in names or rank < names[address]:
                names[address] = rank
    functions = [(address - base, names[address][1]) for address in sorted(names) if base <= address < end]
    return base, end, functions


def emit(base, end, functions, out):
    """Offsets of the functions, then of their names, then the names."""
    out.write("\t.section .symbols, \"a\"\n")

    def table(label, directive, values):
        out.write("\t.balign 8\n\t.globl %s\n%s:\n" % (label, label))
        for value in values:
            out.write("\t%s %s\n" % (directive, value))

    table("symbols_base", ".quad", ["0x%x" % base])
    table("symbols_count", ".long", [len(functions)])
    table("symbols_offset", ".long", ["0x%x" % offset for offset, _ in functions] + ["0x%x" % (end - base)])
    position, positions = 0, []
    for _, name in functions:
        positions.append(position)
        position += len(name) + 1
    table("symbols_name_at", ".long", positions + [position])
    table("symbols_names", ".asciz", ["\"%s\"" % name for _, name in functions])
    out.write("\t.section .note.GNU-stack, \"\", @progbits\n")


def main():
    base, end, functions = read_symbols(sys.stdin)
    if len(sys.argv) > 1 and not functions:
        sys.exit("symbols.py: %s: no functions found" % sys.argv[1])
    emit(base, end, functions, sys.stdout)


if __name__ == "__main__":
    main()
