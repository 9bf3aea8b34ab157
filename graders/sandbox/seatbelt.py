"""macOS: a child is started under sandbox-exec, which denies all but reading Python, its libraries and the model.

Written from the documentation and from other projects' profiles, and never run on a Mac by the authors. So nothing
relies on it unseen: a child that opens no model is started under it first (child/spawned_trial.py), and what that child
shows is reported. Where TensorFlow doesn't start under the profile, children start without it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from graders.sandbox import libraries

PROGRAM = "/usr/bin/sandbox-exec"
SYSTEM = (
    "/usr/lib",
    "/usr/share/zoneinfo",
    "/System/Library",
    "/System/Cryptexes",
    "/System/Volumes/Preboot/Cryptexes",
    "/private/var/db/dyld",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
)
# untranslated: a program reads it
RULES = """\
(version 1)
(deny default)
(allow file-read-metadata)
(allow sysctl-read)
(allow signal (target self))
(allow file-write-data (literal "/dev/null"))
(allow mach-lookup (global-name "com.apple.system.logger"))
"""


def available() -> bool:
    """Whether this system has the program."""
    return sys.platform == "darwin" and os.access(PROGRAM, os.X_OK)


def command(readable: Iterable[bytes], started: list[str]) -> list[str]:
    """The command line `started`, under a profile that lets it read `readable` and what Python itself needs."""
    paths = [os.fsdecode(path) for path in readable]
    return [PROGRAM, "-p", profile([*paths, *_own()], _listed(), _programs(started[0])), *started]


def profile(readable: Iterable[str], listed: Iterable[str], programs: Iterable[str]) -> str:
    """The rules: `readable` (with all below) may be read, `listed` folders only listed, `programs` executed."""
    # untranslated: a program reads it
    return RULES + "".join(
        f"(allow {right} {kind})\n"
        for right, kind in (
            ("process-exec", _filters("literal", programs)),
            ("file-read*", _filters("literal", (*listed, *programs))),
            ("file-read*", _filters("subpath", (*readable, *SYSTEM))),
        )
    )


def _filters(kind: str, paths: Iterable[str]) -> str:
    """A filter for each path as it is and as it resolves: rules are compared with resolved paths."""
    every = sorted({form for path in paths for form in (path, os.path.realpath(path))})
    return " ".join(f"({kind} {_quoted(path)})" for path in every)


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _own() -> list[str]:
    """What a process that is locked from its first moment, not only once TensorFlow is imported, needs to start."""
    standard = sysconfig.get_path("stdlib")
    return [
        str(Path(libraries.child_package()).parent),
        str(Path(standard, "__pycache__")),
        str(Path(sys.prefix, "pyvenv.cfg")),
        str(Path(sys.base_prefix, "Python")),  # the library of a framework build
        str(Path(sys.base_prefix, "Resources")),
        *(str(path) for path in Path(sys.base_prefix, "lib").glob("*.dylib")),
    ]


def _listed() -> list[str]:
    """The folders that the import system lists; their files are allowed one by one."""
    own = str(Path(libraries.child_package()).parents[1])
    return [own, *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))]


def _programs(python: str) -> list[str]:
    """The interpreter by all its names: a framework build starts another one inside it."""
    application = Path(sys.base_prefix, "Resources/Python.app/Contents/MacOS/Python")
    # CPython's own name for it, which an interpreter need not have.
    return [python, getattr(sys, "_base_executable", python), str(application)]
