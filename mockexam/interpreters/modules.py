"""What a Python could import: the names at the top level of the folders on its path, read and never imported."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mockexam.interpreters.installation import Installation
from mockexam.interpreters.packages import search_path
from mockexam.interpreters.reading import Reader

COMPILED = re.compile(r"(?P<name>\w+)(?:\.(?P<tag>[\w-]+))?\.(?:so|pyd)")
CPYTHON = re.compile(r"cpython-(\d)(\d+)")

FROZEN = ("_frozen_importlib", "_frozen_importlib_external")
# fmt: off
BUILT_IN = frozenset({
    "_abc", "_ast", "_asyncio", "_bisect", "_blake2", "_bz2",
    "_codecs", "_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr", "_codecs_tw",
    "_collections", "_contextvars", "_csv", "_ctypes", "_curses", "_curses_panel", "_datetime", "_dbm", "_decimal",
    "_elementtree", "_functools", "_gdbm", "_hashlib", "_heapq", "_imp", "_io", "_json", "_locale", "_lsprof",
    "_lzma", "_md5", "_multibytecodec", "_multiprocessing", "_opcode", "_operator", "_pickle", "_posixshmem",
    "_posixsubprocess", "_queue", "_random", "_sha1", "_sha3", "_signal", "_socket", "_sqlite3", "_sre", "_ssl",
    "_stat", "_statistics", "_string", "_struct", "_symtable", "_thread", "_tokenize", "_tracemalloc", "_typing",
    "_uuid", "_warnings", "_weakref", "_zoneinfo", "array", "atexit", "binascii", "builtins", "cmath", "errno",
    "faulthandler", "fcntl", "gc", "grp", "itertools", "marshal", "math", "mmap", "posix", "pwd", "pyexpat",
    "readline", "resource", "select", "sys", "syslog", "termios", "time", "unicodedata", "xxsubtype", "zipimport",
    "zlib", "_sysconfig", "_suggestions", "_types", "_hmac", "_zstd", "_remote_debugging", "_interpreters",
    "_interpchannels", "_interpqueues",
})
# fmt: on
"""Modules that a build may have compiled in: of these a disk tells nothing. Some builds keep them in files."""

GONE = {
    "_peg_parser": (3, 10),
    "parser": (3, 10),
    "_sha256": (3, 12),
    "_sha512": (3, 12),
    "audioop": (3, 13),
    "nis": (3, 13),
    "ossaudiodev": (3, 13),
    "spwd": (3, 13),
}
"""Such modules that are gone, and since which version."""


def importable(installation: Installation, *, ours: bool = False) -> frozenset[str]:
    """The top-level names that it could import; more rather than fewer where files don't tell.

    `ours`: it is the Python of this process, which knows what is compiled into it.
    """
    reader = Reader()
    version = installation.version
    found = {"__main__", *FROZEN}
    if ours:
        found.update(sys.builtin_module_names)
    else:
        found |= BUILT_IN | {name for name, since in GONE.items() if version < since}
    for folder in search_path(installation, reader):
        found.update(_in_folder(folder, version, reader))
    return frozenset(found)


def _in_folder(folder: Path, version: tuple[int, int], reader: Reader) -> Iterator[str]:
    for entry in reader.entries(folder):
        if entry.name.endswith((".dist-info", ".egg-info")):
            yield from _named_by_metadata(Path(entry.path), reader)
            continue
        stem, dot, suffix = entry.name.partition(".")
        if not stem.isidentifier() or stem == "__pycache__":
            continue
        # A folder without __init__.py can be imported too; a name without a dot that is no folder does no harm.
        if not dot or suffix in ("py", "pyc") or _is_compiled_for(entry.name, version):
            yield stem


def _is_compiled_for(name: str, version: tuple[int, int]) -> bool:
    match = COMPILED.fullmatch(name)
    if match is None:
        return False
    tag = CPYTHON.search(match["tag"] or "")
    return tag is None or (int(tag[1]), int(tag[2])) == version


def _named_by_metadata(metadata: Path, reader: Reader) -> Iterator[str]:
    """What a distribution says it brings: it may be elsewhere, by a hook that is code."""
    for line in reader.text(metadata / "top_level.txt").split():
        name = line.partition("/")[0]
        if name.isidentifier():
            yield name
