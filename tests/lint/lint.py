# SPDX-License-Identifier: GPL-2.0-only
"""What the checks share. A check runs at the root of the tree and exits 1 after printing what is wrong."""
import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

BUILD = os.environ.get("B", "build")
PRODUCT = ("xen/", "passthrough/", "sriov/", "quirks/", "pciback/", "tools/")
PORTABLE = ("passthrough/", "sriov/", "quirks/")
JOBS = 2


def files(*suffixes, under=("",)):
    """The tree's files, tracked or new but not ignored, with one of the suffixes, below one of the folders."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True)
    return [f for f in sorted(set(listed.stdout.splitlines()))
            if f.endswith(suffixes or "") and f.startswith(tuple(under)) and os.path.isfile(f)]


def lines(path):
    """The numbered lines of a text file; none for a binary one."""
    with open(path, "rb") as opened:
        data = opened.read()
    if b"\0" in data:
        return []
    return list(enumerate(data.decode("utf-8", "replace").split("\n"), 1))


def is_data(path):
    """Recorded tables, dumps and fuzz seeds: kept as they came."""
    return path.startswith(("tests/fixtures/", "tests/fuzz/corpus/")) or path == "LICENSE"


def flags(*classes):
    """{file: its compiler flags}, as `make` wrote them; the classes are hv, dom0 and header."""
    with open(os.path.join(BUILD, "flags.txt"), encoding="utf-8") as opened:
        rows = [line.split() for line in opened if line.strip()]
    return {row[1]: [f for f in row[2:] if f not in ("-MMD", "-MP")] for row in rows if row[0] in classes}


def run(argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def llvm(name):
    """How to call clang-format or clang-tidy, version 14: Debian 12's own, or what tools/host/install unpacked on 13."""
    if shutil.which(name + "-14"):
        return [name + "-14"]
    root = os.path.abspath(os.path.join(BUILD, "host/usr/lib"))
    return ["env", "LD_LIBRARY_PATH=%s/x86_64-linux-gnu:%s/llvm-14/lib" % (root, root), "%s/llvm-14/bin/%s" % (root, name)]


def parallel(work, items):
    """The problems that work() returned for each item, flat, in order."""
    with ThreadPoolExecutor(JOBS) as pool:
        return [problem for problems in pool.map(work, items) for problem in problems]


def cached(tool, key, work):
    """work() returns a list of problems; a clean answer for the same key (bytes) is remembered in the build folder."""
    mark = os.path.join(BUILD, "lint", tool, hashlib.sha256(key).hexdigest())
    if os.path.exists(mark):
        return []
    problems = work()
    if not problems:
        os.makedirs(os.path.dirname(mark), exist_ok=True)
        with open(mark, "w", encoding="utf-8"):
            pass
    return problems


def finish(problems):
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
