"""One installation of Python, told from its files: what it is, which version, and where its parts are."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from mockexam.interpreters.reading import Reader

Kind: TypeAlias = Literal["venv", "conda", "pyenv", "uv", "system"]

LIBRARY = re.compile(r"python(\d+)\.(\d+)")
EXECUTABLE = re.compile(r"python(?:\d+(?:\.\d+)?)?")
"""How a Python's executable is called. Free-threaded builds have a t behind; TensorFlow isn't made for them."""
VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
PATCHLEVEL = re.compile(r'^#\s*define\s+PY_VERSION\s+"(\d+\.\d+\.\d+)', re.MULTILINE)
CONDA_PYTHON = re.compile(r"python-(\d+\.\d+\.\d+)-[^-]+\.json")
PYENV_FOLDER = re.compile(r"(?P<version>\d+\.\d+\.\d+)")
UV_FOLDER = re.compile(r"cpython-(?P<version>\d+\.\d+\.\d+)")
MAGIC = (
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)
"""How programs for Linux and macOS begin; a script (a shim) doesn't."""
OLDEST_FOR_JEDI = (3, 10)
"""Jedi reads another Python by running itself in it; the packages of an older one are read by ours."""
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


def installation_at(prefix: Path, reader: Reader) -> Installation | None:
    """The Python whose root folder is `prefix`; None where there is none, or one that can't start any more."""
    if configuration := _configuration(prefix, reader):
        return _venv(prefix, prefix / "bin" / "python", configuration, reader)
    if (prefix / "conda-meta").is_dir():
        return _complete(prefix, prefix / "bin" / "python", reader)
    for major, minor in reversed(_libraries(prefix, reader)):
        if found := _complete(prefix, prefix / "bin" / f"python{major}.{minor}", reader):
            return found
    return None


def installation_of(executable: Path, reader: Reader) -> Installation | None:
    """The Python that an executable file starts; None where files don't tell, or for a script."""
    for folder in (executable.parent, executable.parent.parent):
        if configuration := _configuration(folder, reader):
            return _venv(folder, executable, configuration, reader)
    if (executable.parent.parent / "conda-meta").is_dir():
        return _complete(executable.parent.parent, executable, reader)
    return _complete(Path(os.path.realpath(executable)).parent.parent, executable, reader)


def is_program(path: Path, reader: Reader) -> bool:
    """Whether it is an executable file in the machine's own code: a script is not."""
    return os.access(path, os.X_OK) and reader.content(path, len(MAGIC[0])).startswith(MAGIC)


def _is_python(executable: Path, reader: Reader) -> bool:
    """Whether it is a program called as Pythons are, and where it leads too: pypy and the like are others."""
    real = Path(os.path.realpath(executable))
    names = all(EXECUTABLE.fullmatch(path.name) for path in (executable, real))
    return names and is_program(real, reader)


def _venv(prefix: Path, executable: Path, configuration: dict[str, str], reader: Reader) -> Installation | None:
    if "home" not in configuration or not _is_python(executable, reader):
        return None
    said = VERSION.match(configuration.get("version") or configuration.get("version_info", ""))
    libraries = _libraries(prefix, reader) or _libraries(prefix, reader, "lib64")
    version = (int(said[1]), int(said[2])) if said else (0, 0)
    if libraries and version not in libraries:  # the folder is what Python looks for
        said, version = None, libraries[-1]
    base = _base(Path(configuration["home"]), executable, version)
    if base is None or version == (0, 0):
        return None
    return Installation(
        executable=executable,
        prefix=prefix,
        base=base,
        python=_patched(base, version, reader) or (said[0] if said else f"{version[0]}.{version[1]}"),
        kind="venv",
        system_packages=configuration.get("include-system-site-packages", "").lower() == "true",
    )


def _base(home: Path, executable: Path, version: tuple[int, int]) -> Path | None:
    """The root of the Python that a venv was made with: None when it is gone."""
    name = f"python{version[0]}.{version[1]}"
    for candidate in (home / name, home / "python3", home / "python", executable):
        # The configuration may say what can't be a path at all.
        with suppress(OSError, ValueError):
            root = Path(os.path.realpath(candidate)).parent.parent
            if candidate.exists() and _has_library(root, name):
                return root
    return None


def _complete(prefix: Path, executable: Path, reader: Reader) -> Installation | None:
    """An installation that has its own standard library."""
    if not _is_python(executable, reader):
        return None
    libraries = _libraries(prefix, reader)
    if match := LIBRARY.fullmatch(Path(os.path.realpath(executable)).name):
        libraries = [version for version in libraries if version == (int(match[1]), int(match[2]))]
    libraries = [version for version in libraries if _has_library(prefix, f"python{version[0]}.{version[1]}")]
    if not libraries:
        return None
    version = libraries[-1]
    return Installation(
        executable=executable,
        prefix=prefix,
        base=prefix,
        python=_conda_version(prefix, reader) or _patched(prefix, version, reader) or f"{version[0]}.{version[1]}",
        kind=_kind(prefix),
    )


def _libraries(prefix: Path, reader: Reader, name: str = "lib") -> list[tuple[int, int]]:
    """The versions for which there is a folder of modules, oldest first."""
    matches = [LIBRARY.fullmatch(found) for found in reader.names(prefix / name)]
    return sorted((int(match[1]), int(match[2])) for match in matches if match)


def _has_library(prefix: Path, name: str) -> bool:
    return any((prefix / lib / name / "os.py").is_file() for lib in ("lib", "lib64"))


def _patched(prefix: Path, version: tuple[int, int], reader: Reader) -> str | None:
    """The whole version, where a header or the name of the folder tells it."""
    short = f"{version[0]}.{version[1]}"
    for folder in (f"python{short}", f"python{short}m"):
        if match := PATCHLEVEL.search(reader.text(prefix / "include" / folder / "patchlevel.h")):
            return match[1] if short_version(match[1]) == version else None
    for pattern in (PYENV_FOLDER, UV_FOLDER):
        match = pattern.match(Path(os.path.realpath(prefix)).name)
        said = match["version"] if match else ""
        if said and short_version(said) == version:
            return said
    return None


def _conda_version(prefix: Path, reader: Reader) -> str | None:
    for name in reader.names(prefix / "conda-meta"):
        if match := CONDA_PYTHON.fullmatch(name):
            return match[1]
    return None


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
    prefix = Path(os.path.realpath(prefix))
    if prefix.parent.name == "versions" and (prefix.parent.parent / "shims").is_dir():
        return "pyenv"
    if UV_FOLDER.match(prefix.name) and prefix.parent.name == "python":
        return "uv"
    return "system"


def user_base(version: tuple[int, int], *, framework: bool) -> Path:
    """The folder below which a user's own packages are, as Python's `site` has it."""
    if named := os.environ.get("PYTHONUSERBASE"):
        return Path(os.path.expanduser(named))  # noqa: PTH111 - raises nothing
    if framework:
        return home_folder() / "Library" / "Python" / f"{version[0]}.{version[1]}"
    return home_folder() / ".local"


def home_folder() -> Path:
    """The user's home; a user without one has none that holds anything."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - raises nothing
