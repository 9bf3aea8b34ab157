"""One installation of Python, told from its files: what it is, which version, and where its parts are."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from mockexam.interpreters.reading import Reader

Kind: TypeAlias = Literal["venv", "conda", "pyenv", "uv", "system"]

LIBRARY = re.compile(r"python(\d+)\.(\d+)t?")
EXECUTABLE = re.compile(r"python(\d+(?:\.\d+)?)?t?")
VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
PATCHLEVEL = re.compile(r'^#\s*define\s+PY_VERSION\s+"(\d+\.\d+\.\d+)', re.MULTILINE)
CONDA_PYTHON = re.compile(r"python-(\d+\.\d+\.\d+)-[^-]+\.json")
UV_FOLDER = re.compile(r"(?:cpython|pypy)-(\d+\.\d+\.\d+)")
MAGIC = (
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)
"""How programs for Linux and macOS begin; a script (a shim) doesn't."""
CONFIGURATION = "pyvenv.cfg"
LARGEST_CONFIGURATION = 16 << 10


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a Python's parts are. `base` is the prefix whose standard library it uses: its own, or for a venv another.

    `python` is its version: with the patch level where a file tells it.
    """

    executable: Path
    prefix: Path
    base: Path
    python: str
    kind: Kind
    system_packages: bool = True
    """Whether it sees the packages of `base` and of the user."""

    @property
    def version(self) -> tuple[int, int]:
        """Its major and minor version."""
        return short_version(self.python)


def short_version(python: str) -> tuple[int, int]:
    """(3, 11) of "3.11.2"; (0, 0) of what is no version."""
    match = VERSION.match(python)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def own() -> Installation:
    """The Python that this process runs in."""
    prefix, base = Path(sys.prefix), Path(sys.base_prefix)
    configuration = _configuration(prefix, Reader())
    system = prefix == base or configuration.get("include-system-site-packages", "").lower() == "true"
    return Installation(
        executable=Path(sys.executable),
        prefix=prefix,
        base=base,
        python=".".join(map(str, sys.version_info[:3])),
        kind=_kind(prefix) if prefix == base else "venv",
        system_packages=system,
    )


def _configuration(folder: Path, reader: Reader) -> dict[str, str]:
    """What pyvenv.cfg says, its keys in small letters; the first of two that are alike counts."""
    found: dict[str, str] = {}
    for line in reader.text(folder / CONFIGURATION, LARGEST_CONFIGURATION).splitlines():
        key, equals, value = line.partition("=")
        if equals:
            found.setdefault(key.strip().lower(), value.strip())
    return found


def _kind(prefix: Path) -> Kind:
    """What made an installation that is no venv."""
    if (prefix / "conda-meta").is_dir():
        return "conda"
    if prefix.parent.name == "versions" and (prefix.parent.parent / "shims").is_dir():
        return "pyenv"
    if UV_FOLDER.match(prefix.name) and prefix.parent.name == "python":
        return "uv"
    return "system"


def user_base(version: tuple[int, int]) -> Path:
    """The folder below which a user's own packages are, as Python's `site` has it."""
    if named := os.environ.get("PYTHONUSERBASE"):
        return Path(named).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Python" / f"{version[0]}.{version[1]}"
    return Path.home() / ".local"
