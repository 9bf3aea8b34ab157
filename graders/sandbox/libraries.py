"""The files a locked child may still read besides its model: Python, TensorFlow, Keras and what they are made of.

Never a whole site-packages (nor /usr/lib, which may hold one): an exam pack with its labels may be installed there.
"""

from __future__ import annotations

import csv
import importlib.metadata
import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOTS = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "numpy", "h5py", "msgspec")
NOT_THE_STANDARD_LIBRARY = {"site-packages", "dist-packages", "test", "idlelib", "lib2to3", "__pycache__"}
SYSTEM_LIBRARIES = (
    "usr/lib/*-linux-gnu*",
    "lib/*-linux-gnu*",
    "lib64",
    "usr/lib64",
    "lib/ld-musl-*",
    "lib/libc.musl-*",
)
# TensorFlow aborts when it can't open its own command line; it asks for the others but can do without them.
DEVICES = (b"/etc/ld.so.cache", b"/proc/cpuinfo", b"/dev/urandom", b"/dev/null", b"/sys/devices/system/cpu")
OWN = (b"/proc/self/cmdline",)


def readable() -> tuple[bytes, ...]:
    """Absolute paths of files and folders, without those that every process has for itself (`OWN`)."""
    paths = {os.fsencode(path) for path in (*_standard_library(), *_packages(), *_system_libraries(), child_package())}
    return tuple(sorted(paths.union(DEVICES)))


def child_package() -> str:
    """The folder of the code that runs in the child."""
    return str(Path(__file__).parents[1].resolve() / "child")


def _standard_library() -> Iterator[str]:
    for name in ("stdlib", "platstdlib"):
        folder = os.path.realpath(sysconfig.get_path(name))
        with os.scandir(folder) as entries:
            yield from (entry.path for entry in entries if entry.name not in NOT_THE_STANDARD_LIBRARY)


def _system_libraries() -> Iterator[str]:
    for pattern in SYSTEM_LIBRARIES:
        yield from (str(path) for path in Path("/").glob(pattern))
    # Where Python brings its own C libraries (conda, builds from source).
    yield from (str(path) for path in Path(sys.base_prefix, "lib").glob("*.so*"))


def _packages() -> Iterator[str]:
    """What the transitive requirements of `ROOTS` recorded as their files: top-level folders and single modules."""
    wanted, seen = list(ROOTS), set()
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        wanted += _requirements(package)
        yield from _recorded(package)


def _requirements(package: importlib.metadata.Distribution) -> Iterator[str]:
    """The names that a package requires, without those that only an extra requires."""
    # Parsed by hand: the standard parser reads the whole description that follows the headers.
    headers = (package.read_text("METADATA") or "").split("\n\n", 1)[0]
    for line in headers.splitlines():
        if line.startswith("Requires-Dist:") and "extra ==" not in line:
            match = re.match(r"Requires-Dist:\s*([A-Za-z0-9._-]+)", line)
            if match:
                yield match.group(1)


def _recorded(package: importlib.metadata.Distribution) -> Iterator[str]:
    # Parsed by hand: TensorFlow records 20,000 files, and a path object for each takes half a second.
    record = package.read_text("RECORD") or ""
    folder = os.path.realpath(str(package.locate_file("")))
    firsts = set()
    for row in csv.reader(record.splitlines()):
        path = row[0] if row else ""
        first, _, rest = path.partition("/")
        if first and first != ".." and not path.startswith("/"):
            firsts.add(path if first == "__pycache__" and rest else first)
    for first in firsts:
        yield os.path.join(folder, first)  # noqa: PTH118 - thousands of these; a Path for each is slow
