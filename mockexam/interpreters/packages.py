"""The folders that a Python imports from, and the packages installed in them, read from files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mockexam.interpreters.installation import Installation, user_base
from mockexam.interpreters.reading import Reader, is_folder

METADATA = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*)(?:-py\d[\d.]*)?\.(?:dist-info|egg-info|egg)")
NAME_AND_VERSION = re.compile(r"^(Name|Version):[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)
LARGEST_METADATA = 64 << 10
MOST_LINES = 1000
MOST_FOLDERS = 500
"""How many folders of a sys.path are looked at."""
TENSORFLOW = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-macos",
    "tensorflow-intel",
    "tensorflow-rocm",
    "tensorflow-cpu-aws",
    "tensorflow-aarch64",
    "tf-nightly",
    "tf-nightly-cpu",
    "tf-nightly-gpu",
)
"""The distributions that bring the package `tensorflow`."""


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it: small letters, each run of -, _ and . one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


def standard_library(installation: Installation) -> list[Path]:
    """The folders of the standard library and of its compiled parts."""
    name = _library_name(installation)
    found = [installation.base / lib / name for lib in ("lib", "lib64")]
    return [part for folder in found if folder.is_dir() for part in (folder, folder / "lib-dynload") if part.is_dir()]


def package_folders(installation: Installation) -> list[Path]:
    """Its site-packages, in the order of its sys.path, with Debian's dist-packages and the user's own."""
    name = _library_name(installation)
    folders = [installation.prefix / lib / name / "site-packages" for lib in ("lib", "lib64")]
    if installation.system_packages:
        if not os.environ.get("PYTHONNOUSERSITE"):
            folders.append(_of_user(installation))
        if installation.base != installation.prefix:
            folders += [installation.base / lib / name / "site-packages" for lib in ("lib", "lib64")]
        folders += _of_distribution(installation.base, name)
    return _distinct(folder for folder in folders if folder.is_dir())


def _of_user(installation: Installation) -> Path:
    """The user's own packages; Python's own builds for macOS keep them where applications do."""
    framework = "Python.framework" in installation.base.parts
    inside = "python" if framework else _library_name(installation)
    return user_base(installation.version, framework=framework) / "lib" / inside / "site-packages"


def _of_distribution(base: Path, name: str) -> list[Path]:
    """Where Debian, or else Fedora, puts packages besides, and what their users install for everybody."""
    local, debian = base / "local", base / "lib" / "python3" / "dist-packages"
    if debian.is_dir():
        return [local / "lib" / name / "dist-packages", debian, base / "lib" / name / "dist-packages"]
    return [local / lib / name / "site-packages" for lib in ("lib64", "lib")]


def search_path(installation: Installation, reader: Reader | None = None) -> list[Path]:
    """Its sys.path as files tell it: the standard library, the packages, and the folders that .pth files name.

    Lines of .pth files that are code aren't executed; what they would add is missing.
    """
    reader = reader or Reader()
    return _distinct(_path(installation, reader))


def _path(installation: Installation, reader: Reader) -> Iterator[Path]:
    yield from standard_library(installation)
    for folder in package_folders(installation):
        yield folder
        yield from _named_by_pth(folder, reader)


def versions(installation: Installation, reader: Reader | None = None) -> dict[str, str]:
    """Distribution name, normalised, to version; what comes first on its sys.path counts."""
    reader = reader or Reader()
    found: dict[str, str] = {}
    library = set(standard_library(installation))
    for folder in search_path(installation, reader):
        if folder in library:
            continue
        for entry in reader.entries(folder):
            if distribution := _distribution(entry, reader):
                found.setdefault(*distribution)
    return found


def tensorflow_version(installed: dict[str, str]) -> str | None:
    """The version of TensorFlow among installed distributions, whichever of them brings it."""
    return next((installed[name] for name in TENSORFLOW if name in installed), None)


def _library_name(installation: Installation) -> str:
    major, minor = installation.version
    return f"python{major}.{minor}"


def _distribution(entry: os.DirEntry[str], reader: Reader) -> tuple[str, str] | None:
    """The name and version of a distribution, mostly told by the name of its metadata."""
    if not entry.name.endswith((".dist-info", ".egg-info", ".egg")):
        return None
    if match := METADATA.fullmatch(entry.name):
        return normalised(match["name"]), match["version"]
    if not entry.name.endswith(".egg-info"):
        return None
    # What is developed in place has no version in the name.
    file = Path(entry.path, "PKG-INFO") if is_folder(entry) else Path(entry.path)
    said = {key.lower(): value for key, value in NAME_AND_VERSION.findall(reader.text(file, LARGEST_METADATA))}
    return (normalised(said["name"]), said["version"]) if {"name", "version"} <= said.keys() else None


def _named_by_pth(folder: Path, reader: Reader) -> Iterator[Path]:
    for name in reader.names(folder):
        if not name.endswith(".pth") or name.startswith("."):
            continue
        for line in reader.text(folder / name, LARGEST_METADATA).splitlines()[:MOST_LINES]:
            line = line.strip()
            if line and not line.startswith(("#", "import ", "import\t")) and "\0" not in line:
                named = Path(os.path.normpath(folder / line))
                if reader.is_folder(named):
                    yield named


def _distinct(folders: Iterable[Path]) -> list[Path]:
    """Each folder once, as lib64 is often a link to lib; no more than are looked at."""
    found: dict[str, Path] = {}
    for folder in folders:
        found.setdefault(os.path.realpath(folder), folder)
        if len(found) >= MOST_FOLDERS:
            break
    return list(found.values())
